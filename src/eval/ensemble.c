#include "eval/ensemble.h"

#include <math.h>

#include "base/alloc.h"
#include "base/log_odds.h"

enum { N_STEPS = 25 };

/* The greedy weights count for MOST * n / (n + HALF_POSITIVES) with n positives. On simulated rows where eight models
 * do not differ, weights lose with any share, and the more the fewer positives there are; where one is far better they
 * win with every share. With 10 positives a share of 0.1 to 0.3 lost least over both. Half way is what did best on real
 * sets with many positives. */
static const double MOST = 0.5, HALF_POSITIVES = 30;

/* A model that weighs less than this share of what it would among equals is dropped. */
static const double LEAST_SHARE = 0.1;

/* The probabilities of the rows' own classes, each row's divided by the largest that a model gave it: so they neither
 * vanish nor saturate. */
struct selection {
	size_t n_rows, n_models;
	const struct flt_scored *rows;
	double *p;   /* (n_models, n_rows) */
	double *sum; /* (n_rows) over the models chosen so far */
};

/* ln of the probability of the row's class. */
static double log_right(const struct flt_scored *rows, size_t row, double log_odds)
{
	return -flt_softplus(rows->label[row] ? -log_odds : log_odds);
}

static void fill(struct selection *selection, const double *const *log_odds)
{
	const double nearly_nothing = 1e-300; /* so that no sum is 0 */
	for (size_t i = 0; i < selection->n_rows; i++) {
		double most = -HUGE_VAL;
		for (size_t k = 0; k < selection->n_models; k++)
			most = fmax(most, log_right(selection->rows, i, log_odds[k][i]));
		for (size_t k = 0; k < selection->n_models; k++) {
			double log_p = log_right(selection->rows, i, log_odds[k][i]);
			selection->p[k * selection->n_rows + i] = fmax(exp(log_p - most), nearly_nothing);
		}
		selection->sum[i] = 0;
	}
}

/* The log-likelihood with one more model, but for what is the same for all. */
static double merit(const struct selection *selection, size_t model)
{
	const double *p = selection->p + model * selection->n_rows;
	double merit = 0;
	for (size_t i = 0; i < selection->n_rows; i++)
		merit += flt_row_weight(selection->rows, i) * log(selection->sum[i] + p[i]);
	return merit;
}

static size_t find_next(const struct selection *selection)
{
	size_t best = 0;
	double most = merit(selection, 0);
	for (size_t k = 1; k < selection->n_models; k++) {
		double its = merit(selection, k);
		if (its > most) {
			most = its;
			best = k;
		}
	}
	return best;
}

static void select_models(struct selection *selection, double *share)
{
	for (size_t k = 0; k < selection->n_models; k++)
		share[k] = 0;
	for (size_t step = 0; step < N_STEPS; step++) {
		size_t next = find_next(selection);
		const double *p = selection->p + next * selection->n_rows;
		share[next]++;
		for (size_t i = 0; i < selection->n_rows; i++)
			selection->sum[i] += p[i];
	}
	for (size_t k = 0; k < selection->n_models; k++)
		share[k] /= N_STEPS;
}

enum flt_status flt_ensemble_choose(const struct flt_scored *rows, const double *const *log_odds, size_t n_models,
                                    double *share, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct selection selection = {.n_rows = rows->n, .n_models = n_models, .rows = rows};
	selection.p = flt_alloc(n_models, rows->n * sizeof *selection.p, err);
	selection.sum = flt_alloc(rows->n, sizeof *selection.sum, err);
	FLT_TRY_MEMORY_OUT(selection.p && selection.sum);
	fill(&selection, log_odds);
	select_models(&selection, share);
out:
	flt_free(selection.p);
	flt_free(selection.sum);
	return status;
}

void flt_ensemble_shrink(double *share, size_t n_models, double n_positive)
{
	double greedy = MOST * n_positive / (n_positive + HALF_POSITIVES), equal = 1 / (double)n_models, sum = 0;
	for (size_t k = 0; k < n_models; k++) {
		share[k] = greedy * share[k] + (1 - greedy) * equal;
		if (share[k] < LEAST_SHARE * equal)
			share[k] = 0;
		sum += share[k];
	}
	for (size_t k = 0; k < n_models; k++)
		share[k] /= sum;
}

double flt_ensemble_log_loss(const struct flt_scored *rows, const double *log_odds)
{
	double sum = 0, weight = 0;
	for (size_t i = 0; i < rows->n; i++) {
		sum -= flt_row_weight(rows, i) * log_right(rows, i, log_odds[i]);
		weight += flt_row_weight(rows, i);
	}
	return sum / weight;
}
