/*
 * What is known of a mean over the folds of a cross-validation, or over those of several repeats. Its variance has
 * three parts:
 *
 * - Test rows: what other rows to test on would have changed, by resampling them (rows_error).
 * - Trainings: what other folds, first weights and batches would have changed. It is what the folds' values vary more
 *   than their test rows explain, divided by the number of folds.
 * - Fit rows: all folds share them, so no spread between folds shows what others would have changed, and no estimate of
 *   it is free of bias (Bengio and Grandvalet 2004). Over simulated tables with 20 and 60 rows of the rarer class it
 *   was up to 15 / those rows of the first part; it is more where the classes are hard to tell from so few rows.
 */
#ifndef EVAL_SPREAD_H
#define EVAL_SPREAD_H

#include <stddef.h>

/* The interval keeps to the range of what is averaged. */
enum flt_range {
	FLT_RANGE_SHARE,       /* [0, 1] */
	FLT_RANGE_CORRELATION, /* [-1, 1] */
	FLT_RANGE_POSITIVE,    /* above 0: the interval is one of the logarithm */
	FLT_RANGE_DIFFERENCE,  /* unbounded, as far as the interval cares */
};

/* p values are two-sided tests of a mean of 0. */
struct flt_spread {
	size_t n;           /* folds */
	double mean, error; /* standard error */
	double df;          /* degrees of freedom that the error has: rows of the rarer class - 1, or folds - 1 */
	double lo, hi, p;   /* 95 %; always holds the mean */
	double detectable;  /* the distance from 0 that would lie outside the interval four times in five */
	double t_error; /* of Nadeau and Bengio's corrected t (2003), from the folds alone; NaN below for one fold */
	double t_lo, t_hi, t_p;
};

/* Figures measured on rows, one value per fold. A share's interval is Wilson's with the number of rows that would give
 * its error; n_behind takes its place where the mean is 0 or 1 and nothing varies. */
struct flt_measured {
	const double *values;  /* (n) */
	const double *against; /* (n) subtracted from them; or NULL */
	size_t n;
	double n_rare;         /* rows of the rarer class */
	double repeats;        /* how often a row is tested, on average */
	double test_per_train; /* test rows over training rows, a mean over the folds */
	double rows_error;
	enum flt_range range;
	double n_behind; /* the rows that a share is one of */
};

struct flt_spread flt_spread_of_measured(const struct flt_measured *measured);

/* What test rows have no part in: the corrected t decides alone. */
struct flt_spread flt_spread_of_trainings(const double *values, size_t n, double test_per_train);

/* That of constant - figure, for figures measured on rows. */
struct flt_spread flt_spread_mirrored(double constant, const struct flt_spread *spread);

#endif
