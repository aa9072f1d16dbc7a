/*
 * Threads take tasks one by one, and a run ends when all its tasks are done: nobody waits for a thread that the machine
 * delayed. A waiting thread spins first, because the tasks of a training step follow each other within microseconds,
 * and then sleeps, because others may need the processor.
 *
 * `left` holds the run's number and what tasks are untaken in one word: a bit for each if they are few, else their
 * count. A thread takes a task by compare-and-exchange of the whole word, so a late thread cannot take from a run that
 * it has not seen. A run cannot end before its taken tasks are done, so task, context and n_tasks stay unchanged while
 * any thread uses them.
 *
 * Of few tasks, a thread takes those of its own share first: in run after run it then finds what it worked on in its
 * own cache.
 */
#include "base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/clock.h"

/* Waking a sleeping thread takes about as long as SPIN_SECONDS; reading the clock is dearer than looking at a word. */
#define SPIN_SECONDS 50e-6
enum { LOOKS_PER_CLOCK_READ = 32, CACHE_LINE = 64 };

/* Of the word `left`: the lower half with FEW set has a bit for each of up to MOST_FEW tasks. */
enum { MOST_FEW = 31 };
static const uint32_t few = UINT32_C(1) << MOST_FEW;

struct worker {
	struct flt_pool *pool;
	size_t number;
	pthread_t thread;
};

struct flt_pool {
	unsigned n_threads; /* with the caller */
	unsigned n_started;
	bool spins;             /* false where threads outnumber processors */
	struct worker *workers; /* (n_threads - 1) */

	/* Written before `left`, which publishes them. */
	flt_task *task;
	void *context;
	size_t n_tasks;

	/* Each on a line of its own: all threads write them. */
	_Alignas(CACHE_LINE) atomic_uint_least64_t left; /* run << 32 | tasks not yet taken */
	_Alignas(CACHE_LINE) atomic_size_t pending;      /* tasks not yet done */
	_Alignas(CACHE_LINE) atomic_uint sleepers;       /* workers asleep, waiting for a run */
	atomic_bool caller_sleeps;                       /* until the run is done */
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
	return n < FLT_MAX_THREADS ? n : FLT_MAX_THREADS;
}

/* Not 0 while tasks are untaken: their count, or the bits of few ones. */
static uint32_t untaken(uint64_t left)
{
	return (uint32_t)left & ~few;
}

static bool are_few(uint64_t left)
{
	return left & few;
}

/* The bit of the task that a worker takes: those behind it are the share of this worker and the later ones. */
static uint32_t choose(uint32_t bits, size_t worker, size_t n_threads)
{
	for (size_t skipped = worker * (size_t)__builtin_popcount(bits) / n_threads; skipped > 0; skipped--)
		bits &= bits - 1;
	return bits & -bits;
}

static void wake_caller(struct flt_pool *pool)
{
	if (!atomic_load(&pool->caller_sleeps))
		return;
	pthread_mutex_lock(&pool->mutex);
	pthread_cond_signal(&pool->done);
	pthread_mutex_unlock(&pool->mutex);
}

/* Takes and runs tasks of the current run until none is left; returns the last value of `left`. */
static uint64_t do_tasks(struct flt_pool *pool, size_t worker)
{
	uint64_t left = atomic_load(&pool->left);
	while (untaken(left)) {
		uint32_t bit = are_few(left) ? choose(untaken(left), worker, pool->n_threads) : 1;
		if (!atomic_compare_exchange_weak(&pool->left, &left, left - bit))
			continue;
		size_t task = are_few(left) ? (size_t)__builtin_ctz(bit) : pool->n_tasks - untaken(left);
		pool->task(pool->context, task, worker);
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

/* The caller waits for this. */
static bool is_done(struct flt_pool *pool)
{
	return atomic_load(&pool->pending) == 0;
}

/* Workers wait for this: `left` changes with each new run. */
static bool is_new(struct flt_pool *pool, uint64_t seen)
{
	return atomic_load(&pool->left) != seen || atomic_load(&pool->closing);
}

/* A wait that has not slept yet. */
struct spin {
	bool is_allowed;
	double end; /* when to give up and sleep, by the clock, once it was looked at */
	unsigned n_looks;
};

/* Pauses before the next look; false when it is time to sleep. */
static bool spin_on(struct spin *spin)
{
	pause_briefly();
	if (++spin->n_looks % LOOKS_PER_CLOCK_READ != 0)
		return true;
	double now = flt_clock_seconds();
	if (spin->n_looks == LOOKS_PER_CLOCK_READ)
		spin->end = now + SPIN_SECONDS;
	return spin->is_allowed && now < spin->end;
}

static void sleep_until_new(struct flt_pool *pool, uint64_t seen)
{
	pthread_mutex_lock(&pool->mutex);
	/* The caller publishes a run first and reads `sleepers` second; here it is the other way round. So either the
	 * caller sees this sleeper, or this thread sees the new run. */
	atomic_fetch_add(&pool->sleepers, 1);
	while (!is_new(pool, seen))
		pthread_cond_wait(&pool->wake, &pool->mutex);
	atomic_fetch_sub(&pool->sleepers, 1);
	pthread_mutex_unlock(&pool->mutex);
}

/* False when the pool closes. */
static bool wait_for_run(struct flt_pool *pool, uint64_t seen)
{
	struct spin spin = {.is_allowed = pool->spins};
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
	struct spin spin = {.is_allowed = pool->spins};
	while (!is_done(pool))
		if (!spin_on(&spin))
			sleep_until_done(pool);
}

void flt_pool_run(struct flt_pool *pool, size_t n_tasks, flt_task *task, void *context)
{
	assert(n_tasks < few);
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
	atomic_store(&pool->left, run << 32 | (n_tasks <= MOST_FEW ? few | ((UINT32_C(1) << n_tasks) - 1) : n_tasks));
	wake_workers(pool);
	do_tasks(pool, 0);
	wait_until_done(pool);
}

static enum flt_status start(struct worker *worker, struct flt_error *err)
{
	if (pthread_create(&worker->thread, NULL, work, worker) == 0)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_MACHINE, "the system refused to start thread %zu; try --threads %zu",
	                worker->number + 1, worker->number);
}

enum flt_status flt_pool_new(unsigned n_threads, struct flt_pool **made, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	*made = NULL;
	struct flt_pool *pool = flt_alloc_aligned(1, sizeof *pool, err);
	FLT_TRY_MEMORY(pool);
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_cond_init(&pool->wake, NULL);
	pthread_cond_init(&pool->done, NULL);
	pool->n_threads = flt_pool_size(n_threads);
	pool->spins = pool->n_threads <= n_processors();
	pool->workers = flt_alloc_zero(pool->n_threads, sizeof *pool->workers, err);
	FLT_TRY_MEMORY_OUT(pool->workers);
	for (; pool->n_started + 1 < pool->n_threads; pool->n_started++) {
		struct worker *worker = &pool->workers[pool->n_started];
		worker->pool = pool;
		worker->number = pool->n_started + 1;
		FLT_TRY_OUT(start(worker, err));
	}
	*made = pool;
out:
	if (status != FLT_OK)
		flt_pool_free(pool);
	return status;
}

enum flt_status flt_pool_new_for(size_t n_values, unsigned n_threads, struct flt_pool **made, struct flt_error *err)
{
	enum { VALUES_WORTH_THREADS = 1 << 16 };
	return flt_pool_new(n_values < VALUES_WORTH_THREADS ? 1 : n_threads, made, err);
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
