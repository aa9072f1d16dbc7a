/*
 * Figures of a binary classifier on labelled rows, computed from arrays alone.
 *
 * Two arrays of struct flt_scored describe a classifier's output. `score` ranks the rows, in double, never a
 * probability that has saturated. Losses are computed from `log_odds` (softplus of the margin), never from 1 - p. Equal
 * scores form one group everywhere. A row is predicted positive when its probability >= threshold, everywhere.
 */
#ifndef EVAL_METRICS_H
#define EVAL_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "eval/scored.h"

struct flt_interval {
	double value, lo, hi; /* 95 % */
};

struct flt_confusion {
	double tp, fp, fn, tn; /* sums of weights: counts where each row stands for one */
};

/* The figures at one threshold. */
struct flt_point {
	double probability; /* the threshold */
	struct flt_confusion confusion;
	struct flt_interval precision, recall; /* Wilson; value 0 where the denominator is 0 */
	struct flt_interval f1, mcc;           /* stratified bootstrap */
	struct flt_interval alarms_per_10000;  /* Wilson on the share of rows predicted positive, times 10,000 */
	double accuracy;
};

enum { FLT_N_AT_K = 5, FLT_N_AT_PRECISION = 4 };

/* The precisions at which recall is reported, here and in comparisons. */
extern const double flt_min_precisions[FLT_N_AT_PRECISION];

struct flt_at_k {
	size_t k;
	double precision, recall; /* expected values where scores tie at rank k */
};

struct flt_at_precision {
	double precision,
	        recall; /* the most recall at any threshold with at least that precision; 0: no threshold has it */
};

struct flt_figures {
	size_t n_rows, n_positive;
	struct flt_interval ap;      /* average precision, scikit-learn's definition; stratified bootstrap, 2,000 */
	double chance, chance95;     /* expected AP of a random ranking, and its 95th percentile from 10,000 shuffles */
	struct flt_interval roc_auc; /* Mann-Whitney with mid-ranks */
	double davis_goadrich, trapezoid;
	double log_loss, brier, ece; /* ece: 15 equal-mass bins, ties kept together */
	double mean_probability;
	struct flt_point chosen, at_half;
	struct flt_at_k
	        at_k[FLT_N_AT_K]; /* k = 10, 50, 100, 500 and the number of positives; those above n_rows have k = 0 */
	struct flt_at_precision at_precision[FLT_N_AT_PRECISION]; /* at flt_min_precisions */
	double majority_accuracy; /* of always predicting the more common class, whose recall of the rare one is 0 */
};

struct flt_evaluate_options {
	double threshold;   /* a probability */
	uint64_t seed;      /* resamples are numbered streams of it */
	unsigned n_threads; /* 0: all; never changes a result */
};

/* All figures at once, of rows with scores, log-odds and labels, at least one of each class (else FLT_ERR_DATA). */
enum flt_status flt_evaluate(const struct flt_scored *rows, const struct flt_evaluate_options *options,
                             struct flt_figures *figures, struct flt_error *err);

/* Single figures. */

/* Rows from the highest score down. Allocated once for up to `capacity` rows, then sorted any number of times without
 * allocating. Scores must not be NaN; -0 equals 0. */
struct flt_ranking {
	size_t capacity, n;
	uint32_t *row; /* (n) ties in the order of rows */
	uint64_t *key; /* (n) ascending; equal where scores are equal */
	uint32_t *spare_row;
	uint64_t *spare_key;
};

enum flt_status flt_ranking_init(struct flt_ranking *ranking, size_t capacity, struct flt_error *err);
void flt_ranking_release(struct flt_ranking *ranking);
void flt_ranking_sort(struct flt_ranking *ranking, const double *score, size_t n); /* n <= capacity */

/* Average precision of rows with scores and labels; 0 where no row is positive. */
enum flt_status flt_average_precision(const struct flt_scored *rows, double *ap, struct flt_error *err);

/* The precision-recall curve from the highest score down, one point for each group of equal scores that holds a
 * positive row; a threshold in between loses precision and gains nothing. points must have room for one point a
 * positive row. */
struct flt_pr_point {
	size_t row;    /* a row of the group; its score is the threshold */
	double tp, fp; /* sums of weights of the rows with that score or a higher one; the last tp is that of all */
};

enum flt_status flt_pr_curve(const struct flt_scored *rows, struct flt_pr_point *points, size_t *n_points,
                             struct flt_error *err);

double flt_log_loss(const double *log_odds, const uint8_t *label, size_t n); /* mean, in nats; 0 for no rows */
double flt_brier(const double *log_odds, const uint8_t *label, size_t n);    /* mean squared error of the probability */

/* The expected calibration error in n_bins bins of equal mass: bins are filled from the lowest log-odds up, and rows
 * with the same log-odds go into one bin, the one that the first of them reaches. */
enum flt_status flt_ece(const double *log_odds, const uint8_t *label, size_t n, size_t n_bins, double *ece,
                        struct flt_error *err);

/* Counts under flt_is_positive(log_odds, threshold), and figures of such counts; 0 where a figure is 0 / 0. */
struct flt_confusion flt_confusion_at(const double *log_odds, const uint8_t *label, size_t n, double threshold);
double flt_precision(const struct flt_confusion *confusion);
double flt_recall(const struct flt_confusion *confusion);
double flt_f1(const struct flt_confusion *confusion);
double flt_mcc(const struct flt_confusion *confusion);
double flt_accuracy(const struct flt_confusion *confusion);

/* The figures at a threshold, of rows with log-odds and labels, but for the bounds of F1 and MCC, which are 0. */
struct flt_point flt_point_at(const struct flt_scored *rows, double threshold);

/* 95 % intervals in closed form: of a share (Wilson; n = 0: [0, 1]), and of an average precision from its number of
 * positive rows alone (the logit interval of Boyd, Eng and Page 2013). */
struct flt_interval flt_wilson(size_t count, size_t n);
struct flt_interval flt_ap_logit_interval(double ap, size_t n_positive);

/* The expected average precision of a random ranking without ties, and its 95th percentile in 10,000 shuffles that are
 * numbered streams of the seed. 1 <= n_positive <= n. */
double flt_chance(size_t n, size_t n_positive);
enum flt_status flt_chance95(size_t n, size_t n_positive, uint64_t seed, unsigned n_threads, double *chance95,
                             struct flt_error *err);

#endif
