#include "protocol/slicing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/character.h"
#include "base/text.h"
#include "table/date_format.h"
#include "table/finding.h"

enum { MOST_MONTHS = 24 };

/* A text of the column, and what it is sorted by. */
struct value {
	double number; /* the number, or the date in seconds; NaN of other texts */
	const char *text;
	size_t code, n_rows;
	double slice; /* values of one slice have the same */
};

struct cutting {
	const struct flt_slicing_column *column;
	struct flt_markers markers;
	struct flt_finding finding;
	struct flt_date_format dates; /* where finding is of dates */
	struct value *values;         /* (n_values) of the texts that are not missing */
	size_t n_values, n_rows;      /* and the rows with them */
	size_t *counts;               /* (texts->n) */
	size_t *slice_of;             /* (texts->n) */
	enum flt_slice_kind kind;
};

static const char *text_of(const struct cutting *cutting, size_t code, size_t *length)
{
	*length = cutting->column->texts->levels[code].length;
	return flt_dictionary_text(cutting->column->texts, code);
}

/* Whether the column holds dates that one format reads. */
static bool find_date_format(struct cutting *cutting)
{
	struct flt_date_evidence evidence = {0};
	struct flt_date_scan scan;
	size_t length;
	for (size_t i = 0; i < cutting->column->texts->n; i++) {
		const char *text = text_of(cutting, i, &length);
		if (flt_date_scan(text, length, &scan))
			flt_date_evidence_add(&evidence, &scan, cutting->counts[i]);
	}
	return evidence.n > 0 &&
	       flt_date_decide(&evidence, FLT_DATE_ORDER_FIND, &cutting->dates) == FLT_DATES_OF_ONE_FORMAT;
}

static void find_type(struct cutting *cutting)
{
	const struct flt_slicing_column *column = cutting->column;
	const struct flt_census census = {.texts = column->texts, .counts = cutting->counts};
	const struct flt_finding_rules rules = {
	        .markers = &cutting->markers, .decimal = column->decimal, .delimiter = column->delimiter};
	cutting->finding = flt_find_type(&census, &rules);
	if (cutting->finding.kind == FLT_FOUND_DATES && !find_date_format(cutting))
		cutting->finding.kind = FLT_FOUND_TEXT;
	if (cutting->finding.kind == FLT_FOUND_DOUBT)
		cutting->finding.kind = FLT_FOUND_TEXT;
}

/* False if the text stands for a missing value. */
static bool read_value(const struct cutting *cutting, size_t code, double *number)
{
	size_t length;
	const char *text = text_of(cutting, code, &length);
	*number = NAN;
	if (flt_leading_blanks(text, length) == length)
		return false;
	if (cutting->finding.kind == FLT_FOUND_NUMBERS)
		return flt_formatted_cell_read(&cutting->markers, &cutting->finding.format, text, length, number) ==
		       FLT_CELL_NUMBER;
	if (cutting->finding.kind == FLT_FOUND_DATES)
		return flt_date_read(&cutting->dates, text, length, number);
	return !flt_markers_hold(&cutting->markers, text, length);
}

/* By number where there is one, else by text. */
static int compare(const void *a, const void *b)
{
	const struct value *x = a, *y = b;
	if (isnan(x->number))
		return strcmp(x->text, y->text);
	return (x->number > y->number) - (x->number < y->number);
}

static enum flt_status read_values(struct cutting *cutting, struct flt_error *err)
{
	const struct flt_slicing_column *column = cutting->column;
	cutting->counts = flt_alloc_zero(column->texts->n, sizeof *cutting->counts, err);
	cutting->slice_of = flt_alloc(column->texts->n, sizeof *cutting->slice_of, err);
	cutting->values = flt_alloc(column->texts->n, sizeof *cutting->values, err);
	FLT_TRY_MEMORY(cutting->counts && cutting->slice_of && cutting->values);
	FLT_TRY(flt_markers_init(column->na, &cutting->markers, err));
	for (size_t i = 0; i < column->n; i++)
		cutting->counts[column->code[i]]++;
	find_type(cutting);
	for (size_t code = 0; code < column->texts->n; code++) {
		struct value *value = &cutting->values[cutting->n_values];
		cutting->slice_of[code] = SIZE_MAX;
		if (cutting->counts[code] == 0 || !read_value(cutting, code, &value->number))
			continue;
		value->code = code;
		value->text = flt_dictionary_text(column->texts, code);
		value->n_rows = cutting->counts[code];
		cutting->n_rows += value->n_rows;
		cutting->n_values++;
	}
	qsort(cutting->values, cutting->n_values, sizeof *cutting->values, compare);
	return FLT_OK;
}

