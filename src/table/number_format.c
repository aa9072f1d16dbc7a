#include "table/number_format.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

/* Signs and codes of currencies, the longer of two that begin alike first. A code that is an English word or could be
 * the first letters of an article number (ALL, TOP, A, R) is left out. */
static const char *const currencies[] = {
        "US$",    "AU$",    "CA$",    "HK$",    "NZ$",    "A$",      "C$",      "R$",     "S$",     "$",      "\u20ac",
        "\u00a3", "\u00a5", "\u20b9", "\u20bd", "\u20a9", "\u20ba",  "\u20aa",  "\u20ab", "\u20b4", "\u20a6", "\u0e3f",
        "\u20bf", "\u00a2", "USD",    "EUR",    "GBP",    "JPY",     "CHF",     "CAD",    "AUD",    "NZD",    "CNY",
        "RMB",    "INR",    "BRL",    "MXN",    "KRW",    "RUB",     "SEK",     "NOK",    "DKK",    "PLN",    "CZK",
        "HUF",    "ZAR",    "SGD",    "HKD",    "TWD",    "THB",     "IDR",     "MYR",    "PHP",    "VND",    "ILS",
        "AED",    "SAR",    "kr.",    "kr",     "Kr",     "z\u0142", "K\u010d", "Fr.",    "Rs.",    "Rs",
};

/* Units that may stand right behind the digits. Any other word needs a blank before it. */
static const char *const units[] = {
        "%",
        "\u2030",
        "\u066a",
        "percent",
        "pct",
        "pp",
        "mm",
        "cm",
        "dm",
        "m",
        "km",
        "nm",
        "in",
        "ft",
        "yd",
        "mi",
        "mg",
        "g",
        "kg",
        "t",
        "lb",
        "lbs",
        "oz",
        "ns",
        "ms",
        "s",
        "sec",
        "secs",
        "min",
        "mins",
        "h",
        "hr",
        "hrs",
        "hour",
        "hours",
        "d",
        "day",
        "days",
        "week",
        "weeks",
        "month",
        "months",
        "year",
        "years",
        "yr",
        "yrs",
        "A",
        "mA",
        "V",
        "mV",
        "kV",
        "W",
        "mW",
        "kW",
        "MW",
        "GW",
        "Wh",
        "kWh",
        "MWh",
        "GWh",
        "kVA",
        "Ah",
        "mAh",
        "Hz",
        "kHz",
        "MHz",
        "GHz",
        "ohm",
        "kohm",
        "F",
        "pF",
        "nF",
        "H",
        "mH",
        "C",
        "K",
        "Pa",
        "hPa",
        "kPa",
        "MPa",
        "bar",
        "mbar",
        "psi",
        "atm",
        "mmHg",
        "l",
        "L",
        "ml",
        "mL",
        "dl",
        "dL",
        "cl",
        "cc",
        "gal",
        "m2",
        "m3",
        "cm2",
        "cm3",
        "km2",
        "ha",
        "sqft",
        "km/h",
        "kmh",
        "kph",
        "mph",
        "m/s",
        "m/s2",
        "rpm",
        "B",
        "kB",
        "KB",
        "MB",
        "GB",
        "TB",
        "KiB",
        "MiB",
        "GiB",
        "kbps",
        "Mbps",
        "Gbps",
        "kbit/s",
        "Mbit/s",
        "ppm",
        "ppb",
        "mg/dl",
        "mg/dL",
        "g/dl",
        "g/dL",
        "mg/l",
        "mg/L",
        "g/l",
        "g/L",
        "mmol/L",
        "mmol/l",
        "umol/L",
        "U/L",
        "IU/L",
        "mEq/L",
        "px",
        "dB",
        "dBm",
        "N",
        "kN",
        "Nm",
        "J",
        "kJ",
        "MJ",
        "cal",
        "kcal",
        "pcs",
        "l/min",
        "L/min",
        "m3/h",
        "l/h",
        "\u00b0",
        "\u00b0C",
        "\u00b0F",
        "\u2103",
        "\u2109",
        "\u00b5m",
        "\u03bcm",
        "\u00b5s",
        "\u03bcs",
        "\u00b5g",
        "\u03bcg",
        "\u00b5A",
        "\u03bcA",
        "\u00b5V",
        "\u03bcV",
        "\u00b5F",
        "\u03bcF",
        "\u00b5g/L",
        "\u03bcg/L",
        "\u00b5g/m\u00b3",
        "\u03bcg/m\u00b3",
        "\u00b5mol/L",
        "\u03bcmol/L",
        "\u03a9",
        "\u2126",
        "k\u03a9",
        "M\u03a9",
        "m\u03a9",
        "m\u00b2",
        "m\u00b3",
        "cm\u00b2",
        "cm\u00b3",
        "km\u00b2",
        "m/s\u00b2",
        "kg/m\u00b2",
        "kg/m2",
        "kg/m\u00b3",
        "kg/m3",
};

