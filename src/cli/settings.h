/*
 * What the user asked for, as the commands see it: typed and free of contradictions. How it came about (texts, origins,
 * config file) is struct parsed (parsed.h), which only the parser and the help texts see.
 *
 * Precedence: default < config file < command line. Where two options contradict each other, the one from the higher
 * level wins and the other is dropped; on the same level it is a usage error.
 */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "base/text.h"
#include "export/target.h"
#include "protocol/protocol.h"
#include "report/progress.h"

enum { MAX_FILES = 500, MAX_VARIANTS = 16, MAX_COLUMN_GROUPS = 64 }; /* files: a process may often open 1024 */

struct parsed;

/* Texts point into argv or into the config file's text: settings must not outlive struct parsed. */
struct settings {
	const char *files[MAX_FILES]; /* the arguments that are not options, in order: DATA.csv ... for train */
	size_t n_files;
	const char *command_line; /* as it was typed, in words that a shell takes; NULL: not known */

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
	bool monitor_auto; /* train.monitor was not chosen: ap, or loss below FLT_FEW_POSITIVES validation positives */
	struct flt_rule rule;
	enum flt_calibration calibrate;
	double attainable_ap; /* 0: unknown */

	size_t n_folds, n_repeats;
	bool learning_curve;
	const char *curves;
	const char *variants[MAX_VARIANTS]; /* as given: "name: options" */
	size_t n_variants;
	const char *group_columns[MAX_COLUMN_GROUPS]; /* explain: lists of columns */
	size_t n_group_columns;
	size_t sample; /* explain: rows; 0: chosen; SIZE_MAX: all */

	uint64_t seed;
	unsigned threads;                 /* 0: all */
	size_t memory_limit;              /* bytes; 0: chosen for the machine; SIZE_MAX: none */
	enum flt_progress_style progress; /* without the option cli/progress.c chooses */
	const char *cache;                /* the folder for large arrays; NULL: they are in memory */
	const char *json, *report, *predictions, *log, *config;
	const char *output;     /* -o: the model, or the rows of predict; NULL: where the command puts it by default */
	const char *checkpoint; /* the file that keeps the state of training; with --resume alone, that file */
	const char *resume;     /* the state to start from */
	bool no_model;          /* train writes none */
	size_t n_background;    /* train: fit rows that the model keeps */
	size_t n_reasons;       /* predict: columns that explain a row; 0: none */
	bool keep_all;          /* predict repeats the columns of its input */
	bool follow;            /* predict answers each row before it waits for the next */
	double prior;           /* train, predict, evaluate: the prevalence to move to; 0: as trained */
	bool estimate_prior;    /* predict: estimate it from the rows */
	const char *require;    /* evaluate, check: gates */
	const char *by;         /* evaluate: list of columns */
	const struct flt_export_target *to; /* export: the language; NULL: C */
	const char *verify;                 /* export: rows to compare with */
	enum flt_precision precision;
	size_t max_size;      /* export: bytes; 0: any */
	const char *card;     /* inspect: the file for the model card */
	const char *suspects; /* check: the file for rows with suspicious labels */
	bool strict;          /* predict, evaluate: a column that is not as in training is an error */
	bool force;
	bool no_clobber; /* outputs never replace a file */
	bool quiet;      /* only errors on stderr */
	bool plot;       /* train, evaluate: pictures in the report */
	bool verbose;    /* a line for each epoch on stderr, more figures in the report */
	bool help, help_markdown, help_manual, version, print_config; /* what to do instead of the command */

	struct flt_ranks *ranks;     /* NULL: this process works alone */
	const struct parsed *parsed; /* for the functions below */
};

/* The settings that a fit takes. */
void options_fit(const struct settings *settings, struct flt_fit_options *options);

/* The value of an option as text, or NULL if it is unset; name is its long name. */
const char *options_text(const struct settings *settings, const char *name);

/* Whether it was given on the command line or in a config file. */
bool options_given(const struct settings *settings, const char *name);

/* The command's name. */
const char *options_command(const struct settings *settings);

/* Appends the options that determine what the command trains, one "key = value" a line: not where files lie nor how
 * many threads. */
enum flt_status options_effective(const struct settings *settings, struct flt_text_buffer *lines,
                                  struct flt_error *err);

#endif
