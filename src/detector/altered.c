/* Sets of rows are cut into tiles of their own; each is a task for one thread, which has room for one tile. */
#include "detector/altered.h"

#include "base/alloc.h"
#include "base/pool.h"
#include "detector/tile.h"

enum { TILE_ROWS = 512 }; /* with their features and layers they stay in the cache */

static const char exchanged[] = "where rows get values of others, ";

struct part {
	const struct flt_altered *set;
	size_t first, n;
	enum flt_status status;
	struct flt_error err;
};

struct job {
	const struct flt_detector *detector;
	struct part *parts;     /* (n_parts) */
	struct flt_tile *tiles; /* one for each worker */
};

static enum flt_status prepare(void *context, const struct flt_prep *prep, float *x, struct flt_error *err)
{
	const struct part *part = context;
	return flt_prep_apply_columns(prep, part->set->columns, part->set->rows + part->first, part->n, 1, x, err);
}

static void score_part(void *context, size_t task, size_t worker)
{
	struct job *job = context;
	struct part *part = &job->parts[task];
	const struct flt_tile_rows rows = {.prepare = prepare, .context = part, .n = part->n};
	size_t bad_row;
	part->status = flt_tile_score(&job->tiles[worker], job->detector, &rows, part->set->score + part->first,
	                              &bad_row, &part->err);
}

static size_t n_parts_of(const struct flt_altered *set)
{
	return (set->n + TILE_ROWS - 1) / TILE_ROWS;
}

static void cut(const struct flt_altered *sets, size_t n_sets, struct part *parts)
{
	for (size_t s = 0; s < n_sets; s++)
		for (size_t first = 0; first < sets[s].n; first += TILE_ROWS, parts++) {
			size_t left = sets[s].n - first;
			parts->set = &sets[s];
			parts->first = first;
			parts->n = left < TILE_ROWS ? left : TILE_ROWS;
		}
}

enum flt_status flt_detector_score_altered(const struct flt_detector *detector, const struct flt_altered *sets,
                                           size_t n_sets, unsigned n_threads, struct flt_error *err)
{
	struct job job = {.detector = detector};
	struct flt_pool *pool = NULL;
	size_t n_parts = 0;
	enum flt_status status;
	for (size_t s = 0; s < n_sets; s++)
		n_parts += n_parts_of(&sets[s]);
	FLT_TRY_OUT(flt_pool_new(n_parts < 2 ? 1 : n_threads, &pool, err));
	job.parts = flt_alloc(n_parts, sizeof *job.parts, err);
	FLT_TRY_MEMORY_OUT(job.parts);
	cut(sets, n_sets, job.parts);
	job.tiles = flt_alloc_zero(flt_pool_n_threads(pool), sizeof *job.tiles, err);
	FLT_TRY_MEMORY_OUT(job.tiles);
	for (size_t i = 0; i < flt_pool_n_threads(pool); i++)
		FLT_TRY_OUT(flt_tile_init(&job.tiles[i], detector, TILE_ROWS, 1, err));
	flt_pool_run(pool, n_parts, score_part, &job);
	for (size_t i = 0; i < n_parts && status == FLT_OK; i++)
		if (job.parts[i].status != FLT_OK)
			status = flt_fail(err, job.parts[i].status, "%s%s",
			                  job.parts[i].status == FLT_ERR_DATA ? exchanged : "", job.parts[i].err.text);
out:
	for (size_t i = 0; job.tiles && i < flt_pool_n_threads(pool); i++)
		flt_tile_release(&job.tiles[i]);
	flt_free(job.tiles);
	flt_free(job.parts);
	flt_pool_free(pool);
	return status;
}
