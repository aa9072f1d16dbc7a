/* cli: every option reaches the settings, by the rules of precedence; what a fit and a variant take of them. */
#include <stdio.h>
#include <string.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/parsed.h"
#include "scratch.h"
#include "suite.h"

enum { MAX_ARGUMENTS = 24 };

static struct parsed parsed;
static struct flt_error err;

/* Parses words separated by blanks as the arguments of a command. */
static enum flt_status parse(const char *command, const char *words)
{
	static char text[400];
	static char *arguments[MAX_ARGUMENTS];
	int n = 0;
	char *rest = text;
	parsed_release(&parsed);
	snprintf(text, sizeof text, "%s", words);
	for (char *word; n < MAX_ARGUMENTS && (word = strtok_r(rest, " ", &rest)); n++)
		arguments[n] = word;
	ck_assert_int_lt(n, MAX_ARGUMENTS);
	return command_line_parse(n, arguments, command_find(command), &parsed, &err);
}

static const struct settings *settings_of(const char *command, const char *words)
{
	ck_assert_msg(parse(command, words) == FLT_OK, "%s: %s", words, err.text);
	return &parsed.settings;
}

static void refused(const char *command, const char *words, const char *sentence)
{
	ck_assert_int_eq(parse(command, words), FLT_ERR_USAGE);
	ck_assert_str_eq(err.text, sentence);
}

/* A value other than the default for every option, and what must stand beside it. */
static const struct example {
	const char *name, *value, *beside;
} examples[] = {
        {"target", "y", ""},
        {"positive", "1", ""},
        {"id", "n", ""},
        {"drop", "a", ""},
        {"weight", "w", ""},
        {"categorical", "a", ""},
        {"date", "d", ""},
        {"date-order", "mdy", ""},
        {"missing-time", "drop", ""},
        {"numeric", "a", ""},
        {"na", "-", ""},
        {"delimiter", ";", ""},
        {"decimal", ",", ""},
        {"header", "no", ""},
        {"skip-lines", "2", ""},
        {"bad-rows", "skip", ""},
        {"missing-target", "drop", ""},
        {"attainable-ap", "0.5", ""},
        {"test", "b.csv", ""},
        {"test-fraction", "0.3", ""},
        {"validation-fraction", "0.3", ""},
        {"time", "t", ""},
        {"group", "g", ""},
        {"by", "a,b", ""},
        {"identical", "apart", ""},
        {"seed", "2", ""},
        {"folds", "4", ""},
        {"repeats", "2", ""},
        {"variant", "a:--gamma=1", ""},
        {"learning-curve", NULL, ""},
        {"scale", "robust", ""},
        {"steps", "3", ""},
        {"loss", "focal", ""},
        {"gamma", "1", "--loss focal"},
        {"alpha", "0.7", ""},
        {"pos-weight", "3", ""},
        {"output-bias", "zero", ""},
        {"preset", "best", ""},
        {"recipe", "plain", ""},
        {"members", "4", ""},
        {"hidden", "16,8", ""},
        {"activation", "tanh", ""},
        {"dropout", "0.5", "--hidden 8"},
        {"embedding", "pbld", ""},
        {"front-scale", "yes", ""},
        {"ema", "0.9", ""},
        {"optimizer", "adam", ""},
        {"lr", "0.1", ""},
        {"momentum", "0.5", "--optimizer sgd"},
        {"nesterov", NULL, "--optimizer sgd --momentum 0.9"},
        {"weight-decay", "0.1", ""},
        {"schedule", "cosine", ""},
        {"batch", "64", ""},
        {"negatives", "50", ""},
        {"order", "blocks", ""},
        {"epochs", "7", ""},
        {"patience", "3", ""},
        {"monitor", "loss", ""},
        {"clip", "1", ""},
        {"threshold", "recall>=0.9", ""},
        {"calibrate", "platt", ""},
        {"prior", "0.1", ""},
        {"group-columns", "a,b", ""},
        {"sample", "1000", ""},
        {"require", "ap>=0.5", ""},
        {"suspects", "s", ""},
        {"report", "h", ""},
        {"card", "d", ""},
        {"to", "c", ""},
        {"verify", "v", ""},
        {"precision", "int8", ""},
        {"max-size", "64K", ""},
        {"output", "o", ""},
        {"no-model", NULL, ""},
        {"background", "7", ""},
        {"reasons", "3", ""},
        {"keep-all", NULL, ""},
        {"follow", NULL, ""},
        {"strict", NULL, ""},
        {"json", "j", ""},
        {"predictions", "p", ""},
        {"log", "l", ""},
        {"curves", "c", ""},
        {"checkpoint", "k", ""},
        {"resume", "r", ""},
        {"print-config", NULL, ""},
        {"threads", "2", ""},
        {"memory-limit", "1G", ""},
        {"cache", "store", ""},
        {"force", NULL, ""},
        {"no-clobber", NULL, ""},
        {"plot", NULL, ""},
        {"progress", "json", ""},
        {"quiet", NULL, ""},
        {"verbose", NULL, ""},
        {"help", NULL, ""},
        {"version", NULL, ""},
        {"help-markdown", NULL, ""},
        {"help-manual", NULL, ""},
};
enum { N_EXAMPLES = sizeof examples / sizeof *examples };

