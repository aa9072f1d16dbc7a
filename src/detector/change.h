/*
 * Whether a column of a scored file differs suddenly from what it was in training, judged by its profile. The bars are
 * on the size of the difference, and the interval of what was counted must lie beyond them: neither a few odd rows nor
 * a slow drift is a change, and fresh rows of the same source are quiet.
 */
#ifndef DETECTOR_CHANGE_H
#define DETECTOR_CHANGE_H

#include "prep/seen.h"

/* A column has the first that applies; but that it is missing less often than before comes last. */
enum flt_change_kind {
	FLT_CHANGE_MISSING,  /* empty now, or much more, or much less often than in training */
	FLT_CHANGE_UNLEARNT, /* made of categories that the model did not learn */
	FLT_CHANGE_SCALED,   /* by a constant factor, or another unit */
	FLT_CHANGE_SHIFTED,  /* out of the range of training */
	FLT_CHANGE_CONSTANT, /* one value in all rows */
	FLT_N_CHANGE_KINDS
};
extern const char *const flt_change_words[];

enum { FLT_CHANGE_TEXT = 640 };

struct flt_change {
	enum flt_change_kind kind;
	char text[FLT_CHANGE_TEXT]; /* a sentence with the column and the figures */
};

/* What a file holds in a used column. */
struct flt_watched {
	const struct flt_prep_column *column;
	const struct flt_seen *seen;
	const double *values; /* numbers: (n_values) the present ones of a sample of the rows */
	size_t n_values;
	double quantiles[FLT_PROFILE_QUANTILES]; /* of values, if there are any */
	const char *first_unlearnt;              /* categories: the text of the first cell without a level, or NULL */
};

/* Whether a categorical column has about as many cells of unlearnt categories as in training, where it had some. */
bool flt_unlearnt_is_usual(const struct flt_watched *watched);

/* The column of the file: that of the dates for a part of dates. */
const char *flt_change_name(const struct flt_prep_column *column);

/* Whether it changed; fills *change if so. A column without a profile never did. Of a part of dates, only whether it is
 * missing counts: the days go on, and a file may well be of one day. */
bool flt_change_find(const struct flt_watched *watched, struct flt_change *change);

#endif
