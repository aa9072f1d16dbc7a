#include "protocol/bag_scores.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log_odds.h"

/* Of the spread between members of both kinds, the part that lies within a kind: 0.68 to 0.80 on simulated tables of
 * 1,000 rows. */
static const double within_kinds = 0.7;

enum flt_status flt_bag_scores_init(struct flt_bag_scores *scores, size_t n_rows, const float *weight, size_t n_most,
                                    struct flt_error *err)
{
	*scores = (struct flt_bag_scores){.n_rows = n_rows, .weight = weight};
	scores->log_p = flt_alloc(n_rows, sizeof *scores->log_p, err);
	scores->log_q = flt_alloc(n_rows, sizeof *scores->log_q, err);
	scores->n_of = flt_alloc_zero(n_rows, sizeof *scores->n_of, err);
	scores->sum = flt_alloc_zero(n_rows, sizeof *scores->sum, err);
	scores->squares = flt_alloc_zero(n_rows, sizeof *scores->squares, err);
	scores->single = flt_alloc(n_most, sizeof *scores->single, err);
	FLT_TRY_MEMORY(scores->log_p && scores->log_q && scores->n_of && scores->sum && scores->squares &&
	               scores->single);
	for (size_t i = 0; i < n_rows; i++)
		scores->log_p[i] = scores->log_q[i] = -HUGE_VAL;
	return FLT_OK;
}

void flt_bag_scores_release(struct flt_bag_scores *scores)
{
	flt_free(scores->log_p);
	flt_free(scores->log_q);
	flt_free(scores->n_of);
	flt_free(scores->sum);
	flt_free(scores->squares);
	flt_free(scores->single);
	*scores = (struct flt_bag_scores){0};
}

size_t flt_bag_scores_bytes(size_t n_rows, size_t n_most)
{
	size_t of_row = 4 * sizeof(double) + sizeof(size_t) + sizeof(struct flt_bag_score);
	return n_rows * of_row + n_most * sizeof(struct flt_bag_score);
}

static struct flt_bag_score score_of(const struct flt_bag_scores *scores, size_t row, double value)
{
	return (struct flt_bag_score){value, scores->weight ? (double)scores->weight[row] : 1, row};
}

void flt_bag_scores_add(struct flt_bag_scores *scores, size_t row, double weight, double log_odds)
{
	flt_mean_log_odds_add(&scores->log_p[row], &scores->log_q[row], log(weight), log_odds);
	scores->n_of[row]++;
	scores->sum[row] += weight;
	scores->squares[row] += weight * weight;
	scores->single[scores->n_single] = score_of(scores, row, log_odds);
	scores->single[scores->n_single++].weight *= weight;
}

static int compare_scores(const void *a, const void *b)
{
	const struct flt_bag_score *x = a, *y = b;
	if (x->value < y->value || x->value > y->value)
		return x->value < y->value ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* Whether each of the rows (n) was left out by several members. */
static bool is_known_twice(const struct flt_bag_scores *scores, const struct flt_bag_score *row, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (scores->n_of[row[i].row] < 2)
			return false;
	return n > 0;
}

static double sum_of_weights(const struct flt_bag_score *score, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += score[i].weight;
	return sum;
}

/* A walk along sorted scores (n) that takes them by weight. */
struct walk {
	const struct flt_bag_score *score;
	size_t n, at;
	double used; /* of the weight of the score at `at` */
};

/* The mean of the next scores of so much weight. */
static double take_next(struct walk *walk, double weight)
{
	double left = weight, sum = 0;
	while (left > 0) {
		const struct flt_bag_score *score = &walk->score[walk->at];
		bool is_last = walk->at + 1 == walk->n; /* takes what rounding leaves */
		double free = score->weight - walk->used, taken = is_last || left < free ? left : free;
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

/* Where half of the weight of the rows (n, ascending) is reached. */
static size_t find_median(const struct flt_bag_score *row, size_t n)
{
	double left = sum_of_weights(row, n) / 2;
	size_t i = 0;
	while (i + 1 < n && left > row[i].weight)
		left -= row[i++].weight;
	return i;
}

/* What a score at distance `mean` from the median gets added if single scores at its rank lie at distance `single`. Of
 * r networks, the mean scatters at least 1 / sqrt(r) times as much as one does; what is wider comes from single
 * networks that went astray. */
static double shift(double mean, double single, double per_row, double factor)
{
	double ratio = single / mean;
	if (!(ratio > 1))
		return 0;
	return -factor * mean * (fmin(ratio, sqrt(per_row)) - 1);
}

/* The order stays: from the median outwards, no score passes the one before it. */
static void keep_order(const struct flt_bag_score *row, size_t n, size_t median, double *held_out)
{
	for (size_t i = median + 1; i < n; i++)
		held_out[row[i].row] = fmax(held_out[row[i].row], held_out[row[i - 1].row]);
	for (size_t i = median; i-- > 0;)
		held_out[row[i].row] = fmin(held_out[row[i].row], held_out[row[i + 1].row]);
}

/* Members that left out a row (n), as the mean effective number over rows. */
static double members_per_row(const struct flt_bag_scores *scores, const struct flt_bag_score *row, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		double weights = scores->sum[row[i].row];
		sum += row[i].weight * weights * weights / scores->squares[row[i].row];
	}
	return sum / sum_of_weights(row, n);
}

/* Moves the scores of the rows (n, in ascending order of their means). Rows of equal means keep equal scores. */
static void correct(struct flt_bag_scores *scores, double n_members, size_t n_kinds, const struct flt_bag_score *row,
                    size_t n, double *held_out)
{
	struct walk singles = {.score = scores->single, .n = scores->n_single};
	qsort(scores->single, scores->n_single, sizeof *scores->single, compare_scores);
	double share = sum_of_weights(scores->single, scores->n_single) / sum_of_weights(row, n);
	double per_row = members_per_row(scores, row, n); /* r */
	double factor = (1 / per_row - 1 / n_members) / (1 - 1 / per_row);
	if (n_kinds > 1)
		factor *= within_kinds;
	size_t median = find_median(row, n);
	double center = row[median].value;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && !(row[end].value > row[i].value);)
			end++;
		double single = take_next(&singles, share * sum_of_weights(row + i, end - i));
		double moved = shift(row[i].value - center, single - center, per_row, factor);
		for (size_t same = i; same < end; same++)
			held_out[row[same].row] += moved;
	}
	keep_order(row, n, median, held_out);
}

enum flt_status flt_bag_scores_finish(struct flt_bag_scores *scores, double n_members, size_t n_kinds, double *held_out,
                                      struct flt_error *err)
{
	size_t n = 0;
	struct flt_bag_score *row = flt_alloc(scores->n_rows, sizeof *row, err);
	FLT_TRY_MEMORY(row);
	for (size_t i = 0; i < scores->n_rows; i++) {
		held_out[i] = scores->n_of[i] ? scores->log_p[i] - scores->log_q[i] : (double)NAN;
		if (scores->n_of[i])
			row[n++] = score_of(scores, i, held_out[i]);
	}
	qsort(row, n, sizeof *row, compare_scores);
	if (is_known_twice(scores, row, n))
		correct(scores, n_members, n_kinds, row, n, held_out);
	flt_free(row);
	return FLT_OK;
}
