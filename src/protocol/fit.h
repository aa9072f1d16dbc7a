/*
 * Fitting a detector. Each row plays one role: fit rows are what preparation and weights are learnt from; validation
 * rows choose the epoch, the probability map and the threshold. Without validation rows, a bag of networks that leave
 * rows out in turn chooses them on the rows left out.
 */
#ifndef PROTOCOL_FIT_H
#define PROTOCOL_FIT_H

#include "detector/model.h"
#include "nn/train.h"
#include "protocol/checkpoint.h"
#include "protocol/epoch_log.h"
#include "ranks/ranks.h"
#include "split/split.h"

/* With fewer positive validation rows, epochs are compared by loss. By the logit interval of Boyd, Eng and Page (2013)
 * an average precision of 0.5 on 50 positives has a 95 % interval of [0.36, 0.64], so it would pick epochs by luck. */
enum { FLT_FEW_POSITIVES = 50 };

/* How much work the default recipe does: a rule of the data's size, see recipe.c. */
enum flt_preset { FLT_PRESET_FAST, FLT_PRESET_DEFAULT, FLT_PRESET_BEST, FLT_N_PRESETS };
extern const char *const flt_preset_words[];

/* The kinds of networks (recipe.c has their table), and the pool of them. Plain: a multilayer perceptron under strong
 * weight decay. Embedded: the RealMLP package with periodic embeddings of the numeric inputs. Linear: a logistic
 * regression. Quantile: numbers on quantile scale. Steps: thresholds that a booster proposes are inputs too. */
enum flt_recipe {
	FLT_RECIPE_POOL,
	FLT_RECIPE_LINEAR,
	FLT_RECIPE_PLAIN,
	FLT_RECIPE_EMBEDDED,
	FLT_RECIPE_EMBEDDED_QUANTILE,
	FLT_RECIPE_PLAIN_STEPS,
	FLT_RECIPE_EMBEDDED_STEPS,
	FLT_N_RECIPES
};
extern const char *const flt_recipe_words[];

/* Fields of flt_train_options that the caller has set; the recipe chooses the others. Dropout, optimizer, learning rate
 * and weight decay stand for the fields that go with them, see recipe.c. */
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
	FLT_FIX_NEGATIVES = 1 << 13,
	FLT_FIX_ALL = (1 << 14) - 1,
	FLT_FIX_SCALE = 1 << 14, /* these two of struct flt_prep_options */
	FLT_FIX_STEPS = 1 << 15,
};

enum { FLT_MAX_KINDS = FLT_N_RECIPES - 1 };

/* A kind of networks in a fit. */
struct flt_kind {
	enum flt_recipe recipe;         /* which */
	struct flt_prep_options prep;   /* how its networks prepare their rows */
	struct flt_train_options train; /* as resolved, with loss weights and monitor */
};

/* The networks of a fit, numbered in the order in which they begin. First each kind trains n_tried, one of every kind
 * in turn. Then the kinds are judged by their scores of rows that they had not learnt from, and the best n_kept of them
 * train n_round each, in turn again, and again while that helps (flt_judge_helped), n_turns at most. */
struct flt_roster {
	size_t n_kinds, n_members;
	size_t n_tried, n_kept;  /* n_tried x n_kinds >= n_members: no kind is stopped, and there is no other round */
	size_t n_turns, n_round; /* of a kind that stays in all: n_tried, and so many rounds of n_round */
	size_t n_folds;          /* of each deal of a bag, if there are positives enough; 0: validation rows judge */
	struct flt_kind kinds[FLT_MAX_KINDS];
};

/* What came of a kind. */
struct flt_kind_result {
	size_t n_networks;   /* that were trained */
	double weight;       /* of all its networks in the mean; 0: they are not kept */
	double log_loss, ap; /* on rows that the scoring networks had not learnt from; NaN without such scores */
	bool keeps_last;     /* the last epoch of its networks is kept, not the best one */
};