#define N_OF(array) (sizeof(array) / sizeof *(array))

struct flt_number_format flt_plain_format(char decimal)
{
	return (struct flt_number_format){.decimal = decimal};
}

bool flt_format_is_plain(const struct flt_number_format *format)
{
	return format->thousands == FLT_THOUSANDS_NONE && !*format->prefix && !*format->suffix &&
	       !format->parentheses && !format->trailing_minus && !format->minus_sign && !format->quotes;
}

/* ---- texts ---- */

struct span {
	const char *at, *end;
};

static bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static bool is_letter(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26 || (unsigned char)c >= 0x80;
}

static bool starts_with(struct span span, const char *text)
{
	size_t n = strlen(text);
	return (size_t)(span.end - span.at) >= n && memcmp(span.at, text, n) == 0;
}

static bool ends_with(struct span span, const char *text)
{
	size_t n = strlen(text);
	return (size_t)(span.end - span.at) >= n && memcmp(span.end - n, text, n) == 0;
}

static bool take(struct span *span, const char *text)
{
	bool is_there = starts_with(*span, text);
	span->at += is_there ? strlen(text) : 0;
	return is_there;
}

static bool take_last(struct span *span, const char *text)
{
	bool is_there = ends_with(*span, text);
	span->end -= is_there ? strlen(text) : 0;
	return is_there;
}

static bool take_around(struct span *span, const char *first, const char *last)
{
	struct span inner = *span;
	if (!take(&inner, first) || !take_last(&inner, last))
		return false;
	*span = inner;
	return true;
}

static const char minus_sign[] = "\u2212", dash[] = "\u2013"; /* which word processors make of a hyphen */

static void skip_blanks(struct span *span)
{
	span->at += flt_leading_blanks(span->at, (size_t)(span->end - span->at));
}

static void trim(struct span *span)
{
	size_t length = (size_t)(span->end - span->at);
	span->at = flt_trim(span->at, &length);
	span->end = span->at + length;
}

/* ---- taking a number apart ---- */

/* Takes one mark between digits. *decimal is set for those that could be one. */
static enum flt_thousands take_mark(struct span *span, char *decimal)
{
	*decimal = 0;
	if (span->at < span->end && (*span->at == '.' || *span->at == ',')) {
		*decimal = *span->at++;
		return *decimal == '.' ? FLT_THOUSANDS_POINT : FLT_THOUSANDS_COMMA;
	}
	if (take(span, "'") || take(span, "\u2019"))
		return FLT_THOUSANDS_APOSTROPHE;
	size_t n_blank = flt_first_blank(span->at, (size_t)(span->end - span->at));
	span->at += n_blank;
	return n_blank ? FLT_THOUSANDS_BLANK : FLT_THOUSANDS_NONE;
}

static size_t take_digits(struct span *span)
{
	const char *start = span->at;
	while (span->at < span->end && is_digit(*span->at))
		span->at++;
	return (size_t)(span->at - start);
}

