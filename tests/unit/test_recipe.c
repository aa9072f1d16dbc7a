/* The recipe: what it chooses by the number of rows, and that what the caller fixed is left alone. */
#include "protocol/recipe.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "suite.h"

/* Values that no recipe chooses, each another one. */
static struct flt_train_options unusual(void)
{
	struct flt_train_options o;
	flt_train_options_init(&o);
	o.n_hidden = 1;
	for (size_t i = 0; i < FLT_MAX_HIDDEN; i++)
		o.hidden[i] = 31 + i;
	o.activation = FLT_MISH;
	o.front_scale = false;
	o.embedding = FLT_EMBEDDING_NONE;
	o.n_frequencies = 5;
	o.n_embedded = 3;
	o.frequency_sigma = 0.3;
	o.zero_output_bias = true;
	o.zero_output_weight = false;
	o.ntp = false;
	o.dropout = 0.33;
	o.dropout_schedule = FLT_COSINE;
	o.loss = (struct flt_loss){1.5, 2.5, 3.5};
	o.optimizer = FLT_ADAM;
	o.lr = 0.0123;
	o.momentum = 0.77;
	o.beta1 = 0.81;
	o.beta2 = 0.82;
	o.epsilon = 1e-5;
	o.weight_decay = 0.0456;
	o.nesterov = true;
	o.schedule = FLT_FLAT_COS;
	o.decay_schedule = FLT_COSINE;
	for (size_t i = 0; i < FLT_N_GROUPS; i++) {
		o.lr_factor[i] = 3 + (double)i;
		o.decay_factor[i] = 0.5 + (double)i;
	}
	o.clip = 0.9;
	o.batch = 77;
	o.negatives = 7;
	o.epochs = 99;
	o.ema = 0.66;
	o.patience = 11;
	o.monitor = FLT_MONITOR_LOSS;
	o.seed = 42;
	o.n_threads = 3;
	return o;
}

/* Each field, the bit that fixes it (0: the caller's, always), and whether the recipes choose other values than
 * unusual(). */
#define FIELD(name, bit, plain, embedded)                                                                              \
	{                                                                                                              \
#name, offsetof(struct flt_train_options, name), sizeof(((struct flt_train_options *)0)->name), bit,   \
		{                                                                                                      \
			plain, embedded                                                                                \
		}                                                                                                      \
	}
static const struct {
	const char *name;
	size_t offset, size;
	unsigned bit;
	bool is_chosen[2]; /* by the plain recipe, by the embedded one */
} fields[] = {
        FIELD(n_hidden, FLT_FIX_HIDDEN, true, true),
        FIELD(hidden, FLT_FIX_HIDDEN, true, true),
        FIELD(activation, FLT_FIX_ACTIVATION, true, true),
        FIELD(front_scale, FLT_FIX_FRONT_SCALE, false, true),
        FIELD(embedding, FLT_FIX_EMBEDDING, false, true),
        FIELD(n_frequencies, 0, false, false),
        FIELD(n_embedded, 0, false, false),
        FIELD(frequency_sigma, 0, false, false),
        FIELD(zero_output_bias, 0, false, false),
        FIELD(dropout, FLT_FIX_DROPOUT, true, true),
        FIELD(dropout_schedule, FLT_FIX_DROPOUT, true, true),
        FIELD(loss, 0, false, false),
        FIELD(optimizer, FLT_FIX_OPTIMIZER, true, true),
        FIELD(beta1, FLT_FIX_OPTIMIZER, true, true),
        FIELD(beta2, FLT_FIX_OPTIMIZER, true, true),
        FIELD(epsilon, 0, false, false),
        FIELD(momentum, 0, false, false),
        FIELD(nesterov, 0, false, false),
        FIELD(lr, FLT_FIX_LR, true, true),
        FIELD(ntp, FLT_FIX_LR, false, true),
        FIELD(lr_factor, FLT_FIX_LR, true, true),
        FIELD(weight_decay, FLT_FIX_DECAY, true, true),
        FIELD(decay_schedule, FLT_FIX_DECAY, true, true),
        FIELD(decay_factor, 0, false, false),
        FIELD(schedule, FLT_FIX_SCHEDULE, true, true),
        FIELD(clip, 0, false, false),
        FIELD(batch, FLT_FIX_BATCH, true, true),
        FIELD(epochs, FLT_FIX_EPOCHS, true, true),
        FIELD(negatives, FLT_FIX_NEGATIVES, true, true),
        FIELD(ema, FLT_FIX_EMA, true, true),
        FIELD(patience, FLT_FIX_PATIENCE, true, true),
        FIELD(monitor, 0, false, false),
        FIELD(seed, 0, false, false),
        FIELD(n_threads, 0, false, false),
};
enum { N_FIELDS = sizeof fields / sizeof *fields };

