/*
 * Tables without a table: the scores of two classifiers on the folds of a cross-validation.
 */
#ifndef COMPARE_TABLES_H
#define COMPARE_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eval/compare.h"
#include "base/random.h"

enum { N_FOLDS = 5, N_REPEATS = 3, N_ALL_FOLDS = N_FOLDS * N_REPEATS, N_CLASSIFIERS = 2 };

struct world {
	size_t n_positive, n_rows;   /* of a table */
	double shift[N_CLASSIFIERS]; /* of positive rows' scores, whose deviation is 1 */
	double own, noise;           /* shares of the variance of a score: what its kind sees, and its training */
	size_t of_group;             /* rows of a group, which share the class and most of what is seen in them */
	bool by_time;
};

/* One table's rows and folds. */
struct table {
	const struct world *world;
	double *seen;                         /* (n_rows) by all classifiers */
	double *own[N_CLASSIFIERS];           /* (n_rows) */
	double shift[N_CLASSIFIERS][N_FOLDS]; /* after the fit rows */
	size_t *row[N_ALL_FOLDS];             /* (n_test[f]) */
	size_t *group[N_ALL_FOLDS];
	size_t n_test[N_ALL_FOLDS];
	uint8_t *label[N_ALL_FOLDS];
	double *score[N_CLASSIFIERS][N_ALL_FOLDS];
	double *log_odds[N_CLASSIFIERS][N_ALL_FOLDS];
	uint8_t *predicted[N_CLASSIFIERS][N_ALL_FOLDS];
};

/* Draws the rows, their folds and scores. Released by coverage_table_free. */
void coverage_table_draw(struct table *table, const struct world *world, size_t n_repeats, struct flt_random *random);
void coverage_table_free(struct table *table);

/* Of all repeats. */
struct flt_comparison coverage_table_compare(const struct table *table, uint64_t seed);

/* Of classifier c in fold f, by its definition. */
double coverage_roc_auc_of(const struct table *table, size_t c, size_t f);

#endif
