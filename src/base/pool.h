/*
 * The thread pool: runs numbered tasks on a fixed number of threads, the caller being one of them. Which thread runs
 * which task is not defined: work must be cut so that results do not depend on it.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

#include "fltrain/error.h"

struct flt_pool;

typedef void flt_task(void *context, size_t task, size_t worker); /* worker < n_threads, for scratch space */

enum flt_status flt_pool_new(unsigned n_threads, struct flt_pool **pool,
                             struct flt_error *err); /* 0: one per processor */
void flt_pool_free(struct flt_pool *pool);
unsigned flt_pool_n_threads(const struct flt_pool *pool);
void flt_pool_run(struct flt_pool *pool, size_t n_tasks, flt_task *task, void *context); /* returns when all are done */

/* The number of threads meant by 0: the processors this process may use. */
unsigned flt_n_processors(void);

#endif
