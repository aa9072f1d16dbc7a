#include "protocol/clusters.h"

#include "base/alloc.h"
#include "split/groups.h"

enum flt_status flt_clusters_make(const struct flt_table *table, const size_t *rows, size_t n,
                                  enum flt_identical identical, unsigned n_threads, size_t **cluster,
                                  size_t *n_clusters, struct flt_error *err)
{
	struct flt_row_groups groups;
	*cluster = NULL;
	*n_clusters = 0;
	FLT_TRY(flt_identical_resolve(table, n_threads, &identical, err));
	struct flt_row_ties ties = {.identity = identical, .column = true};
	FLT_TRY(flt_row_groups_make(table, rows, n, ties, n_threads, &groups, err));
	if (groups.n_groups < n) {
		*cluster = groups.of;
		*n_clusters = groups.n_groups;
		groups.of = NULL;
	}
	flt_row_groups_release(&groups);
	return FLT_OK;
}
