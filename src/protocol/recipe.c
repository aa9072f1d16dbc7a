/*
 * The default recipe. Two kinds of networks make different errors on tables: a plain perceptron under strong weight
 * decay is hard to beat on few or noisy rows, one with periodic embeddings (RealMLP, Holzmueller et al. 2024) where the
 * classes differ by thresholds. Averaging members of both beats choosing between them.
 *
 * The budget bounds the work: epochs fall as the rows grow, so a member visits at most about row_visits rows, and the
 * batch grows with the rows.
 */
#include "protocol/recipe.h"

#include <math.h>

#include "nn/linear.h"

static void plain(struct flt_train_options *o)
{
	o->n_hidden = 2;
	o->hidden[0] = o->hidden[1] = 128;
	o->activation = FLT_RELU;
	o->front_scale = false;
	o->embedding = FLT_EMBEDDING_NONE;
	o->ntp = o->zero_output_weight = false;
	o->dropout = 0.1;
	o->dropout_schedule = FLT_CONSTANT_RATE;
	o->optimizer = FLT_ADAMW;
	o->lr = 1e-3;
	o->beta1 = 0.9;
	o->beta2 = 0.95;
	o->weight_decay = 1;
	o->schedule = FLT_COSINE;
	o->decay_schedule = FLT_CONSTANT_RATE;
	for (size_t group = 0; group < FLT_N_GROUPS; group++)
		o->lr_factor[group] = 1;
}

/* RealMLP's tuned defaults for one logit. Its two logits move in opposite directions, so a single one
 * learns twice as fast. */
static void embedded(struct flt_train_options *o)
{
	o->n_hidden = 3;
	o->hidden[0] = o->hidden[1] = o->hidden[2] = 128;
	o->activation = FLT_SELU;
	o->front_scale = true;
	o->embedding = FLT_EMBEDDING_PBLD;
	o->ntp = o->zero_output_weight = true;
	o->dropout = 0.15;
	o->dropout_schedule = FLT_FLAT_COS;
	o->optimizer = FLT_ADAMW;
	o->lr = 0.04;
	o->beta1 = 0.9;
	o->beta2 = 0.95;
	o->weight_decay = 0.1;
	o->schedule = FLT_COSLOG4;
	o->decay_schedule = FLT_FLAT_COS;
	o->lr_factor[FLT_GROUP_EMBEDDING] = 0.1;
	o->lr_factor[FLT_GROUP_SCALE] = 6;
	o->lr_factor[FLT_GROUP_WEIGHT] = 1;
	o->lr_factor[FLT_GROUP_BIAS] = 0.1;
	o->lr_factor[FLT_GROUP_OUTPUT_WEIGHT] = 2;
	o->lr_factor[FLT_GROUP_OUTPUT_BIAS] = 0.2;
}

/* What a preset allows. */
struct budget {
	size_t n_members, plain_epochs, embedded_epochs;
	double row_visits; /* of one member: epochs times rows */
};

static const struct budget BUDGETS[] = {
        [FLT_PRESET_FAST] = {1, 32, 16, 5e5},
        [FLT_PRESET_DEFAULT] = {8, 64, 32, 4e6},
        [FLT_PRESET_BEST] = {32, 96, 48, 2e7},
};

enum { MIN_EPOCHS = 4 };

/* Larger tables bear larger batches: fewer, better filled matrix products for the same number of epochs. */
static size_t batch_for(size_t n_rows)
{
	return n_rows <= 1024 ? 64 : n_rows <= 8192 ? 128 : n_rows <= 100000 ? 256 : 512;
}

static void set_budget(struct flt_train_options *o, const struct budget *budget, size_t n_rows)
{
	double affordable = floor(budget->row_visits / (double)n_rows);
	size_t wanted = o->embedding == FLT_EMBEDDING_NONE ? budget->plain_epochs : budget->embedded_epochs;
	o->epochs = affordable < MIN_EPOCHS ? MIN_EPOCHS : affordable < (double)wanted ? (size_t)affordable : wanted;
	o->batch = batch_for(n_rows);
	o->patience = 0;
	o->ema = 0;
}

