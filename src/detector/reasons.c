/* The parts of a row's log-odds, from its cells. */
#include "fltrain/reasons.h"

#include <math.h>

#include "base/alloc.h"
#include "detector/explain.h"
#include "detector/ways.h"

struct flt_reasons {
	const struct flt_detector *detector;
	struct flt_ways ways;
	size_t *prep_column; /* (ways.n_columns) */
	const char **name;   /* (ways.n_columns) */
};

static enum flt_status list_columns(struct flt_reasons *reasons, struct flt_error *err)
{
	const struct flt_prep *prep = reasons->detector->prep;
	size_t n = flt_prep_n_columns(prep), n_columns = reasons->ways.n_columns;
	enum flt_status status = FLT_OK;
	size_t *number = flt_alloc(n, sizeof *number, err);
	FLT_TRY_MEMORY_OUT(number);
	reasons->prep_column = flt_alloc(n_columns, sizeof *reasons->prep_column, err);
	reasons->name = flt_alloc(n_columns, sizeof *reasons->name, err);
	FLT_TRY_MEMORY_OUT(reasons->prep_column && reasons->name);
	flt_detector_columns_of(reasons->detector, number);
	for (size_t c = n; c-- > 0;) {
		struct flt_prep_column column = flt_prep_column(prep, c);
		if (number[c] == SIZE_MAX)
			continue;
		reasons->prep_column[number[c]] = c;
		reasons->name[number[c]] = column.source ? column.source : column.name;
	}
out:
	flt_free(number);
	return status;
}

enum flt_status flt_reasons_new(const struct flt_detector *detector, struct flt_reasons **reasons,
                                struct flt_error *err)
{
	*reasons = NULL;
	if (detector->background.n == 0)
		return flt_fail(err, FLT_ERR_MODEL,
		                "the model keeps no background rows, which reasons are measured against; train again "
		                "with --background %d",
		                FLT_BACKGROUND_ROWS);
	struct flt_reasons *made = flt_alloc_zero(1, sizeof *made, err);
	FLT_TRY_MEMORY(made);
	made->detector = detector;
	enum flt_status status;
	FLT_TRY_OUT(flt_ways_init(&made->ways, detector, err));
	FLT_TRY_OUT(list_columns(made, err));
	*reasons = made;
	made = NULL;
out:
	flt_reasons_free(made);
	return status;
}

void flt_reasons_free(struct flt_reasons *reasons)
{
	if (!reasons)
		return;
	flt_ways_release(&reasons->ways);
	flt_free(reasons->prep_column);
	flt_free(reasons->name);
	flt_free(reasons);
}

size_t flt_reasons_n_background(const struct flt_reasons *reasons)
{
	return reasons->ways.n;
}

size_t flt_reasons_n_columns(const struct flt_reasons *reasons)
{
	return reasons->ways.n_columns;
}

const char *flt_reasons_column_name(const struct flt_reasons *reasons, size_t column)
{
	return reasons->name[column];
}

const size_t *flt_reasons_prep_columns(const struct flt_reasons *reasons)
{
	return reasons->prep_column;
}

/* ---- log-odds ---- */

/* Of log-odds before the empirical map. Those of an isotonic map can be infinite: they are bounded. */
static double mapped(const struct flt_detector *detector, double x)
{
	static const double least_probability = 1e-6;
	struct flt_map map = detector->map;
	map.gamma = map.log_weight_ratio = 0;
	double log_odds = flt_map_log_odds(&map, x);
	if (map.n_breakpoints == 0)
		return log_odds;
	double most = -flt_logit(least_probability);
	return fmin(fmax(log_odds - map.prior_shift, -most), most) + map.prior_shift;
}

static double before_map(const struct flt_detector *detector, double score)
{
	return flt_focal_log_odds(score, detector->map.gamma, detector->map.log_weight_ratio);
}

double flt_reasons_base(const struct flt_reasons *reasons)
{
	double sum = 0;
	for (size_t k = 0; k < reasons->ways.n; k++)
		sum += mapped(reasons->detector, reasons->ways.log_odds[k]);
	return sum / (double)reasons->ways.n;
}

/* ---- rows ---- */

/* One call's work. */
struct explaining {
	const struct flt_reasons *reasons;
	const struct flt_scorer *scorer;
	struct flt_cell_columns *columns;
	struct flt_ways_room room;
	double *start, base;    /* (n); their mean */
	double *log_odds, *end; /* (max_rows) */
	double *range;          /* (max_rows) */
};

