#include "prep/steps.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "prep/scout.h"
#include "prep/scout_rows.h"

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
	struct flt_scout_rows sample = {0};
	struct flt_bins bins = {0};
	struct flt_scout scout = {0};
	struct flt_scout_options how;
	if (options->n_steps == 0 && options->n_columns == 0)
		return FLT_OK;
	FLT_TRY_OUT(flt_scout_rows_init(&sample, table, rows, n_rows, options->seed, err));
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
	flt_scout_rows_release(&sample);
	return status;
}

size_t flt_steps_bytes(size_t n_columns, size_t n_rows)
{
	size_t n = n_rows < FLT_SCOUT_MOST_ROWS ? n_rows : FLT_SCOUT_MOST_ROWS;
	size_t of_row = sizeof(size_t) + sizeof(uint8_t) + sizeof(double); /* of the sample */
	return n * of_row + flt_bins_bytes(n_columns, n) + flt_scout_bytes(n_columns, n);
}
