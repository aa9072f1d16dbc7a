#include "detector/background.h"

#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "prep/refit_size.h"
#include "prep/typed_rows.h"

/* Systematic sampling of rows in random order (Madow 1949): of equal weights it takes each row at most once. */
static void draw(const struct flt_table *table, size_t *rows, size_t n, uint64_t seed, size_t *drawn, size_t n_drawn)
{
	struct flt_random random;
	const double *weight = flt_table_weights(table);
	double sum = 0, passed = 0;
	flt_random_init(&random, seed, "background", 0);
	flt_random_shuffle(&random, rows, n);
	for (size_t i = 0; i < n; i++)
		sum += weight ? weight[rows[i]] : 1;
	double step = sum / (double)n_drawn, start = step * flt_random_uniform(&random);
	for (size_t i = 0, at = 0; i < n_drawn; i++) {
		double place = start + step * (double)i;
		for (; at + 1 < n && passed + (weight ? weight[rows[at]] : 1) <= place; at++)
			passed += weight ? weight[rows[at]] : 1;
		drawn[i] = rows[at];
	}
}

static enum flt_status keep(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows, size_t n,
                            struct flt_background *background, struct flt_error *err)
{
	background->n_values = flt_prep_n_read(prep);
	background->values = flt_alloc(n, background->n_values * sizeof *background->values, err);
	FLT_TRY_MEMORY(background->values);
	FLT_TRY(flt_typed_rows_take(prep, table, rows, n, background->values, err));
	background->n = n;
	return FLT_OK;
}

enum flt_status flt_background_draw(const struct flt_prep *prep, const struct flt_table *table, const size_t *rows,
                                    size_t n, size_t n_wanted, uint64_t seed, struct flt_background *background,
                                    struct flt_error *err)
{
	enum flt_status status;
	size_t n_drawn = n_wanted < n ? n_wanted : n, *shuffled = NULL, *drawn = NULL;
	flt_background_release(background);
	if (n_drawn == 0)
		return FLT_OK;
	shuffled = flt_alloc(n, sizeof *shuffled, err);
	FLT_TRY_MEMORY_OUT(shuffled);
	drawn = flt_alloc(n_drawn, sizeof *drawn, err);
	FLT_TRY_MEMORY_OUT(drawn);
	memcpy(shuffled, rows, n * sizeof *rows);
	draw(table, shuffled, n, seed, drawn, n_drawn);
	FLT_TRY_OUT(keep(prep, table, drawn, n_drawn, background, err));
out:
	flt_free(shuffled);
	flt_free(drawn);
	if (status != FLT_OK)
		flt_background_release(background);
	return status;
}

void flt_background_release(struct flt_background *background)
{
	flt_free(background->values);
	*background = (struct flt_background){0};
}
