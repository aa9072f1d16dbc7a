/*
 * Target statistics of categories with many levels ("target encoding"): one number for each level, which says how much
 * more often its rows are positive than all rows are.
 *
 * It is the log-odds of the level's share of positives, drawn towards that of all rows as by some more rows of that
 * share (Micci-Barreca 2001), less the log-odds of all rows: 0 where nothing is known. How many more,
 * FLT_EFFECT_PRIOR_ROWS or more, follows from how much the levels differ; where they differ no more than by chance, all
 * are 0. Known levels have their own, and so has what is missing; all others share one. Weights count as rows.
 *
 * No row that a network learns from may see its own label, or it would learn to trust a level of few rows. So these
 * rows get numbers that are cross-fitted: they are dealt into folds, and each takes what the other folds say. Rows of a
 * group, and identical ones, are in the same fold. All other rows get what all rows say that were learnt from.
 */
#ifndef PREP_LEVEL_EFFECTS_H
#define PREP_LEVEL_EFFECTS_H

#include "prep/contents.h"

#define FLT_EFFECT_PRIOR_ROWS 10.0

enum { FLT_EFFECT_FOLDS = 5 };

/* Gives the columns of prep that have effects what rows (n_rows) say; from (n_columns) are the table's columns in their
 * order. */
enum flt_status flt_level_effects_learn(struct flt_prep *prep, const struct flt_table *table,
                                        const struct flt_column *from, const size_t *rows, size_t n_rows,
                                        struct flt_error *err);

/* The feature that an effect becomes. */
float flt_level_effect_input(const struct flt_prep_column *column, double effect);

/* Puts cross-fitted numbers into x (n_rows, n_features), which holds rows (n_rows) as prep makes them, the rows that it
 * learnt from. seed deals the folds. */
enum flt_status flt_level_effects_cross_fit(const struct flt_prep *prep, const struct flt_table *table,
                                            const struct flt_column *from, const size_t *rows, size_t n_rows,
                                            uint64_t seed, float *x, struct flt_error *err);

#endif
