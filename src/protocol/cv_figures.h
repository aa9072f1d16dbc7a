/* From a cross-validation to figures: compared over its folds, and precision-recall curves of single ones. */
#ifndef PROTOCOL_CV_FIGURES_H
#define PROTOCOL_CV_FIGURES_H

#include "eval/compare.h"
#include "protocol/crossval.h"

/* The operating points of a comparison, in the sense of compare.h. */
enum flt_operating_point {
	FLT_POINT_HALF,     /* probability >= 0.5 */
	FLT_POINT_RAW_HALF, /* sigmoid of the raw score >= 0.5, as focal loss is usually used; with several networks the
	                       same as HALF */
	FLT_POINT_CHOSEN,   /* probability >= the threshold chosen on validation rows */
	FLT_N_OPERATING_POINTS
};

/* Compares all variants over all folds (compare.h), with recall at flt_min_precisions. Rows that folds keep together
 * are resampled together, and rows count their weights. Released by flt_comparison_release. */
enum flt_status flt_cv_compare(const struct flt_cv *cv, uint64_t seed, unsigned n_threads,
                               struct flt_comparison *comparison, struct flt_error *err);

/* The most that flt_cv_compare allocates at once, with what it leaves, in bytes. Needs the folds alone. */
double flt_cv_compare_bytes(const struct flt_cv *cv, unsigned n_threads);

/* Test rows over training rows, averaged over the folds: what enlarges the variance of a corrected t. */
double flt_cv_test_per_train(const struct flt_cv *cv);

/* Means over the folds: the average precision of a random ranking of the test rows (NaN where rows have weights), and
 * their share of positive rows, by weight. */
double flt_cv_chance(const struct flt_cv *cv);
double flt_cv_prevalence(const struct flt_cv *cv);

/* The standard deviation of a figure (n values, one per fold) between folds, with divisor n - 1; NaN for one fold. */
double flt_deviation_between_folds(const double *values, size_t n, double mean);

/* A point of a precision-recall curve: predicted positive at probability >= threshold. */
struct flt_curve_point {
	double threshold, precision, recall;
};

/* The curve of one variant on one fold, from the highest threshold down: a point wherever recall grows. *points is
 * freed by flt_free. */
enum flt_status flt_cv_curve(const struct flt_cv *cv, size_t variant, size_t fold, struct flt_curve_point **points,
                             size_t *n_points, struct flt_error *err);

enum { FLT_CV_CURVE = 48 };

/* The mean curve of one variant: precision[k - 1] at recall k / FLT_CV_CURVE, where each fold by itself has its highest
 * threshold that finds at least that share of its positive rows. Its mean is near the mean average precision. */
enum flt_status flt_cv_mean_curve(const struct flt_cv *cv, size_t variant, double precision[FLT_CV_CURVE],
                                  struct flt_error *err);

#endif
