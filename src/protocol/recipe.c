/*
 * The default recipe: a pool of kinds of networks that make different errors on tables. A plain perceptron under strong
 * weight decay is hard to beat on few or noisy rows; one with periodic embeddings (RealMLP, Holzmueller et al. 2024)
 * where the classes differ by thresholds; quantile scale where columns have heavy tails; steps where thresholds are
 * sharp; a linear model where rows are few. No kind wins everywhere, so rows that were not learnt from say what each
 * shall weigh.
 *
 * The budget bounds the work: epochs fall as the rows grow, so a member visits at most about row_visits rows, and the
 * batch grows with the rows. Of large tables fewer kinds go on to the end, and where positive rows are rare an epoch
 * draws some of the negative ones (nn/order.h), so that there are more epochs for less work.
 */
#include "protocol/recipe.h"

#include <math.h>

#include "base/random.h"
#include "nn/linear.h"
#include "nn/order.h"
#include "protocol/bag_folds.h"

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

/* A linear model, brought to its optimum; validation rows choose its penalty. */
static void linear(struct flt_train_options *o)
{
	plain(o);
	o->n_hidden = 0;
	o->dropout = 0;
	o->optimizer = FLT_NEWTON;
}

/* The kinds, in the order in which they join a pool of few networks. */
static const struct recipe_kind {
	enum flt_recipe recipe;
	void (*choose)(struct flt_train_options *);
	bool has_quantiles, has_steps;
} KINDS[] = {
        {FLT_RECIPE_PLAIN, plain, false, false},
        {FLT_RECIPE_EMBEDDED, embedded, false, false},
        {FLT_RECIPE_EMBEDDED_QUANTILE, embedded, true, false},
        {FLT_RECIPE_PLAIN_STEPS, plain, false, true},
        {FLT_RECIPE_EMBEDDED_STEPS, embedded, false, true},
        {FLT_RECIPE_LINEAR, linear, false, false},
};
#define N_KINDS (sizeof KINDS / sizeof *KINDS)
_Static_assert(N_KINDS == FLT_MAX_KINDS, "each recipe but the pool is a kind");

/* What kinds with steps ask of the scout: its best thresholds, and of wide tables the columns that tell most. */
enum { STEPS = 64, STEP_COLUMNS = 30 };

/* How long a member trains at most. */
struct length {
	size_t epochs;
	double row_visits; /* epochs times the rows of one */
	double negatives;  /* for each positive row of an epoch; 0: all */
};

/* What a preset allows. */
struct budget {
	size_t n_members; /* of a single kind */
	struct length plain, embedded;
};

static const struct budget BUDGETS[] = {
        [FLT_PRESET_FAST] = {1, {32, 5e5, 0}, {16, 5e5, 0}},
        [FLT_PRESET_DEFAULT] = {8, {64, 4e6, 0}, {32, 4e6, 0}},
        [FLT_PRESET_BEST] = {32, {96, 2e7, 0}, {48, 2e7, 0}},
};

/* Folds of a pool's deals: a network learns from four fifths of the rows. */
enum { POOL_FOLDS = 5 };

/* A pool's networks by the size of the table. On two cores the default is to take at most about 20 s for 10,000 rows of
 * 20 inputs, and 120 s for 285,000 of 30. */
struct pool_budget {
	double most_rows; /* of 20 inputs; wider ones count for more */
	size_t n_tried, n_kept;
	size_t n_rounds, n_round;      /* of the kinds that stay; after the first, as long as they help */
	struct length plain, embedded; /* an embedded member takes twice as long for each row */
};

/* Networks of few rows soon learn them by heart; those of thousands go on to get better while time allows. Three kinds
 * with 160 and 96 epochs gave -.008 mean PR-AUC on three sets of 760 to 1,109 rows, and +.017 on five of 3,746 to
 * 5,022, beside 64 and 32. */
