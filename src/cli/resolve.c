/*
 * What options mean together. Where two contradict each other, the one from the higher level (command line above config
 * file above default) wins and the other one is unset; on one level it is an error. Unset options have no text, so that
 * --print-config leaves them out.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/option_table.h"

static size_t row(const char *name)
{
	return (size_t)(option_find(name, strlen(name)) - flt_options);
}

static enum option_origin source_of(const struct settings *settings, const char *name)
{
	return (enum option_origin)settings->source[row(name)];
}

static const char *text_of(const struct settings *settings, const char *name)
{
	return settings->text[row(name)];
}

/* As the user gave it: "--gamma 2" or, from a config file, "gamma = 2 (fraud.conf)". */
static const char *as_given(const struct settings *settings, const char *name, char *text, size_t size)
{
	bool is_switch = !option_takes_value(&flt_options[row(name)]);
	if (source_of(settings, name) == FROM_FILE)
		snprintf(text, size, "%s = %s (%s)", name, text_of(settings, name), settings->config);
	else
		snprintf(text, size, "--%s%s%s", name, is_switch ? "" : " ", is_switch ? "" : text_of(settings, name));
	return text;
}

enum { GIVEN_SIZE = 256 };

/* `loser` has no effect beside `winner`: unset it if winner stands higher, else say why both cannot be. */
static enum flt_status give_way(struct settings *settings, const char *loser, const char *winner, const char *why,
                                struct flt_error *err)
{
	if (source_of(settings, loser) >= source_of(settings, winner)) {
		char a[GIVEN_SIZE], b[GIVEN_SIZE];
		if (!text_of(settings, winner)) /* left to the recipe */
			return flt_fail(err, FLT_ERR_USAGE, "%s: %s", as_given(settings, loser, a, sizeof a), why);
		return flt_fail(err, FLT_ERR_USAGE, "%s and %s: %s", as_given(settings, loser, a, sizeof a),
		                as_given(settings, winner, b, sizeof b), why);
	}
	settings->text[row(loser)] = NULL;
	return FLT_OK;
}

/* --gamma alone implies focal loss. */
static enum flt_status resolve_loss(struct settings *settings, struct flt_error *err)
{
	enum option_origin loss = source_of(settings, "loss"), gamma = source_of(settings, "gamma");
	if (!settings->focal && gamma > FROM_DEFAULT && gamma > loss) {
		settings->focal = true;
		settings->text[row("loss")] = "focal";
	}
	if (!settings->focal && gamma > FROM_DEFAULT) {
		enum flt_status status = give_way(settings, "gamma", "loss",
		                                  "bce has no gamma; leave one of them out, or take --loss focal", err);
		if (status)
			return status;
	}
	if (!settings->focal)
		settings->text[row("gamma")] = NULL;
	settings->train.loss.gamma = settings->focal ? settings->gamma : 0;
	if (settings->train.loss.gamma > 5)
		snprintf(settings->warning, sizeof settings->warning,
		         "--gamma %s: above 5, focal loss leaves hardly any gradient; 0.5 to 3 is usual",
		         text_of(settings, "gamma"));
	return FLT_OK;
}

static enum flt_status resolve_weights(struct settings *settings, struct flt_error *err)
{
	bool has_alpha = settings->alpha > 0, has_weight = settings->pos_weight > 0 || settings->balanced;
	double odds = has_alpha ? settings->alpha / (1 - settings->alpha) : 1;
	if (has_alpha && has_weight && !settings->force) {
		char a[GIVEN_SIZE], b[GIVEN_SIZE], factor[80];
		if (settings->balanced)
			snprintf(factor, sizeof factor, "%.4g x (negatives / positives)", odds);
		else
			snprintf(factor, sizeof factor, "%.4g", odds * settings->pos_weight);
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "%s and %s: correct for imbalance twice, multiplying the odds of the positive class by %s; "
		        "leave one of them out, or add --force if both are meant",
		        as_given(settings, "alpha", a, sizeof a), as_given(settings, "pos-weight", b, sizeof b),
		        factor);
	}
	struct flt_loss *loss = &settings->train.loss;
	loss->weight_positive = has_alpha ? settings->alpha : 1;
	loss->weight_negative = has_alpha ? 1 - settings->alpha : 1;
	if (settings->pos_weight > 0)
		loss->weight_positive *= settings->pos_weight;
	return FLT_OK;
}