/* ---- which values are one slice ---- */

static bool is_same_value(const struct value *a, const struct value *b)
{
	return isnan(a->number) ? false : a->number == b->number;
}

/* Each value is a slice; returns how many there are. */
static size_t cut_by_value(struct cutting *cutting)
{
	size_t n = 0;
	for (size_t i = 0; i < cutting->n_values; i++) {
		n += i == 0 || !is_same_value(&cutting->values[i], &cutting->values[i - 1]);
		cutting->values[i].slice = (double)n;
	}
	cutting->kind = FLT_SLICE_VALUE;
	return n;
}

/* Bins of about as many rows; a value lies in the bin that holds the middle of its rows. */
static void cut_by_rank(struct cutting *cutting)
{
	size_t before = 0, n_same;
	for (size_t i = 0; i < cutting->n_values; i += n_same) {
		size_t n_rows = 0;
		for (n_same = 0; i + n_same < cutting->n_values; n_same++) {
			if (n_same > 0 && !is_same_value(&cutting->values[i], &cutting->values[i + n_same]))
				break;
			n_rows += cutting->values[i + n_same].n_rows;
		}
		double middle = ((double)before + (double)n_rows / 2) / (double)cutting->n_rows;
		for (size_t k = 0; k < n_same; k++)
			cutting->values[i + k].slice = floor(FLT_N_BINS * middle);
		before += n_rows;
	}
	cutting->kind = FLT_SLICE_BIN;
}

static size_t cut_by_date(struct cutting *cutting, enum flt_slice_kind kind)
{
	size_t n = 0;
	for (size_t i = 0; i < cutting->n_values; i++) {
		char text[FLT_DATE_TEXT], *end;
		flt_date_text(cutting->values[i].number, false, text);
		long year = strtol(text, &end, 10), month = strtol(end + 1, NULL, 10); /* 2024-05-31 */
		cutting->values[i].slice = 12.0 * (double)year + (kind == FLT_SLICE_MONTH ? (double)month : 0);
		n += i == 0 || cutting->values[i].slice != cutting->values[i - 1].slice;
	}
	cutting->kind = kind;
	return n;
}

static void cut(struct cutting *cutting)
{
	if (cut_by_value(cutting) <= FLT_MOST_PLAIN)
		return;
	if (cutting->finding.kind == FLT_FOUND_NUMBERS)
		cut_by_rank(cutting);
	else if (cutting->finding.kind == FLT_FOUND_DATES && cut_by_date(cutting, FLT_SLICE_MONTH) > MOST_MONTHS)
		cut_by_date(cutting, FLT_SLICE_YEAR);
}

/* ---- their names ---- */

/* Cut between two characters. */
static void name_text(const char *text, char name[FLT_SLICE_NAME])
{
	size_t length = strlen(text), most = FLT_SLICE_NAME - 1;
	if (length > most)
		snprintf(name, FLT_SLICE_NAME, "%.*s...", (int)flt_fitting_length(text, most - 3), text);
	else
		memcpy(name, text, length + 1);
}

static void name_value(const struct cutting *cutting, const struct value *value, char name[FLT_SLICE_NAME])
{
	if (cutting->finding.kind == FLT_FOUND_NUMBERS)
		flt_number_format(value->number, name);
	else if (cutting->finding.kind == FLT_FOUND_DATES)
		flt_date_text(value->number, cutting->dates.has_time, name);
	else
		name_text(value->text, name);
}