static const struct pool_budget POOL_DEFAULT[] = {
        {2000, POOL_FOLDS, N_KINDS, 0, 0, {64, 7e5, 0}, {32, 3.5e5, 0}},
        {12000, POOL_FOLDS, N_KINDS, 0, 0, {160, 7e5, 0}, {96, 3.5e5, 0}},
        {50000, 2, 5, 1, 3, {64, 6e5, 50}, {32, 3e5, 50}},
        {HUGE_VAL, 1, 3, 1, 4, {64, 3e6, 50}, {32, 1.5e6, 50}},
};
static const struct pool_budget POOL_BEST[] = {
        {12000, POOL_FOLDS, 5, 3, POOL_FOLDS, {240, 2e7, 0}, {144, 1e7, 0}},
        {50000, POOL_FOLDS, 5, 3, POOL_FOLDS, {96, 2e7, 0}, {48, 1e7, 0}},
        {HUGE_VAL, 2, 5, 4, 3, {96, 1e7, 0}, {48, 5e6, 0}},
};

/* A kind needs so many networks to be judged, if the caller says how many there are in all. */
enum { LEAST_OF_KIND = 4 };

enum { MIN_EPOCHS = 4 };

/* So many times the epochs that there would be of all rows, where epochs draw some. Half of what drawing saves is kept:
 * on two simulated tables, as many epochs lost .01 PR-AUC, and twice as many gained .010 and .036 (bench-negatives). */
enum { MOST_BY_DRAWING = 2 };

/* Larger tables bear larger batches: fewer, better filled matrix products for the same number of epochs. */
static size_t batch_for(size_t n_rows)
{
	return n_rows <= 1024 ? 64 : n_rows <= 8192 ? 128 : n_rows <= 100000 ? 256 : 512;
}

static void set_length(struct flt_train_options *o, unsigned fixed, const struct length *length,
                       const struct flt_recipe_rows *rows)
{
	if (!(fixed & FLT_FIX_NEGATIVES))
		o->negatives = length->negatives;
	size_t n_visited = flt_epoch_rows(o, rows->n, rows->n_positive).n;
	double of_all = floor(length->row_visits / (double)rows->n);
	double epochs = fmin(floor(length->row_visits / (double)n_visited), MOST_BY_DRAWING * of_all);
	o->epochs = (size_t)fmax(fmin(epochs, (double)length->epochs), MIN_EPOCHS);
	o->batch = batch_for(rows->n);
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
	if (!(fixed & FLT_FIX_NEGATIVES))
		o->negatives = chosen.negatives;
	if (!(fixed & FLT_FIX_PATIENCE))
		o->patience = chosen.patience;
	if (!(fixed & FLT_FIX_EMA))
		o->ema = chosen.ema;
	o->zero_output_weight = chosen.zero_output_weight;
}

/* ---- which kinds ---- */

static bool is_embedded(const struct recipe_kind *kind)
{
	return kind->choose == embedded;
}

/* Whether fields that the caller has fixed have no place in the kind, or would make it another one. */
static bool is_contradicted(const struct recipe_kind *kind, const struct flt_fit_options *options)
{
	const unsigned of_networks = FLT_FIX_HIDDEN | FLT_FIX_ACTIVATION | FLT_FIX_DROPOUT | FLT_FIX_OPTIMIZER |
	                             FLT_FIX_LR | FLT_FIX_DECAY | FLT_FIX_SCHEDULE | FLT_FIX_FRONT_SCALE;
	bool wants_embedding = options->train.embedding != FLT_EMBEDDING_NONE;
	if (options->fixed & FLT_FIX_EMBEDDING && wants_embedding != is_embedded(kind))
		return true;
	if ((options->fixed & FLT_FIX_SCALE && kind->has_quantiles) ||
	    (options->fixed & FLT_FIX_STEPS && kind->has_steps))
		return true;
	return kind->choose == linear && options->fixed & of_networks;
}

static const struct recipe_kind *find_kind(enum flt_recipe recipe)
{
	size_t i = 0;
	while (KINDS[i].recipe != recipe)
		i++;
	return &KINDS[i];
}

/* Fills found (N_KINDS) with the kinds of the pool, and returns how many there are. */
static size_t pool_kinds(const struct flt_fit_options *options, const struct recipe_kind *found[N_KINDS])
{
	size_t n = 0;
	for (size_t i = 0; i < N_KINDS; i++)
		if (!is_contradicted(&KINDS[i], options))
			found[n++] = &KINDS[i];
	return n;
}

/* ---- how many networks ---- */

