/* Members are independent tasks, each on one thread and with a seed of its own, so the number of threads changes no
 * bit. */
#include "protocol/members.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "base/pool.h"
#include "base/random.h"
#include "protocol/bag_folds.h"
#include "protocol/bag_scores.h"
#include "protocol/checkpoint_rounds.h"

/* What the members share while they train. */
struct bag {
	struct flt_members *members;
	struct flt_bag_folds folds;
	float **held_out;         /* (n_members) logits of the rows that the member left out, in their order; or NULL */
	enum flt_status *status;  /* (n_members) */
	struct flt_error *errors; /* (n_members) */
	pthread_mutex_t mutex;    /* around on_epoch */
	atomic_bool stop;
};

/* One member at work. */
struct member {
	struct bag *bag;
	size_t number;
	size_t *rows;               /* rows of fit that it learns from; NULL: all */
	float *x;                   /* (n_held_out, n_in) copies of those it leaves out */
	uint8_t *label;             /* (n_held_out) */
	float *weight;              /* (n_held_out); NULL: the rows have none */
	struct flt_data fit;        /* with rows */
	struct flt_data validation; /* x, label and weight */
	enum flt_status kept;       /* FLT_OK if the checkpoint has taken its state; else errors says why not */
};

/* The first member keeps the seed, so a single network is the first of several. The others draw theirs: seed + number
 * would make them members of the runs with the next seeds. */
static uint64_t member_seed(uint64_t seed, size_t number)
{
	if (number == 0)
		return seed;
	struct flt_random random;
	flt_random_init(&random, seed, "member", number);
	return flt_random_next(&random);
}

static bool pass_epoch(void *context, const struct flt_epoch *epoch)
{
	const struct member *member = context;
	struct bag *bag = member->bag;
	const struct flt_hooks *hooks = bag->members->hooks;
	struct flt_epoch numbered = *epoch;
	numbered.member = member->number;
	numbered.n_members = bag->members->n_members;
	pthread_mutex_lock(&bag->mutex);
	if (hooks && hooks->on_epoch && hooks->on_epoch(hooks->context, &numbered))
		bag->stop = true;
	pthread_mutex_unlock(&bag->mutex);
	return bag->stop;
}

static bool pass_step(void *context, const struct flt_train_state *state)
{
	struct member *member = context;
	struct bag *bag = member->bag;
	const struct flt_hooks *hooks = bag->members->hooks;
	if (hooks->should_stop && hooks->should_stop(hooks->context))
		bag->stop = true;
	bool stops = bag->stop;
	if (hooks->checkpoint)
		member->kept = flt_checkpoint_pass(hooks->checkpoint, member->number, state, stops,
		                                   &bag->errors[member->number]);
	return stops || member->kept != FLT_OK;
}

static void copy_row(const struct flt_data *fit, size_t row, struct member *member)
{
	size_t i = member->validation.n_rows++;
	memcpy(member->x + i * fit->n_in, fit->x + row * fit->n_in, fit->n_in * sizeof *fit->x);
	member->label[i] = fit->label[row];
	if (fit->weight)
		member->weight[i] = fit->weight[row];
}

/* Divides the fit rows into those the member learns from and the fold that it leaves out. */
static enum flt_status leave_out(struct member *member, struct flt_error *err)
{
	const struct flt_members *members = member->bag->members;
	const struct flt_data *fit = &members->fit;
	struct flt_left_out left_out = flt_bag_left_out(&member->bag->folds, member->number);
	size_t n_held_out = 0;
	for (size_t i = 0; i < fit->n_rows; i++)
		n_held_out += left_out.of[i] == left_out.fold;
	member->rows = flt_alloc(fit->n_rows, sizeof *member->rows, err);
	member->x = flt_alloc(n_held_out, fit->n_in * sizeof *member->x, err);
	member->label = flt_alloc(n_held_out, sizeof *member->label, err);
	member->weight = fit->weight ? flt_alloc(n_held_out, sizeof *member->weight, err) : NULL;
	FLT_TRY_MEMORY(member->rows && member->x && member->label && (member->weight || !fit->weight));
	member->fit.rows = member->rows;
	member->fit.n_rows = 0;
	for (size_t i = 0; i < fit->n_rows; i++)
		if (left_out.of[i] == left_out.fold)
			copy_row(fit, i, member);
		else
			member->rows[member->fit.n_rows++] = i;
	member->validation.x = member->x;
	member->validation.label = member->label;
	member->validation.weight = member->weight;
	return FLT_OK;
}