/* The settings, without pointers to the words of this one command line. */
static struct settings typed(const char *command, const char *words)
{
	struct settings settings = *settings_of(command, words);
	settings.parsed = NULL;
	return settings;
}

static const char *files_of(const struct command *command)
{
	return command->min_files == 2 ? "m.safetensors a.csv" : "a.csv";
}

START_TEST(every_option_changes_the_settings_of_each_of_its_commands)
{
	size_t n_checked = 0;
	for (size_t i = 0; i < flt_n_options; i++) {
		const struct option *option = &flt_options[i];
		const struct example *example = examples;
		while (example < examples + N_EXAMPLES && strcmp(example->name, option->name) != 0)
			example++;
		if (option->effect == READS_FILE)
			continue;
		ck_assert_msg(example < examples + N_EXAMPLES, "no example of --%s", option->name);
		for (size_t c = 0; c < flt_n_commands; c++) {
			const struct command *command = &flt_commands[c];
			if (!(option->commands & command->bit))
				continue;
			char before[200], after[300];
			snprintf(before, sizeof before, "%s %s", files_of(command), example->beside);
			snprintf(after, sizeof after, "%s --%s %s", before, option->name,
			         example->value ? example->value : "");
			struct settings plain = typed(command->name, before), again = typed(command->name, before);
			ck_assert_mem_eq(&plain, &again, sizeof plain);
			struct settings changed = typed(command->name, after);
			ck_assert_msg(memcmp(&plain, &changed, sizeof plain) != 0, "%s --%s changes nothing",
			              command->name, option->name);
			ck_assert(options_given(&parsed.settings, option->name));
			n_checked++;
		}
	}
	ck_assert_uint_gt(n_checked, 150);
}
END_TEST

static void write_config(const char *text)
{
	scratch_write("a.conf", text, strlen(text));
}

START_TEST(default_gives_way_to_file_and_file_to_flag)
{
	ck_assert_uint_eq(settings_of("train", "a.csv")->seed, 1);
	ck_assert(!options_given(&parsed.settings, "seed"));
	write_config("seed = 2\nepochs = 5\n");
	ck_assert_uint_eq(settings_of("train", "a.csv --config a.conf")->seed, 2);
	ck_assert_int_eq(parsed_origin(&parsed, "seed"), FROM_FILE);
	ck_assert(options_given(&parsed.settings, "seed"));
	/* Wherever --config stands. */
	ck_assert_uint_eq(settings_of("train", "--seed 3 a.csv --config a.conf")->seed, 3);
	ck_assert_int_eq(parsed_origin(&parsed, "seed"), FROM_FLAG);
	ck_assert_uint_eq(parsed.settings.train.epochs, 5);
	ck_assert_uint_eq(settings_of("train", "--seed 3 --seed 4 a.csv")->seed, 4);
}
END_TEST