static const struct pool_budget *find_pool_budget(enum flt_preset preset, size_t n_rows, size_t n_inputs)
{
	const double narrow = 20, fixed_cost = 50; /* inputs; what a row costs beside them, in inputs */
	double rows = (double)n_rows * (fixed_cost + fmax((double)n_inputs, narrow)) / (fixed_cost + narrow);
	const struct pool_budget *budget = preset == FLT_PRESET_BEST ? POOL_BEST : POOL_DEFAULT;
	while (rows > budget->most_rows)
		budget++;
	return budget;
}

static size_t smaller(size_t x, size_t y)
{
	return x < y ? x : y;
}

/* So many networks in all, of as many kinds as they suffice for. */
static void share_out(struct flt_roster *roster, size_t n_members, size_t n_available)
{
	size_t n_kinds = smaller(n_members / LEAST_OF_KIND, n_available);
	roster->n_kinds = n_kinds ? n_kinds : 1;
	roster->n_members = n_members;
	roster->n_tried = (n_members + roster->n_kinds - 1) / roster->n_kinds;
	roster->n_turns = roster->n_tried;
	roster->n_kept = roster->n_kinds;
	roster->n_folds =
	        roster->n_kinds > 1 ? smaller(n_members / roster->n_kinds, POOL_FOLDS) : flt_bag_n_folds(n_members);
}

static void fill_pool(struct flt_roster *roster, const struct pool_budget *budget, size_t n_available)
{
	roster->n_kinds = n_available;
	roster->n_tried = budget->n_tried;
	roster->n_kept = smaller(budget->n_kept, n_available);
	roster->n_turns = budget->n_tried + budget->n_rounds * budget->n_round;
	roster->n_round = budget->n_round;
	roster->n_members = n_available * budget->n_tried + roster->n_kept * budget->n_rounds * budget->n_round;
	roster->n_folds = POOL_FOLDS;
}

/* A divisor of 0 or 1 leaves all epochs. */
static size_t divide_epochs(size_t epochs, size_t divisor)
{
	if (divisor < 2)
		return epochs;
	return epochs / divisor < 2 ? 2 : epochs / divisor;
}

/* Newton's method takes all rows and its own steps. Each of its epochs is an optimum: fewer would be another model. */
static void solve(struct flt_train_options *o, unsigned fixed, size_t n_rows)
{
	o->choose_decay = o->choose_decay || !(fixed & FLT_FIX_DECAY);
	o->epochs = flt_linear_n_epochs(o);
	o->batch = n_rows;
	o->lr = 1;
	o->schedule = FLT_CONSTANT_RATE;
}

static void resolve_kind(const struct flt_fit_options *options, const struct recipe_kind *from,
                         const struct length *length, const struct flt_recipe_rows *rows, struct flt_kind *kind)
{
	struct flt_train_options *o = &kind->train;
	kind->recipe = from->recipe;
	kind->prep = options->prep;
	kind->prep.seed = options->train.seed;
	if (from->has_quantiles)
		kind->prep.scale = FLT_SCALE_QUANTILE;
	if (from->has_steps) {
		kind->prep.n_steps = STEPS;
		kind->prep.n_columns = STEP_COLUMNS;
	}
	*o = options->train;
	from->choose(o);
	set_length(o, options->fixed, length, rows);
	keep_fixed(&options->train, options->fixed, o);
	o->epochs = divide_epochs(o->epochs, options->epochs_divisor);
}

/* The caller chose everything. */
static void take_as_given(const struct flt_fit_options *options, size_t n_rows, struct flt_roster *roster)
{
	struct flt_kind *kind = &roster->kinds[0];
	kind->recipe = options->recipe == FLT_RECIPE_POOL ? FLT_RECIPE_PLAIN : options->recipe;
	kind->prep = options->prep;
	kind->prep.seed = options->train.seed;
	kind->train = options->train;
	kind->train.epochs = divide_epochs(kind->train.epochs, options->epochs_divisor);
	if (kind->train.optimizer == FLT_NEWTON)
		solve(&kind->train, options->fixed, n_rows);
	share_out(roster, options->n_members ? options->n_members : 1, 1);
}

