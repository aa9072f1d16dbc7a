/* Members are independent tasks, each with a seed of its own, and what is decided between them is decided by those that
 * have ended, in the order of their numbers: so the number of threads changes no bit. */
#include "protocol/members.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "detector/score.h"
#include "protocol/bag_scores.h"
#include "protocol/checkpoint_rounds.h"
#include "protocol/checkpoint_share.h"
#include "protocol/judge.h"
#include "protocol/memory.h"
#include "protocol/recipe.h"
#include "protocol/row_team.h"
#include "protocol/work.h"
#include "ranks/deal.h"

struct bag;

/* A member at work, as hooks and pool see it. */
struct place {
	struct bag *bag;
	size_t number;
	struct flt_train_options train;
	enum flt_status kept;         /* FLT_OK if the checkpoint has taken its state; else errors says why not */
	struct flt_row_team rows;     /* of the only network, if it has a team */
	struct flt_train_state state; /* in a team: the last that was shown */
};

/* What the members share while they train. */
struct bag {
	struct flt_members *members;
	const struct flt_roster *roster;
	struct flt_bag_folds folds;
	struct flt_role_data fit, validation; /* labels and weights alone */
	double unit;                          /* of weights */
	struct flt_member *made;              /* (n_members) */
	size_t *turn_of;                      /* (n_members) */
	enum flt_status *status;              /* (n_members) */
	struct flt_error *errors;             /* (n_members) */
	bool is_stopped[FLT_MAX_KINDS];
	double share[FLT_MAX_KINDS]; /* of all work, that of a network of each kind in this round */
	size_t first;                /* number of the first member of this round */
	size_t *handed;              /* (n_members) numbers of those that became the detector's */
	unsigned n_threads;          /* of each member */
	size_t *rank_of;             /* (n_members) */
	size_t team_size;            /* ranks that train the only network together; 0: each trains those dealt to it */
	bool replays;                /* now the members of other ranks, from where they have ended */
	struct flt_pool *pool;
	pthread_mutex_t mutex; /* around on_epoch */
	atomic_bool stop;
};

static struct flt_ranks *ranks_of(const struct bag *bag)
{
	return bag->members->hooks ? bag->members->hooks->ranks : NULL;
}

static bool pass_epoch(void *context, const struct flt_epoch *epoch)
{
	const struct place *place = context;
	struct bag *bag = place->bag;
	const struct flt_hooks *hooks = bag->members->hooks;
	struct flt_epoch numbered = *epoch;
	numbered.member = place->number;
	numbered.n_members = bag->roster->n_members;
	numbered.share = bag->share[bag->members->kind_of[place->number]];
	pthread_mutex_lock(&bag->mutex);
	if (hooks && hooks->on_epoch && hooks->on_epoch(hooks->context, &numbered))
		bag->stop = true;
	pthread_mutex_unlock(&bag->mutex);
	return bag->stop;
}

/* In a team rank 0 alone keeps the state. */
static void keep_state(struct place *place, bool stops)
{
	struct bag *bag = place->bag;
	const struct flt_hooks *hooks = bag->members->hooks;
	if (hooks->checkpoint && (bag->team_size == 0 || flt_ranks_own(hooks->ranks) == 0))
		place->kept = flt_checkpoint_pass(hooks->checkpoint, hooks->training, place->number, &place->state,
		                                  stops, &bag->errors[place->number]);
}

static bool pass_step(void *context, const struct flt_train_state *state)
{
	struct place *place = context;
	struct bag *bag = place->bag;
	const struct flt_hooks *hooks = bag->members->hooks;
	bool is_asked = hooks->should_stop && hooks->should_stop(hooks->context);
	if (is_asked || flt_ranks_look(hooks->ranks))
		bag->stop = true;
	bool stops = bag->stop;
	place->state = *state;
	keep_state(place, stops);
	return stops || place->kept != FLT_OK;
}

/* The state may be asked for while a step waits for a rank that will not come: the one that asked. */
static void pass_wait(void *context)
{
	struct place *place = context;
	if (place->kept == FLT_OK)
		keep_state(place, false);
}

static void pass_rows(void *context, const char *path, bool were_found)
{
	const struct place *place = context;
	const struct flt_hooks *hooks = place->bag->members->hooks;
	if (hooks && hooks->on_rows)
		hooks->on_rows(hooks->context, path, were_found);
}

/* Parts the fit rows of a bag: the member learns from those of its other folds, and is judged by those that it leaves
 * out. */
