/*
 * What is shuffled together when a detector is explained: the parts of the dates in one column of the file, and columns
 * that belong to a group. All other columns that a network uses are units of their own.
 */
#ifndef PROTOCOL_EXPLAIN_UNITS_H
#define PROTOCOL_EXPLAIN_UNITS_H

#include "base/text.h"
#include "detector/model.h"

struct flt_explain_unit {
	const char **names; /* (n_names) columns of the file, as the detector calls them; borrowed from it */
	size_t n_names;
	size_t *columns; /* (n_columns) of the preparation */
	size_t n_columns;
};

struct flt_explain_units {
	struct flt_explain_unit
	        *units; /* (n) in the order of the training file; a group stands where its first one does */
	size_t n;
	const char **idle; /* (n_idle) columns that a file must have, while no network uses them */
	size_t n_idle;
};

/* groups (n_groups): lists of column names. A name that is no column of the detector, that no network uses, or that
 * stands in two places, and a group of a single column, are FLT_ERR_USAGE. Released by the caller, after a failure too.
 */
enum flt_status flt_explain_units_make(struct flt_explain_units *units, const struct flt_detector *detector,
                                       const char *const *groups, size_t n_groups, struct flt_error *err);
void flt_explain_units_release(struct flt_explain_units *units);

/* How many there are at most, without groups. */
size_t flt_explain_n_units(const struct flt_detector *detector);

#endif
