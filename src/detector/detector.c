/*
 * Scoring. Rows pass through in blocks, so that memory does not grow with the table; since a network's logit of a row
 * does not depend on the rows around it, the size of a block changes no bit.
 *
 * The mean of members' probabilities is kept as two sums of logarithms, ln(sum p) and ln(sum 1 - p): their difference
 * is the logit of the mean without a probability that saturates at 1.
 */
#include "detector/detector.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"

enum { BLOCK_ROWS = 8192, BLOCK_VALUES = 1 << 22 }; /* 16 MB at most, but for very wide rows */

static void input_release(struct flt_input *input)
{
	for (size_t i = 0; i < input->n_positive; i++)
		flt_free(input->positive[i]);
	for (size_t i = 0; i < input->n_negative; i++)
		flt_free(input->negative[i]);
	flt_free(input->positive);
	flt_free(input->negative);
	flt_free(input->id);
	flt_free(input->numeric);
	flt_free(input->na);
	*input = (struct flt_input){0};
}

void flt_detector_free(struct flt_detector *detector)
{
	if (!detector)
		return;
	flt_prep_free(detector->prep);
	for (size_t i = 0; i < detector->n_nets; i++)
		flt_mlp_free(detector->nets[i]);
	flt_free(detector->nets);
	flt_map_release(&detector->map);
	flt_free(detector->target);
	flt_free(detector->positive);
	flt_free(detector->negative);
	input_release(&detector->input);
	flt_free(detector->provenance.version);
	flt_free(detector->provenance.options);
	flt_free(detector->provenance.data_sha256);
	flt_free(detector->provenance.rule_sha256);
	flt_free(detector);
}

static enum flt_status copy_text(const char *text, char **copy, struct flt_error *err)
{
	*copy = text ? flt_copy_text(text, strlen(text), err) : NULL;
	return *copy || !text ? FLT_OK : FLT_ERR_MACHINE;
}

/* Adds text to a list that has room for it, unless it is there. */
static enum flt_status add_value(char **values, size_t *n, const char *text, struct flt_error *err)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(values[i], text) == 0)
			return FLT_OK;
	enum flt_status status = copy_text(text, &values[*n], err);
	*n += status == FLT_OK;
	return status;
}

/* The values of each class; where a row is negative for not being positive, only those of the positive one. */
static enum flt_status list_classes(struct flt_input *input, const struct flt_table *table, struct flt_error *err)
{
	enum { MAX_VALUES = 100 };
	const uint8_t *label = flt_table_labels(table);
	input->positive = flt_alloc_zero(MAX_VALUES, sizeof(char *), err);
	input->negative = input->positive ? flt_alloc_zero(MAX_VALUES, sizeof(char *), err) : NULL;
	enum flt_status status = input->negative ? FLT_OK : FLT_ERR_MACHINE;
	for (size_t row = 0; status == FLT_OK && row < flt_table_n_rows(table); row++) {
		size_t *n = label[row] ? &input->n_positive : &input->n_negative;
		if (*n < MAX_VALUES && (label[row] || *n < 2))
			status = add_value(label[row] ? input->positive : input->negative, n,
			                   flt_table_target_text(table, row), err);
	}
	for (bool is_rest = input->n_negative > 1; is_rest && input->n_negative > 0; input->n_negative--)
		flt_free(input->negative[input->n_negative - 1]);
	return status;
}

enum flt_status flt_detector_describe(struct flt_detector *detector, const struct flt_table *table,
                                      const struct flt_table_options *options, struct flt_error *err)
{
	struct flt_input input = {.decimal = options->decimal == ',' ? ',' : '\0'};
	enum flt_status status = copy_text(options->id, &input.id, err);
	if (status == FLT_OK)
		status = copy_text(options->na, &input.na, err);
	if (status == FLT_OK)
		status = copy_text(options->numeric, &input.numeric, err);
	if (status == FLT_OK)
		status = list_classes(&input, table, err);
	input_release(status == FLT_OK ? &detector->input : &input);
	if (status == FLT_OK)
		detector->input = input;
	return status;
}

/* Adds a member's logits to the running ln(sum p) and ln(sum 1 - p) of each row. */
static void add_member(const struct flt_detector *detector, const float *logit, size_t n, double *log_p, double *log_q)
{
	for (size_t i = 0; i < n; i++) {
		double log_odds =
		        flt_focal_log_odds((double)logit[i], detector->member_gamma, detector->member_log_weight_ratio);
		flt_mean_log_odds_add(&log_p[i], &log_q[i], log_odds);
	}
}

/* Logits (n) of one member. Finite weights can be so large that their sums are not, and then nothing can be ranked by a
 * logit, and no probability made of it. */