static enum flt_status part_rows(const struct bag *bag, struct flt_member *member, size_t number, struct flt_error *err)
{
	const struct flt_members *members = bag->members;
	struct flt_left_out left_out = flt_bag_left_out(&bag->folds, bag->turn_of[number]);
	size_t n = 0, *own = flt_alloc(members->n_fit, sizeof *own, err);
	FLT_TRY_MEMORY(own);
	for (size_t i = 0; i < members->n_fit; i++)
		if (left_out.of[i] != left_out.fold)
			own[n++] = members->fit_rows[i];
	member->n_rows = n;
	for (size_t i = 0; i < members->n_fit; i++)
		if (left_out.of[i] == left_out.fold)
			own[n++] = members->fit_rows[i];
	member->n_held_out = n - member->n_rows;
	member->own_rows = own;
	member->rows = own;
	member->held_out = own + member->n_rows;
	return FLT_OK;
}

/* Lists what the member learns from, and what it is judged by: a bag has no validation rows. */
static enum flt_status share_rows(const struct bag *bag, struct flt_member *member, size_t number,
                                  struct flt_error *err)
{
	const struct flt_members *members = bag->members;
	if (members->n_folds)
		return part_rows(bag, member, number, err);
	member->rows = members->fit_rows;
	member->n_rows = members->n_fit;
	member->held_out = members->validation_rows;
	member->n_held_out = members->n_validation;
	return FLT_OK;
}

static bool prepares_alike(const struct flt_prep_options *a, const struct flt_prep_options *b)
{
	return a->scale == b->scale && a->n_steps == b->n_steps && a->n_columns == b->n_columns;
}

static const struct flt_team *join_team(struct place *place)
{
	place->rows = (struct flt_row_team){.ranks = ranks_of(place->bag), .on_wait = pass_wait, .context = place};
	flt_row_team_init(&place->rows, place->bag->team_size);
	return &place->rows.team;
}

/* Trains the network, from the state in the checkpoint if there is one, and keeps the checkpoint up to date. */
static enum flt_status train_member(struct place *place, struct flt_error *err)
{
	struct bag *bag = place->bag;
	const struct flt_members *members = bag->members;
	const struct flt_kind *kind = &bag->roster->kinds[members->kind_of[place->number]];
	struct flt_member *member = &bag->made[place->number];
	struct flt_checkpoint *checkpoint = members->hooks ? members->hooks->checkpoint : NULL;
	bool is_watched = checkpoint || bag->team_size > 0 || (members->hooks && members->hooks->should_stop);
	place->train = flt_recipe_of_member(members->options, kind, place->number);
	place->train.n_threads = bag->n_threads;
	*member = (struct flt_member){.table = members->table,
	                              .unit = bag->unit,
	                              .base = members->prep,
	                              .is_base_enough = members->n_folds == 0 &&
	                                                prepares_alike(&kind->prep, &members->options->prep),
	                              .how = &kind->prep,
	                              .train = &place->train,
	                              .wants_last = bag->roster->n_kinds > 1};
	if (member->is_base_enough && bag->roster->n_members == 1) {
		member->rows_folder = members->options->rows_folder;
		member->on_rows = pass_rows;
	}
	member->hooks = (struct flt_train_hooks){
	        .on_epoch = pass_epoch, .between_steps = is_watched ? pass_step : NULL, .context = place};
	if (bag->team_size > 0)
		member->hooks.team = join_team(place);
	FLT_TRY(share_rows(bag, member, place->number, err));
	if (checkpoint)
		member->hooks.from =
		        flt_checkpoint_enter(checkpoint, members->hooks->training, place->number, place->train.epochs);
	enum flt_status status = flt_member_run(member, err);
	if (checkpoint)
		flt_checkpoint_leave(checkpoint, members->hooks->training, place->number);
	if (bag->team_size > 0 && status == FLT_OK && !place->state.ended)
		bag->stop = true; /* another rank wanted to */
	return status != FLT_OK ? status : place->kept;
}

static bool is_own(const struct bag *bag, size_t number)
{
	size_t own = flt_ranks_own(ranks_of(bag));
	return bag->team_size > 0 ? own < bag->team_size : bag->rank_of[number] == own;
}

static void run_member(void *context, size_t task, size_t worker)
{
	(void)worker;
	struct bag *bag = context;
	struct place place = {.bag = bag, .number = bag->first + task};
	if (is_own(bag, place.number) == bag->replays)
		return;
	if (!bag->stop)
		bag->status[place.number] = train_member(&place, &bag->errors[place.number]);
	bag->members->results[place.number] = bag->made[place.number].result;
}

/* ---- rounds ---- */

static struct flt_judge judge_of(const struct bag *bag)
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
static enum flt_status deal_round(struct bag *bag, size_t end, struct flt_error *err)
{
	double work[FLT_MAX_MEMBERS];
	size_t n = end - bag->first;
	for (size_t i = 0; i < n; i++)
		work[i] = bag->members->work[bag->members->kind_of[bag->first + i]];
	return flt_ranks_deal(work, n, flt_ranks_count(ranks_of(bag)), bag->rank_of + bag->first, err);
}

