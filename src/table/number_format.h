/*
 * How the numbers of a column are written. A column has one grammar for all of its cells:
 *
 *	[quote] [minus] [prefix] [minus] digits [thousands digits]... [decimal digits] [suffix] [minus] [quote]
 *
 * with blanks between these parts, or parentheses around them for a minus. The number is as printed: 26.5% is 26.5.
 *
 * A prefix is a currency sign or code ("$", "EUR"). A suffix is one of these, a unit or a percent sign. Thousands are
 * right groups of three digits after a first one of one to three, or, as in India, groups of two before the last one
 * (12,34,567). Blanks are spaces, tabs, and Unicode's no-break, thin
 * and figure spaces; an apostrophe is ' or U+2019.
 *
 * flt_number_shape takes a text apart without knowing the column's format, so that a format can be found;
 * flt_formatted_cell_read then reads cells by it.
 */
#ifndef TABLE_NUMBER_FORMAT_H
#define TABLE_NUMBER_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "csv/markers.h"

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

struct flt_number_format {
	char decimal; /* '.' or ',' */
	enum flt_thousands thousands;
	char prefix[FLT_AFFIX_SIZE], suffix[FLT_AFFIX_SIZE]; /* without outer blanks, "": none */
	bool parentheses, trailing_minus, minus_sign;        /* negative numbers: (1), 1-, and U+2212 or a dash */
	bool quotes;                                         /* '1' */
};

/* Plain numbers, as flt_number_parse reads them. */
struct flt_number_format flt_plain_format(char decimal);
/* The format of the same numbers in a file with another decimal mark. */
struct flt_number_format flt_format_with_decimal(struct flt_number_format format, char decimal);
bool flt_format_is_plain(const struct flt_number_format *format);

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

/* Reads a cell of a numeric column: the one rule for tables and streams. *value is set for FLT_CELL_NUMBER only. */
enum flt_numeric_cell flt_formatted_cell_read(const struct flt_markers *markers, const struct flt_number_format *format,
                                              const char *text, size_t length, double *value);

/* Prefixes or suffixes: the same but for a plural s. */
bool flt_affixes_are_same(const char *a, size_t n_a, const char *b, size_t n_b);
bool flt_format_has_affixes(const struct flt_number_format *format, const struct flt_number_shape *shape);

/* `numbers with "$" before them and "," between thousands`; with_decimal names the decimal mark too. Returns what
 * snprintf returns. */
enum { FLT_FORMAT_TEXT = 256 };
int flt_format_describe(const struct flt_number_format *format, bool with_decimal, char *text, size_t size);

#endif
