#include "protocol/explain_categories.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "eval/category_effects.h"
#include "protocol/exchange.h"

enum { LEAST_ROWS = 5 };

struct level {
	int32_t code;
	size_t n_rows;
	double weight;
};

/* What is needed to find the effects of a column. */
struct levelling {
	const struct flt_detector *detector;
	const struct flt_explain_rows *rows;
	const struct flt_column *own; /* the column as it is */
	size_t column;
	unsigned n_threads;
	struct level *levels; /* (own->n_levels + 1); the first n are shown */
	size_t n;
	size_t *level_of;             /* (own->n_levels + 1) of a code + 1: SIZE_MAX where it is not shown */
	size_t *level, *all;          /* (rows->n) of each row; their numbers */
	double *score, *moved;        /* (rows->n); (n, rows->n) */
	double *probability;          /* (rows->n) */
	struct flt_exchange exchange; /* with the level at hand */
};

static int by_weight(const void *a, const void *b)
{
	const struct level *x = a, *y = b;
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return (x->code > y->code) - (x->code < y->code);
}

/* Place code + 1: missing, the levels, all others. Those with rows enough, and the heaviest of them, are shown. */
static void choose_levels(struct levelling *levelling, size_t *n_left_out)
{
	const struct flt_explain_rows *rows = levelling->rows;
	size_t n_places = levelling->own->n_levels + 1, n = 0, n_held = 0;
	struct level *levels = levelling->levels;
	for (size_t c = 0; c < n_places; c++) {
		levels[c] = (struct level){.code = (int32_t)c - 1};
		levelling->level_of[c] = SIZE_MAX;
	}
	for (size_t i = 0; i < rows->n; i++) {
		struct level *level = &levels[levelling->own->codes[i] + 1];
		level->n_rows++;
		level->weight += rows->weight[i];
	}
	for (size_t c = 0; c < n_places; c++) {
		n_held += levels[c].n_rows > 0;
		if (levels[c].n_rows >= LEAST_ROWS)
			levels[n++] = levels[c];
	}
	qsort(levels, n, sizeof *levels, by_weight);
	levelling->n = n < FLT_MOST_EXPLAINED_CATEGORIES ? n : FLT_MOST_EXPLAINED_CATEGORIES;
	for (size_t l = 0; l < levelling->n; l++)
		levelling->level_of[levels[l].code + 1] = l;
	*n_left_out = n_held - levelling->n;
}

static enum flt_status levelling_init(struct levelling *levelling, size_t *n_left_out, struct flt_error *err)
{
	const struct flt_explain_rows *rows = levelling->rows;
	size_t n_places = levelling->own->n_levels + 1;
	levelling->levels = flt_alloc(n_places, sizeof *levelling->levels, err);
	levelling->level_of = flt_alloc(n_places, sizeof *levelling->level_of, err);
	levelling->level = flt_alloc(rows->n, sizeof *levelling->level, err);
	levelling->all = flt_alloc(rows->n, sizeof *levelling->all, err);
	levelling->score = flt_alloc(rows->n, sizeof *levelling->score, err);
	levelling->probability = flt_alloc(rows->n, sizeof *levelling->probability, err);
	FLT_TRY_MEMORY(levelling->levels && levelling->level_of && levelling->level && levelling->all &&
	               levelling->score && levelling->probability);
	choose_levels(levelling, n_left_out);
	levelling->moved = flt_alloc(levelling->n * rows->n + 1, sizeof *levelling->moved, err);
	FLT_TRY_MEMORY(levelling->moved);
	for (size_t i = 0; i < rows->n; i++) {
		levelling->all[i] = i;
		levelling->level[i] = levelling->level_of[levelling->own->codes[i] + 1];
		levelling->probability[i] = flt_sigmoid(rows->log_odds[i]);
	}
	return flt_exchange_init(&levelling->exchange, levelling->detector, rows, 1, err);
}

