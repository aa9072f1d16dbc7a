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
#include "nn/trainer.h"

struct flt_epoch_rows flt_judging_rows(const struct flt_train_options *options, size_t n_rows, size_t n_positive)
{
	bool draws = options->monitor == FLT_MONITOR_LOSS && options->optimizer != FLT_NEWTON;
	const struct flt_train_options judging = {.negatives = draws ? options->negatives : 0};
	return flt_epoch_rows(&judging, n_rows, n_positive);
}

/* Puts the rows that judge, of those in `rows` (data->n_rows), with labels and weights into *validation. */
static enum flt_status take_rows(struct flt_validation *validation, const uint32_t *rows, double stand_for,
                                 struct flt_error *err)
{
	const struct flt_data *data = validation->data;
	size_t n = validation->n_rows;
	validation->rows = flt_alloc(n, sizeof *validation->rows, err);
	validation->drawn_label = flt_alloc(n, sizeof *validation->drawn_label, err);
	validation->drawn_weight = flt_alloc_aligned(n, sizeof *validation->drawn_weight, err);
	FLT_TRY_MEMORY(validation->rows && validation->drawn_label && validation->drawn_weight);
	for (size_t i = 0; i < n; i++) {
		uint32_t row = rows[i];
		double weight = data->weight ? (double)data->weight[row] : 1;
		validation->rows[i] = row;
		validation->drawn_label[i] = data->label[row];
		validation->drawn_weight[i] = (float)(data->label[row] ? weight : stand_for * weight);
	}
	validation->label = validation->drawn_label;
	validation->weight = validation->drawn_weight;
	return FLT_OK;
}

static enum flt_status draw_rows(struct flt_validation *validation, const struct flt_epoch_rows *judging, uint64_t seed,
                                 struct flt_error *err)
{
	size_t n_rows = validation->data->n_rows;
	uint32_t *rows = flt_alloc(n_rows, sizeof *rows, err);
	FLT_TRY_MEMORY(rows);
	for (size_t i = 0; i < n_rows; i++)
		rows[i] = (uint32_t)i;
	flt_draw_negatives(validation->data, judging, seed, "judging negatives", 0, rows);
	enum flt_status status = take_rows(validation, rows, judging->stand_for, err);
	flt_free(rows);
	return status;
}

static enum flt_status choose_rows(struct flt_validation *validation, const struct flt_train_options *options,
                                   struct flt_error *err)
{
	const struct flt_data *data = validation->data;
	struct flt_epoch_rows judging = flt_judging_rows(options, data->n_rows, flt_data_count_positive(data));
	validation->n_rows = judging.n;
	validation->label = data->label;
	validation->weight = data->weight;
	if (judging.n < data->n_rows)
		FLT_TRY(draw_rows(validation, &judging, options->seed, err));
	for (size_t i = 0; i < judging.n; i++) {
		double weight = validation->weight ? (double)validation->weight[i] : 1;
		validation->weight_sum += weight;
		validation->positive_weight += validation->label[i] ? weight : 0;
	}
	return FLT_OK;
}

enum flt_status flt_validation_init(struct flt_validation *validation, const struct flt_train_options *options,
                                    const struct flt_data *data, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	*validation = (struct flt_validation){.data = data};
	if (!data)
		return FLT_OK;
	assert(!data->weight || data->n_rows <= UINT32_MAX);
	FLT_TRY_OUT(choose_rows(validation, options, err));
	size_t n = validation->n_rows;
	validation->logit = flt_alloc_aligned(n, sizeof *validation->logit, err);
	validation->value = flt_alloc_aligned(n, sizeof *validation->value, err);
	validation->gradient = flt_alloc_aligned(n, sizeof *validation->gradient, err);
	validation->keys = flt_alloc_aligned(n, sizeof *validation->keys, err);
	validation->spare = flt_alloc_aligned(n, sizeof *validation->spare, err);
	FLT_TRY_MEMORY_OUT(validation->logit && validation->value && validation->gradient && validation->keys &&
	                   validation->spare);
out:
	if (status != FLT_OK)
		flt_validation_release(validation);
	return status;
}

void flt_validation_release(struct flt_validation *validation)
{
	flt_free(validation->rows);
	flt_free(validation->drawn_label);
	flt_free(validation->drawn_weight);
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
	size_t n = validation->n_rows;
	struct flt_loss_sums sums = {0};
	for (size_t i = 0; i < n; i++)
		if (!isfinite(validation->logit[i]))
			return false;
	kernels->focal(focal, n, validation->logit, validation->label, validation->weight, 1, validation->value,
	               validation->gradient, &sums);
	*loss = sums.loss / validation->weight_sum;
	*ap = validation->rows ? (double)NAN : average_precision(validation);
	return true;
}