/* [e[+-]digits], if it is there. */
static bool take_exponent(struct span *span)
{
	struct span rest = *span;
	if (rest.at == rest.end || (*rest.at | 0x20) != 'e')
		return false;
	rest.at++;
	if (rest.at < rest.end && (*rest.at == '+' || *rest.at == '-'))
		rest.at++;
	if (take_digits(&rest) == 0)
		return false;
	*span = rest;
	return true;
}

/* What the runs of digits and the marks between them tell. */
struct runs {
	size_t first, last; /* digits of the first and last run */
	size_t n_marks;
	enum flt_thousands mark, last_mark; /* of all but the last, and the last */
	char last_decimal;                  /* the last one, if it can be a decimal mark */
	bool are_alike;                     /* the marks but the last are the same */
	bool are_groups;                    /* between the first and the last run all have three digits */
	size_t n_twos, n_threes;            /* the same, of those with two and three digits */
	bool are_pairs;                     /* those with two come first, and no others are there */
};

/* Takes digits and marks; a mark must have a digit behind it, but for a decimal mark at the end. */
static struct runs take_runs(struct span *span)
{
	struct runs runs = {.are_alike = true, .are_groups = true, .are_pairs = true};
	runs.first = runs.last = take_digits(span);
	for (;;) {
		struct span rest = *span;
		char decimal;
		enum flt_thousands mark = take_mark(&rest, &decimal);
		size_t n = mark ? take_digits(&rest) : 0;
		if (!mark || (n == 0 && (!decimal || runs.n_marks > 0)))
			return runs;
		runs.are_groups &= runs.n_marks == 0 || runs.last == 3;
		runs.n_twos += runs.n_marks > 0 && runs.last == 2;
		runs.are_pairs &= runs.n_marks == 0 || runs.last == 3 || (runs.last == 2 && runs.n_threes == 0);
		runs.n_threes += runs.n_marks > 0 && runs.last == 3;
		if (runs.n_marks == 1)
			runs.mark = runs.last_mark;
		runs.are_alike &= runs.n_marks < 2 || runs.last_mark == runs.mark;
		runs.n_marks++;
		runs.last_mark = mark;
		runs.last_decimal = decimal;
		runs.last = n;
		*span = rest;
	}
}

/* 12,34,567 as in India. */
static bool are_indian(const struct runs *runs, bool has_decimal)
{
	return runs->n_marks > 1 && runs->mark == FLT_THOUSANDS_COMMA && runs->first <= 2 && runs->n_twos > 0 &&
	       runs->are_pairs && runs->n_threes == (has_decimal ? 1 : 0);
}

/* Whether the first run can be that of a grouped number. */
static bool starts_groups(const struct runs *runs, const char *core)
{
	return runs->first >= 1 && runs->first <= 3 && *core != '0';
}

static bool classify(const struct runs *runs, const char *core, bool has_exponent, struct flt_number_shape *shape)
{
	enum { MOST_MARKS = 6 }; /* more of them stand in lists, as in 250,251,252 and so on */
	bool has_decimal = runs->n_marks > 1 && runs->last_mark != runs->mark;
	bool can_be_groups = starts_groups(runs, core) && (runs->are_groups || are_indian(runs, has_decimal)) &&
	                     runs->are_alike && !has_exponent && runs->n_marks <= MOST_MARKS;
	shape->is_long = runs->first > 3;
	if (runs->n_marks == 0) {
		shape->kind = FLT_CORE_BARE;
		return runs->first > 0;
	}
	if (runs->n_marks == 1 && runs->last_decimal) {
		shape->kind = can_be_groups && runs->last == 3 ? FLT_CORE_AMBIGUOUS : FLT_CORE_DECIMAL;
		shape->decimal = runs->last_decimal;
		return runs->first + runs->last > 0;
	}
	shape->kind = FLT_CORE_GROUPED;
	shape->thousands = runs->n_marks == 1 ? runs->last_mark : runs->mark;
	shape->decimal = has_decimal ? runs->last_decimal : 0;
	return can_be_groups && (has_decimal ? runs->last_decimal != 0 : runs->last == 3);
}

