/*
 * A run's tasks are taken one by one from a counter, and the run is over when all are done: a thread that comes late,
 * because the machine had other things to do, is not waited for. A waiting thread first spins, for the tasks of a
 * training step follow each other within microseconds, and then sleeps, for the processor may be another's.
 *
 * `left` holds the number of the run and the tasks that are not yet taken in one word. Taking one is a compare and
 * exchange of the whole word: a late thread cannot take from a run that it has not seen, and whoever took one keeps its
 * run from ending, so that task, context and n_tasks stay as they are while it works.
 */
#include "base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/alloc.h"

enum { SPIN_NANOSECONDS = 50000, LOOKS_A_CLOCK = 32, MAX_THREADS = 256, CACHE_LINE = 64 };

struct worker {
	struct flt_pool *pool;
	size_t number;
	pthread_t thread;
};

struct flt_pool {
	unsigned n_threads; /* with the caller */
	unsigned n_started;
	bool spins;             /* not where threads outnumber processors */
	struct worker *workers; /* (n_threads - 1) */

	/* Written before `left`, which publishes them. */
	flt_task *task;
	void *context;
	size_t n_tasks;

	/* Each on a line of its own: all threads write them. */
	_Alignas(CACHE_LINE) atomic_uint_least64_t left; /* run << 32 | tasks not yet taken */
	_Alignas(CACHE_LINE) atomic_size_t pending;      /* tasks not yet done */
	_Alignas(CACHE_LINE) atomic_uint sleepers;       /* workers that wait for a run asleep */
	atomic_bool caller_sleeps;                       /* until all is done */
	atomic_bool closing;

	pthread_mutex_t mutex;
	pthread_cond_t wake, done;
};

static unsigned n_processors(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
	return n < 1 ? 1 : (unsigned)n;
}

unsigned flt_pool_size(unsigned n_threads)
{
	unsigned n = n_threads ? n_threads : n_processors();
	return n < MAX_THREADS ? n : MAX_THREADS;
}

static size_t tasks_of(uint64_t left)
{
	return left & UINT32_MAX;
}

static void wake_caller(struct flt_pool *pool)
{
	if (!atomic_load(&pool->caller_sleeps))
		return;
	pthread_mutex_lock(&pool->mutex);
	pthread_cond_signal(&pool->done);
	pthread_mutex_unlock(&pool->mutex);
}

/* Takes and does tasks of the current run until none is left; returns the word it saw then. */
static uint64_t do_tasks(struct flt_pool *pool, size_t worker)
{
	uint64_t left = atomic_load(&pool->left);
	while (tasks_of(left)) {
		if (!atomic_compare_exchange_weak(&pool->left, &left, left - 1))
			continue;
		pool->task(pool->context, pool->n_tasks - tasks_of(left), worker);
		if (atomic_fetch_sub(&pool->pending, 1) == 1)
			wake_caller(pool);
		left = atomic_load(&pool->left);
	}
	return left;
}