static enum flt_status explaining_init(struct explaining *explaining, size_t n_rows, struct flt_error *err)
{
	const struct flt_ways *ways = &explaining->reasons->ways;
	FLT_TRY(flt_ways_room_init(&explaining->room, ways, n_rows, err));
	size_t max_rows = explaining->room.max_rows;
	FLT_TRY(flt_scorer_columns_new(explaining->scorer, max_rows, &explaining->columns, err));
	explaining->start = flt_alloc(ways->n, sizeof *explaining->start, err);
	explaining->log_odds = flt_alloc(max_rows, sizeof *explaining->log_odds, err);
	explaining->end = flt_alloc(max_rows, sizeof *explaining->end, err);
	explaining->range = flt_alloc(max_rows, sizeof *explaining->range, err);
	FLT_TRY_MEMORY(explaining->start && explaining->log_odds && explaining->end && explaining->range);
	for (size_t k = 0; k < ways->n; k++)
		explaining->start[k] = mapped(explaining->reasons->detector, ways->log_odds[k]);
	explaining->base = flt_reasons_base(explaining->reasons);
	return FLT_OK;
}

static void explaining_release(struct explaining *explaining)
{
	flt_free(explaining->range);
	flt_free(explaining->end);
	flt_free(explaining->log_odds);
	flt_free(explaining->start);
	flt_cell_columns_free(explaining->columns);
	flt_ways_room_release(&explaining->room);
}

static enum flt_status explain_tile(struct explaining *explaining, const char *const *cells, const double *score,
                                    size_t n, const struct flt_explained *to, struct flt_error *err)
{
	const struct flt_detector *detector = explaining->reasons->detector;
	const struct flt_ways *ways = &explaining->reasons->ways;
	const struct flt_map *map = &detector->map;
	const struct flt_ways_ends ends = {.start = explaining->start,
	                                   .log_odds = explaining->log_odds,
	                                   .end = explaining->end,
	                                   .slope = map->n_breakpoints ? (double)NAN : map->slope};
	FLT_TRY(flt_scorer_read(explaining->scorer, cells, n, explaining->columns, err));
	for (size_t i = 0; i < ways->slopes.n_preps; i++)
		FLT_TRY(flt_prep_apply_cells(ways->slopes.preps[i].prep, explaining->columns, explaining->room.x[i],
		                             err));
	for (size_t i = 0; i < n; i++) {
		explaining->log_odds[i] = before_map(detector, score[i]);
		explaining->end[i] = mapped(detector, explaining->log_odds[i]);
	}
	FLT_TRY(flt_ways_explain(ways, &explaining->room, &ends, n, to->part, explaining->range, err));
	for (size_t i = 0; i < n; i++) {
		double sum = explaining->base;
		for (size_t c = 0; c < ways->n_columns; c++)
			sum += to->part[i * ways->n_columns + c];
		if (to->left)
			to->left[i] = explaining->end[i] - sum;
		if (to->range)
			to->range[i] = explaining->range[i];
	}
	return FLT_OK;
}

enum flt_status flt_explain_scored(const struct flt_reasons *reasons, const struct flt_scorer *scorer,
                                   const char *const *cells, const double *score, size_t n_rows,
                                   const struct flt_explained *to, struct flt_error *err)
{
	struct explaining explaining = {.reasons = reasons, .scorer = scorer};
	enum flt_status status = FLT_OK;
	if (n_rows == 0)
		return FLT_OK;
	FLT_TRY_OUT(explaining_init(&explaining, n_rows, err));
	for (size_t first = 0, n; first < n_rows; first += n) {
		n = n_rows - first < explaining.room.max_rows ? n_rows - first : explaining.room.max_rows;
		const struct flt_explained part = {.part = to->part + first * reasons->ways.n_columns,
		                                   .left = to->left ? to->left + first : NULL,
		                                   .range = to->range ? to->range + first : NULL};
		FLT_TRY_OUT(explain_tile(&explaining, cells + first * flt_scorer_n_names(scorer), score + first, n,
		                         &part, err));
	}
out:
	explaining_release(&explaining);
	return status;
}

enum flt_status flt_reasons_explain(const struct flt_reasons *reasons, const struct flt_scorer *scorer,
                                    const char *const *cells, size_t n_rows, double *part, double *left, double *range,
                                    size_t *bad_row, struct flt_error *err)
{
	const struct flt_explained to = {.part = part, .left = left, .range = range};
	enum flt_status status = FLT_OK;
	double *score = flt_alloc(n_rows, sizeof *score, err);
	FLT_TRY_MEMORY(score);
	FLT_TRY_OUT(flt_scorer_score(scorer, cells, n_rows, score, bad_row, err));
	FLT_TRY_OUT(flt_explain_scored(reasons, scorer, cells, score, n_rows, &to, err));
out:
	flt_free(score);
	return status;
}