/* Puts the caller's value into *o for each fixed field, and for those that no recipe chooses. */
static void keep_fixed(const struct flt_train_options *given, unsigned fixed, struct flt_train_options *o)
{
	struct flt_train_options chosen = *o;
	*o = *given;
	if (!(fixed & FLT_FIX_HIDDEN)) {
		o->n_hidden = chosen.n_hidden;
		for (size_t i = 0; i < FLT_MAX_HIDDEN; i++)
			o->hidden[i] = chosen.hidden[i];
	}
	if (!(fixed & FLT_FIX_ACTIVATION))
		o->activation = chosen.activation;
	if (!(fixed & FLT_FIX_FRONT_SCALE))
		o->front_scale = chosen.front_scale;
	if (!(fixed & FLT_FIX_EMBEDDING))
		o->embedding = chosen.embedding;
	if (!(fixed & FLT_FIX_DROPOUT)) {
		o->dropout = chosen.dropout;
		o->dropout_schedule = chosen.dropout_schedule;
	}
	if (!(fixed & FLT_FIX_OPTIMIZER)) {
		o->optimizer = chosen.optimizer;
		o->beta1 = chosen.beta1;
		o->beta2 = chosen.beta2;
	}
	/* A learning rate given by the caller is that of all weights, without NTP and factors for groups. */
	if (!(fixed & FLT_FIX_LR)) {
		o->lr = chosen.lr;
		o->ntp = chosen.ntp;
		for (size_t group = 0; group < FLT_N_GROUPS; group++)
			o->lr_factor[group] = chosen.lr_factor[group];
	}
	if (!(fixed & FLT_FIX_DECAY)) {
		o->weight_decay = chosen.weight_decay;
		o->decay_schedule = chosen.decay_schedule;
	}
	if (!(fixed & FLT_FIX_SCHEDULE))
		o->schedule = chosen.schedule;
	if (!(fixed & FLT_FIX_BATCH))
		o->batch = chosen.batch;
	if (!(fixed & FLT_FIX_EPOCHS))
		o->epochs = chosen.epochs;
	if (!(fixed & FLT_FIX_PATIENCE))
		o->patience = chosen.patience;
	if (!(fixed & FLT_FIX_EMA))
		o->ema = chosen.ema;
	o->zero_output_weight = chosen.zero_output_weight;
}

static void resolve_kind(const struct flt_fit_options *options, size_t kind, const struct budget *budget, size_t n_rows,
                         struct flt_train_options *o)
{
	if (options->recipe == FLT_RECIPE_EMBEDDED || (options->recipe == FLT_RECIPE_MIXED && kind == 1))
		embedded(o);
	else
		plain(o);
	set_budget(o, budget, n_rows);
	keep_fixed(&options->train, options->fixed, o);
}

/* Newton's method takes all rows and its own steps. Each of its epochs is an optimum: fewer would be another model. */
static void solve(struct flt_train_options *o, unsigned fixed, size_t n_rows)
{
	o->choose_decay = !(fixed & FLT_FIX_DECAY);
	o->epochs = flt_linear_n_epochs(o);
	o->batch = n_rows;
	o->lr = 1;
	o->schedule = FLT_CONSTANT_RATE;
}

/* A divisor of 0 or 1 leaves all epochs. */
static size_t divide_epochs(size_t epochs, size_t divisor)
{
	if (divisor < 2)
		return epochs;
	return epochs / divisor < 2 ? 2 : epochs / divisor;
}

void flt_recipe_resolve(const struct flt_fit_options *options, size_t n_rows,
                        struct flt_train_options kinds[FLT_MAX_KINDS], size_t *n_kinds, size_t *n_members)
{
	const struct budget *budget = &BUDGETS[options->preset];
	bool all_fixed = (options->fixed & FLT_FIX_ALL) == FLT_FIX_ALL;
	*n_members = options->n_members ? options->n_members : all_fixed ? 1 : budget->n_members;
	*n_kinds = options->recipe == FLT_RECIPE_MIXED && *n_members > 1 && !all_fixed ? 2 : 1;
	for (size_t i = 0; i < *n_kinds; i++) {
		kinds[i] = options->train;
		if (!all_fixed)
			resolve_kind(options, i, budget, n_rows, &kinds[i]);
		kinds[i].epochs = divide_epochs(kinds[i].epochs, options->epochs_divisor);
		if (kinds[i].optimizer == FLT_NEWTON)
			solve(&kinds[i], options->fixed, n_rows);
	}
}
