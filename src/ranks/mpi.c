/*
 * MPI between ranks: the only file that includes mpi.h. Nothing here waits inside MPI, which would keep a processor
 * busy: each request is tested between sleeps that grow from 20 microseconds to 5 milliseconds. A trade, which waits
 * for less than a step of training, and a broadcast, for which all ranks are there, only offer the processor to others
 * at first, and sleep for less. One thread at a
 * time calls MPI, so MPI_THREAD_SERIALIZED is enough. Errors of MPI itself end all ranks, as is its default.
 */
#include <mpi.h>

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "ranks/launched.h"
#include "ranks/transport.h"

enum { TAG_POST = 1, TAG_TRADE };

/* MPI is one for the whole process. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static MPI_Request sent = MPI_REQUEST_NULL;
static uint8_t *sent_bytes;
static size_t own_rank;

/* How a wait gives the processor away: it offers it to others for so many seconds, then sleeps, longer and longer
 * (nanoseconds). */
struct patience {
	double without_sleep;
	long shortest, longest;
};

static const struct patience for_others = {0, 20000, 5000000};          /* who may be busy for hours */
static const struct patience for_step = {0.0002, 20000, 500000};        /* of training */
static const struct patience for_large_parcel = {0.003, 20000, 100000}; /* it moves while both sides look at it */

static void wait_for_all(MPI_Request *requests, int n, const struct patience *patience, flt_idle *idle, void *context)
{
	MPI_Status about[2 * FLT_MAX_TRADERS];
	struct timespec pause = {.tv_nsec = patience->shortest};
	double began = flt_clock_seconds();
	for (;;) {
		int done;
		pthread_mutex_lock(&mutex);
		MPI_Testall(n, requests, &done, about);
		pthread_mutex_unlock(&mutex);
		if (done)
			return;
		idle(context);
		if (flt_clock_seconds() - began < patience->without_sleep) {
			sched_yield();
			continue;
		}
		nanosleep(&pause, NULL);
		pause.tv_nsec = pause.tv_nsec * 2 < patience->longest ? pause.tv_nsec * 2 : patience->longest;
	}
}

static void wait_for(MPI_Request *request, flt_idle *idle, void *context)
{
	wait_for_all(request, 1, &for_others, idle, context);
}

static void gather(const void *bytes, size_t n_bytes, void *all, flt_idle *idle, void *context)
{
	MPI_Request request;
	pthread_mutex_lock(&mutex);
	MPI_Iallgather(bytes, (int)n_bytes, MPI_BYTE, all, (int)n_bytes, MPI_BYTE, MPI_COMM_WORLD, &request);
	pthread_mutex_unlock(&mutex);
	wait_for(&request, idle, context);
}

static void broadcast(size_t root, void *bytes, size_t n_bytes, flt_idle *idle, void *context)
{
	MPI_Request request;
	pthread_mutex_lock(&mutex);
	MPI_Ibcast(bytes, (int)n_bytes, MPI_BYTE, (int)root, MPI_COMM_WORLD, &request);
	pthread_mutex_unlock(&mutex);
	wait_for_all(&request, 1, &for_large_parcel, idle, context);
}

/* Starts to send and to receive, in as many requests. */
static int begin_trade(size_t n, const struct flt_parcel *out, const struct flt_parcel *in, MPI_Request *requests)
{
	int n_begun = 0;
	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < n; i++) {
		assert(out[i].n_bytes <= INT_MAX && in[i].n_bytes <= INT_MAX);
		if (i != own_rank && in[i].n_bytes > 0)
			MPI_Irecv(in[i].bytes, (int)in[i].n_bytes, MPI_BYTE, (int)i, TAG_TRADE, MPI_COMM_WORLD,
			          &requests[n_begun++]);
	}
	for (size_t i = 0; i < n; i++)
		if (i != own_rank && out[i].n_bytes > 0)
			MPI_Isend(out[i].bytes, (int)out[i].n_bytes, MPI_BYTE, (int)i, TAG_TRADE, MPI_COMM_WORLD,
			          &requests[n_begun++]);
	pthread_mutex_unlock(&mutex);
	return n_begun;
}

static void trade(size_t n, const struct flt_parcel *out, const struct flt_parcel *in, flt_idle *idle, void *context)
{
	MPI_Request requests[2 * FLT_MAX_TRADERS];
	assert(n <= FLT_MAX_TRADERS);
	int n_begun = begin_trade(n, out, in, requests);
	wait_for_all(requests, n_begun, &for_step, idle, context);
}

/* Called with the mutex locked. */
static bool is_sent(void)
{
	int done;
	MPI_Test(&sent, &done, MPI_STATUS_IGNORE);
	if (done) {
		flt_free(sent_bytes);
		sent_bytes = NULL;
	}
	return done;
}

