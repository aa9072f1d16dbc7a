#include "eval/curves.h"

#include <math.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "eval/prior.h"

/* Sums of weights. */
struct total {
	double all, positive;
};

static struct total total_of(const struct flt_scored *rows)
{
	struct total total = {0, 0};
	for (size_t i = 0; i < rows->n; i++) {
		total.all += flt_row_weight(rows, i);
		total.positive += rows->label[i] ? flt_row_weight(rows, i) : 0;
	}
	return total;
}

/* Equal probabilities are one threshold, even of unequal log-odds. */
static enum flt_status find_thresholds(const struct flt_scored *rows, const struct flt_ranking *ranking, double prior,
                                       struct flt_curves *curves, struct flt_error *err)
{
	double positive = total_of(rows).positive;
	double found = 0; /* weight of the positive rows at the threshold and above */
	size_t next = 1;  /* due when so many forty-eighths are found */
	for (size_t i = 0; i < rows->n && next <= FLT_MOST_THRESHOLDS;) {
		double probability = flt_sigmoid(rows->log_odds[ranking->row[i]]);
		for (; i < rows->n && flt_sigmoid(rows->log_odds[ranking->row[i]]) == probability; i++)
			found += rows->label[ranking->row[i]] ? flt_row_weight(rows, ranking->row[i]) : 0;
		/* the sums of many weights are not exact */
		size_t n_found = (size_t)(found / positive * FLT_MOST_THRESHOLDS * (1 + 1e-9));
		if (n_found < next)
			continue;
		FLT_TRY(flt_point_at(rows, probability, prior, &curves->threshold[curves->n_thresholds++], err));
		next = n_found + 1;
	}
	return FLT_OK;
}

static const double SHARES[FLT_MOST_RANKED] = {1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1};

static enum flt_status find_ranked(const struct flt_scored *rows, const struct flt_ranking *ranking,
                                   struct flt_curves *curves, struct flt_error *err)
{
	enum { FEWEST = 20 };
	struct total total = total_of(rows);
	double from = 0, least = fmax(FEWEST / total.all, total.positive / total.all / 5);
	for (size_t i = 0; i < FLT_MOST_RANKED; i++) {
		double to = SHARES[i];
		if (to < least && to < 1)
			continue;
		struct flt_ranked_rows *ranked = &curves->ranked[curves->n_ranked++];
		*ranked = (struct flt_ranked_rows){.from = from, .to = to, .weight = (to - from) * total.all};
		FLT_TRY(flt_ranked(rows, ranking, from * total.all, ranked->weight, &ranked->said, &ranked->were, err));
		from = to;
	}
	return FLT_OK;
}

static void fill_histogram(const struct flt_scored *rows, const struct flt_ranking *ranking,
                           struct flt_histogram *histogram)
{
	const double furthest = 14; /* probabilities of a millionth */
	double lo = rows->log_odds[ranking->row[rows->n - 1]], hi = rows->log_odds[ranking->row[0]];
	lo = fmin(fmax(lo, -furthest), furthest - 1);
	hi = fmax(fmin(hi, furthest), lo + 1);
	histogram->lo = lo;
	histogram->hi = hi;
	for (size_t i = 0; i < rows->n; i++) {
		double at = (rows->log_odds[i] - lo) / (hi - lo) * FLT_HISTOGRAM_BINS;
		size_t bin = (size_t)fmin(fmax(at, 0), FLT_HISTOGRAM_BINS - 1);
		(rows->label[i] ? histogram->positive : histogram->negative)[bin] += flt_row_weight(rows, i);
	}
}

enum flt_status flt_curves_find(const struct flt_scored *rows, double prior, struct flt_curves *curves,
                                struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_ranking ranking = {0};
	double *weight = NULL; /* (n) under the prior */
	struct flt_scored weighted = *rows;
	*curves = (struct flt_curves){0};
	FLT_TRY_OUT(flt_ranking_make(&ranking, rows->log_odds, rows->n, NULL, err));
	FLT_TRY_OUT(find_thresholds(rows, &ranking, prior, curves, err));
	if (prior > 0) {
		weight = flt_alloc(rows->n, sizeof *weight, err);
		FLT_TRY_MEMORY_OUT(weight);
		weighted = flt_prior_weights(rows, prior, weight);
	}
	fill_histogram(&weighted, &ranking, &curves->histogram);
	FLT_TRY_OUT(find_ranked(&weighted, &ranking, curves, err));
out:
	flt_free(weight);
	flt_ranking_release(&ranking);
	return status;
}

double flt_cost_per_10000(const struct flt_confusion *confusion, const struct flt_costs *costs, double prior)
{
	double positive = confusion->tp + confusion->fn, negative = confusion->fp + confusion->tn;
	double share = prior > 0 ? prior : positive / (positive + negative);
	double alarms = costs->false_alarm * (1 - share) * confusion->fp / negative;
	double misses = costs->miss * share * confusion->fn / positive;
	return 1e4 * (alarms + misses);
}

void flt_curves_add_costs(struct flt_curves *curves, const struct flt_costs *costs, double prior,
                          const struct flt_confusion *chosen)
{
	double positive = chosen->tp + chosen->fn, negative = chosen->fp + chosen->tn;
	const struct flt_confusion none = {.fn = positive, .tn = negative}, all = {.tp = positive, .fp = negative};
	curves->has_costs = true;
	curves->costs = *costs;
	for (size_t i = 0; i < curves->n_thresholds; i++)
		curves->cost[i] = flt_cost_per_10000(&curves->threshold[i].confusion, costs, prior);
	curves->cost_of_none = flt_cost_per_10000(&none, costs, prior);
	curves->cost_of_all = flt_cost_per_10000(&all, costs, prior);
	curves->cost_chosen = flt_cost_per_10000(chosen, costs, prior);
}

const struct flt_point *flt_curves_at_recall(const struct flt_curves *curves, double recall)
{
	size_t i = 0;
	while (i + 1 < curves->n_thresholds && curves->threshold[i].recall.value < recall)
		i++;
	return &curves->threshold[i];
}
