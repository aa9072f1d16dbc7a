#include "detector/watch.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "detector/sample.h"

struct changed {
	size_t column;
	struct flt_change change;
};

struct flt_watch {
	const struct flt_prep *prep;
	const struct flt_scorer *scorer;
	size_t n_columns, n_chunks;
	struct flt_prep_column *columns; /* (n_columns) */
	struct flt_seen **chunks;        /* (n_chunks) */
	struct flt_seen *total;
	size_t *numeric; /* (sample.n_values) columns of numbers */
	struct flt_sample sample;
	size_t n_rows;
	struct flt_watched *watched; /* (n_columns), which own the texts of categories */
	struct changed *changes;     /* (n_changes) */
	size_t n_changes, capacity;
};

/* ---- life ---- */

static enum flt_status make_columns(struct flt_watch *watch, struct flt_error *err)
{
	size_t n = watch->n_columns, n_numeric = 0;
	watch->columns = flt_alloc(n, sizeof *watch->columns, err);
	FLT_TRY_MEMORY(watch->columns);
	watch->numeric = flt_alloc(n, sizeof *watch->numeric, err);
	FLT_TRY_MEMORY(watch->numeric);
	watch->watched = flt_alloc_zero(n, sizeof *watch->watched, err);
	FLT_TRY_MEMORY(watch->watched);
	for (size_t c = 0; c < n; c++) {
		watch->columns[c] = flt_prep_column(watch->prep, c);
		watch->watched[c] = (struct flt_watched){.column = &watch->columns[c], .seen = &watch->total[c]};
		if (watch->columns[c].use == FLT_USED_NUMERIC)
			watch->numeric[n_numeric++] = c;
	}
	return flt_sample_init(&watch->sample, n_numeric, err);
}

static enum flt_status make_counters(struct flt_watch *watch, size_t n_chunks, struct flt_error *err)
{
	watch->chunks = flt_alloc_zero(n_chunks, sizeof(struct flt_seen *), err);
	FLT_TRY_MEMORY(watch->chunks);
	watch->n_chunks = n_chunks;
	for (size_t i = 0; i < n_chunks; i++)
		FLT_TRY(flt_seen_new(watch->prep, &watch->chunks[i], err));
	return FLT_OK;
}

enum flt_status flt_watch_new(const struct flt_prep *prep, const struct flt_scorer *scorer, size_t n_chunks,
                              struct flt_watch **out, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	*out = NULL;
	struct flt_watch *watch = flt_alloc_zero(1, sizeof *watch, err);
	FLT_TRY_MEMORY(watch);
	watch->prep = prep;
	watch->scorer = scorer;
	watch->n_columns = flt_prep_n_columns(prep);
	FLT_TRY_OUT(flt_seen_new(prep, &watch->total, err));
	FLT_TRY_OUT(make_columns(watch, err));
	FLT_TRY_OUT(make_counters(watch, n_chunks, err));
	*out = watch;
	watch = NULL;
out:
	flt_watch_free(watch);
	return status;
}

static void forget_texts(struct flt_watch *watch)
{
	for (size_t c = 0; watch->watched && c < watch->n_columns; c++) {
		flt_free((void *)watch->watched[c].first_unlearnt);
		watch->watched[c].first_unlearnt = NULL;
	}
}

void flt_watch_free(struct flt_watch *watch)
{
	if (!watch)
		return;
	for (size_t i = 0; i < watch->n_chunks; i++)
		flt_free(watch->chunks[i]);
	forget_texts(watch);
	flt_sample_release(&watch->sample);
	flt_free(watch->chunks);
	flt_free(watch->total);
	flt_free(watch->columns);
	flt_free(watch->numeric);
	flt_free(watch->watched);
	flt_free(watch->changes);
	flt_free(watch);
}

void flt_watch_clear(struct flt_watch *watch)
{
	forget_texts(watch);
	flt_seen_clear(watch->prep, watch->total);
	flt_sample_clear(&watch->sample);
	watch->n_rows = 0;
	watch->n_changes = 0;
}

/* ---- during a run ---- */

struct flt_seen *flt_watch_chunk(struct flt_watch *watch, size_t chunk)
{
	flt_seen_clear(watch->prep, watch->chunks[chunk]);
	return watch->chunks[chunk];
}

struct flt_seen *flt_watch_join(struct flt_watch *watch, size_t n_chunks)
{
	for (size_t i = 1; i < n_chunks; i++)
		flt_seen_add(watch->prep, watch->chunks[0], watch->chunks[i]);
	return watch->chunks[0];
}

