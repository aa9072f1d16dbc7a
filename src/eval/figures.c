/*
 * All figures of one classifier on one set of rows, and how they depend on each other: a prior weighs the classes, and
 * moves what depends on how common the positive class is, but neither losses nor what the k highest rows hold.
 */
#include <math.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "eval/areas.h"
#include "eval/chance.h"
#include "eval/prior.h"

enum { TOP_SHARE = 100 }; /* the top 1 / TOP_SHARE of the rows */

const double flt_min_precisions[FLT_N_AT_PRECISION] = {0.5, 0.7, 0.9, 0.95};

static enum flt_status count_rows(const struct flt_scored *rows, struct flt_figures *figures, struct flt_error *err)
{
	size_t n_positive = 0;
	figures->weight = figures->weight_positive = 0;
	for (size_t i = 0; i < rows->n; i++) {
		double weight = flt_row_weight(rows, i);
		n_positive += rows->label[i];
		figures->weight += weight;
		figures->weight_positive += rows->label[i] ? weight : 0;
	}
	if (n_positive == 0 || n_positive == rows->n)
		return flt_fail(err, FLT_ERR_DATA, "all %zu rows are %s: figures need at least one row of each class",
		                rows->n, n_positive ? "positive" : "negative");
	figures->n_rows = rows->n;
	figures->n_positive = n_positive;
	return FLT_OK;
}

static double mean_probability(const struct flt_scored *rows, double total)
{
	double sum = 0;
	for (size_t i = 0; i < rows->n; i++)
		sum += flt_row_weight(rows, i) * flt_sigmoid(rows->log_odds[i]);
	return sum / total;
}

/* The figures that need no ranking. */
static enum flt_status row_figures(const struct flt_scored *rows, const struct flt_evaluate_options *options,
                                   struct flt_figures *figures, struct flt_error *err)
{
	FLT_TRY(count_rows(rows, figures, err));
	double share = options->prior > 0 ? options->prior : figures->weight_positive / figures->weight;
	figures->majority_accuracy = fmax(share, 1 - share);
	figures->log_loss = flt_log_loss(rows);
	figures->brier = flt_brier(rows);
	figures->mean_probability = mean_probability(rows, figures->weight);
	FLT_TRY(flt_point_at(rows, options->threshold, options->prior, &figures->chosen, err));
	FLT_TRY(flt_point_at(rows, 0.5, options->prior, &figures->at_half, err));
	return flt_ece(rows, FLT_N_ECE_BINS, &figures->ece, &figures->ece_null, err);
}

/* ---- of the ranking ---- */

static void find_at_k(const struct flt_rank_groups *groups, struct flt_figures *figures)
{
	const double ks[FLT_N_AT_K] = {10, 50, 100, 500, round(figures->weight_positive)};
	for (size_t i = 0; i < FLT_N_AT_K; i++) {
		double hits = flt_rank_groups_hits_at_k(groups->group, groups->n, ks[i]);
		figures->at_k[i] = (struct flt_at_k){0};
		if (ks[i] > 0 && ks[i] <= figures->weight)
			figures->at_k[i] =
			        (struct flt_at_k){(size_t)ks[i], hits / ks[i], hits / figures->weight_positive};
	}
}

static void find_curve_figures(const struct flt_rank_groups *groups, struct flt_figures *figures)
{
	const struct flt_rank_group *group = groups->group;
	figures->davis_goadrich = flt_rank_groups_davis_goadrich(group, groups->n);
	figures->trapezoid = flt_rank_groups_trapezoid(group, groups->n);
	for (size_t i = 0; i < FLT_N_AT_PRECISION; i++)
		figures->at_precision[i] = (struct flt_at_precision){
		        flt_min_precisions[i],
		        flt_rank_groups_recall_at_precision(group, groups->n, flt_min_precisions[i])};
}

/* The whole number of effective rows of a class of n, of which there is at least one. A prior may be so small that
 * squares of weights are 0, and the effective number is none. */
static size_t whole(double n_effective, size_t n)
{
	if (!(n_effective > 1))
		return 1;
	return n_effective < INT32_MAX ? (size_t)(n_effective + 0.5) : n;
}

