/* Scores of the rows of a table, in tiles, so that memory does not grow with the table; a network's logit of a row does
 * not depend on the rows around it, so the size of a tile changes no bit. */
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

static enum flt_status score_tile(const struct flt_detector *detector, struct table_tile *of, struct flt_tile *tile,
                                  double *score, struct flt_error *err)
{
	size_t bad_row = SIZE_MAX;
	struct flt_error why;
	enum flt_status status =
	        flt_tile_score(tile, detector, prepare, of, of->n_rows, of->n_threads, score, &bad_row, &why);
	if (bad_row != SIZE_MAX)
		flt_fail(err, status, "%s: row %zu: %s", flt_table_path(of->table),
		         flt_table_row_number(of->table, of->rows[bad_row]), why.text);
	else if (status != FLT_OK)
		flt_fail(err, status, "%s", why.text);
	return status;
}

enum flt_status flt_detector_score(const struct flt_detector *detector, const struct flt_table *table,
                                   const size_t *rows, size_t n, unsigned n_threads, double *score,
                                   struct flt_error *err)
{
	enum flt_status status;
	size_t tile_rows = TILE_VALUES / (flt_tile_n_features(detector) + 1) + 1;
	tile_rows = tile_rows > TILE_ROWS ? TILE_ROWS : tile_rows;
	tile_rows = tile_rows > n ? n : tile_rows;
	struct flt_tile tile = {0};
	FLT_TRY_OUT(flt_tile_init(&tile, detector, tile_rows, err));
	for (size_t start = 0; start < n; start += tile_rows) {
		size_t n_tile = n - start < tile_rows ? n - start : tile_rows;
		struct table_tile of = {table, rows + start, n_tile, n_threads};
		FLT_TRY_OUT(score_tile(detector, &of, &tile, score + start, err));
	}
out:
	flt_tile_release(&tile);
	return status;
}