static struct flt_train_options resolved(const struct flt_fit_options *options, size_t n_rows, size_t kind)
{
	struct flt_roster roster;
	flt_recipe_resolve(options, &(struct flt_recipe_rows){n_rows, n_rows / 3, 20}, &roster);
	ck_assert_uint_lt(kind, roster.n_kinds);
	return roster.kinds[kind].train;
}

static bool is_same(const struct flt_train_options *a, const struct flt_train_options *b, size_t field)
{
	return memcmp((const char *)a + fields[field].offset, (const char *)b + fields[field].offset,
	              fields[field].size) == 0;
}

static const enum flt_recipe recipes[] = {FLT_RECIPE_PLAIN, FLT_RECIPE_EMBEDDED};

START_TEST(recipe_chooses_what_is_not_fixed)
{
	struct flt_train_options given = unusual();
	struct flt_fit_options options = {.recipe = recipes[_i], .train = given};
	struct flt_train_options free_choice = resolved(&options, 5000, 0);
	for (size_t f = 0; f < N_FIELDS; f++)
		ck_assert_msg(is_same(&free_choice, &given, f) != fields[f].is_chosen[_i], "%s", fields[f].name);
	for (unsigned bit = 1; bit < FLT_FIX_ALL; bit <<= 1) {
		options.fixed = bit;
		struct flt_train_options o = resolved(&options, 5000, 0);
		for (size_t f = 0; f < N_FIELDS; f++)
			ck_assert_msg(is_same(&o, fields[f].bit == bit ? &given : &free_choice, f), "%s, bit %#x",
			              fields[f].name, bit);
		options.fixed = FLT_FIX_ALL & ~bit;
		o = resolved(&options, 5000, 0);
		for (size_t f = 0; f < N_FIELDS; f++)
			ck_assert_msg(is_same(&o, fields[f].bit == bit ? &free_choice : &given, f),
			              "%s, all but bit %#x", fields[f].name, bit);
	}
}
END_TEST

START_TEST(all_fixed_is_exactly_what_was_given)
{
	struct flt_train_options given = unusual();
	struct flt_roster roster;
	struct flt_fit_options options = {.preset = FLT_PRESET_BEST, .fixed = FLT_FIX_ALL, .train = given};
	flt_recipe_resolve(&options, &(struct flt_recipe_rows){1000000, 1000000 / 3, 20}, &roster);
	ck_assert_uint_eq(roster.n_kinds, 1);
	ck_assert_uint_eq(roster.n_members, 1);
	for (size_t f = 0; f < N_FIELDS; f++)
		ck_assert(is_same(&roster.kinds[0].train, &given, f));
	ck_assert(roster.kinds[0].train.zero_output_weight == given.zero_output_weight);
}
END_TEST

