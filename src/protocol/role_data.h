/* The rows of one role of a fit, as a network takes them. */
#ifndef PROTOCOL_ROLE_DATA_H
#define PROTOCOL_ROLE_DATA_H

#include "prep/prep.h"

struct flt_role_data {
	const float *x; /* (n_rows, n_features) prepared; NULL at first: own_x, or what the caller has lent */
	float *own_x;
	uint8_t *label; /* (n_rows) */
	float *weight;  /* (n_rows) in a unit; NULL: 1 each */
	size_t n_rows;
};

/* Takes labels and weights of rows (n_rows) of the table. unit: the weight that becomes 1. Release it after a failure,
 * too. */
enum flt_status flt_role_data_take(struct flt_role_data *data, const struct flt_table *table, const size_t *rows,
                                   size_t n_rows, double unit, struct flt_error *err);

/* Fills x from the same rows. If prep learnt from these very rows, learnt says how. */
enum flt_status flt_role_data_prepare(struct flt_role_data *data, const struct flt_prep *prep,
                                      const struct flt_table *table, const size_t *rows,
                                      const struct flt_prep_options *learnt, unsigned n_threads, struct flt_error *err);
void flt_role_data_release(struct flt_role_data *data);

#endif
