/*
 * Preparations that several networks of a bag learn from the same rows in the same way: whoever comes first learns one,
 * and those who come while it does so wait. Threads call all but init and release side by side.
 */
#ifndef PROTOCOL_SHARED_PREPS_H
#define PROTOCOL_SHARED_PREPS_H

#include <pthread.h>

#include "prep/prep.h"
#include "protocol/epoch_log.h"

struct flt_shared_prep {
	size_t rows; /* the number of the rows that it learns from */
	const struct flt_prep_options *how;
	struct flt_prep *prep; /* NULL: somebody is learning it */
};

struct flt_shared_preps {
	pthread_mutex_t mutex;
	pthread_cond_t moved;
	size_t n;
	struct flt_shared_prep of[FLT_MAX_MEMBERS]; /* (n) */
};

void flt_shared_preps_init(struct flt_shared_preps *shared);
void flt_shared_preps_release(struct flt_shared_preps *shared);

/* Whether networks that learn from the same rows by these options can share their preparation. */
bool flt_shared_preps_are_alike(const struct flt_prep_options *a, const struct flt_prep_options *b);

/* The preparation that was learnt from rows of that number by options like these (borrowed until release), to be freed
 * by flt_prep_free. NULL: the caller is to learn it, and then has to call flt_shared_preps_offer. At most
 * FLT_MAX_MEMBERS different ones can be learnt. */
struct flt_prep *flt_shared_preps_take(struct flt_shared_preps *shared, size_t rows,
                                       const struct flt_prep_options *how);

/* prep stays the caller's, too. NULL: it could not be learnt, and the next who comes is to try. */
void flt_shared_preps_offer(struct flt_shared_preps *shared, size_t rows, const struct flt_prep_options *how,
                            struct flt_prep *prep);

#endif
