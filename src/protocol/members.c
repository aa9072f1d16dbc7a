/* Members are independent tasks, each with a seed of its own, and what is decided between them is decided by those that
 * have ended, in the order of their numbers: so the number of threads changes no bit. */
#include "protocol/members.h"

#include "base/alloc.h"
#include "protocol/bag.h"
#include "protocol/checkpoint_rounds.h"
#include "protocol/checkpoint_share.h"
#include "protocol/judge.h"
#include "protocol/memory.h"
#include "protocol/row_team.h"
#include "protocol/work.h"
#include "ranks/deal.h"

static struct flt_judge judge_of(const struct flt_bag *bag)
{
	const struct flt_members *members = bag->members;
	const struct flt_role_data *rows = members->n_folds ? &bag->fit : &bag->validation;
	return (struct flt_judge){.roster = bag->roster,
	                          .members = bag->made,
	                          .kind_of = members->kind_of,
	                          .turn_of = bag->turn_of,
	                          .status = bag->status,
	                          .is_stopped = bag->is_stopped,
	                          .folds = &bag->folds,
	                          .is_bag = members->n_folds > 0,
	                          .label = rows->label,
	                          .weight = rows->weight,
	                          .n_rows = rows->n_rows};
}

/* Deals the members from bag->first on over ranks. */
static enum flt_status deal_round(struct flt_bag *bag, size_t end, struct flt_error *err)
{
	double work[FLT_MAX_MEMBERS];
	size_t n = end - bag->first;
	for (size_t i = 0; i < n; i++)
		work[i] = bag->members->work[bag->members->kind_of[bag->first + i]];
	return flt_ranks_deal(work, n, flt_ranks_count(flt_bag_ranks(bag)), bag->rank_of + bag->first, err);
}

/* Of a failure that ends the training. A network that diverged does so wherever it is replayed. */
static enum flt_status agree(const struct flt_bag *bag, size_t end, struct flt_error *err)
{
	for (size_t m = bag->first; m < end; m++)
		if (bag->status[m] != FLT_OK && bag->status[m] != FLT_ERR_DIVERGED) {
			*err = bag->errors[m];
			return flt_ranks_agree(flt_bag_ranks(bag), m, bag->status[m], err);
		}
	return flt_ranks_agree(flt_bag_ranks(bag), 0, FLT_OK, err);
}

/* Each rank gets the states in which the members of the others have ended, and replays them, which takes no training:
 * it prepares their rows and scores those that they leave out. After the last round only rank 0 needs that. */
static enum flt_status replay_others(struct flt_bag *bag, size_t end, struct flt_error *err)
{
	struct flt_checkpoint *checkpoint = bag->members->hooks->checkpoint;
	FLT_TRY(flt_checkpoint_share(checkpoint, err));
	if (end == bag->roster->n_members && flt_ranks_own(flt_bag_ranks(bag)) > 0)
		return FLT_OK;
	bag->replays = true;
	flt_pool_run(bag->pool, end - bag->first, flt_bag_run_member, bag);
	bag->replays = false;
	flt_checkpoint_drop_news(checkpoint);
	return FLT_OK;
}

/* A team ends with the same network on all its ranks. */
static enum flt_status join_ranks(struct flt_bag *bag, size_t end, struct flt_error *err)
{
	bool has_team = bag->team_size > 0;
	if (has_team && flt_ranks_own(flt_bag_ranks(bag)) >= bag->team_size)
		FLT_TRY(flt_row_team_watch(flt_bag_ranks(bag), err));
	FLT_TRY(agree(bag, end, err));
	return has_team ? FLT_OK : replay_others(bag, end, err);
}

/* Gives the next members, up to number `end`, to these kinds (n) in turn, and runs them. */
static enum flt_status run_round(struct flt_bag *bag, size_t end, const size_t *kinds, size_t n_kinds,
                                 size_t first_turn, struct flt_error *err)
{
	for (size_t m = bag->first; m < end; m++) {
		bag->members->kind_of[m] = kinds[(m - bag->first) % n_kinds];
		bag->turn_of[m] = first_turn + (m - bag->first) / n_kinds;
	}
	FLT_TRY(deal_round(bag, end, err));
	flt_pool_run(bag->pool, end - bag->first, flt_bag_run_member, bag);
	if (flt_bag_ranks(bag))
		FLT_TRY(join_ranks(bag, end, err));
	bag->first = end;
	return FLT_OK;
}

