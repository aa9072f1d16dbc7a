/* The struct behind struct flt_prep, for the files of this room. */
#ifndef PREP_CONTENTS_H
#define PREP_CONTENTS_H

#include "prep/prep.h"

struct flt_prep {
	enum flt_scale scale;
	size_t n_columns;
	struct flt_prep_column *columns; /* (n_columns), which own their texts and quantiles */
	size_t n_features;
	char **features;  /* (n_features) names */
	bool *is_numeric; /* (n_features) */
	size_t n_owners;
};

static inline size_t flt_prep_n_slots(const struct flt_prep_column *column)
{
	return column->n_levels + column->has_missing + column->has_other;
}

/* Whether the column's cells are read: by the preparation, or by refits of it. */
static inline bool flt_prep_is_read(const struct flt_prep_column *column)
{
	return column->use == FLT_USED_NUMERIC || column->use == FLT_USED_CATEGORICAL;
}

/* Of a categorical column: two slots are one feature. */
static inline size_t flt_prep_slots_width(const struct flt_prep_column *column)
{
	return flt_prep_n_slots(column) == 2 ? 1 : flt_prep_n_slots(column);
}

/* The number of features the column becomes. */
static inline size_t flt_prep_width(const struct flt_prep_column *column)
{
	if (column->is_passed_over)
		return 0;
	if (column->use == FLT_USED_NUMERIC)
		return (size_t)column->has_number + column->has_indicator + column->n_steps;
	if (column->use == FLT_USED_CATEGORICAL)
		return flt_prep_slots_width(column) + column->has_effects;
	return 0;
}

static inline bool flt_prep_is_silent(const struct flt_prep_column *column, size_t feature)
{
	return column->silent >> feature & 1;
}

/* What a text of a categorical column (NULL: missing) is to it: one of flt_prep_n_places. */
size_t flt_prep_place(const struct flt_prep_column *column, const char *text);

/* The slot of a place, or FLT_NO_SLOT; and of a text. */
enum { FLT_NO_SLOT = -1 };
int flt_prep_slot_of(const struct flt_prep_column *column, size_t place);
int flt_prep_slot(const struct flt_prep_column *column, const char *text);

/* Finds the columns that the preparation uses by name, and checks their types: columns (n_columns of the preparation).
 * Errors as of flt_prep_apply. */
enum flt_status flt_prep_find_columns(const struct flt_prep *prep, const struct flt_table *table,
                                      struct flt_column *columns, struct flt_error *err);

/* FLT_ERR_MODEL if neither flt_prep_fit nor flt_prep_refit could have made these columns. */
enum flt_status flt_prep_check(enum flt_scale scale, const struct flt_prep_column *columns, size_t n_columns,
                               struct flt_error *err);

/* The codes of a categorical column of cells: its levels, and one for all other texts. */
static inline size_t flt_prep_n_codes(const struct flt_prep_column *column)
{
	return column->n_levels + column->n_more + 1;
}

/* Columns in the order of the preparation's. */
struct flt_cell_columns {
	size_t n_rows, max_rows;
	size_t *rows;               /* (max_rows) 0, 1, 2 ... */
	struct flt_column *columns; /* (prep->n_columns) */
	double *numbers;            /* (n_numeric, max_rows) */
	int32_t *codes;             /* (n_categorical, max_rows) */
	const char **levels;        /* of each categorical column: its levels, and one more */
};

#endif