/* Of a bag only. */
static enum flt_status score_held_out(struct member *member, struct flt_error *err)
{
	const struct flt_members *members = member->bag->members;
	float **logit = &member->bag->held_out[member->number];
	if (!member->rows)
		return FLT_OK;
	*logit = flt_alloc(member->validation.n_rows, sizeof **logit, err);
	FLT_TRY_MEMORY(*logit);
	return flt_mlp_predict(members->made[member->number].net, member->validation.x, member->validation.n_rows, 1,
	                       *logit, err);
}

/* Trains the network, from the state in the checkpoint if there is one, and keeps the checkpoint up to date. */
static enum flt_status train_net(struct member *member, const struct flt_train_options *options, struct flt_error *err)
{
	struct flt_members *members = member->bag->members;
	const struct flt_hooks *hooks = members->hooks;
	struct flt_checkpoint *checkpoint = hooks ? hooks->checkpoint : NULL;
	bool is_watched = checkpoint || (hooks && hooks->should_stop);
	struct flt_train_hooks own = {
	        .on_epoch = pass_epoch, .between_steps = is_watched ? pass_step : NULL, .context = member};
	if (checkpoint)
		own.from = flt_checkpoint_enter(checkpoint, member->number, options->epochs);
	enum flt_status status =
	        flt_train(options, &member->fit, member->validation.n_rows ? &member->validation : NULL, &own,
	                  &members->made[member->number].net, &members->results[member->number], err);
	if (checkpoint)
		flt_checkpoint_leave(checkpoint, member->number);
	return status != FLT_OK ? status : member->kept;
}

static enum flt_status train_member(struct member *member, struct flt_error *err)
{
	struct flt_members *members = member->bag->members;
	member->fit = members->fit;
	member->validation = members->validation;
	if (members->n_folds)
		FLT_TRY(leave_out(member, err));
	struct flt_train_options options = members->kinds[member->number % members->n_kinds];
	options.seed = member_seed(options.seed, member->number);
	if (members->n_members > 1)
		options.n_threads = 1;
	enum flt_status status = train_net(member, &options, err);
	if (!members->made[member->number].net || member->bag->stop || (status != FLT_OK && status != FLT_ERR_DIVERGED))
		return status;
	/* err keeps the sentence about divergence unless scoring fails. */
	struct flt_error why;
	enum flt_status scored = score_held_out(member, &why);
	return scored == FLT_OK ? status : flt_fail(err, scored, "%s", why.text);
}

static void run_member(void *context, size_t number, size_t worker)
{
	(void)worker;
	struct bag *bag = context;
	struct member member = {.bag = bag, .number = number};
	if (!bag->stop)
		bag->status[number] = train_member(&member, &bag->errors[number]);
	flt_free(member.rows);
	flt_free(member.x);
	flt_free(member.label);
	flt_free(member.weight);
}

static enum flt_status deal(struct bag *bag, struct flt_error *err)
{
	struct flt_members *members = bag->members;
	if (members->validation.n_rows > 0 || members->n_members < 2)
		return FLT_OK;
	struct flt_fold_options options = {.seed = members->kinds[0].seed, .identical = members->identical};
	FLT_TRY(flt_bag_folds_deal(members->table, members->rows, members->fit.n_rows, members->n_members,
	                           members->n_kinds, &options, &bag->folds, err));
	members->n_folds = bag->folds.n_folds;
	return FLT_OK;
}

