/*
 * Worlds of scored rows whose true figures are integrals: rows are drawn one by one, so that the number of positive
 * ones varies; scores are normal, those of positive rows shifted. Two thresholds find 50 and 80 % of the positive rows;
 * log-odds are made such that the second is the probability 0.5.
 */
#ifndef COVERAGE_NORMAL_WORLD_H
#define COVERAGE_NORMAL_WORLD_H

#include "coverage.h"

enum { AP, ROC_AUC, PRECISION, RECALL, F1, MCC, ALARMS, F1_LOW, MCC_LOW, N_FIGURES };

extern const char *const normal_figure_names[N_FIGURES];

struct normal_world {
	double shift, prevalence;
	size_t n_rows;
	double threshold[2]; /* scores */
	double truth[N_FIGURES];
};

/* With so many positive rows in the mean. */
struct normal_world normal_world_of(double shift, double prevalence, double n_positive);

/* Draws score, log-odds and label of a row. */
struct normal_row {
	double score, log_odds;
	uint8_t label;
};
struct normal_row normal_world_row(const struct normal_world *world, struct flt_random *random);

/* Evaluates rows of the world; held[i]: the interval of figure i holds its truth. */
void normal_world_judge(const struct normal_world *world, const struct flt_scored *rows, bool held[N_FIGURES]);

#endif
