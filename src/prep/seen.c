#include "prep/seen.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "prep/contents.h"

static size_t n_counts(const struct flt_prep_column *column)
{
	return column->use == FLT_USED_CATEGORICAL ? column->n_levels + 1 : 0;
}

/* The counts of levels lie behind the columns. */
enum flt_status flt_seen_new(const struct flt_prep *prep, struct flt_seen **seen, struct flt_error *err)
{
	size_t n_levels = 0;
	for (size_t c = 0; c < prep->n_columns; c++)
		n_levels += n_counts(&prep->columns[c]);
	*seen = flt_alloc_zero(prep->n_columns * sizeof **seen + n_levels * sizeof(size_t), 1, err);
	FLT_TRY_MEMORY(*seen);
	size_t *levels = (size_t *)(void *)(*seen + prep->n_columns);
	for (size_t c = 0; c < prep->n_columns; c++) {
		(*seen)[c].levels = levels;
		levels += n_counts(&prep->columns[c]);
	}
	return FLT_OK;
}

void flt_seen_clear(const struct flt_prep *prep, struct flt_seen *seen)
{
	for (size_t c = 0; c < prep->n_columns; c++) {
		size_t *levels = seen[c].levels;
		memset(levels, 0, n_counts(&prep->columns[c]) * sizeof *levels);
		seen[c] = (struct flt_seen){.levels = levels};
	}
}

static void note_value(struct flt_seen *seen, bool is_first, double value)
{
	if (is_first)
		seen->first_value = value;
	else
		seen->varies |= value < seen->first_value || value > seen->first_value;
}

/* Only looks until two values differ, which mostly are the first two. */
static void find_variety(struct flt_seen *seen, const double *numbers, size_t n)
{
	bool has_none = seen->n_rows == seen->n_missing;
	for (size_t i = 0; i < n && !seen->varies; i++) {
		if (isnan(numbers[i]))
			continue;
		note_value(seen, has_none, numbers[i]);
		has_none = false;
	}
}

/* The one branch of the usual value is foreseen by the processor. */
static void count_outside(struct flt_seen *seen, const double *quantiles, const double *numbers, size_t n)
{
	double low = quantiles[FLT_PERCENT_1], high = quantiles[FLT_PERCENT_99];
	for (size_t i = 0; i < n; i++) {
		double value = numbers[i];
		if (value >= low && value <= high)
			continue;
		seen->n_missing += isnan(value) ? 1 : 0;
		seen->n_low += value < low;
		seen->n_high += value > high;
		seen->n_below += value < quantiles[FLT_LOWEST];
		seen->n_above += value > quantiles[FLT_HIGHEST];
	}
}

void flt_seen_numbers(struct flt_seen *seen, const struct flt_profile *profile, const double *numbers, size_t n)
{
	find_variety(seen, numbers, n);
	if (profile->n_rows > 0)
		count_outside(seen, profile->quantiles, numbers, n);
	else
		for (size_t i = 0; i < n; i++)
			seen->n_missing += isnan(numbers[i]) ? 1 : 0;
	seen->n_rows += n;
}

void flt_seen_codes(struct flt_seen *seen, size_t n_levels, const int32_t *codes, size_t n)
{
	bool has_none = seen->levels[n_levels] == 0;
	for (size_t i = 0; i < n; i++) {
		if (codes[i] < 0) {
			seen->n_missing++;
			continue;
		}
		size_t level = (size_t)codes[i] < n_levels ? (size_t)codes[i] : n_levels;
		if (has_none && level == n_levels) {
			seen->first_unlearnt = seen->n_rows + i;
			has_none = false;
		}
		seen->levels[level]++;
	}
	seen->n_rows += n;
}

static void add_column(size_t n_levels, struct flt_seen *seen, const struct flt_seen *more)
{
	if (more->n_missing < more->n_rows) {
		note_value(seen, seen->n_missing == seen->n_rows, more->first_value);
		seen->varies |= more->varies;
	}
	if (n_levels > 0 && seen->levels[n_levels - 1] == 0)
		seen->first_unlearnt = seen->n_rows + more->first_unlearnt;
	for (size_t i = 0; i < n_levels; i++)
		seen->levels[i] += more->levels[i];
	seen->n_rows += more->n_rows;
	seen->n_missing += more->n_missing;
	seen->n_below += more->n_below;
	seen->n_above += more->n_above;
	seen->n_low += more->n_low;
	seen->n_high += more->n_high;
}

void flt_seen_add(const struct flt_prep *prep, struct flt_seen *seen, const struct flt_seen *more)
{
	for (size_t c = 0; c < prep->n_columns; c++)
		add_column(n_counts(&prep->columns[c]), &seen[c], &more[c]);
}

/* ---- as words ---- */

enum { WORDS_OF_COLUMN = 9 }; /* before its counts of levels */

size_t flt_seen_n_words(const struct flt_prep *prep)
{
	size_t n = 0;
	for (size_t c = 0; c < prep->n_columns; c++)
		n += WORDS_OF_COLUMN + n_counts(&prep->columns[c]);
	return n;
}

void flt_seen_to_words(const struct flt_prep *prep, const struct flt_seen *seen, uint64_t *words)
{
	for (size_t c = 0; c < prep->n_columns; c++) {
		const struct flt_seen *from = &seen[c];
		uint64_t first_value;
		memcpy(&first_value, &from->first_value, sizeof first_value);
		const uint64_t all[WORDS_OF_COLUMN] = {from->n_rows,  from->n_missing, from->n_below,
		                                       from->n_above, from->n_low,     from->n_high,
		                                       from->varies,  first_value,     from->first_unlearnt};
		memcpy(words, all, sizeof all);
		words += WORDS_OF_COLUMN;
		for (size_t i = 0; i < n_counts(&prep->columns[c]); i++)
			*words++ = from->levels[i];
	}
}

/* The row of the first unlearnt category is looked up by whoever reads them. */
static bool may_be(const struct flt_seen *seen, size_t n_levels, size_t n_rows)
{
	bool has_unlearnt = n_levels > 0 && seen->levels[n_levels - 1] > 0;
	return (seen->n_rows == 0 || seen->n_rows == n_rows) && seen->n_missing <= seen->n_rows &&
	       !(has_unlearnt && seen->first_unlearnt >= seen->n_rows);
}

bool flt_seen_from_words(const struct flt_prep *prep, const uint64_t *words, size_t n_rows, struct flt_seen *seen)
{
	bool are_right = true;
	for (size_t c = 0; c < prep->n_columns; c++) {
		size_t n_levels = n_counts(&prep->columns[c]);
		struct flt_seen *to = &seen[c];
		*to = (struct flt_seen){.n_rows = words[0],
		                        .n_missing = words[1],
		                        .n_below = words[2],
		                        .n_above = words[3],
		                        .n_low = words[4],
		                        .n_high = words[5],
		                        .varies = words[6] != 0,
		                        .levels = to->levels,
		                        .first_unlearnt = words[8]};
		memcpy(&to->first_value, &words[7], sizeof to->first_value);
		words += WORDS_OF_COLUMN;
		for (size_t i = 0; i < n_levels; i++)
			to->levels[i] = *words++;
		are_right = are_right && may_be(to, n_levels, n_rows);
	}
	return are_right;
}
