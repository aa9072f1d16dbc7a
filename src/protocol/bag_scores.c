#include "protocol/bag_scores.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "base/random.h"

/* More rows would tell little more of how far scores spread. */
enum { MOST_MEASURED = 100000 };

/* Of each so many rows one is measured. */
static size_t stride_of(size_t n_rows)
{
	return (n_rows + MOST_MEASURED - 1) / MOST_MEASURED;
}

static size_t n_measured(size_t n_rows)
{
	return n_rows > 0 ? (n_rows + stride_of(n_rows) - 1) / stride_of(n_rows) : 0;
}

static enum flt_status sums_init(struct flt_sums *sums, size_t n_sets, size_t n_rows, struct flt_error *err)
{
	sums->log_p = flt_alloc(n_sets, n_rows * sizeof *sums->log_p, err);
	sums->log_q = flt_alloc(n_sets, n_rows * sizeof *sums->log_q, err);
	FLT_TRY_MEMORY(sums->log_p && sums->log_q);
	for (size_t i = 0; i < n_sets * n_rows; i++)
		sums->log_p[i] = sums->log_q[i] = -HUGE_VAL;
	return FLT_OK;
}

/* One row of each stride, by chance: files may have a pattern. */
static void pick_rows(struct flt_bag_scores *scores)
{
	size_t stride = stride_of(scores->n_rows);
	struct flt_random random;
	flt_random_init(&random, 0, "bag scores", 0);
	for (size_t i = 0; i < scores->n_measured; i++) {
		size_t first = i * stride, left = scores->n_rows - first;
		scores->measured[i] = first + flt_random_below(&random, left < stride ? left : stride);
	}
}

enum flt_status flt_bag_scores_init(struct flt_bag_scores *scores, size_t n_rows, size_t n_sets, const float *weight,
                                    struct flt_error *err)
{
	*scores = (struct flt_bag_scores){
	        .n_rows = n_rows, .n_sets = n_sets, .n_measured = n_measured(n_rows), .weight = weight};
	scores->measured = flt_alloc(scores->n_measured, sizeof *scores->measured, err);
	FLT_TRY_MEMORY(scores->measured);
	FLT_TRY(sums_init(&scores->held_out, 1, n_rows, err));
	FLT_TRY(sums_init(&scores->sets, n_sets + 1, scores->n_measured, err));
	pick_rows(scores);
	return FLT_OK;
}

void flt_bag_scores_release(struct flt_bag_scores *scores)
{
	flt_free(scores->measured);
	flt_free(scores->held_out.log_p);
	flt_free(scores->held_out.log_q);
	flt_free(scores->sets.log_p);
	flt_free(scores->sets.log_q);
	*scores = (struct flt_bag_scores){0};
}

static void add(struct flt_sums *sums, size_t at, double log_weight, double log_odds)
{
	flt_mean_log_odds_add(&sums->log_p[at], &sums->log_q[at], log_weight, log_odds);
}

void flt_bag_scores_add(struct flt_bag_scores *scores, size_t row, size_t set, double weight, double log_odds)
{
	size_t n = scores->n_measured, i = row / stride_of(scores->n_rows);
	if (set == 0)
		add(&scores->held_out, row, log(weight), log_odds);
	if (scores->measured[i] != row)
		return;
	add(&scores->sets, set * n + i, log(weight), log_odds);
	add(&scores->sets, scores->n_sets * n + i, log(weight), log_odds);
}

/* ---- quantiles ---- */

struct score {
	double value;
	size_t row;
};

/* Scores in ascending order, and a walk along them that takes them by the rows' weights. */
struct walk {
	struct score *score;
	size_t n, at;
	double used; /* of the weight of the score at `at` */
};

size_t flt_bag_scores_bytes(size_t n_rows, size_t n_sets)
{
	size_t of_score = 2 * sizeof(double) + sizeof(struct score);
	return n_rows * of_score + n_measured(n_rows) * ((n_sets + 1) * of_score + sizeof(size_t));
}