/* Fits that run side by side, on one thread each, share the memory. Zero-initialised: there are no others. In bytes. */
struct flt_sharing {
	size_t n_fits;
	size_t before; /* allocated before the first of them began, without what follows */
	size_t kept;   /* of all of them, to the end */
	double after;  /* once all of them have ended, beside these */
};

/* How a detector is fitted. train.seed and train.n_threads hold for all of it. */
struct flt_fit_options {
	enum flt_preset preset;
	enum flt_recipe recipe;
	unsigned fixed;   /* of enum flt_fixed; with FLT_FIX_ALL, preset and recipe have no effect */
	size_t n_members; /* networks whose probabilities are averaged, up to FLT_MAX_MEMBERS; 0: as the preset says */
	struct flt_prep_options prep;
	struct flt_train_options train;
	size_t epochs_divisor; /* > 1: run that fraction of the epochs, at least 2, to see a network after few */
	bool balance;      /* multiply train.loss.weight_positive by negatives / positives of the fit rows, by weight */
	bool monitor_auto; /* set train.monitor: AP, or loss with fewer than FLT_FEW_POSITIVES to validate on */
	enum flt_calibration calibrate; /* AUTO becomes MAP if no rows were held out; PLATT and ISOTONIC are refused */
	struct flt_rule rule;           /* for the threshold */
	enum flt_identical identical;   /* in the folds of a bag, and as clusters of the rows that choose */
	bool drops_choosers;            /* the result's chosen_by is left empty */
	double prior; /* prevalence that map and threshold are for; 0: that of the rows. Training does not change */
	size_t n_background; /* fit rows that flt_experiment_describe keeps in the detector (detector/background.h) */
	struct flt_sharing sharing;
	const char *rows_folder; /* where the prepared rows of a single network are kept (rows_file.h); NULL: nowhere */
};

/* The library's defaults: one network as flt_train_options_init has it, and the threshold with the best F1. */
void flt_fit_options_init(struct flt_fit_options *options);

/* What a fit will do: all that is known before rows are prepared. */
struct flt_fit_plan {
	struct flt_prep *prep; /* NULL once a fit has taken it for its detector */
	bool *numeric;         /* (features of prep) inputs that can be embedded */
	struct flt_roster roster;
	struct flt_mlp_spec spec[FLT_MAX_KINDS]; /* they borrow numeric */
	size_t n_params;                         /* of all networks, if the first kinds are kept, without steps */
	double work[FLT_MAX_KINDS];              /* of a network of each kind, see work.h */
	double prevalence;                       /* share of positive fit rows, by weight */
	double positive_share;                   /* the same, each row counted once */
	double output_bias;                      /* at the start, on all fit rows */
	bool is_uneven; /* in the order of blocks many positive rows come at once, then none for long (nn/order.h) */
	double seconds;
};

/* Negative rows that an epoch of the plan's networks draws for each positive one; 0: it visits all rows. */
double flt_fit_plan_negatives(const struct flt_fit_plan *plan);

/* Callbacks during training; a zero-initialised struct asks for none. */
struct flt_hooks {
	flt_on_epoch *on_epoch;             /* called by one thread at a time; true stops all training */
	bool (*should_stop)(void *context); /* asked before each step, by any thread; true stops all training */
	/* Told before each step of a network, by one thread at a time, which share of all work it has done. */
	void (*on_step)(void *context, size_t member, double share);
	/* Told the most bytes that will be allocated at once, before rows are prepared. */
	void (*on_memory)(void *context, double n_bytes);
	/* Told, before training, that a network's rows were found in the file of rows_folder, or have been put there.
	 */
	void (*on_rows)(void *context, const char *path, bool were_found);
	bool keeps_epochs;                 /* on_epoch keeps them all in a log, for which there has to be memory */
	struct flt_checkpoint *checkpoint; /* borrowed: keeps the state of training, which starts from a loaded one */
	size_t training;                   /* whose state it is: its number in a study */
	/* Networks are dealt over them, or the rows of a network alone (row_team.h), with a checkpoint that has joined
	 * them; NULL: none. On all but rank 0 training is stopped at the end. */
	struct flt_ranks *ranks;
	void *context;
};

