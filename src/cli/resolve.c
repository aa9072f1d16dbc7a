/*
 * What options mean together. Where two contradict each other, the one from the higher level (command line above config
 * file above default) wins and the other is unset; on the same level it is an error. Unset options have no text, so
 * --print-config leaves them out.
 */
#include "cli/resolve.h"

#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/model_output.h"
#include "cli/paths.h"
#include "cli/table_warnings.h"
#include "report/outputs.h"

static void unset(struct parsed *parsed, const char *name)
{
	parsed->text[option_row(name)] = NULL;
}

/* As the user gave it: "--gamma 2" or, from a config file, "gamma = 2 (fraud.conf)". */
static const char *as_given(const struct parsed *parsed, const char *name, char *text, size_t size)
{
	bool is_switch = !option_takes_value(&flt_options[option_row(name)]);
	const char *value = parsed_text(parsed, name);
	if (parsed_origin(parsed, name) == FROM_FILE)
		snprintf(text, size, "%s = %s (%s)", name, value, parsed->settings.config);
	else
		snprintf(text, size, "--%s%s%s", name, is_switch ? "" : " ", is_switch ? "" : value);
	return text;
}

enum { GIVEN_SIZE = 256 };

static bool is_given(const struct parsed *parsed, const char *name)
{
	return parsed_origin(parsed, name) > FROM_DEFAULT;
}

/* `loser` has no effect beside `winner`: unsets it if winner has the higher level, else refuses both, with the reason.
 */
static enum flt_status give_way(struct parsed *parsed, const char *loser, const char *winner, const char *why,
                                struct flt_error *err)
{
	if (parsed_origin(parsed, loser) >= parsed_origin(parsed, winner)) {
		char a[GIVEN_SIZE], b[GIVEN_SIZE];
		if (!parsed_text(parsed, winner)) /* left to the recipe */
			return flt_fail(err, FLT_ERR_USAGE, "%s: %s", as_given(parsed, loser, a, sizeof a), why);
		return flt_fail(err, FLT_ERR_USAGE, "%s and %s: %s", as_given(parsed, loser, a, sizeof a),
		                as_given(parsed, winner, b, sizeof b), why);
	}
	unset(parsed, loser);
	return FLT_OK;
}

/* --gamma alone implies focal loss. */
static enum flt_status resolve_loss(struct parsed *parsed, struct flt_error *err)
{
	enum option_origin loss = parsed_origin(parsed, "loss"), gamma = parsed_origin(parsed, "gamma");
	if (!parsed->focal && gamma > FROM_DEFAULT && gamma > loss) {
		parsed->focal = true;
		parsed->text[option_row("loss")] = flt_loss_words[FLT_FOCAL];
	}
	if (!parsed->focal && gamma > FROM_DEFAULT)
		FLT_TRY(give_way(parsed, "gamma", "loss",
		                 "bce has no gamma; leave one of them out, or use --loss focal", err));
	if (!parsed->focal)
		unset(parsed, "gamma");
	double used = parsed->focal ? parsed->gamma : 0;
	parsed->settings.train.loss.gamma = used;
	if (used > 5)
		snprintf(parsed->warning, sizeof parsed->warning,
		         "--gamma %s: above 5, focal loss leaves almost no gradient; 0.5 to 3 is usual",
		         parsed_text(parsed, "gamma"));
	return FLT_OK;
}

/* Names the factor by which --alpha and --pos-weight together weigh the positive class. */
static enum flt_status refuse_both_weights(const struct parsed *parsed, double odds, struct flt_error *err)
{
	char a[GIVEN_SIZE], b[GIVEN_SIZE], factor[80];
	if (parsed->settings.balanced)
		snprintf(factor, sizeof factor, "%.4g x (negatives / positives)", odds);
	else
		snprintf(factor, sizeof factor, "%.4g", odds * parsed->pos_weight);
	return flt_fail(err, FLT_ERR_USAGE,
	                "%s and %s: correct for imbalance twice, multiplying the odds of the positive class by %s; "
	                "leave one of them out, or add --force if you mean both",
	                as_given(parsed, "alpha", a, sizeof a), as_given(parsed, "pos-weight", b, sizeof b), factor);
}