static bool take_core(struct span *span, struct flt_number_shape *shape)
{
	shape->core = span->at;
	struct runs runs = take_runs(span);
	bool has_exponent = take_exponent(span);
	shape->n_core = (size_t)(span->at - shape->core);
	return classify(&runs, shape->core, has_exponent, shape);
}

static void take_sign(struct span *span, struct flt_number_shape *shape)
{
	if (shape->has_sign)
		return;
	if (take(span, minus_sign) || take(span, dash)) {
		shape->minus_sign = shape->is_negative = shape->has_sign = true;
	} else if (span->at < span->end && (*span->at == '-' || *span->at == '+')) {
		shape->is_negative = *span->at == '-';
		shape->has_sign = true;
		span->at++;
	}
	skip_blanks(span);
}

static void take_parentheses(struct span *span, struct flt_number_shape *shape)
{
	if (shape->has_sign || !take_around(span, "(", ")"))
		return;
	shape->parentheses = shape->is_negative = shape->has_sign = true;
	trim(span);
}

static void take_trailing_minus(struct span *span, struct flt_number_shape *shape)
{
	if (shape->has_sign)
		return;
	if (take_last(span, "-"))
		shape->trailing_minus = true;
	else if (take_last(span, minus_sign))
		shape->trailing_minus = shape->minus_sign = true;
	shape->is_negative = shape->has_sign = shape->trailing_minus;
	trim(span);
}

static void take_prefix(struct span *span, struct flt_number_shape *shape)
{
	shape->prefix = span->at;
	if (span->at == span->end || is_digit(*span->at))
		return;
	for (size_t i = 0; i < N_OF(currencies); i++)
		if (take(span, currencies[i])) {
			shape->n_prefix = strlen(currencies[i]);
			break;
		}
	skip_blanks(span);
}

static bool is_one_of(struct span span, const char *const *words, size_t n)
{
	size_t length = (size_t)(span.end - span.at);
	for (size_t i = 0; i < n; i++)
		if (words[i][0] == *span.at && strlen(words[i]) == length && memcmp(words[i], span.at, length) == 0)
			return true;
	return false;
}

/* A word without digits, but for a last 2 or 3 as in m2. */
static bool is_word(struct span span)
{
	if (span.at == span.end || !is_letter(*span.at))
		return false;
	for (const char *at = span.at; at < span.end; at++)
		if (!is_letter(*at) && !memchr("/.%*", *at, 4) && !(at + 1 == span.end && (*at == '2' || *at == '3')))
			return false;
	return true;
}

/* A capital letter right behind whole digits is part of a code (90A) rather than a unit, but for volts and watts. */
static bool is_code_letter(struct span span)
{
	return span.end - span.at == 1 && *span.at >= 'A' && *span.at <= 'Z' && *span.at != 'V' && *span.at != 'W';
}

/* All that is left is the suffix. */
static bool take_suffix(struct span *span, struct flt_number_shape *shape)
{
	const char *before = span->at;
	skip_blanks(span);
	bool may_be_any = span->at > before || shape->n_prefix > 0;
	shape->suffix = span->at;
	shape->n_suffix = (size_t)(span->end - span->at);
	if (!may_be_any && shape->kind == FLT_CORE_BARE && is_code_letter(*span))
		return false;
	shape->suffix_is_known = shape->n_suffix == 0 || is_one_of(*span, currencies, N_OF(currencies)) ||
	                         is_one_of(*span, units, N_OF(units));
	return shape->n_suffix < FLT_AFFIX_SIZE && (shape->suffix_is_known || (may_be_any && is_word(*span)));
}

