/* Reads files into a table in one pass, or in two if columns that started with numbers turn out to be text. */
#ifndef TABLE_PASSES_H
#define TABLE_PASSES_H

#include "table/file.h"
#include "table/rows.h"

/* Adds all rows of a file, opened or rewound just before, to a table whose columns have their roles. Row numbers go on
 * from the files before it. */
enum flt_status flt_table_add_file(struct flt_table *table, const struct flt_row_rules *rules,
                                   const struct flt_table_file *file, unsigned n_threads, struct flt_error *err);

/* Decides the types of the columns once all files were added; may read them again. */
enum flt_status flt_table_decide(struct flt_table *table, const struct flt_row_rules *rules,
                                 const struct flt_table_file *files, size_t n_files, unsigned n_threads,
                                 struct flt_error *err);

#endif