static enum flt_status choose_kinds(struct flt_bag *bag, size_t kinds[FLT_MAX_KINDS], size_t *n_kinds,
                                    struct flt_error *err)
{
	struct flt_judge judge = judge_of(bag);
	if (judge.n_rows > 0)
		FLT_TRY(flt_judge_best(&judge, bag->roster->n_kept, kinds, n_kinds, err));
	if (*n_kinds == 0) /* nothing tells them apart */
		*n_kinds = bag->roster->n_kept;
	for (size_t k = 0; k < bag->roster->n_kinds; k++)
		bag->is_stopped[k] = true;
	for (size_t i = 0; i < *n_kinds; i++)
		bag->is_stopped[kinds[i]] = false;
	return FLT_OK;
}

/* Of the first round as planned; of the later ones so that they make up the rest, whichever kinds go on. */
static void share_first_work(struct flt_bag *bag)
{
	const double *work = bag->members->work;
	double all = flt_work_of_roster(bag->roster, work);
	for (size_t k = 0; k < bag->roster->n_kinds; k++)
		bag->share[k] = all > 0 ? work[k] / all : 0;
}

static void share_later_work(struct flt_bag *bag, const size_t *kinds, size_t n_kinds)
{
	const double *work = bag->members->work;
	size_t n_later = bag->roster->n_turns - bag->roster->n_tried;
	double rest = 1, all = 0;
	for (size_t m = 0; m < bag->first; m++)
		rest -= bag->share[bag->members->kind_of[m]];
	for (size_t i = 0; i < n_kinds; i++)
		all += work[kinds[i]] * (double)n_later;
	for (size_t i = 0; i < n_kinds; i++)
		bag->share[kinds[i]] = all > 0 ? rest * work[kinds[i]] / all : 0;
}

static enum flt_status run_rounds(struct flt_bag *bag, struct flt_error *err)
{
	const struct flt_roster *roster = bag->roster;
	size_t kinds[FLT_MAX_KINDS], n_kinds = 0, n_first = roster->n_kinds * roster->n_tried;
	for (size_t k = 0; k < roster->n_kinds; k++)
		kinds[k] = k;
	n_first = n_first < roster->n_members ? n_first : roster->n_members;
	share_first_work(bag);
	FLT_TRY(run_round(bag, n_first, kinds, roster->n_kinds, 0, err));
	if (bag->stop || n_first == roster->n_members)
		return FLT_OK;
	FLT_TRY(choose_kinds(bag, kinds, &n_kinds, err));
	share_later_work(bag, kinds, n_kinds);
	bool goes_on = true;
	for (size_t turn = roster->n_tried; turn < roster->n_turns && goes_on; turn += roster->n_round) {
		FLT_TRY(run_round(bag, bag->first + roster->n_round * n_kinds, kinds, n_kinds, turn, err));
		if (bag->stop || turn + roster->n_round == roster->n_turns)
			return FLT_OK;
		struct flt_judge judge = judge_of(bag);
		FLT_TRY(flt_judge_helped(&judge, turn, &goes_on, err));
	}
	return FLT_OK;
}

/* Members at work share the threads; as many as memory bears side by side. */
static enum flt_status run_members(struct flt_bag *bag, struct flt_error *err)
{
	const struct flt_members *members = bag->members;
	struct flt_checkpoint *checkpoint = members->hooks ? members->hooks->checkpoint : NULL;
	unsigned n_threads = flt_pool_size(bag->roster->kinds[0].train.n_threads);
	size_t at_work = flt_members_at_work(bag->roster, members->n_fit + members->n_validation,
	                                     flt_prep_n_features(members->prep), n_threads);
	bag->n_threads = (unsigned)(n_threads / at_work);
	if (checkpoint)
		FLT_TRY(flt_checkpoint_begin(checkpoint, members->hooks->training, bag->roster->n_members, err));
	FLT_TRY(flt_pool_new((unsigned)at_work, &bag->pool, err));
	pthread_mutex_init(&bag->mutex, NULL);
	enum flt_status status = run_rounds(bag, err);
	pthread_mutex_destroy(&bag->mutex);
	flt_pool_free(bag->pool);
	return status;
}

/* ---- the whole ---- */

