#include "eval/drawn.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/decision.h"
#include "eval/sample.h"

static enum flt_outcome_of_row outcome_of(const struct flt_scored *rows, size_t row, double threshold)
{
	if (flt_is_positive(rows->log_odds[row], threshold))
		return rows->label[row] ? FLT_TP : FLT_FP;
	return rows->label[row] ? FLT_FN : FLT_TN;
}

/* What the rows or clusters of each class weigh. */
struct heaviness {
	double *weight[2]; /* (n) */
	size_t n[2];
	bool is_mixed; /* clusters hold both classes, and so show what they hold of each */
};

/* n: of rows or clusters. Released by heaviness_release, also after a failure. */
static enum flt_status heaviness_init(struct heaviness *heaviness, size_t n, struct flt_error *err)
{
	*heaviness = (struct heaviness){.is_mixed = false};
	for (int y = 0; y < 2; y++) {
		heaviness->weight[y] = flt_alloc(n, sizeof *heaviness->weight[y], err);
		FLT_TRY_MEMORY(heaviness->weight[y]);
	}
	return FLT_OK;
}

static void heaviness_release(struct heaviness *heaviness)
{
	flt_free(heaviness->weight[0]);
	flt_free(heaviness->weight[1]);
}

static void see_weight(struct heaviness *heaviness, int y, double weight)
{
	if (weight > 0)
		heaviness->weight[y][heaviness->n[y]++] = weight;
}

static void see_cluster(struct heaviness *heaviness, double negative, double positive)
{
	see_weight(heaviness, 0, negative);
	see_weight(heaviness, 1, positive);
	heaviness->is_mixed = heaviness->is_mixed || (negative > 0 && positive > 0);
}

/* The most that a row of sorted weights (n) weighs, but for one row in twenty: a single pair of copies among thousands
 * of rows is no sign of others. */
static double usual_most(const double *sorted, size_t n)
{
	const double unusual = 0.05;
	double sum = 0, above = 0;
	for (size_t i = 0; i < n; i++)
		sum += sorted[i];
	while (n > 1 && above + sorted[n - 1] < unusual * sum)
		above += sorted[--n];
	return n ? sorted[n - 1] : 0;
}

static void find_heaviest(struct heaviness *heaviness, double heaviest[2])
{
	const double rounding = 1e-9;
	bool is_by_class = true;
	for (int y = 0; y < 2; y++) {
		flt_sort_doubles(heaviness->weight[y], heaviness->n[y]);
		heaviest[y] = usual_most(heaviness->weight[y], heaviness->n[y]);
		is_by_class = is_by_class &&
		              (heaviness->n[y] == 0 || heaviest[y] <= heaviness->weight[y][0] * (1 + rounding));
	}
	if (!is_by_class && !heaviness->is_mixed)
		heaviest[0] = heaviest[1] = fmax(heaviest[0], heaviest[1]);
}

static bool is_drawn_singly(const struct flt_scored *rows)
{
	return !rows->cluster && !rows->weight;
}

