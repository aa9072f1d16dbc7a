/*
 * The figures of the validation rows after an epoch. All memory is allocated at the start.
 *
 * Where an epoch visits a draw of the negative rows (nn/order.h) and epochs are compared by loss, such a draw of the
 * validation rows judges them: one for the whole training, so that epochs differ by their weights alone. Each negative
 * row of it stands for so many, so the loss is right on average. Average precision would not be: it is made by the few
 * negative rows of the highest scores, most of which are not drawn. It is NaN then, and where epochs are compared by
 * it, all rows judge.
 */
#ifndef NN_MONITOR_H
#define NN_MONITOR_H

#include "nn/train.h"
#include "nn/kernels.h"
#include "nn/order.h"

struct flt_validation {
	const struct flt_data *data;        /* borrowed; NULL: there are none */
	size_t n_rows;                      /* that judge: all of data, or a draw */
	uint32_t *rows;                     /* (n_rows) of data->x; NULL: all */
	uint8_t *drawn_label;               /* (n_rows) of the draw, or NULL */
	float *drawn_weight;                /* likewise */
	const uint8_t *label;               /* (n_rows) that of the draw or of data */
	const float *weight;                /* likewise; NULL: each row stands for one */
	double weight_sum, positive_weight; /* of all rows that judge, of positive ones */
	float *logit;                       /* (n_rows) the caller fills it */
	float *value, *gradient;            /* (n_rows) scratch */
	uint64_t *keys, *spare;             /* (n_rows) scratch */
};

/* Bytes of these arrays, for each row that judges. */
enum { FLT_VALIDATION_ROW_BYTES = 3 * sizeof(float) + 2 * sizeof(uint64_t) };

/* How many rows judge an epoch, of n_rows. Newton's method visits all rows, and all judge it. */
struct flt_epoch_rows flt_judging_rows(const struct flt_train_options *options, size_t n_rows, size_t n_positive);

enum flt_status flt_validation_init(struct flt_validation *validation, const struct flt_train_options *options,
                                    const struct flt_data *data, struct flt_error *err);
void flt_validation_release(struct flt_validation *validation);

/* Mean loss and average precision (NaN of a draw) of validation->logit. False if a logit is not finite. */
bool flt_validation_measure(struct flt_validation *validation, const struct flt_kernels *kernels,
                            const struct flt_focal *focal, double *loss, double *ap);

#endif
