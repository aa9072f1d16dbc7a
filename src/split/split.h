/*
 * Splits: which rows a model may learn from, which choose its epoch and threshold, and which judge it.
 *
 * Identical rows (equal in every feature, target and ids excluded) stay on one side, and so do groups of --group,
 * joined where they share identical rows. Groups are dealt largest first to the part that is furthest below its share
 * of rows and positives; one that is larger than its part goes to fit.
 */
#ifndef SPLIT_SPLIT_H
#define SPLIT_SPLIT_H

#include "table/table.h"

enum flt_row_role { FLT_FIT, FLT_VALIDATION, FLT_TEST, FLT_N_ROW_ROLES };
extern const char *const flt_row_role_words[];

struct flt_split_options {
	double test_fraction;       /* of all rows, [0, 1) */
	double validation_fraction; /* of all rows, [0, 1); the sum stays below 1 */
	uint64_t seed;
	unsigned n_threads; /* 0: one per processor; does not show in the result */
};

enum flt_split_method { FLT_SPLIT_STRATIFIED, FLT_SPLIT_TIME, FLT_SPLIT_GROUP, FLT_N_SPLIT_METHODS };
extern const char *const flt_split_method_words[];

/* Row numbers are ascending within a part. */
struct flt_split {
	enum flt_split_method method;
	size_t *rows[FLT_N_ROW_ROLES];
	size_t n_rows[FLT_N_ROW_ROLES];
	size_t n_positive[FLT_N_ROW_ROLES];
	size_t n_identical;      /* rows that share all features with another row of the table */
	size_t n_identical_test; /* test rows that equal a fit or validation row (only with --time; otherwise 0) */
	uint8_t *test_identical; /* (n_rows[FLT_TEST]) 1 = equals a row outside test; NULL unless the count is > 0 */
	size_t oversized;        /* rows of the largest group that fitted no held-out part and went to fit; 0 = none */
};

/* By time if the table has a time column (latest rows are test, the latest before them validation; equal times stay
 * together), else by group if it has one, else stratified. Each part that is asked for needs at least one row of each
 * class. */
enum flt_status flt_split_make(const struct flt_table *table, const struct flt_split_options *options,
                               struct flt_split *split, struct flt_error *err);
void flt_split_release(struct flt_split *split);

/* Rows of b that equal, in every feature, some row of a: their count, and marks (n_rows of b) where not NULL.
 * n_threads 0: one per processor. */
enum flt_status flt_split_shared_rows(const struct flt_table *a, const struct flt_table *b, unsigned n_threads,
                                      uint8_t *marks, size_t *n_shared, struct flt_error *err);

/* k stratified folds that keep identical rows and groups together: fold[i] < k for the n given rows (fold has n
 * entries, in the order of rows), or FLT_ALWAYS_FIT for the rows of a group that is larger than a fold: they are fitted
 * on in every fold and never tested, since such a group would be most of its fold. Needs k >= 2. Fails if some fold
 * would have no row of each class, and says how many folds work. */
#define FLT_ALWAYS_FIT UINT32_MAX
enum flt_status flt_split_folds(const struct flt_table *table, const size_t *rows, size_t n, size_t k, uint64_t seed,
                                uint32_t *fold, struct flt_error *err);

#endif
