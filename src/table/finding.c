/*
 * Three walks over the texts: the first finds out what most cells are and which currency or unit they have, the second
 * looks at the marks between the digits of those, and the third counts what the format that follows does not read.
 */
#include "table/finding.h"

#include <string.h>

#include "base/siphash.h"
#include "table/date_text.h"

enum { POINT, COMMA, N_MARKS };

/* A currency or unit, or both, and how many cells have it. */
struct affixes {
	const char *prefix, *suffix;
	size_t n_prefix, n_suffix, n;
};

enum { MOST_AFFIXES = 64 }; /* a column with more different ones does not hold quantities */

struct kinds {
	size_t n_words, n_dates, n_other;     /* cells */
	size_t n_like, n_like_other;          /* like numbers: of the others and those with a word; of the others */
	struct affixes affixes[MOST_AFFIXES]; /* known currencies and units; the first has none */
	size_t n_affixes;
	bool are_too_many;
	bool is_text;        /* and not all cells were counted */
	struct affixes word; /* unknown words behind a number, if all are the same; else one of them */
	bool words_differ;
	size_t n_with_word;
};

/* Cells with the chosen affixes. */
struct marks {
	size_t n_decimal[N_MARKS], n_ambiguous[N_MARKS], n_grouped[FLT_N_THOUSANDS];
	size_t n_hundreds, n_long; /* without a mark: those of three digits, and of more */
	bool parentheses, trailing_minus, minus_sign, quotes, has_sign, has_zero_first;
};

struct walk {
	const struct flt_census *census;
	const struct flt_finding_rules *rules;
};

static const char *text_of(const struct walk *walk, size_t i, size_t *length)
{
	*length = walk->census->texts->levels[i].length;
	return flt_dictionary_text(walk->census->texts, i);
}

/* ---- the first walk ---- */

static int compare(const char *a, size_t n_a, const char *b, size_t n_b)
{
	int order = memcmp(a, b, n_a < n_b ? n_a : n_b);
	return order ? order : (n_a > n_b) - (n_a < n_b);
}

/* Whether a comes before b: more cells, then the order of the texts, so that the order of rows is no matter. */
static bool is_before(const struct affixes *a, const struct affixes *b)
{
	if (a->n != b->n)
		return a->n > b->n;
	int order = compare(a->prefix, a->n_prefix, b->prefix, b->n_prefix);
	return (order ? order : compare(a->suffix, a->n_suffix, b->suffix, b->n_suffix)) < 0;
}

static bool are_same(const struct affixes *known, const struct flt_number_shape *shape)
{
	return known->n_prefix == shape->n_prefix && memcmp(known->prefix, shape->prefix, shape->n_prefix) == 0 &&
	       flt_affixes_are_same(known->suffix, known->n_suffix, shape->suffix, shape->n_suffix);
}

static void add_affixes(struct affixes *to, const struct flt_number_shape *shape, size_t n)
{
	to->n += n;
	to->prefix = shape->prefix;
	to->n_prefix = shape->n_prefix;
	if (to->n_suffix > 0 && to->n_suffix >= shape->n_suffix)
		return; /* of "day" and "days" the longer one stays */
	to->suffix = shape->suffix;
	to->n_suffix = shape->n_suffix;
}

static void count_word(struct kinds *kinds, const struct flt_number_shape *shape, size_t n)
{
	kinds->n_with_word += n;
	kinds->words_differ |= kinds->word.n > 0 && !are_same(&kinds->word, shape);
	add_affixes(&kinds->word, shape, n);
}

/* Counts n cells with the affixes of shape. */
static void count_affixes(struct kinds *kinds, const struct flt_number_shape *shape, size_t n)
{
	size_t i = 0;
	while (i < kinds->n_affixes && !are_same(&kinds->affixes[i], shape))
		i++;
	kinds->are_too_many |= i == MOST_AFFIXES;
	if (i == MOST_AFFIXES)
		return;
	kinds->n_affixes += i == kinds->n_affixes;
	add_affixes(&kinds->affixes[i], shape, n);
}

