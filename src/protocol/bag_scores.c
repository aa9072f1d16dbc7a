#include "protocol/bag_scores.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log_odds.h"

enum flt_status flt_bag_scores_init(struct flt_bag_scores *scores, size_t n_rows, size_t n_most, struct flt_error *err)
{
	*scores = (struct flt_bag_scores){.n_rows = n_rows, .n_most = n_most};
	scores->log_p = flt_alloc(n_rows, sizeof *scores->log_p, err);
	scores->log_q = flt_alloc(n_rows, sizeof *scores->log_q, err);
	scores->n_of = flt_alloc_zero(n_rows, sizeof *scores->n_of, err);
	scores->single = flt_alloc(n_most, sizeof *scores->single, err);
	FLT_TRY_MEMORY(scores->log_p && scores->log_q && scores->n_of && scores->single);
	for (size_t i = 0; i < n_rows; i++)
		scores->log_p[i] = scores->log_q[i] = -HUGE_VAL;
	return FLT_OK;
}

void flt_bag_scores_release(struct flt_bag_scores *scores)
{
	flt_free(scores->log_p);
	flt_free(scores->log_q);
	flt_free(scores->n_of);
	flt_free(scores->single);
	*scores = (struct flt_bag_scores){0};
}

struct ranked {
	double score;
	size_t row;
};

size_t flt_bag_scores_bytes(size_t n_rows, size_t n_most)
{
	size_t of_row = 2 * sizeof(double) + sizeof(size_t) + sizeof(struct ranked);
	return n_rows * of_row + n_most * sizeof(double);
}

void flt_bag_scores_add(struct flt_bag_scores *scores, size_t row, double log_odds)
{
	flt_mean_log_odds_add(&scores->log_p[row], &scores->log_q[row], log_odds);
	scores->n_of[row]++;
	scores->single[scores->n_single++] = log_odds;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->score < y->score || x->score > y->score)
		return x->score < y->score ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* Whether each of the ranked rows was left out by several members. */
static bool is_known_twice(const struct flt_bag_scores *scores, const struct ranked *ranked, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (scores->n_of[ranked[i].row] < 2)
			return false;
	return n > 0;
}

/* The mean of the single scores that lie at the rank i of n. */
static double single_at(const struct flt_bag_scores *scores, size_t i, size_t n)
{
	size_t first = i * scores->n_single / n, end = (i + 1) * scores->n_single / n;
	double sum = 0;
	for (size_t s = first; s < end; s++)
		sum += scores->single[s];
	return sum / (double)(end - first);
}

/* Moves the scores of the ranked rows (n, ascending). Rows of equal scores keep equal ones: those of the first. */
static void correct(struct flt_bag_scores *scores, size_t n_members, const struct ranked *ranked, size_t n,
                    double *held_out)
{
	double share = (double)n / (double)scores->n_single; /* 1 / r */
	double weight = (share - 1 / (double)n_members) / (1 - share), least = -HUGE_VAL;
	qsort(scores->single, scores->n_single, sizeof *scores->single, compare_doubles);
	for (size_t i = 0; i < n; i++) {
		bool is_tied = i > 0 && !(ranked[i].score > ranked[i - 1].score);
		if (!is_tied)
			least = fmax(least, ranked[i].score + weight * (ranked[i].score - single_at(scores, i, n)));
		held_out[ranked[i].row] = least;
	}
}

enum flt_status flt_bag_scores_finish(struct flt_bag_scores *scores, size_t n_members, double *held_out,
                                      struct flt_error *err)
{
	size_t n = 0;
	struct ranked *ranked = flt_alloc(scores->n_rows, sizeof *ranked, err);
	FLT_TRY_MEMORY(ranked);
	for (size_t i = 0; i < scores->n_rows; i++) {
		held_out[i] = scores->n_of[i] ? scores->log_p[i] - scores->log_q[i] : (double)NAN;
		if (scores->n_of[i])
			ranked[n++] = (struct ranked){held_out[i], i};
	}
	qsort(ranked, n, sizeof *ranked, compare_ranked);
	if (is_known_twice(scores, ranked, n))
		correct(scores, n_members, ranked, n, held_out);
	flt_free(ranked);
	return FLT_OK;
}