/* Of a failure that ends the training. A network that diverged does so wherever it is replayed. */
static enum flt_status agree(const struct bag *bag, size_t end, struct flt_error *err)
{
	for (size_t m = bag->first; m < end; m++)
		if (bag->status[m] != FLT_OK && bag->status[m] != FLT_ERR_DIVERGED) {
			*err = bag->errors[m];
			return flt_ranks_agree(ranks_of(bag), m, bag->status[m], err);
		}
	return flt_ranks_agree(ranks_of(bag), 0, FLT_OK, err);
}

/* Each rank gets the states in which the members of the others have ended, and replays them, which takes no training:
 * it prepares their rows and scores those that they leave out. After the last round only rank 0 needs that. */
static enum flt_status replay_others(struct bag *bag, size_t end, struct flt_error *err)
{
	struct flt_checkpoint *checkpoint = bag->members->hooks->checkpoint;
	FLT_TRY(flt_checkpoint_share(checkpoint, err));
	if (end == bag->roster->n_members && flt_ranks_own(ranks_of(bag)) > 0)
		return FLT_OK;
	bag->replays = true;
	flt_pool_run(bag->pool, end - bag->first, run_member, bag);
	bag->replays = false;
	flt_checkpoint_drop_news(checkpoint);
	return FLT_OK;
}

/* A team ends with the same network on all its ranks. */
static enum flt_status join_ranks(struct bag *bag, size_t end, struct flt_error *err)
{
	bool has_team = bag->team_size > 0;
	if (has_team && flt_ranks_own(ranks_of(bag)) >= bag->team_size)
		FLT_TRY(flt_row_team_watch(ranks_of(bag), err));
	FLT_TRY(agree(bag, end, err));
	return has_team ? FLT_OK : replay_others(bag, end, err);
}

/* Gives the next members, up to number `end`, to these kinds (n) in turn, and runs them. */
static enum flt_status run_round(struct bag *bag, size_t end, const size_t *kinds, size_t n_kinds, size_t first_turn,
                                 struct flt_error *err)
{
	for (size_t m = bag->first; m < end; m++) {
		bag->members->kind_of[m] = kinds[(m - bag->first) % n_kinds];
		bag->turn_of[m] = first_turn + (m - bag->first) / n_kinds;
	}
	FLT_TRY(deal_round(bag, end, err));
	flt_pool_run(bag->pool, end - bag->first, run_member, bag);
	if (ranks_of(bag))
		FLT_TRY(join_ranks(bag, end, err));
	bag->first = end;
	return FLT_OK;
}

