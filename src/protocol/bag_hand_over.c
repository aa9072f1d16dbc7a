/* What comes of the members of a bag: networks and weights of the detector, and scores of rows left out. */
#include "protocol/bag.h"

#include <string.h>

#include "base/alloc.h"
#include "detector/score.h"
#include "protocol/bag_scores.h"

/* Of a member whose kind has n networks. Equal weights are 1, to the bit. */
static double weight_of(const struct flt_bag *bag, size_t m, size_t n_networks)
{
	const struct flt_kind_result *kind = &bag->members->kinds[bag->members->kind_of[m]];
	return kind->weight * (double)n_networks / (double)kind->n_networks;
}

static bool is_kept(const struct flt_bag *bag, size_t m)
{
	size_t kind = bag->members->kind_of[m];
	return kind < bag->roster->n_kinds && bag->made[m].net && bag->members->kinds[kind].weight > 0;
}

static size_t count_kept(const struct flt_bag *bag)
{
	size_t n = 0;
	for (size_t m = 0; m < bag->roster->n_members; m++)
		n += is_kept(bag, m);
	return n;
}

/* Whether the preparation of a member is also that of one that was handed over. */
static bool is_handed_over(const struct flt_bag *bag, size_t m)
{
	for (size_t i = 0; i < bag->members->detector->n_members; i++)
		if (bag->made[bag->handed[i]].prep == bag->made[m].prep)
			return true;
	return false;
}

/* Hands a member's network, and its preparation if that is a new one, to the detector. */
static enum flt_status hand_over(struct flt_bag *bag, size_t m, size_t n_kept, struct flt_error *err)
{
	struct flt_detector *detector = bag->members->detector;
	const char *kind = flt_recipe_words[bag->roster->kinds[bag->members->kind_of[m]].recipe];
	struct flt_detector_member *to = &detector->members[detector->n_members];
	if (bag->roster->n_kinds > 1) {
		to->kind = flt_copy_text(kind, strlen(kind), err);
		FLT_TRY_MEMORY(to->kind);
	}
	if (bag->made[m].prep && !is_handed_over(bag, m))
		detector->refits[detector->n_refits++] = flt_prep_hold(bag->made[m].prep);
	to->weight = weight_of(bag, m, n_kept);
	to->prep = bag->made[m].prep;
	to->net = bag->made[m].net;
	bag->made[m].net = NULL;
	bag->handed[detector->n_members++] = m;
	return FLT_OK;
}

static enum flt_status hand_over_all(struct flt_bag *bag, struct flt_error *err)
{
	struct flt_detector *detector = bag->members->detector;
	size_t n_kept = count_kept(bag);
	detector->members = flt_alloc_zero(n_kept, sizeof *detector->members, err);
	detector->refits = flt_alloc_zero(n_kept, sizeof *detector->refits, err);
	FLT_TRY_MEMORY(detector->members && detector->refits);
	for (size_t m = 0; m < bag->roster->n_members; m++)
		if (is_kept(bag, m))
			FLT_TRY(hand_over(bag, m, n_kept, err));
	return FLT_OK;
}

/* Of a kind that diverged, nothing is kept while there are others. */
enum flt_status flt_bag_first_failure(const struct flt_bag *bag, struct flt_error *err)
{
	for (size_t m = 0; m < bag->roster->n_members; m++) {
		bool is_forgiven = bag->status[m] == FLT_ERR_DIVERGED && count_kept(bag) > 0 &&
		                   bag->members->kinds[bag->members->kind_of[m]].weight <= 0;
		if (bag->status[m] != FLT_OK && !is_forgiven)
			return flt_fail(err, bag->status[m], "%s", bag->errors[m].text);
	}
	return FLT_OK;
}

/* ---- held-out scores ---- */

struct gathering {
	const struct flt_bag *bag;
	struct flt_bag_scores scores;
};

/* A row's set says how many folds the one that the member left out comes after the row's. */
static void add_logits(void *context, size_t member, size_t first, const float *logit, size_t n)
{
	struct gathering *gathering = context;
	const struct flt_bag *bag = gathering->bag;
	size_t m = bag->handed[member], n_folds = bag->folds.n_folds;
	const struct flt_loss *loss = &bag->roster->kinds[bag->members->kind_of[m]].train.loss;
	struct flt_left_out left_out = flt_bag_left_out(&bag->folds, bag->turn_of[m]);
	for (size_t i = 0; i < n; i++) {
		uint32_t fold = left_out.of[first + i];
		if (fold == FLT_ALWAYS_FIT)
			continue;
		flt_bag_scores_add(&gathering->scores, first + i, (left_out.fold + n_folds - fold) % n_folds,
		                   bag->members->detector->members[member].weight,
		                   flt_loss_log_odds(loss, (double)logit[i]));
	}
}

/* Fills held_out (n_fit). The detector has its members. */
static enum flt_status gather_held_out(const struct flt_bag *bag, double *held_out, struct flt_error *err)
{
	const struct flt_members *members = bag->members;
	struct gathering all = {.bag = bag};
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(flt_bag_scores_init(&all.scores, bag->fit.n_rows, bag->folds.n_folds, bag->fit.weight, err));
	FLT_TRY_OUT(flt_detector_score_members(members->detector, members->table, members->fit_rows, members->n_fit,
	                                       bag->roster->kinds[0].train.n_threads, add_logits, &all, err));
	status = flt_bag_scores_finish(&all.scores, held_out, err);
out:
	flt_bag_scores_release(&all.scores);
	return status;
}

enum flt_status flt_bag_hand_over(struct flt_bag *bag, double *held_out, struct flt_error *err)
{
	FLT_TRY(hand_over_all(bag, err));
	if (bag->members->n_folds == 0 || bag->members->detector->n_members == 0)
		return FLT_OK;
	return gather_held_out(bag, held_out, err);
}