/* Copies the first category of each column that no level stands for. */
static enum flt_status note_unlearnt(struct flt_watch *watch, const struct flt_scorer *scorer,
                                     const struct flt_seen *seen, const char *const *cells, size_t n_names,
                                     struct flt_error *err)
{
	for (size_t c = 0; c < watch->n_columns; c++) {
		struct flt_watched *watched = &watch->watched[c];
		if (watch->columns[c].use != FLT_USED_CATEGORICAL || watched->first_unlearnt ||
		    flt_seen_n_unlearnt(&seen[c], watch->columns[c].n_levels) == 0)
			continue;
		const char *text = cells[seen[c].first_unlearnt * n_names + flt_scorer_place(scorer, c)];
		watched->first_unlearnt = flt_copy_text(text, strlen(text), err);
		FLT_TRY_MEMORY(watched->first_unlearnt);
	}
	return FLT_OK;
}

static void draw(struct flt_watch *watch, const struct flt_scorer *scorer, const char *const *row)
{
	double *values = flt_sample_offer(&watch->sample, watch->n_rows++);
	for (size_t i = 0; values && i < watch->sample.n_values; i++) {
		size_t c = watch->numeric[i];
		values[i] = flt_scorer_number(scorer, c, row[flt_scorer_place(scorer, c)]);
	}
}

enum flt_status flt_watch_take(struct flt_watch *watch, const struct flt_scorer *scorer, size_t chunk,
                               const char *const *cells, size_t n_names, size_t n, struct flt_error *err)
{
	const struct flt_seen *seen = watch->chunks[chunk];
	FLT_TRY(note_unlearnt(watch, scorer, seen, cells, n_names, err));
	for (size_t i = 0; i < n; i++)
		draw(watch, scorer, cells + i * n_names);
	flt_seen_add(watch->prep, watch->total, seen);
	return FLT_OK;
}

/* ---- at its end ---- */

/* values (n) are those of the i-th column of numbers in the sample, without missing ones. */
static size_t gather(const struct flt_sample *sample, size_t i, double *values)
{
	size_t n = 0;
	for (size_t row = 0; row < sample->n; row++) {
		double value = sample->values[row * sample->n_values + i];
		if (!isnan(value))
			values[n++] = value;
	}
	return n;
}

/* Whether another part of the same dates changed. */
static bool was_told(const struct flt_watch *watch, size_t column)
{
	size_t place = flt_scorer_place(watch->scorer, column);
	for (size_t i = 0; i < watch->n_changes; i++)
		if (flt_scorer_place(watch->scorer, watch->changes[i].column) == place)
			return true;
	return false;
}

static enum flt_status look_at(struct flt_watch *watch, size_t column, struct flt_error *err)
{
	struct flt_change change;
	if (was_told(watch, column) || !flt_change_find(&watch->watched[column], &change))
		return FLT_OK;
	FLT_TRY(flt_grow((void **)&watch->changes, &watch->capacity, watch->n_changes + 1, sizeof *watch->changes,
	                 err));
	watch->changes[watch->n_changes++] = (struct changed){column, change};
	return FLT_OK;
}

/* i counts the columns of numbers. The values are forgotten when the column was looked at. */
static enum flt_status look_at_numbers(struct flt_watch *watch, size_t i, double *values, struct flt_error *err)
{
	size_t column = watch->numeric[i];
	struct flt_watched *watched = &watch->watched[column];
	watched->n_values = gather(&watch->sample, i, values);
	watched->values = values;
	if (watched->n_values > 0)
		FLT_TRY(flt_profile_quantiles(values, watched->n_values, watched->quantiles, err));
	enum flt_status status = look_at(watch, column, err);
	watched->values = NULL;
	return status;
}

enum flt_status flt_watch_finish(struct flt_watch *watch, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t i = 0;
	double *values = flt_alloc(watch->sample.n, sizeof *values, err);
	FLT_TRY_MEMORY(values);
	for (size_t c = 0; c < watch->n_columns; c++) {
		enum flt_column_use use = watch->columns[c].use;
		if (use == FLT_USED_NUMERIC)
			FLT_TRY_OUT(look_at_numbers(watch, i++, values, err));
		else if (use == FLT_USED_CATEGORICAL)
			FLT_TRY_OUT(look_at(watch, c, err));
	}
out:
	flt_free(values);
	return status;
}

size_t flt_watch_n_changes(const struct flt_watch *watch)
{
	return watch->n_changes;
}

const struct flt_change *flt_watch_change(const struct flt_watch *watch, size_t i)
{
	return &watch->changes[i].change;
}

size_t flt_watch_changed_column(const struct flt_watch *watch, size_t i)
{
	return watch->changes[i].column;
}

size_t flt_watch_n_columns(const struct flt_watch *watch)
{
	return watch->n_columns;
}

const struct flt_watched *flt_watch_column(const struct flt_watch *watch, size_t column)
{
	return &watch->watched[column];
}
