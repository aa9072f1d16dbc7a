/*
 * Preparation: turns typed columns into a float32 matrix for a network. What it learns (which columns are constant or
 * id-like, medians, scales, levels) it learns only from the fit rows given to flt_prep_fit.
 *
 * A numeric column becomes one scaled number, followed by a 0/1 missing indicator if some fit row has no value. A
 * categorical column becomes one 0/1 feature per slot: one slot for each level with at least 5 fit rows, most frequent
 * first, up to 32; one for missing, which needs 5 fit rows as well but does not count towards the 32; and one called
 * other, shared by the remaining levels. Two slots become a single feature of +1 and -1. A value without a slot is 0 in
 * all features of its column. Only numbers are scaled; indicators and slots are not.
 *
 * Behind a number and its indicator stand its steps, if any are asked for: 1 where the number is a threshold or more,
 * else 0, and 0 where it is missing. The labels of the given rows choose the thresholds, so rows that are to judge a
 * network must not be among them.
 *
 * A column of many levels, at least 20 of them in 5 fit rows or more, gives one more number behind its slots: how much
 * more often than others the rows of its level are positive (prep/level_effects.h). Up to 1,000 levels have a number of
 * their own, the most frequent. So labels of fit rows have a say, and the rows themselves get a number that their own
 * label has no part in: flt_prep_apply_learnt.
 *
 * A row of any weight counts once: scales need only be about right, and a level needs rows of its own to be learnt.
 *
 * Every value that comes out is finite.
 */
#ifndef PREP_PREP_H
#define PREP_PREP_H

#include "prep/fences.h"
#include "prep/profile.h"
#include "table/table.h"

struct flt_prep; /* opaque: a fitted preparation */

/* How numbers are scaled, where x is the number in the file, or the median if it is missing. Results are clipped to
 * +-1e30.
 *   robust:   t / sqrt(1 + (t/3)^2) with t = (x - median) / interquartile range (half the range if that is 0)
 *   standard: t = (x - mean) / standard deviation, for which values beyond a fence (prep/fences.h) count as the fence;
 *             such a value itself is as far from the scaled fence as log(1 + u), where t would be u from it
 *   quantile: the normal score of x among the fit rows, from at most 1,000 quantiles, within +-5.2
 *   none:     x; of the days of a date, those since the first fit row */
enum flt_scale { FLT_SCALE_ROBUST, FLT_SCALE_STANDARD, FLT_SCALE_QUANTILE, FLT_SCALE_NONE, FLT_N_SCALES };
extern const char *const flt_scale_words[];

struct flt_prep_options {
	enum flt_scale scale;
	unsigned n_threads; /* 0: one per processor; never changes the result */
	size_t n_steps;     /* the best thresholds that the scout (prep/scout.h) proposes; 0: none */
	size_t n_columns;   /* keep that many columns, those that it finds to tell most; 0: all */
	uint64_t seed;      /* of the scout, and of the folds of flt_prep_apply_learnt */
};

/* How a column of the table is used, or why it is not. */
enum flt_column_use {
	FLT_USED_NUMERIC,
	FLT_USED_CATEGORICAL,
	FLT_CONSTANT,      /* one value in all fit rows */
	FLT_RARE,          /* texts, each of them in too few fit rows for a slot of its own */
	FLT_ALL_MISSING,   /* no value in any fit row */
	FLT_ID_LIKE,       /* it numbers the rows, see table/id_like.h */
	FLT_DATES,         /* texts that are dates: not a feature, but usable with --date and --time */
	FLT_NOT_A_FEATURE, /* target, id, time, group, or dropped by option */
	FLT_N_COLUMN_USES
};
extern const char *const flt_column_use_words[];

/* Learns all of it from rows (n_rows) of a table. */
enum flt_status flt_prep_fit(const struct flt_table *table, const size_t *rows, size_t n_rows,
                             const struct flt_prep_options *options, struct flt_prep **prep, struct flt_error *err);

/* Learns anew, from rows (n_rows, at least 1) alone, what base has learnt of values: medians and scales, those of
 * options. Columns, their uses, missing indicators and levels are those of base, and so are the features, but for steps
 * and columns that are passed over: these are its own, as options ask for. A feature
 * that is constant in these rows is silent: it becomes 0 for every row, since no weight of it can be learnt. The table
 * needs the columns that base uses, as for flt_prep_apply. */
enum flt_status flt_prep_refit(const struct flt_prep *base, const struct flt_table *table, const size_t *rows,
                               size_t n_rows, const struct flt_prep_options *options, struct flt_prep **prep,
                               struct flt_error *err);
void flt_prep_free(struct flt_prep *prep);

/* Another owner of prep, which is freed when each has called flt_prep_free. Threads may not do so side by side. */
struct flt_prep *flt_prep_hold(struct flt_prep *prep);

