/* The columns of time and dates after all rows were read: whether the time column can be ordered, and the parts of
 * dates as columns of their own. */
#ifndef TABLE_DATE_PARTS_H
#define TABLE_DATE_PARTS_H

#include "table/contents.h"

/* FLT_ERR_DATA if the time column holds numbers whose order is not that of time, or a date that seems to mean
 * "unknown".
 */
enum flt_status flt_table_check_time(const struct flt_table *table, struct flt_error *err);

/* Adds a column without cells for each part of each column that --date names; for the hour only if some cell has a time
 * of day. */
enum flt_status flt_table_add_date_parts(struct flt_table *table, struct flt_error *err);

/* Fills the cells of these columns. */
enum flt_status flt_table_fill_date_parts(struct flt_table *table, struct flt_error *err);

#endif
