/*
 * The mean of the members' probabilities is kept as two sums of logarithms, ln(sum w p) and ln(sum w (1 - p)): their
 * difference is the logit of the mean, without a probability that saturates at 1.
 */
#include "detector/tile.h"

#include <assert.h>
#include <math.h>

#include "base/alloc.h"

size_t flt_tile_n_features(const struct flt_detector *detector)
{
	size_t widest = flt_prep_n_features(detector->prep);
	for (size_t i = 0; i < detector->n_refits; i++) {
		size_t n = flt_prep_n_features(detector->refits[i]);
		widest = n > widest ? n : widest;
	}
	return widest;
}

static size_t largest_pass(const struct flt_detector *detector, size_t max_rows)
{
	size_t largest = 0;
	for (size_t i = 0; i < detector->n_members; i++) {
		size_t n = flt_predictor_n_floats(detector->members[i].net, max_rows);
		largest = n > largest ? n : largest;
	}
	return largest;
}

enum flt_status flt_tile_init(struct flt_tile *tile, const struct flt_detector *detector, size_t max_rows,
                              unsigned n_threads, struct flt_error *err)
{
	bool several = detector->n_members > 1;
	tile->x = flt_alloc(max_rows, flt_tile_n_features(detector) * sizeof *tile->x, err);
	FLT_TRY_MEMORY(tile->x);
	tile->logit = flt_alloc(max_rows, sizeof *tile->logit, err);
	FLT_TRY_MEMORY(tile->logit);
	tile->log_q = several ? flt_alloc(max_rows, sizeof *tile->log_q, err) : NULL;
	FLT_TRY_MEMORY(tile->log_q || !several);
	return flt_predictor_init(&tile->predictor, largest_pass(detector, max_rows), max_rows, n_threads, err);
}

void flt_tile_release(struct flt_tile *tile)
{
	flt_free(tile->x);
	flt_free(tile->logit);
	flt_free(tile->log_q);
	flt_predictor_release(&tile->predictor);
	*tile = (struct flt_tile){0};
}

enum flt_status flt_pack_members(const struct flt_detector *detector, struct flt_weights **packed,
                                 struct flt_error *err)
{
	size_t n = detector->n_members;
	struct flt_pool *pool = NULL;
	enum flt_status status = FLT_OK;
	*packed = flt_alloc_zero(n, sizeof **packed, err);
	FLT_TRY_MEMORY(*packed);
	FLT_TRY_OUT(flt_pool_new(1, &pool, err));
	for (size_t i = 0; i < n; i++) {
		const struct flt_mlp *net = detector->members[i].net;
		FLT_TRY_OUT(flt_weights_init(&(*packed)[i], net, FLT_TO_PREDICT, err));
		flt_weights_set(&(*packed)[i], flt_mlp_params_const(net), pool);
	}
out:
	flt_pool_free(pool);
	if (status != FLT_OK) {
		flt_packed_members_free(*packed, n);
		*packed = NULL;
	}
	return status;
}

void flt_packed_members_free(struct flt_weights *packed, size_t n_members)
{
	for (size_t i = 0; packed && i < n_members; i++)
		flt_weights_release(&packed[i]);
	flt_free(packed);
}

static enum flt_status predict_member(struct flt_tile *tile, const struct flt_mlp *net,
                                      const struct flt_weights *packed, size_t n, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_weights own = {0};
	if (!packed) {
		FLT_TRY_OUT(flt_weights_init(&own, net, FLT_TO_PREDICT, err));
		flt_weights_set(&own, flt_mlp_params_const(net), tile->predictor.pool);
	}
	flt_predictor_run(&tile->predictor, packed ? packed : &own, tile->x, n, tile->logit);
out:
	flt_weights_release(&own);
	return status;
}

/* Runs the members whose preparation it is: NULL stands for that of the detector. */
static enum flt_status run_members_of(struct flt_tile *tile, const struct flt_detector *detector,
                                      const struct flt_prep *prep, const struct flt_tile_rows *rows,
                                      flt_take_logits *take, void *context, struct flt_error *err)
{
	bool is_prepared = false;
	for (size_t i = 0; i < detector->n_members; i++) {
		if (detector->members[i].prep != prep)
			continue;
		if (!is_prepared)
			FLT_TRY(rows->prepare(rows->context, prep ? prep : detector->prep, tile->x, err));
		is_prepared = true;
		FLT_TRY(predict_member(tile, detector->members[i].net, rows->packed ? &rows->packed[i] : NULL, rows->n,
		                       err));
		FLT_TRY(take(context, i, tile->logit, err));
	}
	return FLT_OK;
}

enum flt_status flt_tile_each(struct flt_tile *tile, const struct flt_detector *detector,
                              const struct flt_tile_rows *rows, flt_take_logits *take, void *context,
                              struct flt_error *err)
{
	FLT_TRY(run_members_of(tile, detector, NULL, rows, take, context, err));
	for (size_t i = 0; i < detector->n_refits; i++)
		FLT_TRY(run_members_of(tile, detector, detector->refits[i], rows, take, context, err));
	return FLT_OK;
}

/* ---- the mean ---- */

/* A tile that is being scored. score is ln(sum w p) until the last member is in. */
struct scoring {
	const struct flt_detector *detector;
	double *score, *log_q; /* (n) */
	size_t n;
	size_t *bad_row;
};

/* Only ratios of weights count. Relative to the first, equal weights are 1, whatever they are. */
static double log_weight(const struct flt_detector *detector, size_t member)
{
	return log(detector->members[member].weight) - log(detector->members[0].weight);
}

static void add_logits(const struct scoring *scoring, size_t member, const float *logit)
{
	const struct flt_detector *detector = scoring->detector;
	double weight = log_weight(detector, member);
	for (size_t i = 0; i < scoring->n; i++) {
		double log_odds =
		        flt_focal_log_odds((double)logit[i], detector->member_gamma, detector->member_log_weight_ratio);
		flt_mean_log_odds_add(&scoring->score[i], &scoring->log_q[i], weight, log_odds);
	}
}

/* Finite weights can be so large that their sums are not finite, and such a logit neither ranks a row nor gives a
 * probability. */
static enum flt_status take_logits(void *context, size_t member, const float *logit, struct flt_error *err)
{
	const struct scoring *scoring = context;
	for (size_t i = 0; i < scoring->n; i++) {
		if (isfinite(logit[i]))
			continue;
		*scoring->bad_row = i;
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "the network's output is beyond the range of numbers, since its weights are too large for "
		        "the row's values; correct the row, or train again with --scale robust, which bounds "
		        "all values");
	}
	if (scoring->detector->n_members > 1)
		add_logits(scoring, member, logit);
	else
		for (size_t i = 0; i < scoring->n; i++)
			scoring->score[i] = (double)logit[i];
	return FLT_OK;
}

enum flt_status flt_tile_score(struct flt_tile *tile, const struct flt_detector *detector,
                               const struct flt_tile_rows *rows, double *score, size_t *bad_row, struct flt_error *err)
{
	struct scoring scoring = {
	        .detector = detector, .score = score, .log_q = tile->log_q, .n = rows->n, .bad_row = bad_row};
	assert(detector->n_members > 0);
	for (size_t i = 0; i < rows->n && tile->log_q; i++)
		score[i] = tile->log_q[i] = -HUGE_VAL;
	FLT_TRY(flt_tile_each(tile, detector, rows, take_logits, &scoring, err));
	for (size_t i = 0; i < rows->n && tile->log_q; i++)
		score[i] -= tile->log_q[i];
	return FLT_OK;
}
