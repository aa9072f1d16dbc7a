/*
 * Weights: how many rows of the world a row of the table stands for (--weight). A row of weight 0 stands for none, and
 * is left out.
 */
#ifndef TABLE_WEIGHT_H
#define TABLE_WEIGHT_H

#include "table/table.h"

/* The cell that holds a weight. */
struct flt_weight_cell {
	const char *file, *column;
	size_t line;
	char decimal;
	bool is_missing; /* its text is a missing marker */
};

/* Reads the text of a weight. FLT_ERR_DATA unless it is 0 or a number from 1e-12 to 1e12. */
enum flt_status flt_weight_read(const struct flt_weight_cell *cell, const char *text, size_t length, double *weight,
                                struct flt_error *err);

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