START_TEST(every_option_that_fixes_something_does_so_from_flag_and_file)
{
	unsigned all = 0;
	for (size_t i = 0; i < N_EXAMPLES; i++) {
		const struct option *option = option_find(examples[i].name, strlen(examples[i].name));
		char words[300];
		ck_assert_ptr_nonnull(option);
		if (!option->fixes)
			continue;
		all |= option->fixes;
		snprintf(words, sizeof words, "a.csv --%s %s", option->name, examples[i].value);
		ck_assert_uint_eq(settings_of("train", words)->fixed, option->fixes);
		snprintf(words, sizeof words, "%s = %s\n", option->name, examples[i].value);
		write_config(words);
		ck_assert_uint_eq(settings_of("train", "a.csv --config a.conf")->fixed, option->fixes);
	}
	ck_assert_uint_eq(all, FLT_FIX_ALL | FLT_FIX_SCALE | FLT_FIX_STEPS);
	ck_assert_uint_eq(settings_of("train", "a.csv")->fixed, 0);
}
END_TEST

START_TEST(a_fit_takes_what_was_asked)
{
	struct flt_fit_options fit;
	options_fit(settings_of("train", "a.csv --preset best --recipe plain --members 3 --scale quantile --lr 0.5 "
	                                 "--pos-weight balanced --calibrate platt --threshold top:7"),
	            &fit);
	ck_assert_int_eq(fit.preset, FLT_PRESET_BEST);
	ck_assert_int_eq(fit.recipe, FLT_RECIPE_PLAIN);
	ck_assert_uint_eq(fit.n_members, 3);
	ck_assert_int_eq(fit.prep.scale, FLT_SCALE_QUANTILE);
	ck_assert_double_eq(fit.train.lr, 0.5);
	ck_assert_uint_eq(fit.fixed, FLT_FIX_LR | FLT_FIX_SCALE);
	ck_assert(fit.balance && fit.monitor_auto);
	ck_assert_int_eq(fit.calibrate, FLT_CALIBRATE_PLATT);
	ck_assert_int_eq(fit.rule.kind, FLT_RULE_TOP);
	ck_assert_double_eq(fit.rule.value, 7);
	options_fit(settings_of("train", "a.csv --monitor ap --seed 9 --threads 2 --gamma 1 --alpha 0.75"), &fit);
	ck_assert(!fit.monitor_auto && !fit.balance);
	ck_assert_uint_eq(fit.train.seed, 9);
	ck_assert_uint_eq(fit.train.n_threads, 2);
	ck_assert_double_eq(fit.train.loss.gamma, 1);
	ck_assert_double_eq(fit.train.loss.weight_positive, 0.75);
	ck_assert_double_eq(fit.train.loss.weight_negative, 0.25);
	ck_assert_uint_eq(parsed.settings.split.seed, 9);
	ck_assert_uint_eq(parsed.settings.table.n_threads, 2);
}
END_TEST

START_TEST(of_two_that_contradict_the_higher_level_wins)
{
	refused("train", "a.csv --gamma 1 --loss bce",
	        "--gamma 1 and --loss bce: bce has no gamma; leave one of them out, or use --loss focal");
	write_config("gamma = 1\n");
	ck_assert_double_eq(settings_of("train", "a.csv --config a.conf --loss bce")->train.loss.gamma, 0);
	ck_assert_ptr_null(options_text(&parsed.settings, "gamma"));
	write_config("loss = bce\n");
	ck_assert_double_eq(settings_of("train", "a.csv --config a.conf --gamma 1")->train.loss.gamma, 1);
	ck_assert_str_eq(options_text(&parsed.settings, "loss"), "focal");
	ck_assert_double_eq(settings_of("train", "a.csv --test b.csv")->split.test_fraction, 0);
	/* A bag needs no validation rows, unless they are asked for. */
	ck_assert_double_eq(settings_of("train", "a.csv")->split.validation_fraction, 0);
	ck_assert_double_eq(settings_of("train", "a.csv --validation-fraction 0.2")->split.validation_fraction, 0.2);
	ck_assert_double_eq(settings_of("train", "a.csv --preset fast")->split.validation_fraction, 0.2);
	/* By time the rows that validate must be later than those learnt from. */
	ck_assert_double_eq(settings_of("train", "a.csv --time t")->split.validation_fraction, 0.2);
	ck_assert_double_eq(settings_of("train", "a.csv --time t --validation-fraction 0")->split.validation_fraction,
	                    0);
}
END_TEST

