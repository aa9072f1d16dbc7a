/*
 * The order of the steps keeps the roles of rows apart: split, fit on fit and validation rows alone, then score the
 * test rows once. Without test rows the rows that chose the threshold are evaluated, with the scores that chose it, and
 * starred.
 */
#include "protocol/experiment.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "protocol/clusters.h"

void flt_experiment_free(struct flt_experiment *experiment)
{
	if (!experiment)
		return;
	flt_split_release(&experiment->split);
	flt_fit_plan_release(&experiment->plan);
	flt_leaks_release(&experiment->leaks);
	flt_fit_result_release(&experiment->fit);
	flt_evaluation_release(&experiment->evaluation);
	flt_detector_free(experiment->detector);
	flt_free(experiment);
}

const struct flt_table *flt_experiment_evaluated_table(const struct flt_experiment *experiment)
{
	return experiment->test_table ? experiment->test_table : experiment->table;
}

const struct flt_prep *flt_experiment_prep(const struct flt_experiment *experiment)
{
	return experiment->detector ? experiment->detector->prep : experiment->plan.prep;
}

static enum flt_status check_test_table(const struct flt_table *test, struct flt_error *err)
{
	size_t n_rows = flt_table_n_rows(test), n_positive = flt_table_n_positive(test);
	if (n_positive > 0 && n_positive < n_rows)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: %zu of its %zu rows are \"%s\"; a test needs rows of both classes, so choose another file "
	                "or leave out --test",
	                flt_table_path(test), n_positive, n_rows, flt_table_positive(test));
}

static bool has_test_rows(const struct flt_experiment *experiment)
{
	return experiment->test_table || experiment->split.n_rows[FLT_TEST] > 0;
}

static void name_rows(struct flt_experiment *experiment)
{
	struct flt_evaluation *evaluation = &experiment->evaluation;
	if (experiment->fit.chosen_on == FLT_VALIDATION) {
		evaluation->threshold_chosen_on = FLT_CHOSEN_ON_VALIDATION;
		evaluation->evaluated_on = FLT_EVALUATED_VALIDATION;
	} else if (experiment->fit.out_of_fold) {
		evaluation->threshold_chosen_on = FLT_CHOSEN_ON_LEFT_OUT;
		evaluation->evaluated_on = FLT_EVALUATED_LEFT_OUT;
	} else {
		evaluation->threshold_chosen_on = FLT_CHOSEN_ON_FIT;
		evaluation->evaluated_on = FLT_EVALUATED_FIT;
	}
	if (has_test_rows(experiment))
		evaluation->evaluated_on = FLT_EVALUATED_TEST;
}

static enum flt_status take_weights(struct flt_evaluation *evaluation, const double *weight, struct flt_error *err)
{
	if (!weight)
		return FLT_OK;
	evaluation->weight = flt_alloc(evaluation->n_rows, sizeof *evaluation->weight, err);
	FLT_TRY_MEMORY(evaluation->weight);
	for (size_t i = 0; i < evaluation->n_rows; i++)
		evaluation->weight[i] = weight[evaluation->rows[i]];
	return FLT_OK;
}

static enum flt_status take_rows(struct flt_experiment *experiment, struct flt_error *err)
{
	struct flt_evaluation *evaluation = &experiment->evaluation;
	const struct flt_split *split = &experiment->split;
	const struct flt_table *table = flt_experiment_evaluated_table(experiment);
	const struct flt_held_out *by = &experiment->fit.chosen_by;
	bool has_test = has_test_rows(experiment);
	size_t n = experiment->test_table ? flt_table_n_rows(table) : has_test ? split->n_rows[FLT_TEST] : by->n_rows;
	const size_t *rows = has_test ? split->rows[FLT_TEST] : by->rows;
	evaluation->n_rows = n;
	evaluation->rows = flt_alloc(n, sizeof *evaluation->rows, err);
	evaluation->label = flt_alloc(n, sizeof *evaluation->label, err);
	evaluation->score = flt_alloc(n, sizeof *evaluation->score, err);
	FLT_TRY_MEMORY(evaluation->rows && evaluation->label && evaluation->score);
	for (size_t i = 0; i < n; i++) {
		evaluation->rows[i] = experiment->test_table ? i : rows[i];
		evaluation->label[i] = flt_table_labels(table)[evaluation->rows[i]];
	}
	const struct flt_fit_options *options = &experiment->options;
	FLT_TRY(flt_clusters_make(table, evaluation->rows, n, options->identical, options->train.n_threads,
	                          &evaluation->cluster, &evaluation->n_clusters, err));
	return take_weights(evaluation, flt_table_weights(table), err);
}

