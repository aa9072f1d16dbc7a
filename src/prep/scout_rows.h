/*
 * The rows that the scout looks at: 30,000 at most. All of the rarer class are kept, if they do not fill more than half
 * of these; those of the other are drawn, and weigh as much more as there are fewer of them.
 */
#ifndef PREP_SCOUT_ROWS_H
#define PREP_SCOUT_ROWS_H

#include "table/table.h"

enum { FLT_SCOUT_MOST_ROWS = 30000 };

struct flt_scout_rows {
	size_t n_rows;
	size_t *rows;   /* (n_rows) of the table, in the order given */
	uint8_t *label; /* (n_rows) */
	double *weight; /* (n_rows) that of the table's row, times how many of its class it stands for */
};

/* May fail only where memory runs out; is to be released then too. */
enum flt_status flt_scout_rows_init(struct flt_scout_rows *sample, const struct flt_table *table, const size_t *rows,
                                    size_t n_rows, uint64_t seed, struct flt_error *err);
void flt_scout_rows_release(struct flt_scout_rows *sample);

#endif