/* Sets the bits (n) of the effective rows at which rank groups end, by their share of the weight. */
static void find_ties(const struct flt_scored *rows, const struct flt_ranking *ranking, double total, size_t n,
                      uint64_t *ends)
{
	double weight = 0;
	size_t rank = 0;
	for (size_t first = 0, end = 0; first < rows->n; first = end) {
		for (; end < rows->n && ranking->key[end] == ranking->key[first]; end++)
			weight += flt_row_weight(rows, ranking->row[end]);
		size_t last = end == rows->n ? n : (size_t)(weight / total * (double)n + 0.5);
		if (last > rank)
			ends[(last - 1) / FLT_WORD_RANKS] |= (uint64_t)1 << (last - 1) % FLT_WORD_RANKS;
		rank = last;
	}
}

static enum flt_status find_chance(const struct flt_scored *rows, const struct flt_ranking *ranking,
                                   const double n_effective[2], double positive_weight,
                                   const struct flt_evaluate_options *options, struct flt_figures *figures,
                                   struct flt_error *err)
{
	size_t n_positive = whole(n_effective[1], figures->n_positive);
	size_t n = n_positive + whole(n_effective[0], figures->n_rows - figures->n_positive);
	double negative = figures->weight - figures->weight_positive;
	double ratio = positive_weight * (figures->weight_positive / (double)n_positive) /
	               (negative / (double)(n - n_positive));
	uint64_t *ends = flt_alloc_zero((n + FLT_WORD_RANKS - 1) / FLT_WORD_RANKS, sizeof *ends, err);
	FLT_TRY_MEMORY(ends);
	find_ties(rows, ranking, figures->weight, n, ends);
	const struct flt_random_ranking by_chance = {n, n_positive, fabs(ratio - 1) < 1e-9 ? 1 : ratio, ends};
	enum flt_status status = flt_chance_find(&by_chance, options->chance, options->seed, options->n_threads,
	                                         &figures->chance, &figures->chance95, err);
	flt_free(ends);
	return status;
}

static enum flt_status rank_figures(const struct flt_scored *rows, const struct flt_ranking *ranking,
                                    const struct flt_evaluate_options *options, struct flt_figures *figures,
                                    struct flt_error *err)
{
	struct flt_rank_groups groups;
	struct flt_areas areas;
	enum flt_status status = FLT_OK;
	const double of_class[2] = {figures->weight - figures->weight_positive, figures->weight_positive};
	double positive_weight = flt_prior_weight(of_class, options->prior);
	FLT_TRY(flt_rank_groups_init(&groups, ranking, rows, err));
	find_at_k(&groups, figures);
	for (size_t g = 0; g < groups.n; g++)
		groups.group[g].n_positive *= positive_weight;
	find_curve_figures(&groups, figures);
	FLT_TRY_OUT(flt_areas_find(rows, ranking, &groups, positive_weight, options->prior > 0, &areas, err));
	figures->ap = areas.ap;
	figures->roc_auc = areas.roc_auc;
	figures->chance = figures->chance95 = (double)NAN;
	if (options->chance != FLT_CHANCE_NONE)
		FLT_TRY_OUT(find_chance(rows, ranking, areas.n_effective, positive_weight, options, figures, err));
	figures->top = fmin(fmax(round(figures->weight / TOP_SHARE), 1), figures->weight);
	FLT_TRY_OUT(flt_ranked(rows, ranking, 0, figures->top, &figures->top_said, &figures->top_were, err));
out:
	flt_rank_groups_release(&groups);
	return status;
}

enum flt_status flt_evaluate(const struct flt_scored *rows, const struct flt_evaluate_options *options,
                             struct flt_figures *figures, struct flt_error *err)
{
	struct flt_ranking ranking;
	enum flt_status status = FLT_OK;
	FLT_TRY(row_figures(rows, options, figures, err));
	FLT_TRY_OUT(flt_ranking_make(&ranking, rows->score, rows->n, NULL, err));
	FLT_TRY_OUT(rank_figures(rows, &ranking, options, figures, err));
out:
	flt_ranking_release(&ranking);
	return status;
}
