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
#include "protocol/checkpoint_rounds.h"

/* More folds would leave out fewer than a tenth of the rows: a member would gain little, and be validated on too few.
 */
enum { MAX_FOLDS = 10 };

/* What the members share while they train. */
struct bag {
	struct flt_members *members;
	uint32_t *fold;           /* (n_deals, n_rows) */
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

static const uint32_t *folds_of(const struct bag *bag, size_t member)
{
	return bag->fold + member / bag->members->n_folds * bag->members->fit.n_rows;
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
	const uint32_t *fold = folds_of(member->bag, member->number);
	size_t own = member->number % members->n_folds, n_held_out = 0;
	for (size_t i = 0; i < fit->n_rows; i++)
		n_held_out += fold[i] == own;
	member->rows = flt_alloc(fit->n_rows, sizeof *member->rows, err);
	member->x = flt_alloc(n_held_out, fit->n_in * sizeof *member->x, err);
	member->label = flt_alloc(n_held_out, sizeof *member->label, err);
	member->weight = fit->weight ? flt_alloc(n_held_out, sizeof *member->weight, err) : NULL;
	FLT_TRY_MEMORY(member->rows && member->x && member->label && (member->weight || !fit->weight));
	member->fit.rows = member->rows;
	member->fit.n_rows = 0;
	for (size_t i = 0; i < fit->n_rows; i++)
		if (fold[i] == own)
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
	return flt_mlp_predict(members->nets[member->number], member->validation.x, member->validation.n_rows, 1,
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
	                  &members->nets[member->number], &members->results[member->number], err);
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
	if (!members->nets[member->number] || member->bag->stop || (status != FLT_OK && status != FLT_ERR_DIVERGED))
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

size_t flt_members_n_folds(size_t n_members)
{
	return n_members < MAX_FOLDS ? n_members : MAX_FOLDS;
}

/* Deals the fit rows to as many folds as members and positives allow: to none if not even two would have rows of both
 * classes. */
static enum flt_status find_n_folds(struct bag *bag, struct flt_error *err)
{
	struct flt_members *members = bag->members;
	enum flt_status status = FLT_ERR_DATA;
	members->n_folds = flt_members_n_folds(members->n_members) + 1;
	while (status == FLT_ERR_DATA && --members->n_folds >= 2)
		status = flt_split_folds(members->table, members->rows, members->fit.n_rows, members->n_folds,
		                         members->kinds[0].seed, bag->fold, err);
	if (status != FLT_ERR_DATA)
		return status;
	members->n_folds = 0;
	return FLT_OK;
}

static enum flt_status deal(struct bag *bag, struct flt_error *err)
{
	struct flt_members *members = bag->members;
	size_t n = members->fit.n_rows, n_members = members->n_members;
	if (members->validation.n_rows > 0 || n_members < 2)
		return FLT_OK;
	bag->fold = flt_alloc(n_members * n, sizeof *bag->fold, err);
	FLT_TRY_MEMORY(bag->fold);
	FLT_TRY(find_n_folds(bag, err));
	size_t n_deals = members->n_folds ? (n_members + members->n_folds - 1) / members->n_folds : 0;
	for (size_t i = 1; i < n_deals; i++)
		FLT_TRY(flt_split_folds(members->table, members->rows, n, members->n_folds, members->kinds[0].seed + i,
		                        bag->fold + i * n, err));
	return FLT_OK;
}

/* Adds a member's held-out logits to log_p (n_rows) and log_q (n_rows), see flt_mean_log_odds_add. */
static void add_held_out(const struct bag *bag, size_t number, double *log_p, double *log_q)
{
	const struct flt_members *members = bag->members;
	const struct flt_loss *loss = &members->kinds[number % members->n_kinds].loss;
	const uint32_t *fold = folds_of(bag, number);
	const float *logit = bag->held_out[number];
	double ratio = log(loss->weight_positive / loss->weight_negative);
	for (size_t i = 0; i < members->fit.n_rows; i++)
		if (fold[i] == number % members->n_folds)
			flt_mean_log_odds_add(&log_p[i], &log_q[i],
			                      flt_focal_log_odds((double)*logit++, loss->gamma, ratio));
}

/* Fills held_out (n_rows) with the log-odds of the mean probability of the members that left the row out. */
static enum flt_status gather_held_out(const struct bag *bag, double *held_out, struct flt_error *err)
{
	const struct flt_members *members = bag->members;
	size_t n = members->fit.n_rows;
	double *log_p = held_out, *log_q = flt_alloc(n, sizeof *log_q, err);
	FLT_TRY_MEMORY(log_q);
	for (size_t i = 0; i < n; i++)
		log_p[i] = log_q[i] = -HUGE_VAL;
	for (size_t m = 0; m < members->n_members; m++)
		if (bag->held_out[m])
			add_held_out(bag, m, log_p, log_q);
	for (size_t i = 0; i < n; i++)
		held_out[i] = isinf(log_p[i]) && isinf(log_q[i]) ? (double)NAN : log_p[i] - log_q[i];
	flt_free(log_q);
	return FLT_OK;
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
	flt_free(bag.fold);
	return status;
}
