/*
 * The scout looks at 30,000 rows at most. All rows of the rarer class are kept, if they do not fill more than half of
 * these; those of the other are drawn, and weigh as much more as there are fewer of them.
 */
#include "prep/steps.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/random.h"
#include "prep/scout.h"

enum { MOST_ROWS = 30000 };

/* The rows that the scout looks at. */
struct sample {
	size_t n_rows;
	size_t *rows;   /* (n_rows) of the table */
	uint8_t *label; /* (n_rows) */
	double *weight; /* (n_rows) */
};

static void sample_release(struct sample *sample)
{
	flt_free(sample->rows);
	flt_free(sample->label);
	flt_free(sample->weight);
}

/* How many of n[label] rows to keep. */
static void share_out(const size_t n[2], size_t n_kept[2])
{
	int rare = n[1] > n[0] ? 0 : 1;
	bool fit = n[0] + n[1] <= MOST_ROWS;
	n_kept[rare] = fit || n[rare] <= MOST_ROWS / 2 ? n[rare] : MOST_ROWS / 2;
	n_kept[!rare] = fit ? n[!rare] : MOST_ROWS - n_kept[rare];
}

/* Keeps n_kept[label] of n[label] rows, each with the same chance, in their order (Fan, Muller and Rezucha 1962). */
static void draw_rows(const struct flt_table *table, const size_t *rows, size_t n_rows, const size_t n[2],
                      const size_t n_kept[2], uint64_t seed, struct sample *sample)
{
	const uint8_t *label = flt_table_labels(table);
	const double *weight = flt_table_weights(table);
	size_t left[2] = {n[0], n[1]}, wanted[2] = {n_kept[0], n_kept[1]};
	struct flt_random random;
	flt_random_init(&random, seed, "scout sample", 0);
	for (size_t i = 0; i < n_rows; i++) {
		int of = label[rows[i]];
		bool is_kept = wanted[of] == left[of] || flt_random_below(&random, left[of]) < wanted[of];
		left[of]--;
		if (!is_kept)
			continue;
		wanted[of]--;
		sample->rows[sample->n_rows] = rows[i];
		sample->label[sample->n_rows] = label[rows[i]];
		sample->weight[sample->n_rows++] = (weight ? weight[rows[i]] : 1) * (double)n[of] / (double)n_kept[of];
	}
}

static enum flt_status sample_init(struct sample *sample, const struct flt_table *table, const size_t *rows,
                                   size_t n_rows, uint64_t seed, struct flt_error *err)
{
	const uint8_t *label = flt_table_labels(table);
	size_t n[2] = {0}, n_kept[2];
	for (size_t i = 0; i < n_rows; i++)
		n[label[rows[i]]]++;
	share_out(n, n_kept);
	sample->rows = flt_alloc(n_kept[0] + n_kept[1], sizeof *sample->rows, err);
	FLT_TRY_MEMORY(sample->rows);
	sample->label = flt_alloc(n_kept[0] + n_kept[1], sizeof *sample->label, err);
	FLT_TRY_MEMORY(sample->label);
	sample->weight = flt_alloc(n_kept[0] + n_kept[1], sizeof *sample->weight, err);
	FLT_TRY_MEMORY(sample->weight);
	draw_rows(table, rows, n_rows, n, n_kept, seed, sample);
	return FLT_OK;
}

/* ---- what is made of the proposals ---- */

struct ranked {
	double gain;
	size_t column;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->gain < y->gain || x->gain > y->gain)
		return x->gain > y->gain ? -1 : 1;
	return (x->column > y->column) - (x->column < y->column);
}

/* Passes over all columns but the n_kept that gain most, if any gains. */
static enum flt_status pass_over(const struct flt_scout *scout, size_t n_kept, struct flt_prep_column *to,
                                 struct flt_error *err)
{
	size_t n = 0;
	struct ranked *ranked = flt_alloc(scout->n_columns, sizeof *ranked, err);
	FLT_TRY_MEMORY(ranked);
	for (size_t c = 0; c < scout->n_columns; c++)
		if (to[c].use == FLT_USED_NUMERIC || to[c].use == FLT_USED_CATEGORICAL)
			ranked[n++] = (struct ranked){scout->gain[c], c};
	qsort(ranked, n, sizeof *ranked, compare_ranked);
	for (size_t i = n_kept; i < n && ranked[0].gain > 0; i++)
		to[ranked[i].column].is_passed_over = true;
	flt_free(ranked);
	return FLT_OK;
}

static int compare_numbers(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The n_steps best proposals, at most FLT_PREP_MAX_STEPS of a column. */
static enum flt_status take_steps(const struct flt_scout *scout, size_t n_steps, struct flt_prep_column *to,
                                  struct flt_error *err)
{
	size_t n_taken = 0;
	for (size_t i = 0; i < scout->n_proposals && n_taken < n_steps; i++) {
		const struct flt_proposal *proposal = &scout->proposals[i];
		struct flt_prep_column *column = &to[proposal->column];
		if (column->is_passed_over || !column->has_number || column->n_steps == FLT_PREP_MAX_STEPS)
			continue;
		if (!column->steps)
			column->steps = flt_alloc(FLT_PREP_MAX_STEPS, sizeof *column->steps, err);
		FLT_TRY_MEMORY(column->steps);
		((double *)column->steps)[column->n_steps++] = proposal->threshold;
		n_taken++;
	}
	for (size_t c = 0; c < scout->n_columns; c++)
		if (to[c].n_steps > 0)
			qsort((double *)to[c].steps, to[c].n_steps, sizeof *to[c].steps, compare_numbers);
	return FLT_OK;
}

static enum flt_status take(const struct flt_scout *scout, const struct flt_prep_options *options,
                            struct flt_prep_column *to, struct flt_error *err)
{
	if (options->n_columns > 0)
		FLT_TRY(pass_over(scout, options->n_columns, to, err));
	return take_steps(scout, options->n_steps, to, err);
}

enum flt_status flt_steps_learn(const struct flt_table *table, const struct flt_column *from, const size_t *rows,
                                size_t n_rows, const struct flt_prep_options *options, struct flt_prep_column *to,
                                size_t n_columns, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_pool *pool = NULL;
	struct sample sample = {0};
	struct flt_bins bins = {0};
	struct flt_scout scout = {0};
	struct flt_scout_options how;
	if (options->n_steps == 0 && options->n_columns == 0)
		return FLT_OK;
	FLT_TRY_OUT(sample_init(&sample, table, rows, n_rows, options->seed, err));
	FLT_TRY_OUT(flt_pool_new_for(sample.n_rows * n_columns, options->n_threads, &pool, err));
	FLT_TRY_OUT(flt_bins_init(&bins, to, from, n_columns, sample.rows, sample.n_rows, pool, err));
	flt_scout_options_init(&how, bins.n_inputs);
	how.seed = options->seed;
	FLT_TRY_OUT(flt_scout_run(&bins, n_columns, sample.label, sample.weight, &how, pool, &scout, err));
	status = take(&scout, options, to, err);
out:
	flt_scout_release(&scout);
	flt_bins_release(&bins);
	flt_pool_free(pool);
	sample_release(&sample);
	return status;
}
