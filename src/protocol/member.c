#include "protocol/member.h"

#include <string.h>

#include "base/alloc.h"

static enum flt_status prepare_rows(struct flt_member *member, const struct flt_prep *prep,
                                    const struct flt_prep_options *how, struct flt_error *err)
{
	FLT_TRY(flt_role_data_prepare(&member->learnt, prep, member->table, member->rows, how, how->n_threads, err));
	return flt_role_data_prepare(&member->judged, prep, member->table, member->held_out, NULL, how->n_threads, err);
}

/* Takes the prepared rows from the file in its folder, or prepares them and writes the file. */
static enum flt_status find_rows(struct flt_member *member, const struct flt_prep_options *how, struct flt_error *err)
{
	const struct flt_rows_origin origin = {.table = member->table,
	                                       .prep = member->base,
	                                       .seed = how->seed,
	                                       .fit = member->rows,
	                                       .n_fit = member->n_rows,
	                                       .validation = member->held_out,
	                                       .n_validation = member->n_held_out};
	FLT_TRY(flt_rows_file_open(member->rows_folder, &origin, &member->file, err));
	bool were_found = member->file.fit != NULL;
	if (were_found) {
		member->learnt.x = member->file.fit;
		member->judged.x = member->file.validation;
	} else {
		FLT_TRY(prepare_rows(member, member->base, how, err));
		FLT_TRY(flt_rows_file_write(member->file.path, &origin, member->learnt.x, member->judged.x, err));
	}
	if (member->on_rows)
		member->on_rows(member->hooks.context, member->file.path, were_found);
	return FLT_OK;
}

/* Unless another network has learnt the same. */
static enum flt_status learn_prep(struct flt_member *member, const struct flt_prep_options *how, struct flt_error *err)
{
	member->prep = flt_shared_preps_take(member->preps, member->turn, member->how);
	if (member->prep)
		return FLT_OK;
	enum flt_status status =
	        flt_prep_refit(member->base, member->table, member->rows, member->n_rows, how, &member->prep, err);
	flt_shared_preps_offer(member->preps, member->turn, member->how, member->prep);
	return status;
}

static enum flt_status prepare(struct flt_member *member, struct flt_error *err)
{
	const struct flt_table *table = member->table;
	struct flt_prep_options how = *member->how;
	how.n_threads = member->train->n_threads;
	if (!member->is_base_enough)
		FLT_TRY(learn_prep(member, &how, err));
	const struct flt_prep *prep = member->prep ? member->prep : member->base;
	FLT_TRY(flt_role_data_take(&member->learnt, table, member->rows, member->n_rows, member->unit, err));
	FLT_TRY(flt_role_data_take(&member->judged, table, member->held_out, member->n_held_out, member->unit, err));
	FLT_TRY(member->rows_folder ? find_rows(member, &how, err) : prepare_rows(member, prep, &how, err));
	size_t n_in = flt_prep_n_features(prep);
	member->numeric = flt_alloc(n_in, sizeof *member->numeric, err);
	FLT_TRY_MEMORY(member->numeric);
	for (size_t i = 0; i < n_in; i++)
		member->numeric[i] = flt_prep_feature_is_numeric(prep, i);
	return FLT_OK;
}

static struct flt_data data_of(const struct flt_member *member, const struct flt_role_data *data)
{
	const struct flt_prep *prep = member->prep ? member->prep : member->base;
	return (struct flt_data){.x = data->x,
	                         .label = data->label,
	                         .weight = data->weight,
	                         .n_rows = data->n_rows,
	                         .n_in = flt_prep_n_features(prep),
	                         .numeric = member->numeric};
}

static bool pass_epoch(void *context, const struct flt_epoch *epoch)
{
	struct flt_member *member = context;
	member->last_epoch = *epoch;
	return member->hooks.on_epoch && member->hooks.on_epoch(member->hooks.context, epoch);
}

/* Keeps the weights of the last epoch, if it can be judged whether they are the better ones. */
static bool pass_step(void *context, const struct flt_train_state *state)
{
	struct flt_member *member = context;
	if (state->ended && member->last)
		memcpy(member->last, state->vectors[FLT_STATE_PARAMS], state->n_params * sizeof *member->last);
	return member->hooks.between_steps && member->hooks.between_steps(member->hooks.context, state);
}

