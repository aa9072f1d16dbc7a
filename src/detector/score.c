/*
 * Scores of rows. Rows pass through in tiles, so that memory does not grow with the table; a network's logit of a row
 * does not depend on the rows around it, so the size of a tile changes no bit.
 *
 * The mean of the members' probabilities is kept as two sums of logarithms, ln(sum p) and ln(sum 1 - p): their
 * difference is the logit of the mean, without a probability that saturates at 1.
 */
#include <assert.h>
#include <math.h>

#include "base/alloc.h"
#include "detector/model.h"

/* 16 MB of features at most, unless a row is very wide. */
enum { TILE_ROWS = 8192, TILE_VALUES = 1 << 22 };

/* Adds a member's logits to the running ln(sum p) and ln(sum 1 - p) of each row. */
static void add_member(const struct flt_detector *detector, const float *logit, size_t n, double *log_p, double *log_q)
{
	for (size_t i = 0; i < n; i++) {
		double log_odds =
		        flt_focal_log_odds((double)logit[i], detector->member_gamma, detector->member_log_weight_ratio);
		flt_mean_log_odds_add(&log_p[i], &log_q[i], log_odds);
	}
}

/* Logits (n) of one member. Finite weights can be so large that their sums are not finite, and such a logit neither
 * ranks a row nor gives a probability. */
static enum flt_status score_member(const struct flt_mlp *net, const float *x, size_t n, unsigned n_threads,
                                    float *logit, size_t *bad_row, struct flt_error *err)
{
	FLT_TRY(flt_mlp_predict(net, x, n, n_threads, logit, err));
	for (size_t i = 0; i < n; i++) {
		if (isfinite(logit[i]))
			continue;
		*bad_row = i;
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "the network's output is beyond the range of numbers, since its weights are too large for "
		        "the row's values; correct the row, or train again with --scale robust, which bounds "
		        "all values");
	}
	return FLT_OK;
}

static enum flt_status score_one(const struct flt_detector *detector, const float *x, size_t n, unsigned n_threads,
                                 float *logit, double *score, size_t *bad_row, struct flt_error *err)
{
	FLT_TRY(score_member(detector->nets[0], x, n, n_threads, logit, bad_row, err));
	for (size_t i = 0; i < n; i++)
		score[i] = (double)logit[i];
	return FLT_OK;
}

/* ln(sum p) grows in score. */
static enum flt_status score_many(const struct flt_detector *detector, const float *x, size_t n, unsigned n_threads,
                                  float *logit, double *score, size_t *bad_row, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	double *log_q = flt_alloc(n, sizeof *log_q, err); /* (n) */
	FLT_TRY_MEMORY_OUT(log_q);
	for (size_t i = 0; i < n; i++)
		score[i] = log_q[i] = -HUGE_VAL;
	for (size_t member = 0; member < detector->n_nets; member++) {
		FLT_TRY_OUT(score_member(detector->nets[member], x, n, n_threads, logit, bad_row, err));
		add_member(detector, logit, n, score, log_q);
	}
	for (size_t i = 0; i < n; i++)
		score[i] -= log_q[i];
out:
	flt_free(log_q);
	return status;
}

enum flt_status flt_detector_score_prepared(const struct flt_detector *detector, const float *x, size_t n,
                                            unsigned n_threads, double *score, size_t *bad_row, struct flt_error *err)
{
	assert(detector->n_nets > 0);
	float *logit = flt_alloc(n, sizeof *logit, err); /* (n) */
	FLT_TRY_MEMORY(logit);
	enum flt_status status =
	        (detector->n_nets > 1 ? score_many : score_one)(detector, x, n, n_threads, logit, score, bad_row, err);
	flt_free(logit);
	return status;
}

static enum flt_status score_tile(const struct flt_detector *detector, const struct flt_table *table,
                                  const size_t *rows, size_t n, unsigned n_threads, float *x, double *score,
                                  struct flt_error *err)
{
	size_t bad_row = 0;
	struct flt_error why;
	FLT_TRY(flt_prep_apply(detector->prep, table, rows, n, n_threads, x, err));
	enum flt_status status = flt_detector_score_prepared(detector, x, n, n_threads, score, &bad_row, &why);
	if (status == FLT_ERR_DATA)
		flt_fail(err, status, "%s: row %zu: %s", flt_table_path(table),
		         flt_table_row_number(table, rows[bad_row]), why.text);
	else if (status != FLT_OK)
		flt_fail(err, status, "%s", why.text);
	return status;
}

enum flt_status flt_detector_score(const struct flt_detector *detector, const struct flt_table *table,
                                   const size_t *rows, size_t n, unsigned n_threads, double *score,
                                   struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_features = flt_prep_n_features(detector->prep), tile = TILE_VALUES / (n_features + 1) + 1;
	tile = tile > TILE_ROWS ? TILE_ROWS : tile;
	float *x = flt_alloc(tile * n_features, sizeof *x, err); /* (tile, n_features) */
	FLT_TRY_MEMORY(x);
	for (size_t start = 0; start < n; start += tile) {
		size_t n_tile = n - start < tile ? n - start : tile;
		FLT_TRY_OUT(score_tile(detector, table, rows + start, n_tile, n_threads, x, score + start, err));
	}
out:
	flt_free(x);
	return status;
}