static enum flt_numeric_cell read_plain(const struct walk *walk, const char *text, size_t length)
{
	double value;
	return flt_numeric_cell_read(walk->rules->markers, walk->rules->decimal, text, length, &value);
}

static void count_kind(const struct walk *walk, size_t i, struct kinds *kinds)
{
	size_t length, n = walk->census->counts[i];
	const char *text = text_of(walk, i, &length);
	struct flt_number_shape shape;
	struct flt_date_scan date;
	if (flt_date_scan(text, length, &date) && !flt_markers_hold(walk->rules->markers, text, length)) {
		kinds->n_dates += n; /* no date is a number, and the scan of one is fast */
		return;
	}
	enum flt_numeric_cell cell = read_plain(walk, text, length);
	if (cell == FLT_CELL_MISSING)
		return;
	if (cell == FLT_CELL_NUMBER || cell == FLT_CELL_OUT_OF_RANGE)
		kinds->affixes[0].n += n;
	else if (flt_is_word_for_missing(text, length))
		kinds->n_words += n;
	else if (!flt_number_shape_of(text, length, &shape)) {
		kinds->n_other += n;
		kinds->n_like_other += flt_is_like_number(text, length) ? n : 0;
	} else if (shape.suffix_is_known) {
		count_affixes(kinds, &shape, n);
	} else {
		count_word(kinds, &shape, n);
		kinds->n_like += flt_is_like_number(text, length) ? n : 0;
	}
}

static size_t count_cells(const struct walk *walk)
{
	size_t n_cells = walk->census->plain.n;
	for (size_t i = 0; i < walk->census->texts->n; i++)
		n_cells += walk->census->counts[i];
	return n_cells;
}

/* Whether a column of ids is so plainly text that a sample of its texts shows it. Nearly all are different, so a sample
 * of the texts is one of the cells. The hash of a text decides whether it is sampled, and not its row: one with a fixed
 * key, since the finding must be the same in each process. */
static bool sample_is_text(const struct walk *walk, size_t n_cells)
{
	enum { MANY_TEXTS = 1 << 14, SAMPLE_BITS = 15 };
	static const struct flt_siphash_key fixed;
	const struct flt_dictionary *texts = walk->census->texts;
	struct kinds kinds = {.n_affixes = 1, .affixes = {{.prefix = "", .suffix = ""}}};
	size_t n_sampled = 0;
	if (texts->n < MANY_TEXTS || 10 * texts->n < 9 * n_cells)
		return false;
	for (size_t i = 0; i < texts->n; i++)
		if ((flt_siphash_text(&fixed, flt_dictionary_text(texts, i), texts->levels[i].length) & SAMPLE_BITS) ==
		    0) {
			count_kind(walk, i, &kinds);
			n_sampled += walk->census->counts[i];
		}
	return 4 * (kinds.n_other - kinds.n_like_other) > 3 * n_sampled;
}

/* Stops where more than half of all cells are plain text: the others can change nothing then, and may be millions. */
static struct kinds count_kinds(const struct walk *walk)
{
	struct kinds kinds = {.n_affixes = 1, .affixes = {{.prefix = "", .suffix = ""}}};
	size_t n_cells = count_cells(walk);
	bool may_be_text = !walk->rules->must_be_numbers;
	kinds.is_text = may_be_text && sample_is_text(walk, n_cells);
	for (size_t i = 0; i < walk->census->texts->n && !kinds.is_text; i++) {
		count_kind(walk, i, &kinds);
		kinds.is_text = may_be_text && 2 * (kinds.n_other - kinds.n_like_other) > n_cells;
	}
	if (kinds.is_text)
		return kinds;
	kinds.n_like += kinds.n_like_other;
	kinds.affixes[0].n += walk->census->plain.n;
	return kinds;
}

static size_t n_quantities(const struct kinds *kinds)
{
	size_t n = 0;
	for (size_t i = 0; i < kinds->n_affixes; i++)
		n += kinds->affixes[i].n;
	return n;
}

