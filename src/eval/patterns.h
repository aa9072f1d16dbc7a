/*
 * The unit of the bootstrap. Rows of one class that tie in the ranking and are predicted positive at the same operating
 * points count alike in every figure: they form one pattern, and a resample is a count for each pattern. P positive
 * rows make about 2 P patterns of negatives, however many rows there are.
 *
 * Resampling is stratified: each class is drawn with replacement as many times as it has rows.
 */
#ifndef EVAL_PATTERNS_H
#define EVAL_PATTERNS_H

#include "eval/rank_groups.h"

enum { FLT_MAX_POINTS = 4, FLT_N_PREDICTED = 1 << FLT_MAX_POINTS };

struct flt_pattern {
	uint32_t group;     /* of the ranking */
	uint32_t predicted; /* bit p: predicted positive at operating point p */
};

/* The patterns of one class. */
struct flt_stratum {
	size_t n_patterns;
	struct flt_pattern *pattern; /* (n_patterns) groups ascending */
};

struct flt_patterns {
	struct flt_rank_groups groups;
	struct flt_stratum stratum[2]; /* negative, positive */
	uint32_t *pattern_of_row;      /* (n_rows) pattern of a row among those of its class */
};

/* predicted (n): each row's bits; NULL: none set. On failure nothing needs releasing. */
enum flt_status flt_patterns_init(struct flt_patterns *patterns, const struct flt_ranking *ranking,
                                  const uint8_t *label, const uint8_t *predicted, struct flt_error *err);
void flt_patterns_release(struct flt_patterns *patterns);

/* Counts of rows by class and by bits of `predicted`. */
struct flt_predicted {
	double tally[2][FLT_N_PREDICTED];
};

/* The rank groups (groups.n) and predictions of a resample, from the pattern counts of both classes. */
void flt_patterns_weigh(const struct flt_patterns *patterns, const uint32_t *count_negative,
                        const uint32_t *count_positive, struct flt_rank_group *group, struct flt_predicted *predicted);
struct flt_confusion flt_predicted_confusion(const struct flt_predicted *predicted, unsigned point);

#endif