START_TEST(a_linear_model_is_solved_unless_mini_batches_are_asked_for)
{
	static const char *const of_mini_batches[] = {"--optimizer adamw",
	                                              "--lr 0.1",
	                                              "--schedule cosine",
	                                              "--batch 8",
	                                              "--epochs 9",
	                                              "--patience 3",
	                                              "--clip 1",
	                                              "--ema 0.9",
	                                              "--embedding pbld",
	                                              "--front-scale yes",
	                                              "--optimizer sgd --momentum 0.9"};
	const struct settings *settings = settings_of("train", "a.csv --hidden none --weight-decay 0.1");
	struct flt_fit_options fit;
	ck_assert_str_eq(options_text(settings, "optimizer"), "newton");
	ck_assert_uint_eq(settings->fixed, FLT_FIX_HIDDEN | FLT_FIX_OPTIMIZER | FLT_FIX_DECAY);
	options_fit(settings, &fit);
	ck_assert(fit.train.optimizer == FLT_NEWTON && fit.train.weight_decay == 0.1 && fit.n_members == 4);
	for (size_t i = 0; i < sizeof of_mini_batches / sizeof *of_mini_batches; i++) {
		char words[100];
		snprintf(words, sizeof words, "a.csv --hidden none %s", of_mini_batches[i]);
		ck_assert_int_ne(settings_of("train", words)->train.optimizer, FLT_NEWTON);
		ck_assert_uint_eq(parsed.settings.members, 1);
	}
	ck_assert_int_eq(settings_of("train", "a.csv --embedding none --hidden none")->train.optimizer, FLT_NEWTON);
	ck_assert_int_ne(settings_of("train", "a.csv --hidden 8")->train.optimizer, FLT_NEWTON);
}
END_TEST

/* Rows that validate are the same for all members, which would be alike then. */
START_TEST(linear_models_form_a_bag_where_they_can_leave_out_folds)
{
	ck_assert_double_eq(settings_of("train", "a.csv --hidden none")->split.validation_fraction, 0);
	ck_assert_uint_eq(parsed.settings.members, 4);
	ck_assert_uint_eq(settings_of("train", "a.csv --hidden none --validation-fraction 0")->members, 4);
	ck_assert_uint_eq(settings_of("train", "a.csv --hidden none --validation-fraction 0.2")->members, 1);
	ck_assert_uint_eq(settings_of("train", "a.csv --hidden none --time t")->members, 1);
	ck_assert_uint_eq(settings_of("train", "a.csv --hidden none --time t --validation-fraction 0")->members, 4);
	ck_assert_uint_eq(settings_of("train", "a.csv --hidden none --preset fast")->members, 1);
	ck_assert_double_eq(parsed.settings.split.validation_fraction, 0.2);
	ck_assert_uint_eq(settings_of("train", "a.csv --hidden none --members 9")->members, 9);
}
END_TEST

START_TEST(recipe_linear_is_hidden_none)
{
	struct settings linear = typed("train", "a.csv --recipe linear"), none = typed("train", "a.csv --hidden none");
	ck_assert_mem_eq(&linear, &none, sizeof linear);
	ck_assert_int_eq(none.recipe, FLT_RECIPE_LINEAR);
	ck_assert_int_eq(settings_of("train", "a.csv --recipe linear --lr 0.1")->recipe, FLT_RECIPE_PLAIN);
	ck_assert_uint_eq(parsed.settings.train.n_hidden, 0);
	refused("train", "a.csv --recipe linear --hidden 8",
	        "--recipe linear and --hidden 8: a linear model has no hidden layers; leave one of them out");
	write_config("recipe = linear\n");
	ck_assert_int_eq(settings_of("train", "a.csv --config a.conf --hidden 8")->recipe, FLT_RECIPE_POOL);
	write_config("hidden = 8\n");
	ck_assert_uint_eq(settings_of("train", "a.csv --config a.conf --recipe linear")->train.n_hidden, 0);
}
END_TEST

