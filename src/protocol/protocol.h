/*
 * Protocols: whole experiments, in which each row plays one role only. Fit rows are what recipe and weights are learnt
 * from; validation rows choose the epoch, the probability map and the threshold; test rows judge, once, and influence
 * nothing. What is measured on rows that chose it is marked as such (flt_experiment.evaluated_on).
 */
#ifndef PROTOCOL_PROTOCOL_H
#define PROTOCOL_PROTOCOL_H

#include "protocol/checkpoint.h"
#include "detector/model.h"
#include "eval/metrics.h"
#include "split/split.h"
#include "nn/train.h"

enum { FLT_FEW_POSITIVES = 50 }; /* below that, average precision of so many rows is mostly noise */

/* How much work the default recipe does: a rule of the data's size (recipe.c, and the README). */
enum flt_preset { FLT_PRESET_FAST, FLT_PRESET_DEFAULT, FLT_PRESET_BEST, FLT_N_PRESETS };
extern const char *const flt_preset_words[];

/* Kinds of networks. Plain: a multilayer perceptron under strong weight decay. Embedded: the RealMLP package with
 * periodic embeddings of the numeric inputs. Mixed: members of both, in turn. */
enum flt_recipe { FLT_RECIPE_MIXED, FLT_RECIPE_PLAIN, FLT_RECIPE_EMBEDDED, FLT_N_RECIPES };
extern const char *const flt_recipe_words[];

/* The fields of flt_train_options that the caller insists on; the recipe chooses the others. */
enum flt_fixed {
	FLT_FIX_HIDDEN = 1 << 0,
	FLT_FIX_ACTIVATION = 1 << 1,
	FLT_FIX_DROPOUT = 1 << 2,
	FLT_FIX_EMBEDDING = 1 << 3,
	FLT_FIX_OPTIMIZER = 1 << 4,
	FLT_FIX_LR = 1 << 5,
	FLT_FIX_DECAY = 1 << 6,
	FLT_FIX_SCHEDULE = 1 << 7,
	FLT_FIX_BATCH = 1 << 8,
	FLT_FIX_EPOCHS = 1 << 9,
	FLT_FIX_PATIENCE = 1 << 10,
	FLT_FIX_EMA = 1 << 11,
	FLT_FIX_FRONT_SCALE = 1 << 12,
	FLT_FIX_ALL = (1 << 13) - 1,
};

enum { FLT_MAX_KINDS = 2, FLT_MAX_MEMBERS = 64 };

/* Fits that run side by side, on one thread each, have to share the memory. Zero-initialised: there are no others. */
struct flt_sharing {
	size_t n_fits;
	size_t n_bytes_before; /* that were allocated before the first of them began, or are kept of all of them */
};

/* How a detector is fitted. train.seed and train.n_threads serve all of it. */
struct flt_fit_options {
	enum flt_preset preset;
	enum flt_recipe recipe;
	unsigned fixed;   /* of enum flt_fixed; with FLT_FIX_ALL neither preset nor recipe has a say */
	size_t n_members; /* networks whose probabilities are averaged, up to FLT_MAX_MEMBERS; 0: as the preset says */
	struct flt_prep_options prep;
	struct flt_train_options train;
	size_t epochs_part; /* > 1: only that part of the epochs, at least 2, to see a network after few of them */
	bool balance;       /* train.loss.weight_positive is multiplied by negatives / positives of the fit rows */
	bool monitor_auto;  /* train.monitor becomes AP, or loss below FLT_FEW_POSITIVES validation positives */
	enum flt_calibration calibrate; /* without validation rows AUTO is MAP; PLATT and ISOTONIC are refused */
	struct flt_rule rule;
	struct flt_sharing sharing;
};

void flt_fit_options_init(struct flt_fit_options *options); /* the defaults of the library */

/* What the caller is told on the way; a zero-initialised struct asks for nothing. */
struct flt_hooks {
	flt_on_epoch *on_epoch;             /* one call at a time; true ends the whole work: see stopped */
	bool (*should_stop)(void *context); /* asked before each step, from any thread; true ends the whole work */
	struct flt_checkpoint
	        *checkpoint; /* keeps the state of training, and starts from it if it was loaded; borrowed */
	void *context;
};

/* Rows with scores of networks that have not learnt from them: they choose map and threshold. */
struct flt_held_out {
	size_t n_rows;
	size_t *rows;             /* (n_rows) */
	uint8_t *label;           /* (n_rows) */
	double *score, *log_odds; /* (n_rows) */
};

