/* How two columns act together: the effect of one where the other has this value or that. */
#ifndef PROTOCOL_EXPLAIN_TOGETHER_H
#define PROTOCOL_EXPLAIN_TOGETHER_H

#include "protocol/explain_effects.h"
#include "protocol/explain_shuffles.h"

enum { FLT_MOST_TOGETHER = 3 };

/* The rows in which the other column has a value, or lies in a third. */
struct flt_explained_slice {
	const char *level; /* if the other column is categorical, borrowed from the detector; NULL: it is numeric */
	double from, to;   /* the lowest and the highest value of a numeric one */
	size_t n_rows;     /* of the sample */
	struct flt_explained_effect effect; /* among these rows; its mean is theirs */
};

struct flt_explained_together {
	const char *by;                                      /* borrowed from the detector */
	size_t n_slices;                                     /* 0: there is no such pair; else at least 2 */
	struct flt_explained_slice slice[FLT_MOST_TOGETHER]; /* of rising values, or of falling weight */
};

/*
 * Of the first of the pairs (n, the strongest first) whose units are single columns. The effect is that of the column
 * of numbers, or of the more important one if both are of a kind. The other column's slices are its thirds by weight,
 * or its commonest known categories; those of few rows are left out. Released by the caller, after a failure too.
 */
enum flt_status flt_explain_together(const struct flt_explain_shuffles *shuffles,
                                     const struct flt_explained_interaction *pairs, size_t n,
                                     struct flt_explained_together *together, struct flt_error *err);
void flt_explained_together_release(struct flt_explained_together *together);

#endif
