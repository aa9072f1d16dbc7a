/* The figures of the validation rows after an epoch. All memory is allocated at the start. */
#ifndef NN_MONITOR_H
#define NN_MONITOR_H

#include "nn/train.h"
#include "nn/kernels.h"

struct flt_validation {
	const struct flt_data *data;    /* borrowed; NULL: there are none */
	double weight, positive_weight; /* of all rows, of positive ones; counts if they have no weights */
	float *logit;                   /* (n_rows) the caller fills it */
	float *value, *gradient;        /* (n_rows) scratch */
	uint64_t *keys, *spare;         /* (n_rows) scratch */
};

/* Bytes of these arrays, for each row. */
enum { FLT_VALIDATION_ROW_BYTES = 3 * sizeof(float) + 2 * sizeof(uint64_t) };

enum flt_status flt_validation_init(struct flt_validation *validation, const struct flt_data *data,
                                    struct flt_error *err);
void flt_validation_release(struct flt_validation *validation);

/* Mean loss and average precision of validation->logit. False if a logit is not finite. */
bool flt_validation_measure(struct flt_validation *validation, const struct flt_kernels *kernels,
                            const struct flt_focal *focal, double *loss, double *ap);

#endif
