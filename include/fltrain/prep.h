/*
 * Preparation: from typed columns to a float32 matrix that a network can take. What it learns (which columns are
 * constant or id-like, medians, scales, levels) it learns from the fit rows given to flt_prep_fit and from no others.
 *
 * Every value that comes out is finite.
 */
#ifndef FLTRAIN_PREP_H
#define FLTRAIN_PREP_H

#include "fltrain/table.h"

struct flt_prep; /* opaque: the recipe */

enum flt_scale { FLT_SCALE_ROBUST, FLT_SCALE_STANDARD, FLT_SCALE_QUANTILE, FLT_SCALE_NONE };

struct flt_prep_options {
	enum flt_scale scale;
};

/* What became of a column of the table. */
enum flt_fate {
	FLT_USED_NUMERIC,
	FLT_USED_CATEGORICAL,
	FLT_CONSTANT,      /* one value in all fit rows */
	FLT_ALL_MISSING,   /* no value in any fit row */
	FLT_ID_LIKE,       /* text with over 90 % distinct values, or integers that rise by one */
	FLT_DATES,         /* ISO 8601 texts: no feature, but can be used with --time */
	FLT_NOT_A_FEATURE, /* target, id, time, group, or dropped by option */
};

enum flt_status flt_prep_fit(const struct flt_table *table, const size_t *rows, size_t n_rows,
                             const struct flt_prep_options *options, struct flt_prep **prep, struct flt_error *err);
void flt_prep_free(struct flt_prep *prep);

size_t flt_prep_n_features(const struct flt_prep *prep);                   /* columns of the matrix */
const char *flt_prep_feature(const struct flt_prep *prep, size_t feature); /* "amount", "amount missing", "type=web" */
bool flt_prep_feature_is_numeric(const struct flt_prep *prep, size_t feature); /* a scaled number (not a 0/1 mark) */
enum flt_fate flt_prep_fate(const struct flt_prep *prep, size_t column);       /* column of the fitted table */
size_t flt_prep_n_used(const struct flt_prep *prep, enum flt_fate fate);       /* how many columns met that fate */

/* Writes x (n_rows, n_features), row-major. The table is the fitted one or one with the same columns and types
 * (flt_table_read_like): columns are matched by name, levels by text. */
enum flt_status flt_prep_apply(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                               size_t n_rows, float *x, struct flt_error *err);

#endif
