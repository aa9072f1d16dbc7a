#include "eval/candidates.h"

#include "base/alloc.h"
#include "base/log_odds.h"

/* Sets the unit of each class from the weight of each of its clusters. */
static enum flt_status measure_clusters(struct flt_candidates *candidates, struct flt_error *err)
{
	const struct flt_scored *rows = candidates->rows;
	double *of_cluster = flt_alloc(rows->n_clusters, sizeof *of_cluster, err);
	FLT_TRY_MEMORY(of_cluster);
	for (int class = 0; class < 2; class ++) {
		double sum = 0, square = 0;
		for (size_t c = 0; c < rows->n_clusters; c++)
			of_cluster[c] = 0;
		for (size_t i = 0; i < rows->n; i++)
			of_cluster[rows->cluster[i]] += rows->label[i] == class ? flt_row_weight(rows, i) : 0;
		for (size_t c = 0; c < rows->n_clusters; c++) {
			sum += of_cluster[c];
			square += of_cluster[c] * of_cluster[c];
		}
		candidates->unit[class] = sum > 0 ? square / sum : 1;
	}
	flt_free(of_cluster);
	return FLT_OK;
}

static void measure_weights(struct flt_candidates *candidates)
{
	const struct flt_scored *rows = candidates->rows;
	double sum[2] = {0, 0}, square[2] = {0, 0};
	for (size_t i = 0; i < rows->n; i++) {
		sum[rows->label[i]] += rows->weight[i];
		square[rows->label[i]] += rows->weight[i] * rows->weight[i];
	}
	for (int class = 0; class < 2; class ++)
		candidates->unit[class] = sum[class] > 0 ? square[class] / sum[class] : 1;
}

/* Sums go down the ranking, so that a candidate that takes all positive rows has exactly their weight. */
static void add_up(struct flt_candidates *candidates)
{
	const struct flt_scored *rows = candidates->rows;
	for (size_t i = 0; i < rows->n; i++) {
		size_t row = candidates->ranking.row[i];
		double weight = flt_row_weight(rows, row);
		candidates->weight += weight;
		candidates->expected += weight * candidates->probability[row];
		candidates->positive += rows->label && rows->label[row] ? weight : 0;
	}
}

enum flt_status flt_candidates_init(struct flt_candidates *candidates, const struct flt_scored *rows, bool needs_units,
                                    struct flt_error *err)
{
	*candidates = (struct flt_candidates){.rows = rows, .unit = {1, 1}};
	FLT_TRY(flt_ranking_init(&candidates->ranking, rows->n, err));
	candidates->probability = flt_alloc(rows->n, sizeof(double), err);
	FLT_TRY_MEMORY(candidates->probability);
	for (size_t i = 0; i < rows->n; i++)
		candidates->probability[i] = flt_sigmoid(rows->log_odds[i]);
	flt_ranking_sort(&candidates->ranking, candidates->probability, rows->n);
	add_up(candidates);
	if (needs_units && rows->cluster)
		return measure_clusters(candidates, err);
	if (needs_units && rows->weight)
		measure_weights(candidates);
	return FLT_OK;
}

void flt_candidates_release(struct flt_candidates *candidates)
{
	flt_ranking_release(&candidates->ranking);
	flt_free(candidates->probability);
}

bool flt_candidates_next(const struct flt_candidates *candidates, struct flt_candidate *candidate)
{
	const struct flt_scored *rows = candidates->rows;
	const struct flt_ranking *ranking = &candidates->ranking;
	if (candidate->n_alarms == rows->n)
		return false;
	uint64_t key = ranking->key[candidate->n_alarms];
	candidate->threshold = candidates->probability[ranking->row[candidate->n_alarms]];
	for (; candidate->n_alarms < rows->n && ranking->key[candidate->n_alarms] == key; candidate->n_alarms++) {
		size_t row = ranking->row[candidate->n_alarms];
		double weight = flt_row_weight(rows, row);
		candidate->alarms += weight;
		candidate->expected += weight * candidate->threshold;
		candidate->tp += rows->label && rows->label[row] ? weight : 0;
	}
	return true;
}