static enum flt_status score_member(const struct flt_mlp *net, const float *x, size_t n, unsigned n_threads,
                                    float *logit, size_t *bad_row, struct flt_error *err)
{
	enum flt_status status = flt_mlp_predict(net, x, n, n_threads, logit, err);
	for (size_t i = 0; status == FLT_OK && i < n; i++) {
		if (isfinite(logit[i]))
			continue;
		*bad_row = i;
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "the network's output is beyond the range of numbers, since its weights are too large for "
		        "the row's values; correct the row, or train again with --scale robust, which bounds "
		        "all values");
	}
	return status;
}

static enum flt_status score_many(const struct flt_detector *detector, const float *x, size_t n, unsigned n_threads,
                                  float *logit, double *score, size_t *bad_row, struct flt_error *err)
{
	double *log_q = flt_alloc(n, sizeof *log_q, err); /* (n); ln(sum p) grows in score */
	enum flt_status status = log_q ? FLT_OK : FLT_ERR_MACHINE;
	for (size_t i = 0; status == FLT_OK && i < n; i++)
		score[i] = log_q[i] = -HUGE_VAL;
	for (size_t member = 0; status == FLT_OK && member < detector->n_nets; member++) {
		status = score_member(detector->nets[member], x, n, n_threads, logit, bad_row, err);
		if (status == FLT_OK)
			add_member(detector, logit, n, score, log_q);
	}
	for (size_t i = 0; status == FLT_OK && i < n; i++)
		score[i] -= log_q[i];
	flt_free(log_q);
	return status;
}

enum flt_status flt_detector_score_prepared(const struct flt_detector *detector, const float *x, size_t n,
                                            unsigned n_threads, double *score, size_t *bad_row, struct flt_error *err)
{
	assert(detector->n_nets > 0);
	float *logit = flt_alloc(n, sizeof *logit, err); /* (n) */
	if (!logit)
		return FLT_ERR_MACHINE;
	enum flt_status status;
	if (detector->n_nets > 1) {
		status = score_many(detector, x, n, n_threads, logit, score, bad_row, err);
	} else {
		status = score_member(detector->nets[0], x, n, n_threads, logit, bad_row, err);
		for (size_t i = 0; status == FLT_OK && i < n; i++)
			score[i] = (double)logit[i];
	}
	flt_free(logit);
	return status;
}

static enum flt_status score_block(const struct flt_detector *detector, const struct flt_table *table,
                                   const size_t *rows, size_t n, unsigned n_threads, float *x, double *score,
                                   struct flt_error *err)
{
	size_t bad_row = 0;
	struct flt_error why;
	enum flt_status status = flt_prep_apply(detector->prep, table, rows, n, n_threads, x, err);
	if (status != FLT_OK)
		return status;
	status = flt_detector_score_prepared(detector, x, n, n_threads, score, &bad_row, &why);
	if (status == FLT_ERR_DATA)
		return flt_fail(err, status, "%s: row %zu: %s", flt_table_path(table),
		                flt_table_row_number(table, rows[bad_row]), why.text);
	return status == FLT_OK ? status : flt_fail(err, status, "%s", why.text);
}

enum flt_status flt_detector_score(const struct flt_detector *detector, const struct flt_table *table,
                                   const size_t *rows, size_t n, unsigned n_threads, double *score,
                                   struct flt_error *err)
{
	size_t block = BLOCK_VALUES / (flt_prep_n_features(detector->prep) + 1) + 1;
	block = block > BLOCK_ROWS ? BLOCK_ROWS : block;
	float *x = flt_alloc(block * flt_prep_n_features(detector->prep), sizeof *x, err); /* (block, n_features) */
	enum flt_status status = x ? FLT_OK : FLT_ERR_MACHINE;
	for (size_t start = 0; status == FLT_OK && start < n; start += block) {
		size_t n_block = n - start < block ? n - start : block;
		status = score_block(detector, table, rows + start, n_block, n_threads, x, score + start, err);
	}
	flt_free(x);
	return status;
}

double flt_detector_log_odds(const struct flt_detector *detector, double score)
{
	return flt_map_log_odds(&detector->map, score);
}

bool flt_detector_is_positive(const struct flt_detector *detector, double probability)
{
	return probability >= detector->choice.threshold;
}

double flt_detector_threshold_score(const struct flt_detector *detector)
{
	double low = -1e6, high = 1e6; /* negative, positive */
	if (!flt_detector_is_positive(detector, flt_sigmoid(flt_detector_log_odds(detector, high))))
		return NAN;
	if (flt_detector_is_positive(detector, flt_sigmoid(flt_detector_log_odds(detector, low))))
		return -HUGE_VAL;
	for (double middle = 0; middle > low && middle < high; middle = low + (high - low) / 2) {
		if (flt_detector_is_positive(detector, flt_sigmoid(flt_detector_log_odds(detector, middle))))
			high = middle;
		else
			low = middle;
	}
	return high;
}

size_t flt_detector_n_params(const struct flt_detector *detector)
{
	size_t n = 0;
	for (size_t i = 0; i < detector->n_nets; i++)
		n += flt_mlp_n_params(detector->nets[i]);
	return n;
}