static enum flt_status score_rows(struct flt_experiment *experiment, unsigned n_threads, struct flt_error *err)
{
	struct flt_evaluation *evaluation = &experiment->evaluation;
	if (has_test_rows(experiment))
		return flt_detector_score(experiment->detector, flt_experiment_evaluated_table(experiment),
		                          evaluation->rows, evaluation->n_rows, n_threads, evaluation->score, err);
	memcpy(evaluation->score, experiment->fit.chosen_by.score, evaluation->n_rows * sizeof *evaluation->score);
	return FLT_OK;
}

/* Average precision of the rows that are not among those seen (n_rows). */
static enum flt_status measure_unseen(struct flt_evaluation *evaluation, const uint8_t *seen, struct flt_error *err)
{
	size_t n_positive = 0;
	enum flt_status status = FLT_OK;
	double *score = flt_alloc(evaluation->n_rows, sizeof *score, err);
	uint8_t *label = flt_alloc(evaluation->n_rows, sizeof *label, err);
	double *weight = flt_alloc(evaluation->n_rows, sizeof *weight, err);
	struct flt_scored all = flt_evaluation_scored(evaluation),
	                  rows = {.score = score, .label = label, .weight = weight};
	FLT_TRY_MEMORY_OUT(score && label && weight);
	for (size_t i = 0; i < evaluation->n_rows; i++) {
		if (seen[i])
			continue;
		score[rows.n] = evaluation->score[i];
		weight[rows.n] = flt_row_weight(&all, i);
		label[rows.n++] = evaluation->label[i];
		n_positive += evaluation->label[i];
	}
	if (n_positive > 0 && n_positive < rows.n)
		FLT_TRY_OUT(flt_average_precision(&rows, &evaluation->ap_unseen, err));
out:
	flt_free(score);
	flt_free(label);
	flt_free(weight);
	return status;
}

static enum flt_status find_seen_in_test_table(struct flt_experiment *experiment, unsigned n_threads,
                                               struct flt_error *err)
{
	struct flt_evaluation *evaluation = &experiment->evaluation;
	enum flt_status status = FLT_OK;
	uint8_t *seen = flt_alloc_zero(evaluation->n_rows, sizeof *seen, err);
	FLT_TRY_MEMORY(seen);
	FLT_TRY_OUT(flt_split_shared_rows(experiment->table, experiment->test_table, n_threads, seen,
	                                  &evaluation->n_seen, err));
	if (evaluation->n_seen)
		FLT_TRY_OUT(measure_unseen(evaluation, seen, err));
out:
	flt_free(seen);
	return status;
}

/* Stratified and grouped splits keep identical rows on one side; a test file and a split by time cannot. */
static enum flt_status find_seen(struct flt_experiment *experiment, unsigned n_threads, struct flt_error *err)
{
	struct flt_evaluation *evaluation = &experiment->evaluation;
	if (experiment->test_table)
		return find_seen_in_test_table(experiment, n_threads, err);
	if (!has_test_rows(experiment) || experiment->split.n_identical_test == 0)
		return FLT_OK;
	evaluation->n_seen = experiment->split.n_identical_test;
	return measure_unseen(evaluation, experiment->split.test_identical, err);
}

static enum flt_status evaluate(struct flt_experiment *experiment, unsigned n_threads, struct flt_error *err)
{
	struct flt_evaluation *evaluation = &experiment->evaluation;
	double start = flt_clock_seconds();
	evaluation->detector = experiment->detector;
	evaluation->seed = experiment->seed;
	evaluation->prior = experiment->options.prior;
	name_rows(experiment);
	FLT_TRY(take_rows(experiment, err));
	FLT_TRY(score_rows(experiment, n_threads, err));
	FLT_TRY(flt_evaluation_measure(evaluation, n_threads, err));
	FLT_TRY(find_seen(experiment, n_threads, err));
	evaluation->seconds = flt_clock_seconds() - start;
	return FLT_OK;
}

