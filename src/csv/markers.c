#include "csv/markers.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/number.h"

/* Each begins as may_be_known says. */
static const char *const known[] = {"?", "NA", "N/A", "NaN", "nan", "null"};

/* As databases, spreadsheets, pandas, R and people write them, in lower case. */
static const char *const words[] = {
        "null",     "none",   "nil",    "nan",     "na",      "n/a",     "n.a.",     "n.a",       "nat",
        "missing",  "(null)", "(none)", "(nil)",   "(blank)", "(empty)", "<na>",     "<null>",    "<none>",
        "[null]",   "#n/a",   "#na",    "#div/0!", "#value!", "#ref!",   "#name?",   "#num!",     "#null!",
        "#n/a n/a", "\\n",    "-",      "--",      "---",     ".",       "..",       "...",       "\u2013",
        "\u2014",   "-nan",   "+nan",   "1.#qnan", "-1.#ind", "1.#ind",  "nan(ind)", "-nan(ind)",
};

#define N_OF(array) (sizeof(array) / sizeof *(array))

static int by_value(const void *a, const void *b)
{
	const struct flt_marker_value *x = a, *y = b;
	if (x->value < y->value || x->value > y->value)
		return x->value < y->value ? -1 : 1;
	return (x->marker > y->marker) - (x->marker < y->marker);
}

/* Finds the added markers that are numbers, whatever their decimal mark. */
static enum flt_status list_values(struct flt_markers *markers, struct flt_error *err)
{
	size_t n = markers->added.n;
	markers->values = flt_alloc(n, sizeof *markers->values, err);
	FLT_TRY_MEMORY(markers->values);
	for (size_t i = 0; i < n; i++) {
		const char *text = markers->added.items[i];
		struct flt_marker_value *found = &markers->values[markers->n_values];
		if (flt_number_parse(text, strlen(text), '.', &found->value) != FLT_NUMBER &&
		    flt_number_parse(text, strlen(text), ',', &found->value) != FLT_NUMBER)
			continue;
		found->marker = i;
		markers->n_values++;
	}
	qsort(markers->values, markers->n_values, sizeof *markers->values, by_value);
	return FLT_OK;
}

enum flt_status flt_markers_init(const char *added, struct flt_markers *markers, struct flt_error *err)
{
	*markers = (struct flt_markers){0};
	FLT_TRY(flt_names_split(added, &markers->added, err));
	markers->was_met = flt_alloc_zero(markers->added.n, sizeof *markers->was_met, err);
	FLT_TRY_MEMORY(markers->was_met);
	FLT_TRY(flt_sort_texts((const char *const *)markers->added.items, markers->added.n, &markers->by_text, err));
	return list_values(markers, err);
}

void flt_markers_release(struct flt_markers *markers)
{
	flt_names_release(&markers->added);
	flt_free(markers->values);
	flt_free(markers->by_text);
	flt_free((void *)markers->was_met);
	*markers = (struct flt_markers){0};
}

static bool equals(const char *marker, const char *text, size_t length)
{
	return marker[0] == text[0] && strncmp(marker, text, length) == 0 && marker[length] == '\0';
}

/* Only the first thread that meets a marker writes, so that the others need not wait for the memory. */
static void note(const struct flt_markers *markers, size_t i)
{
	if (!atomic_load_explicit(&markers->was_met[i], memory_order_relaxed))
		atomic_store_explicit(&markers->was_met[i], true, memory_order_relaxed);
}

static bool is_added(const struct flt_markers *markers, const char *text, size_t length)
{
	size_t at = flt_find_sorted(markers->by_text, markers->added.n, text, length);
	if (at == markers->added.n)
		return false;
	note(markers, markers->by_text[at].number);
	return true;
}

bool flt_markers_find(const struct flt_markers *markers, const char *text, size_t length)
{
	if (length == 0)
		return true;
	if (markers->added.n > 0 && is_added(markers, text, length))
		return true;
	for (size_t i = 0; i < N_OF(known); i++)
		if (equals(known[i], text, length))
			return true;
	return flt_leading_blanks(text, length) == length;
}

bool flt_markers_hold_value(const struct flt_markers *markers, double value)
{
	size_t low = 0, high = markers->n_values;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (markers->values[middle].value < value)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == markers->n_values || markers->values[low].value > value)
		return false;
	note(markers, markers->values[low].marker);
	return true;
}

bool flt_is_word_for_missing(const char *text, size_t length)
{
	enum { LONGEST = 9 };
	text = flt_trim(text, &length);
	if (length == 0 || length > LONGEST)
		return false;
	for (size_t i = 0; i < N_OF(words); i++)
		if (words[i][0] == (text[0] | (text[0] >= 'A' && text[0] <= 'Z' ? 0x20 : 0)) &&
		    strncasecmp(words[i], text, length) == 0 && words[i][length] == '\0')
			return true;
	return false;
}

const char *const *flt_words_for_missing(size_t *n)
{
	*n = N_OF(words);
	return words;
}

const char *const *flt_known_markers(size_t *n)
{
	*n = N_OF(known);
	return known;
}

enum flt_numeric_cell flt_cell_of_number(const struct flt_markers *markers, enum flt_number kind, double value)
{
	if (kind == FLT_NUMBER)
		return flt_markers_hold_value(markers, value) ? FLT_CELL_MISSING : FLT_CELL_NUMBER;
	return kind == FLT_NUMBER_OUT_OF_RANGE ? FLT_CELL_OUT_OF_RANGE : FLT_CELL_TEXT;
}

enum flt_numeric_cell flt_odd_cell_read(const struct flt_markers *markers, char decimal, const char *text,
                                        size_t length, double *value)
{
	text = flt_trim(text, &length);
	if (flt_markers_hold(markers, text, length))
		return FLT_CELL_MISSING;
	enum flt_number kind = flt_number_parse(text, length, decimal, value);
	return flt_cell_of_number(markers, kind, kind == FLT_NUMBER ? *value : 0);
}