size_t flt_prep_n_features(const struct flt_prep *prep);                   /* columns of the matrix */
const char *flt_prep_feature(const struct flt_prep *prep, size_t feature); /* "amount", "amount missing", "type=web" */
bool flt_prep_feature_is_numeric(const struct flt_prep *prep, size_t feature); /* a scaled number, not a 0/1 input */
void flt_prep_feature_columns(const struct flt_prep *prep, size_t *column);    /* (n_features) whose they are */
enum flt_column_use flt_prep_use(const struct flt_prep *prep, size_t column);  /* of the fitted table */
size_t flt_prep_n_used(const struct flt_prep *prep, enum flt_column_use use);  /* number of columns */
size_t flt_prep_n_steps(const struct flt_prep *prep);                          /* of all columns */
size_t flt_prep_n_effects(const struct flt_prep *prep); /* columns of many levels that give one */

/* Writes x (n_rows, n_features), row-major, on n_threads (0: one per processor). Columns of the table are matched by
 * name, levels by text. FLT_ERR_DATA if a used column is missing or of another type. */
enum flt_status flt_prep_apply(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                               size_t n_rows, unsigned n_threads, float *x, struct flt_error *err);

/* The same for the very rows that prep learnt from, before a network learns from them: no number depends on the label
 * of its own row. */
enum flt_status flt_prep_apply_learnt(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                                      size_t n_rows, const struct flt_prep_options *options, float *x,
                                      struct flt_error *err);

/*
 * The preparation as plain data, for a model file. A file's bytes are not trusted: flt_prep_from_columns checks them
 * all and refuses what flt_prep_fit could not have made.
 */
enum { FLT_PREP_MAX_LEVELS = 32, FLT_PREP_MAX_KNOWN = 1000, FLT_PREP_MAX_QUANTILES = 1000, FLT_PREP_MAX_STEPS = 8 };

struct flt_prep_column {
	const char *name;
	const char *spread; /* made by flt_prep_from_columns: what is unusual, as prep/spread.h says, or NULL */
	enum flt_column_type type;
	enum flt_column_use use;
	const char *reason; /* why the column is not used, in words and figures; NULL if it is, or is no feature, or if
	                     * an older program wrote the file; the fields below are 0 unless the column is used */

	/* A part of the dates in column `source`, which records must have in its place; NULL: a column of its own. */
	const char *source;
	enum flt_date_part part;
	struct flt_date_format date;

	/* Bit i: the column's feature number i is always 0, and nothing is learnt of it. Of a refit; 0 in others. */
	uint64_t silent;

	/* The scout found other columns to tell more, and this one gives no feature. */
	bool is_passed_over;

	/* FLT_USED_NUMERIC */
	bool has_number;    /* false: all present values are equal, so only the indicator carries information */
	bool has_indicator; /* some fit row has no value */
	double median;      /* of the present values */
	double center;      /* of robust and standard scale, and of effects */
	double factor;
	struct flt_fences fences; /* of standard scale; none if an older program wrote the file */
	const double *quantiles;  /* (n_quantiles) of quantile scale: at equal steps of rank, never falling */
	size_t n_quantiles;
	const double *steps; /* (n_steps, up to FLT_PREP_MAX_STEPS) thresholds, rising */
	size_t n_steps;
	struct flt_number_format format; /* of the cells; decimal 0: a point */

	/* FLT_USED_CATEGORICAL; slots in this order: levels, missing, other */
	const char *const *levels; /* (n_levels + n_more) no two the same; the first n_levels have slots */
	size_t n_levels, n_more;   /* n_more: 0 without effects */
	const uint32_t *order;     /* (n_levels + n_more) made by flt_prep_from_columns: the levels by rising text */
	bool has_effects;
	const double *effects; /* (flt_prep_n_places) of each level, of missing, and of all others: log-odds, which
	                        * become an input as standard scale makes it of center and factor */
	bool has_missing;
	bool has_other;

	struct flt_profile profile; /* of both uses */
};

/* The places of a categorical column: its levels, and the two behind them, for missing and for all other texts. */
static inline size_t flt_prep_n_places(const struct flt_prep_column *column)
{
	return column->n_levels + column->n_more + 2;
}

enum flt_scale flt_prep_scale(const struct flt_prep *prep);
size_t flt_prep_n_columns(const struct flt_prep *prep); /* of the fitted table, used or not */
struct flt_prep_column flt_prep_column(const struct flt_prep *prep, size_t column); /* lives as long as prep */

/* The column of a refit of base before anything is learnt of its values. */
struct flt_prep_column flt_prep_column_unlearnt(const struct flt_prep *base, size_t column);

/* Copies the columns. FLT_ERR_MODEL names the column and what is wrong with it. */
enum flt_status flt_prep_from_columns(enum flt_scale scale, const struct flt_prep_column *columns, size_t n_columns,
                                      struct flt_prep **prep, struct flt_error *err);

