/*
 * Average precision from float32 logits: a radix sort of (logit, label) pairs, or (logit, row) with weights, in two
 * fixed buffers, then one pass over groups of equal logits. A test compares it with flt_average_precision (eval/), the
 * same figure from doubles. This copy exists because it runs after every epoch and must not allocate, and because nn/
 * stands below eval/.
 */
#include "nn/monitor.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"

enum flt_status flt_validation_init(struct flt_validation *validation, const struct flt_data *data,
                                    struct flt_error *err)
{
	*validation = (struct flt_validation){.data = data};
	if (!data)
		return FLT_OK;
	assert(!data->weight || data->n_rows <= UINT32_MAX);
	for (size_t i = 0; i < data->n_rows; i++) {
		double weight = data->weight ? data->weight[i] : 1;
		validation->weight += weight;
		validation->positive_weight += data->label[i] ? weight : 0;
	}
	validation->logit = flt_alloc_aligned(data->n_rows, sizeof *validation->logit, err);
	validation->value = flt_alloc_aligned(data->n_rows, sizeof *validation->value, err);
	validation->gradient = flt_alloc_aligned(data->n_rows, sizeof *validation->gradient, err);
	validation->keys = flt_alloc_aligned(data->n_rows, sizeof *validation->keys, err);
	validation->spare = flt_alloc_aligned(data->n_rows, sizeof *validation->spare, err);
	if (validation->logit && validation->value && validation->gradient && validation->keys && validation->spare)
		return FLT_OK;
	flt_validation_release(validation);
	return FLT_ERR_MACHINE;
}

void flt_validation_release(struct flt_validation *validation)
{
	flt_free(validation->logit);
	flt_free(validation->value);
	flt_free(validation->gradient);
	flt_free(validation->keys);
	flt_free(validation->spare);
	*validation = (struct flt_validation){0};
}

/* The logit in the high half, mapped so that larger logits give smaller keys; what goes with it in the low half. */
static uint64_t descending_key(float logit, uint32_t low)
{
	uint32_t bits;
	float unsigned_zero = logit + 0.0f; /* -0 ties with 0 */
	memcpy(&bits, &unsigned_zero, sizeof bits);
	uint32_t ascending = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
	return (uint64_t)(uint32_t)~ascending << 32 | low;
}

enum { DIGIT_BITS = 11, N_DIGITS = 1 << DIGIT_BITS };

static void sort_by_digit(const uint64_t *from, uint64_t *to, size_t n, unsigned shift)
{
	size_t start[N_DIGITS + 1] = {0};
	for (size_t i = 0; i < n; i++)
		start[(from[i] >> shift) % N_DIGITS + 1]++;
	for (size_t d = 1; d < N_DIGITS; d++)
		start[d] += start[d - 1];
	for (size_t i = 0; i < n; i++)
		to[start[(from[i] >> shift) % N_DIGITS]++] = from[i];
}

/* From keys (logit, label) sorted by descending logit; 0 without positives. */
static double precision_of_labels(const uint64_t *keys, size_t n, double n_positive)
{
	size_t tp = 0;
	double sum = 0;
	for (size_t i = 0; i < n;) {
		size_t before = tp;
		uint64_t group = keys[i] >> 32;
		for (; i < n && keys[i] >> 32 == group; i++)
			tp += keys[i] & 1;
		sum += (double)(tp - before) * ((double)tp / (double)i);
	}
	return n_positive > 0 ? sum / n_positive : 0;
}

/* The same from keys (logit, row) of weighted rows. */
static double precision_of_rows(const uint64_t *keys, const struct flt_data *data, double positive_weight)
{
	double tp = 0, alarms = 0, sum = 0;
	for (size_t i = 0; i < data->n_rows;) {
		double before = tp;
		uint64_t group = keys[i] >> 32;
		for (; i < data->n_rows && keys[i] >> 32 == group; i++) {
			double weight = data->weight[(uint32_t)keys[i]];
			tp += data->label[(uint32_t)keys[i]] ? weight : 0;
			alarms += weight;
		}
		sum += (tp - before) * (tp / alarms);
	}
	return positive_weight > 0 ? sum / positive_weight : 0;
}

static double average_precision(struct flt_validation *validation)
{
	const struct flt_data *data = validation->data;
	size_t n = data->n_rows;
	for (size_t i = 0; i < n; i++)
		validation->keys[i] = descending_key(validation->logit[i], data->weight ? (uint32_t)i : data->label[i]);
	sort_by_digit(validation->keys, validation->spare, n, 32);
	sort_by_digit(validation->spare, validation->keys, n, 32 + DIGIT_BITS);
	sort_by_digit(validation->keys, validation->spare, n, 32 + 2 * DIGIT_BITS);
	return data->weight ? precision_of_rows(validation->spare, data, validation->positive_weight)
	                    : precision_of_labels(validation->spare, n, validation->positive_weight);
}

bool flt_validation_measure(struct flt_validation *validation, const struct flt_kernels *kernels,
                            const struct flt_focal *focal, double *loss, double *ap)
{
	size_t n = validation->data->n_rows;
	struct flt_loss_sums sums = {0};
	for (size_t i = 0; i < n; i++)
		if (!isfinite(validation->logit[i]))
			return false;
	kernels->focal(focal, n, validation->logit, validation->data->label, validation->data->weight, 1,
	               validation->value, validation->gradient, &sums);
	*loss = sums.loss / validation->weight;
	*ap = average_precision(validation);
	return true;
}
