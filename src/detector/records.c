/* Records of text through the preparation and the networks, in tiles that stay in the cache. */
#include <string.h>

#include "base/alloc.h"
#include "detector/model.h"

enum { TILE_ROWS = 512 };

struct flt_scorer {
	const struct flt_detector *detector;
	struct flt_cell_reader *reader;
	size_t n_names;
};

enum flt_status flt_scorer_new(const struct flt_detector *detector, const char *const *names, size_t n_names,
                               const struct flt_reading_options *reading, struct flt_scorer **scorer,
                               struct flt_error *err)
{
	static const struct flt_reading_options as_in_training;
	const struct flt_input *input = &detector->input;
	reading = reading ? reading : &as_in_training;
	struct flt_table_options how = {
	        .na = reading->na ? reading->na : input->na,
	        .numeric = reading->numeric ? reading->numeric : input->numeric,
	        .decimal = reading->decimal,
	};
	*scorer = flt_alloc_zero(1, sizeof **scorer, err);
	FLT_TRY_MEMORY(*scorer);
	**scorer = (struct flt_scorer){.detector = detector, .n_names = n_names};
	enum flt_status status = flt_cell_reader_new(detector->prep, &how, names, n_names, &(*scorer)->reader, err);
	if (status != FLT_OK) {
		flt_scorer_free(*scorer);
		*scorer = NULL;
	}
	return status;
}

void flt_scorer_free(struct flt_scorer *scorer)
{
	if (!scorer)
		return;
	flt_cell_reader_free(scorer->reader);
	flt_free(scorer);
}

bool flt_scorer_uses(const struct flt_scorer *scorer, size_t column)
{
	return flt_cell_reader_uses(scorer->reader, column);
}

bool flt_scorer_is_missing(const struct flt_scorer *scorer, const char *cell)
{
	return flt_cell_reader_is_missing(scorer->reader, cell);
}

/* Adds a tile's counts, whose rows count from its own first, to the whole. */
static void add_unlearnt(struct flt_unlearnt *all, const struct flt_unlearnt *tile, size_t n, size_t first)
{
	for (size_t i = 0; i < n; i++) {
		if (all[i].n == 0 && tile[i].n > 0)
			all[i].first_row = first + tile[i].first_row;
		all[i].n += tile[i].n;
	}
}

enum flt_status flt_scorer_score_counting(const struct flt_scorer *scorer, const char *const *cells, size_t n_rows,
                                          double *score, struct flt_unlearnt *unlearnt, size_t *bad_row,
                                          struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t tile = n_rows < TILE_ROWS ? n_rows : TILE_ROWS, n_names = scorer->n_names;
	size_t n_features = flt_prep_n_features(scorer->detector->prep), first = 0, row_in_tile = 0;
	struct flt_unlearnt *counts = flt_alloc(n_names, sizeof *counts, err);
	float *x = counts ? flt_alloc(tile, n_features * sizeof *x, err) : NULL; /* (tile, n_features) */
	FLT_TRY_MEMORY_OUT(x);
	for (; first < n_rows; first += tile) {
		size_t n = n_rows - first < tile ? n_rows - first : tile;
		memset(counts, 0, n_names * sizeof *counts);
		FLT_TRY_OUT(flt_cell_reader_apply(scorer->reader, cells + first * n_names, n, x, counts, &row_in_tile,
		                                  err));
		add_unlearnt(unlearnt, counts, n_names, first);
		FLT_TRY_OUT(flt_detector_score_prepared(scorer->detector, x, n, 1, score + first, &row_in_tile, err));
	}
out:
	if (status == FLT_ERR_DATA)
		*bad_row = first + row_in_tile;
	flt_free(counts);
	flt_free(x);
	return status;
}

enum flt_status flt_scorer_score(const struct flt_scorer *scorer, const char *const *cells, size_t n_rows,
                                 double *score, size_t *bad_row, struct flt_error *err)
{
	size_t ignored;
	struct flt_unlearnt *unlearnt = flt_alloc_zero(scorer->n_names, sizeof *unlearnt, err);
	FLT_TRY_MEMORY(unlearnt);
	enum flt_status status =
	        flt_scorer_score_counting(scorer, cells, n_rows, score, unlearnt, bad_row ? bad_row : &ignored, err);
	flt_free(unlearnt);
	return status;
}
