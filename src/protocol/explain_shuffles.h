/* What shuffling shows of a detector: the importance of each unit, and how two units act together. */
#ifndef PROTOCOL_EXPLAIN_SHUFFLES_H
#define PROTOCOL_EXPLAIN_SHUFFLES_H

#include "eval/importance.h"
#include "protocol/explain_rows.h"
#include "protocol/explain_units.h"

struct flt_explain_shuffles {
	const struct flt_detector *detector;
	const struct flt_explain_rows *rows;
	const struct flt_explain_units *units;
	size_t n_repeats;
	const size_t *partner;                            /* (n_repeats, rows->n), by flt_pairs_draw */
	unsigned n_threads;                               /* 0: all; never changes a result */
	void (*on_scored)(void *context, double n_times); /* the rows were scored that often; may be NULL */
	void *context;
};

/* importance (units->n). */
enum flt_status flt_explain_importance(const struct flt_explain_shuffles *shuffles, struct flt_importance *importance,
                                       struct flt_error *err);

/*
 * How far the log-odds are from a sum of what two units do by themselves, each with all other columns: the root of the
 * mean of 1/4 (F(x) - F(x, a of x') - F(x, b of x') + F(x, both of x'))^2, where x' is the partner (Liu and Owen 2006;
 * the total interaction index of Fruth, Roustant and Kuhnt 2014). 0 where they act independently of each other.
 */
struct flt_explained_interaction {
	size_t units[2];
	struct flt_interval figure; /* in log-odds */
};

/* Of all pairs among the given units (n): found (n (n - 1) / 2). */
enum flt_status flt_explain_interactions(const struct flt_explain_shuffles *shuffles, const size_t *units, size_t n,
                                         struct flt_explained_interaction *found, struct flt_error *err);

#endif