static void add_held_out(const struct bag *bag, size_t number, struct flt_bag_scores *scores)
{
	const struct flt_members *members = bag->members;
	const struct flt_loss *loss = &members->kinds[number % members->n_kinds].loss;
	struct flt_left_out left_out = flt_bag_left_out(&bag->folds, number);
	const float *logit = bag->held_out[number];
	double ratio = log(loss->weight_positive / loss->weight_negative);
	for (size_t i = 0; i < members->fit.n_rows; i++)
		if (left_out.of[i] == left_out.fold)
			flt_bag_scores_add(scores, i, flt_focal_log_odds((double)*logit++, loss->gamma, ratio));
}

/* How many scores of single members there can be. */
static size_t count_scores(const struct bag *bag)
{
	const struct flt_members *members = bag->members;
	size_t n = 0;
	for (size_t m = 0; m < members->n_members; m++) {
		struct flt_left_out left_out = flt_bag_left_out(&bag->folds, m);
		for (size_t i = 0; i < members->fit.n_rows; i++)
			n += left_out.of[i] == left_out.fold;
	}
	return n;
}

/* Fills held_out (n_rows) with the scores by the members that left the row out. */
static enum flt_status gather_held_out(const struct bag *bag, double *held_out, struct flt_error *err)
{
	const struct flt_members *members = bag->members;
	struct flt_bag_scores scores;
	size_t n_trained = 0;
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(flt_bag_scores_init(&scores, members->fit.n_rows, members->fit.weight, count_scores(bag), err));
	for (size_t m = 0; m < members->n_members; m++)
		if (bag->held_out[m]) {
			add_held_out(bag, m, &scores);
			n_trained++;
		}
	status = flt_bag_scores_finish(&scores, n_trained, members->n_kinds, held_out, err);
out:
	flt_bag_scores_release(&scores);
	return status;
}

static enum flt_status first_failure(const struct bag *bag, struct flt_error *err)
{
	for (size_t m = 0; m < bag->members->n_members; m++)
		if (bag->status[m] != FLT_OK)
			return flt_fail(err, bag->status[m], "%s", bag->errors[m].text);
	return FLT_OK;
}

static enum flt_status run_members(struct bag *bag, struct flt_error *err)
{
	struct flt_pool *pool;
	const struct flt_members *members = bag->members;
	struct flt_checkpoint *checkpoint = members->hooks ? members->hooks->checkpoint : NULL;
	unsigned n_threads =
	        members->n_members > 1 ? members->kinds[0].n_threads : 1; /* a single network has its own */
	if (checkpoint)
		FLT_TRY(flt_checkpoint_begin(checkpoint, members->n_members, err));
	FLT_TRY(flt_pool_new(n_threads, &pool, err));
	pthread_mutex_init(&bag->mutex, NULL);
	flt_pool_run(pool, members->n_members, run_member, bag);
	pthread_mutex_destroy(&bag->mutex);
	flt_pool_free(pool);
	return FLT_OK;
}

static enum flt_status run(struct bag *bag, double *held_out, struct flt_error *err)
{
	size_t n = bag->members->n_members;
	bag->held_out = flt_alloc_zero(n, sizeof *bag->held_out, err);
	bag->status = flt_alloc_zero(n, sizeof *bag->status, err);
	bag->errors = flt_alloc_zero(n, sizeof *bag->errors, err);
	FLT_TRY_MEMORY(bag->held_out && bag->status && bag->errors);
	FLT_TRY(deal(bag, err));
	FLT_TRY(run_members(bag, err));
	if (bag->members->n_folds)
		FLT_TRY(gather_held_out(bag, held_out, err));
	return first_failure(bag, err);
}

enum flt_status flt_members_train(struct flt_members *members, double *held_out, struct flt_error *err)
{
	struct bag bag = {.members = members};
	enum flt_status status = run(&bag, held_out, err);
	members->stopped = bag.stop;
	for (size_t m = 0; bag.held_out && m < members->n_members; m++)
		flt_free(bag.held_out[m]);
	flt_free(bag.held_out);
	flt_free(bag.status);
	flt_free(bag.errors);
	flt_bag_folds_release(&bag.folds);
	return status;
}
