#include "detector/slopes.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "nn/denormals.h"

/* As many points as let weights be read for many at once; fewer of wide tables, whose inputs fill more memory. */
enum { MOST_POINTS = 128, LEAST_POINTS = 8, MOST_FLOATS = 1 << 24 };

/* ---- what all threads share ---- */

/* The index of the member's preparation, which joins the others if it is new. */
static size_t find_prep(struct flt_slopes *slopes, const struct flt_prep *prep)
{
	size_t i = 0;
	while (i < slopes->n_preps && slopes->preps[i].prep != prep)
		i++;
	if (i == slopes->n_preps)
		slopes->preps[slopes->n_preps++].prep = prep;
	return i;
}

static enum flt_status open_prep(struct flt_slopes_prep *prep, const size_t *column, struct flt_error *err)
{
	prep->n_in = flt_prep_n_features(prep->prep);
	prep->column = flt_alloc(prep->n_in, sizeof *prep->column, err);
	FLT_TRY_MEMORY(prep->column);
	flt_prep_feature_columns(prep->prep, prep->column);
	for (size_t j = 0; j < prep->n_in; j++)
		prep->column[j] = column[prep->column[j]];
	return FLT_OK;
}

static enum flt_status open_preps(struct flt_slopes *slopes, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	const struct flt_detector *detector = slopes->detector;
	size_t *column = flt_alloc(flt_prep_n_columns(detector->prep), sizeof *column, err);
	FLT_TRY_MEMORY(column);
	flt_detector_columns_of(detector, column);
	for (size_t i = 0; i < slopes->n_preps; i++)
		FLT_TRY_OUT(open_prep(&slopes->preps[i], column, err));
out:
	flt_free(column);
	return status;
}

static enum flt_status open_member(struct flt_slopes *slopes, size_t i, struct flt_pool *pool, struct flt_error *err)
{
	struct flt_slopes_member *member = &slopes->members[i];
	const struct flt_mlp *net = slopes->detector->members[i].net;
	member->log_weight = log(slopes->detector->members[i].weight) - log(slopes->detector->members[0].weight);
	member->prep = find_prep(slopes, flt_detector_prep_of(slopes->detector, i));
	member->n_in = flt_mlp_spec(net).n_in;
	FLT_TRY(flt_weights_init(&member->weights, net, FLT_TO_EXPLAIN, err));
	flt_weights_set(&member->weights, flt_mlp_params_const(net), pool);
	return FLT_OK;
}

static size_t largest_pass(const struct flt_slopes *slopes, size_t n_points)
{
	size_t largest = 0;
	for (size_t i = 0; i < slopes->n_members; i++) {
		size_t n = flt_pass_n_floats(slopes->detector->members[i].net, n_points, FLT_TO_EXPLAIN);
		largest = n > largest ? n : largest;
	}
	return largest;
}

static void choose_points(struct flt_slopes *slopes)
{
	size_t n = MOST_FLOATS / (1 + largest_pass(slopes, 1));
	slopes->n_points = n < LEAST_POINTS ? LEAST_POINTS : n > MOST_POINTS ? MOST_POINTS : n;
	slopes->n_floats = largest_pass(slopes, slopes->n_points);
}

enum flt_status flt_slopes_init(struct flt_slopes *slopes, const struct flt_detector *detector, struct flt_error *err)
{
	enum flt_status status;
	struct flt_pool *pool = NULL;
	*slopes = (struct flt_slopes){.detector = detector, .n_members = detector->n_members};
	slopes->preps = flt_alloc_zero(detector->n_refits + 1, sizeof *slopes->preps, err);
	FLT_TRY_MEMORY_OUT(slopes->preps);
	slopes->members = flt_alloc_zero(slopes->n_members, sizeof *slopes->members, err);
	FLT_TRY_MEMORY_OUT(slopes->members);
	FLT_TRY_OUT(flt_pool_new(1, &pool, err));
	for (size_t i = 0; i < slopes->n_members; i++)
		FLT_TRY_OUT(open_member(slopes, i, pool, err));
	FLT_TRY_OUT(open_preps(slopes, err));
	choose_points(slopes);
out:
	flt_pool_free(pool);
	return status;
}

void flt_slopes_release(struct flt_slopes *slopes)
{
	for (size_t i = 0; slopes->members && i < slopes->n_members; i++)
		flt_weights_release(&slopes->members[i].weights);
	for (size_t i = 0; i < slopes->n_preps; i++)
		flt_free(slopes->preps[i].column);
	flt_free(slopes->members);
	flt_free(slopes->preps);
	*slopes = (struct flt_slopes){0};
}

/* ---- one thread's room ---- */

enum flt_status flt_slopes_room_init(struct flt_slopes_room *room, const struct flt_slopes *slopes,
                                     struct flt_error *err)
{
	*room = (struct flt_slopes_room){0};
	room->log_odds = flt_alloc(slopes->n_points, sizeof *room->log_odds, err);
	FLT_TRY_MEMORY(room->log_odds);
	return flt_pass_init_shared(&room->pass, slopes->n_floats, slopes->n_points, err);
}

void flt_slopes_room_release(struct flt_slopes_room *room)
{
	flt_free(room->log_odds);
	flt_pass_release(&room->pass);
	*room = (struct flt_slopes_room){0};
}

/* ---- slopes ---- */

float *flt_slopes_rows(const struct flt_slopes *slopes, struct flt_slopes_room *room, size_t member)
{
	flt_pass_turn_to(&room->pass, slopes->detector->members[member].net, FLT_TO_EXPLAIN);
	return room->pass.x;
}

const float *flt_slopes_find(const struct flt_slopes *slopes, struct flt_slopes_room *room, size_t member, size_t n)
{
	const struct flt_detector *detector = slopes->detector;
	bool is_single = slopes->n_members == 1;
	double gamma = is_single ? detector->map.gamma : detector->member_gamma;
	double ratio = is_single ? detector->map.log_weight_ratio : detector->member_log_weight_ratio;
	size_t n_in = slopes->members[member].n_in;
	unsigned before = flt_denormals_flush();
	flt_pass_input_gradient(&room->pass, &slopes->members[member].weights, n);
	flt_denormals_restore(before);
	for (size_t i = 0; i < n; i++) {
		double logit = (double)room->pass.logit[i];
		float rate = (float)flt_focal_slope(logit, gamma), *slope = room->pass.dx + i * n_in;
		room->log_odds[i] = flt_focal_log_odds(logit, gamma, ratio);
		for (size_t j = 0; gamma != 0 && j < n_in; j++)
			slope[j] *= rate;
	}
	return room->pass.dx;
}
