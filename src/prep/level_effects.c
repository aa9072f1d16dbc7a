#include "prep/level_effects.h"

#include <math.h>

#include "base/alloc.h"
#include "base/random.h"
#include "prep/scale.h"
#include "split/split.h"

/* The weight of rows by class. */
struct tally {
	double of[2];
};

/* Rows and their labels, and the fold of each. */
struct labelled {
	const size_t *rows; /* (n_rows) */
	size_t n_rows;
	const uint8_t *label; /* of the table's rows */
	const double *weight; /* likewise; NULL: 1 each */
	uint32_t *fold;       /* (n_rows) below n_folds; NULL: all in one */
	size_t n_folds;
};

/* What rows say of a column. */
struct tallies {
	size_t n_places;
	struct tally *of;    /* (n_folds, n_places) */
	struct tally *level; /* (n_places) scratch */
	size_t *place;       /* (n_levels + 1 of the table's column) of missing, then of each level */
};

static bool has_effects(const struct flt_prep_column *column)
{
	return column->use == FLT_USED_CATEGORICAL && column->has_effects && !column->is_passed_over;
}

static void tallies_release(struct tallies *tallies)
{
	flt_free(tallies->of);
	flt_free(tallies->level);
	flt_free(tallies->place);
}

/* Released by tallies_release, also after a failure. */
static enum flt_status count(const struct labelled *labelled, const struct flt_prep_column *column,
                             const struct flt_column *from, struct tallies *tallies, struct flt_error *err)
{
	*tallies = (struct tallies){.n_places = flt_prep_n_places(column)};
	tallies->of = flt_alloc_zero(labelled->n_folds, tallies->n_places * sizeof *tallies->of, err);
	FLT_TRY_MEMORY(tallies->of);
	tallies->level = flt_alloc(tallies->n_places, sizeof *tallies->level, err);
	FLT_TRY_MEMORY(tallies->level);
	tallies->place = flt_alloc(from->n_levels + 1, sizeof *tallies->place, err);
	FLT_TRY_MEMORY(tallies->place);
	for (size_t i = 0; i <= from->n_levels; i++)
		tallies->place[i] = flt_prep_place(column, i == 0 ? NULL : from->levels[i - 1]);
	for (size_t i = 0; i < labelled->n_rows; i++) {
		size_t row = labelled->rows[i], fold = labelled->fold ? labelled->fold[i] : 0;
		size_t place = tallies->place[from->codes[row] + 1];
		tallies->of[fold * tallies->n_places + place].of[labelled->label[row]] +=
		        labelled->weight ? labelled->weight[row] : 1;
	}
	return FLT_OK;
}

static double log_of_odds(const struct tally *tally)
{
	return log(tally->of[1]) - log(tally->of[0]);
}

/* level (n_places): the weights of all folds but one; all: their sum. */
static void add_folds(const struct tallies *tallies, size_t n_folds, size_t left_out, struct tally *level,
                      struct tally *all)
{
	size_t n = tallies->n_places;
	*all = (struct tally){{0, 0}};
	for (size_t i = 0; i < n; i++) {
		level[i] = (struct tally){{0, 0}};
		for (size_t fold = 0; fold < n_folds; fold++)
			for (int label = 0; fold != left_out && label < 2; label++)
				level[i].of[label] += tallies->of[fold * n + i].of[label];
		all->of[0] += level[i].of[0];
		all->of[1] += level[i].of[1];
	}
}

/* The number of rows of the common share that a level's own are mixed with: as many as tell as much as the knowledge of
 * how much levels differ, which is what their counts vary beyond chance (the method of moments). Infinite if they vary
 * no more than that. share: of positives. */
static double prior_rows(const struct tally *level, size_t n, const double share[2])
{
	double by_chance = 0, varies = 0, squares = 0;
	for (size_t i = 0; i < n; i++) {
		double rows = level[i].of[0] + level[i].of[1], beyond = level[i].of[1] - rows * share[1];
		by_chance += rows * share[0] * share[1];
		varies += beyond * beyond;
		squares += rows * rows;
	}
	double excess = varies - by_chance;
	return excess > 0 ? fmax(FLT_EFFECT_PRIOR_ROWS, share[0] * share[1] * squares / excess) : (double)INFINITY;
}

/* effect (n_places): what the rows of all folds but one say of each place. Rows of a single class say nothing: 0.
 */
static void say(const struct tallies *tallies, size_t n_folds, size_t left_out, double *effect)
{
	size_t n = tallies->n_places;
	struct tally all;
	add_folds(tallies, n_folds, left_out, tallies->level, &all);
	double sum = all.of[0] + all.of[1], share[2] = {all.of[0] / sum, all.of[1] / sum};
	bool has_both = share[0] > 0 && share[1] > 0; /* no sum: not a number */
	double rows = has_both ? prior_rows(tallies->level, n, share) : (double)INFINITY;
	struct tally prior = {{rows * share[0], rows * share[1]}};
	for (size_t i = 0; i < n; i++) {
		struct tally mixed = {{tallies->level[i].of[0] + prior.of[0], tallies->level[i].of[1] + prior.of[1]}};
		effect[i] = isfinite(rows) ? log_of_odds(&mixed) - log_of_odds(&prior) : 0;
	}
}

/* The standard scale of the effects over the rows (of one fold). Where they hardly differ, cross-fitted ones do, by
 * chance, and must not become large. */