static int compare_scores(const void *a, const void *b)
{
	const struct score *x = a, *y = b;
	if (x->value < y->value || x->value > y->value)
		return x->value < y->value ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static double weight_of(const struct flt_bag_scores *scores, size_t row)
{
	return scores->weight ? (double)scores->weight[row] : 1;
}

static double sum_of_weights(const struct flt_bag_scores *scores, const struct score *score, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += weight_of(scores, score[i].row);
	return sum;
}

/* The mean of the next scores of so much weight. */
static double take_next(const struct flt_bag_scores *scores, struct walk *walk, double weight)
{
	double left = weight, sum = 0;
	while (left > 0) {
		const struct score *score = &walk->score[walk->at];
		bool is_last = walk->at + 1 == walk->n; /* takes what rounding leaves */
		double free = weight_of(scores, score->row) - walk->used, taken = is_last || left < free ? left : free;
		sum += taken * score->value;
		left -= taken;
		walk->used += taken;
		if (!is_last && taken >= free) {
			walk->at++;
			walk->used = 0;
		}
	}
	return sum / weight;
}

/* ---- the three kinds of scores ---- */

struct spreads {
	struct walk held_out; /* of the members that left the row out */
	struct walk sets;     /* of measured rows: of each set */
	struct walk all;      /* of measured rows: of all members together */
};

static void spreads_release(struct spreads *spreads)
{
	flt_free(spreads->held_out.score);
	flt_free(spreads->sets.score);
	flt_free(spreads->all.score);
}

static enum flt_status spreads_init(struct spreads *spreads, const struct flt_bag_scores *scores, struct flt_error *err)
{
	size_t n = scores->n_measured;
	*spreads = (struct spreads){{.score = flt_alloc(scores->n_rows, sizeof(struct score), err)},
	                            {.score = flt_alloc(scores->n_sets, n * sizeof(struct score), err)},
	                            {.score = flt_alloc(n, sizeof(struct score), err)}};
	FLT_TRY_MEMORY(spreads->held_out.score && spreads->sets.score && spreads->all.score);
	return FLT_OK;
}

/* NaN if there was no member: -inf - -inf. */
static double score_of(const struct flt_sums *sums, size_t at)
{
	return sums->log_p[at] - sums->log_q[at];
}

static void append(struct walk *walk, double value, size_t row)
{
	walk->score[walk->n++] = (struct score){value, row};
}

static void sort(struct walk *walk)
{
	qsort(walk->score, walk->n, sizeof *walk->score, compare_scores);
}

/* Of the rows that have a held-out score, and of which no member says NaN. */
static void take_measured(const struct flt_bag_scores *scores, struct spreads *spreads)
{
	size_t n = scores->n_measured;
	for (size_t i = 0; i < n; i++) {
		size_t row = scores->measured[i];
		double of_all = score_of(&scores->sets, scores->n_sets * n + i);
		if (isnan(score_of(&scores->held_out, row)) || isnan(of_all))
			continue;
		append(&spreads->all, of_all, row);
		for (size_t set = 0; set < scores->n_sets; set++) {
			double of_set = score_of(&scores->sets, set * n + i);
			if (!isnan(of_set))
				append(&spreads->sets, of_set, row);
		}
	}
	sort(&spreads->all);
	sort(&spreads->sets);
}

static void take_held_out(const struct flt_bag_scores *scores, struct spreads *spreads)
{
	for (size_t row = 0; row < scores->n_rows; row++) {
		double held_out = score_of(&scores->held_out, row);
		if (!isnan(held_out))
			append(&spreads->held_out, held_out, row);
	}
	sort(&spreads->held_out);
}

/* By how much a score of this rank moves, from the lowest up: `part` is the share of the rows' weight that has it. */
static double next_shift(const struct flt_bag_scores *scores, struct spreads *spreads, double part,
                         double weight_of_all, double weight_of_sets)
{
	return take_next(scores, &spreads->all, part * weight_of_all) -
	       take_next(scores, &spreads->sets, part * weight_of_sets);
}

/* Rows of equal scores keep equal ones, and none passes the one before it. */
static void correct(const struct flt_bag_scores *scores, struct spreads *spreads, double *held_out)
{
	const struct score *row = spreads->held_out.score;
	size_t n = spreads->held_out.n;
	double of_rows = sum_of_weights(scores, row, n);
	double of_all = sum_of_weights(scores, spreads->all.score, spreads->all.n);
	double of_sets = sum_of_weights(scores, spreads->sets.score, spreads->sets.n);
	double last = -HUGE_VAL;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && !(row[end].value > row[i].value);)
			end++;
		double part = sum_of_weights(scores, row + i, end - i) / of_rows;
		last = fmax(last, row[i].value + next_shift(scores, spreads, part, of_all, of_sets));
		for (size_t same = i; same < end; same++)
			held_out[row[same].row] = last;
	}
}

enum flt_status flt_bag_scores_finish(const struct flt_bag_scores *scores, double *held_out, struct flt_error *err)
{
	struct spreads spreads;
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(spreads_init(&spreads, scores, err));
	for (size_t i = 0; i < scores->n_rows; i++)
		held_out[i] = NAN;
	take_held_out(scores, &spreads);
	take_measured(scores, &spreads);
	if (spreads.all.n > 0)
		correct(scores, &spreads, held_out);
out:
	spreads_release(&spreads);
	return status;
}
