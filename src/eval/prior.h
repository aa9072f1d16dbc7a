/*
 * Priors: the share of positive rows where a classifier will be used. Rows of each class are taken to look the same
 * there; only the share differs.
 */
#ifndef EVAL_PRIOR_H
#define EVAL_PRIOR_H

#include "eval/calibrate.h"
#include "eval/kept.h"
#include "eval/metrics.h"

/* What to multiply the weights of positive rows by, so that they become a share `prior` of all, from the sums of
 * weights of each class, both above 0. prior 0: 1. */
double flt_prior_weight(const double of_class[2], double prior);

/* The rows with weight (n) for weights: those of each row, times what makes the positive rows a share `prior` of all,
 * in (0, 1). Rows of a single class keep their weights. */
struct flt_scored flt_prior_weights(const struct flt_scored *rows, double prior, double *weight);

/* The share of positive rows under which n groups of count (n) rows are most likely, from the logarithm of how much
 * likelier each is among positive rows than among others: the fixed point of expectation-maximisation in Saerens et al.
 * 2002. Within [0, 1]. Overwrites log_ratio. */
double flt_most_likely_share(double *log_ratio, const double *count, size_t n);

enum flt_prior_doubt {
	FLT_PRIOR_IS_ESTIMATED,
	FLT_PRIOR_NO_HELD_OUT,    /* no held-out scores are kept */
	FLT_PRIOR_FEW_POSITIVES,  /* fewer than FLT_PRIOR_MIN_POSITIVES of them are of positive rows */
	FLT_PRIOR_NOT_TOLD_APART, /* they do not rank positive rows above others */
};

/* The bounds come from as many resamples; below this many positives too few of them differ. */
enum { FLT_PRIOR_MIN_POSITIVES = 20 };

struct flt_prior_estimate {
	enum flt_prior_doubt doubt; /* if any, there are no figures */
	size_t n_held_out, n_positive;
	struct flt_interval share;          /* by likelihood; its bounds span those of both ways */
	struct flt_interval adjusted_count; /* a second way, from the rows above one score: see prior_estimate.c */
	bool contradicts;                   /* the bounds of the two have nothing in common */
};

/* Estimates the share of positive rows among n unlabelled rows from their scores. Held-out scores say what rows of each
 * class look like: Platt's calibration on them makes log-odds of scores (bias-corrected calibration before EM:
 * Alexandari, Kundaje and Shrikumar 2020), and a bootstrap over them and the new rows gives the intervals. Of the map
 * psi alone is used. The seed's streams; n_threads changes no result. n > 0. */
enum flt_status flt_prior_estimate(const struct flt_kept *held_out, const struct flt_map *map, const double *score,
                                   size_t n, uint64_t seed, unsigned n_threads, struct flt_prior_estimate *estimate,
                                   struct flt_error *err);

#endif
