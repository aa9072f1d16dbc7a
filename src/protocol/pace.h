/*
 * How far a run of many trainings is, and how long it will still take. What that assumes:
 *
 * - A training takes time in proportion to its work as planned (work.h), at the speed so far. Where trainings stop
 * early, or rounds of networks would not help and are left out, those to come save as much as those that have ended.
 * - Trainings are begun in their order, each by the first thread that is free, so that at the end threads have nothing
 *   to do. What other programs take of the machine stays as it was.
 *
 * Work that a checkpoint had does not count for the speed. Not locked: one thread at a time.
 */
#ifndef PROTOCOL_PACE_H
#define PROTOCOL_PACE_H

#include "protocol/work.h"

struct flt_pace_training {
	double work;           /* as planned */
	double done, restored; /* shares, as in struct flt_work_done */
	bool has_begun, has_ended;
	double began, ended; /* by the clock */
};

struct flt_pace {
	size_t n_trainings, n_ended, n_threads;
	struct flt_pace_training *trainings; /* (n_trainings) in the order in which they begin */
	double *free_at;                     /* (n_threads) scratch */
};

/* Nothing has begun and no work is set. Released by flt_pace_release, also after a failure. */
enum flt_status flt_pace_init(struct flt_pace *pace, size_t n_trainings, size_t n_threads, struct flt_error *err);
void flt_pace_release(struct flt_pace *pace);

/* now: by one clock, in seconds. */
void flt_pace_begin(struct flt_pace *pace, size_t training, double now);
void flt_pace_end(struct flt_pace *pace, size_t training, double now);
void flt_pace_restore(struct flt_pace *pace, size_t training); /* a checkpoint had it to the end */

double flt_pace_done(const struct flt_pace *pace);             /* [0, 1] share of all work */
double flt_pace_left(const struct flt_pace *pace, double now); /* seconds; NaN before any work was done */

#endif
