/*
 * How often promises hold in worlds whose truth is known. Each family is a C file (compare has its tables in one more):
 * it draws many test sets, counts how often each promise held in them, and prints rows of one table. To add a family,
 * write NAME.c with a function coverage_NAME and give it a row in main.c.
 *
 * Test set number i of a world is a stream of its own (coverage_stream), so results do not depend on threads.
 */
#ifndef COVERAGE_H
#define COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pool.h"
#include "base/random.h"
#include "eval/metrics.h"

struct coverage {
	size_t n; /* test sets in each cell */
	struct flt_pool *pool;
	uint64_t seed; /* of the world: each call of coverage_count moves on to the next */
};

/* Draws the test set of one number and sets held[p] for each of its promises. */
typedef void coverage_draw(const void *world, struct flt_random *random, bool *held);

enum { COVERAGE_MAX_PROMISES = 32 };

/* Draws coverage->n test sets of a world and counts into kept[p] how often promise p < n_promises held. */
void coverage_count(struct coverage *coverage, coverage_draw *draw, const void *world, size_t n_promises,
                    size_t kept[COVERAGE_MAX_PROMISES]);

/* A row of the table: counts of several cells that differ in one thing, which `world` names, share a row. */
void coverage_row(const struct coverage *coverage, const char *figure, const char *world, const char *promised,
                  const size_t *kept, size_t n_cells);

bool coverage_holds(const struct flt_interval *interval, double truth);

/* Memory that is there, and calls that succeed: or the program ends with a message. */
void *coverage_alloc(size_t n, size_t size);
void coverage_must(enum flt_status status, const struct flt_error *err);

void coverage_bag_rate(struct coverage *coverage);
void coverage_compare(struct coverage *coverage);
void coverage_effects(struct coverage *coverage);
void coverage_floors(struct coverage *coverage);
void coverage_importance(struct coverage *coverage);
void coverage_interactions(struct coverage *coverage);
void coverage_intervals(struct coverage *coverage);
void coverage_prior(struct coverage *coverage);
void coverage_strength(struct coverage *coverage);

#endif