static enum flt_status conclude(struct flt_bag *bag, double *held_out, struct flt_error *err)
{
	struct flt_judge judge = judge_of(bag);
	FLT_TRY(flt_judge_weigh(&judge, bag->members->kinds, err));
	for (size_t m = 0; m < bag->roster->n_members; m++)
		bag->members->results[m] = bag->made[m].result;
	enum flt_status trained = flt_bag_first_failure(bag, err);
	if (trained != FLT_OK && trained != FLT_ERR_DIVERGED)
		return trained;
	struct flt_error why;
	enum flt_status finished = flt_bag_hand_over(bag, held_out, &why);
	return finished == FLT_OK ? trained : flt_fail(err, finished, "%s", why.text);
}

static enum flt_status deal(struct flt_bag *bag, struct flt_error *err)
{
	struct flt_members *members = bag->members;
	const struct flt_roster *roster = bag->roster;
	struct flt_fold_options options = {.n_folds = roster->n_folds,
	                                   .seed = roster->kinds[0].train.seed,
	                                   .identical = members->options->identical};
	if (members->n_validation > 0 || roster->n_members < 2)
		return FLT_OK;
	FLT_TRY(flt_bag_folds_deal(members->table, members->fit_rows, members->n_fit, roster->n_turns, &options,
	                           &bag->folds, err));
	members->n_folds = bag->folds.n_folds;
	return FLT_OK;
}

/* The mean weight of the fit rows. */
static double mean_weight(const struct flt_members *members)
{
	const double *weight = flt_table_weights(members->table);
	double sum = 0;
	for (size_t i = 0; i < members->n_fit; i++)
		sum += weight ? weight[members->fit_rows[i]] : 1;
	return sum / (double)members->n_fit;
}

static enum flt_status begin(struct flt_bag *bag, struct flt_error *err)
{
	const struct flt_members *members = bag->members;
	size_t n = bag->roster->n_members;
	bag->unit = mean_weight(members);
	const struct flt_recipe_rows fit = {.n = members->n_fit}; /* their classes do not change the number of ranks */
	bag->team_size = flt_row_deal(bag->roster, &fit, flt_ranks_count(flt_bag_ranks(bag))).n_ranks;
	bag->made = flt_alloc_zero(n, sizeof *bag->made, err);
	bag->turn_of = flt_alloc_zero(n, sizeof *bag->turn_of, err);
	bag->handed = flt_alloc_zero(n, sizeof *bag->handed, err);
	bag->rank_of = flt_alloc_zero(n, sizeof *bag->rank_of, err);
	bag->status = flt_alloc_zero(n, sizeof *bag->status, err);
	bag->errors = flt_alloc_zero(n, sizeof *bag->errors, err);
	FLT_TRY_MEMORY(bag->made && bag->turn_of && bag->handed && bag->rank_of && bag->status && bag->errors);
	for (size_t m = 0; m < n; m++)
		members->kind_of[m] = SIZE_MAX; /* not known yet */
	FLT_TRY(flt_role_data_take(&bag->fit, members->table, members->fit_rows, members->n_fit, bag->unit, err));
	FLT_TRY(flt_role_data_take(&bag->validation, members->table, members->validation_rows, members->n_validation,
	                           bag->unit, err));
	return deal(bag, err);
}

static enum flt_status run(struct flt_bag *bag, double *held_out, struct flt_error *err)
{
	FLT_TRY(begin(bag, err));
	FLT_TRY(run_members(bag, err));
	if (flt_ranks_own(flt_bag_ranks(bag)) > 0)
		bag->stop = true; /* the rest is rank 0's */
	return bag->stop ? FLT_OK : conclude(bag, held_out, err);
}

enum flt_status flt_members_train(struct flt_members *members, double *held_out, struct flt_error *err)
{
	struct flt_bag bag = {.members = members, .roster = members->roster};
	flt_shared_preps_init(&bag.preps);
	enum flt_status status = run(&bag, held_out, err);
	members->stopped = bag.stop;
	members->n_begun = bag.first;
	for (size_t m = 0; bag.made && m < members->roster->n_members; m++)
		flt_member_release(&bag.made[m]);
	flt_free(bag.made);
	flt_free(bag.turn_of);
	flt_free(bag.handed);
	flt_free(bag.rank_of);
	flt_free(bag.status);
	flt_free(bag.errors);
	flt_shared_preps_release(&bag.preps);
	flt_role_data_release(&bag.fit);
	flt_role_data_release(&bag.validation);
	flt_bag_folds_release(&bag.folds);
	return status;
}