enum flt_status flt_outcomes_at(const struct flt_scored *rows, double threshold, struct flt_outcomes *outcomes,
                                struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	double(*held)[FLT_N_OUTCOMES] = NULL; /* (n_clusters) by each cluster */
	struct heaviness heaviness = {.is_mixed = false};
	*outcomes = (struct flt_outcomes){.heaviest = {1, 1}};
	if (rows->cluster) {
		held = flt_alloc_zero(rows->n_clusters, sizeof *held, err);
		FLT_TRY_MEMORY(held);
	}
	if (!is_drawn_singly(rows))
		FLT_TRY_OUT(heaviness_init(&heaviness, held ? rows->n_clusters : rows->n, err));
	for (size_t i = 0; i < rows->n; i++) {
		enum flt_outcome_of_row outcome = outcome_of(rows, i, threshold);
		double weight = flt_row_weight(rows, i);
		outcomes->sum[outcome] += weight;
		outcomes->square[outcome] += weight * weight;
		if (held)
			held[rows->cluster[i]][outcome] += weight;
		else if (rows->weight)
			see_weight(&heaviness, rows->label[i], weight);
	}
	for (size_t c = 0; held && c < rows->n_clusters; c++) {
		see_cluster(&heaviness, held[c][FLT_FP] + held[c][FLT_TN], held[c][FLT_TP] + held[c][FLT_FN]);
		for (int a = 0; a < FLT_N_OUTCOMES; a++)
			for (int b = 0; held[c][a] > 0 && b < FLT_N_OUTCOMES; b++)
				outcomes->product[a][b] += held[c][a] * held[c][b];
	}
	if (!is_drawn_singly(rows))
		find_heaviest(&heaviness, outcomes->heaviest);
out:
	heaviness_release(&heaviness);
	flt_free(held);
	return status;
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

/* Few clusters show too little of their variance: the number of whole clusters counts as if one of them had shown it.
 */
static double cautious_number(double seen, double independent)
{
	double weight = fmin(1, 1 / independent);
	return independent < seen ? exp(weight * log(independent) + (1 - weight) * log(seen)) : seen;
}

static double sum_in(const struct flt_outcomes *outcomes, unsigned part)
{
	double sum = 0;
	for (int a = 0; a < FLT_N_OUTCOMES; a++)
		sum += part >> a & 1 ? outcomes->sum[a] : 0;
	return sum;
}

/* The mean weight of the cluster of a row, drawn by weight from those of some outcomes; 0 without any. */
static double usual_in(const struct flt_outcomes *outcomes, unsigned part)
{
	double term[FLT_N_OUTCOMES], sum = sum_in(outcomes, part);
	for (int a = 0; a < FLT_N_OUTCOMES; a++)
		term[a] = (double)(part >> a & 1);
	return sum > 0 ? variance_of_terms(outcomes, term) / sum : 0;
}

/* What a heavy row of these outcomes would add that was not drawn. */
static double unseen_in(const struct flt_outcomes *outcomes, unsigned part, unsigned others)
{
	double usual = usual_in(outcomes, part), heaviest = 0;
	if (usual <= 0)
		usual = usual_in(outcomes, others);
	if (part & (1 << FLT_TP | 1 << FLT_FN))
		heaviest = outcomes->heaviest[1];
	if (part & (1 << FLT_FP | 1 << FLT_TN))
		heaviest = fmax(heaviest, outcomes->heaviest[0]);
	return fmax(0, heaviest - usual) / 2;
}

/* How many single rows would tell as much of the share. */
static double effective_number(const struct flt_outcomes *outcomes, unsigned part, unsigned whole)
{
	double in_part = sum_in(outcomes, part), in_whole = sum_in(outcomes, whole), term[FLT_N_OUTCOMES];
	/* What whole clusters would tell if the rows of each were all alike. */
	double independent = in_whole / usual_in(outcomes, whole);
	if (in_part <= 0 || in_part >= in_whole) /* all are alike: there is no deviation to see */
		return independent;
	for (int a = 0; a < FLT_N_OUTCOMES; a++)
		term[a] = (double)(part >> a & 1) - in_part / in_whole * (double)(whole >> a & 1);
	return cautious_number(in_part * (in_whole - in_part) / variance_of_terms(outcomes, term), independent);
}

struct flt_share flt_outcome_share(const struct flt_outcomes *outcomes, unsigned part, unsigned whole)
{
	double in_part = sum_in(outcomes, part), in_whole = sum_in(outcomes, whole);
	unsigned others = whole & ~part;
	if (in_whole <= 0)
		return (struct flt_share){0};
	double missed = unseen_in(outcomes, others, part), hit = unseen_in(outcomes, part, others);
	return (struct flt_share){.value = in_part / in_whole,
	                          .n = effective_number(outcomes, part, whole),
	                          .low = in_part / (in_whole + missed),
	                          .high = (in_part + hit) / (in_whole + hit)};
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

enum flt_status flt_class_weights_of(const struct flt_scored *rows, struct flt_class_weights *weights,
                                     struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	double(*held)[2] = NULL; /* (n_clusters) weight of each cluster, by class */
	struct heaviness heaviness = {.is_mixed = false};
	*weights = (struct flt_class_weights){.heaviest = {1, 1}};
	if (rows->cluster) {
		held = flt_alloc_zero(rows->n_clusters, sizeof *held, err);
		FLT_TRY_MEMORY(held);
	}
	if (!is_drawn_singly(rows))
		FLT_TRY_OUT(heaviness_init(&heaviness, held ? rows->n_clusters : rows->n, err));
	for (size_t i = 0; i < rows->n; i++) {
		double weight = flt_row_weight(rows, i);
		int y = rows->label[i];
		weights->sum[y] += weight;
		if (held)
			held[rows->cluster[i]][y] += weight;
		else
			weights->square[y] += weight * weight;
		if (!held && rows->weight)
			see_weight(&heaviness, y, weight);
	}
	for (size_t c = 0; held && c < rows->n_clusters; c++) {
		weights->square[0] += held[c][0] * held[c][0];
		weights->square[1] += held[c][1] * held[c][1];
		see_cluster(&heaviness, held[c][0], held[c][1]);
	}
	if (!is_drawn_singly(rows))
		find_heaviest(&heaviness, weights->heaviest);
	weights->is_mixed = heaviness.is_mixed;
out:
	heaviness_release(&heaviness);
	flt_free(held);
	return status;
}

double flt_usual_weight(const struct flt_class_weights *weights, int y)
{
	return weights->square[y] / weights->sum[y];
}

enum flt_status flt_independent_clusters(const struct flt_scored *rows, double number[2], struct flt_error *err)
{
	struct flt_class_weights weights;
	FLT_TRY(flt_class_weights_of(rows, &weights, err));
	for (int y = 0; y < 2; y++)
		number[y] = weights.sum[y] / flt_usual_weight(&weights, y);
	return FLT_OK;
}