static enum flt_status resolve_weights(struct parsed *parsed, struct flt_error *err)
{
	const struct settings *settings = &parsed->settings;
	struct flt_loss *loss = &parsed->settings.train.loss;
	double alpha = parsed->alpha;
	bool has_alpha = alpha > 0, has_weight = parsed->pos_weight > 0 || settings->balanced;
	if (has_alpha && has_weight && !settings->force)
		return refuse_both_weights(parsed, alpha / (1 - alpha), err);
	loss->weight_positive = has_alpha ? alpha : 1;
	loss->weight_negative = has_alpha ? 1 - alpha : 1;
	if (parsed->pos_weight > 0)
		loss->weight_positive *= parsed->pos_weight;
	return FLT_OK;
}

static enum flt_status resolve_split(struct parsed *parsed, struct flt_error *err)
{
	struct settings *settings = &parsed->settings;
	if (settings->test_file) {
		if (parsed_origin(parsed, "test-fraction") > FROM_DEFAULT && settings->split.test_fraction > 0)
			FLT_TRY(give_way(parsed, "test-fraction", "test",
			                 "the test rows come from one or the other; leave one of them out", err));
		settings->split.test_fraction = 0;
		unset(parsed, "test-fraction");
	}
	if (settings->table.time && settings->table.group)
		return flt_fail(err, FLT_ERR_USAGE,
		                "--time %s and --group %s: a split uses only one of them; leave one out (--drop keeps "
		                "its column out of the features)",
		                settings->table.time, settings->table.group);
	double test = settings->split.test_fraction, validation = settings->split.validation_fraction;
	if (test + validation >= 1)
		return flt_fail(err, FLT_ERR_USAGE,
		                "--test-fraction %g and --validation-fraction %g: leave no rows to fit on; their sum "
		                "must be below 1",
		                test, validation);
	return FLT_OK;
}

/* ---- linear models ---- */

/* As if it had not been given. */
static void forget(struct parsed *parsed, const char *name)
{
	unset(parsed, name);
	parsed->origin[option_row(name)] = FROM_NOWHERE;
}

/* --recipe linear is --hidden none. */
static enum flt_status resolve_linear(struct parsed *parsed, struct flt_error *err)
{
	struct settings *settings = &parsed->settings;
	if (settings->recipe != FLT_RECIPE_LINEAR)
		return FLT_OK;
	bool has_layers = is_given(parsed, "hidden") && settings->train.n_hidden > 0;
	if (has_layers && parsed_origin(parsed, "recipe") <= parsed_origin(parsed, "hidden")) {
		FLT_TRY(give_way(parsed, "recipe", "hidden",
		                 "a linear model has no hidden layers; leave one of them out", err));
		forget(parsed, "recipe");
		settings->recipe = FLT_RECIPE_POOL;
		return FLT_OK;
	}
	settings->train.n_hidden = 0;
	parsed->text[option_row("hidden")] = "none";
	return FLT_OK;
}

static const char *const of_mini_batches[] = {"lr",     "momentum", "nesterov", "schedule", "batch",
                                              "epochs", "patience", "clip",     "ema",      "negatives"};
enum { N_OF_MINI_BATCHES = sizeof of_mini_batches / sizeof *of_mini_batches };

/* Whether it says anything: a printed config has "clip = off", "negatives = all" and the like. */
static bool is_of_mini_batches(const struct parsed *parsed, const char *name)
{
	const char *text = parsed_text(parsed, name);
	static const char *const nothing[] = {"0", "no", "off", "all"};
	bool is_off = false;
	for (size_t i = 0; text && i < sizeof nothing / sizeof *nothing; i++)
		is_off = is_off || strcmp(text, nothing[i]) == 0;
	return is_given(parsed, name) && !is_off;
}

/* A linear model has one optimum, and Newton's method finds it; but whoever says how to train by mini-batches gets
 * that. */
