/*
 * An evaluation: how good a detector is on labelled rows, and whether these rows influenced it.
 *
 * Figures are starred where they were measured on rows that influenced what they measure: they are then better than
 * what new rows will give.
 */
#ifndef PROTOCOL_EVALUATION_H
#define PROTOCOL_EVALUATION_H

#include "detector/model.h"
#include "eval/curves.h"
#include "eval/metrics.h"
#include "eval/operating_points.h"

enum flt_evaluated_rows {
	FLT_EVALUATED_TEST,       /* test rows of an experiment */
	FLT_EVALUATED_VALIDATION, /* without test rows: those that chose epoch and threshold */
	FLT_EVALUATED_LEFT_OUT,   /* fit rows of a bag, each scored by the networks that have not seen it */
	FLT_EVALUATED_FIT,        /* fit rows, scored by the network that learnt from them */
	FLT_EVALUATED_FILE,       /* rows of a file given to a finished detector */
};

/* The rows that chose the threshold. A threshold that was given, or that follows from costs, needs none. */
enum flt_threshold_rows {
	FLT_CHOSEN_ON_VALIDATION,
	FLT_CHOSEN_ON_LEFT_OUT,
	FLT_CHOSEN_ON_FIT,
	FLT_CHOSEN_IN_TRAINING,  /* of a finished detector: one of the above */
	FLT_CHOSEN_ON_EVALUATED, /* the evaluated rows themselves */
};

/* How many rows of a file were among those that made the detector (detector/sketch.h). */
struct flt_overlap {
	size_t n_sampled, n_found; /* rows that it is known of, and those among them; 0: nothing is known */
	struct flt_interval share; /* of all rows that are among them */
	double by_chance;          /* the share that is expected of new rows */
	bool is_real, is_starred;  /* more than by chance; by a hundredth of the rows or more */
};

struct flt_evaluation {
	struct flt_detector *detector; /* borrowed */
	uint64_t seed;                 /* of the shuffles behind chance */

	enum flt_evaluated_rows evaluated_on;
	enum flt_threshold_rows threshold_chosen_on;
	bool is_training_data; /* the rows are of the file that the detector was trained on */
	struct flt_overlap overlap;
	bool is_starred;           /* all figures */
	bool point_is_starred;     /* the figures at the threshold; true if is_starred is */
	bool threshold_is_starred; /* the threshold itself: it was chosen on rows that the network was trained on */

	size_t n_rows;
	size_t *rows;             /* (n_rows) numbers of table rows; NULL for FLT_EVALUATED_FILE */
	uint8_t *label;           /* (n_rows) 0 or 1 */
	double *score, *log_odds; /* (n_rows) */
	double *weight;           /* (n_rows), or NULL: see struct flt_scored, like the next */
	size_t *cluster, n_clusters;

	double prior; /* prevalence that figures are weighted to; 0: the rows' own */
	struct flt_figures figures;
	struct flt_outcome outcome;
	struct flt_operating_points points;
	double prevalence;           /* share of positive rows, by weight */
	bool majority_is_positive;   /* more than half of the rows, by weight, are positive */
	double threshold_score;      /* flt_detector_threshold_score */
	double raw_mean_probability; /* mean of sigmoid(score), as if psi were not needed; NaN with several networks */
	size_t n_seen;               /* test rows whose features all equal those of a fit or validation row */
	double ap_unseen;            /* average precision of the others; NaN if n_seen is 0, or if they lack a class */
	struct flt_curves *curves;   /* owned; NULL: not asked for */
	double seconds;
};

/* Rows of a file, whose arrays an evaluation takes over. */
struct flt_file_rows {
	size_t n, n_clusters;
	double *score, *weight;    /* (n); weight and cluster may be NULL */
	uint8_t *label;            /* (n) */
	size_t *cluster;           /* (n) */
	double prior;              /* as in struct flt_evaluation */
	size_t n_sampled, n_found; /* as in struct flt_overlap */
};

/* Whether the file of this checksum (or NULL) made the detector; and what the sketch says of its rows. */
bool flt_is_training_data(const struct flt_detector *detector, const char *data_sha256);
struct flt_overlap flt_overlap_of(const struct flt_detector *detector, size_t n_sampled, size_t n_found);

/* Evaluates a finished detector on rows of a file. Takes their arrays out of rows, also on failure; both classes are
 * needed (else FLT_ERR_DATA). data_sha256 is the checksum of the file, NULL if unknown: it tells whether the detector
 * was trained on this file, or its threshold chosen on it. */
enum flt_status flt_evaluation_of_file(struct flt_detector *detector, struct flt_file_rows *rows,
                                       const char *data_sha256, unsigned n_threads, struct flt_evaluation *evaluation,
                                       struct flt_error *err);
void flt_evaluation_release(struct flt_evaluation *evaluation);

/* Moves the detector's threshold by a rule on the evaluated rows, and measures again. The detector's provenance
 * remembers the file if the rows had a say. A floor that promises is FLT_ERR_USAGE if all figures are starred: what the
 * model learnt from promises nothing. */
enum flt_status flt_evaluation_choose(struct flt_evaluation *evaluation, const struct flt_rule *rule,
                                      const char *data_sha256, unsigned n_threads, struct flt_error *err);

/* Finds the figures behind pictures, which costs as much as the other figures. */
enum flt_status flt_evaluation_find_curves(struct flt_evaluation *evaluation, struct flt_error *err);

/* The evaluated rows. */
struct flt_scored flt_evaluation_scored(const struct flt_evaluation *evaluation);

/* All figures of rows, as flt_evaluate gives them, but with a prior losses and calibration are for it as well. The
 * confusion counts the rows as they are. */
enum flt_status flt_evaluation_figures(const struct flt_scored *rows, const struct flt_evaluate_options *options,
                                       struct flt_figures *figures, struct flt_error *err);

/* For experiments. Given detector, seed, evaluated_on, threshold_chosen_on, n_rows, label, score, and weight and
 * cluster or NULL, fills log_odds
 * (allocated), the stars, and all figures but n_seen and ap_unseen, which are 0 and NaN. */
enum flt_status flt_evaluation_measure(struct flt_evaluation *evaluation, unsigned n_threads, struct flt_error *err);

double flt_evaluation_prevalence(const struct flt_evaluation *evaluation); /* that its figures are for */
double flt_evaluation_probability(const struct flt_evaluation *evaluation, size_t i);
bool flt_evaluation_is_positive(const struct flt_evaluation *evaluation, size_t i); /* predicted, at the threshold */

#endif
