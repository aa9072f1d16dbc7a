#include "table/number_format.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"

struct flt_number_format flt_plain_format(char decimal)
{
	return (struct flt_number_format){.decimal = decimal};
}

bool flt_format_is_plain(const struct flt_number_format *format)
{
	return format->thousands == FLT_THOUSANDS_NONE && !*format->prefix && !*format->suffix &&
	       !format->parentheses && !format->trailing_minus && !format->minus_sign && !format->quotes;
}

/* ---- reading by a format ---- */

static bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static enum flt_thousands thousands_of(char decimal)
{
	return decimal == '.' ? FLT_THOUSANDS_POINT : FLT_THOUSANDS_COMMA;
}

static bool has_marks_of(const struct flt_number_shape *shape, const struct flt_number_format *format)
{
	switch (shape->kind) {
	case FLT_CORE_BARE:
		return true;
	case FLT_CORE_DECIMAL:
		return shape->decimal == format->decimal;
	case FLT_CORE_AMBIGUOUS:
		return shape->decimal == format->decimal || thousands_of(shape->decimal) == format->thousands;
	case FLT_CORE_GROUPED:
		break;
	}
	return shape->thousands == format->thousands && (!shape->decimal || shape->decimal == format->decimal);
}

struct flt_number_format flt_format_with_decimal(struct flt_number_format format, char decimal)
{
	if (format.thousands == thousands_of(decimal))
		format.thousands = thousands_of(format.decimal);
	format.decimal = decimal;
	return format;
}

/* "day" and "days" are one unit. */
static size_t without_plural(const char *word, size_t n)
{
	return n > 2 && word[n - 1] == 's' && flt_is_unit_letter(word[n - 2]) ? n - 1 : n;
}

bool flt_affixes_are_same(const char *a, size_t n_a, const char *b, size_t n_b)
{
	n_a = without_plural(a, n_a);
	return n_a == without_plural(b, n_b) && memcmp(a, b, n_a) == 0;
}

static bool has_affixes_of(const struct flt_number_format *format, const struct flt_number_shape *shape)
{
	return strlen(format->prefix) == shape->n_prefix &&
	       memcmp(format->prefix, shape->prefix, shape->n_prefix) == 0 &&
	       flt_affixes_are_same(format->suffix, strlen(format->suffix), shape->suffix, shape->n_suffix);
}

static bool fits(const struct flt_number_shape *shape, const struct flt_number_format *format)
{
	return has_affixes_of(format, shape) && has_marks_of(shape, format) &&
	       shape->parentheses <= format->parentheses && shape->trailing_minus <= format->trailing_minus &&
	       shape->minus_sign <= format->minus_sign && shape->quotes <= format->quotes;
}

/* Copies the digits, decimal mark and exponent. Returns 0 where there is no room: a grouped number of that length is a
 * mistake. */
static size_t drop_thousands(const struct flt_number_shape *shape, char decimal, char *out, size_t size)
{
	size_t n = 0;
	for (size_t i = 0; i < shape->n_core; i++) {
		char c = shape->core[i];
		if (!is_digit(c) && c != decimal && !memchr("eE+-", c, 4))
			continue;
		if (n == size)
			return 0;
		out[n++] = c;
	}
	return n;
}

static enum flt_number value_of(const struct flt_number_shape *shape, char decimal, double *value)
{
	char copy[128];
	bool is_grouped = shape->kind == FLT_CORE_GROUPED || (shape->decimal && shape->decimal != decimal);
	size_t n = is_grouped ? drop_thousands(shape, decimal, copy, sizeof copy) : shape->n_core;
	enum flt_number kind = flt_number_parse(is_grouped ? copy : shape->core, n, decimal, value);
	if (kind == FLT_NUMBER && shape->is_negative)
		*value = -*value;
	return kind;
}

static enum flt_numeric_cell read_dressed(const struct flt_markers *markers, const struct flt_number_format *format,
                                          const char *text, size_t length, double *value)
{
	struct flt_number_shape shape;
	if (flt_markers_hold(markers, text, length))
		return FLT_CELL_MISSING;
	if (!flt_number_shape_of(text, length, &shape) || !fits(&shape, format))
		return FLT_CELL_TEXT;
	enum flt_number kind = value_of(&shape, format->decimal, value);
	return flt_cell_of_number(markers, kind, kind == FLT_NUMBER ? *value : 0);
}

enum flt_numeric_cell flt_formatted_cell_read(const struct flt_markers *markers, const struct flt_number_format *format,
                                              const char *text, size_t length, double *value)
{
	enum flt_numeric_cell cell = FLT_CELL_TEXT;
	if (!*format->prefix && !*format->suffix) /* most numbers are plain then */
		cell = flt_numeric_cell_read(markers, format->decimal, text, length, value);
	if (cell != FLT_CELL_TEXT)
		return cell;
	if (!flt_format_is_plain(format))
		cell = read_dressed(markers, format, text, length, value);
	return cell == FLT_CELL_TEXT && flt_is_word_for_missing(text, length) ? FLT_CELL_MISSING : cell;
}

/* ---- in words ---- */

int flt_format_describe(const struct flt_number_format *format, bool with_decimal, char *text, size_t size)
{
	char parts[8][64];
	size_t n = 0;
	if (*format->prefix)
		snprintf(parts[n++], sizeof *parts, "\"%s\" before them", format->prefix);
	if (*format->suffix)
		snprintf(parts[n++], sizeof *parts, "\"%s\" after them", format->suffix);
	if (format->thousands == FLT_THOUSANDS_BLANK)
		snprintf(parts[n++], sizeof *parts, "blanks between thousands");
	else if (format->thousands)
		snprintf(parts[n++], sizeof *parts, "\"%s\" between thousands", flt_thousands_words[format->thousands]);
	if (with_decimal)
		snprintf(parts[n++], sizeof *parts, "a decimal %s", format->decimal == ',' ? "comma" : "point");
	if (format->parentheses)
		snprintf(parts[n++], sizeof *parts, "negative ones in parentheses");
	if (format->trailing_minus)
		snprintf(parts[n++], sizeof *parts, "the minus behind");
	if (format->minus_sign)
		snprintf(parts[n++], sizeof *parts, "\"%s\" for minus", "\u2212");
	if (format->quotes)
		snprintf(parts[n++], sizeof *parts, "' around them");
	int used = snprintf(text, size, "numbers%s", n ? " with " : "");
	for (size_t i = 0; i < n; i++) {
		size_t left = (size_t)used < size ? size - (size_t)used : 0;
		used += snprintf(left ? text + used : NULL, left, "%s%s",
		                 i == 0      ? ""
		                 : i + 1 < n ? ", "
		                             : " and ",
		                 parts[i]);
	}
	return used;
}
