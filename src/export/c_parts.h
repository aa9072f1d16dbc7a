/* The parts of a C file that depend on the model, for c.c, which puts them together. */
#ifndef EXPORT_C_PARTS_H
#define EXPORT_C_PARTS_H

#include "export/c_put.h"
#include "export/target.h"

/* What the writers of parts share. */
struct flt_c_file {
	const struct flt_view *view;
	const char *prefix;
	char *const *members; /* (n_columns) identifiers */
	bool int8;
	struct flt_c_put put;
};

bool flt_c_has_type(const struct flt_view *view, enum flt_view_type type);

void flt_c_put_header(struct flt_c_file *file); /* the whole header file */

/* The table of the columns, which the functions below go through. */
void flt_c_put_columns(struct flt_c_file *file);

/* The function from cells to a row; dressed: some column's numbers are not plain. */
void flt_c_put_row_from_cells(struct flt_c_file *file, bool dressed);

/* The function read_values, from a row to the values that preparations start from. */
void flt_c_put_values(struct flt_c_file *file);

/* Markers, words, formats, and the function from cells to a row. */
void flt_c_put_cells(struct flt_c_file *file);

/* Levels, tables of inputs, and functions that fill them: read_values, and inputs_N of preparation N. */
void flt_c_put_inputs(struct flt_c_file *file);

/* Weights and logit_of. */
void flt_c_put_networks(struct flt_c_file *file);

#endif
