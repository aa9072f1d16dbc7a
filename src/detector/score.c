/* Scores of the rows of a table, in tiles, so that memory does not grow with the table; a network's logit of a row does
 * not depend on the rows around it, so the size of a tile changes no bit. */
#include "detector/score.h"

#include "base/alloc.h"
#include "detector/tile.h"

/* 16 MB of features at most, unless a row is very wide. */
enum { TILE_ROWS = 8192, TILE_VALUES = 1 << 22 };

struct table_tile {
	const struct flt_table *table;
	const size_t *rows; /* (n_rows) */
	size_t n_rows;
	unsigned n_threads;
};

static enum flt_status prepare(void *context, const struct flt_prep *prep, float *x, struct flt_error *err)
{
	const struct table_tile *of = context;
	return flt_prep_apply(prep, of->table, of->rows, of->n_rows, of->n_threads, x, err);
}

/* What is done with one tile, whose rows are those from `first` on. */
typedef enum flt_status do_tile(void *context, struct flt_tile *tile, const struct flt_tile_rows *rows, size_t first,
                                struct flt_error *err);

static enum flt_status each_tile(const struct flt_detector *detector, const struct table_tile *all, do_tile *act,
                                 void *context, struct flt_error *err)
{
	enum flt_status status;
	size_t tile_rows = TILE_VALUES / (flt_tile_n_features(detector) + 1) + 1;
	tile_rows = tile_rows > TILE_ROWS ? TILE_ROWS : tile_rows;
	tile_rows = tile_rows > all->n_rows ? all->n_rows : tile_rows;
	struct flt_tile tile = {0};
	FLT_TRY_OUT(flt_tile_init(&tile, detector, tile_rows, all->n_threads, err));
	for (size_t first = 0; first < all->n_rows; first += tile_rows) {
		struct table_tile part = *all;
		part.rows += first;
		part.n_rows = all->n_rows - first < tile_rows ? all->n_rows - first : tile_rows;
		struct flt_tile_rows rows = {.prepare = prepare, .context = &part, .n = part.n_rows};
		FLT_TRY_OUT(act(context, &tile, &rows, first, err));
	}
out:
	flt_tile_release(&tile);
	return status;
}

/* ---- the mean of all members ---- */

struct scoring {
	const struct flt_detector *detector;
	const struct table_tile *all;
	double *score;
};

static enum flt_status score_tile(void *context, struct flt_tile *tile, const struct flt_tile_rows *rows, size_t first,
                                  struct flt_error *err)
{
	const struct scoring *scoring = context;
	const struct table_tile *all = scoring->all;
	size_t bad_row = SIZE_MAX;
	struct flt_error why;
	enum flt_status status = flt_tile_score(tile, scoring->detector, rows, scoring->score + first, &bad_row, &why);
	if (bad_row != SIZE_MAX)
		flt_fail(err, status, "%s: row %zu: %s", flt_table_path(all->table),
		         flt_table_row_number(all->table, all->rows[first + bad_row]), why.text);
	else if (status != FLT_OK)
		flt_fail(err, status, "%s", why.text);
	return status;
}

enum flt_status flt_detector_score(const struct flt_detector *detector, const struct flt_table *table,
                                   const size_t *rows, size_t n, unsigned n_threads, double *score,
                                   struct flt_error *err)
{
	const struct table_tile all = {table, rows, n, n_threads};
	struct scoring scoring = {detector, &all, score};
	return each_tile(detector, &all, score_tile, &scoring, err);
}

/* ---- each member ---- */

struct handing {
	const struct flt_detector *detector;
	flt_on_logits *on_logits;
	void *context;
	size_t first, n; /* of the tile */
};

static enum flt_status hand_logits(void *context, size_t member, const float *logit, struct flt_error *err)
{
	const struct handing *handing = context;
	(void)err;
	handing->on_logits(handing->context, member, handing->first, logit, handing->n);
	return FLT_OK;
}

static enum flt_status hand_tile(void *context, struct flt_tile *tile, const struct flt_tile_rows *rows, size_t first,
                                 struct flt_error *err)
{
	struct handing *handing = context;
	handing->first = first;
	handing->n = rows->n;
	return flt_tile_each(tile, handing->detector, rows, hand_logits, handing, err);
}

enum flt_status flt_detector_score_members(const struct flt_detector *detector, const struct flt_table *table,
                                           const size_t *rows, size_t n, unsigned n_threads, flt_on_logits *on_logits,
                                           void *context, struct flt_error *err)
{
	const struct table_tile all = {table, rows, n, n_threads};
	struct handing handing = {.detector = detector, .on_logits = on_logits, .context = context};
	return each_tile(detector, &all, hand_tile, &handing, err);
}
