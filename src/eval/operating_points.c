#include "eval/operating_points.h"

#include <math.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "eval/decision.h"

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

static double weight_of(const struct flt_scored *rows, size_t row)
{
	return rows->weight ? rows->weight[row] : 1;
}

static void add(struct flt_operating_points *points, const struct flt_scored *rows, double threshold)
{
	struct flt_point point = flt_point_at(rows, threshold);
	const struct flt_confusion *last = points->n ? &points->point[points->n - 1].confusion : NULL;
	if (!last || point.confusion.tp + point.confusion.fp > last->tp + last->fp)
		points->point[points->n++] = point;
}

/* For each step the lowest threshold that does not exceed it, if that calls any row. */
static void add_steps(struct flt_operating_points *points, const struct flt_scored *rows,
                      const struct flt_ranking *ranking, double total, double prevalence)
{
	int step = first_step(prevalence), last = step + N_STEPS - 1;
	double sum = 0, threshold = HUGE_VAL; /* of the rows so far, and the lowest probability that calls only them */
	for (size_t i = 0; i < ranking->n && step <= last; i++) {
		double probability = flt_sigmoid(rows->log_odds[ranking->row[i]]), weight = 0;
		size_t end = i;
		for (; end < ranking->n && flt_sigmoid(rows->log_odds[ranking->row[end]]) == probability; end++)
			weight += weight_of(rows, ranking->row[end]);
		/* the sums of many weights are not exact */
		for (; step <= last && sum + weight > total * share_at(step) * (1 + 1e-9); step++)
			if (threshold <= 1)
				add(points, rows, threshold);
		sum += weight;
		threshold = probability;
		i = end - 1;
	}
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

enum flt_status flt_operating_points_find(const struct flt_scored *rows, double threshold,
                                          struct flt_operating_points *points, struct flt_error *err)
{
	struct flt_ranking ranking;
	double total = 0, positive = 0;
	struct flt_point chosen = flt_point_at(rows, threshold);
	*points = (struct flt_operating_points){0};
	FLT_TRY(flt_ranking_init(&ranking, rows->n, err));
	flt_ranking_sort(&ranking, rows->log_odds, rows->n);
	for (size_t i = 0; i < rows->n; i++) {
		total += weight_of(rows, i);
		positive += rows->label[i] ? weight_of(rows, i) : 0;
	}
	add_steps(points, rows, &ranking, total, positive / total);
	insert_chosen(points, &chosen);
	flt_ranking_release(&ranking);
	return FLT_OK;
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
