/* Columns that hang together strongly, so that each alone looks less important than it is. */
#ifndef PROTOCOL_EXPLAIN_CORRELATED_H
#define PROTOCOL_EXPLAIN_CORRELATED_H

#include "protocol/explain_rows.h"
#include "protocol/explain_units.h"

/* Units that are linked by strong associations, directly or through others. */
struct flt_correlated {
	size_t *units; /* (n) rising */
	size_t n;
	double strength; /* of the weakest link that holds them together */
};

struct flt_correlations {
	struct flt_correlated *groups; /* (n) the strongest first */
	size_t n;
	size_t *members; /* what their units point into */
};

/* Two units are as strongly associated as any column of one with any of the other (eval/association.h). Links of 0.8
 * and more count. Of many units, the first of the given order (n_order, at most units->n) are looked at. Released by
 * the caller, after a failure too. */
enum flt_status flt_correlations_find(const struct flt_explain_rows *rows, const struct flt_explain_units *units,
                                      const size_t *order, size_t n_order, struct flt_correlations *found,
                                      struct flt_error *err);
void flt_correlations_release(struct flt_correlations *correlations);

#endif
