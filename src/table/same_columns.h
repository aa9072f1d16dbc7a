/* The columns of a further file of a table. */
#ifndef TABLE_SAME_COLUMNS_H
#define TABLE_SAME_COLUMNS_H

#include "table/contents.h"

/* Fills columns (n_columns of the table): where each is in the file, by name, or without a header by place. A column
 * that the file lacks, or has beside those of the table, is an error unless the table drops it. names: of the file's
 * columns, in their order. */
enum flt_status flt_table_find_same_columns(const struct flt_table *table, const struct flt_csv *csv,
                                            const struct flt_dictionary *names, size_t *columns, struct flt_error *err);

#endif
