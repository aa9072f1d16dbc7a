/*
 * Whether fltrain's promises hold: see coverage.h.
 *
 * usage: coverage N SEED [FAMILY...]
 *
 * N test sets are drawn in each cell, others with another seed (1, 2, ...); families are all unless named.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"

static const struct {
	const char *name;
	void (*run)(struct coverage *coverage);
} families[] = {
        {"bag_rate", coverage_bag_rate},     {"compare", coverage_compare}, {"floors", coverage_floors},
        {"intervals", coverage_intervals},   {"prior", coverage_prior},     {"strength", coverage_strength},
        {"importance", coverage_importance}, {"effects", coverage_effects}, {"interactions", coverage_interactions},
};

enum { N_FAMILIES = sizeof families / sizeof *families };

void *coverage_alloc(size_t n, size_t size)
{
	void *memory = calloc(n ? n : 1, size);
	if (!memory) {
		fputs("coverage: out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return memory;
}

void coverage_must(enum flt_status status, const struct flt_error *err)
{
	if (status == FLT_OK)
		return;
	fprintf(stderr, "coverage: %s\n", err->text);
	exit(EXIT_FAILURE);
}

bool coverage_holds(const struct flt_interval *interval, double truth)
{
	return interval->lo <= truth && truth <= interval->hi;
}

struct counting {
	coverage_draw *draw;
	const void *world;
	uint64_t seed;
	size_t n_promises;
	size_t *kept; /* (n_workers, COVERAGE_MAX_PROMISES) */
};

static void count_one(void *context, size_t task, size_t worker)
{
	const struct counting *counting = context;
	bool held[COVERAGE_MAX_PROMISES] = {false};
	struct flt_random random;
	flt_random_init(&random, counting->seed, "coverage", task);
	counting->draw(counting->world, &random, held);
	for (size_t p = 0; p < counting->n_promises; p++)
		counting->kept[worker * COVERAGE_MAX_PROMISES + p] += held[p];
}

void coverage_count(struct coverage *coverage, coverage_draw *draw, const void *world, size_t n_promises,
                    size_t kept[COVERAGE_MAX_PROMISES])
{
	size_t n_workers = flt_pool_n_threads(coverage->pool);
	struct counting counting = {.draw = draw, .world = world, .seed = coverage->seed++, .n_promises = n_promises};
	counting.kept = coverage_alloc(n_workers * COVERAGE_MAX_PROMISES, sizeof *counting.kept);
	flt_pool_run(coverage->pool, coverage->n, count_one, &counting);
	memset(kept, 0, n_promises * sizeof *kept);
	for (size_t w = 0; w < n_workers; w++)
		for (size_t p = 0; p < n_promises; p++)
			kept[p] += counting.kept[w * COVERAGE_MAX_PROMISES + p];
	free(counting.kept);
}

void coverage_row(const struct coverage *coverage, const char *figure, const char *world, const char *promised,
                  const size_t *kept, size_t n_cells)
{
	double n = (double)coverage->n, error = 0;
	printf("| %s | %s | %s | ", figure, world, promised);
	for (size_t i = 0; i < n_cells; i++) {
		double share = (double)kept[i] / n;
		printf("%s%.1f", i ? ", " : "", 100 * share);
		error = fmax(error, 100 * sqrt(share * (1 - share) / n));
	}
	printf(" | %.1f |\n", error);
	fflush(stdout);
}

static bool is_wanted(const char *name, char **names, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return n == 0;
}

int main(int argc, char **argv)
{
	struct flt_error err;
	struct coverage coverage = {.n = argc > 2 ? (size_t)atol(argv[1]) : 0};
	if (coverage.n == 0) {
		fputs("usage: coverage N SEED [FAMILY...]\n", stderr);
		return EXIT_FAILURE;
	}
	coverage_must(flt_pool_new(0, &coverage.pool, &err), &err);
	printf("| figure | world | promised, %% | kept in %zu test sets, %% | +- |\n|---|---|---|---|---|\n",
	       coverage.n);
	for (size_t f = 0; f < N_FAMILIES; f++) {
		coverage.seed = 1000 * (f + 1) + 1000000 * (strtoull(argv[2], NULL, 10) - 1);
		if (is_wanted(families[f].name, argv + 3, argc - 3))
			families[f].run(&coverage);
	}
	flt_pool_free(coverage.pool);
	return EXIT_SUCCESS;
}