static enum flt_status split_table(struct flt_experiment *experiment, const struct flt_split_options *options,
                                   unsigned n_threads, struct flt_error *err)
{
	struct flt_split_options own = *options;
	own.n_threads = n_threads;
	if (experiment->test_table) {
		FLT_TRY(check_test_table(experiment->test_table, err));
		own.test_fraction = 0;
	}
	return flt_split_make(experiment->table, &own, &experiment->split, err);
}

static enum flt_status count_distinct(struct flt_experiment *experiment, struct flt_error *err)
{
	const struct flt_table *test = experiment->test_table;
	const struct flt_split *split = &experiment->split;
	return flt_split_count_distinct(flt_experiment_evaluated_table(experiment), test ? NULL : split->rows[FLT_TEST],
	                                test ? flt_table_n_rows(test) : split->n_rows[FLT_TEST],
	                                experiment->options.train.n_threads, &experiment->n_distinct_test, err);
}

static enum flt_status plan(struct flt_experiment *experiment, const struct flt_split_options *options,
                            struct flt_error *err)
{
	const struct flt_split *split = &experiment->split;
	double start = flt_clock_seconds();
	FLT_TRY(split_table(experiment, options, experiment->options.train.n_threads, err));
	experiment->options.identical = split->identical.kept;
	experiment->options.drops_choosers = has_test_rows(experiment);
	FLT_TRY(count_distinct(experiment, err));
	experiment->seconds_split = flt_clock_seconds() - start;
	FLT_TRY(flt_fit_plan(experiment->table, split->rows[FLT_FIT], split->n_rows[FLT_FIT],
	                     split->rows[FLT_VALIDATION], split->n_rows[FLT_VALIDATION], &experiment->options,
	                     &experiment->plan, err));
	FLT_TRY(flt_leaks_find(experiment->table, split->rows[FLT_FIT], split->n_rows[FLT_FIT],
	                       experiment->options.train.n_threads, &experiment->leaks, err));
	flt_leaks_keep_used(&experiment->leaks, experiment->plan.prep);
	return FLT_OK;
}

enum flt_status flt_experiment_plan(const struct flt_table *table, const struct flt_table *test_table,
                                    const struct flt_split_options *split, const struct flt_fit_options *options,
                                    struct flt_experiment **experiment, struct flt_error *err)
{
	struct flt_experiment *made = flt_alloc_zero(1, sizeof *made, err);
	*experiment = NULL;
	FLT_TRY_MEMORY(made);
	made->table = table;
	made->test_table = test_table;
	made->seed = options->train.seed;
	made->options = *options;
	enum flt_status status = plan(made, split, err);
	if (status == FLT_OK)
		*experiment = made;
	else
		flt_experiment_free(made);
	return status;
}

/* Evaluates even after divergence, if there are weights to evaluate; err keeps the sentence about divergence unless
 * that fails. */
enum flt_status flt_experiment_train(struct flt_experiment *experiment, const struct flt_hooks *hooks,
                                     struct flt_error *err)
{
	const struct flt_split *split = &experiment->split;
	enum flt_status status =
	        flt_fit_planned(experiment->table, split->rows[FLT_FIT], split->n_rows[FLT_FIT],
	                        split->rows[FLT_VALIDATION], split->n_rows[FLT_VALIDATION], &experiment->options, hooks,
	                        &experiment->plan, &experiment->detector, &experiment->fit, err);
	experiment->fit.seconds_prepare += experiment->seconds_split;
	experiment->diverged = status == FLT_ERR_DIVERGED;
	if (experiment->fit.stopped || !experiment->detector)
		return status;
	struct flt_error why = {0};
	enum flt_status evaluated = evaluate(experiment, experiment->options.train.n_threads, &why);
	if (evaluated == FLT_OK)
		return status;
	flt_detector_free(experiment->detector);
	experiment->detector = NULL;
	return flt_fail(err, evaluated, "%s", why.text);
}