static void choose_newton(struct parsed *parsed)
{
	struct flt_train_options *train = &parsed->settings.train;
	bool by_mini_batches = is_given(parsed, "optimizer");
	for (size_t i = 0; i < N_OF_MINI_BATCHES; i++)
		by_mini_batches = by_mini_batches || is_of_mini_batches(parsed, of_mini_batches[i]);
	if (train->n_hidden > 0 || train->embedding != FLT_EMBEDDING_NONE || train->front_scale || by_mini_batches)
		return;
	train->optimizer = FLT_NEWTON;
	parsed->text[option_row("optimizer")] = flt_optimizer_words[FLT_NEWTON];
}

static enum flt_status give_way_to_newton(struct parsed *parsed, const char *name, const char *why,
                                          struct flt_error *err)
{
	FLT_TRY(give_way(parsed, name, "optimizer", why, err));
	forget(parsed, name);
	return FLT_OK;
}

/* --optimizer newton was given. */
static enum flt_status resolve_newton(struct parsed *parsed, struct flt_error *err)
{
	struct flt_train_options *train = &parsed->settings.train;
	static const char linear[] = "newton is for linear models; leave one of them out";
	if (train->n_hidden > 0) {
		FLT_TRY(give_way(parsed, "optimizer", "hidden", "newton is for linear models; add --hidden none", err));
		forget(parsed, "optimizer");
		train->optimizer = FLT_ADAMW; /* until the recipe chooses */
		return FLT_OK;
	}
	for (size_t i = 0; i < N_OF_MINI_BATCHES; i++)
		if (is_of_mini_batches(parsed, of_mini_batches[i]))
			FLT_TRY(give_way_to_newton(parsed, of_mini_batches[i],
			                           "newton takes all rows and its own steps; leave one of them out",
			                           err));
	if (train->embedding != FLT_EMBEDDING_NONE)
		FLT_TRY(give_way_to_newton(parsed, "embedding", linear, err));
	if (train->front_scale)
		FLT_TRY(give_way_to_newton(parsed, "front-scale", linear, err));
	train->embedding = FLT_EMBEDDING_NONE;
	train->front_scale = false;
	train->momentum = train->clip = 0;
	train->nesterov = false;
	return FLT_OK;
}

static enum flt_status resolve_network(struct parsed *parsed, struct flt_error *err)
{
	struct flt_train_options *train = &parsed->settings.train;
	bool is_sgd = train->optimizer == FLT_SGD;
	if (train->n_hidden == 0 && train->dropout > 0) {
		FLT_TRY(give_way(parsed, "dropout", "hidden", "dropout needs a hidden layer; leave one of them out",
		                 err));
		train->dropout = 0;
	}
	if (!is_sgd && train->momentum > 0) {
		FLT_TRY(give_way(parsed, "momentum", "optimizer",
		                 "momentum needs --optimizer sgd; the default, adamw, has its own", err));
		train->momentum = 0;
	}
	if (!is_sgd && train->nesterov) {
		FLT_TRY(give_way(parsed, "nesterov", "optimizer", "nesterov needs --optimizer sgd, with momentum",
		                 err));
		train->nesterov = false;
	}
	if (train->nesterov && train->momentum <= 0)
		return flt_fail(err, FLT_ERR_USAGE, "--nesterov: needs momentum, for example --momentum 0.9");
	parsed->settings.monitor_auto = parsed_origin(parsed, "monitor") == FROM_NOWHERE;
	return FLT_OK;
}

/* Only rows of unknown class need an estimate. */
static enum flt_status resolve_prior(const struct parsed *parsed, struct flt_error *err)
{
	const struct settings *settings = &parsed->settings;
	if (!settings->estimate_prior || parsed->command->bit == FOR_PREDICT)
		return FLT_OK;
	char given[GIVEN_SIZE];
	return flt_fail(
	        err, FLT_ERR_USAGE,
	        "%s: is for predict, whose rows have no class yet; give %s the share as a number, or leave it out",
	        as_given(parsed, "prior", given, sizeof given), parsed->command->name);
}

static enum flt_status resolve_reading(const struct settings *settings, struct flt_error *err)
{
	if (settings->table.delimiter && settings->table.delimiter == settings->table.decimal)
		return flt_fail(err, FLT_ERR_USAGE, "--delimiter and --decimal: are both %c; they must differ",
		                settings->table.decimal);
	return FLT_OK;
}

