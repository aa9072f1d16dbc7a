/* The rows of a scenario: drawn, with their true probabilities and labels. */
#ifndef DATA_ROWS_H
#define DATA_ROWS_H

#include "scenario.h"

/* Each purpose has a stream of its own: a change to one moves nothing in another. */
enum { STREAM_COLUMNS, STREAM_MISSING, STREAM_COPIES, STREAM_LABELS, STREAM_REDRAWS };

struct row {
	double x[MAX_COLUMNS]; /* as written; a missing cell keeps a value that nobody may look at */
	bool missing[MAX_COLUMNS];
	size_t original; /* the row that this one repeats, label and all; its own number if it is no copy */
	double truth;    /* P(positive | the columns as written) */
	bool positive;
};

struct row *rows_draw(const struct scenario *scenario); /* n_rows of them, to be freed; NULL: out of memory */
long row_units(const struct column *column, double x);  /* a number in units of its last decimal, as written */

#endif
