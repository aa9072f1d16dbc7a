#include "eval/operating_points.h"

#include <math.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "eval/decision.h"
#include "eval/prior.h"

enum { N_STEPS = 6, STEPS_ABOVE = 3, HIGHEST_STEP = 11 }; /* step 11: 5,000 of 10,000 rows */

/* 1, 2, 5, 10, 20, 50, ... alarms per 10,000 rows at steps 0, 1, 2, ...; below 0 a tenth and so on. */
static double share_at(int step)
{
	static const double mantissa[] = {1, 2, 5};
	int decade = (step + 300) / 3 - 100;
	return mantissa[(step + 300) % 3] * pow(10, decade) / 10000;
}

/* The lowest of the steps around a share of positive rows. */
static int first_step(double prevalence)
{
	int middle = HIGHEST_STEP;
	while (middle > -12 && share_at(middle) > prevalence)
		middle--;
	int last = middle + STEPS_ABOVE < HIGHEST_STEP ? middle + STEPS_ABOVE : HIGHEST_STEP;
	return last - N_STEPS + 1;
}

/* What points are found on. */
struct search {
	const struct flt_scored *rows;
	struct flt_ranking ranking; /* by log-odds */
	double prior;
	double positive_weight; /* what the prior multiplies weights of positive rows by */
	double total, positive; /* sums of such weights */
};

static double weight_of(const struct search *search, size_t row)
{
	return flt_row_weight(search->rows, row) * (search->rows->label[row] ? search->positive_weight : 1);
}

static enum flt_status add(struct flt_operating_points *points, const struct search *search, double threshold,
                           struct flt_error *err)
{
	struct flt_point point;
	FLT_TRY(flt_point_at(search->rows, threshold, search->prior, &point, err));
	const struct flt_confusion *last = points->n ? &points->point[points->n - 1].confusion : NULL;
	if (!last || point.confusion.tp + point.confusion.fp > last->tp + last->fp)
		points->point[points->n++] = point;
	return FLT_OK;
}

/* For each step the lowest threshold that does not exceed it, if that calls any row. */
static enum flt_status add_steps(struct flt_operating_points *points, const struct search *search,
                                 struct flt_error *err)
{
	const struct flt_ranking *ranking = &search->ranking;
	const double *log_odds = search->rows->log_odds;
	int step = first_step(search->positive / search->total), last = step + N_STEPS - 1;
	double sum = 0, threshold = HUGE_VAL; /* of the rows so far, and the lowest probability that calls only them */
	for (size_t i = 0; i < ranking->n && step <= last; i++) {
		double probability = flt_sigmoid(log_odds[ranking->row[i]]), weight = 0;
		size_t end = i;
		for (; end < ranking->n && flt_sigmoid(log_odds[ranking->row[end]]) == probability; end++)
			weight += weight_of(search, ranking->row[end]);
		/* the sums of many weights are not exact */
		for (; step <= last && sum + weight > search->total * share_at(step) * (1 + 1e-9); step++)
			if (threshold <= 1)
				FLT_TRY(add(points, search, threshold, err));
		sum += weight;
		threshold = probability;
		i = end - 1;
	}
	return FLT_OK;
}

/* Puts the chosen threshold in its place; a step that calls the same rows gives way to it. */
static void insert_chosen(struct flt_operating_points *points, const struct flt_point *chosen)
{
	double n_called = chosen->confusion.tp + chosen->confusion.fp;
	size_t at = 0;
	while (at < points->n && points->point[at].confusion.tp + points->point[at].confusion.fp < n_called)
		at++;
	bool is_same = at < points->n && points->point[at].confusion.tp + points->point[at].confusion.fp == n_called;
	for (size_t i = points->n; !is_same && i > at; i--)
		points->point[i] = points->point[i - 1];
	points->n += !is_same;
	points->point[at] = *chosen;
	points->chosen = at;
}

static void add_up(struct search *search)
{
	double sum[2] = {0, 0};
	for (size_t i = 0; i < search->rows->n; i++)
		sum[search->rows->label[i]] += flt_row_weight(search->rows, i);
	search->positive_weight = flt_prior_weight(sum, search->prior);
	search->positive = sum[1] * search->positive_weight;
	search->total = sum[0] + search->positive;
}

enum flt_status flt_operating_points_find(const struct flt_scored *rows, const struct flt_point *chosen, double prior,
                                          struct flt_operating_points *points, struct flt_error *err)
{
	struct search search = {.rows = rows, .prior = prior};
	*points = (struct flt_operating_points){0};
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(flt_ranking_make(&search.ranking, rows->log_odds, rows->n, NULL, err));
	add_up(&search);
	FLT_TRY_OUT(add_steps(points, &search, err));
	insert_chosen(points, chosen);
out:
	flt_ranking_release(&search.ranking);
	return status;
}

struct flt_outcome flt_outcome_of(const struct flt_scored *rows, double threshold, const struct flt_figures *figures)
{
	struct flt_outcome outcome = {.n_rows = rows->n};
	for (size_t i = 0; i < rows->n; i++) {
		bool is_called = flt_is_positive(rows->log_odds[i], threshold);
		outcome.n_positive += rows->label[i];
		outcome.n_called += is_called;
		outcome.n_right += is_called && rows->label[i];
	}
	outcome.by_chance = (double)outcome.n_called * ((double)outcome.n_positive / (double)outcome.n_rows);
	outcome.ranks_better = figures->ap.value > figures->chance95 &&
	                       (!rows->cluster || figures->ap.lo > figures->chance || figures->roc_auc.lo > 0.5);
	outcome.calls_better = (double)outcome.n_right > outcome.by_chance;
	return outcome;
}