static enum flt_status resolve_verbosity(struct parsed *parsed, struct flt_error *err)
{
	struct settings *settings = &parsed->settings;
	if (!settings->quiet || !settings->verbose)
		return FLT_OK;
	bool verbose_wins = parsed_origin(parsed, "verbose") > parsed_origin(parsed, "quiet");
	FLT_TRY(give_way(parsed, verbose_wins ? "quiet" : "verbose", verbose_wins ? "verbose" : "quiet",
	                 "exclude each other; leave one of them out", err));
	settings->quiet = !verbose_wins;
	settings->verbose = verbose_wins;
	return FLT_OK;
}

/* A file and who names it. stdout and the model may go somewhere without being named. */
struct use {
	const char *option, *path;
};

static enum flt_status check_input(const struct use *out, const struct use *input, struct flt_error *err)
{
	bool is_named_alike = input->path && strcmp(input->path, "-") != 0 && strcmp(out->path, input->path) == 0;
	if (!input->path || (!is_named_alike && !is_written_to_input(out->path, input->path)))
		return FLT_OK;
	if (strcmp(out->option, "stdout") == 0)
		return flt_fail(err, FLT_ERR_USAGE, "stdout: would overwrite %s; choose another file", input->option);
	return flt_fail(err, FLT_ERR_USAGE, "%s %s: would overwrite %s; choose another file", out->option, out->path,
	                input->option);
}

static enum flt_status check_other(const struct use *out, const struct use *other, struct flt_error *err)
{
	bool is_stdout = strcmp(other->option, "stdout") == 0;
	if (!other->path || !is_same_output(out->path, other->path) ||
	    (is_stdout && flt_output_is_descriptor(out->path))) /* which writes behind the report */
		return FLT_OK;
	return flt_fail(err, FLT_ERR_USAGE, "%s and %s: both write to %s; choose another file for one of them",
	                out->option, other->option, out->path);
}

/* by_default: what is written without an option that names it. */
static enum flt_status check_files(const struct parsed *parsed, struct use by_default, struct flt_error *err)
{
	const struct settings *settings = &parsed->settings;
	bool reads_stdin = parsed->command->bit == FOR_PREDICT && settings->n_files == 1;
	bool resumes_in_place = settings->resume && is_same_file(settings->resume, settings->checkpoint);
	const struct use inputs[] = {{"--test", settings->test_file},
	                             {"--config", settings->config},
	                             {"--resume", resumes_in_place ? NULL : settings->resume},
	                             {"the input file", reads_stdin ? "-" : NULL}};
	struct use outputs[] = {{"--json", settings->json},
	                        {"--predictions", settings->predictions},
	                        {"--log", settings->log},
	                        {"-o", settings->output},
	                        {"--curves", settings->curves},
	                        {"--suspects", settings->suspects},
	                        {"--card", settings->card},
	                        {resumes_in_place ? "--resume" : "--checkpoint", settings->checkpoint},
	                        {"--report", settings->report},
	                        by_default,
	                        {"stdout", "-"}};
	enum { N_OUTPUTS = sizeof outputs / sizeof *outputs, N_INPUTS = sizeof inputs / sizeof *inputs };
	for (size_t i = 0; i + 1 < N_OUTPUTS; i++)
		if (outputs[i].path && strcmp(outputs[i].path, "-") == 0) /* instead of the report */
			outputs[N_OUTPUTS - 1].path = NULL;
	for (size_t i = 0; i < N_OUTPUTS; i++) {
		const struct use *out = &outputs[i];
		for (size_t j = i + 1; out->path && j < N_OUTPUTS; j++)
			FLT_TRY(check_other(out, &outputs[j], err));
		for (size_t j = 0; out->path && j < N_INPUTS; j++)
			FLT_TRY(check_input(out, &inputs[j], err));
		for (size_t j = 0; out->path && j < settings->n_files; j++)
			FLT_TRY(check_input(out, &(struct use){"the input file", settings->files[j]}, err));
	}
	return FLT_OK;
}

/* No output may overwrite an input or another output. A checkpoint that --resume starts from and that is kept up to
 * date counts as an output only. */
