/*
 * Cross-validation: one or more variants on the same folds, repeated with other seeds. Every variant gets the same fit,
 * validation and test rows, the same initial weights (if the shapes agree) and the same batches: folds and random
 * streams depend on the seed and the repeat alone. It comes in two steps, so that what is known before training can be
 * said before training.
 */
#ifndef PROTOCOL_CROSSVAL_H
#define PROTOCOL_CROSSVAL_H

#include "audit/leaks.h"
#include "protocol/fit.h"
#include "protocol/pace.h"

/* One configuration under test. */
struct flt_variant {
	const char *name;               /* borrowed */
	bool majority;                  /* no model: always predicts the more common class; options are ignored */
	struct flt_fit_options options; /* train.seed and train.n_threads are set by the run */
	double positives_kept;          /* (0, 1]: share of the positive fit rows that it learns from */
};

struct flt_cv_options {
	size_t n_folds, n_repeats;  /* >= 2, >= 1 */
	double validation_fraction; /* of all rows, [0, 1 - 1 / n_folds); by time the same share of the rows before a
	                               fold */
	enum flt_identical identical;
	uint64_t seed;      /* repeat r uses seed + r */
	const size_t *rows; /* (n_rows) of the table, ascending: only these take part; NULL: all */
	size_t n_rows;
	unsigned n_threads; /* for variants and folds side by side; 0: all; never changes a result */
};

/* The rows of one fold of one repeat. */
struct flt_cv_fold {
	size_t repeat, fold; /* from 0 */
	size_t n_fit, n_validation, n_test, n_test_positive;
	size_t *fit, *validation, *test; /* row numbers, ascending */
	uint8_t *label;                  /* (n_test) */
};

/* One variant on one fold. Of a trial that a checkpoint had, fit holds what trial_result.h names and no more. */
struct flt_cv_trial {
	double *score, *log_odds; /* (n_test) of the fold's test rows; for the majority a constant */
	double threshold;         /* a probability, chosen on the validation rows */
	double seconds_score;     /* for the test rows */
	struct flt_fit_result fit;
	struct flt_epoch_log log;
	size_t n_params; /* of all networks; 0 of the majority */
};

struct flt_cv {
	const struct flt_table *table;      /* borrowed */
	const struct flt_variant *variants; /* (n_variants) borrowed */
	struct flt_cv_options options;
	bool by_time; /* folds are blocks of time, each tested after learning from the rows before it */
	struct flt_identical_rows identical;
	struct flt_group_counts groups; /* of all rows */
	struct flt_fit_plan plan;       /* of one variant in the first fold; zero for the majority */
	struct flt_leaks leaks; /* among the columns of that plan, as the fit rows of the first fold show them */

	size_t n_variants, n_folds, n_repeats;
	size_t n_all_folds;          /* n_folds * n_repeats */
	struct flt_cv_fold *folds;   /* (n_all_folds) repeats outermost */
	struct flt_cv_trial *trials; /* (n_variants, n_all_folds) */
	double n_bytes_after;        /* that the caller will allocate for what follows flt_cv_run; 0: none */
	size_t n_never_tested; /* rows of a group larger than a fold, in the first repeat; by time, the first block */
	bool stopped;          /* by a hook: trials may lack scores */
};

/* Fills rows (n_fit of the fold) with the fold's fit rows, keeping only a share of the positives, at least one. Their
 * order is drawn once per fold, so the positives of a smaller share are a subset of those of a larger one. */
enum flt_status flt_cv_fold_thin(const struct flt_cv *cv, const struct flt_cv_fold *fold, double kept, size_t *rows,
                                 size_t *n_rows, struct flt_error *err);

/* Called after each trial, from one thread at a time; true stops the run. */
typedef bool flt_on_progress(void *context, size_t n_done, size_t n_trials);

/* Called after each epoch and each trial, by one thread at a time. */
typedef void flt_on_pace(void *context, const struct flt_pace *pace);

/* Called after each trial that was run to its end and not taken from a checkpoint, by one thread at a time. Trials that
 * run side by side end in any order. fold: of all folds. */
typedef void flt_on_trial(void *context, const struct flt_cv *cv, size_t variant, size_t fold);

/* Callbacks during the run; a zero-initialised struct asks for none. */
struct flt_cv_hooks {
	flt_on_progress *on_progress;
	flt_on_trial *on_trial;
	flt_on_pace *on_pace;
	/* Asked before each step of a training, by any thread; true stops the run. */
	bool (*should_stop)(void *context);
	/* Told the most bytes that will be allocated at once, before the first trial. */
	void (*on_memory)(void *context, double n_bytes);
	struct flt_checkpoint *checkpoint; /* borrowed: keeps the state of all trials, which start from a loaded one */
	/* Trials are dealt over them, with a checkpoint that has joined them; NULL: none. On all but rank 0 the run is
	 * stopped at the end. */
	struct flt_ranks *ranks;
	void *context;
};

/* Deals the folds, and plans the fit of variant `planned` in the first. After a failure *cv is NULL. */
enum flt_status flt_cv_plan(const struct flt_table *table, const struct flt_variant *variants, size_t n_variants,
                            size_t planned, const struct flt_cv_options *options, struct flt_cv **cv,
                            struct flt_error *err);

/* Runs all trials, once. hooks may be NULL. After a failure the cv can only be freed. FLT_ERR_MODEL: the checkpoint's
 * state is not of these trials; the sentence has no subject. */
enum flt_status flt_cv_run(struct flt_cv *cv, const struct flt_cv_hooks *hooks, struct flt_error *err);
void flt_cv_free(struct flt_cv *cv);

/* fold: of all folds. */
const struct flt_cv_trial *flt_cv_trial(const struct flt_cv *cv, size_t variant, size_t fold);

double flt_cv_trial_probability(const struct flt_cv_trial *trial, size_t i);
bool flt_cv_trial_is_positive(const struct flt_cv_trial *trial, size_t i); /* predicted, at the trial's threshold */

#endif
