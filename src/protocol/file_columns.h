/* The columns of a CSV file, by a look at its beginning. */
#ifndef PROTOCOL_FILE_COLUMNS_H
#define PROTOCOL_FILE_COLUMNS_H

#include "base/error.h"

typedef void flt_take_column(void *context, const char *name);

/* Calls take with the name of each column, in the order of the file. Fails as reading it would. */
enum flt_status flt_file_columns(const char *path, flt_take_column *take, void *context, struct flt_error *err);

#endif
