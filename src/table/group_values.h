/* Values of the column that --group names are compared as classes are (class_text.h): 1 and 1.0 are one group. */
#ifndef TABLE_GROUP_VALUES_H
#define TABLE_GROUP_VALUES_H

#include "table/column.h"

/* Makes one level of those that are the same value: its text is that of class_text.h. */
enum flt_status flt_column_merge_values(struct flt_column_cells *cells, char decimal, struct flt_error *err);

#endif
