/*
 * Figures of a binary classifier on labelled rows, computed from arrays alone.
 *
 * Two arrays of struct flt_scored describe a classifier's output. `score` ranks the rows, in double, never a
 * probability that has saturated. Losses are computed from `log_odds` (softplus of the margin), never from 1 - p. Equal
 * scores form one group everywhere. A row is predicted positive when its probability >= threshold, everywhere.
 *
 * Weights say how many rows a row stands for, and every figure counts them: a table in which each row is written
 * `weight` times gives the same. Copies are no new evidence, so in intervals a row of weight w counts as w rows of one
 * cluster, and equal weights count as none. All intervals are for rows, or clusters, drawn anew, classes as they come.
 *
 * A prior is the share of positive rows where the classifier will work. It multiplies the weights of the positive rows
 * in figures that depend on this share: PR-AUC and its chance, recall at a precision, precision, F1, MCC, alarms,
 * accuracy. Losses, calibration, and what the highest rows hold are those of the rows as they are.
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
	struct flt_interval f1, mcc;           /* see eval/point.c */
	struct flt_interval alarms_per_10000;  /* Wilson on the share of rows predicted positive, times 10,000 */
	double accuracy;
};

enum { FLT_N_AT_K = 5, FLT_N_AT_PRECISION = 4, FLT_N_ECE_BINS = 15 };

/* The precisions at which recall is reported, here and in comparisons. */
extern const double flt_min_precisions[FLT_N_AT_PRECISION];

struct flt_at_k {
	size_t k;                 /* in rows that the weighted rows stand for */
	double precision, recall; /* expected values where scores tie at rank k */
};

struct flt_at_precision {
	double precision,
	        recall; /* the most recall at any threshold with at least that precision; 0: no threshold has it */
};

struct flt_figures {
	size_t n_rows, n_positive;      /* rows, whatever they weigh */
	double weight, weight_positive; /* sums of weights */
	struct flt_interval ap;         /* average precision, scikit-learn's definition */
	double chance, chance95;        /* of a random ranking: see eval/chance.h */
	struct flt_interval roc_auc;    /* Mann-Whitney with mid-ranks */
	double davis_goadrich, trapezoid;
	double log_loss, brier, ece; /* ece: 15 equal-mass bins, ties kept together */
	double ece_null; /* what a model with these probabilities shows in the mean if all of them are true */
	double mean_probability;
	double top;                   /* a hundredth of the weight in whole rows, at least 1: those ranked highest */
	double top_said;              /* their mean probability; rows that tie across the cut count in part */
	struct flt_interval top_were; /* their share of positive rows */
	struct flt_point chosen, at_half;
	struct flt_at_k
	        at_k[FLT_N_AT_K]; /* k = 10, 50, 100, 500 and the number of positives; those above n_rows have k = 0 */
	struct flt_at_precision at_precision[FLT_N_AT_PRECISION]; /* at flt_min_precisions */
	double majority_accuracy; /* of always predicting the more common class, whose recall of the rare one is 0 */
};

/* The shuffles behind chance95, and behind chance where rows have weights or a prior, cost most of an evaluation. */
enum flt_chance_effort {
	FLT_CHANCE_THOROUGH, /* 10,000 */
	FLT_CHANCE_QUICK,    /* 1,000: 95 +- 0.7 % of random rankings lie below chance95 */
	FLT_CHANCE_NONE,     /* both are NaN */
};

struct flt_evaluate_options {
	double threshold; /* a probability */
	double prior;     /* the share of positive rows that the figures are for; 0: as the rows are */
	uint64_t seed;    /* of the shuffles behind chance95 */
	enum flt_chance_effort chance;
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

/* Ranks n rows once: the ranking cannot be sorted anew, and takes 12 bytes a row, and a few more while it is made.
 * value: what ranks a row, of its score; NULL: the score. Release it after a failure, too. */
enum flt_status flt_ranking_make(struct flt_ranking *ranking, const double *score, size_t n, double (*value)(double),
                                 struct flt_error *err);
/* What ranks the row in this place; -0 is 0. */
double flt_ranking_value(const struct flt_ranking *ranking, size_t place);

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

/* Of rows with log-odds and labels; 0 for no rows. */
double flt_log_loss(const struct flt_scored *rows); /* mean, in nats */
double flt_brier(const struct flt_scored *rows);    /* mean squared error of the probability */

/* The expected calibration error in n_bins bins of equal mass: bins are filled from the lowest log-odds up, and rows
 * with the same log-odds go into one bin, the one that the first of them reaches. ece_null is its mean if every
 * probability is true, in the normal approximation. */
enum flt_status flt_ece(const struct flt_scored *rows, size_t n_bins, double *ece, double *ece_null,
                        struct flt_error *err);

/* The bin that each row goes into, of FLT_N_ECE_BINS. */
enum flt_status flt_ece_bins(const struct flt_scored *rows, uint8_t *bin, struct flt_error *err);

/* The `most` rows, in weight, that follow the `above` ranked highest: their mean probability and their share of
 * positive rows. Rows that tie across an end count in part. */
enum flt_status flt_ranked(const struct flt_scored *rows, const struct flt_ranking *ranking, double above, double most,
                           double *said, struct flt_interval *were, struct flt_error *err);

/* Sums of weights under flt_is_positive(log_odds, threshold), and figures of them; 0 where a figure is 0 / 0. */
struct flt_confusion flt_confusion_at(const struct flt_scored *rows, double threshold);
double flt_precision(const struct flt_confusion *confusion);
double flt_recall(const struct flt_confusion *confusion);
double flt_f1(const struct flt_confusion *confusion);
double flt_mcc(const struct flt_confusion *confusion);
double flt_accuracy(const struct flt_confusion *confusion);

/* The figures at a threshold, of rows with log-odds and labels; prior as in flt_evaluate_options. */
enum flt_status flt_point_at(const struct flt_scored *rows, double threshold, double prior, struct flt_point *point,
                             struct flt_error *err);

/* 95 % intervals in closed form; each holds its value. n and the like need not be whole. */

/* Of a share (Wilson; n = 0: [0, 1] around 0). */
struct flt_interval flt_wilson(size_t count, size_t n);
struct flt_interval flt_wilson_of_share(double share, double n);
/* The same of another confidence: width standard errors on each side; 95 % are 1.96. */
struct flt_interval flt_wilson_of_width(double share, double n, double width);

/* Of an average precision: from its number of positive rows alone (the logit interval of Boyd, Eng and Page 2013), or
 * from what a positive row finds among the others (at most ap), its variance as these rows show it, the number of
 * independent positive rows, and the weight of a negative row in those of a positive one. */
struct flt_interval flt_ap_logit_interval(double ap, size_t n_positive);
struct flt_interval flt_ap_interval_of(double ap, double among_others, double variance, double n_positive,
                                       double ratio);

/* Of a ROC-AUC: the variance where its true value is auc (Hanley and McNeil 1982, with Newcombe's mean of the numbers
 * of rows in place of each), and method 5 of Newcombe 2006, "Confidence intervals for an effect size measure based on
 * the Mann-Whitney statistic", with that variance times `widening`. */
double flt_roc_auc_variance(double auc, double n_positive, double n_negative);
struct flt_interval flt_roc_auc_interval_of(double auc, double n_positive, double n_negative, double widening);

#endif
