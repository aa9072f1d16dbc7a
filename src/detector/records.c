/* Records of text through the preparation and the networks, in tiles that stay in the cache. */
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "detector/gathered.h"
#include "detector/sketch.h"
#include "detector/tile.h"

enum { TILE_ROWS = 512 };

struct flt_scorer {
	const struct flt_detector *detector;
	struct flt_cell_reader *reader;
	size_t n_names;
	struct flt_weights *packed; /* of all members */
};

/* The markers of training and those that are given now, as one list. */
static enum flt_status join_markers(const char *trained, const char *given, struct flt_text_buffer *list,
                                    struct flt_error *err)
{
	trained = trained ? trained : "";
	given = given ? given : "";
	return flt_text_buffer_print(list, err, "%s%s%s", trained, *trained && *given ? "," : "", given);
}

enum flt_status flt_scorer_new(const struct flt_detector *detector, const char *const *names, size_t n_names,
                               const struct flt_reading_options *reading, struct flt_scorer **scorer,
                               struct flt_error *err)
{
	static const struct flt_reading_options as_in_training;
	const struct flt_input *input = &detector->input;
	reading = reading ? reading : &as_in_training;
	struct flt_text_buffer markers = {0};
	enum flt_status status;
	*scorer = flt_alloc_zero(1, sizeof **scorer, err);
	FLT_TRY_MEMORY_OUT(*scorer);
	**scorer = (struct flt_scorer){.detector = detector, .n_names = n_names};
	FLT_TRY_OUT(join_markers(input->na, reading->na, &markers, err));
	struct flt_table_options how = {
	        .na = markers.bytes,
	        .numeric = reading->numeric ? reading->numeric : input->numeric,
	        .decimal = reading->decimal,
	        .delimiter = reading->delimiter,
	};
	FLT_TRY_OUT(flt_cell_reader_new(detector->prep, &how, names, n_names, &(*scorer)->reader, err));
	FLT_TRY_OUT(flt_pack_members(detector, &(*scorer)->packed, err));
out:
	flt_text_buffer_release(&markers);
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
	flt_packed_members_free(scorer->packed, scorer->detector->n_members);
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

const struct flt_cell_reader *flt_scorer_reader(const struct flt_scorer *scorer)
{
	return scorer->reader;
}

size_t flt_scorer_place(const struct flt_scorer *scorer, size_t column)
{
	return flt_cell_reader_place(scorer->reader, column);
}

double flt_scorer_number(const struct flt_scorer *scorer, size_t column, const char *cell)
{
	return flt_cell_reader_number(scorer->reader, column, cell);
}

enum flt_status flt_scorer_columns_new(const struct flt_scorer *scorer, size_t max_rows,
                                       struct flt_cell_columns **columns, struct flt_error *err)
{
	return flt_cell_columns_new(scorer->reader, max_rows, columns, err);
}

enum flt_status flt_scorer_read(const struct flt_scorer *scorer, const char *const *cells, size_t n_rows,
                                struct flt_cell_columns *columns, struct flt_error *err)
{
	return flt_cell_reader_read(scorer->reader, cells, n_rows, columns, NULL, err);
}

size_t flt_scorer_n_names(const struct flt_scorer *scorer)
{
	return scorer->n_names;
}

/* ---- scoring ---- */

/* A tile of records, read into columns. */
struct record_tile {
	const struct flt_prep *hashed; /* the preparation whose rows have the hashes */
	struct flt_cell_columns *columns;
	size_t n;
	double *hash; /* (n), or NULL: none are wanted, or they are there already */
};

static enum flt_status prepare(void *context, const struct flt_prep *prep, float *x, struct flt_error *err)
{
	struct record_tile *records = context;
	FLT_TRY(flt_prep_apply_cells(prep, records->columns, x, err));
	if (prep != records->hashed || !records->hash)
		return FLT_OK;
	flt_row_hashes(x, records->n, flt_prep_n_features(prep), records->hash);
	records->hash = NULL;
	return FLT_OK;
}

/* Records that are scored: cells row by row, or gathered from columns. */
struct source {
	const struct flt_scorer *scorer;
	const char *const *cells; /* (n_rows, n_names) */
	struct flt_gathered *gather;
};

static enum flt_status score_tile(const struct flt_scorer *scorer, struct record_tile *records, struct flt_tile *tile,
                                  double *score, struct flt_error *err)
{
	const struct flt_detector *detector = scorer->detector;
	struct flt_tile_rows rows = {.prepare = prepare, .context = records, .n = records->n, .packed = scorer->packed};
	size_t ignored;
	FLT_TRY(flt_tile_score(tile, detector, &rows, score, &ignored, err));
	return records->hash ? prepare(records, detector->prep, tile->x, err) : FLT_OK; /* no member uses it */
}

static enum flt_status read_records(const struct source *source, size_t first, size_t n,
                                    struct flt_cell_columns *columns, struct flt_seen *seen, struct flt_error *err)
{
	const struct flt_scorer *scorer = source->scorer;
	if (source->gather)
		return flt_gathered_read(source->gather, scorer->reader, first, n, columns, err);
	return flt_cell_reader_read(scorer->reader, source->cells + first * scorer->n_names, n, columns, seen, err);
}

/* Rows [begin, begin + n_rows) of the source. On FLT_ERR_DATA some row is at fault, which need not be the first. */
static enum flt_status score_rows(const struct source *source, size_t begin, size_t n_rows, double *score,
                                  struct flt_seen *seen, double *hash, struct flt_error *err)
{
	enum flt_status status;
	const struct flt_scorer *scorer = source->scorer;
	const struct flt_detector *detector = scorer->detector;
	size_t tile_rows = n_rows < TILE_ROWS ? n_rows : TILE_ROWS;
	struct flt_tile tile = {0};
	struct record_tile records = {.hashed = detector->prep};
	FLT_TRY_OUT(flt_tile_init(&tile, detector, tile_rows, 1, err));
	FLT_TRY_OUT(flt_cell_columns_new(scorer->reader, tile_rows, &records.columns, err));
	for (size_t first = 0; first < n_rows; first += tile_rows) {
		records.n = n_rows - first < tile_rows ? n_rows - first : tile_rows;
		records.hash = hash ? hash + first : NULL;
		FLT_TRY_OUT(read_records(source, begin + first, records.n, records.columns, seen, err));
		FLT_TRY_OUT(score_tile(scorer, &records, &tile, score + first, err));
	}
out:
	flt_cell_columns_free(records.columns);
	flt_tile_release(&tile);
	return status;
}

/* Cells are read column by column, and members run one by one; but where several rows are at fault, the first is told,
 * however the file is cut into chunks. It is found by halves. */
static enum flt_status fail_first_row(const struct source *source, size_t n_rows, double *score, size_t *bad_row,
                                      struct flt_error *err)
{
	size_t first = 0, end = n_rows; /* it is in [first, end) */
	while (end - first > 1) {
		size_t middle = first + (end - first) / 2;
		enum flt_status status = score_rows(source, first, middle - first, score, NULL, NULL, err);
		if (status == FLT_ERR_DATA) {
			end = middle;
			continue;
		}
		FLT_TRY(status);
		first = middle;
	}
	*bad_row = first;
	return score_rows(source, first, 1, score, NULL, NULL, err);
}

enum flt_status flt_scorer_score_counting(const struct flt_scorer *scorer, const char *const *cells, size_t n_rows,
                                          double *score, struct flt_seen *seen, double *hash, size_t *bad_row,
                                          struct flt_error *err)
{
	const struct source source = {.scorer = scorer, .cells = cells};
	enum flt_status status = score_rows(&source, 0, n_rows, score, seen, hash, err);
	return status == FLT_ERR_DATA ? fail_first_row(&source, n_rows, score, bad_row, err) : status;
}

enum flt_status flt_scorer_score_columns(const struct flt_scorer *scorer, const struct flt_cells *columns,
                                         size_t n_rows, double *score, size_t *bad_row, struct flt_error *err)
{
	struct flt_gathered gathered = {0};
	const struct source source = {.scorer = scorer, .gather = &gathered};
	enum flt_status status;
	size_t ignored;
	FLT_TRY_OUT(flt_gathered_init(&gathered, scorer->reader, columns, scorer->n_names,
	                              n_rows < TILE_ROWS ? n_rows : TILE_ROWS, err));
	FLT_TRY_OUT(score_rows(&source, 0, n_rows, score, NULL, NULL, err));
out:
	if (status == FLT_ERR_DATA)
		status = fail_first_row(&source, n_rows, score, bad_row ? bad_row : &ignored, err);
	flt_gathered_release(&gathered);
	return status;
}

enum flt_status flt_scorer_score(const struct flt_scorer *scorer, const char *const *cells, size_t n_rows,
                                 double *score, size_t *bad_row, struct flt_error *err)
{
	size_t ignored;
	return flt_scorer_score_counting(scorer, cells, n_rows, score, NULL, NULL, bad_row ? bad_row : &ignored, err);
}