static enum flt_status resolve_files(const struct parsed *parsed, struct flt_error *err)
{
	const struct settings *settings = &parsed->settings;
	bool is_page = parsed->command->bit == FOR_REPORT;
	struct flt_text_buffer name = {0};
	if (settings->n_files > 0 && !settings->output && parsed->command->bit == FOR_TRAIN && !settings->no_model)
		FLT_TRY(model_output_default(settings->files[0], &name, err));
	if (settings->n_files > 0 && !settings->output && is_page)
		FLT_TRY(name_after(settings->files[0], "report", ".html", &name, err));
	enum flt_status status = check_files(parsed, (struct use){is_page ? "the page" : "the model", name.bytes}, err);
	flt_text_buffer_release(&name);
	return status;
}

/* A linear model has one optimum: members are alike unless they leave out folds in turn. */
static size_t members_of_linear(const struct parsed *parsed)
{
	enum { N_FOLDS = 4 };
	const struct settings *settings = &parsed->settings;
	double fraction = settings->split.validation_fraction;
	bool is_validated = is_given(parsed, "validation-fraction") ? fraction > 0 : settings->table.time != NULL;
	bool is_bag = settings->train.optimizer == FLT_NEWTON && settings->preset != FLT_PRESET_FAST && !is_validated;
	return is_bag ? N_FOLDS : 1;
}

/* The recipe must not choose what the user chose. A bag of several members needs no validation rows; but by time they
 * must be later than all that is learnt from, and so they are the same for all members. */
static void resolve_recipe(struct parsed *parsed)
{
	struct settings *settings = &parsed->settings;
	settings->fixed = 0;
	for (size_t i = 0; i < flt_n_options; i++)
		if (parsed->origin[i] > FROM_DEFAULT)
			settings->fixed |= flt_options[i].fixes;
	if (settings->train.optimizer == FLT_NEWTON)
		settings->fixed |= FLT_FIX_OPTIMIZER;
	if (settings->train.n_hidden == 0) {
		settings->fixed |= FLT_FIX_HIDDEN;
		settings->recipe = settings->train.optimizer == FLT_NEWTON ? FLT_RECIPE_LINEAR : FLT_RECIPE_PLAIN;
		if (settings->members == 0)
			settings->members = members_of_linear(parsed);
	}
	bool several = settings->members ? settings->members > 1 : settings->preset != FLT_PRESET_FAST;
	if (several && !settings->table.time && parsed_origin(parsed, "validation-fraction") == FROM_DEFAULT) {
		settings->split.validation_fraction = 0;
		unset(parsed, "validation-fraction");
	}
}

static enum flt_status resolve_model(struct parsed *parsed, struct flt_error *err)
{
	struct settings *settings = &parsed->settings;
	if (!settings->no_model || !settings->output)
		return FLT_OK;
	FLT_TRY(give_way(parsed, "output", "no-model", "contradict each other; leave one of them out", err));
	settings->output = NULL;
	return FLT_OK;
}

enum flt_status options_resolve(struct parsed *parsed, struct flt_error *err)
{
	struct settings *settings = &parsed->settings;
	FLT_TRY(resolve_linear(parsed, err));
	if (is_given(parsed, "optimizer") && settings->train.optimizer == FLT_NEWTON)
		FLT_TRY(resolve_newton(parsed, err));
	else
		choose_newton(parsed);
	resolve_recipe(parsed);
	settings->table.n_threads = settings->train.n_threads = settings->threads;
	settings->split.seed = settings->train.seed = settings->seed;
	FLT_TRY(resolve_loss(parsed, err));
	FLT_TRY(resolve_weights(parsed, err));
	FLT_TRY(resolve_split(parsed, err));
	FLT_TRY(resolve_network(parsed, err));
	FLT_TRY(resolve_prior(parsed, err));
	FLT_TRY(resolve_reading(settings, err));
	FLT_TRY(resolve_verbosity(parsed, err));
	settings->table.on_wide = settings->quiet ? NULL : tell_of_wide;
	FLT_TRY(resolve_model(parsed, err));
	if (settings->resume && !settings->checkpoint)
		settings->checkpoint = settings->resume;
	return resolve_files(parsed, err);
}
