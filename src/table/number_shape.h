/*
 * A text that is a number, taken apart without knowing how the numbers of its column are written, so that a format can
 * be found (number_format.h says what a number may look like).
 */
#ifndef TABLE_NUMBER_SHAPE_H
#define TABLE_NUMBER_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

enum flt_thousands {
	FLT_THOUSANDS_NONE,
	FLT_THOUSANDS_COMMA,
	FLT_THOUSANDS_POINT,
	FLT_THOUSANDS_APOSTROPHE,
	FLT_THOUSANDS_BLANK,
	FLT_N_THOUSANDS
};
extern const char *const flt_thousands_words[]; /* "", ",", ".", "'", " " */

enum { FLT_AFFIX_SIZE = 16 };

/* The kinds of digits and marks in a number. */
enum flt_core {
	FLT_CORE_BARE,      /* 987: digits only */
	FLT_CORE_DECIMAL,   /* 1.5, 0.500, .5: `decimal` can only be a decimal mark */
	FLT_CORE_AMBIGUOUS, /* 7.940: one mark, `decimal`, which can be a decimal or a thousands mark */
	FLT_CORE_GROUPED    /* 1.234.567 or 1 234: `thousands`, and `decimal` too if there is one */
};

/* A text taken apart. Pointers go into it. */
struct flt_number_shape {
	const char *prefix, *core, *suffix;
	size_t n_prefix, n_core, n_suffix;
	bool has_sign, is_negative; /* before or behind it, or parentheses */
	bool parentheses, trailing_minus, minus_sign, quotes;
	bool suffix_is_known; /* a currency, unit or percent; else a word after a blank */
	enum flt_core kind;
	char decimal; /* 0: none */
	enum flt_thousands thousands;
	bool is_long; /* without a thousands mark, and with more than three digits before any decimal mark */
};

/* False if text is no number in any format. */
bool flt_number_shape_of(const char *text, size_t length, struct flt_number_shape *shape);

/* Whether text, which is no number in any format, is likely to stand for one: it is written in digits of another
 * script, or a number with a decimal or thousands mark has a few characters around it that no format allows
 * ("'2646.50", "6.1M"). */
bool flt_is_like_number(const char *text, size_t length);

bool flt_is_unit_letter(char c); /* that units and currencies are written with: of ASCII, or any byte beyond it */

#endif
