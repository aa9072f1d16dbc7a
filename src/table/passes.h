/* Reads a file into a table in one pass, or in two if columns that started with numbers turn out to be text. */
#ifndef TABLE_PASSES_H
#define TABLE_PASSES_H

#include "csv/reader.h"
#include "table/rows.h"

/* Adds all rows of csv to a table whose columns have their roles, and decides their types. */
enum flt_status flt_table_add_file(struct flt_table *table, const struct flt_row_rules *rules, struct flt_csv *csv,
                                   unsigned n_threads, struct flt_error *err);

/* Points column->levels at the texts of its dictionary, which must be listed anew when it changes. */
enum flt_status flt_table_list_levels(struct flt_table_column *column, struct flt_error *err);

#endif
