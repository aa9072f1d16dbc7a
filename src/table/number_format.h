/*
 * How the numbers of a column are written. A column has one grammar for all of its cells:
 *
 *	[quote] [minus] [prefix] [minus] digits [thousands digits]... [decimal digits] [suffix] [minus] [quote]
 *
 * with blanks between these parts, or parentheses around them for a minus. The number is as printed: 26.5% is 26.5.
 *
 * A prefix is a currency sign or code ("$", "EUR"). A suffix is one of these, a unit or a percent sign. Thousands are
 * right groups of three digits after a first one of one to three, or, as in India, groups of two before the last one
 * (12,34,567). Blanks are spaces, tabs, and Unicode's no-break, thin and figure spaces; an apostrophe is ' or U+2019.
 *
 * number_shape.h takes a text apart without knowing the column's format; flt_formatted_cell_read then reads cells by
 * it.
 */
#ifndef TABLE_NUMBER_FORMAT_H
#define TABLE_NUMBER_FORMAT_H

#include "csv/markers.h"
#include "table/number_shape.h"

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

/* Reads a cell of a numeric column: the one rule for tables and streams. *value is set for FLT_CELL_NUMBER only. */
enum flt_numeric_cell flt_formatted_cell_read(const struct flt_markers *markers, const struct flt_number_format *format,
                                              const char *text, size_t length, double *value);

/* Prefixes or suffixes: the same but for a plural s. */
bool flt_affixes_are_same(const char *a, size_t n_a, const char *b, size_t n_b);

/* `numbers with "$" before them and "," between thousands`; with_decimal names the decimal mark too. Returns what
 * snprintf returns. */
enum { FLT_FORMAT_TEXT = 256 };
int flt_format_describe(const struct flt_number_format *format, bool with_decimal, char *text, size_t size);

#endif
