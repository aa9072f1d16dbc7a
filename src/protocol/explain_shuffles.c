#include "protocol/explain_shuffles.h"

#include "base/alloc.h"
#include "protocol/exchange.h"

/* ---- a run of scorings ---- */

/* Rows that are scored together: enough for many threads, few enough for memory. */
enum { ROWS_AT_ONCE = 1 << 17 };

struct run {
	const struct flt_explain_shuffles *shuffles;
	struct flt_exchange *exchanges; /* (n_sets) */
	struct flt_altered *sets;       /* (n_sets) */
	size_t n_sets;
	double *score; /* (n_sets, n) */
};

static size_t widest_unit(const struct flt_explain_units *units)
{
	size_t widest = 0;
	for (size_t u = 0; u < units->n; u++)
		widest = units->units[u].n_columns > widest ? units->units[u].n_columns : widest;
	return widest;
}

/* Room for n_sets sets in which up to n_units units are shuffled. */
static enum flt_status run_init(struct run *run, size_t n_sets, size_t n_units, struct flt_error *err)
{
	const struct flt_explain_rows *rows = run->shuffles->rows;
	size_t n_values = n_units * widest_unit(run->shuffles->units);
	run->score = flt_alloc(n_sets, rows->n * sizeof *run->score, err);
	run->exchanges = flt_alloc(n_sets, sizeof *run->exchanges, err);
	run->sets = flt_alloc(n_sets, sizeof *run->sets, err);
	FLT_TRY_MEMORY(run->score && run->exchanges && run->sets);
	for (; run->n_sets < n_sets; run->n_sets++) {
		struct flt_exchange *exchange = &run->exchanges[run->n_sets];
		enum flt_status status = flt_exchange_init(exchange, run->shuffles->detector, rows, n_values, err);
		run->sets[run->n_sets] = (struct flt_altered){.columns = exchange->columns,
		                                              .rows = flt_cell_columns_rows(rows->columns),
		                                              .n = rows->n,
		                                              .score = run->score + run->n_sets * rows->n};
		if (status != FLT_OK)
			flt_exchange_release(exchange);
		FLT_TRY(status);
	}
	return FLT_OK;
}

static void run_release(struct run *run)
{
	for (size_t s = 0; s < run->n_sets; s++)
		flt_exchange_release(&run->exchanges[s]);
	flt_free(run->exchanges);
	flt_free(run->sets);
	flt_free(run->score);
}

static void shuffle_unit(struct run *run, size_t set, size_t u, size_t repeat)
{
	const struct flt_explain_shuffles *shuffles = run->shuffles;
	const struct flt_explain_unit *unit = &shuffles->units->units[u];
	flt_exchange_shuffle(&run->exchanges[set], unit->columns, unit->n_columns,
	                     shuffles->partner + repeat * shuffles->rows->n);
}

static enum flt_status score_sets(struct run *run, size_t n_sets, struct flt_error *err)
{
	const struct flt_explain_shuffles *shuffles = run->shuffles;
	FLT_TRY(flt_detector_score_altered(shuffles->detector, run->sets, n_sets, shuffles->n_threads, err));
	if (shuffles->on_scored)
		shuffles->on_scored(shuffles->context, (double)n_sets);
	return FLT_OK;
}

/* ---- importance ---- */

/* What a unit's scores are turned into. */
struct shuffled_room {
	double *log_odds, *finite; /* (n_repeats, n) */
};

static enum flt_status judge_unit(const struct flt_explain_shuffles *shuffles, const struct shuffled_room *room,
                                  const double *score, struct flt_importance *importance, struct flt_error *err)
{
	const struct flt_explain_rows *rows = shuffles->rows;
	const struct flt_scored scored = flt_explain_rows_scored(rows);
	for (size_t p = 0; p < shuffles->n_repeats * rows->n; p++) {
		room->log_odds[p] = flt_detector_log_odds(shuffles->detector, score[p]);
		room->finite[p] = flt_explain_finite(shuffles->detector, score[p]);
	}
	const struct flt_shuffled shuffled = {
	        .pairs = {.rows = &scored, .n_repeats = shuffles->n_repeats, .partner = shuffles->partner},
	        .score = score,
	        .log_odds = room->log_odds,
	        .before = rows->finite,
	        .after = room->finite};
	return flt_importance_find(&shuffled, importance, err);
}

