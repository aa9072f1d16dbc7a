/*
 * How well each column alone ranks the positive rows, judged on rows that it was not learnt from.
 *
 * What is learnt is small. Of numbers: a tree of at most eight leaves, by entropy. Of categories: the share of positive
 * rows of each level, where levels with fewer than 5 rows are one. "Is missing" is always a leaf or level of its own.
 * All shares are drawn towards that of all rows by five rows' weight. Five folds (audit/deal.h): what four of them
 * teach ranks the rows of the fifth, and the figures are those of all rows together.
 *
 * The figures are the same at any number of threads.
 */
#ifndef AUDIT_STRENGTH_H
#define AUDIT_STRENGTH_H

#include "audit/telling.h"
#include "eval/metrics.h"
#include "table/table.h"

struct flt_strength {
	bool is_measured; /* false: nothing below is set */
	size_t n_rows, n_positive;
	double chance;                  /* share of positive rows: about the average precision of a random ranking */
	struct flt_interval ap;         /* average precision */
	struct flt_interval roc_auc;    /* 0.5 is chance */
	struct flt_interval missing_ap; /* average precision of "is missing" (or "is not missing") alone */
	struct flt_telling telling;
};

/* Fills strength (n_columns of the table). Measured is each feature that has cells. rows (n_rows, ascending) are rows
 * of the table, and label (n_rows) tells the two kinds of rows apart: label[i] is that of rows[i]; NULL: the table's
 * classes. With no row of one kind nothing is measured. n_threads 0: one per processor. */
enum flt_status flt_strength_of_columns(const struct flt_table *table, const size_t *rows, const uint8_t *label,
                                        size_t n_rows, unsigned n_threads, struct flt_strength *strength,
                                        struct flt_error *err);

/* The same of a single array of numbers (n_rows), NaN = missing. */
enum flt_status flt_strength_of_numbers(const double *numbers, const uint8_t *label, size_t n_rows,
                                        struct flt_strength *strength, struct flt_error *err);

/* The same of numbers, or of codes (n_rows) below n_levels, -1 = missing: one of the two is NULL. */
enum flt_status flt_strength_of_cells(const double *numbers, const int32_t *codes, size_t n_levels,
                                      const uint8_t *label, size_t n_rows, struct flt_strength *strength,
                                      struct flt_error *err);

#endif
