/* One experiment: split, fit, then judge on rows that had no part in either. */
#include "protocol/protocol.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

void flt_experiment_free(struct flt_experiment *experiment)
{
	if (!experiment)
		return;
	flt_split_release(&experiment->split);
	flt_fit_result_release(&experiment->fit);
	flt_detector_free(experiment->detector);
	flt_free(experiment->rows);
	flt_free(experiment->label);
	flt_free(experiment->score);
	flt_free(experiment->log_odds);
	flt_free(experiment);
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

/* The rows that judge: of the test file, the test part, or for want of both the rows that chose the threshold. */
static enum flt_status take_judges(struct flt_experiment *experiment, struct flt_error *err)
{
	const struct flt_split *split = &experiment->split;
	const struct flt_table *source = experiment->test_table ? experiment->test_table : experiment->table;
	bool has_test = experiment->test_table || split->n_rows[FLT_TEST] > 0;
	enum flt_row_role part = has_test ? FLT_TEST : experiment->fit.chosen_on;
	const struct flt_held_out *by = &experiment->fit.chosen_by;
	size_t n = experiment->test_table ? flt_table_n_rows(source) : has_test ? split->n_rows[part] : by->n_rows;
	experiment->evaluated_on = part;
	experiment->n_rows = n;
	experiment->rows = flt_alloc(n, sizeof *experiment->rows, err);
	experiment->label = experiment->rows ? flt_alloc(n, sizeof *experiment->label, err) : NULL;
	experiment->score = experiment->label ? flt_alloc(n, sizeof *experiment->score, err) : NULL;
	experiment->log_odds = experiment->score ? flt_alloc(n, sizeof *experiment->log_odds, err) : NULL;
	if (!experiment->log_odds)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < n; i++) {
		experiment->rows[i] = experiment->test_table ? i : has_test ? split->rows[part][i] : by->rows[i];
		experiment->label[i] = flt_table_labels(source)[experiment->rows[i]];
	}
	return FLT_OK;
}

static enum flt_status score(struct flt_experiment *experiment, unsigned n_threads, struct flt_error *err)
{
	const struct flt_table *source = experiment->test_table ? experiment->test_table : experiment->table;
	enum flt_status status = FLT_OK;
	if (experiment->evaluated_on == FLT_TEST)
		status = flt_detector_score(experiment->detector, source, experiment->rows, experiment->n_rows,
		                            n_threads, experiment->score, err);
	else
		memcpy(experiment->score, experiment->fit.chosen_by.score,
		       experiment->n_rows * sizeof *experiment->score);
	if (status != FLT_OK)
		return status;
	double sum = 0;
	for (size_t i = 0; i < experiment->n_rows; i++) {
		experiment->log_odds[i] = flt_detector_log_odds(experiment->detector, experiment->score[i]);
		sum += flt_sigmoid(experiment->score[i]);
	}
	experiment->threshold_score = flt_detector_threshold_score(experiment->detector);
	experiment->raw_mean_probability = experiment->detector->n_nets > 1 ? NAN : sum / (double)experiment->n_rows;
	return FLT_OK;
}

static enum flt_status measure_unseen(struct flt_experiment *experiment, const uint8_t *seen, struct flt_error *err)
{
	size_t n = 0, n_positive = 0;
	double *kept_score = flt_alloc(experiment->n_rows, sizeof *kept_score, err);
	uint8_t *kept_label = kept_score ? flt_alloc(experiment->n_rows, sizeof *kept_label, err) : NULL;
	enum flt_status status = kept_label ? FLT_OK : FLT_ERR_MACHINE;
	for (size_t i = 0; status == FLT_OK && i < experiment->n_rows; i++) {
		if (seen[i])
			continue;
		kept_score[n] = experiment->score[i];
		kept_label[n++] = experiment->label[i];
		n_positive += experiment->label[i];
	}
	if (status == FLT_OK && n_positive > 0 && n_positive < n)
		status = flt_average_precision(kept_score, kept_label, n, &experiment->ap_unseen, err);
	flt_free(kept_score);
	flt_free(kept_label);
	return status;
}

