/* Decides the method, gives each row its role by that method, and lists the rows by role. */
#include "split/split.h"

#include "base/alloc.h"
#include "split/assign.h"
#include "split/check.h"
#include "split/groups.h"
#include "split/remedy.h"

/* Fills rows, n_rows and n_positive from the role of each row. */
static enum flt_status list_rows(const struct flt_table *table, const uint8_t *role, struct flt_split *split,
                                 struct flt_error *err)
{
	size_t n_rows = flt_table_n_rows(table);
	const uint8_t *labels = flt_table_labels(table);
	for (size_t row = 0; row < n_rows; row++) {
		split->n_rows[role[row]]++;
		split->n_positive[role[row]] += labels[row] != 0;
	}
	for (int r = 0; r < FLT_N_ROW_ROLES; r++) {
		split->rows[r] = flt_alloc(split->n_rows[r], sizeof *split->rows[r], err);
		FLT_TRY_MEMORY(split->rows[r]);
	}
	size_t n_listed[FLT_N_ROW_ROLES] = {0};
	for (size_t row = 0; row < n_rows; row++)
		split->rows[role[row]][n_listed[role[row]]++] = row;
	return FLT_OK;
}

/* Sets test_identical: which test rows equal a fit or validation row. */
static enum flt_status find_identical_test_rows(const struct flt_row_groups *groups, struct flt_split *split,
                                                struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	uint8_t *is_seen = flt_alloc_zero(groups->n_groups, 1, err); /* by group: has a row outside test */
	uint8_t *is_identical = flt_alloc_zero(split->n_rows[FLT_TEST], 1, err);
	FLT_TRY_MEMORY_OUT(is_seen && is_identical);
	for (int role = FLT_FIT; role <= FLT_VALIDATION; role++)
		for (size_t i = 0; i < split->n_rows[role]; i++)
			is_seen[groups->of[split->rows[role][i]]] = 1;
	for (size_t i = 0; i < split->n_rows[FLT_TEST]; i++) {
		is_identical[i] = is_seen[groups->of[split->rows[FLT_TEST][i]]];
		split->n_identical_test += is_identical[i];
	}
	if (split->n_identical_test) {
		split->test_identical = is_identical;
		is_identical = NULL;
	}
out:
	flt_free(is_seen);
	flt_free(is_identical);
	return status;
}

/* The groups or the time of each role. */
static enum flt_status describe_roles(const struct flt_table *table, const struct flt_split_options *options,
                                      struct flt_split *split, struct flt_error *err)
{
	for (int role = 0; role < FLT_N_ROW_ROLES; role++) {
		if (split->method == FLT_SPLIT_GROUP)
			FLT_TRY(flt_split_count_groups(table, split->rows[role], split->n_rows[role],
			                               options->n_threads, &split->groups[role], err));
		if (split->method == FLT_SPLIT_TIME && split->n_rows[role] > 0)
			split->time[role] = flt_split_time_span(table, split->rows[role], split->n_rows[role]);
	}
	return FLT_OK;
}

static enum flt_split_method method_for(const struct flt_table *table)
{
	if (flt_table_role(table, FLT_TIME) != SIZE_MAX)
		return FLT_SPLIT_TIME;
	return flt_table_role(table, FLT_GROUP) != SIZE_MAX ? FLT_SPLIT_GROUP : FLT_SPLIT_STRATIFIED;
}

/* role (n_rows) is scratch. By time, groups are identical rows: they say which test rows were seen before. */
static enum flt_status split_rows(const struct flt_table *table, const struct flt_split_options *options,
                                  struct flt_row_groups *groups, uint8_t *role, struct flt_split *split,
                                  struct flt_error *err)
{
	bool by_time = split->method == FLT_SPLIT_TIME;
	FLT_TRY(flt_identical_rows_find(table, options->identical, options->n_threads, &split->identical, err));
	struct flt_row_ties ties = {.identity = by_time ? FLT_IDENTICAL_TOGETHER : split->identical.kept,
	                            .column = !by_time};
	FLT_TRY(flt_row_groups_make(table, NULL, flt_table_n_rows(table), ties, options->n_threads, groups, err));
	if (by_time)
		FLT_TRY(flt_assign_by_time(table, options, role, err));
	else
		FLT_TRY(flt_assign_stratified(table, options, groups, role, &split->oversized, err));
	FLT_TRY(list_rows(table, role, split, err));
	if (!flt_split_has_classes(options, split))
		return by_time ? flt_split_fail_time(table, options, split, err)
		               : flt_split_fail_stratified(table, options, split->identical.kept, groups, err);
	FLT_TRY(describe_roles(table, options, split, err));
	return by_time ? find_identical_test_rows(groups, split, err) : FLT_OK;
}

enum flt_status flt_split_make(const struct flt_table *table, const struct flt_split_options *options,
                               struct flt_split *split, struct flt_error *err)
{
	*split = (struct flt_split){.method = method_for(table)};
	FLT_TRY(flt_split_check_request(table, options, err));
	struct flt_row_groups groups = {0};
	uint8_t *role = flt_alloc_zero(flt_table_n_rows(table), 1, err);
	FLT_TRY_MEMORY(role);
	enum flt_status status = split_rows(table, options, &groups, role, split, err);
	flt_row_groups_release(&groups);
	flt_free(role);
	if (status != FLT_OK)
		flt_split_release(split);
	return status;
}

void flt_split_release(struct flt_split *split)
{
	for (int role = 0; role < FLT_N_ROW_ROLES; role++)
		flt_free(split->rows[role]);
	flt_free(split->test_identical);
	*split = (struct flt_split){0};
}