struct flt_fit_result {
	size_t n_kinds, n_members;
	struct flt_train_options used[FLT_MAX_KINDS];   /* with loss weights and monitor as they were resolved */
	struct flt_train_result train[FLT_MAX_MEMBERS]; /* member m is of kind m % n_kinds */
	enum flt_row_role chosen_on; /* the rows that chose map and threshold: FLT_VALIDATION, or FLT_FIT without any */
	bool out_of_fold;            /* they are the fit rows of a bag, each scored by a member that has not seen it */
	struct flt_held_out chosen_by; /* those rows; with FLT_FIT and no bag, the scores are of the network itself */
	bool stopped;                  /* a hook asked for it: there is no detector then, and no error */
	double seconds_prepare, seconds_train;
};

void flt_fit_result_release(struct flt_fit_result *result);

/* Fits a detector: the recipe on the fit rows, the network on them with the best epoch on the validation rows (n may be
 * 0), the map and the threshold on the validation rows (without any: psi alone, and the threshold on the fit rows).
 * With several members and no validation rows, the members are a bag: the fit rows are dealt to folds, each member
 * leaves one out, and the rows left out choose its epoch, the map and the threshold.
 * What needs more memory than the allocator's limit is refused before rows are prepared.
 * On FLT_ERR_DIVERGED *detector is that of the best weights before it happened, or NULL; on other errors it is NULL. */
enum flt_status flt_fit(const struct flt_table *table, const size_t *fit_rows, size_t n_fit,
                        const size_t *validation_rows, size_t n_validation, const struct flt_fit_options *options,
                        const struct flt_hooks *hooks, struct flt_detector **detector, struct flt_fit_result *result,
                        struct flt_error *err);

/* One experiment: split, fit, judge. */
struct flt_experiment {
	const struct flt_table *table;      /* borrowed, as given */
	const struct flt_table *test_table; /* borrowed; NULL: the test rows are rows of table */
	uint64_t seed;
	struct flt_split split; /* of table */
	struct flt_detector *detector;
	struct flt_fit_result fit;
	bool diverged; /* the detector holds the best weights before it happened */
	/* flt_experiment_evaluate: the detector was there before; table, split and fit are empty. */
	bool is_given;
	bool is_training_data; /* the rows are of the file that it was trained on */
	bool chosen_here;      /* its threshold was moved by flt_experiment_choose, on the rows that judge */

	/* The rows that judge. FLT_TEST, or the rows that chose the threshold where there is no test: then every figure
	 * is too good to be true of new rows, and is marked. */
	enum flt_row_role evaluated_on;
	size_t n_rows;
	size_t *rows;             /* (n_rows) of test_table if there is one, else of table */
	uint8_t *label;           /* (n_rows) */
	double *score, *log_odds; /* (n_rows) */
	struct flt_figures figures;
	double threshold_score;      /* flt_detector_threshold_score */
	double raw_mean_probability; /* of the sigmoid of the score, as if psi were not needed; NaN with several members
	                              */
	size_t n_seen;               /* test rows whose features all equal those of a fit or validation row */
	double ap_unseen;            /* average precision of the others; NaN if that is all rows or there is none */
	double seconds_evaluate;
};

/* test_table (flt_table_read_like) may be NULL; with it, no test rows are taken from table. On FLT_ERR_DIVERGED with a
 * detector *experiment is complete, otherwise it is NULL on failure. After a stop (fit.stopped) it has no figures. */
enum flt_status flt_experiment_run(const struct flt_table *table, const struct flt_table *test_table,
                                   const struct flt_split_options *split, const struct flt_fit_options *options,
                                   const struct flt_hooks *hooks, struct flt_experiment **experiment,
                                   struct flt_error *err);

/* Judges a detector that is there already on n rows of both classes. Takes detector, score and label, also on failure.
 */
enum flt_status flt_experiment_evaluate(struct flt_detector *detector, double *score, uint8_t *label, size_t n,
                                        unsigned n_threads, struct flt_experiment **experiment, struct flt_error *err);

/* Moves the threshold by a rule on the rows that judge, and measures again. */
enum flt_status flt_experiment_choose(struct flt_experiment *experiment, const struct flt_rule *rule,
                                      unsigned n_threads, struct flt_error *err);

/* Fills what the detector's file says of its origin: the figures, the counts, the checksum of the data, how they were
 * read, and the options given, one "key = value" a line. To be called before flt_detector_save. */
enum flt_status flt_experiment_describe(struct flt_experiment *experiment, const struct flt_table_options *reading,
                                        const char *options, struct flt_error *err);

void flt_experiment_free(struct flt_experiment *experiment);

#endif
