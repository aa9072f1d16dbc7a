/*
 * How well probabilities agree with outcomes: log-loss, Brier score, expected calibration error and what it would be by
 * chance, and what the rows that rank highest were told and were.
 */
#include <assert.h>
#include <math.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "eval/metrics.h"

double flt_log_loss(const struct flt_scored *rows)
{
	double sum = 0, weight = 0;
	for (size_t i = 0; i < rows->n; i++) {
		double w = flt_row_weight(rows, i), z = rows->log_odds[i];
		sum += w * flt_softplus(rows->label[i] ? -z : z);
		weight += w;
	}
	return weight > 0 ? sum / weight : 0;
}

double flt_brier(const struct flt_scored *rows)
{
	double sum = 0, weight = 0;
	for (size_t i = 0; i < rows->n; i++) {
		double w = flt_row_weight(rows, i), z = rows->log_odds[i];
		double miss = flt_sigmoid(rows->label[i] ? -z : z); /* |probability - label| */
		sum += w * miss * miss;
		weight += w;
	}
	return weight > 0 ? sum / weight : 0;
}

/* ---- rows that hang together ---- */

/* The variance of a sum over rows, or clusters, drawn anew: of `part` (n; NULL: the rows' weights) times what each row
 * misses its expectation by. *plain is what it would be if each row were `part` rows drawn one by one. share: expected
 * of every row; NULL: its probability. */
static enum flt_status variance_of_misses(const struct flt_scored *rows, const double *part, const double *share,
                                          double *variance, double *plain, struct flt_error *err)
{
	double of_rows = 0, of_clusters = 0;
	double *held = NULL; /* (n_clusters) */
	if (rows->cluster) {
		held = flt_alloc_zero(rows->n_clusters, sizeof *held, err);
		FLT_TRY_MEMORY(held);
	}
	*plain = 0;
	for (size_t i = 0; i < rows->n; i++) {
		double weight = part ? part[i] : flt_row_weight(rows, i);
		double miss = rows->label[i] - (share ? *share : flt_sigmoid(rows->log_odds[i]));
		*plain += weight * miss * miss;
		of_rows += weight * miss * weight * miss;
		if (held)
			held[rows->cluster[i]] += weight * miss;
	}
	for (size_t c = 0; held && c < rows->n_clusters; c++)
		of_clusters += held[c] * held[c];
	*variance = fmax(of_rows, of_clusters);
	flt_free(held);
	return FLT_OK;
}

/* ---- expected calibration error ---- */

/* The current bin: sums of weight times probability - label, and times the variance of a label. */
struct bin {
	size_t number;
	double excess, variance;
};

struct bins {
	double error, by_chance; /* of the bins before */
	struct bin bin;
	uint8_t *of; /* (n) set to the bin of each row; or NULL */
};

/* A sum of independent deviations is about normal: its absolute value has a mean of sqrt(2 / pi) deviations. */
static void end_bin(struct bins *bins)
{
	const double two_per_pi = 0.63661977236758134308;
	bins->error += fabs(bins->bin.excess);
	bins->by_chance += sqrt(two_per_pi * bins->bin.variance);
	bins->bin.excess = bins->bin.variance = 0;
}

static void fill_bins(struct bins *bins, const struct flt_scored *rows, const struct flt_ranking *ranking, double total,
                      double n_bins)
{
	double before = 0; /* the weight of the rows before; a group's first row decides its bin */
	for (size_t left = rows->n; left > 0;) {
		size_t number = (size_t)(before * n_bins / total);
		if (number > bins->bin.number) {
			end_bin(bins);
			bins->bin.number = number;
		}
		uint64_t key = ranking->key[left - 1];
		for (; left > 0 && ranking->key[left - 1] == key; left--) {
			uint32_t row = ranking->row[left - 1];
			double weight = flt_row_weight(rows, row), p = flt_sigmoid(rows->log_odds[row]);
			bins->bin.excess += weight * (p - rows->label[row]);
			bins->bin.variance += weight * p * flt_sigmoid(-rows->log_odds[row]);
			if (bins->of)
				bins->of[row] = (uint8_t)number;
			before += weight;
		}
	}
	end_bin(bins);
}