START_TEST(newton_of_a_higher_level_takes_the_place_of_mini_batches)
{
	refused("train", "a.csv --optimizer newton",
	        "--optimizer newton: newton is for linear models; add --hidden none");
	refused("train", "a.csv --optimizer newton --hidden 8",
	        "--optimizer newton and --hidden 8: newton is for linear models; add --hidden none");
	refused("train", "a.csv --optimizer newton --hidden none --lr 0.1",
	        "--lr 0.1 and --optimizer newton: newton takes all rows and its own steps; leave one of them out");
	refused("train", "a.csv --optimizer newton --hidden none --embedding pbld",
	        "--embedding pbld and --optimizer newton: newton is for linear models; leave one of them out");
	write_config("lr = 0.1\nepochs = 3\noptimizer = sgd\nmomentum = 0.9\nnesterov = yes\nclip = 1\n"
	             "front-scale = yes\n");
	const struct settings *settings =
	        settings_of("train", "a.csv --config a.conf --hidden none --optimizer newton");
	ck_assert_uint_eq(settings->fixed, FLT_FIX_HIDDEN | FLT_FIX_OPTIMIZER);
	ck_assert(settings->train.momentum == 0 && settings->train.clip == 0 && !settings->train.nesterov &&
	          !settings->train.front_scale);
	/* What a printed config says of mini-batches is nothing. */
	write_config("hidden = none\noptimizer = newton\nmomentum = 0\nnesterov = no\nclip = off\n");
	ck_assert_int_eq(settings_of("train", "a.csv --config a.conf")->train.optimizer, FLT_NEWTON);
	settings = settings_of("train", "a.csv --config a.conf --hidden 8");
	ck_assert_uint_eq(settings->fixed, FLT_FIX_HIDDEN);
	ck_assert_int_ne(settings->train.optimizer, FLT_NEWTON);
	ck_assert_int_eq(settings_of("train", "a.csv --hidden none --negatives all")->train.optimizer, FLT_NEWTON);
	ck_assert_int_ne(settings_of("train", "a.csv --hidden none --negatives 9")->train.optimizer, FLT_NEWTON);
	/* The baseline of compare is at its optimum, however the networks are trained. */
	char baseline[] = "--hidden none --optimizer newton";
	struct flt_fit_options fit;
	settings = settings_of("compare", "a.csv --epochs 9 --optimizer sgd --momentum 0.5 --hidden 8 --dropout 0.5");
	ck_assert_int_eq(command_line_vary(settings, baseline, &fit, &err), FLT_OK);
	ck_assert(fit.train.optimizer == FLT_NEWTON && fit.train.n_hidden == 0 && fit.n_members == 1);
}
END_TEST

START_TEST(numbers_keep_to_their_bounds)
{
	ck_assert_double_eq(settings_of("train", "a.csv --gamma 10")->train.loss.gamma, 10);
	refused("train", "a.csv --gamma 10.1", "--gamma 10.1: expected a number from 0 to 10");
	refused("train", "a.csv --alpha 1", "--alpha 1: expected off or a number above 0 and below 1");
	refused("train", "a.csv --test-fraction 1", "--test-fraction 1: expected a number from 0 to below 1");
	refused("train", "a.csv --lr 0", "--lr 0: expected a number above 0 and at most 100");
	refused("train", "a.csv --schedule flat-cos", "--schedule flat-cos: expected one of constant|cosine|coslog4");
	ck_assert_uint_eq(settings_of("train", "a.csv --memory-limit 2M")->memory_limit, 2UL << 20);
	ck_assert_uint_eq(settings_of("train", "a.csv --memory-limit 1.5GiB")->memory_limit, 3UL << 29);
	ck_assert_str_eq(settings_of("export", "m --to onnx")->to->word, "onnx");
	ck_assert_uint_eq(settings_of("export", "m --max-size 3K")->max_size, 3UL << 10);
	ck_assert_uint_eq(settings_of("train", "a.csv --memory-limit none")->memory_limit, SIZE_MAX);
	ck_assert_uint_eq(settings_of("train", "a.csv")->memory_limit, 0);
}
END_TEST