static enum flt_status choose_kinds(struct bag *bag, size_t kinds[FLT_MAX_KINDS], size_t *n_kinds,
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
static void share_first_work(struct bag *bag)
{
	const double *work = bag->members->work;
	double all = flt_work_of_roster(bag->roster, work);
	for (size_t k = 0; k < bag->roster->n_kinds; k++)
		bag->share[k] = all > 0 ? work[k] / all : 0;
}

static void share_later_work(struct bag *bag, const size_t *kinds, size_t n_kinds)
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

static enum flt_status run_rounds(struct bag *bag, struct flt_error *err)
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
static enum flt_status run_members(struct bag *bag, struct flt_error *err)
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

/* ---- what came of them ---- */

/* Of a member whose kind has n networks. Equal weights are 1, to the bit. */
static double weight_of(const struct bag *bag, size_t m, size_t n_networks)
{
	const struct flt_kind_result *kind = &bag->members->kinds[bag->members->kind_of[m]];
	return kind->weight * (double)n_networks / (double)kind->n_networks;
}

static bool is_kept(const struct bag *bag, size_t m)
{
	size_t kind = bag->members->kind_of[m];
	return kind < bag->roster->n_kinds && bag->made[m].net && bag->members->kinds[kind].weight > 0;
}

static size_t count_kept(const struct bag *bag)
{
	size_t n = 0;
	for (size_t m = 0; m < bag->roster->n_members; m++)
		n += is_kept(bag, m);
	return n;
}

/* A preparation that another member has learnt from the same rows, in the same way. */
static const struct flt_prep *find_shared(const struct bag *bag, size_t m)
{
	const struct flt_prep_options *how = bag->made[m].how;
	for (size_t other = 0; other < m; other++) {
		const struct flt_member *by = &bag->made[other];
		if (is_kept(bag, other) && bag->turn_of[other] == bag->turn_of[m] && by->prep &&
		    prepares_alike(by->how, how))
			return by->prep;
	}
	return NULL;
}

/* Hands a member's network, and its preparation if it is not shared, to the detector. */
static enum flt_status hand_over(struct bag *bag, size_t m, size_t n_kept, const struct flt_prep *prep,
                                 struct flt_error *err)
{
	struct flt_detector *detector = bag->members->detector;
	const char *kind = flt_recipe_words[bag->roster->kinds[bag->members->kind_of[m]].recipe];
	struct flt_detector_member *to = &detector->members[detector->n_members];
	if (bag->roster->n_kinds > 1) {
		to->kind = flt_copy_text(kind, strlen(kind), err);
		FLT_TRY_MEMORY(to->kind);
	}
	to->weight = weight_of(bag, m, n_kept);
	to->prep = prep;
	to->net = bag->made[m].net;
	bag->made[m].net = NULL;
	bag->handed[detector->n_members++] = m;
	return FLT_OK;
}

static enum flt_status hand_over_all(struct bag *bag, struct flt_error *err)
{
	struct flt_detector *detector = bag->members->detector;
	size_t n_kept = count_kept(bag);
	const struct flt_prep *prep[FLT_MAX_MEMBERS];
	detector->members = flt_alloc_zero(n_kept, sizeof *detector->members, err);
	detector->refits = flt_alloc_zero(n_kept, sizeof *detector->refits, err);
	FLT_TRY_MEMORY(detector->members && detector->refits);
	for (size_t m = 0; m < bag->roster->n_members; m++) {
		const struct flt_prep *shared = is_kept(bag, m) ? find_shared(bag, m) : NULL;
		prep[m] = shared ? shared : bag->made[m].prep;
	}
	for (size_t m = 0; m < bag->roster->n_members; m++) {
		if (!is_kept(bag, m))
			continue;
		if (prep[m] && prep[m] == bag->made[m].prep) {
			detector->refits[detector->n_refits++] = bag->made[m].prep;
			bag->made[m].prep = NULL;
		}
		FLT_TRY(hand_over(bag, m, n_kept, prep[m], err));
	}
	return FLT_OK;
}

/* Of a kind that diverged, nothing is kept while there are others. */
static enum flt_status first_failure(const struct bag *bag, struct flt_error *err)
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
	const struct bag *bag;
	struct flt_bag_scores scores;
};

/* A row's set says how many folds the one that the member left out comes after the row's. */
static void add_logits(void *context, size_t member, size_t first, const float *logit, size_t n)
{
	struct gathering *gathering = context;
	const struct bag *bag = gathering->bag;
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
static enum flt_status gather_held_out(const struct bag *bag, double *held_out, struct flt_error *err)
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

/* ---- the whole ---- */

static enum flt_status finish(struct bag *bag, double *held_out, struct flt_error *err)
{
	FLT_TRY(hand_over_all(bag, err));
	if (bag->members->n_folds == 0 || bag->members->detector->n_members == 0)
		return FLT_OK;
	return gather_held_out(bag, held_out, err);
}

static enum flt_status conclude(struct bag *bag, double *held_out, struct flt_error *err)
{
	struct flt_judge judge = judge_of(bag);
	FLT_TRY(flt_judge_weigh(&judge, bag->members->kinds, err));
	for (size_t m = 0; m < bag->roster->n_members; m++)
		bag->members->results[m] = bag->made[m].result;
	enum flt_status trained = first_failure(bag, err);
	if (trained != FLT_OK && trained != FLT_ERR_DIVERGED)
		return trained;
	struct flt_error why;
	enum flt_status finished = finish(bag, held_out, &why);
	return finished == FLT_OK ? trained : flt_fail(err, finished, "%s", why.text);
}

static enum flt_status deal(struct bag *bag, struct flt_error *err)
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

static enum flt_status begin(struct bag *bag, struct flt_error *err)
{
	const struct flt_members *members = bag->members;
	size_t n = bag->roster->n_members;
	bag->unit = mean_weight(members);
	bag->team_size = flt_row_deal(bag->roster, members->n_fit, flt_ranks_count(ranks_of(bag))).n_ranks;
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

static enum flt_status run(struct bag *bag, double *held_out, struct flt_error *err)
{
	FLT_TRY(begin(bag, err));
	FLT_TRY(run_members(bag, err));
	if (flt_ranks_own(ranks_of(bag)) > 0)
		bag->stop = true; /* the rest is rank 0's */
	return bag->stop ? FLT_OK : conclude(bag, held_out, err);
}

enum flt_status flt_members_train(struct flt_members *members, double *held_out, struct flt_error *err)
{
	struct bag bag = {.members = members, .roster = members->roster};
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
	flt_role_data_release(&bag.fit);
	flt_role_data_release(&bag.validation);
	flt_bag_folds_release(&bag.folds);
	return status;
}