/* Units from `first` on, as many as have room. */
static enum flt_status judge_some(struct run *run, const struct shuffled_room *room, size_t first, size_t n,
                                  struct flt_importance *importance, struct flt_error *err)
{
	size_t n_repeats = run->shuffles->n_repeats;
	for (size_t s = 0; s < n * n_repeats; s++) {
		flt_exchange_undo(&run->exchanges[s]);
		shuffle_unit(run, s, first + s / n_repeats, s % n_repeats);
	}
	FLT_TRY(score_sets(run, n * n_repeats, err));
	for (size_t i = 0; i < n; i++)
		FLT_TRY(judge_unit(run->shuffles, room, run->score + i * n_repeats * run->shuffles->rows->n,
		                   &importance[first + i], err));
	return FLT_OK;
}

enum flt_status flt_explain_importance(const struct flt_explain_shuffles *shuffles, struct flt_importance *importance,
                                       struct flt_error *err)
{
	struct run run = {.shuffles = shuffles};
	struct shuffled_room room = {NULL, NULL};
	size_t n_repeats = shuffles->n_repeats, n_units = shuffles->units->n;
	size_t at_once = ROWS_AT_ONCE / (shuffles->rows->n * n_repeats + 1) + 1;
	at_once = at_once > n_units ? n_units : at_once;
	enum flt_status status;
	FLT_TRY_OUT(run_init(&run, at_once * n_repeats, 1, err));
	room.log_odds = flt_alloc(n_repeats, shuffles->rows->n * sizeof *room.log_odds, err);
	room.finite = flt_alloc(n_repeats, shuffles->rows->n * sizeof *room.finite, err);
	FLT_TRY_MEMORY_OUT(room.log_odds && room.finite);
	for (size_t first = 0; first < n_units; first += at_once) {
		size_t n = n_units - first < at_once ? n_units - first : at_once;
		FLT_TRY_OUT(judge_some(&run, &room, first, n, importance, err));
	}
out:
	flt_free(room.log_odds);
	flt_free(room.finite);
	run_release(&run);
	return status;
}

/* ---- interactions ---- */

/* Sets 0 to n - 1 are of single units, those behind them of pairs. */
static enum flt_status find_interaction(const struct run *run, size_t a, size_t b, size_t pair, double *square,
                                        struct flt_interval *figure, struct flt_error *err)
{
	const struct flt_explain_shuffles *shuffles = run->shuffles;
	const struct flt_explain_rows *rows = shuffles->rows;
	const struct flt_scored scored = flt_explain_rows_scored(rows);
	const struct flt_pairs pairs = {.rows = &scored, .n_repeats = 1, .partner = shuffles->partner};
	for (size_t i = 0; i < rows->n; i++) {
		double of_a = flt_explain_finite(shuffles->detector, run->sets[a].score[i]);
		double of_b = flt_explain_finite(shuffles->detector, run->sets[b].score[i]);
		double of_both = flt_explain_finite(shuffles->detector, run->sets[pair].score[i]);
		double mixed = rows->finite[i] - of_a - of_b + of_both;
		square[i] = mixed * mixed / 4;
	}
	return flt_pairs_root(&pairs, square, figure, err);
}

enum flt_status flt_explain_interactions(const struct flt_explain_shuffles *shuffles, const size_t *units, size_t n,
                                         struct flt_explained_interaction *found, struct flt_error *err)
{
	struct run run = {.shuffles = shuffles};
	size_t n_pairs = n * (n - 1) / 2, set = n;
	double *square = NULL;
	enum flt_status status;
	FLT_TRY_OUT(run_init(&run, n + n_pairs, 2, err));
	square = flt_alloc(shuffles->rows->n, sizeof *square, err);
	FLT_TRY_MEMORY_OUT(square);
	for (size_t a = 0; a < n; a++) {
		shuffle_unit(&run, a, units[a], 0);
		for (size_t b = 0; b < a; b++, set++) {
			shuffle_unit(&run, set, units[a], 0);
			shuffle_unit(&run, set, units[b], 0);
		}
	}
	FLT_TRY_OUT(score_sets(&run, n + n_pairs, err));
	set = n;
	for (size_t a = 0; a < n; a++)
		for (size_t b = 0; b < a; b++, set++, found++) {
			found->units[0] = units[b];
			found->units[1] = units[a];
			FLT_TRY_OUT(find_interaction(&run, a, b, set, square, &found->figure, err));
		}
out:
	flt_free(square);
	run_release(&run);
	return status;
}
