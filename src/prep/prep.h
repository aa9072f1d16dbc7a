/*
 * Preparation: from typed columns to a float32 matrix that a network can take. What it learns (which columns are
 * constant or id-like, medians, scales, levels) it learns from the fit rows given to flt_prep_fit and from no others.
 *
 * A numeric column becomes one scaled number and, where a fit row misses it, a 0/1 mark behind it. A category becomes
 * one 0/1 feature a slot: a slot for each level with at least 5 fit rows, most frequent first and at most 32 of them;
 * one for missing, a level like any other but outside that limit; one called other, which the remaining levels share.
 * Two slots make a single feature of +1 and -1. What no slot takes is 0 in all of them. Only numbers are scaled: marks
 * and slots stay what they are.
 *
 * Every value that comes out is finite.
 */
#ifndef PREP_PREP_H
#define PREP_PREP_H

#include "table/table.h"

struct flt_prep; /* opaque: the recipe */

/* With x a number as in the file, or the median where it is missing, and results cut to +-1e30:
 * robust: t / sqrt(1 + (t/3)^2) with t = (x - median) * factor, factor = 1 / interquartile range (half the range where
 * that is 0); standard: (x - mean) / standard deviation; quantile: the normal score of x among the fit rows, by at most
 * 1,000 quantiles, within +-5.2; none: x. */
enum flt_scale { FLT_SCALE_ROBUST, FLT_SCALE_STANDARD, FLT_SCALE_QUANTILE, FLT_SCALE_NONE, FLT_N_SCALES };
extern const char *const flt_scale_words[];

struct flt_prep_options {
	enum flt_scale scale;
	unsigned n_threads; /* 0: one per processor; does not show in the result */
};

/* What became of a column of the table. */
enum flt_column_use {
	FLT_USED_NUMERIC,
	FLT_USED_CATEGORICAL,
	FLT_CONSTANT,      /* one value in all fit rows, or only levels that share the slot called other */
	FLT_ALL_MISSING,   /* no value in any fit row */
	FLT_ID_LIKE,       /* in at least 20 fit rows: text with over 90 % distinct values, integers that rise by one */
	FLT_DATES,         /* ISO 8601 texts: no feature, but can be used with --time */
	FLT_NOT_A_FEATURE, /* target, id, time, group, or dropped by option */
	FLT_N_COLUMN_USES
};
extern const char *const flt_column_use_words[];

enum flt_status flt_prep_fit(const struct flt_table *table, const size_t *rows, size_t n_rows,
                             const struct flt_prep_options *options, struct flt_prep **prep, struct flt_error *err);
void flt_prep_free(struct flt_prep *prep);

size_t flt_prep_n_features(const struct flt_prep *prep);                   /* columns of the matrix */
const char *flt_prep_feature(const struct flt_prep *prep, size_t feature); /* "amount", "amount missing", "type=web" */
bool flt_prep_feature_is_numeric(const struct flt_prep *prep, size_t feature); /* a scaled number (not a 0/1 mark) */
enum flt_column_use flt_prep_use(const struct flt_prep *prep, size_t column);  /* column of the fitted table */
size_t flt_prep_n_used(const struct flt_prep *prep, enum flt_column_use use);  /* how many columns met that use */

/* Writes x (n_rows, n_features), row-major, on n_threads (0: one per processor). The table is the fitted one or one
 * with the same columns and types (flt_table_read_like): columns are matched by name, levels by text. */
enum flt_status flt_prep_apply(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                               size_t n_rows, unsigned n_threads, float *x, struct flt_error *err);

/*
 * The recipe as plain data, for a model file. What is taken from a file is foreign bytes: flt_prep_from_columns checks
 * all of it and refuses what flt_prep_fit could not have made.
 */
enum { FLT_PREP_MAX_LEVELS = 32, FLT_PREP_MAX_KNOTS = 1000 };

struct flt_prep_column {
	const char *name;
	enum flt_column_type type;
	enum flt_column_use use; /* the fields below count for the two that are used, and are 0 otherwise */

	/* FLT_USED_NUMERIC */
	bool has_number;    /* false: all present values are one, so that only the mark says something */
	bool has_indicator; /* some fit row misses it */
	double median;      /* of the present values */
	double center;      /* of robust and standard scale */
	double factor;
	const double *knots; /* (n_knots) of quantile scale: quantiles at equal steps, never falling */
	size_t n_knots;

	/* FLT_USED_CATEGORICAL; slots in this order: levels, missing, other */
	const char *const *levels; /* (n_levels) */
	size_t n_levels;
	bool has_missing;
	bool has_other;
};

enum flt_scale flt_prep_scale(const struct flt_prep *prep);
size_t flt_prep_n_columns(const struct flt_prep *prep); /* of the fitted table, used or not */
struct flt_prep_column flt_prep_column(const struct flt_prep *prep, size_t column); /* lives as long as prep */

/* Copies the columns. FLT_ERR_MODEL names the column and what is wrong with it. */
enum flt_status flt_prep_from_columns(enum flt_scale scale, const struct flt_prep_column *columns, size_t n_columns,
                                      struct flt_prep **prep, struct flt_error *err);

/*
 * Records of text without a table: for scoring what streams by. A cell is read as flt_table_read reads it, so the same
 * features come out.
 */
struct flt_cell_reader; /* opaque, const in use: several threads may share one */

/* Cells of a column whose category has no slot of its own: it had fewer than 5 fit rows, or none. */
struct flt_unlearnt {
	size_t n;
	size_t first_row; /* of the first, if n > 0 */
};

/* names (n_names) are the columns of the records, in any order; of options, na, decimal and numeric count. A column
 * that the recipe uses and that is not there, or there twice, is FLT_ERR_DATA. Borrows prep. */
enum flt_status flt_cell_reader_new(const struct flt_prep *prep, const struct flt_table_options *options,
                                    const char *const *names, size_t n_names, struct flt_cell_reader **reader,
                                    struct flt_error *err);
void flt_cell_reader_free(struct flt_cell_reader *reader);
bool flt_cell_reader_uses(const struct flt_cell_reader *reader, size_t column);
bool flt_cell_reader_is_missing(const struct flt_cell_reader *reader, const char *cell);

/* Writes x (n_rows, n_features). cells (n_rows, n_names), row-major; those of columns that are not used may be NULL.
 * unlearnt (n_names, or NULL) is counted up. A cell that is no number where one is needed is FLT_ERR_DATA, and
 * *bad_row its row. */
enum flt_status flt_cell_reader_apply(const struct flt_cell_reader *reader, const char *const *cells, size_t n_rows,
                                      float *x, struct flt_unlearnt *unlearnt, size_t *bad_row, struct flt_error *err);

#endif
