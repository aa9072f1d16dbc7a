/* Reads the records of a file into a table, on several threads. */
#ifndef TABLE_PARTIAL_TABLES_H
#define TABLE_PARTIAL_TABLES_H

#include "csv/reader.h"
#include "table/rows.h"

/* Adds all records of csv, which was opened or rewound just before. The table, or the error, is the same at any number
 * of threads. */
enum flt_status flt_table_add_records(struct flt_table *table, const struct flt_row_rules *rules, struct flt_csv *csv,
                                      unsigned n_threads, struct flt_error *err);

#endif
