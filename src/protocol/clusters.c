#include "protocol/clusters.h"

#include "base/alloc.h"
#include "split/groups.h"

/* The numbers as figures take them; NULL, with err filled, if memory ran out. */
static size_t *widened(const uint32_t *of, size_t n, struct flt_error *err)
{
	size_t *cluster = flt_alloc(n, sizeof *cluster, err);
	for (size_t i = 0; cluster && i < n; i++)
		cluster[i] = of[i];
	return cluster;
}

enum flt_status flt_clusters_make(const struct flt_table *table, const size_t *rows, size_t n,
                                  enum flt_identical identical, unsigned n_threads, size_t **cluster,
                                  size_t *n_clusters, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_row_groups groups;
	*cluster = NULL;
	*n_clusters = 0;
	FLT_TRY(flt_identical_resolve(table, n_threads, &identical, err));
	if (identical == FLT_IDENTICAL_APART && flt_table_role(table, FLT_GROUP) == SIZE_MAX)
		return FLT_OK; /* nothing ties rows */
	struct flt_row_ties ties = {.identity = identical, .column = true};
	FLT_TRY(flt_row_groups_make(table, rows, n, ties, n_threads, &groups, err));
	if (groups.n_groups < n) {
		*cluster = widened(groups.of, n, err);
		FLT_TRY_MEMORY_OUT(*cluster);
		*n_clusters = groups.n_groups;
	}
out:
	flt_row_groups_release(&groups);
	return status;
}
