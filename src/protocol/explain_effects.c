#include "protocol/explain_effects.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "protocol/exchange.h"

enum { MOST_VALUES = 24, ROWS_OF_BIN = 20, LEAST_ROWS = 5, MOST_POINTS = 26 };

/* An effect that is being found, in rounds: in each, a row takes part in one step at most, and is scored twice. */
struct effecting {
	const struct flt_detector *detector;
	const struct flt_explain_rows *rows;
	const struct flt_column *own; /* the column as it is */
	size_t column;
	unsigned n_threads;

	struct flt_effect_point points[MOST_POINTS];
	size_t before[MOST_POINTS], n_points;

	struct flt_effect_place *place; /* (n) */
	double *probability;            /* (n) */
	struct flt_exchange from, to;   /* the column before and after the step of the round */
	size_t *step;                   /* (n) the point that a row's step leads to; 0: it has none */
	size_t *chosen;                 /* (n) rows with a step */
	double *score[2];               /* (n) of these, before and after */
	struct flt_effect_step *steps;  /* (2 n) of all rounds */
	size_t n_steps;
};

static enum flt_status effecting_init(struct effecting *effecting, struct flt_error *err)
{
	size_t n = effecting->rows->n;
	effecting->place = flt_alloc(n, sizeof *effecting->place, err);
	effecting->probability = flt_alloc(n, sizeof *effecting->probability, err);
	effecting->step = flt_alloc(n, sizeof *effecting->step, err);
	effecting->chosen = flt_alloc(n, sizeof *effecting->chosen, err);
	effecting->score[0] = flt_alloc(n, sizeof *effecting->score[0], err);
	effecting->score[1] = flt_alloc(n, sizeof *effecting->score[1], err);
	effecting->steps = flt_alloc(n, 2 * sizeof *effecting->steps, err);
	FLT_TRY_MEMORY(effecting->place && effecting->probability && effecting->step && effecting->chosen &&
	               effecting->score[0] && effecting->score[1] && effecting->steps);
	for (size_t i = 0; i < n; i++) {
		effecting->place[i] = (struct flt_effect_place){SIZE_MAX, 0};
		effecting->probability[i] = flt_sigmoid(effecting->rows->log_odds[i]);
	}
	FLT_TRY(flt_exchange_init(&effecting->from, effecting->detector, effecting->rows, 1, err));
	return flt_exchange_init(&effecting->to, effecting->detector, effecting->rows, 1, err);
}

static void effecting_release(struct effecting *effecting)
{
	flt_exchange_release(&effecting->from);
	flt_exchange_release(&effecting->to);
	flt_free(effecting->place);
	flt_free(effecting->probability);
	flt_free(effecting->step);
	flt_free(effecting->chosen);
	flt_free(effecting->score[0]);
	flt_free(effecting->score[1]);
	flt_free(effecting->steps);
}

/* Scores the rows with a step before and after it. */
static enum flt_status score_round(struct effecting *effecting, struct flt_error *err)
{
	size_t n = 0;
	for (size_t i = 0; i < effecting->rows->n; i++)
		if (effecting->step[i] > 0)
			effecting->chosen[n++] = i;
	const struct flt_altered sets[2] = {{effecting->from.columns, effecting->chosen, n, effecting->score[0]},
	                                    {effecting->to.columns, effecting->chosen, n, effecting->score[1]}};
	FLT_TRY(flt_detector_score_altered(effecting->detector, sets, 2, effecting->n_threads, err));
	for (size_t i = 0; i < n; i++) {
		double before = flt_detector_probability(effecting->detector, effecting->score[0][i]);
		double after = flt_detector_probability(effecting->detector, effecting->score[1][i]);
		effecting->steps[effecting->n_steps++] = (struct flt_effect_step){
		        effecting->chosen[i], effecting->step[effecting->chosen[i]], after - before};
	}
	flt_exchange_undo(&effecting->from);
	flt_exchange_undo(&effecting->to);
	return FLT_OK;
}

/* ---- points ---- */

struct valued {
	double value, weight;
};

static int by_value(const void *a, const void *b)
{
	double x = ((const struct valued *)a)->value, y = ((const struct valued *)b)->value;
	return (x > y) - (x < y);
}

/* Sorts the present values, and joins equal ones: *n_distinct of them, with the number of rows in count. */
static size_t sort_values(const struct effecting *effecting, struct valued *sorted, size_t *count, size_t *n_distinct)
{
	size_t n = 0;
	for (size_t i = 0; i < effecting->rows->n; i++)
		if (!isnan(flt_number_at(&effecting->own->numbers, i)))
			sorted[n++] =
			        (struct valued){flt_number_at(&effecting->own->numbers, i), effecting->rows->weight[i]};
	qsort(sorted, n, sizeof *sorted, by_value);
	*n_distinct = 0;
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && sorted[i].value == sorted[*n_distinct - 1].value) {
			sorted[*n_distinct - 1].weight += sorted[i].weight;
			count[*n_distinct - 1]++;
			continue;
		}
		sorted[*n_distinct] = sorted[i];
		count[(*n_distinct)++] = 1;
	}
	return n;
}

