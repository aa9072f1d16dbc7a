/*
 * A quick cross-validation of a small network, for what can only be said by learning: which labels the other rows
 * contradict, and what more positive rows would bring. Its figures are those of a small network trained for a short
 * time; the differences between them are the point.
 */
#ifndef PROTOCOL_QUICK_LOOK_H
#define PROTOCOL_QUICK_LOOK_H

#include "audit/suspects.h"
#include "protocol/cv_figures.h"

enum { FLT_N_CURVE = 3, FLT_QUICK_LOOK_TRAININGS = 30 /* at most */ };
extern const double flt_curve_shares[FLT_N_CURVE]; /* of the positive rows: 0.25, 0.5, 1 */

/* Average precision, a mean over folds, by the share of positive rows learnt from. */
struct flt_curve {
	bool is_known;
	size_t n_positive; /* learnt from, at the full share; a mean over folds */
	struct flt_interval ap[FLT_N_CURVE];
	struct flt_spread last_gain; /* of the last doubling */
	double shrinking;            /* of a doubling's gain from one to the next, in [0.5, 1] */
	struct flt_interval twice;   /* average precision with twice the positive rows; an extrapolation */
	bool gains;                  /* its whole interval lies above what all positive rows give */
};

struct flt_quick_look {
	const char *why_not; /* why nothing could be learnt, as the end of a sentence; NULL: it could */
	bool is_sample;
	size_t n_rows, n_positive; /* looked at */
	size_t *rows;              /* (n_rows) of the table, ascending */
	size_t n_never_tested;     /* of these: a group that is more than a fold; by time the earliest rows */
	size_t *judged;            /* (n_judged) the tested rows, ascending: the indices of the suspects */
	size_t n_judged;
	struct flt_suspects suspects; /* suspects.all[].row is a row of the table */
	struct flt_curve curve;
	bool stopped;
};

struct flt_quick_look_options {
	uint64_t seed;
	unsigned n_threads; /* 0: all; never changes a result */
	size_t max_cells; /* rows times inputs; of more rows than that allows, a sample is looked at; 0: the default */
};

/* n_inputs: that a row has for a network, at least 1. Release by flt_quick_look_release, also after a failure.
 * on_progress may be NULL. */
enum flt_status flt_quick_look_run(const struct flt_table *table, size_t n_inputs,
                                   const struct flt_quick_look_options *options, flt_on_progress *on_progress,
                                   void *context, struct flt_quick_look *look, struct flt_error *err);
void flt_quick_look_release(struct flt_quick_look *look);

#endif
