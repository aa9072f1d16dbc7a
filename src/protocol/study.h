/*
 * The study behind `compare` and `cv`: variants of one configuration on the same folds, seeds and batches, compared
 * with a reference, and tests of claims about focal loss. The 95 % interval of the evidence decides a verdict, and
 * nothing else: supported if it lies above 0, not supported if it lies below, else the data cannot tell. Each claim is
 * tested by itself: of many claims without substance up to 5 % may get a verdict.
 */
#ifndef PROTOCOL_STUDY_H
#define PROTOCOL_STUDY_H

#include "protocol/cv_figures.h"

enum flt_verdict { FLT_SUPPORTED, FLT_NOT_SUPPORTED, FLT_CANNOT_TELL, FLT_NOT_TESTED, FLT_N_VERDICTS };

enum flt_claim_kind {
	FLT_CLAIM_LAZY_EARLY, /* after few epochs the textbook model misses more than half of the rare class at 0.5 */
	FLT_CLAIM_LAZY_LATE,  /* ... and still does after all epochs */
	FLT_CLAIM_EASY_ROWS,  /* focal takes a smaller share of its gradient from easy rows than BCE */
	FLT_CLAIM_RARE_ROWS,  /* ... and a larger share from the rare class */
	FLT_CLAIM_BETTER_AP,  /* average precision, focal - BCE */
	FLT_CLAIM_BETTER_RECALL,   /* recall at a precision of at least 0.5, focal - BCE */
	FLT_CLAIM_MORE_DATA,       /* BCE on all positives beats focal on half of them */
	FLT_CLAIM_MORE_DATA_STILL, /* more positives still help focal: all - half of them */
	FLT_CLAIM_NO_SLOWER,       /* the finished model does the same work a row: by count, not by time */
	FLT_N_CLAIMS
};

struct flt_claim {
	enum flt_verdict verdict;
	struct flt_spread evidence; /* above 0 supports the claim; unset if not tested, and for NO_SLOWER */
};

/* Shares of the sum of |dL/dz| over all epochs, averaged over the folds. */
struct flt_attention {
	double easy;     /* from rows with p_t > 0.9 */
	double positive; /* from the positive class */
};

struct flt_study_options {
	struct flt_cv_options cv;
	bool learning_curve; /* train BCE and focal on 25 and 50 % of the positives too */
	/* the variants that claims are about; SIZE_MAX: none, and their claims are not tested */
	size_t textbook; /* BCE with output bias zero */
	size_t bce;      /* the reference of all differences */
	size_t focal;
};

enum { FLT_N_SHARES = 2, FLT_MOST_ADDED_VARIANTS = 1 + 2 * FLT_N_SHARES };
extern const double flt_positive_shares[FLT_N_SHARES]; /* 0.25, 0.5 */

struct flt_study {
	struct flt_study_options options;
	size_t n_variants;                                   /* given; they come first */
	size_t n_all;                                        /* with those that only claims need */
	struct flt_variant *variants;                        /* (n_all) */
	size_t early;                                        /* the textbook after few epochs, or SIZE_MAX */
	size_t bce_at[FLT_N_SHARES], focal_at[FLT_N_SHARES]; /* of the learning curve, or SIZE_MAX */
	struct flt_cv *cv;                                   /* of n_all variants */
	struct flt_comparison comparison;
	double *ap_deviation;                  /* (n_all) of the average precision between folds; NaN for one fold */
	struct flt_attention *attention;       /* (n_all) NaN of the majority */
	double *seconds_train, *seconds_score; /* (n_all) means over the folds */
	double *seconds_score_row;             /* (n_all) seconds_score over the test rows of the first fold */
	double time_ratio;                     /* seconds_train of focal over BCE; NaN without the two */
	struct flt_claim claims[FLT_N_CLAIMS];
	double *curve; /* (n_all, FLT_CV_CURVE) see flt_cv_mean_curve; NULL: not asked for */
};

/* Deals the folds, and plans the fit of the reference (without one, of the first variant) in the first of them. The
 * variants' names and the table are borrowed. After a failure *study is NULL. */
enum flt_status flt_study_plan(const struct flt_table *table, const struct flt_variant *variants, size_t n_variants,
                               const struct flt_study_options *options, struct flt_study **study,
                               struct flt_error *err);

/* Trains and compares, once. hooks may be NULL. FLT_ERR_MODEL: see flt_cv_run. After a failure, and after a stop
 * (study->cv->stopped), there are no comparison and no claims. */
enum flt_status flt_study_run(struct flt_study *study, const struct flt_cv_hooks *hooks, struct flt_error *err);
void flt_study_free(struct flt_study *study);

/* Finds the curves of a study that has run. */
enum flt_status flt_study_find_curves(struct flt_study *study, struct flt_error *err);

enum flt_verdict flt_verdict_of(const struct flt_spread *evidence);

#endif
