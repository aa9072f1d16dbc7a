/* How well probabilities agree with outcomes: log-loss, Brier score, expected calibration error. */
#include <assert.h>

#include "eval/calibrate.h"
#include "eval/metrics.h"

double flt_log_loss(const double *log_odds, const uint8_t *label, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += flt_softplus(label[i] ? -log_odds[i] : log_odds[i]);
	return n ? sum / (double)n : 0;
}

double flt_brier(const double *log_odds, const uint8_t *label, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		double miss = flt_sigmoid(label[i] ? -log_odds[i] : log_odds[i]); /* |probability - label| */
		sum += miss * miss;
	}
	return n ? sum / (double)n : 0;
}

enum flt_status flt_ece(const double *log_odds, const uint8_t *label, size_t n, size_t n_bins, double *ece,
                        struct flt_error *err)
{
	assert(n_bins > 0);
	struct flt_ranking ranking;
	FLT_TRY(flt_ranking_init(&ranking, n, err));
	flt_ranking_sort(&ranking, log_odds, n);
	double sum = 0, excess = 0; /* sum of probability - label in the current bin */
	size_t bin = 0;
	for (size_t left = n; left > 0;) {
		size_t first = n - left; /* rows so far; a group's first row decides its bin */
		if (first * n_bins / n > bin) {
			sum += excess < 0 ? -excess : excess;
			excess = 0;
			bin = first * n_bins / n;
		}
		uint64_t key = ranking.key[left - 1];
		for (; left > 0 && ranking.key[left - 1] == key; left--) {
			uint32_t row = ranking.row[left - 1];
			excess += flt_sigmoid(log_odds[row]) - label[row];
		}
	}
	sum += excess < 0 ? -excess : excess;
	*ece = n ? sum / (double)n : 0;
	flt_ranking_release(&ranking);
	return FLT_OK;
}
