/* Rows that hang together: they have the same value of --group, or are identical where such rows are kept together.
 * Figures and intervals draw them together (struct flt_scored). */
#ifndef PROTOCOL_CLUSTERS_H
#define PROTOCOL_CLUSTERS_H

#include "split/split.h"

/* *cluster gets the cluster of each given row (n), numbered from 0 below *n_clusters; NULL if each row is alone. The
 * caller frees it with flt_free. */
enum flt_status flt_clusters_make(const struct flt_table *table, const size_t *rows, size_t n,
                                  enum flt_identical identical, unsigned n_threads, size_t **cluster,
                                  size_t *n_clusters, struct flt_error *err);

#endif