static void find_scale(const struct tallies *tallies, struct flt_prep_column *to)
{
	const double least_sd = 0.1;
	double n = 0, sum = 0, squares = 0;
	for (size_t i = 0; i < tallies->n_places; i++) {
		double weight = tallies->of[i].of[0] + tallies->of[i].of[1];
		n += weight;
		sum += weight * to->effects[i];
	}
	to->center = n > 0 ? sum / n : 0;
	for (size_t i = 0; i < tallies->n_places; i++) {
		double weight = tallies->of[i].of[0] + tallies->of[i].of[1], d = to->effects[i] - to->center;
		squares += weight * d * d;
	}
	to->factor = 1 / fmax(n > 0 ? sqrt(squares / n) : 0, least_sd);
}

static enum flt_status learn(const struct labelled *labelled, const struct flt_column *from, struct flt_prep_column *to,
                             struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct tallies tallies = {0};
	double *effects = flt_alloc(flt_prep_n_places(to), sizeof *effects, err);
	FLT_TRY_MEMORY(effects);
	to->effects = effects;
	FLT_TRY_OUT(count(labelled, to, from, &tallies, err));
	say(&tallies, 1, SIZE_MAX, effects);
	find_scale(&tallies, to);
out:
	tallies_release(&tallies);
	return status;
}

static struct labelled labelled_of(const struct flt_table *table, const size_t *rows, size_t n_rows)
{
	return (struct labelled){.rows = rows,
	                         .n_rows = n_rows,
	                         .label = flt_table_labels(table),
	                         .weight = flt_table_weights(table),
	                         .n_folds = 1};
}

enum flt_status flt_level_effects_learn(struct flt_prep *prep, const struct flt_table *table,
                                        const struct flt_column *from, const size_t *rows, size_t n_rows,
                                        struct flt_error *err)
{
	struct labelled labelled = labelled_of(table, rows, n_rows);
	for (size_t c = 0; c < prep->n_columns; c++)
		if (has_effects(&prep->columns[c]))
			FLT_TRY(learn(&labelled, &from[c], &prep->columns[c], err));
	return FLT_OK;
}

float flt_level_effect_input(const struct flt_prep_column *column, double effect)
{
	double x = (effect - column->center) * column->factor;
	return (float)fmax(-FLT_LARGEST_FEATURE, fmin(x, FLT_LARGEST_FEATURE));
}

/* ---- rows that were learnt from ---- */

/* Deals the rows to as many folds as their classes allow, or leaves them in one. The rows of a group too large for a
 * fold are one of their own. */
static enum flt_status deal(const struct flt_table *table, uint64_t seed, struct labelled *labelled,
                            struct flt_error *err)
{
	struct flt_random random;
	flt_random_init(&random, seed, "level effects", 0);
	struct flt_fold_options how = {.identical = FLT_IDENTICAL_TOGETHER, .seed = flt_random_next(&random)};
	for (how.n_folds = FLT_EFFECT_FOLDS; how.n_folds >= 2; how.n_folds--) {
		enum flt_status status =
		        flt_split_folds(table, labelled->rows, labelled->n_rows, &how, labelled->fold, err);
		if (status == FLT_ERR_DATA)
			continue;
		FLT_TRY(status);
		labelled->n_folds = how.n_folds + 1;
		for (size_t i = 0; i < labelled->n_rows; i++)
			if (labelled->fold[i] == FLT_ALWAYS_FIT)
				labelled->fold[i] = (uint32_t)how.n_folds;
		return FLT_OK;
	}
	for (size_t i = 0; i < labelled->n_rows; i++)
		labelled->fold[i] = 0;
	return FLT_OK;
}

/* x points to the column's number in the first row. */
static enum flt_status cross_fit(const struct labelled *labelled, const struct flt_prep_column *column,
                                 const struct flt_column *from, float *x, size_t stride, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct tallies tallies = {0};
	size_t n = flt_prep_n_places(column);
	double *effect = flt_alloc(labelled->n_folds, n * sizeof *effect, err);
	FLT_TRY_MEMORY(effect);
	FLT_TRY_OUT(count(labelled, column, from, &tallies, err));
	for (size_t fold = 0; fold < labelled->n_folds; fold++)
		say(&tallies, labelled->n_folds, fold, effect + fold * n);
	for (size_t i = 0; i < labelled->n_rows; i++) {
		size_t place = tallies.place[from->codes[labelled->rows[i]] + 1];
		x[i * stride] = flt_level_effect_input(column, effect[labelled->fold[i] * n + place]);
	}
out:
	tallies_release(&tallies);
	flt_free(effect);
	return status;
}

static bool has_any(const struct flt_prep *prep)
{
	bool has = false;
	for (size_t c = 0; c < prep->n_columns; c++)
		has |= has_effects(&prep->columns[c]);
	return has;
}

enum flt_status flt_level_effects_cross_fit(const struct flt_prep *prep, const struct flt_table *table,
                                            const struct flt_column *from, const size_t *rows, size_t n_rows,
                                            uint64_t seed, float *x, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	if (!has_any(prep))
		return FLT_OK;
	struct labelled labelled = labelled_of(table, rows, n_rows);
	labelled.fold = flt_alloc(n_rows, sizeof *labelled.fold, err);
	FLT_TRY_MEMORY(labelled.fold);
	FLT_TRY_OUT(deal(table, seed, &labelled, err));
	size_t feature = 0;
	for (size_t c = 0; c < prep->n_columns; c++) {
		const struct flt_prep_column *column = &prep->columns[c];
		feature += flt_prep_width(column);
		if (has_effects(column))
			FLT_TRY_OUT(cross_fit(&labelled, column, &from[c], x + feature - 1, prep->n_features, err));
	}
out:
	flt_free(labelled.fold);
	return status;
}
