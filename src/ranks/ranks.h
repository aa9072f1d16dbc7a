/*
 * Ranks: several processes that do one piece of work, on one machine or on many. All read the same files and run the
 * same code; independent pieces of work are dealt over them, and what came of each is shared. Rank 0 alone prints and
 * writes.
 *
 * Where ranks meet, they say how they fare: a failure of one ends all of them with the same status and sentence. So a
 * rank that has failed goes straight to flt_ranks_end, and the others hear of it in whatever they wait for.
 *
 * A NULL handle stands for a process that is alone: rank 0 of 1, for which the calls below do nothing.
 */
#ifndef RANKS_RANKS_H
#define RANKS_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/parcel.h"

struct flt_ranks;
struct flt_transport;

/* transport: borrowed; NULL gives a NULL handle. */
enum flt_status flt_ranks_new(const struct flt_transport *transport, struct flt_ranks **ranks, struct flt_error *err);
void flt_ranks_free(struct flt_ranks *ranks);

size_t flt_ranks_count(const struct flt_ranks *ranks);
size_t flt_ranks_own(const struct flt_ranks *ranks);

size_t flt_ranks_beside(const struct flt_ranks *ranks); /* on this machine, with this one */

/* Of the processors that this process may use, those that are its own, at least 1: ranks of one machine divide them. */
unsigned flt_ranks_threads(const struct flt_ranks *ranks);

/* Waits for all ranks. The failure of the lowest order, among these of the lowest rank, becomes that of all. A sentence
 * of another rank than 0 gets its number in front, unless the order says that one process would have failed alike.
 * order: FLT_RANKS_NO_ORDER for what only this rank may meet, like FLT_ERR_MACHINE; what others do is then stopped,
 * too. */
#define FLT_RANKS_NO_ORDER SIZE_MAX
enum flt_status flt_ranks_agree(struct flt_ranks *ranks, size_t order, enum flt_status status, struct flt_error *err);

/* Another rank's bytes, valid during the call. */
typedef enum flt_status flt_take_bytes(void *context, size_t rank, const uint8_t *bytes, size_t n_bytes,
                                       struct flt_error *err);

/* Waits for all ranks, and gives each the bytes of all others, in the order of ranks. n_bytes may be 0. */
enum flt_status flt_ranks_share(struct flt_ranks *ranks, const uint8_t *bytes, size_t n_bytes, flt_take_bytes *take,
                                void *context, struct flt_error *err);

/* ---- between meetings ---- */

/* The first n ranks trade bytes, see transport.h; all of them have to be able to, which they say where they meet. idle
 * (may be NULL) is called while this rank waits. */
void flt_ranks_trade(struct flt_ranks *ranks, size_t n, const struct flt_parcel *out, const struct flt_parcel *in,
                     void (*idle)(void *context), void *context);

/* What this rank has traded so far. */
struct flt_traded {
	double n_messages, n_bytes; /* that it sent */
	double seconds;             /* that it took, most of them waiting for the others */
};

struct flt_traded flt_ranks_traded(const struct flt_ranks *ranks);

/* The same of meetings, without what was done with the bytes there. What went to all others counts once for each. */
struct flt_traded flt_ranks_met(const struct flt_ranks *ranks);

/* Sends bytes (of flt_alloc; taken over, and freed) to rank 0, which takes them when it looks at its post. They are
 * dropped while an earlier post is on its way. */
void flt_ranks_post(struct flt_ranks *ranks, uint8_t *bytes, size_t n_bytes);

/* Who takes the post at rank 0, from now on; take NULL: nobody. Its errors are dropped with the bytes. */
void flt_ranks_receive(struct flt_ranks *ranks, flt_take_bytes *take, void *context);

/* Looks at the post, at most 20 times a second, by any thread. True: a rank has failed, and the next meeting tells why.
 */
bool flt_ranks_look(struct flt_ranks *ranks);

/* The last meeting: how this rank ended. Returns how all did. */
enum flt_status flt_ranks_end(struct flt_ranks *ranks, enum flt_status status, struct flt_error *err);

#endif
