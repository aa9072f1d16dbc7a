/* Work on the columns of a table, each by itself, on several threads. */
#ifndef TABLE_EACH_COLUMN_H
#define TABLE_EACH_COLUMN_H

#include <stddef.h>

#include "base/error.h"

struct flt_table;

/* Called on any thread; touches nothing but the column. */
typedef enum flt_status flt_column_task(void *context, size_t column, struct flt_error *err);

/* Runs the task for each column. The error is that of the first column that has one, at any number of threads. */
enum flt_status flt_table_each_column(const struct flt_table *table, unsigned n_threads, flt_column_task *task,
                                      void *context, struct flt_error *err);

#endif
