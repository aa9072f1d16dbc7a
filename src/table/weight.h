/*
 * Weights: how many rows of the world a row of the table stands for (--weight). A row of weight 0 stands for none, and
 * is left out. Weights are written as the numbers of any column may be (number_format.h), all in one form, which is
 * known once all are read.
 */
#ifndef TABLE_WEIGHT_H
#define TABLE_WEIGHT_H

#include "table/column.h"

/* The cell that holds a weight. */
struct flt_weight_cell {
	const char *file, *column;
	size_t line;
	char decimal;
	bool is_missing; /* its text is a missing marker */
};

/* Looks at the text of a weight before the form of its column is known (finding.h). *is_zero: it is 0 in every form,
 * and the row is left out. FLT_ERR_DATA for what is no weight in any. */
enum flt_status flt_weight_look(const struct flt_weight_cell *cell, const char *text, size_t length, bool *is_zero,
                                struct flt_error *err);

/* The weights above 0, which flt_weight_look let pass. */
struct flt_weight_column {
	const char *file, *name;
	struct flt_column_cells *cells;
};

/* FLT_ERR_DATA unless the finding says that they are numbers in one form. */
enum flt_status flt_weights_check_form(const struct flt_weight_column *column, const struct flt_finding *finding,
                                       const struct flt_finding_rules *rules, struct flt_error *err);

/* Makes them numbers, in a column that was read as text (flt_column_read_texts). */
enum flt_status flt_weights_settle(const struct flt_weight_column *column, const struct flt_finding_rules *rules,
                                   struct flt_error *err);

/* The first weight that is not between 1e-12 and 1e12, SIZE_MAX if there is none; and the error for it. */
size_t flt_weights_find_wrong(const double *weight, size_t n);
enum flt_status flt_weight_fail_range(const char *place, const char *column, double weight, struct flt_error *err);

/* The same for all weights of a table, which may have none. */
enum flt_status flt_table_check_weights(const struct flt_table *table, struct flt_error *err);

/* The warning of a row with that share of all weight; place says which row it is. "" if the share is no more than half,
 * or the rows are too few for that to be remarkable. */
struct flt_heaviest_warning {
	char text[1024];
};
struct flt_heaviest_warning flt_heaviest_warning(const char *place, const char *column, double share, size_t n_rows);

/* Adds it to the table's warnings. */
enum flt_status flt_table_warn_of_heaviest(struct flt_table *table, struct flt_error *err);

/* Warns of a feature that is called like a weight, if the table has no weights. */
enum flt_status flt_table_warn_of_weight_names(struct flt_table *table, struct flt_error *err);

#endif