struct flt_recipe_rows flt_recipe_rows_like(const struct flt_fit_plan *plan, size_t n)
{
	return (struct flt_recipe_rows){.n = n,
	                                .n_positive = (size_t)round(plan->positive_share * (double)n),
	                                .n_inputs = plan->prep ? flt_prep_n_features(plan->prep) : 0};
}

void flt_recipe_resolve(const struct flt_fit_options *options, const struct flt_recipe_rows *rows,
                        struct flt_roster *roster)
{
	const struct recipe_kind *found[N_KINDS];
	const struct budget *budget = &BUDGETS[options->preset];
	struct length plain_length = budget->plain, embedded_length = budget->embedded;
	*roster = (struct flt_roster){0};
	if ((options->fixed & FLT_FIX_ALL) == FLT_FIX_ALL) {
		take_as_given(options, rows->n, roster);
		return;
	}
	size_t n_available = 1, n_members = options->n_members;
	if (options->recipe == FLT_RECIPE_POOL)
		n_available = pool_kinds(options, found);
	else
		found[0] = find_kind(options->recipe);
	if (n_members == 0 && (n_available == 1 || options->preset == FLT_PRESET_FAST))
		n_members = budget->n_members;
	if (n_members) {
		share_out(roster, n_members, n_available);
	} else {
		const struct pool_budget *of_pool = find_pool_budget(options->preset, rows->n, rows->n_inputs);
		fill_pool(roster, of_pool, n_available);
		plain_length = of_pool->plain;
		embedded_length = of_pool->embedded;
	}
	for (size_t i = 0; i < roster->n_kinds; i++)
		resolve_kind(options, found[i], is_embedded(found[i]) ? &embedded_length : &plain_length, rows,
		             &roster->kinds[i]);
	for (size_t i = 0; i < roster->n_kinds; i++)
		if (roster->kinds[i].train.optimizer == FLT_NEWTON)
			solve(&roster->kinds[i].train, options->fixed, rows->n);
}

/* ---- a member's own ---- */

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

/* Where preset best draws the hyper-parameters of a member, so that members differ: dropout and the frequencies of
 * embeddings up to the most, and down to the least, of RealMLP's search space (Holzmueller et al. 2024), the others
 * around the tuned ones. None of the ranges has been tuned. */
static const struct {
	size_t widths[3];
	double dropout;            /* from 0 to this */
	double lr, decay;          /* between 1 / this and this times the tuned one */
	double least_sigma, sigma; /* of embedding frequencies */
} DRAWN = {{64, 128, 256}, 0.3, 2, 3, 0.05, 0.5};

static double draw_log(struct flt_random *random, double least, double most)
{
	return least * pow(most / least, flt_random_uniform(random));
}

static void draw(unsigned fixed, uint64_t seed, size_t member, struct flt_train_options *o)
{
	struct flt_random random;
	flt_random_init(&random, seed, "recipe", member);
	size_t width = DRAWN.widths[flt_random_below(&random, sizeof DRAWN.widths / sizeof *DRAWN.widths)];
	double dropout = DRAWN.dropout * flt_random_uniform(&random);
	double lr = draw_log(&random, 1 / DRAWN.lr, DRAWN.lr), decay = draw_log(&random, 1 / DRAWN.decay, DRAWN.decay);
	double sigma = draw_log(&random, DRAWN.least_sigma, DRAWN.sigma);
	for (size_t i = 0; i < o->n_hidden && !(fixed & FLT_FIX_HIDDEN); i++)
		o->hidden[i] = width;
	if (!(fixed & FLT_FIX_DROPOUT))
		o->dropout = dropout;
	if (!(fixed & FLT_FIX_LR))
		o->lr *= lr;
	if (!(fixed & FLT_FIX_DECAY))
		o->weight_decay *= decay;
	o->frequency_sigma = sigma;
}

struct flt_train_options flt_recipe_of_member(const struct flt_fit_options *options, const struct flt_kind *kind,
                                              size_t member)
{
	struct flt_train_options own = kind->train;
	bool is_drawn = options->preset == FLT_PRESET_BEST && (options->fixed & FLT_FIX_ALL) != FLT_FIX_ALL;
	if (is_drawn && own.n_hidden > 0)
		draw(options->fixed, own.seed, member, &own);
	own.seed = member_seed(own.seed, member);
	return own;
}