static bool post(size_t to, uint8_t *bytes, size_t n_bytes)
{
	enum { MOST = 1 << 30 }; /* a count is an int */
	pthread_mutex_lock(&mutex);
	bool is_free = n_bytes <= MOST && is_sent();
	if (is_free) {
		sent_bytes = bytes;
		MPI_Isend(bytes, (int)n_bytes, MPI_BYTE, (int)to, TAG_POST, MPI_COMM_WORLD, &sent);
	}
	pthread_mutex_unlock(&mutex);
	return is_free;
}

/* Called with the mutex locked. */
static enum flt_status receive(uint8_t **bytes, size_t *n_bytes, struct flt_error *err)
{
	int is_there, n;
	MPI_Status about;
	MPI_Iprobe(MPI_ANY_SOURCE, TAG_POST, MPI_COMM_WORLD, &is_there, &about);
	if (!is_there)
		return FLT_OK;
	MPI_Get_count(&about, MPI_BYTE, &n);
	*n_bytes = (size_t)n;
	*bytes = flt_alloc(*n_bytes + 1, 1, err);
	FLT_TRY_MEMORY(*bytes);
	MPI_Recv(*bytes, n, MPI_BYTE, about.MPI_SOURCE, TAG_POST, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	return FLT_OK;
}

static enum flt_status take_post(uint8_t **bytes, size_t *n_bytes, struct flt_error *err)
{
	*bytes = NULL;
	pthread_mutex_lock(&mutex);
	enum flt_status status = receive(bytes, n_bytes, err);
	pthread_mutex_unlock(&mutex);
	return status;
}

/* Finds the ranks of this machine, and those of them that may use the same processors. */
static void find_neighbours(struct flt_transport *transport)
{
	cpu_set_t own, other;
	int n;
	MPI_Comm node;
	CPU_ZERO(&own);
	sched_getaffinity(0, sizeof own, &own);
	MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
	MPI_Comm_size(node, &n);
	transport->n_beside = (size_t)n;
	transport->n_sharing = 0;
	for (int i = 0; i < n; i++) {
		other = own;
		MPI_Bcast(&other, sizeof other, MPI_BYTE, i, node);
		transport->n_sharing += CPU_EQUAL(&own, &other) != 0;
	}
	MPI_Comm_free(&node);
}

/* Called at the end, when memory is free again. */
static void drop_post(void *nothing)
{
	uint8_t *bytes;
	size_t n_bytes;
	struct flt_error ignored;
	(void)nothing;
	if (take_post(&bytes, &n_bytes, &ignored) == FLT_OK)
		flt_free(bytes);
}

/* What was posted has to go before MPI ends, and so somebody has to take it. */
static void close_all(void)
{
	MPI_Request all_here;
	wait_for(&sent, drop_post, NULL);
	flt_free(sent_bytes);
	sent_bytes = NULL;
	MPI_Ibarrier(MPI_COMM_WORLD, &all_here);
	wait_for(&all_here, drop_post, NULL);
	MPI_Finalize();
}

static struct flt_transport by_mpi = {.gather = gather,
                                      .broadcast = broadcast,
                                      .trade = trade,
                                      .post = post,
                                      .take_post = take_post,
                                      .close = close_all};

/* Started without a launcher, MPI is not asked at all. */
enum flt_status flt_transport_open(const struct flt_transport **transport, struct flt_error *err)
{
	struct flt_launched launched = flt_launched();
	int level, n, own;
	*transport = NULL;
	if (launched.n == 1)
		return FLT_OK;
	MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level);
	MPI_Comm_size(MPI_COMM_WORLD, &n);
	MPI_Comm_rank(MPI_COMM_WORLD, &own);
	by_mpi.n = (size_t)n;
	by_mpi.own = own_rank = (size_t)own;
	find_neighbours(&by_mpi);
	*transport = &by_mpi;
	if ((size_t)n == launched.n && level >= MPI_THREAD_SERIALIZED)
		return FLT_OK;
	if (launched.own > 0)
		return flt_launched_follow(err);
	if (level < MPI_THREAD_SERIALIZED)
		return flt_fail(err, FLT_ERR_USAGE,
		                "this MPI lets only one thread of a program call it; build fltrain "
		                "with OpenMPI 4.1 or MPICH 4.0");
	return flt_fail(
	        err, FLT_ERR_USAGE,
	        "was started as %zu processes by the mpirun of another MPI than it is built with, so that they do not "
	        "know of each other; use the mpirun beside the mpicc that built it",
	        launched.n);
}