START_TEST(a_variant_changes_the_fit_and_nothing_else)
{
	const struct settings *settings = settings_of("compare", "a.csv --epochs 9 --seed 4");
	struct settings before = *settings;
	struct flt_fit_options fit;
	char focal[] = " --loss focal --gamma 3  --epochs 2", seed[] = "--seed 2", long_text[400] = "";
	ck_assert_int_eq(command_line_vary(settings, focal, &fit, &err), FLT_OK);
	ck_assert_double_eq(fit.train.loss.gamma, 3);
	ck_assert_uint_eq(fit.train.epochs, 2);
	ck_assert_uint_eq(fit.train.seed, 4);
	ck_assert_int_eq(fit.preset, FLT_PRESET_FAST);
	ck_assert_mem_eq(settings, &before, sizeof before);
	ck_assert_int_eq(command_line_vary(settings, seed, &fit, &err), FLT_ERR_USAGE);
	ck_assert_str_eq(err.text, "--seed: cannot differ between variants, which share data, folds and run options");
	for (int i = 0; i < 65; i++)
		strcat(long_text, "-- ");
	ck_assert_int_eq(command_line_vary(settings, long_text, &fit, &err), FLT_ERR_USAGE);
	ck_assert_str_eq(err.text, "at most 64 words are allowed");
}
END_TEST

START_TEST(a_model_is_made_by_its_options_and_not_by_paths)
{
	struct flt_text_buffer one = {0}, other = {0};
	ck_assert_int_eq(options_effective(settings_of("train", "a.csv --gamma 2"), &one, &err), FLT_OK);
	ck_assert_ptr_nonnull(strstr(one.bytes, "loss = focal\ngamma = 2\n"));
	ck_assert_int_eq(options_effective(settings_of("train", "b.csv --gamma 2 --threads 2 --json j -o m --log l -v "
	                                                        "--checkpoint c --memory-limit 1G"),
	                                   &other, &err),
	                 FLT_OK);
	ck_assert_str_eq(one.bytes, other.bytes);
	flt_text_buffer_release(&other);
	ck_assert_int_eq(options_effective(settings_of("train", "a.csv --gamma 2 --batch 8"), &other, &err), FLT_OK);
	ck_assert_str_ne(one.bytes, other.bytes);
	flt_text_buffer_release(&one);
	flt_text_buffer_release(&other);
}
END_TEST

static void set_up(void)
{
	scratch_enter();
}

static void tear_down(void)
{
	parsed_release(&parsed);
	scratch_leave();
}

Suite *test_suite(void)
{
	Suite *suite = suite_create("cli options");
	TCase *cases = tcase_create("options");
	tcase_add_checked_fixture(cases, set_up, tear_down);
	tcase_add_test(cases, every_option_changes_the_settings_of_each_of_its_commands);
	tcase_add_test(cases, default_gives_way_to_file_and_file_to_flag);
	tcase_add_test(cases, every_option_that_fixes_something_does_so_from_flag_and_file);
	tcase_add_test(cases, a_fit_takes_what_was_asked);
	tcase_add_test(cases, of_two_that_contradict_the_higher_level_wins);
	tcase_add_test(cases, a_linear_model_is_solved_unless_mini_batches_are_asked_for);
	tcase_add_test(cases, linear_models_form_a_bag_where_they_can_leave_out_folds);
	tcase_add_test(cases, recipe_linear_is_hidden_none);
	tcase_add_test(cases, newton_of_a_higher_level_takes_the_place_of_mini_batches);
	tcase_add_test(cases, numbers_keep_to_their_bounds);
	tcase_add_test(cases, a_variant_changes_the_fit_and_nothing_else);
	tcase_add_test(cases, a_model_is_made_by_its_options_and_not_by_paths);
	suite_add_tcase(suite, cases);
	return suite;
}
