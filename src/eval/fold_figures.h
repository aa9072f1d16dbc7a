/*
 * The figures of one classifier on the test rows of one fold, for any weights of these rows: what a comparison averages
 * over folds, and what each of its resamples computes anew.
 */
#ifndef EVAL_FOLD_FIGURES_H
#define EVAL_FOLD_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eval/metrics.h"
#include "eval/rank_groups.h"

enum { FLT_COMPARE_MAX_POINTS = 4, FLT_N_MIN_PRECISIONS = FLT_N_AT_PRECISION };

/* Numbers of the figures; those at operating point p are FLT_COMPARE_AT_POINT(p) + FLT_AT_POINT_ACCURACY and so on. */
enum {
	FLT_COMPARE_AP,
	FLT_COMPARE_ROC_AUC,
	FLT_COMPARE_LOG_LOSS, /* these three are 0 without log-odds */
	FLT_COMPARE_BRIER,
	FLT_COMPARE_ECE,
	FLT_COMPARE_RECALL_AT, /* + f: the most recall at a precision of at least min_precision[f] */
	FLT_COMPARE_FIRST_POINT = FLT_COMPARE_RECALL_AT + FLT_N_MIN_PRECISIONS,
};

enum {
	FLT_AT_POINT_ACCURACY,
	FLT_AT_POINT_PRECISION,
	FLT_AT_POINT_RECALL,
	FLT_AT_POINT_F1,
	FLT_AT_POINT_MCC,
	FLT_N_AT_POINT
};

#define FLT_COMPARE_AT_POINT(c) (FLT_COMPARE_FIRST_POINT + (c)*FLT_N_AT_POINT)

enum { FLT_N_COMPARED = FLT_COMPARE_AT_POINT(FLT_COMPARE_MAX_POINTS) };

/* The test rows of one fold. */
struct flt_compare_fold {
	size_t n_rows, n_train; /* n_train: rows trained on */
	const size_t *unit;   /* (n_rows) rows with equal numbers are drawn together, in whatever folds; NULL: each row
	                         by itself */
	const double *weight; /* (n_rows) above 0: how many rows each stands for; NULL: one */
	const uint8_t *label; /* (n_rows) at least one of each class */
};

/* One classifier's output on the rows of one fold. */
struct flt_compare_entry {
	const double *score;      /* (n_rows) */
	const double *log_odds;   /* (n_rows) of the probabilities shown; NULL: none */
	const uint8_t *predicted; /* (n_rows) bit p: predicted positive at operating point p; NULL: at none */
};

/* An entry reduced to what its figures depend on. */
struct flt_fold_output {
	const struct flt_compare_fold *fold;
	const uint8_t *predicted;
	uint32_t *group; /* (n_rows) the rank group of each row */
	size_t n_groups;
	double *log_loss, *miss; /* (n_rows) of each row: its loss, and |probability - label|; NULL: no log-odds */
	uint8_t *bin;            /* (n_rows) its bin of ECE; resamples keep the bins */
};

/* ranking: scratch for as many rows. Released by flt_fold_output_release, also after a failure. */
enum flt_status flt_fold_output_init(struct flt_fold_output *output, const struct flt_compare_fold *fold,
                                     const struct flt_compare_entry *entry, struct flt_ranking *ranking,
                                     struct flt_error *err);
void flt_fold_output_release(struct flt_fold_output *output);

/* Row i counts weights[id[i]] times (weights NULL: once) what it stands for. group (n_groups) is scratch. False if that
 * leaves a class without rows. */
bool flt_fold_figures(const struct flt_fold_output *output, const uint32_t *id, const double *weights,
                      const double min_precision[FLT_N_MIN_PRECISIONS], struct flt_rank_group *group,
                      double figures[FLT_N_COMPARED]);

#endif