/* Each epoch of Newton's method is another model, and validation rows have to choose one; so do patience and a running
 * average ask for it. */
static bool has_last(const struct flt_member *member)
{
	const struct flt_train_options *train = member->train;
	return member->wants_last && member->n_held_out > 0 && train->optimizer != FLT_NEWTON && train->patience == 0 &&
	       train->ema <= 0;
}

static enum flt_status train(struct flt_member *member, struct flt_error *err)
{
	struct flt_data learnt = data_of(member, &member->learnt), judged = data_of(member, &member->judged);
	struct flt_train_hooks hooks = {.on_epoch = pass_epoch,
	                                .between_steps = pass_step,
	                                .from = member->hooks.from,
	                                .team = member->hooks.team,
	                                .context = member};
	struct flt_train_memory memory;
	if (has_last(member)) {
		FLT_TRY(flt_train_memory(member->train, &learnt, judged.n_rows, &memory, err));
		member->last = flt_alloc(memory.n_params, sizeof *member->last, err);
		FLT_TRY_MEMORY(member->last);
	}
	return flt_train(member->train, &learnt, judged.n_rows ? &judged : NULL, &hooks, &member->net, &member->result,
	                 err);
}

static void swap(float *a, float *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		float kept = a[i];
		a[i] = b[i];
		b[i] = kept;
	}
}

static enum flt_status predict(const struct flt_member *member, float **logit, struct flt_error *err)
{
	*logit = flt_alloc(member->n_held_out, sizeof **logit, err);
	FLT_TRY_MEMORY(*logit);
	return flt_mlp_predict(member->net, member->judged.x, member->n_held_out, member->train->n_threads, *logit,
	                       err);
}

static enum flt_status score(struct flt_member *member, bool ended, struct flt_error *err)
{
	if (member->n_held_out == 0)
		return FLT_OK;
	FLT_TRY(predict(member, &member->logit, err));
	if (!member->last || !ended || member->result.best_epoch == member->result.epochs)
		return FLT_OK;
	size_t n_params = flt_mlp_n_params(member->net);
	float *params = flt_mlp_params(member->net);
	swap(params, member->last, n_params);
	enum flt_status status = predict(member, &member->last_logit, err);
	swap(params, member->last, n_params);
	return status;
}

static void release_rows(struct flt_member *member)
{
	flt_role_data_release(&member->learnt);
	flt_role_data_release(&member->judged);
	flt_rows_file_close(&member->file);
	flt_free(member->numeric);
	flt_free(member->own_rows);
	member->own_rows = NULL;
	member->rows = member->held_out = NULL;
	member->numeric = NULL;
}

static enum flt_status run(struct flt_member *member, struct flt_error *err)
{
	FLT_TRY(prepare(member, err));
	enum flt_status trained = train(member, err);
	if (!member->net || (trained != FLT_OK && trained != FLT_ERR_DIVERGED))
		return trained;
	/* err keeps the sentence about divergence unless scoring fails. */
	struct flt_error why;
	enum flt_status scored = score(member, trained == FLT_OK, &why);
	return scored == FLT_OK ? trained : flt_fail(err, scored, "%s", why.text);
}

enum flt_status flt_member_run(struct flt_member *member, struct flt_error *err)
{
	enum flt_status status = run(member, err);
	release_rows(member);
	return status;
}

void flt_member_keep_last(struct flt_member *member)
{
	if (!member->last_logit)
		return;
	memcpy(flt_mlp_params(member->net), member->last, flt_mlp_n_params(member->net) * sizeof *member->last);
	flt_free(member->logit);
	member->logit = member->last_logit;
	member->last_logit = NULL;
	member->result.best = member->last_epoch;
	member->result.best_epoch = member->result.epochs;
}

void flt_member_release(struct flt_member *member)
{
	release_rows(member);
	flt_prep_free(member->prep);
	flt_mlp_free(member->net);
	flt_free(member->last);
	flt_free(member->logit);
	flt_free(member->last_logit);
	*member = (struct flt_member){0};
}
