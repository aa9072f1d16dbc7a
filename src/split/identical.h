/*
 * Identical rows: equal in every feature; target and ids do not count (keys.h).
 *
 * Where a row was recorded twice, its copies must stay on one side of a split, or a model is tested on what it has
 * learnt by heart. Where few different rows are possible, equal rows are no copies but new draws, and a test must draw
 * from all of them. So rows are kept together only where identity is surprising: where there are far more pairs of
 * identical rows than chance makes.
 *
 * Two estimates say what chance makes. If columns were independent, two rows would be identical with the product, over
 * the columns, of the probability that both have the same value there. And among pairs that agree in all columns but
 * one, chance decides that last one: if two rows share a value of the column with probability c, then for each pair
 * that differs in this column alone there are c / (1 - c) that agree in it too. This holds for dependent columns as
 * well, as long as one of them has something of its own; copies leave no such near pairs behind. The larger counts.
 *
 * A row that is more than one in twenty is no copy either: a test without it would lack the usual case.
 */
#ifndef SPLIT_IDENTICAL_H
#define SPLIT_IDENTICAL_H

#include "table/table.h"

enum flt_identical {
	FLT_IDENTICAL_AUTO,
	FLT_IDENTICAL_TOGETHER,
	FLT_IDENTICAL_APART,
	FLT_N_IDENTICAL,
	FLT_IDENTICAL_COPIES = FLT_N_IDENTICAL, /* what AUTO comes to where there are copies: they stay together, but
	                                           not the usual rows, of which there are more than one in twenty */
};
extern const char *const flt_identical_words[]; /* (FLT_N_IDENTICAL) */

struct flt_identical_rows {
	size_t n;                /* rows that are identical to another one */
	double n_pairs;          /* of identical rows */
	double expected;         /* pairs that chance makes; NaN if that was not asked */
	enum flt_identical kept; /* TOGETHER, APART or COPIES */
};

/* Counts the identical rows of the table, and decides: AUTO by surprise. n_threads 0: one per processor. */
enum flt_status flt_identical_rows_find(const struct flt_table *table, enum flt_identical how, unsigned n_threads,
                                        struct flt_identical_rows *found, struct flt_error *err);

/* What AUTO comes to for the table; the others stay. */
enum flt_status flt_identical_resolve(const struct flt_table *table, unsigned n_threads, enum flt_identical *how,
                                      struct flt_error *err);

#endif
