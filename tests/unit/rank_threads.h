/* Ranks as threads of one process: a transport between them, and running work on all. */
#ifndef RANK_THREADS_H
#define RANK_THREADS_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "ranks/ranks.h"
#include "ranks/transport.h"
#include "suite.h"

enum { MOST_RANKS = 20 };

struct letter {
	uint8_t *bytes;
	size_t n_bytes;
};

static struct world {
	size_t n;
	pthread_barrier_t barrier;
	pthread_mutex_t mutex;
	uint8_t gathered[MOST_RANKS][64];
	uint8_t *sent; /* by the root of a broadcast */
	struct letter box[MOST_RANKS][MOST_RANKS];
	size_t n_letters[MOST_RANKS];
	const struct flt_parcel *_Atomic traded[MOST_RANKS]; /* what each gives */
	atomic_size_t n_came, n_left;                        /* to and from all trades */
} world;

static _Thread_local size_t own;

static void meet_at_barrier(void)
{
	pthread_barrier_wait(&world.barrier);
}

static void gather(const void *bytes, size_t n_bytes, void *all, flt_idle *idle, void *context)
{
	idle(context);
	memcpy(world.gathered[own], bytes, n_bytes);
	meet_at_barrier();
	for (size_t i = 0; i < world.n; i++)
		memcpy((uint8_t *)all + i * n_bytes, world.gathered[i], n_bytes);
	meet_at_barrier();
}

static void (*spoil)(size_t rank, void *bytes, size_t n_bytes); /* what a rank gets by broadcast; NULL: nothing does */

static void broadcast(size_t root, void *bytes, size_t n_bytes, flt_idle *idle, void *context)
{
	idle(context);
	if (own == root)
		world.sent = bytes;
	meet_at_barrier();
	if (own != root)
		memcpy(bytes, world.sent, n_bytes);
	if (own != root && spoil)
		spoil(own, bytes, n_bytes);
	meet_at_barrier();
}

static void trade(size_t n, const struct flt_parcel *out, const struct flt_parcel *in, flt_idle *idle, void *context)
{
	static _Thread_local size_t n_traded;
	size_t aim = ++n_traded * n;
	world.traded[own] = out;
	world.n_came++;
	while (world.n_came < aim) {
		idle(context);
		sched_yield();
	}
	for (size_t i = 0; i < n; i++) {
		const struct flt_parcel *from = &world.traded[i][own];
		if (i == own)
			continue;
		ck_assert_uint_eq(from->n_bytes, in[i].n_bytes);
		memcpy(in[i].bytes, from->bytes, from->n_bytes);
	}
	world.n_left++;
	while (world.n_left < aim)
		sched_yield();
}

static bool post(size_t to, uint8_t *bytes, size_t n_bytes)
{
	pthread_mutex_lock(&world.mutex);
	bool has_room = world.n_letters[to] < MOST_RANKS;
	if (has_room)
		world.box[to][world.n_letters[to]++] = (struct letter){.bytes = bytes, .n_bytes = n_bytes};
	pthread_mutex_unlock(&world.mutex);
	return has_room;
}

static enum flt_status take_post(uint8_t **bytes, size_t *n_bytes, struct flt_error *err)
{
	(void)err;
	*bytes = NULL;
	pthread_mutex_lock(&world.mutex);
	if (world.n_letters[own] > 0) {
		struct letter letter = world.box[own][--world.n_letters[own]];
		*bytes = letter.bytes;
		*n_bytes = letter.n_bytes;
	}
	pthread_mutex_unlock(&world.mutex);
	return FLT_OK;
}

static struct flt_transport transport_of(size_t number)
{
	return (struct flt_transport){.n = world.n,
	                              .own = number,
	                              .n_beside = world.n,
	                              .n_sharing = world.n,
	                              .gather = gather,
	                              .broadcast = broadcast,
	                              .trade = trade,
	                              .post = post,
	                              .take_post = take_post};
}

/* What a rank does, on a thread of its own. */
typedef void work_of_rank(struct flt_ranks *ranks, size_t number);

struct rank {
	pthread_t thread;
	size_t number;
	work_of_rank *work;
};

static void *run_rank(void *context)
{
	struct rank *rank = context;
	struct flt_ranks *ranks;
	own = rank->number;
	struct flt_transport transport = transport_of(own);
	ck_assert_int_eq(flt_ranks_new(&transport, &ranks, NULL), FLT_OK);
	rank->work(ranks, own);
	flt_ranks_free(ranks);
	return NULL;
}

static inline void run_all(size_t n, work_of_rank *work)
{
	struct rank all[MOST_RANKS];
	world = (struct world){.n = n};
	pthread_barrier_init(&world.barrier, NULL, (unsigned)n);
	pthread_mutex_init(&world.mutex, NULL);
	for (size_t i = 0; i < n; i++) {
		all[i] = (struct rank){.number = i, .work = work};
		ck_assert_int_eq(pthread_create(&all[i].thread, NULL, run_rank, &all[i]), 0);
	}
	for (size_t i = 0; i < n; i++)
		pthread_join(all[i].thread, NULL);
	for (size_t i = 0; i < n; i++)
		while (world.n_letters[i] > 0)
			flt_free(world.box[i][--world.n_letters[i]].bytes);
	pthread_barrier_destroy(&world.barrier);
	pthread_mutex_destroy(&world.mutex);
}

#endif
