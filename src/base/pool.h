/*
 * The thread pool: runs numbered tasks on a fixed number of threads, the caller being one of them. Any thread may run
 * any task, so results must not depend on which thread runs a task.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

#include "base/error.h"

enum { FLT_MAX_THREADS = 256 }; /* of a pool */

struct flt_pool;

typedef void flt_task(void *context, size_t task, size_t worker); /* worker < n_threads, for scratch space */

/* n_threads 0: one per processor. FLT_ERR_MACHINE if a thread cannot be started. */
enum flt_status flt_pool_new(unsigned n_threads, struct flt_pool **pool, struct flt_error *err);
/* The same for work on about n_values values: the caller alone where starting threads would take longer. */
enum flt_status flt_pool_new_for(size_t n_values, unsigned n_threads, struct flt_pool **pool, struct flt_error *err);
void flt_pool_free(struct flt_pool *pool);
unsigned flt_pool_n_threads(const struct flt_pool *pool);
void flt_pool_run(struct flt_pool *pool, size_t n_tasks, flt_task *task, void *context); /* returns when all are done */

/* How many threads a pool has for n_threads: 0 means one per processor that this process may use. */
unsigned flt_pool_size(unsigned n_threads);

#endif
