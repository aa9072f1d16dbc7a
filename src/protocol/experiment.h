/*
 * An experiment: split a table, fit a detector, evaluate it on rows that had no part in making it.
 */
#ifndef PROTOCOL_EXPERIMENT_H
#define PROTOCOL_EXPERIMENT_H

#include "protocol/evaluation.h"
#include "protocol/fit.h"

struct flt_experiment {
	/* how the detector came about */
	const struct flt_table *table;      /* borrowed */
	const struct flt_table *test_table; /* borrowed; NULL: the test rows are rows of table */
	uint64_t seed;
	double prevalence; /* share of positive rows in table */
	size_t n_missing;  /* missing values in the features of table */
	struct flt_split split;
	struct flt_detector *detector;
	struct flt_fit_result fit;
	bool diverged; /* the detector holds the best weights before training diverged */

	/* how good it is: on the test rows, or without any on those that chose the threshold */
	struct flt_evaluation evaluation;
};

/* test_table (flt_table_read_like, or NULL) takes the place of test rows from table. After FLT_ERR_DIVERGED with a
 * usable detector *experiment is complete; after other failures it is NULL. After a stop (fit.stopped) there is no
 * detector, and evaluation is empty. */
enum flt_status flt_experiment_run(const struct flt_table *table, const struct flt_table *test_table,
                                   const struct flt_split_options *split, const struct flt_fit_options *options,
                                   const struct flt_hooks *hooks, struct flt_experiment **experiment,
                                   struct flt_error *err);
void flt_experiment_free(struct flt_experiment *experiment);

/* The table that holds the evaluated rows. */
const struct flt_table *flt_experiment_evaluated_table(const struct flt_experiment *experiment);

/* Fills the provenance of the detector, as flt_detector_save writes it: figures, counts, the checksum of the data, how
 * they were read, and the options in effect, one "key = value" a line. */
enum flt_status flt_experiment_describe(struct flt_experiment *experiment, const struct flt_table_options *reading,
                                        const char *options, struct flt_error *err);

#endif
