#include "table/number_shape.h"

#include <string.h>

#include "base/text.h"
#include "table/number_words.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

/* ---- texts ---- */

struct span {
	const char *at, *end;
};

static bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

bool flt_is_unit_letter(char c)
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
	shape->n_prefix = flt_currency_length(span->at, (size_t)(span->end - span->at));
	span->at += shape->n_prefix;
	skip_blanks(span);
}

/* A word without digits, but for a last 2 or 3 as in m2. */
static bool is_word(struct span span)
{
	if (span.at == span.end || !flt_is_unit_letter(*span.at))
		return false;
	for (const char *at = span.at; at < span.end; at++)
		if (!flt_is_unit_letter(*at) && !memchr("/.%*", *at, 4) &&
		    !(at + 1 == span.end && (*at == '2' || *at == '3')))
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
	shape->suffix_is_known = shape->n_suffix == 0 || flt_is_currency_or_unit(shape->suffix, shape->n_suffix);
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
		if (!memchr(" '\"~#*+$%=", *at, 10) && !((unsigned char)*at >= 0x80) &&
		    !(is_behind && flt_is_unit_letter(*at)))
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