bool flt_number_shape_of(const char *text, size_t length, struct flt_number_shape *shape)
{
	struct span span = {text, text + length};
	*shape = (struct flt_number_shape){0};
	trim(&span);
	if (take_around(&span, "'", "'")) {
		shape->quotes = true;
		trim(&span);
	}
	take_parentheses(&span, shape);
	take_sign(&span, shape);
	take_prefix(&span, shape);
	take_parentheses(&span, shape);
	take_sign(&span, shape);
	if (span.at == span.end || !(is_digit(*span.at) || *span.at == '.' || *span.at == ','))
		return false;
	take_trailing_minus(&span, shape);
	if (!take_core(&span, shape))
		return false;
	return take_suffix(&span, shape);
}

/* ---- texts that stand for numbers ---- */

/* Takes a digit of Arabic, Persian, Devanagari or of full width. */
static bool take_foreign_digit(struct span *span)
{
	static const struct {
		const char *start;
		unsigned char first;
	} scripts[] = {{"\xd9", 0xa0}, {"\xdb", 0xb0}, {"\xe0\xa5", 0xa6}, {"\xef\xbc", 0x90}};
	for (size_t i = 0; i < N_OF(scripts); i++) {
		struct span rest = *span;
		if (take(&rest, scripts[i].start) && rest.at < rest.end &&
		    (unsigned char)((unsigned char)*rest.at - scripts[i].first) < 10) {
			span->at = rest.at + 1;
			return true;
		}
	}
	return false;
}

static bool has_foreign_digits_only(struct span span)
{
	size_t n = 0;
	while (span.at < span.end) {
		if (take_foreign_digit(&span))
			n++;
		else if (memchr(".,-+%", *span.at, 5))
			span.at++;
		else if (!take(&span, "\u066a") && !take(&span, "\u066b") && !take(&span, "\u066c") &&
		         !take(&span, "\uff0e") && !take(&span, "\uff0c"))
			return false;
	}
	return n > 0;
}

/* Whether all bytes may stand beside a number: letters only behind it. */
static bool is_beside(const char *at, const char *end, bool is_behind)
{
	enum { MOST = 6 };
	if (end - at > MOST)
		return false;
	for (; at < end; at++)
		if (!memchr(" '\"~#*+$%=", *at, 10) && !((unsigned char)*at >= 0x80) && !(is_behind && is_letter(*at)))
			return false;
	return true;
}

bool flt_is_like_number(const char *text, size_t length)
{
	struct span span = {text, text + length};
	struct flt_number_shape shape = {0};
	trim(&span);
	if (has_foreign_digits_only(span))
		return true;
	const char *start = span.at;
	while (span.at < span.end && !is_digit(*span.at))
		span.at++;
	return span.at < span.end && is_beside(start, span.at, false) && take_core(&span, &shape) &&
	       shape.kind != FLT_CORE_BARE && is_beside(span.at, span.end, true);
}

/* ---- a known format ---- */

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
	return n > 2 && word[n - 1] == 's' && is_letter(word[n - 2]) ? n - 1 : n;
}

bool flt_affixes_are_same(const char *a, size_t n_a, const char *b, size_t n_b)
{
	n_a = without_plural(a, n_a);
	return n_a == without_plural(b, n_b) && memcmp(a, b, n_a) == 0;
}

bool flt_format_has_affixes(const struct flt_number_format *format, const struct flt_number_shape *shape)
{
	return strlen(format->prefix) == shape->n_prefix &&
	       memcmp(format->prefix, shape->prefix, shape->n_prefix) == 0 &&
	       flt_affixes_are_same(format->suffix, strlen(format->suffix), shape->suffix, shape->n_suffix);
}

static bool fits(const struct flt_number_shape *shape, const struct flt_number_format *format)
{
	return flt_format_has_affixes(format, shape) && has_marks_of(shape, format) &&
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
		snprintf(parts[n++], sizeof *parts, "\"%s\" for minus", minus_sign);
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
