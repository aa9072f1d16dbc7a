#include "eval/drawn.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/decision.h"

static enum flt_outcome_of_row outcome_of(const struct flt_scored *rows, size_t row, double threshold)
{
	if (flt_is_positive(rows->log_odds[row], threshold))
		return rows->label[row] ? FLT_TP : FLT_FP;
	return rows->label[row] ? FLT_FN : FLT_TN;
}

enum flt_status flt_outcomes_at(const struct flt_scored *rows, double threshold, struct flt_outcomes *outcomes,
                                struct flt_error *err)
{
	double(*held)[FLT_N_OUTCOMES] = NULL; /* (n_clusters) by each cluster */
	*outcomes = (struct flt_outcomes){0};
	if (rows->cluster) {
		held = flt_alloc_zero(rows->n_clusters, sizeof *held, err);
		FLT_TRY_MEMORY(held);
	}
	for (size_t i = 0; i < rows->n; i++) {
		enum flt_outcome_of_row outcome = outcome_of(rows, i, threshold);
		double weight = flt_row_weight(rows, i);
		outcomes->sum[outcome] += weight;
		outcomes->square[outcome] += weight * weight;
		if (held)
			held[rows->cluster[i]][outcome] += weight;
	}
	for (size_t c = 0; held && c < rows->n_clusters; c++)
		for (int a = 0; a < FLT_N_OUTCOMES; a++)
			for (int b = 0; held[c][a] > 0 && b < FLT_N_OUTCOMES; b++)
				outcomes->product[a][b] += held[c][a] * held[c][b];
	flt_free(held);
	return FLT_OK;
}

/* The variance of the sum of weights times the term of their outcome. */
static double variance_of_terms(const struct flt_outcomes *outcomes, const double term[FLT_N_OUTCOMES])
{
	double rows = 0, clusters = 0;
	for (int a = 0; a < FLT_N_OUTCOMES; a++) {
		rows += outcomes->square[a] * term[a] * term[a];
		for (int b = 0; b < FLT_N_OUTCOMES; b++)
			clusters += outcomes->product[a][b] * term[a] * term[b];
	}
	return fmax(rows, clusters);
}

struct flt_share flt_outcome_share(const struct flt_outcomes *outcomes, unsigned part, unsigned whole)
{
	double in_part = 0, in_whole = 0, term[FLT_N_OUTCOMES];
	for (int a = 0; a < FLT_N_OUTCOMES; a++) {
		in_part += part >> a & 1 ? outcomes->sum[a] : 0;
		in_whole += whole >> a & 1 ? outcomes->sum[a] : 0;
	}
	if (in_whole <= 0)
		return (struct flt_share){0, 0};
	double share = in_part / in_whole;
	bool is_inner = in_part > 0 && in_part < in_whole;
	/* Where all rows are alike there is no deviation to see: then whole clusters count. */
	for (int a = 0; a < FLT_N_OUTCOMES; a++)
		term[a] = is_inner ? (double)(part >> a & 1) - share * (double)(whole >> a & 1)
		                   : (double)(whole >> a & 1);
	double square = is_inner ? in_part * (in_whole - in_part) : in_whole * in_whole;
	return (struct flt_share){share, square / variance_of_terms(outcomes, term)};
}

enum flt_status flt_variance_of(const struct flt_scored *rows, const struct flt_ranking *ranking,
                                const struct flt_rank_groups *groups, const double *const add[2],
                                struct flt_variance *variance, struct flt_error *err)
{
	double square[2] = {0}, of_clusters[2] = {0}, total = 0;
	double(*held)[2] = NULL; /* (n_clusters) by each cluster, of each class */
	if (rows->cluster) {
		held = flt_alloc_zero(rows->n_clusters, sizeof *held, err);
		FLT_TRY_MEMORY(held);
	}
	for (size_t g = 0, i = 0; g < groups->n; g++) {
		for (; i < groups->end[g]; i++) {
			size_t row = ranking->row[i];
			int y = rows->label[row];
			double term = flt_row_weight(rows, row) * add[y][g];
			square[y] += term * term;
			if (held)
				held[rows->cluster[row]][y] += term;
		}
	}
	for (size_t c = 0; held && c < rows->n_clusters; c++) {
		double sum = held[c][0] + held[c][1];
		of_clusters[0] += held[c][0] * held[c][0];
		of_clusters[1] += held[c][1] * held[c][1];
		total += sum * sum;
	}
	*variance = (struct flt_variance){{fmax(square[0], of_clusters[0]), fmax(square[1], of_clusters[1])},
	                                  fmax(square[0] + square[1], total)};
	flt_free(held);
	return FLT_OK;
}

enum flt_status flt_independent_clusters(const struct flt_scored *rows, double number[2], struct flt_error *err)
{
	double sum[2] = {0}, square[2] = {0};
	double(*held)[2] = NULL; /* (n_clusters) weight of each cluster, by class */
	if (rows->cluster) {
		held = flt_alloc_zero(rows->n_clusters, sizeof *held, err);
		FLT_TRY_MEMORY(held);
	}
	for (size_t i = 0; i < rows->n; i++) {
		double weight = flt_row_weight(rows, i);
		int y = rows->label[i];
		sum[y] += weight;
		if (held)
			held[rows->cluster[i]][y] += weight;
		else
			square[y] += weight * weight;
	}
	for (size_t c = 0; held && c < rows->n_clusters; c++)
		for (int y = 0; y < 2; y++)
			square[y] += held[c][y] * held[c][y];
	for (int y = 0; y < 2; y++)
		number[y] = sum[y] * sum[y] / square[y];
	flt_free(held);
	return FLT_OK;
}
