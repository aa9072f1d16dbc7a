/*
 * What the user asked for. One const table (options.c) holds one row per option; from it come parsing, config files,
 * --help, --print-config and the README's list. Defaults are texts that go through the same setter as user input, so a
 * default that its own bounds refuse cannot exist.
 *
 * Precedence: default < config file < command line. Where two options contradict each other, the one from the higher
 * level wins and the other is dropped; on the same level it is a usage error.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "eval/calibrate.h"
#include "eval/decision.h"
#include "protocol/protocol.h"
#include "split/split.h"
#include "table/table.h"
#include "nn/train.h"

enum { MAX_OPTIONS = 96, MAX_FILES = 2 };

enum { MAX_VARIANTS = 16 };

enum option_origin { FROM_NOWHERE, FROM_DEFAULT, FROM_FILE, FROM_FLAG, FROM_VARIANT };

/* Texts point into argv or into config_text, so settings must not outlive argv. */
struct settings {
	const char *files[MAX_FILES]; /* what is not an option, in order: DATA.csv for train */
	size_t n_files;

	struct flt_table_options table; /* n_threads is set */
	const char *test_file;          /* --test; then split.test_fraction is 0 */
	struct flt_split_options split; /* seed is set */
	struct flt_prep_options prep;
	/* seed, n_threads and loss are set: gamma is 0 for bce, weights come from --alpha and --pos-weight; only
	 * `balanced` remains to be resolved */
	struct flt_train_options train;
	enum flt_preset preset;
	enum flt_recipe recipe;
	size_t members;    /* 0: as the preset says */
	unsigned fixed;    /* of enum flt_fixed: what was chosen by an option */
	bool balanced;     /* multiply train.loss.weight_positive by N-/N+ of the fit rows */
	bool monitor_auto; /* train.monitor was not chosen: ap, or loss below 50 validation positives */
	struct flt_rule rule;
	enum flt_calibration calibrate;

	size_t n_folds, n_repeats;
	bool learning_curve;
	const char *curves;
	const char *variants[MAX_VARIANTS]; /* as given: "name: options" */
	size_t n_variants;

	uint64_t seed;
	unsigned threads;    /* 0: all */
	size_t memory_limit; /* bytes; 0: what main.c finds sane; SIZE_MAX: none */
	const char *json, *predictions, *log, *config;
	const char *output;     /* -o: the model, or the rows of predict; NULL: where the command puts it by default */
	const char *checkpoint; /* train: where its state is kept; with --resume alone, that file */
	const char *resume;     /* train: the state to go on from */
	bool no_model;          /* train writes none */
	bool keep_all;          /* predict repeats the columns of its input */
	double prior;           /* predict: the prevalence to move to; 0: as trained */
	bool estimate_prior;    /* predict: found from the rows */
	const char *require;    /* evaluate: gates */
	bool force;
	bool quiet;   /* nothing but errors on stderr */
	bool verbose; /* a line for each epoch on stderr, more figures in the report */
	bool help, help_markdown, version, print_config; /* what to do instead of the command */
	char warning[256];                               /* to be told on stderr, if not empty and not quiet */

	/* As given, before it was settled; for the parser's own use. */
	bool focal;
	double gamma, alpha, pos_weight; /* alpha, pos_weight 0: off */
	double attainable_ap;
	const char *text[MAX_OPTIONS]; /* effective value of each row of the table; NULL: unset */
	unsigned char source[MAX_OPTIONS];
	char *config_text; /* owned */
	int argc;
	char **argv;
	const struct command *command;
};

/* A command: `run` reads as its story and returns the exit code. It prints its own results, never its error. */
struct command {
	const char *name;
	unsigned bit;          /* marks the options that it takes */
	const char *arguments; /* "DATA.csv" */
	size_t min_files, max_files;
	const char *summary; /* one line, for the list of commands */
	const char *about;   /* for its own --help: lines that end with a newline */
	enum flt_status (*run)(const struct settings *settings, struct flt_error *err);
};

enum flt_status run_compare(const struct settings *settings, struct flt_error *err);
enum flt_status run_cv(const struct settings *settings, struct flt_error *err);
enum flt_status run_train(const struct settings *settings, struct flt_error *err);
enum flt_status run_predict(const struct settings *settings, struct flt_error *err);
enum flt_status run_evaluate(const struct settings *settings, struct flt_error *err);
enum flt_status run_inspect(const struct settings *settings, struct flt_error *err);

/* argv holds what comes after the command's name. On success everything above is set (with --help and --version only
 * those flags). Call options_release in any case. */
enum flt_status options_parse(int argc, char **argv, const struct command *command, struct settings *settings,
                              struct flt_error *err);
void options_release(struct settings *settings);

/* The settings with other options on top, in words parted by spaces: "--loss focal --gamma 1". They win over all
 * others; data, split and run cannot differ. text must outlive *variant, and is written into. Call options_release. */
enum flt_status options_vary(const struct settings *settings, char *text, struct settings *variant,
                             struct flt_error *err);

/* The part of the settings that a fit takes. */
void options_fit(const struct settings *settings, struct flt_fit_options *options);

/* The value of an option as text, or NULL if it is unset; name is its long name. For provenance. */
const char *options_text(const struct settings *settings, const char *name);

/* Whether it was given on the command line or in a config file. */
bool options_given(const struct settings *settings, const char *name);

/* The options that make a model what it is, one "key = value" a line: not where files lie nor how many threads there
 * are. Freed by flt_free; NULL if memory is out. */
char *options_effective(const struct settings *settings, struct flt_error *err);

#endif
