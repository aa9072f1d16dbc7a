/* The data as the reports of train, cv and compare show them. */
#ifndef REPORT_DATA_VIEW_H
#define REPORT_DATA_VIEW_H

#include <math.h>

#include "protocol/check.h"
#include "protocol/protocol.h"
#include "protocol/study.h"
#include "table/time_like.h"

/* What a split does with identical rows. */
enum flt_identical_fate { FLT_KEPT_TOGETHER, FLT_DEALT_APART, FLT_DEALT_BY_CHANCE, FLT_DEALT_BY_TIME };

/* Everything is borrowed. */
struct flt_data_view {
	const struct flt_table *table; /* NULL: known from a model file */
	const struct flt_prep *prep;   /* NULL: nothing is trained */
	const struct flt_leaks *leaks; /* NULL: not looked for */
	bool of_first_fold;            /* prep was learnt there; other folds may leave out other columns */
	bool columns_follow; /* what is unusual about some columns, and identical rows, are said further down */
	const char
	        *time_like; /* a column that could order rows that are dealt at random; NULL: none, or no such split */
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

static inline const char *flt_time_like_name(const struct flt_table *table, bool is_random)
{
	size_t column = is_random ? flt_table_find_time_like(table) : SIZE_MAX;
	return column == SIZE_MAX ? NULL : flt_table_column(table, column).name;
}

static inline struct flt_data_view flt_view_of_experiment(const struct flt_experiment *experiment)
{
	return (struct flt_data_view){
	        .table = experiment->table,
	        .prep = flt_experiment_prep(experiment),
	        .leaks = &experiment->leaks,
	        .time_like = flt_time_like_name(experiment->table, experiment->split.method == FLT_SPLIT_STRATIFIED &&
	                                                                   !experiment->test_table),
	        .n_identical = experiment->split.identical.n,
	        .identical_fate = flt_fate_of_identical(&experiment->split.identical,
	                                                experiment->split.method == FLT_SPLIT_TIME)};
}

static inline struct flt_data_view flt_view_of_study(const struct flt_study *study)
{
	bool has_groups = flt_table_role(study->cv->table, FLT_GROUP) != SIZE_MAX;
	return (struct flt_data_view){
	        .table = study->cv->table,
	        .prep = study->cv->plan.prep,
	        .leaks = &study->cv->leaks,
	        .time_like = flt_time_like_name(study->cv->table, !study->cv->by_time && !has_groups),
	        .of_first_fold = true,
	        .n_identical = study->cv->identical.n,
	        .identical_fate = flt_fate_of_identical(&study->cv->identical, study->cv->by_time)};
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
