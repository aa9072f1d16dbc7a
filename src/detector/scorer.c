/* Records of text through the recipe and the networks, in blocks that stay in the cache. */
#include <string.h>

#include "base/alloc.h"
#include "detector/detector.h"

enum { BLOCK_ROWS = 512 };

struct flt_scorer {
	const struct flt_detector *detector;
	struct flt_cell_reader *reader;
	size_t n_names;
};

enum flt_status flt_scorer_new(const struct flt_detector *detector, const char *const *names, size_t n_names,
                               const struct flt_table_options *options, struct flt_scorer **scorer,
                               struct flt_error *err)
{
	const struct flt_input *input = &detector->input;
	struct flt_table_options how = {.na = input->na, .numeric = input->numeric, .decimal = input->decimal};
	if (options && options->na)
		how.na = options->na;
	if (options && options->numeric)
		how.numeric = options->numeric;
	if (options && options->decimal)
		how.decimal = options->decimal;
	*scorer = flt_alloc_zero(1, sizeof **scorer, err);
	if (!*scorer)
		return FLT_ERR_MACHINE;
	(*scorer)->detector = detector;
	(*scorer)->n_names = n_names;
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

/* Adds a block's counts, whose rows count from its own first, to the whole. */
static void add_unlearnt(struct flt_unlearnt *all, const struct flt_unlearnt *block, size_t n, size_t first)
{
	for (size_t i = 0; i < n; i++) {
		if (all[i].n == 0 && block[i].n > 0)
			all[i].first_row = first + block[i].first_row;
		all[i].n += block[i].n;
	}
}

enum flt_status flt_scorer_score(const struct flt_scorer *scorer, const char *const *cells, size_t n_rows,
                                 double *score, struct flt_unlearnt *unlearnt, size_t *bad_row, struct flt_error *err)
{
	size_t block = n_rows < BLOCK_ROWS ? n_rows : BLOCK_ROWS, row_in_block = 0, n_names = scorer->n_names;
	size_t n_features = flt_prep_n_features(scorer->detector->prep);
	struct flt_unlearnt *counts = flt_alloc(n_names, sizeof *counts, err);
	float *x = counts ? flt_alloc(block, n_features * sizeof *x, err) : NULL; /* (block, n_features) */
	enum flt_status status = x ? FLT_OK : FLT_ERR_MACHINE;
	for (size_t first = 0; status == FLT_OK && first < n_rows; first += block) {
		size_t n = n_rows - first < block ? n_rows - first : block;
		memset(counts, 0, n_names * sizeof *counts);
		status = flt_cell_reader_apply(scorer->reader, cells + first * n_names, n, x, counts, &row_in_block,
		                               err);
		if (status == FLT_OK && unlearnt)
			add_unlearnt(unlearnt, counts, n_names, first);
		if (status == FLT_OK)
			status = flt_detector_score_prepared(scorer->detector, x, n, 1, score + first, &row_in_block,
			                                     err);
		if (status == FLT_ERR_DATA && bad_row)
			*bad_row = first + row_in_block;
	}
	flt_free(counts);
	flt_free(x);
	return status;
}