/* The two kinds of networks, number by number: they are tuned, and a change of one is a change of all results. */
START_TEST(kinds_are_as_tuned)
{
	struct flt_fit_options options = {.recipe = FLT_RECIPE_PLAIN, .train = unusual()};
	options.train.ntp = options.train.zero_output_weight = options.train.front_scale = true;
	options.train.embedding = FLT_EMBEDDING_PBLD;
	struct flt_train_options o = resolved(&options, 1000, 0);
	ck_assert(o.n_hidden == 2 && o.hidden[0] == 128 && o.hidden[1] == 128);
	ck_assert(o.activation == FLT_RELU && !o.front_scale && o.embedding == FLT_EMBEDDING_NONE);
	ck_assert(!o.ntp && !o.zero_output_weight);
	ck_assert(o.dropout == 0.1 && o.dropout_schedule == FLT_CONSTANT_RATE);
	ck_assert(o.optimizer == FLT_ADAMW && o.lr == 1e-3 && o.beta1 == 0.9 && o.beta2 == 0.95);
	ck_assert(o.schedule == FLT_COSINE && o.weight_decay == 1 && o.decay_schedule == FLT_CONSTANT_RATE);
	for (size_t i = 0; i < FLT_N_GROUPS; i++)
		ck_assert(o.lr_factor[i] == 1);
	options.recipe = FLT_RECIPE_EMBEDDED;
	options.train = unusual();
	o = resolved(&options, 1000, 0);
	ck_assert(o.n_hidden == 3 && o.hidden[0] == 128 && o.hidden[1] == 128 && o.hidden[2] == 128);
	ck_assert(o.activation == FLT_SELU && o.front_scale && o.embedding == FLT_EMBEDDING_PBLD);
	ck_assert(o.ntp && o.zero_output_weight);
	ck_assert(o.dropout == 0.15 && o.dropout_schedule == FLT_FLAT_COS);
	ck_assert(o.optimizer == FLT_ADAMW && o.lr == 0.04 && o.beta1 == 0.9 && o.beta2 == 0.95);
	ck_assert(o.schedule == FLT_COSLOG4 && o.weight_decay == 0.1 && o.decay_schedule == FLT_FLAT_COS);
	ck_assert(o.lr_factor[FLT_GROUP_EMBEDDING] == 0.1 && o.lr_factor[FLT_GROUP_SCALE] == 6);
	ck_assert(o.lr_factor[FLT_GROUP_WEIGHT] == 1 && o.lr_factor[FLT_GROUP_BIAS] == 0.1);
	ck_assert(o.lr_factor[FLT_GROUP_OUTPUT_WEIGHT] == 2 && o.lr_factor[FLT_GROUP_OUTPUT_BIAS] == 0.2);
}
END_TEST

START_TEST(batches_and_epochs_follow_the_rows)
{
	static const struct {
		enum flt_preset preset;
		size_t n_rows, batch, plain_epochs, embedded_epochs;
	} cases[] = {
	        {FLT_PRESET_FAST, 1, 64, 32, 16},
	        {FLT_PRESET_FAST, 1024, 64, 32, 16},
	        {FLT_PRESET_FAST, 1025, 128, 32, 16},
	        {FLT_PRESET_FAST, 8192, 128, 32, 16},
	        {FLT_PRESET_FAST, 8193, 256, 32, 16},
	        {FLT_PRESET_FAST, 15625, 256, 32, 16}, /* 32 x 15,625 = 500,000 visits */
	        {FLT_PRESET_FAST, 15626, 256, 31, 16},
	        {FLT_PRESET_FAST, 100000, 256, 5, 5},
	        {FLT_PRESET_FAST, 100001, 512, 4, 4},
	        {FLT_PRESET_FAST, 10000000, 512, 4, 4}, /* the fewest */
	        {FLT_PRESET_DEFAULT, 62500, 256, 64, 32},
	        {FLT_PRESET_DEFAULT, 62501, 256, 63, 32},
	        {FLT_PRESET_DEFAULT, 125001, 512, 31, 31},
	        {FLT_PRESET_BEST, 200000, 512, 96, 48},
	        {FLT_PRESET_BEST, 400000, 512, 50, 48},
	        {FLT_PRESET_BEST, 500000, 512, 40, 40},
	};
	struct flt_fit_options options = {.recipe = FLT_RECIPE_POOL, .n_members = 8, .train = unusual()};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		options.preset = cases[i].preset;
		struct flt_train_options plain = resolved(&options, cases[i].n_rows, 0);
		struct flt_train_options embedded = resolved(&options, cases[i].n_rows, 1);
		ck_assert_uint_eq(plain.batch, cases[i].batch);
		ck_assert_uint_eq(embedded.batch, cases[i].batch);
		ck_assert_msg(plain.epochs == cases[i].plain_epochs, "%zu rows: %zu", cases[i].n_rows, plain.epochs);
		ck_assert_msg(embedded.epochs == cases[i].embedded_epochs, "%zu rows: %zu", cases[i].n_rows,
		              embedded.epochs);
		ck_assert(plain.patience == 0 && embedded.patience == 0);
		ck_assert(plain.ema == 0 && embedded.ema == 0);
	}
}
END_TEST