static enum flt_status resolve_split(struct settings *settings, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	if (settings->test_file) {
		if (source_of(settings, "test-fraction") > FROM_DEFAULT && settings->split.test_fraction > 0)
			status = give_way(settings, "test-fraction", "test",
			                  "a test file leaves no share to take; leave one of them out", err);
		settings->split.test_fraction = 0;
		settings->text[row("test-fraction")] = NULL;
	}
	if (status)
		return status;
	if (settings->table.time && settings->table.group)
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "--time %s and --group %s: a split goes by one of them; leave one out (--drop keeps its "
		        "column from being learnt from)",
		        settings->table.time, settings->table.group);
	double test = settings->split.test_fraction, validation = settings->split.validation_fraction;
	if (test + validation >= 1)
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "--test-fraction %g and --validation-fraction %g: leave no row to fit on; their sum must "
		        "stay below 1",
		        test, validation);
	return FLT_OK;
}

static enum flt_status resolve_network(struct settings *settings, struct flt_error *err)
{
	struct flt_train_options *train = &settings->train;
	enum flt_status status = FLT_OK;
	if (train->n_hidden == 0 && train->dropout > 0) {
		status = give_way(settings, "dropout", "hidden", "dropout needs a hidden layer; leave one of them out",
		                  err);
		train->dropout = 0;
	}
	if (!status && train->optimizer != FLT_SGD && train->momentum > 0) {
		status = give_way(settings, "momentum", "optimizer",
		                  "momentum takes --optimizer sgd; the default, adamw, has its own", err);
		train->momentum = 0;
	}
	if (!status && train->optimizer != FLT_SGD && train->nesterov) {
		status = give_way(settings, "nesterov", "optimizer", "nesterov takes --optimizer sgd, with momentum",
		                  err);
		train->nesterov = false;
	}
	if (!status && train->nesterov && train->momentum <= 0)
		status = flt_fail(err, FLT_ERR_USAGE, "--nesterov: needs momentum, for example --momentum 0.9");
	settings->monitor_auto = source_of(settings, "monitor") == FROM_NOWHERE;
	return status;
}

static enum flt_status resolve_verbosity(struct settings *settings, struct flt_error *err)
{
	if (!settings->quiet || !settings->verbose)
		return FLT_OK;
	bool verbose_wins = source_of(settings, "verbose") > source_of(settings, "quiet");
	enum flt_status status =
	        give_way(settings, verbose_wins ? "quiet" : "verbose", verbose_wins ? "verbose" : "quiet",
	                 "exclude each other; leave one of them out", err);
	settings->quiet = !verbose_wins;
	settings->verbose = verbose_wins;
	return status;
}

bool is_same_file(const char *a, const char *b)
{
	struct stat about_a, about_b;
	if (strcmp(a, b) == 0)
		return true;
	return strcmp(a, "-") != 0 && strcmp(b, "-") != 0 && stat(a, &about_a) == 0 && stat(b, &about_b) == 0 &&
	       S_ISREG(about_a.st_mode) && about_a.st_dev == about_b.st_dev && about_a.st_ino == about_b.st_ino;
}

struct use {
	const char *option, *path;
};

/* A state that was taken up is kept on in its file: that one is an output, and no input to be spared. */
static void settle_checkpoint(struct settings *settings)
{
	if (settings->resume && !settings->checkpoint)
		settings->checkpoint = settings->resume;
}

