/* Keeping what was read in less memory, once all of it is known. */
#ifndef TABLE_NARROW_H
#define TABLE_NARROW_H

#include "table/contents.h"

/* Makes numbers as narrow as they are (numbers.h), but for weights, and codes of a target of few classes. From here on
 * the cells of a column are looked at through its view, and flt_table_code. n_threads 0: one per processor. */
enum flt_status flt_table_narrow(struct flt_table *table, unsigned n_threads, struct flt_error *err);

#endif
