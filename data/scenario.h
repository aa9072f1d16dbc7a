/*
 * A scenario simulates one data file. Its mechanism runs in this order, so that P(y = 1 | the columns as written) is
 * known exactly for each row:
 *
 *   1. draw() makes the columns that are never missing, out of whatever hidden circumstances it likes; they are
 *      rounded to the decimals that the file shows.
 *   2. Each column that can be missing is drawn from those columns as rounded and from nothing hidden: value_at() gives
 *      N_LEVELS values, each equally likely. Whether it is missing depends on the same columns (chance_missing).
 *   3. probability() says how likely a row is positive, from the values as rounded. What stays hidden behind them (a
 * true size behind a drifting sensor, which of several causes acts) is summed out in it in closed form.
 *   4. In a row with missing cells the probability is the mean of probability() over all values that these cells may
 *      have. The label is drawn with the resulting probability: that is the truth which `make truth` writes.
 */
#ifndef DATA_SCENARIO_H
#define DATA_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "draw.h"

enum { MAX_COLUMNS = 16, N_LEVELS = 256 };

struct column {
	const char *name;
	const char *const *levels; /* of a categorical column, whose value is an index into them; NULL for a number */
	unsigned decimals;
	double min, max;                               /* a number outside is cut off */
	double (*value_at)(const double *x, double u); /* with u = (level + 0.5) / N_LEVELS */
	double (*chance_missing)(const double *x);     /* both NULL for a column that is never missing */
};

struct scenario {
	const char *name;
	size_t n_rows;
	uint64_t seed;
	double copies;       /* the share of rows that are sent twice */
	const char *id;      /* the name of a column of unique codes, or NULL */
	const char *missing; /* what stands in a missing cell */
	const char *target, *negative, *positive;
	const struct column *columns;
	size_t n_columns;
	void (*draw)(double *x, size_t row, struct source *source);
	double (*probability)(const double *x);
};

extern const struct scenario fraud, defects, screening, churn;

#endif
