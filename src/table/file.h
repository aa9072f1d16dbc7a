/* One of the files of a table. Private to table/. */
#ifndef TABLE_FILE_H
#define TABLE_FILE_H

#include "csv/reader.h"

struct flt_table_file {
	struct flt_csv *csv;
	size_t *columns; /* (n_columns of the table) where each column is in the file, or SIZE_MAX */
};

#endif
