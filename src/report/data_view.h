/* The data as the reports of train, cv and compare show them. */
#ifndef REPORT_DATA_VIEW_H
#define REPORT_DATA_VIEW_H

#include <math.h>

#include "protocol/check.h"
#include "protocol/protocol.h"
#include "protocol/study.h"

/* What a split does with identical rows. */
enum flt_identical_fate { FLT_KEPT_TOGETHER, FLT_DEALT_APART, FLT_DEALT_BY_CHANCE, FLT_DEALT_BY_TIME };

/* Everything is borrowed. */
struct flt_data_view {
	const struct flt_table *table; /* NULL: known from a model file */
	const struct flt_prep *prep;   /* NULL: nothing is trained */
	const struct flt_leaks *leaks; /* NULL: not looked for */
	bool of_first_fold;            /* prep was learnt there; other folds may leave out other columns */
	bool columns_follow; /* what is unusual about some columns, and identical rows, are said further down */
	size_t n_identical;
	enum flt_identical_fate identical_fate;
};

static inline enum flt_identical_fate flt_fate_of_identical(const struct flt_identical_rows *rows, bool by_time)
{
	if (by_time)
		return FLT_DEALT_BY_TIME;
	if (rows->kept != FLT_IDENTICAL_APART)
		return FLT_KEPT_TOGETHER;
	return isnan(rows->expected) ? FLT_DEALT_APART : FLT_DEALT_BY_CHANCE;
}

static inline struct flt_data_view flt_view_of_experiment(const struct flt_experiment *experiment)
{
	return (struct flt_data_view){.table = experiment->table,
	                              .prep = flt_experiment_prep(experiment),
	                              .leaks = &experiment->leaks,
	                              .n_identical = experiment->split.identical.n,
	                              .identical_fate =
	                                      flt_fate_of_identical(&experiment->split.identical,
	                                                            experiment->split.method == FLT_SPLIT_TIME)};
}

static inline struct flt_data_view flt_view_of_study(const struct flt_study *study)
{
	return (struct flt_data_view){.table = study->cv->table,
	                              .prep = study->cv->plan.prep,
	                              .leaks = &study->cv->leaks,
	                              .of_first_fold = true,
	                              .n_identical = study->cv->identical.n,
	                              .identical_fate =
	                                      flt_fate_of_identical(&study->cv->identical, study->cv->by_time)};
}

static inline struct flt_data_view flt_view_of_check(const struct flt_check *check)
{
	return (struct flt_data_view){.table = check->table,
	                              .leaks = &check->leaks,
	                              .prep = check->prep,
	                              .columns_follow = true,
	                              .n_identical = check->copies.n_in_groups};
}

#endif