static void levelling_release(struct levelling *levelling)
{
	flt_exchange_release(&levelling->exchange);
	flt_free(levelling->levels);
	flt_free(levelling->level_of);
	flt_free(levelling->level);
	flt_free(levelling->all);
	flt_free(levelling->score);
	flt_free(levelling->probability);
	flt_free(levelling->moved);
}

/* All rows get the level. */
static enum flt_status score_with(struct levelling *levelling, size_t l, struct flt_error *err)
{
	size_t n = levelling->rows->n;
	int32_t *codes = flt_exchange_codes(&levelling->exchange, levelling->column);
	for (size_t i = 0; i < n; i++)
		codes[i] = levelling->levels[l].code;
	const struct flt_altered set = {levelling->exchange.columns, levelling->all, n, levelling->score};
	FLT_TRY(flt_detector_score_altered(levelling->detector, &set, 1, levelling->n_threads, err));
	for (size_t i = 0; i < n; i++)
		levelling->moved[l * n + i] = flt_detector_probability(levelling->detector, levelling->score[i]);
	flt_exchange_undo(&levelling->exchange);
	return FLT_OK;
}

static struct flt_effect_point point_of(const struct levelling *levelling, const struct level *level)
{
	bool is_others = level->code + 1 == (int32_t)levelling->own->n_levels;
	return (struct flt_effect_point){
	        .at = (double)NAN,
	        .level = level->code < 0 || is_others ? NULL : levelling->own->levels[level->code],
	        .is_missing = level->code < 0,
	        .is_others = is_others,
	        .n_rows = level->n_rows,
	};
}

static enum flt_status find_points(const struct levelling *levelling, struct flt_explained_effect *effect,
                                   struct flt_error *err)
{
	const struct flt_scored scored = flt_explain_rows_scored(levelling->rows);
	const struct flt_category_effects effects = {.rows = &scored,
	                                             .probability = levelling->probability,
	                                             .n_levels = levelling->n,
	                                             .level = levelling->level,
	                                             .moved = levelling->moved};
	struct flt_interval value[FLT_MOST_EXPLAINED_CATEGORIES];
	FLT_TRY(flt_category_effects_find(&effects, value, err));
	effect->points = flt_alloc(levelling->n, sizeof *effect->points, err);
	FLT_TRY_MEMORY(effect->points);
	effect->n_points = levelling->n;
	for (size_t l = 0; l < levelling->n; l++) {
		effect->points[l] = point_of(levelling, &levelling->levels[l]);
		effect->points[l].probability = value[l];
	}
	return FLT_OK;
}

enum flt_status flt_explain_categories(const struct flt_detector *detector, const struct flt_explain_rows *rows,
                                       size_t column, unsigned n_threads, struct flt_explained_effect *effect,
                                       struct flt_error *err)
{
	struct levelling levelling = {.detector = detector,
	                              .rows = rows,
	                              .own = &flt_cell_columns_all(rows->columns)[column],
	                              .column = column,
	                              .n_threads = n_threads};
	enum flt_status status;
	*effect = (struct flt_explained_effect){.name = flt_prep_column(detector->prep, column).name,
	                                        .mean = flt_explain_rows_mean(rows)};
	FLT_TRY_OUT(levelling_init(&levelling, &effect->n_left_out, err));
	for (size_t l = 0; l < levelling.n; l++)
		FLT_TRY_OUT(score_with(&levelling, l, err));
	if (levelling.n > 0)
		FLT_TRY_OUT(find_points(&levelling, effect, err));
out:
	levelling_release(&levelling);
	return status;
}

enum flt_status flt_explain_column(const struct flt_detector *detector, const struct flt_explain_rows *rows,
                                   size_t column, unsigned n_threads, struct flt_explained_effect *effect,
                                   struct flt_error *err)
{
	bool is_numeric = flt_prep_column(detector->prep, column).use == FLT_USED_NUMERIC;
	return (is_numeric ? flt_explain_effect : flt_explain_categories)(detector, rows, column, n_threads, effect,
	                                                                  err);
}
