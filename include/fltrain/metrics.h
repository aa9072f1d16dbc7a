/*
 * Figures of a binary classifier on labelled rows, from arrays alone: no network, no file, no column is known here.
 *
 * Two arrays describe a classifier's output. `score` ranks the rows: any strictly increasing function of the belief in
 * the positive class, in double, never a probability that has saturated. `log_odds` is the logit of the probability
 * shown to people; losses are computed from it (softplus of the margin), never from 1 - p. Equal scores form one group
 * everywhere. A row is called positive when its probability >= threshold, everywhere.
 */
#ifndef FLTRAIN_METRICS_H
#define FLTRAIN_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fltrain/error.h"

struct flt_interval {
	double value, lo, hi; /* 95 % */
};

struct flt_confusion {
	size_t tp, fp, fn, tn;
};

/* What one threshold does. */
struct flt_point {
	double probability; /* the threshold */
	struct flt_confusion confusion;
	struct flt_interval precision, recall; /* Wilson; value 0 where the denominator is 0 */
	struct flt_interval f1, mcc;           /* stratified bootstrap */
	struct flt_interval alarms_per_10000;  /* Wilson on the share of rows called positive, times 10,000 */
	double accuracy;
};

enum { FLT_N_AT_K = 5, FLT_N_AT_PRECISION = 4 };

struct flt_at_k {
	size_t k;
	double precision, recall; /* expected values where scores tie across the cut */
};

struct flt_at_precision {
	double precision, recall; /* the most recall among cuts with at least that precision; 0 if none has it */
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
	struct flt_at_precision at_precision[FLT_N_AT_PRECISION]; /* 0.5, 0.7, 0.9, 0.95 */
	double majority_accuracy; /* of always saying the more common class; its recall of the rare one is 0 */
};

/* All figures at once. label (n) holds 0 or 1 with at least one of each. threshold is a probability. seed and
 * n_threads: the resamples are numbered streams of the seed, the same at any number of threads. */
enum flt_status flt_evaluate(const double *score, const double *log_odds, const uint8_t *label, size_t n,
                             double threshold, uint64_t seed, unsigned n_threads, struct flt_figures *figures,
                             struct flt_error *err);

/* The parts, for those who need one figure (training monitors average precision each epoch). Each allocates its
 * sorting buffers; the _sorted forms take an order made by flt_rank. */
enum flt_status flt_average_precision(const double *score, const uint8_t *label, size_t n, double *ap,
                                      struct flt_error *err);
double flt_log_loss(const double *log_odds, const uint8_t *label, size_t n); /* mean, in nats */

#endif