/* The affixes that most cells have. An unknown word behind the numbers is a unit if all cells have it. */
static const struct affixes *choose_affixes(const struct kinds *kinds)
{
	const struct affixes *best = &kinds->affixes[0];
	for (size_t i = 1; i < kinds->n_affixes && !kinds->are_too_many; i++)
		if (is_before(&kinds->affixes[i], best))
			best = &kinds->affixes[i];
	return best->n > 0 || kinds->words_differ ? best : &kinds->word;
}

/* ---- the second walk ---- */

static int index_of(char mark)
{
	return mark == '.' ? POINT : COMMA;
}

static char mark_at(int index)
{
	return index == POINT ? '.' : ',';
}

static enum flt_thousands thousands_at(int index)
{
	return index == POINT ? FLT_THOUSANDS_POINT : FLT_THOUSANDS_COMMA;
}

static void count_marks_of(const struct flt_number_shape *shape, size_t n, struct marks *marks)
{
	switch (shape->kind) {
	case FLT_CORE_BARE:
		marks->n_hundreds += shape->n_core == 3 ? n : 0;
		marks->n_long += shape->is_long ? n : 0;
		marks->has_zero_first |= shape->n_core > 1 && *shape->core == '0';
		break;
	case FLT_CORE_DECIMAL:
		marks->n_decimal[index_of(shape->decimal)] += n;
		break;
	case FLT_CORE_AMBIGUOUS:
		marks->n_ambiguous[index_of(shape->decimal)] += n;
		break;
	case FLT_CORE_GROUPED:
		marks->n_grouped[shape->thousands] += n;
		if (shape->decimal)
			marks->n_decimal[index_of(shape->decimal)] += n;
		break;
	}
	marks->parentheses |= shape->parentheses;
	marks->trailing_minus |= shape->trailing_minus;
	marks->minus_sign |= shape->minus_sign;
	marks->quotes |= shape->quotes;
	marks->has_sign |= shape->has_sign;
}

/* The numbers of whose texts little was kept are plain. */
static void count_plain(const struct flt_plain_numbers *plain, char decimal, struct marks *marks)
{
	int own = index_of(decimal);
	if (plain->n == 0)
		return;
	if (!plain->may_be_grouped) {
		marks->n_decimal[own] += plain->n;
		return;
	}
	marks->n_ambiguous[own] += plain->has_mark;
	marks->n_hundreds += plain->has_hundreds;
}

static struct marks count_marks(const struct walk *walk, const struct affixes *affixes)
{
	struct marks marks = {0};
	for (size_t i = 0; i < walk->census->texts->n; i++) {
		size_t length;
		const char *text = text_of(walk, i, &length);
		struct flt_number_shape shape;
		if (read_plain(walk, text, length) != FLT_CELL_MISSING && flt_number_shape_of(text, length, &shape) &&
		    are_same(affixes, &shape))
			count_marks_of(&shape, walk->census->counts[i], &marks);
	}
	if (affixes->n_prefix + affixes->n_suffix == 0)
		count_plain(&walk->census->plain, walk->rules->decimal, &marks);
	return marks;
}

/* The decimal mark that some cells can only have; where both occur, the more frequent one. *is_certain: there is one.
 */
static int decimal_of(const struct marks *marks, char given, bool *is_certain)
{
	int own = index_of(given), other = !own;
	*is_certain = marks->n_decimal[POINT] + marks->n_decimal[COMMA] > 0;
	return marks->n_decimal[other] > marks->n_decimal[own] ? other : own;
}

/* The thousands mark that some cells can only have, but for a decimal mark that is certain. */
static enum flt_thousands thousands_of(const struct marks *marks, enum flt_thousands but)
{
	enum flt_thousands best = FLT_THOUSANDS_NONE;
	for (int i = FLT_THOUSANDS_NONE + 1; i < FLT_N_THOUSANDS; i++)
		if (i != (int)but && marks->n_grouped[i] > (best ? marks->n_grouped[best] : 0))
			best = (enum flt_thousands)i;
	return best;
}