/* No output may land on an input, nor on another output. */
static enum flt_status resolve_files(const struct settings *settings, struct flt_error *err)
{
	bool goes_on_there = settings->resume && is_same_file(settings->resume, settings->checkpoint);
	const struct use outputs[] = {{"--json", settings->json},
	                              {"--predictions", settings->predictions},
	                              {"--log", settings->log},
	                              {"-o", settings->output},
	                              {goes_on_there ? "--resume" : "--checkpoint", settings->checkpoint}};
	const struct use inputs[] = {{"--test", settings->test_file},
	                             {"--config", settings->config},
	                             {"--resume", goes_on_there ? NULL : settings->resume},
	                             {"the file read", settings->files[0]},
	                             {"the file read", settings->files[1]}};
	enum { N_OUTPUTS = sizeof outputs / sizeof *outputs, N_INPUTS = sizeof inputs / sizeof *inputs };
	for (size_t i = 0; i < N_OUTPUTS; i++) {
		const struct use *out = &outputs[i];
		for (size_t j = i + 1; out->path && j < N_OUTPUTS; j++)
			if (outputs[j].path && is_same_file(out->path, outputs[j].path))
				return flt_fail(err, FLT_ERR_USAGE,
				                "%s and %s: both go to %s; name another file for one of them",
				                out->option, outputs[j].option, out->path);
		/* An input - is stdin. */
		for (size_t j = 0; out->path && j < N_INPUTS; j++)
			if (inputs[j].path && strcmp(inputs[j].path, "-") != 0 &&
			    is_same_file(out->path, inputs[j].path))
				return flt_fail(err, FLT_ERR_USAGE, "%s %s: would overwrite %s; name another file",
				                out->option, out->path, inputs[j].option);
	}
	return FLT_OK;
}

/* What the user chose, the recipe leaves alone. Several members of a bag need no validation part. */
static void resolve_recipe(struct settings *settings)
{
	settings->fixed = 0;
	for (size_t i = 0; i < flt_n_options; i++)
		if (settings->source[i] > FROM_DEFAULT)
			settings->fixed |= flt_options[i].fixes;
	/* A logistic regression has one optimum: members would be alike. */
	if (settings->train.n_hidden == 0) {
		settings->recipe = FLT_RECIPE_PLAIN;
		if (settings->members == 0)
			settings->members = 1;
	}
	bool several = settings->members ? settings->members > 1 : settings->preset != FLT_PRESET_FAST;
	if (several && source_of(settings, "validation-fraction") == FROM_DEFAULT) {
		settings->split.validation_fraction = 0;
		settings->text[row("validation-fraction")] = NULL;
	}
}

static enum flt_status resolve_model(struct settings *settings, struct flt_error *err)
{
	if (!settings->no_model || !settings->output)
		return FLT_OK;
	enum flt_status status =
	        give_way(settings, "output", "no-model", "a model is written or not; leave one out", err);
	settings->output = NULL;
	return status;
}

enum flt_status options_resolve(struct settings *settings, struct flt_error *err)
{
	resolve_recipe(settings);
	settings->table.n_threads = settings->train.n_threads = settings->threads;
	settings->split.seed = settings->train.seed = settings->seed;
	enum flt_status status = resolve_loss(settings, err);
	if (!status)
		status = resolve_weights(settings, err);
	if (!status)
		status = resolve_split(settings, err);
	if (!status)
		status = resolve_network(settings, err);
	if (!status && settings->table.delimiter && settings->table.delimiter == settings->table.decimal)
		status = flt_fail(err, FLT_ERR_USAGE, "--delimiter and --decimal: are both %c; they must differ",
		                  settings->table.decimal);
	if (!status)
		status = resolve_verbosity(settings, err);
	if (!status)
		status = resolve_model(settings, err);
	settle_checkpoint(settings);
	if (!status)
		status = resolve_files(settings, err);
	return status;
}

void options_fit(const struct settings *settings, struct flt_fit_options *options)
{
	*options = (struct flt_fit_options){
	        .preset = settings->preset,
	        .recipe = settings->recipe,
	        .fixed = settings->fixed,
	        .n_members = settings->members,
	        .prep = settings->prep,
	        .train = settings->train,
	        .balance = settings->balanced,
	        .monitor_auto = settings->monitor_auto,
	        .calibrate = settings->calibrate,
	        .rule = settings->rule,
	};
}
