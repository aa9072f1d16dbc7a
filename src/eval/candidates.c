#include "eval/candidates.h"

#include <string.h>

#include "base/log_odds.h"
#include "eval/drawn.h"

/* Sums go down the ranking, so that a candidate that takes all positive rows has exactly their weight. */
static void add_up(struct flt_candidates *candidates)
{
	const struct flt_scored *rows = candidates->rows;
	for (size_t i = 0; i < rows->n; i++) {
		size_t row = candidates->ranking.row[i];
		double weight = flt_row_weight(rows, row);
		candidates->weight += weight;
		candidates->expected += weight * flt_ranking_value(&candidates->ranking, i);
		candidates->positive += rows->label && rows->label[row] ? weight : 0;
	}
}

static enum flt_status set_units(struct flt_candidates *candidates, struct flt_error *err)
{
	double number[2], weight[2] = {candidates->weight - candidates->positive, candidates->positive};
	if (candidates->rows->unit[0] > 0) {
		memcpy(candidates->unit, candidates->rows->unit, sizeof candidates->unit);
		return FLT_OK;
	}
	if (!candidates->rows->weight && !candidates->rows->cluster)
		return FLT_OK;
	FLT_TRY(flt_independent_clusters(candidates->rows, number, err));
	for (int class = 0; class < 2; class ++)
		if (number[class] > 0)
			candidates->unit[class] = weight[class] / number[class];
	return FLT_OK;
}

enum flt_status flt_candidates_init(struct flt_candidates *candidates, const struct flt_scored *rows, bool needs_units,
                                    struct flt_error *err)
{
	*candidates = (struct flt_candidates){.rows = rows, .unit = {1, 1}};
	FLT_TRY(flt_ranking_make(&candidates->ranking, rows->log_odds, rows->n, flt_sigmoid, err));
	add_up(candidates);
	return needs_units ? set_units(candidates, err) : FLT_OK;
}

void flt_candidates_release(struct flt_candidates *candidates)
{
	flt_ranking_release(&candidates->ranking);
}

double flt_candidates_probability(const struct flt_candidates *candidates, size_t row)
{
	return flt_sigmoid(candidates->rows->log_odds[row]);
}

bool flt_candidates_next(const struct flt_candidates *candidates, struct flt_candidate *candidate)
{
	const struct flt_scored *rows = candidates->rows;
	const struct flt_ranking *ranking = &candidates->ranking;
	if (candidate->n_alarms == rows->n)
		return false;
	uint64_t key = ranking->key[candidate->n_alarms];
	candidate->threshold = flt_ranking_value(ranking, candidate->n_alarms);
	for (; candidate->n_alarms < rows->n && ranking->key[candidate->n_alarms] == key; candidate->n_alarms++) {
		size_t row = ranking->row[candidate->n_alarms];
		double weight = flt_row_weight(rows, row);
		candidate->alarms += weight;
		candidate->expected += weight * candidate->threshold;
		candidate->tp += rows->label && rows->label[row] ? weight : 0;
	}
	return true;
}