/*
 * Records of text without a table, for scoring a stream. Cells are read by the same rules as in flt_table_read, so the
 * features are the same.
 */
struct flt_cell_reader; /* opaque; read-only in use, so threads may share one */

struct flt_seen; /* prep/seen.h */

/* names (n_names) are the columns of the records, in any order. Of the options, na, decimal and numeric are used;
 * decimal 0: as in training. So is delimiter, since no message may advise a decimal mark that is the delimiter.
 * FLT_ERR_DATA if a used column is missing or named twice. Borrows prep, which must outlive the reader. */
enum flt_status flt_cell_reader_new(const struct flt_prep *prep, const struct flt_table_options *options,
                                    const char *const *names, size_t n_names, struct flt_cell_reader **reader,
                                    struct flt_error *err);
void flt_cell_reader_free(struct flt_cell_reader *reader);
bool flt_cell_reader_uses(const struct flt_cell_reader *reader, size_t column);
/* Whether the cells of the named column are read as numbers as they stand: a number may then come in their place. */
bool flt_cell_reader_takes_numbers(const struct flt_cell_reader *reader, size_t column);
bool flt_cell_reader_is_missing(const struct flt_cell_reader *reader, const char *cell);

/* The place among the names of the preparation's column; SIZE_MAX if it is not used. */
size_t flt_cell_reader_place(const struct flt_cell_reader *reader, size_t column);
/* The number in a cell of the preparation's column, which flt_cell_reader_read took; NaN if it is missing. */
double flt_cell_reader_number(const struct flt_cell_reader *reader, size_t column, const char *cell);

/* The columns of up to max_rows records, to be read into again and again. */
struct flt_cell_columns; /* opaque */
enum flt_status flt_cell_columns_new(const struct flt_cell_reader *reader, size_t max_rows,
                                     struct flt_cell_columns **columns, struct flt_error *err);
enum flt_status flt_cell_columns_new_for(const struct flt_prep *prep, size_t max_rows,
                                         struct flt_cell_columns **columns, struct flt_error *err);
void flt_cell_columns_free(struct flt_cell_columns *columns);

/* Fills columns, made for prep, from n <= max_rows rows of a table, whose texts they borrow. Errors as of
 * flt_prep_apply. */
enum flt_status flt_cell_columns_take(struct flt_cell_columns *columns, const struct flt_prep *prep,
                                      const struct flt_table *table, const size_t *rows, size_t n,
                                      struct flt_error *err);

/* (columns of the preparation) in its order: numbers of those it reads as numbers; of categories, codes, which are the
 * indices of its levels, and behind the last one that of all other texts. Others are zeroed. Valid until columns are
 * filled anew. And the numbers (max_rows) of their rows: 0, 1, 2 ... */
/* Fills columns with some rows (n, at most their max_rows) of others, whose levels they borrow. */
void flt_cell_columns_select(struct flt_cell_columns *columns, const struct flt_prep *prep,
                             const struct flt_cell_columns *from, const size_t *rows, size_t n);
const struct flt_column *flt_cell_columns_all(const struct flt_cell_columns *columns);
const size_t *flt_cell_columns_rows(const struct flt_cell_columns *columns);

/* flt_prep_apply on typed columns in the order of the preparation's; unused ones are not read. */
enum flt_status flt_prep_apply_columns(const struct flt_prep *prep, const struct flt_column *columns,
                                       const size_t *rows, size_t n_rows, unsigned n_threads, float *x,
                                       struct flt_error *err);

/* Records: cells (n_rows, n_names), row-major; those of unused columns may be NULL. numbers (n_names, or NULL), where
 * not NULL, has the column's cells as numbers (n_rows), NaN for missing; only of columns that take numbers. */
struct flt_cell_rows {
	const char *const *cells;
	const double *const *numbers;
	size_t n_rows;
};

/* Reads rows into columns, which borrow them. Adds to seen (n_columns of the preparation, or NULL). FLT_ERR_DATA if a
 * numeric column holds something else. */
enum flt_status flt_cell_reader_read_rows(const struct flt_cell_reader *reader, const struct flt_cell_rows *rows,
                                          struct flt_cell_columns *columns, struct flt_seen *seen,
                                          struct flt_error *err);

/* The same of cells alone. */
enum flt_status flt_cell_reader_read(const struct flt_cell_reader *reader, const char *const *cells, size_t n_rows,
                                     struct flt_cell_columns *columns, struct flt_seen *seen, struct flt_error *err);

/* Writes x (n_rows, n_features) of the rows that were read. prep is that of the reader, or a refit of it. */
enum flt_status flt_prep_apply_cells(const struct flt_prep *prep, const struct flt_cell_columns *columns, float *x,
                                     struct flt_error *err);

#endif
