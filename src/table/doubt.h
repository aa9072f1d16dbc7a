/* What is said of a column that the finding leaves in doubt, and of one whose cells were not understood plainly. */
#ifndef TABLE_DOUBT_H
#define TABLE_DOUBT_H

#include "table/column.h"
#include "table/file.h"

/* A column whose cells are judged. */
struct flt_judged {
	const char *name;
	const struct flt_column_cells *cells;
	const struct flt_finding_rules *rules;
	const struct flt_finding *finding;
	const struct flt_table_file *files; /* (n_files) */
	size_t n_files, index;              /* of the column in the table */
};

/* Fails with a sentence that names the cells in doubt, the line of the first, and the options that settle it. Reads the
 * files again from the beginning to find the line. */
enum flt_status flt_fail_doubt(const struct flt_judged *column, struct flt_error *err);

/* *remark says how the cells of a column of numbers were understood: `numbers with "$" before them; "NULL" (75)
 * missing`; NULL if they are plain. To be asked before flt_column_settle. The caller frees it. */
enum flt_status flt_judged_remark(const struct flt_judged *column, char **remark, struct flt_error *err);

/* *warning: --numeric makes a large part of the values missing; NULL if it does not. The caller frees it. */
enum flt_status flt_judged_warning(const struct flt_judged *column, char **warning, struct flt_error *err);

#endif