/* Stratified and grouped splits keep identical rows on one side; a test file and a split by time cannot. */
static enum flt_status find_seen(struct flt_experiment *experiment, unsigned n_threads, struct flt_error *err)
{
	experiment->ap_unseen = NAN;
	if (experiment->evaluated_on != FLT_TEST)
		return FLT_OK;
	if (!experiment->test_table) {
		experiment->n_seen = experiment->split.n_identical_test;
		return experiment->n_seen ? measure_unseen(experiment, experiment->split.test_identical, err) : FLT_OK;
	}
	uint8_t *seen = flt_alloc_zero(experiment->n_rows, sizeof *seen, err);
	if (!seen)
		return FLT_ERR_MACHINE;
	enum flt_status status = flt_split_shared_rows(experiment->table, experiment->test_table, n_threads, seen,
	                                               &experiment->n_seen, err);
	if (status == FLT_OK && experiment->n_seen)
		status = measure_unseen(experiment, seen, err);
	flt_free(seen);
	return status;
}

static enum flt_status judge(struct flt_experiment *experiment, unsigned n_threads, struct flt_error *err)
{
	double start = flt_clock_seconds();
	enum flt_status status = take_judges(experiment, err);
	if (status == FLT_OK)
		status = score(experiment, n_threads, err);
	if (status == FLT_OK)
		status = flt_evaluate(experiment->score, experiment->log_odds, experiment->label, experiment->n_rows,
		                      experiment->detector->choice.threshold, experiment->seed, n_threads,
		                      &experiment->figures, err);
	if (status == FLT_OK)
		status = find_seen(experiment, n_threads, err);
	experiment->seconds_evaluate = flt_clock_seconds() - start;
	return status;
}

static enum flt_status run(struct flt_experiment *experiment, const struct flt_split_options *split_options,
                           const struct flt_fit_options *options, const struct flt_hooks *hooks, struct flt_error *err)
{
	struct flt_split_options parts = *split_options;
	parts.n_threads = options->train.n_threads;
	if (experiment->test_table)
		parts.test_fraction = 0;
	enum flt_status status = experiment->test_table ? check_test_table(experiment->test_table, err) : FLT_OK;
	double start = flt_clock_seconds();
	if (status == FLT_OK)
		status = flt_split_make(experiment->table, &parts, &experiment->split, err);
	if (status != FLT_OK)
		return status;
	const struct flt_split *split = &experiment->split;
	double seconds_split = flt_clock_seconds() - start;
	status = flt_fit(experiment->table, split->rows[FLT_FIT], split->n_rows[FLT_FIT], split->rows[FLT_VALIDATION],
	                 split->n_rows[FLT_VALIDATION], options, hooks, &experiment->detector, &experiment->fit, err);
	experiment->fit.seconds_prepare += seconds_split;
	experiment->diverged = status == FLT_ERR_DIVERGED;
	if (experiment->fit.stopped || !experiment->detector)
		return status;
	struct flt_error later = {0};
	enum flt_status evaluated_on = judge(experiment, options->train.n_threads, &later);
	return evaluated_on == FLT_OK ? status : flt_fail(err, evaluated_on, "%s", later.text);
}

enum flt_status flt_experiment_run(const struct flt_table *table, const struct flt_table *test_table,
                                   const struct flt_split_options *split, const struct flt_fit_options *options,
                                   const struct flt_hooks *hooks, struct flt_experiment **experiment,
                                   struct flt_error *err)
{
	*experiment = flt_alloc_zero(1, sizeof **experiment, err);
	if (!*experiment)
		return FLT_ERR_MACHINE;
	(*experiment)->table = table;
	(*experiment)->test_table = test_table;
	(*experiment)->seed = options->train.seed;
	enum flt_status status = run(*experiment, split, options, hooks, err);
	if (status == FLT_OK || (status == FLT_ERR_DIVERGED && (*experiment)->detector))
		return status;
	flt_experiment_free(*experiment);
	*experiment = NULL;
	return status;
}
