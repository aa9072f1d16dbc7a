/*
 * What carries bytes between ranks: mpi.c where the program is built with MPI, the only user of mpi.h; in the plain
 * program none (single.c). All ranks call gather and broadcast in the same order, and the ranks of a team trade, each
 * by one thread at a time; post, and take_post on rank 0, by any thread at any time. What waits gives the processor
 * away, and calls `idle` again and again.
 */
#ifndef RANKS_TRANSPORT_H
#define RANKS_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/parcel.h"

enum { FLT_MAX_TRADERS = 64 };

typedef void flt_idle(void *context);

struct flt_transport {
	size_t n, own;
	size_t n_beside;  /* ranks on this machine, with this one */
	size_t n_sharing; /* those of them that may use the same processors as this one */
	void (*gather)(const void *bytes, size_t n_bytes, void *all, flt_idle *idle,
	               void *context); /* all (n, n_bytes) */
	void (*broadcast)(size_t root, void *bytes, size_t n_bytes, flt_idle *idle, void *context);
	/* Between the first n ranks, <= FLT_MAX_TRADERS, that all call it: out[i] (n) goes to rank i, and in[i] (n) is
	 * filled with what comes from there, at most 2^31 - 1 bytes each; what is this rank's own stays. Made for many
	 * trades a second: it gives the processor away later than the others. */
	void (*trade)(size_t n, const struct flt_parcel *out, const struct flt_parcel *in, flt_idle *idle,
	              void *context);
	/* Sends bytes to another rank, and frees them (flt_free) when they have gone. False, and the bytes are the
	 * caller's, while an earlier post of this rank is on its way. */
	bool (*post)(size_t to, uint8_t *bytes, size_t n_bytes);
	/* What has come by post: bytes of flt_alloc, the caller's; NULL, and FLT_OK: nothing. After a failure it is
	 * there still. */
	enum flt_status (*take_post)(uint8_t **bytes, size_t *n_bytes, struct flt_error *err);
	void (*close)(void); /* waits for all ranks, and drops the post that nobody took */
};

/* *transport NULL: this process is alone. FLT_ERR_USAGE: it is one of several that cannot work together, and how they
 * could; with an empty sentence where another of them says it. */
enum flt_status flt_transport_open(const struct flt_transport **transport, struct flt_error *err);

#endif