/* Rows and their scores by networks that have not learnt from them: they choose map and threshold. */
struct flt_held_out {
	size_t n_rows;
	const size_t *rows;       /* (n_rows) numbers of table rows: the caller's of flt_fit, or own_rows */
	size_t *own_rows;         /* those of them that have a score, or NULL: all have one */
	uint8_t *label;           /* (n_rows) */
	double *score, *log_odds; /* (n_rows) */
	double *weight;           /* (n_rows), or NULL: see struct flt_scored, like the next */
	size_t *cluster, n_clusters;
	double *time; /* (n_rows), or NULL */
};

void flt_held_out_release(struct flt_held_out *held_out);
struct flt_scored flt_held_out_scored(const struct flt_held_out *held_out);

struct flt_fit_result {
	struct flt_roster roster; /* n_members: those that began */
	struct flt_kind_result kinds[FLT_MAX_KINDS];
	size_t kind_of[FLT_MAX_MEMBERS]; /* of each network in roster */
	struct flt_train_result train[FLT_MAX_MEMBERS];
	double prevalence;           /* share of positive fit rows, by weight */
	enum flt_row_role chosen_on; /* the rows that chose map and threshold: FLT_VALIDATION, or FLT_FIT without any */
	bool out_of_fold;            /* these are the fit rows of a bag, scored by members that have not seen them */
	/* These rows; with FLT_FIT and no bag, the network has learnt from them. An experiment with test rows, and a
	 * cross-validation, drop them. */
	struct flt_held_out chosen_by;
	bool stopped; /* a hook stopped training: there is no detector, and no error */
	double seconds_prepare, seconds_train;
};

void flt_fit_result_release(struct flt_fit_result *result);

/* Whether a kind weighs nothing since it was not worth going on with: others have more networks. */
bool flt_fit_was_stopped(const struct flt_fit_result *result, size_t kind);

/* Whether the log-odds of the rows that choose take the place of their scores: nobody asks for these. */
bool flt_fit_drops_scores(const struct flt_fit_options *options);

/* Plans the fit of a detector on fit_rows (n_fit) and validation_rows (n_validation, may be 0), both numbers of table
 * rows: learns the preparation from the fit rows, and resolves the options. */
enum flt_status flt_fit_plan(const struct flt_table *table, const size_t *fit_rows, size_t n_fit,
                             const size_t *validation_rows, size_t n_validation, const struct flt_fit_options *options,
                             struct flt_fit_plan *plan, struct flt_error *err);
void flt_fit_plan_release(struct flt_fit_plan *plan);

/* Plans, and carries the plan out. Fits a detector on fit_rows (n_fit) and validation_rows (n_validation, may be 0),
 * both numbers of table rows. More memory than the allocator's limit is refused before rows are prepared
 * (FLT_ERR_MACHINE). After FLT_ERR_DIVERGED *detector holds the best weights so far, or is NULL if there are none;
 * after other errors and a stop it is NULL. The caller frees *detector (flt_detector_free) and releases result,
 * whatever is returned. */
enum flt_status flt_fit(const struct flt_table *table, const size_t *fit_rows, size_t n_fit,
                        const size_t *validation_rows, size_t n_validation, const struct flt_fit_options *options,
                        const struct flt_hooks *hooks, struct flt_detector **detector, struct flt_fit_result *result,
                        struct flt_error *err);

/* The same with a plan that was made of these rows and options, whose preparation the detector takes over. */
enum flt_status flt_fit_planned(const struct flt_table *table, const size_t *fit_rows, size_t n_fit,
                                const size_t *validation_rows, size_t n_validation,
                                const struct flt_fit_options *options, const struct flt_hooks *hooks,
                                struct flt_fit_plan *plan, struct flt_detector **detector,
                                struct flt_fit_result *result, struct flt_error *err);

#endif
