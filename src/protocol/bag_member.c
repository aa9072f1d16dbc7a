/* A member of a bag: the rows it learns from and those it leaves out, its hooks and its state. */
#include "protocol/bag.h"

#include "base/alloc.h"
#include "protocol/checkpoint_rounds.h"
#include "protocol/recipe.h"
#include "protocol/row_team.h"

/* A member at work, as hooks and pool see it. */
struct place {
	struct flt_bag *bag;
	size_t number;
	struct flt_train_options train;
	enum flt_status kept;         /* FLT_OK if the checkpoint has taken its state; else errors says why not */
	struct flt_row_team rows;     /* of the only network, if it has a team */
	struct flt_train_state state; /* in a team: the last that was shown */
};

struct flt_ranks *flt_bag_ranks(const struct flt_bag *bag)
{
	return bag->members->hooks ? bag->members->hooks->ranks : NULL;
}

static bool pass_epoch(void *context, const struct flt_epoch *epoch)
{
	const struct place *place = context;
	struct flt_bag *bag = place->bag;
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
	struct flt_bag *bag = place->bag;
	const struct flt_hooks *hooks = bag->members->hooks;
	if (hooks->checkpoint && (bag->team_size == 0 || flt_ranks_own(hooks->ranks) == 0))
		place->kept = flt_checkpoint_pass(hooks->checkpoint, hooks->training, place->number, &place->state,
		                                  stops, &bag->errors[place->number]);
}

/* Steps that patience will leave out count as if they came. */
static void tell_step(const struct place *place, const struct flt_train_state *state)
{
	struct flt_bag *bag = place->bag;
	const struct flt_hooks *hooks = bag->members->hooks;
	if (!hooks->on_step || state->n_steps_at_most == 0)
		return;
	double share = bag->share[bag->members->kind_of[place->number]];
	pthread_mutex_lock(&bag->mutex);
	hooks->on_step(hooks->context, place->number, share * (double)state->n_steps / (double)state->n_steps_at_most);
	pthread_mutex_unlock(&bag->mutex);
}

static bool pass_step(void *context, const struct flt_train_state *state)
{
	struct place *place = context;
	struct flt_bag *bag = place->bag;
	const struct flt_hooks *hooks = bag->members->hooks;
	bool is_asked = hooks->should_stop && hooks->should_stop(hooks->context);
	if (is_asked || flt_ranks_look(hooks->ranks))
		bag->stop = true;
	bool stops = bag->stop;
	place->state = *state;
	if (!state->ended)
		tell_step(place, state);
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
static enum flt_status part_rows(const struct flt_bag *bag, struct flt_member *member, size_t number,
                                 struct flt_error *err)
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
static enum flt_status share_rows(const struct flt_bag *bag, struct flt_member *member, size_t number,
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

static const struct flt_team *join_team(struct place *place)
{
	place->rows = (struct flt_row_team){.ranks = flt_bag_ranks(place->bag), .on_wait = pass_wait, .context = place};
	flt_row_team_init(&place->rows, place->bag->team_size);
	return &place->rows.team;
}

/* Trains the network, from the state in the checkpoint if there is one, and keeps the checkpoint up to date. */
static enum flt_status train_member(struct place *place, struct flt_error *err)
{
	struct flt_bag *bag = place->bag;
	const struct flt_members *members = bag->members;
	const struct flt_kind *kind = &bag->roster->kinds[members->kind_of[place->number]];
	struct flt_member *member = &bag->made[place->number];
	struct flt_checkpoint *checkpoint = members->hooks ? members->hooks->checkpoint : NULL;
	const struct flt_hooks *hooks = members->hooks;
	bool is_watched = checkpoint || bag->team_size > 0 || (hooks && (hooks->should_stop || hooks->on_step));
	place->train = flt_recipe_of_member(members->options, kind, place->number);
	place->train.n_threads = bag->n_threads;
	*member =
	        (struct flt_member){.table = members->table,
	                            .unit = bag->unit,
	                            .base = members->prep,
	                            .is_base_enough = members->n_folds == 0 &&
	                                              flt_shared_preps_are_alike(&kind->prep, &members->options->prep),
	                            .how = &kind->prep,
	                            .preps = &bag->preps,
	                            .turn = bag->turn_of[place->number],
	                            .train = &place->train,
	                            .wants_last = bag->roster->n_kinds > 1};
	bool is_first_rank = flt_ranks_own(flt_bag_ranks(bag)) == 0; /* the others would write the same file */
	if (member->is_base_enough && bag->roster->n_members == 1 && is_first_rank) {
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

static bool is_own(const struct flt_bag *bag, size_t number)
{
	size_t own = flt_ranks_own(flt_bag_ranks(bag));
	return bag->team_size > 0 ? own < bag->team_size : bag->rank_of[number] == own;
}

void flt_bag_run_member(void *context, size_t task, size_t worker)
{
	(void)worker;
	struct flt_bag *bag = context;
	struct place place = {.bag = bag, .number = bag->first + task};
	if (is_own(bag, place.number) == bag->replays)
		return;
	if (!bag->stop)
		bag->status[place.number] = train_member(&place, &bag->errors[place.number]);
	bag->members->results[place.number] = bag->made[place.number].result;
}