static double weight_of(const struct flt_scored *rows)
{
	double total = 0;
	for (size_t i = 0; i < rows->n; i++)
		total += flt_row_weight(rows, i);
	return total;
}

enum flt_status flt_ece_bins(const struct flt_scored *rows, uint8_t *bin, struct flt_error *err)
{
	struct flt_ranking ranking;
	struct bins bins = {.of = bin};
	enum flt_status status = flt_ranking_make(&ranking, rows->log_odds, rows->n, NULL, err);
	if (status == FLT_OK)
		fill_bins(&bins, rows, &ranking, weight_of(rows), FLT_N_ECE_BINS);
	flt_ranking_release(&ranking);
	return status;
}

enum flt_status flt_ece(const struct flt_scored *rows, size_t n_bins, double *ece, double *ece_null,
                        struct flt_error *err)
{
	assert(n_bins > 0);
	struct flt_ranking ranking = {0};
	struct bins bins = {0};
	double total = weight_of(rows), variance = 0, plain = 0;
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(variance_of_misses(rows, NULL, NULL, &variance, &plain, err));
	FLT_TRY_OUT(flt_ranking_make(&ranking, rows->log_odds, rows->n, NULL, err));
	fill_bins(&bins, rows, &ranking, total, (double)n_bins);
	*ece = total > 0 ? bins.error / total : 0;
	*ece_null = total > 0 && plain > 0 ? bins.by_chance * sqrt(variance / plain) / total : 0;
out:
	flt_ranking_release(&ranking);
	return status;
}

/* ---- rows that follow each other in the ranking ---- */

/* part (n): the weight of each row that lies in [above, above + most) of the ranking; of rows that tie across an end,
 * the same share of each. */
static void take_ranked(const struct flt_scored *rows, const struct flt_ranking *ranking, double above, double most,
                        double *part)
{
	double sum = 0;
	for (size_t i = 0; i < rows->n; i++)
		part[i] = 0;
	for (size_t first = 0, end = 0; first < rows->n && sum < above + most; first = end) {
		double tied = 0;
		for (; end < rows->n && ranking->key[end] == ranking->key[first]; end++)
			tied += flt_row_weight(rows, ranking->row[end]);
		double share = (fmin(sum + tied, above + most) - fmax(sum, above)) / tied;
		for (size_t i = first; share > 0 && i < end; i++)
			part[ranking->row[i]] = flt_row_weight(rows, ranking->row[i]) * share;
		sum += tied;
	}
}

enum flt_status flt_ranked(const struct flt_scored *rows, const struct flt_ranking *ranking, double above, double most,
                           double *said, struct flt_interval *were, struct flt_error *err)
{
	double hits = 0, sum = 0, variance, plain, *part = flt_alloc(rows->n, sizeof *part, err);
	enum flt_status status = FLT_OK;
	FLT_TRY_MEMORY(part);
	take_ranked(rows, ranking, above, most, part);
	for (size_t i = 0; i < rows->n; i++) {
		hits += part[i] * rows->label[i];
		sum += part[i] * flt_sigmoid(rows->log_odds[i]);
	}
	double share = fmin(hits / most, 1);
	bool is_inner = share > 0 && share < 1;
	*said = sum / most;
	/* Where all were alike there is no deviation to see: then whole clusters count, each row missing by 1. */
	double expected = is_inner ? share : 1 - share;
	FLT_TRY_OUT(variance_of_misses(rows, part, &expected, &variance, &plain, err));
	*were = flt_wilson_of_share(share, (is_inner ? share * (1 - share) : 1) * most * most / variance);
out:
	flt_free(part);
	return status;
}
