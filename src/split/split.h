/*
 * Splits: which rows a model learns from (fit), which rows choose its epoch and threshold (validation), and which rows
 * measure it (test).
 *
 * Identical rows get the same role where they are kept together (identical.h), and so do the rows of a group of
 * --group; groups that share identical rows are then merged. Groups are dealt largest first to the role that is
 * furthest below its share of rows and positives. A group larger than a held-out role goes to fit. Shares are of rows,
 * whatever their weights: how sure a figure is depends on how many rows it was measured on.
 */
#ifndef SPLIT_SPLIT_H
#define SPLIT_SPLIT_H

#include "split/identical.h"

enum flt_row_role { FLT_FIT, FLT_VALIDATION, FLT_TEST, FLT_N_ROW_ROLES };
extern const char *const flt_row_role_words[];

struct flt_split_options {
	double test_fraction;       /* of all rows, [0, 1) */
	double validation_fraction; /* of all rows, [0, 1); the sum must be below 1 */
	enum flt_identical identical;
	uint64_t seed;
	unsigned n_threads; /* 0: one per processor; never changes the result */
};

enum flt_split_method { FLT_SPLIT_STRATIFIED, FLT_SPLIT_TIME, FLT_SPLIT_GROUP, FLT_N_SPLIT_METHODS };
extern const char *const flt_split_method_words[];

/* Values of --group among some rows, and those among them that have a positive row. 0 without --group. */
struct flt_group_counts {
	size_t n, n_positive;
};

struct flt_time_span {
	double first, last;
};

/* By role. Row numbers are ascending within a role. */
struct flt_split {
	enum flt_split_method method;
	size_t *rows[FLT_N_ROW_ROLES];
	size_t n_rows[FLT_N_ROW_ROLES];
	size_t n_positive[FLT_N_ROW_ROLES];
	struct flt_identical_rows identical; /* of the table; by time they cannot be kept together */
	size_t n_identical_test; /* test rows that equal a fit or validation row (only by time; otherwise 0) */
	uint8_t *test_identical; /* (n_rows[FLT_TEST]) 1 = equals a row outside test; NULL unless the count is > 0 */
	size_t oversized;        /* rows of the largest group that was too large to be held out; 0 = none */
	struct flt_group_counts groups[FLT_N_ROW_ROLES]; /* of FLT_SPLIT_GROUP */
	struct flt_time_span time[FLT_N_ROW_ROLES];      /* of FLT_SPLIT_TIME, where the role has rows */
};

/* Splits by time if the table has a time column: the latest rows are test, the latest before them validation, and equal
 * times stay together. Otherwise the split is stratified, and keeps groups together if there is a group column.
 * FLT_ERR_USAGE if the fractions leave no fit rows; FLT_ERR_DATA if a role that is asked for would have no row of each
 * class. On failure *split is empty. */
enum flt_status flt_split_make(const struct flt_table *table, const struct flt_split_options *options,
                               struct flt_split *split, struct flt_error *err);
void flt_split_release(struct flt_split *split);

/* Counts the rows of b that equal some row of a in every feature; is_shared (n_rows of b, or NULL) gets 1 for those
 * rows. n_threads 0: one per processor. */
enum flt_status flt_split_shared_rows(const struct flt_table *a, const struct flt_table *b, unsigned n_threads,
                                      uint8_t *is_shared, size_t *n_shared, struct flt_error *err);

/* What to say of rows (n; NULL: rows 0 .. n - 1). n_threads 0: one per processor. */
enum flt_status flt_split_count_groups(const struct flt_table *table, const size_t *rows, size_t n, unsigned n_threads,
                                       struct flt_group_counts *counts, struct flt_error *err);
/* Rows that differ in some feature from all rows before them; n if nothing tells rows apart. */
enum flt_status flt_split_count_distinct(const struct flt_table *table, const size_t *rows, size_t n,
                                         unsigned n_threads, size_t *n_distinct, struct flt_error *err);
/* Of n >= 1 rows of a table with a time column. */
struct flt_time_span flt_split_time_span(const struct flt_table *table, const size_t *rows, size_t n);

struct flt_fold_options {
	size_t n_folds; /* >= 2 */
	enum flt_identical identical;
	uint64_t seed;     /* not used by time */
	bool is_chained;   /* by time: a block of rows before the first fold gets FLT_ALWAYS_FIT */
	bool is_validated; /* and it can be divided by flt_split_latest, so that all rows before any fold can */
	const char *parts; /* what a message calls the folds; NULL: "5 folds". Not used by time */
};

/* Deals the n given rows into stratified folds that keep groups together, and identical rows if asked for: fold (n, in
 * the order of rows) gets numbers below n_folds. A group larger than a fold would be most of the fold it is in: its
 * rows get FLT_ALWAYS_FIT, are fitted on in every fold and never tested.
 *
 * With a time column the folds are blocks of time, as equal in rows as equal times, which stay together, allow: the
 * first fold is the earliest.
 *
 * FLT_ERR_DATA if some fold, or the block before the first, would have no row of each class. By time the message says
 * how many folds work; else it says what is so, and the caller adds what helps. */
#define FLT_ALWAYS_FIT UINT32_MAX
enum flt_status flt_split_folds(const struct flt_table *table, const size_t *rows, size_t n,
                                const struct flt_fold_options *options, uint32_t *fold, struct flt_error *err);

/* Divides the n given rows of a table with a time column: is_late (n) gets 1 for the latest, about the given share, so
 * that both parts have rows of both classes. FLT_ERR_DATA if that cannot be. */
enum flt_status flt_split_latest(const struct flt_table *table, const size_t *rows, size_t n, double share,
                                 uint8_t *is_late, struct flt_error *err);

#endif
