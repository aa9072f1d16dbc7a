#include "prep/scout_rows.h"

#include "base/alloc.h"
#include "base/random.h"

/* How many of n[label] rows to keep. */
static void share_out(const size_t n[2], size_t n_kept[2])
{
	int rare = n[1] > n[0] ? 0 : 1;
	bool fit = n[0] + n[1] <= FLT_SCOUT_MOST_ROWS;
	n_kept[rare] = fit || n[rare] <= FLT_SCOUT_MOST_ROWS / 2 ? n[rare] : FLT_SCOUT_MOST_ROWS / 2;
	n_kept[!rare] = fit ? n[!rare] : FLT_SCOUT_MOST_ROWS - n_kept[rare];
}

/* Keeps n_kept[label] of n[label] rows, each with the same chance, in their order (Fan, Muller and Rezucha 1962). */
static void draw_rows(const struct flt_table *table, const size_t *rows, size_t n_rows, const size_t n[2],
                      const size_t n_kept[2], uint64_t seed, struct flt_scout_rows *sample)
{
	const uint8_t *label = flt_table_labels(table);
	const double *weight = flt_table_weights(table);
	size_t left[2] = {n[0], n[1]}, wanted[2] = {n_kept[0], n_kept[1]};
	struct flt_random random;
	flt_random_init(&random, seed, "scout sample", 0);
	for (size_t i = 0; i < n_rows; i++) {
		int of = label[rows[i]];
		bool is_kept = wanted[of] == left[of] || flt_random_below(&random, left[of]) < wanted[of];
		left[of]--;
		if (!is_kept)
			continue;
		wanted[of]--;
		sample->rows[sample->n_rows] = rows[i];
		sample->label[sample->n_rows] = label[rows[i]];
		sample->weight[sample->n_rows++] = (weight ? weight[rows[i]] : 1) * (double)n[of] / (double)n_kept[of];
	}
}

enum flt_status flt_scout_rows_init(struct flt_scout_rows *sample, const struct flt_table *table, const size_t *rows,
                                    size_t n_rows, uint64_t seed, struct flt_error *err)
{
	const uint8_t *label = flt_table_labels(table);
	size_t n[2] = {0}, n_kept[2];
	*sample = (struct flt_scout_rows){0};
	for (size_t i = 0; i < n_rows; i++)
		n[label[rows[i]]]++;
	share_out(n, n_kept);
	sample->rows = flt_alloc(n_kept[0] + n_kept[1], sizeof *sample->rows, err);
	FLT_TRY_MEMORY(sample->rows);
	sample->label = flt_alloc(n_kept[0] + n_kept[1], sizeof *sample->label, err);
	FLT_TRY_MEMORY(sample->label);
	sample->weight = flt_alloc(n_kept[0] + n_kept[1], sizeof *sample->weight, err);
	FLT_TRY_MEMORY(sample->weight);
	draw_rows(table, rows, n_rows, n, n_kept, seed, sample);
	return FLT_OK;
}

void flt_scout_rows_release(struct flt_scout_rows *sample)
{
	flt_free(sample->rows);
	flt_free(sample->label);
	flt_free(sample->weight);
	*sample = (struct flt_scout_rows){0};
}
