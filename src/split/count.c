/* What people want to know of a split: its groups, the span of time of each part, and how many rows differ. */
#include <math.h>

#include "base/alloc.h"
#include "split/groups.h"
#include "split/numbering.h"
#include "split/split.h"

static enum flt_status count_values(const struct flt_table *table, const size_t *rows, size_t n, const uint32_t *group,
                                    size_t n_groups, struct flt_group_counts *counts, struct flt_error *err)
{
	const uint8_t *labels = flt_table_labels(table);
	uint8_t *has_positive = flt_alloc_zero(n_groups, 1, err);
	FLT_TRY_MEMORY(has_positive);
	for (size_t i = 0; i < n; i++)
		has_positive[group[i]] |= labels[rows ? rows[i] : i] != 0;
	*counts = (struct flt_group_counts){.n = n_groups};
	for (size_t i = 0; i < n_groups; i++)
		counts->n_positive += has_positive[i];
	flt_free(has_positive);
	return FLT_OK;
}

enum flt_status flt_split_count_groups(const struct flt_table *table, const size_t *rows, size_t n, unsigned n_threads,
                                       struct flt_group_counts *counts, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_groups, column = flt_table_role(table, FLT_GROUP);
	*counts = (struct flt_group_counts){0};
	if (column == SIZE_MAX)
		return FLT_OK;
	uint32_t *group = flt_alloc(n, sizeof *group, err);
	FLT_TRY_MEMORY(group);
	FLT_TRY_OUT(flt_number_rows(table, &column, 1, rows, n, n_threads, group, &n_groups, err));
	FLT_TRY_OUT(count_values(table, rows, n, group, n_groups, counts, err));
out:
	flt_free(group);
	return status;
}

enum flt_status flt_split_count_distinct(const struct flt_table *table, const size_t *rows, size_t n,
                                         unsigned n_threads, size_t *n_distinct, struct flt_error *err)
{
	struct flt_row_groups groups;
	struct flt_row_ties ties = {.identity = FLT_IDENTICAL_TOGETHER};
	FLT_TRY(flt_row_groups_make(table, rows, n, ties, n_threads, &groups, err));
	*n_distinct = groups.n_groups;
	flt_row_groups_release(&groups);
	return FLT_OK;
}

struct flt_time_span flt_split_time_span(const struct flt_table *table, const size_t *rows, size_t n)
{
	struct flt_time_span span = {INFINITY, -INFINITY};
	const struct flt_column times = flt_table_column(table, flt_table_role(table, FLT_TIME));
	for (size_t i = 0; i < n; i++) {
		double time = flt_number_at(&times.numbers, rows[i]);
		span.first = fmin(span.first, time);
		span.last = fmax(span.last, time);
	}
	return span;
}
