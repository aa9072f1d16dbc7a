/*
 * An experiment: split a table, fit a detector, evaluate it on rows that had no part in making it. It comes in two
 * steps, so that what is known before training can be said before training.
 */
#ifndef PROTOCOL_EXPERIMENT_H
#define PROTOCOL_EXPERIMENT_H

#include "audit/leaks.h"
#include "protocol/evaluation.h"
#include "protocol/fit.h"

struct flt_experiment {
	/* how the detector comes about */
	const struct flt_table *table;      /* borrowed */
	const struct flt_table *test_table; /* borrowed; NULL: the test rows are rows of table */
	uint64_t seed;
	struct flt_split split;
	size_t n_distinct_test; /* test rows that differ in some feature from all before them */
	struct flt_fit_options options;
	struct flt_fit_plan plan;
	struct flt_leaks leaks; /* among the columns in use, as the fit rows show them */
	double seconds_split;

	/* all below is zero before training */
	struct flt_detector *detector;
	struct flt_fit_result fit;
	bool diverged; /* the detector holds the best weights before training diverged */

	/* how good it is: on the test rows, or without any on those that chose the threshold */
	struct flt_evaluation evaluation;
};

/* Splits the table, and plans the fit. test_table (flt_table_read_like, or NULL) takes the place of test rows from
 * table. After a failure *experiment is NULL. */
enum flt_status flt_experiment_plan(const struct flt_table *table, const struct flt_table *test_table,
                                    const struct flt_split_options *split, const struct flt_fit_options *options,
                                    struct flt_experiment **experiment, struct flt_error *err);

/* Fits and evaluates, once. hooks may be NULL. After FLT_ERR_DIVERGED with a usable detector the experiment is
 * complete. After other failures, and after a stop (fit.stopped), there is no detector, and evaluation is empty. */
enum flt_status flt_experiment_train(struct flt_experiment *experiment, const struct flt_hooks *hooks,
                                     struct flt_error *err);
void flt_experiment_free(struct flt_experiment *experiment);

/* What turns columns into inputs, before training and after it. */
const struct flt_prep *flt_experiment_prep(const struct flt_experiment *experiment);

/* The table that holds the evaluated rows. */
const struct flt_table *flt_experiment_evaluated_table(const struct flt_experiment *experiment);

/* Fills the provenance of the detector, as flt_detector_save writes it: figures, counts, the checksum of the data, how
 * they were read, and the options in effect, one "key = value" a line. */
enum flt_status flt_experiment_describe(struct flt_experiment *experiment, const struct flt_table_options *reading,
                                        const char *options, struct flt_error *err);

#endif