/* Members of a whole pool: few rows are soon learnt by heart, a few thousand are learnt from for longer, and beyond
 * that the visits of rows are bounded. */
START_TEST(pools_train_as_long_as_the_rows_allow)
{
	static const struct {
		enum flt_preset preset;
		size_t n_rows, n_positive, plain_epochs, embedded_epochs;
		double negatives;
	} cases[] = {
	        {FLT_PRESET_DEFAULT, 2000, 10, 64, 32, 0},     {FLT_PRESET_DEFAULT, 2001, 10, 160, 96, 0},
	        {FLT_PRESET_DEFAULT, 12000, 10, 58, 29, 0},    /* 700,000 and 350,000 visits */
	        {FLT_PRESET_DEFAULT, 15000, 1000, 40, 20, 50}, /* 600,000 and 300,000; all rows are visited */
	        {FLT_PRESET_DEFAULT, 30000, 400, 29, 14, 50},  /* 20,400 are */
	        {FLT_PRESET_DEFAULT, 25000, 100, 48, 24, 50},  /* 5,100: twice as many epochs as of all */
	        {FLT_PRESET_DEFAULT, 50001, 1000, 59, 29, 50}, {FLT_PRESET_BEST, 2001, 10, 240, 144, 0},
	        {FLT_PRESET_BEST, 12001, 10, 96, 48, 0},       {FLT_PRESET_BEST, 200000, 10, 50, 25, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_fit_options options = {
		        .preset = cases[i].preset, .recipe = FLT_RECIPE_POOL, .train = unusual()};
		struct flt_roster roster;
		flt_recipe_resolve(&options, &(struct flt_recipe_rows){cases[i].n_rows, cases[i].n_positive, 20},
		                   &roster);
		for (size_t k = 0; k < roster.n_kinds; k++) {
			const struct flt_train_options *train = &roster.kinds[k].train;
			size_t epochs = train->embedding == FLT_EMBEDDING_PBLD ? cases[i].embedded_epochs
			                                                       : cases[i].plain_epochs;
			ck_assert_msg(train->optimizer == FLT_NEWTON || train->epochs == epochs, "%zu rows: %zu",
			              cases[i].n_rows, train->epochs);
			ck_assert_double_eq(train->negatives, cases[i].negatives);
		}
	}
}
END_TEST

START_TEST(presets_and_recipes_decide_how_many_networks)
{
	static const struct {
		enum flt_preset preset;
		enum flt_recipe recipe;
		size_t asked, n_members, n_kinds, n_folds;
	} cases[] = {
	        {FLT_PRESET_FAST, FLT_RECIPE_POOL, 0, 1, 1, 1},
	        {FLT_PRESET_DEFAULT, FLT_RECIPE_POOL, 0, 30, 6, 5},
	        {FLT_PRESET_BEST, FLT_RECIPE_POOL, 0, 105, 6, 5},
	        {FLT_PRESET_FAST, FLT_RECIPE_POOL, 2, 2, 1, 2},
	        {FLT_PRESET_BEST, FLT_RECIPE_POOL, 1, 1, 1, 1},
	        {FLT_PRESET_DEFAULT, FLT_RECIPE_POOL, 9, 9, 2, 4},
	        {FLT_PRESET_DEFAULT, FLT_RECIPE_POOL, 40, 40, 6, 5},
	        {FLT_PRESET_DEFAULT, FLT_RECIPE_PLAIN, 0, 8, 1, 4},
	        {FLT_PRESET_DEFAULT, FLT_RECIPE_EMBEDDED, 3, 3, 1, 3},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_fit_options options = {.preset = cases[i].preset,
		                                  .recipe = cases[i].recipe,
		                                  .n_members = cases[i].asked,
		                                  .train = unusual()};
		struct flt_roster roster;
		flt_recipe_resolve(&options, &(struct flt_recipe_rows){1000, 1000 / 3, 20}, &roster);
		ck_assert_uint_eq(roster.n_members, cases[i].n_members);
		ck_assert_uint_eq(roster.n_kinds, cases[i].n_kinds);
		ck_assert_uint_eq(roster.n_folds, cases[i].n_folds);
		bool first_is_embedded = cases[i].recipe == FLT_RECIPE_EMBEDDED;
		ck_assert((roster.kinds[0].train.embedding == FLT_EMBEDDING_PBLD) == first_is_embedded);
	}
}
END_TEST

/* The larger the table, the fewer kinds go on, and the rest of the networks is theirs. */
START_TEST(large_tables_stop_kinds_early)
{
	struct flt_fit_options options = {.preset = FLT_PRESET_DEFAULT, .recipe = FLT_RECIPE_POOL, .train = unusual()};
	size_t fewest = SIZE_MAX;
	for (size_t n_rows = 100; n_rows < 10000000; n_rows *= 3) {
		struct flt_roster roster;
		flt_recipe_resolve(&options, &(struct flt_recipe_rows){n_rows, n_rows / 3, 20}, &roster);
		ck_assert_uint_le(roster.n_members, FLT_MAX_MEMBERS);
		ck_assert_uint_le(roster.n_members, fewest);
		size_t n_first = roster.n_tried * roster.n_kinds;
		ck_assert_uint_eq(roster.n_members, n_first + roster.n_kept * (roster.n_turns - roster.n_tried));
		fewest = roster.n_members;
	}
	ck_assert_uint_lt(fewest, 20);
	options.preset = FLT_PRESET_BEST;
	for (size_t n_rows = 100; n_rows < 10000000; n_rows *= 3) {
		struct flt_roster roster;
		flt_recipe_resolve(&options, &(struct flt_recipe_rows){n_rows, n_rows / 3, 20}, &roster);
		ck_assert_uint_le(roster.n_members, FLT_MAX_MEMBERS);
		ck_assert_uint_gt(roster.n_turns, roster.n_tried + roster.n_round);
	}
}
END_TEST

/* What the caller has fixed is no kind's to choose: others are left out. */
START_TEST(kinds_that_contradict_the_caller_are_left_out)
{
	static const struct {
		unsigned fixed;
		enum flt_embedding embedding;
		const char *kinds;
	} cases[] = {
	        {0, FLT_EMBEDDING_NONE, "plain embedded embedded-quantile plain-steps embedded-steps linear "},
	        {FLT_FIX_EPOCHS, FLT_EMBEDDING_NONE,
	         "plain embedded embedded-quantile plain-steps embedded-steps linear "},
	        {FLT_FIX_HIDDEN, FLT_EMBEDDING_NONE, "plain embedded embedded-quantile plain-steps embedded-steps "},
	        {FLT_FIX_LR, FLT_EMBEDDING_NONE, "plain embedded embedded-quantile plain-steps embedded-steps "},
	        {FLT_FIX_EMBEDDING, FLT_EMBEDDING_NONE, "plain plain-steps linear "},
	        {FLT_FIX_EMBEDDING, FLT_EMBEDDING_PBLD, "embedded embedded-quantile embedded-steps "},
	        {FLT_FIX_SCALE, FLT_EMBEDDING_NONE, "plain embedded plain-steps embedded-steps linear "},
	        {FLT_FIX_STEPS, FLT_EMBEDDING_NONE, "plain embedded embedded-quantile linear "},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_fit_options options = {
		        .preset = FLT_PRESET_DEFAULT, .fixed = cases[i].fixed, .train = unusual()};
		struct flt_roster roster;
		char kinds[200] = "";
		options.train.embedding = cases[i].embedding;
		flt_recipe_resolve(&options, &(struct flt_recipe_rows){1000, 1000 / 3, 20}, &roster);
		for (size_t k = 0; k < roster.n_kinds; k++) {
			strcat(strcat(kinds, flt_recipe_words[roster.kinds[k].recipe]), " ");
			bool has_quantiles = strstr(flt_recipe_words[roster.kinds[k].recipe], "quantile") != NULL;
			ck_assert((roster.kinds[k].prep.scale == FLT_SCALE_QUANTILE) == has_quantiles);
		}
		ck_assert_str_eq(kinds, cases[i].kinds);
	}
}
END_TEST

/* In preset best alone, and never what is fixed. */
START_TEST(hyper_parameters_are_drawn)
{
	struct flt_fit_options options = {.preset = FLT_PRESET_BEST, .recipe = FLT_RECIPE_EMBEDDED, .train = unusual()};
	struct flt_roster roster;
	flt_recipe_resolve(&options, &(struct flt_recipe_rows){1000, 1000 / 3, 20}, &roster);
	const struct flt_train_options *tuned = &roster.kinds[0].train;
	double least = HUGE_VAL, most = 0;
	for (size_t m = 0; m < 40; m++) {
		struct flt_train_options o = flt_recipe_of_member(&options, &roster.kinds[0], m);
		ck_assert(o.hidden[0] == 64 || o.hidden[0] == 128 || o.hidden[0] == 256);
		ck_assert(o.dropout >= 0 && o.dropout < 0.3);
		ck_assert(o.frequency_sigma >= 0.05 && o.frequency_sigma < 0.5);
		ck_assert((o.seed == tuned->seed) == (m == 0));
		least = fmin(least, o.lr / tuned->lr);
		most = fmax(most, o.lr / tuned->lr);
	}
	ck_assert(least >= 0.5 && least < 0.6 && most > 1.7 && most < 2);
	options.fixed = FLT_FIX_LR | FLT_FIX_HIDDEN | FLT_FIX_DROPOUT | FLT_FIX_DECAY;
	struct flt_train_options o = flt_recipe_of_member(&options, &roster.kinds[0], 3);
	ck_assert(o.lr == tuned->lr && o.hidden[0] == tuned->hidden[0] && o.dropout == tuned->dropout);
	ck_assert(o.weight_decay == tuned->weight_decay);
	options = (struct flt_fit_options){.preset = FLT_PRESET_DEFAULT};
	o = flt_recipe_of_member(&options, &roster.kinds[0], 3);
	ck_assert(o.lr == tuned->lr && o.frequency_sigma == tuned->frequency_sigma);
}
END_TEST

/* Fixed epochs are divided as well. */
START_TEST(a_tenth_of_the_epochs_is_two_at_least)
{
	static const struct {
		size_t epochs, divisor, expected;
	} cases[] = {{99, 0, 99}, {99, 1, 99}, {99, 10, 9}, {30, 10, 3},
	             {29, 10, 2}, {20, 10, 2}, {9, 10, 2},  {7, 2, 3}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_fit_options options = {.fixed = FLT_FIX_EPOCHS, .train = unusual()};
		options.train.epochs = cases[i].epochs;
		options.epochs_divisor = cases[i].divisor;
		ck_assert_uint_eq(resolved(&options, 1000, 0).epochs, cases[i].expected);
		options.fixed = FLT_FIX_ALL;
		ck_assert_uint_eq(resolved(&options, 1000, 0).epochs, cases[i].expected);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("recipe");
	TCase *tests = tcase_create("recipe");
	tcase_add_loop_test(tests, recipe_chooses_what_is_not_fixed, 0, 2);
	tcase_add_test(tests, all_fixed_is_exactly_what_was_given);
	tcase_add_test(tests, kinds_are_as_tuned);
	tcase_add_test(tests, batches_and_epochs_follow_the_rows);
	tcase_add_test(tests, pools_train_as_long_as_the_rows_allow);
	tcase_add_test(tests, presets_and_recipes_decide_how_many_networks);
	tcase_add_test(tests, large_tables_stop_kinds_early);
	tcase_add_test(tests, kinds_that_contradict_the_caller_are_left_out);
	tcase_add_test(tests, hyper_parameters_are_drawn);
	tcase_add_test(tests, a_tenth_of_the_epochs_is_two_at_least);
	suite_add_tcase(suite, tests);
	return suite;
}
