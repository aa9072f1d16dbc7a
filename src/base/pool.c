/*
 * Workers wait for a new run number, take task numbers from a shared counter and report when none is left. They spin
 * for a moment before they sleep, since runs of a training step follow each other within microseconds.
 */
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/alloc.h"

enum { SPINS = 4000, MAX_THREADS = 256 };

struct worker {
	struct flt_pool *pool;
	size_t number;
	pthread_t thread;
};

struct flt_pool {
	unsigned n_threads; /* with the caller */
	unsigned n_started;
	struct worker *workers; /* (n_threads - 1) */

	flt_task *task;
	void *context;
	size_t n_tasks;
	atomic_size_t next; /* the next task to take */
	atomic_uint busy;   /* workers that have not yet finished this run */
	atomic_ulong run;   /* grows by one with each run */
	atomic_bool closing;

	pthread_mutex_t mutex;
	pthread_cond_t wake, done;
};

unsigned flt_n_processors(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
	return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : (unsigned)n;
}

static void take_tasks(struct flt_pool *pool, size_t worker)
{
	size_t task;
	while ((task = atomic_fetch_add(&pool->next, 1)) < pool->n_tasks)
		pool->task(pool->context, task, worker);
}

static void pause_briefly(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

/* Waits until there is a run after `seen`; false when the pool closes. */
static bool wait_for_run(struct flt_pool *pool, unsigned long seen)
{
	for (int i = 0; i < SPINS; i++) {
		if (atomic_load(&pool->run) != seen)
			return !atomic_load(&pool->closing);
		pause_briefly();
	}
	pthread_mutex_lock(&pool->mutex);
	while (atomic_load(&pool->run) == seen)
		pthread_cond_wait(&pool->wake, &pool->mutex);
	pthread_mutex_unlock(&pool->mutex);
	return !atomic_load(&pool->closing);
}

static void *work(void *argument)
{
	struct worker *self = argument;
	struct flt_pool *pool = self->pool;
	for (unsigned long seen = 0; wait_for_run(pool, seen);) {
		seen++;
		take_tasks(pool, self->number);
		if (atomic_fetch_sub(&pool->busy, 1) == 1) {
			pthread_mutex_lock(&pool->mutex);
			pthread_cond_signal(&pool->done);
			pthread_mutex_unlock(&pool->mutex);
		}
	}
	return NULL;
}

static void announce_run(struct flt_pool *pool)
{
	pthread_mutex_lock(&pool->mutex);
	atomic_fetch_add(&pool->run, 1);
	pthread_cond_broadcast(&pool->wake);
	pthread_mutex_unlock(&pool->mutex);
}

static void wait_until_done(struct flt_pool *pool)
{
	for (int i = 0; i < SPINS; i++) {
		if (atomic_load(&pool->busy) == 0)
			return;
		pause_briefly();
	}
	pthread_mutex_lock(&pool->mutex);
	while (atomic_load(&pool->busy))
		pthread_cond_wait(&pool->done, &pool->mutex);
	pthread_mutex_unlock(&pool->mutex);
}

void flt_pool_run(struct flt_pool *pool, size_t n_tasks, flt_task *task, void *context)
{
	if (pool->n_started == 0 || n_tasks < 2) {
		for (size_t i = 0; i < n_tasks; i++)
			task(context, i, 0);
		return;
	}
	pool->task = task;
	pool->context = context;
	pool->n_tasks = n_tasks;
	atomic_store(&pool->next, 0);
	atomic_store(&pool->busy, pool->n_started);
	announce_run(pool);
	take_tasks(pool, 0);
	wait_until_done(pool);
}

enum flt_status flt_pool_new(unsigned n_threads, struct flt_pool **out, struct flt_error *err)
{
	*out = NULL;
	struct flt_pool *pool = flt_alloc_zero(1, sizeof *pool, err);
	if (!pool)
		return FLT_ERR_MACHINE;
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_cond_init(&pool->wake, NULL);
	pthread_cond_init(&pool->done, NULL);
	pool->n_threads = n_threads ? n_threads : flt_n_processors();
	if (pool->n_threads > MAX_THREADS)
		pool->n_threads = MAX_THREADS;
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

void flt_pool_free(struct flt_pool *pool)
{
	if (!pool)
		return;
	atomic_store(&pool->closing, true);
	announce_run(pool);
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