/* Decides what points and commas are for where each that occurs could be for decimals or for thousands. False if that
 * cannot be told. */
static bool settle_ambiguous(const struct walk *walk, const struct marks *marks, struct flt_number_format *format)
{
	int own = index_of(walk->rules->decimal), other = !own;
	bool may_be_thousands = marks->n_long == 0;
	format->decimal = walk->rules->decimal;
	if (marks->n_ambiguous[own] + marks->n_ambiguous[other] == 0)
		return true;
	if (marks->n_ambiguous[other] > 0)
		format->thousands = thousands_at(other);
	if (walk->rules->must_be_numbers || own == COMMA) /* the decimal mark was given */
		return true;
	if (marks->n_ambiguous[own] > 0)
		return marks->n_ambiguous[other] == 0 && !(may_be_thousands && marks->n_hundreds > 0);
	return may_be_thousands && walk->rules->delimiter == ',';
}

/* False if a mark is ambiguous. */
static bool settle_marks(const struct walk *walk, const struct marks *marks, struct flt_number_format *format)
{
	bool is_certain;
	int decimal = decimal_of(marks, walk->rules->decimal, &is_certain), other = !decimal;
	format->thousands = thousands_of(marks, is_certain ? thousands_at(decimal) : FLT_THOUSANDS_NONE);
	format->decimal = mark_at(decimal);
	if (is_certain) { /* so the other mark is not for decimals */
		if (marks->n_ambiguous[other] > 0 && format->thousands == FLT_THOUSANDS_NONE)
			format->thousands = thousands_at(other);
		return true;
	}
	if (format->thousands == thousands_at(decimal))
		format->decimal = mark_at(other);
	if (format->thousands == FLT_THOUSANDS_NONE)
		return settle_ambiguous(walk, marks, format);
	/* Beside blanks or apostrophes a point or comma is for decimals. */
	bool is_other = marks->n_ambiguous[other] > 0 && marks->n_ambiguous[decimal] == 0;
	if (format->thousands != thousands_at(other) && is_other)
		format->decimal = mark_at(other);
	return true;
}

static struct flt_number_format format_of(const struct affixes *affixes, const struct marks *marks)
{
	struct flt_number_format format = {.parentheses = marks->parentheses,
	                                   .trailing_minus = marks->trailing_minus,
	                                   .minus_sign = marks->minus_sign,
	                                   .quotes = marks->quotes};
	if (affixes->n_prefix > 0)
		memcpy(format.prefix, affixes->prefix, affixes->n_prefix);
	if (affixes->n_suffix > 0)
		memcpy(format.suffix, affixes->suffix, affixes->n_suffix);
	return format;
}

/* ---- the third walk ---- */

struct rest {
	size_t n_odd, n_out_of_range, n_codes;
};

static struct rest count_rest(const struct walk *walk, const struct flt_number_format *format)
{
	struct rest rest = {0};
	for (size_t i = 0; i < walk->census->texts->n; i++) {
		size_t length, n = walk->census->counts[i];
		const char *text = text_of(walk, i, &length);
		double value;
		switch (flt_formatted_cell_read(walk->rules->markers, format, text, length, &value)) {
		case FLT_CELL_NUMBER:
		case FLT_CELL_MISSING:
			break;
		case FLT_CELL_OUT_OF_RANGE:
			rest.n_out_of_range += n;
			break;
		case FLT_CELL_TEXT:
			rest.n_odd += n;
			rest.n_codes += flt_is_code(text, length) ? n : 0;
		}
	}
	return rest;
}

/* ---- the finding ---- */

bool flt_is_code(const char *text, size_t length)
{
	bool has_letter = false;
	for (size_t i = 0; i < length; i++) {
		if (has_letter && text[i] >= '0' && text[i] <= '9')
			return true;
		has_letter |= (unsigned char)((text[i] | 0x20) - 'a') < 26;
	}
	return false;
}