static void add_point(struct effecting *effecting, double at)
{
	if (effecting->n_points > 0 && effecting->points[effecting->n_points - 1].at == at)
		return;
	effecting->before[effecting->n_points] = effecting->n_points > 0 ? effecting->n_points - 1 : 0;
	effecting->points[effecting->n_points++] = (struct flt_effect_point){.at = at};
}

/* Closer at the ends, where rare rows are, and where the values of a bin lie far apart. */
static const double ends[] = {0.002, 0.005, 0.01, 0.03, 0.06, 0.1,  0.15, 0.2,  0.3,   0.4,  0.5,
                              0.6,   0.7,   0.8,  0.85, 0.9,  0.94, 0.97, 0.99, 0.995, 0.998};
enum { N_ENDS = sizeof ends / sizeof *ends };
static_assert(N_ENDS + 3 <= MOST_POINTS, "there is room for the lowest and the highest value, and for the missing");

/* Few distinct values are points, those of rows enough; else quantiles are, each once, if there are rows enough between
 * them. */
static void choose_ends(struct effecting *effecting, const struct valued *values, const size_t *count,
                        size_t n_distinct)
{
	double all = 0, below = 0;
	size_t next = 0, n_since = 0;
	for (size_t i = 0; i < n_distinct; i++)
		all += values[i].weight;
	add_point(effecting, values[0].value);
	for (size_t i = 0; i < n_distinct; i++) {
		below += values[i].weight;
		n_since += count[i];
		bool is_end = n_distinct <= MOST_VALUES
		                      ? count[i] >= LEAST_ROWS
		                      : next < N_ENDS && below >= ends[next] * all && n_since >= ROWS_OF_BIN;
		if (i + 1 < n_distinct && !is_end)
			continue;
		if (n_distinct > MOST_VALUES && n_since < LEAST_ROWS && effecting->n_points > 1)
			effecting->n_points--; /* the last bin takes in the few rows that are left */
		add_point(effecting, values[i].value);
		n_since = 0;
		while (next < N_ENDS && ends[next] * all <= below)
			next++;
	}
}

/* The bin that ends at the lowest point from which on no end lies below the value; the lowest value lies in the first.
 */
static size_t bin_of(const struct effecting *effecting, double value)
{
	size_t bin = 1;
	while (bin + 1 < effecting->n_points && value > effecting->points[bin].at)
		bin++;
	return bin;
}

/* How far a value lies from the lower end of its bin to the upper. */
static double place_in_bin(const struct effecting *effecting, double value, size_t bin)
{
	double low = effecting->points[bin - 1].at, high = effecting->points[bin].at;
	return high > low ? fmin(fmax((value / 2 - low / 2) / (high / 2 - low / 2), 0), 1)
	                  : 0; /* halves do not overflow */
}

/* Each row with a number moves from one end of its bin to the other. Its weight lies at both, so that the curve, linear
 * between points, has the right mean. */
static enum flt_status move_numbers(struct effecting *effecting, struct flt_error *err)
{
	const struct flt_explain_rows *rows = effecting->rows;
	double *from = flt_exchange_numbers(&effecting->from, effecting->column);
	double *to = flt_exchange_numbers(&effecting->to, effecting->column);
	for (size_t i = 0; i < rows->n; i++) {
		double value = flt_number_at(&effecting->own->numbers, i);
		effecting->step[i] = 0;
		if (isnan(value))
			continue;
		size_t bin = effecting->n_points > 1 ? bin_of(effecting, value) : 0;
		effecting->points[value <= effecting->points[0].at ? 0 : bin].n_rows++;
		effecting->place[i] = (struct flt_effect_place){bin, bin > 0 ? place_in_bin(effecting, value, bin) : 1};
		effecting->step[i] = bin;
		from[i] = effecting->points[bin > 0 ? bin - 1 : 0].at;
		to[i] = effecting->points[bin].at;
	}
	return score_round(effecting, err);
}

static size_t middle_point(const struct effecting *effecting, size_t n_points)
{
	double all = 0, below = 0, mass[MOST_POINTS] = {0};
	size_t middle = 0;
	for (size_t i = 0; i < effecting->rows->n; i++) {
		const struct flt_effect_place *place = &effecting->place[i];
		if (place->point == SIZE_MAX)
			continue;
		mass[place->point] += effecting->rows->weight[i] * place->share;
		mass[effecting->before[place->point]] += effecting->rows->weight[i] * (1 - place->share);
	}
	for (size_t p = 0; p < n_points; p++)
		all += mass[p];
	while (middle + 1 < n_points && (below += mass[middle]) < all / 2)
		middle++;
	return middle;
}