static void pause_briefly(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

static int64_t nanoseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* What the caller waits for. */
static bool is_done(struct flt_pool *pool)
{
	return atomic_load(&pool->pending) == 0;
}

/* What a worker waits for: a word that is not the one it has seen. */
static bool is_new(struct flt_pool *pool, uint64_t seen)
{
	return atomic_load(&pool->left) != seen || atomic_load(&pool->closing);
}

/* How long a thread has looked in vain. */
struct spin {
	int64_t end; /* of the time for spinning */
	unsigned n_looks;
};

static struct spin spin_begin(const struct flt_pool *pool)
{
	return (struct spin){.end = nanoseconds() + (pool->spins ? SPIN_NANOSECONDS : 0)};
}

/* Pauses before the next look; false when it is time to sleep. */
static bool spin_on(struct spin *spin)
{
	pause_briefly();
	return ++spin->n_looks % LOOKS_A_CLOCK != 0 || nanoseconds() < spin->end;
}

static void sleep_until_new(struct flt_pool *pool, uint64_t seen)
{
	pthread_mutex_lock(&pool->mutex);
	/* Whoever publishes a run looks at `sleepers` afterwards: one of the two sees the other. */
	atomic_fetch_add(&pool->sleepers, 1);
	while (!is_new(pool, seen))
		pthread_cond_wait(&pool->wake, &pool->mutex);
	atomic_fetch_sub(&pool->sleepers, 1);
	pthread_mutex_unlock(&pool->mutex);
}

/* False when the pool closes. */
static bool wait_for_run(struct flt_pool *pool, uint64_t seen)
{
	struct spin spin = spin_begin(pool);
	while (!is_new(pool, seen))
		if (!spin_on(&spin))
			sleep_until_new(pool, seen);
	return !atomic_load(&pool->closing);
}

static void *work(void *argument)
{
	struct worker *self = argument;
	for (uint64_t seen = 0; wait_for_run(self->pool, seen);)
		seen = do_tasks(self->pool, self->number);
	return NULL;
}

static void wake_workers(struct flt_pool *pool)
{
	if (atomic_load(&pool->sleepers) == 0)
		return;
	pthread_mutex_lock(&pool->mutex);
	pthread_cond_broadcast(&pool->wake);
	pthread_mutex_unlock(&pool->mutex);
}

static void sleep_until_done(struct flt_pool *pool)
{
	pthread_mutex_lock(&pool->mutex);
	atomic_store(&pool->caller_sleeps, true);
	while (!is_done(pool))
		pthread_cond_wait(&pool->done, &pool->mutex);
	atomic_store(&pool->caller_sleeps, false);
	pthread_mutex_unlock(&pool->mutex);
}

static void wait_until_done(struct flt_pool *pool)
{
	struct spin spin = spin_begin(pool);
	while (!is_done(pool))
		if (!spin_on(&spin))
			sleep_until_done(pool);
}

void flt_pool_run(struct flt_pool *pool, size_t n_tasks, flt_task *task, void *context)
{
	assert(n_tasks <= UINT32_MAX);
	if (n_tasks < 2 || pool->n_started == 0) {
		for (size_t i = 0; i < n_tasks; i++)
			task(context, i, 0);
		return;
	}
	pool->task = task;
	pool->context = context;
	pool->n_tasks = n_tasks;
	atomic_store(&pool->pending, n_tasks);
	uint64_t run = (atomic_load(&pool->left) >> 32) + 1;
	atomic_store(&pool->left, run << 32 | n_tasks);
	wake_workers(pool);
	do_tasks(pool, 0);
	wait_until_done(pool);
}

enum flt_status flt_pool_new(unsigned n_threads, struct flt_pool **out, struct flt_error *err)
{
	*out = NULL;
	struct flt_pool *pool = flt_alloc_aligned(1, sizeof *pool, err);
	if (!pool)
		return FLT_ERR_MACHINE;
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_cond_init(&pool->wake, NULL);
	pthread_cond_init(&pool->done, NULL);
	pool->n_threads = flt_pool_size(n_threads);
	pool->spins = pool->n_threads <= n_processors();
	pool->workers = flt_alloc_zero(pool->n_threads, sizeof *pool->workers, err);
	if (!pool->workers)
		goto failed;
	for (; pool->n_started + 1 < pool->n_threads; pool->n_started++) {
		struct worker *worker = &pool->workers[pool->n_started];
		worker->pool = pool;
		worker->number = pool->n_started + 1;
		if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
			flt_fail(err, FLT_ERR_MACHINE, "the system refused to start thread %zu; try --threads %u",
			         worker->number + 1, pool->n_started + 1);
			goto failed;
		}
	}
	*out = pool;
	return FLT_OK;
failed:
	flt_pool_free(pool);
	return FLT_ERR_MACHINE;
}

enum flt_status flt_pool_new_for(size_t n_values, unsigned n_threads, struct flt_pool **out, struct flt_error *err)
{
	enum { VALUES_WORTH_THREADS = 1 << 16 };
	return flt_pool_new(n_values < VALUES_WORTH_THREADS ? 1 : n_threads, out, err);
}

void flt_pool_free(struct flt_pool *pool)
{
	if (!pool)
		return;
	atomic_store(&pool->closing, true);
	wake_workers(pool);
	for (unsigned i = 0; i < pool->n_started; i++)
		pthread_join(pool->workers[i].thread, NULL);
	pthread_mutex_destroy(&pool->mutex);
	pthread_cond_destroy(&pool->wake);
	pthread_cond_destroy(&pool->done);
	flt_free(pool->workers);
	flt_free(pool);
}

unsigned flt_pool_n_threads(const struct flt_pool *pool)
{
	return pool->n_threads;
}