/* Whole numbers beside texts with a letter before a digit. */
static bool are_codes(const struct affixes *affixes, const struct marks *marks, const struct rest *rest,
                      size_t n_values)
{
	enum { LEAST_PART = 10 }; /* with fewer such texts, they are mistakes */
	size_t n_marks = marks->n_decimal[POINT] + marks->n_decimal[COMMA] + marks->n_ambiguous[POINT] +
	                 marks->n_ambiguous[COMMA];
	bool are_whole = affixes->n_prefix + affixes->n_suffix == 0 && n_marks == 0 && !marks->has_sign;
	bool are_enough = marks->has_zero_first || rest->n_codes * LEAST_PART >= n_values;
	return are_whole && are_enough && rest->n_codes * LEAST_PART >= rest->n_odd * (LEAST_PART - 1);
}

static struct flt_finding in_doubt(struct flt_finding finding, enum flt_doubt doubt)
{
	finding.kind = FLT_FOUND_DOUBT;
	finding.doubt = doubt;
	return finding;
}

/* Whether the format has decimal commas in a file that should have points, and no thousands mark that proves them. */
static bool has_foreign_commas(const struct walk *walk, const struct flt_number_format *format)
{
	return walk->rules->decimal == '.' && format->decimal == ',' && format->thousands == FLT_THOUSANDS_NONE &&
	       walk->rules->delimiter != ',' && !walk->rules->must_be_numbers;
}

static struct flt_finding judge_numbers(const struct walk *walk, const struct kinds *kinds, struct flt_finding finding)
{
	const struct affixes *affixes = choose_affixes(kinds);
	struct marks marks = count_marks(walk, affixes);
	finding.format = format_of(affixes, &marks);
	bool is_settled = settle_marks(walk, &marks, &finding.format);
	struct rest rest = count_rest(walk, &finding.format);
	finding.n_odd = rest.n_odd;
	finding.kind = FLT_FOUND_NUMBERS;
	if (has_foreign_commas(walk, &finding.format))
		return in_doubt(finding, FLT_DOUBT_DECIMAL_COMMAS);
	if (rest.n_odd > 0 && !walk->rules->must_be_numbers) {
		if (!are_codes(affixes, &marks, &rest, finding.n_values))
			return in_doubt(finding, FLT_DOUBT_ODD_TEXTS);
		finding.kind = FLT_FOUND_TEXT;
		return finding;
	}
	if (!is_settled)
		return in_doubt(finding, FLT_DOUBT_MARK);
	return rest.n_out_of_range > 0 ? in_doubt(finding, FLT_DOUBT_OUT_OF_RANGE) : finding;
}

struct flt_finding flt_find_type(const struct flt_census *census, const struct flt_finding_rules *rules)
{
	const struct walk walk = {census, rules};
	struct kinds kinds = count_kinds(&walk);
	if (kinds.is_text)
		return (struct flt_finding){.format = flt_plain_format(rules->decimal)};
	size_t n_numbers = n_quantities(&kinds), n_others = kinds.n_dates + kinds.n_other;
	if (n_others == 0 && n_numbers == 0 && !kinds.words_differ) /* 5 rooms, 7 rooms */
		n_numbers = kinds.n_with_word;
	else
		n_others += kinds.n_with_word;
	struct flt_finding finding = {
	        .format = flt_plain_format(rules->decimal), .n_values = n_numbers + n_others, .n_words = kinds.n_words};
	if (rules->must_be_numbers || (n_numbers > n_others && !kinds.are_too_many))
		return judge_numbers(&walk, &kinds, finding);
	if (kinds.n_like > 0 && 2 * (n_numbers + kinds.n_like) > finding.n_values && !kinds.are_too_many) {
		finding.n_odd = kinds.n_like;
		return in_doubt(finding, FLT_DOUBT_LIKE_NUMBERS);
	}
	if (2 * kinds.n_dates <= finding.n_values)
		return finding;
	finding.n_odd = finding.n_values - kinds.n_dates;
	if (finding.n_odd > 0)
		return in_doubt(finding, FLT_DOUBT_ODD_DATES);
	finding.kind = FLT_FOUND_DATES;
	return finding;
}