/* Rows without a number get the one in the middle, and rows around it lose theirs. */
static enum flt_status move_missing(struct effecting *effecting, struct flt_error *err)
{
	const struct flt_explain_rows *rows = effecting->rows;
	size_t middle = middle_point(effecting, effecting->n_points), missing = effecting->n_points++;
	double *from = flt_exchange_numbers(&effecting->from, effecting->column);
	double *to = flt_exchange_numbers(&effecting->to, effecting->column);
	effecting->before[missing] = middle;
	effecting->points[missing] = (struct flt_effect_point){.at = (double)NAN, .is_missing = true};
	for (size_t i = 0; i < rows->n; i++) {
		double value = flt_number_at(&effecting->own->numbers, i);
		bool is_near = middle > 0 ? effecting->step[i] == middle : value <= effecting->points[0].at;
		effecting->step[i] = isnan(value) || is_near ? missing : 0;
		from[i] = effecting->points[middle].at;
		to[i] = (double)NAN;
		if (!isnan(value))
			continue;
		effecting->points[missing].n_rows++;
		effecting->place[i] = (struct flt_effect_place){missing, 1};
	}
	return score_round(effecting, err);
}

static enum flt_status find_ends(struct effecting *effecting, size_t *n_present, struct flt_error *err)
{
	size_t n_distinct;
	struct valued *sorted = flt_alloc(effecting->rows->n, sizeof *sorted, err);
	FLT_TRY_MEMORY(sorted);
	enum flt_status status = FLT_OK;
	size_t *count = flt_alloc(effecting->rows->n, sizeof *count, err);
	FLT_TRY_MEMORY_OUT(count);
	*n_present = sort_values(effecting, sorted, count, &n_distinct);
	if (n_distinct > 0)
		choose_ends(effecting, sorted, count, n_distinct);
out:
	flt_free(sorted);
	flt_free(count);
	return status;
}

static enum flt_status move_along_numbers(struct effecting *effecting, struct flt_error *err)
{
	size_t n_present;
	FLT_TRY(find_ends(effecting, &n_present, err));
	if (n_present > 0)
		FLT_TRY(move_numbers(effecting, err));
	if (n_present > 0 && n_present < effecting->rows->n)
		return move_missing(effecting, err);
	if (n_present == 0)
		effecting->points[effecting->n_points++] =
		        (struct flt_effect_point){.at = (double)NAN, .is_missing = true, .n_rows = effecting->rows->n};
	return FLT_OK;
}

/* ---- the curve ---- */

static enum flt_status finish(const struct effecting *effecting, struct flt_explained_effect *effect,
                              struct flt_error *err)
{
	const struct flt_scored scored = flt_explain_rows_scored(effecting->rows);
	struct flt_interval curve[MOST_POINTS];
	const struct flt_effect all = {.rows = &scored,
	                               .n_points = effecting->n_points,
	                               .n_steps = effecting->n_steps,
	                               .before = effecting->before,
	                               .probability = effecting->probability,
	                               .place = effecting->place,
	                               .steps = effecting->steps};
	FLT_TRY(flt_effect_find(&all, curve, err));
	effect->points = flt_alloc(effecting->n_points, sizeof *effect->points, err);
	FLT_TRY_MEMORY(effect->points);
	effect->n_points = effecting->n_points;
	for (size_t p = 0; p < effect->n_points; p++) {
		effect->points[p] = effecting->points[p];
		effect->points[p].probability = curve[p];
	}
	return FLT_OK;
}

enum flt_status flt_explain_effect(const struct flt_detector *detector, const struct flt_explain_rows *rows,
                                   size_t column, unsigned n_threads, struct flt_explained_effect *effect,
                                   struct flt_error *err)
{
	struct flt_prep_column of = flt_prep_column(detector->prep, column);
	struct effecting effecting = {.detector = detector,
	                              .rows = rows,
	                              .own = &flt_cell_columns_all(rows->columns)[column],
	                              .column = column,
	                              .n_threads = n_threads};
	enum flt_status status;
	*effect =
	        (struct flt_explained_effect){.name = of.name, .is_numeric = true, .mean = flt_explain_rows_mean(rows)};
	FLT_TRY_OUT(effecting_init(&effecting, err));
	FLT_TRY_OUT(move_along_numbers(&effecting, err));
	status = finish(&effecting, effect, err);
out:
	effecting_release(&effecting);
	return status;
}

void flt_explained_effect_release(struct flt_explained_effect *effect)
{
	flt_free(effect->points);
	*effect = (struct flt_explained_effect){0};
}