static void name_slice(const struct cutting *cutting, const struct value *first, const struct value *last,
                       char name[FLT_SLICE_NAME])
{
	char lo[FLT_DATE_TEXT], hi[FLT_DATE_TEXT];
	switch (cutting->kind) {
	case FLT_SLICE_BIN:
		flt_number_format(first->number, lo);
		flt_number_format(last->number, hi);
		snprintf(name, FLT_SLICE_NAME, "%.29s to %.29s", lo, hi);
		return;
	case FLT_SLICE_MONTH:
	case FLT_SLICE_YEAR:
		flt_date_text(first->number, false, lo);
		*strrchr(lo, '-') = '\0';
		if (cutting->kind == FLT_SLICE_YEAR)
			*strrchr(lo, '-') = '\0';
		snprintf(name, FLT_SLICE_NAME, "%s", lo);
		return;
	default:
		name_value(cutting, first, name);
	}
}

static enum flt_status fail_many(const struct cutting *cutting, size_t most, struct flt_error *err)
{
	struct flt_shown name = flt_shown(cutting->column->name, strlen(cutting->column->name));
	bool is_alone = cutting->kind == FLT_SLICE_VALUE && cutting->n_values > FLT_MOST_SLICES;
	if (most < FLT_MOST_SLICES && !is_alone)
		return flt_fail(err, FLT_ERR_USAGE,
		                "--by: column \"%s\" and those before it have more than %d values together; name fewer "
		                "columns",
		                name.text, FLT_MOST_SLICES);
	return flt_fail(err, FLT_ERR_USAGE,
	                "--by: column \"%s\" has %zu values%s, and at most %d slices can be told apart; name a column "
	                "with fewer, or give values that belong together one name in the file",
	                name.text, cutting->n_values, cutting->n_rows < cutting->column->n ? " and missing ones" : "",
	                FLT_MOST_SLICES);
}

static enum flt_status make_slices(struct cutting *cutting, size_t most, struct flt_slicing *slicing,
                                   struct flt_error *err)
{
	const struct flt_slicing_column *column = cutting->column;
	for (size_t i = 0, end; i < cutting->n_values; i = end) {
		const struct value *values = cutting->values;
		for (end = i; end < cutting->n_values && values[end].slice == values[i].slice; end++)
			cutting->slice_of[values[end].code] = slicing->n_slices;
		if (slicing->n_slices == most)
			return fail_many(cutting, most, err);
		size_t slice = slicing->n_slices++;
		slicing->slices[slice].kind = cutting->kind;
		slicing->slices[slice].lo = values[i].number;
		slicing->slices[slice].hi = values[end - 1].number;
		name_slice(cutting, &values[i], &values[end - 1], slicing->slices[slice].name);
	}
	if (cutting->n_rows < column->n) {
		if (slicing->n_slices == most)
			return fail_many(cutting, most, err);
		slicing->slices[slicing->n_slices++].kind = FLT_SLICE_MISSING;
	}
	for (size_t i = 0; i < column->n; i++) {
		size_t slice = cutting->slice_of[column->code[i]];
		slicing->of[i] = slice == SIZE_MAX ? slicing->n_slices - 1 : slice;
	}
	return FLT_OK;
}

enum flt_status flt_slicing_make(const struct flt_slicing_column *column, size_t most, struct flt_slicing *slicing,
                                 struct flt_error *err)
{
	struct cutting cutting = {.column = column};
	enum flt_status status = FLT_OK;
	*slicing = (struct flt_slicing){0};
	slicing->of = flt_alloc(column->n, sizeof *slicing->of, err);
	FLT_TRY_MEMORY(slicing->of);
	FLT_TRY_OUT(read_values(&cutting, err));
	cut(&cutting);
	FLT_TRY_OUT(make_slices(&cutting, most, slicing, err));
out:
	flt_markers_release(&cutting.markers);
	flt_free(cutting.counts);
	flt_free(cutting.slice_of);
	flt_free(cutting.values);
	return status;
}

void flt_slicing_release(struct flt_slicing *slicing)
{
	flt_free(slicing->of);
	*slicing = (struct flt_slicing){0};
}
