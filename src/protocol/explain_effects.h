/* How the probability moves along a column: accumulated local effects (eval/effect.h). */
#ifndef PROTOCOL_EXPLAIN_EFFECTS_H
#define PROTOCOL_EXPLAIN_EFFECTS_H

#include "eval/effect.h"
#include "protocol/explain_rows.h"

struct flt_effect_point {
	double at; /* of a numeric column: the end of a bin; NaN of the missing */
	const char
	        *level; /* of a categorical one: its text, borrowed from the detector; NULL: missing, or all others */
	bool is_missing;
	bool is_others; /* all categories that were not learnt, which are one to the detector */
	struct flt_interval probability;
	size_t n_rows; /* of the sample, in the bin that ends there, or of that category */
};

/*
 * Of numbers, the points are the lowest value and the ends of up to 23 bins, closer at the ends; a row is moved from
 * one end of its bin to the other. The missing are a point beside that of the middle number. Of categories there are at
 * most 20, those of the most weight (protocol/explain_categories.h).
 */
struct flt_explained_effect {
	const char *name; /* borrowed from the detector; of a part of dates, "when (hour)" */
	bool is_numeric;
	double mean; /* probability of all rows */
	size_t n_points;
	struct flt_effect_point *points; /* (n_points) */
	size_t rank;                     /* of its unit by importance, from 0; set by whoever knows it */
	size_t n_left_out;               /* categories of too few rows, or too many to show */
};

/* Of a column of numbers of the preparation that a network uses. Released by the caller, after a failure too. */
enum flt_status flt_explain_effect(const struct flt_detector *detector, const struct flt_explain_rows *rows,
                                   size_t column, unsigned n_threads, struct flt_explained_effect *effect,
                                   struct flt_error *err);
void flt_explained_effect_release(struct flt_explained_effect *effect);

#endif
