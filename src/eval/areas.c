/*
 * Both areas are averages over rows, to first order: a row more or less of a rank group changes the area by what `add`
 * holds for its group and class (the influence function, or infinitesimal jackknife). The variance of the sum of these
 * terms is that of the area, with weights and clusters too, and needs no resampling.
 */
#include "eval/areas.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/student.h"

static const double NORMAL_975 = 1.959963984540054; /* the 97.5th percentile of the standard normal */

struct influence {
	double *add[2]; /* (n_groups) by class */
	double mass[2]; /* weights of each class */
};

static void find_masses(const struct flt_rank_groups *groups, double mass[2])
{
	mass[0] = mass[1] = 0;
	for (size_t g = 0; g < groups->n; g++) {
		mass[0] += groups->group[g].n_negative;
		mass[1] += groups->group[g].n_positive;
	}
}

static enum flt_status influence_init(struct influence *influence, const struct flt_rank_groups *groups,
                                      struct flt_error *err)
{
	*influence = (struct influence){0};
	influence->add[0] = flt_alloc(2 * groups->n, sizeof *influence->add[0], err);
	FLT_TRY_MEMORY(influence->add[0]);
	influence->add[1] = influence->add[0] + groups->n;
	find_masses(groups, influence->mass);
	return FLT_OK;
}

/* A positive row adds its precision, and raises that of the positive rows from its score down; a negative row lowers
 * theirs. */
void flt_ap_influence(const struct flt_rank_groups *groups, double ap, double *const add[2])
{
	double mass[2], raised = 0, lowered = 0;
	find_masses(groups, mass);
	double tp = mass[1], fp = mass[0];
	for (size_t g = groups->n; g-- > 0;) {
		const struct flt_rank_group *group = &groups->group[g];
		double called = tp + fp;
		if (group->n_positive > 0) {
			raised += group->n_positive * (fp / called) / called;
			lowered += group->n_positive * (tp / called) / called;
		}
		add[1][g] = ((called > 0 ? tp / called : 0) - ap + raised) / mass[1];
		add[0][g] = -lowered / mass[1];
		tp -= group->n_positive;
		fp -= group->n_negative;
	}
}

/* A row adds the share of the other class that it is rightly ranked against. */
static void influence_on_roc_auc(struct influence *influence, const struct flt_rank_groups *groups, double auc)
{
	double tp = 0, fp = 0;
	for (size_t g = 0; g < groups->n; g++) {
		const struct flt_rank_group *group = &groups->group[g];
		double outranked = 1 - (fp + 0.5 * group->n_negative) / influence->mass[0];
		double outranking = (tp + 0.5 * group->n_positive) / influence->mass[1];
		influence->add[1][g] = (outranked - auc) / influence->mass[1];
		influence->add[0][g] = (outranking - auc) / influence->mass[0];
		tp += group->n_positive;
		fp += group->n_negative;
	}
}

static double mass_of(const struct flt_rank_group *group, int y)
{
	return y ? group->n_positive : group->n_negative;
}

/* Sums over the rows of a class of what they add, to a power of 1 or 2. */
static double sum_of(const struct influence *influence, const struct flt_rank_groups *groups, int y, int power)
{
	double sum = 0;
	for (size_t g = 0; g < groups->n; g++) {
		double add = influence->add[y][g];
		sum += mass_of(&groups->group[g], y) * (power == 2 ? add * add : add);
	}
	return sum;
}

/* Where the share of the classes is given, only rows within a class are drawn. */
static void centre(struct influence *influence, const struct flt_rank_groups *groups)
{
	for (int y = 0; y < 2; y++) {
		double mean = sum_of(influence, groups, y, 1) / influence->mass[y];
		for (size_t g = 0; g < groups->n; g++)
			influence->add[y][g] -= mean;
	}
}

/* What a positive row finds among the others: the average precision that does not count the row itself, which is most
 * of what raises it above its truth where positive rows are few. unit: what a row of each class counts as with those
 * that hang together with it. Where this is more for a negative row, half of the difference stands unseen above each
 * positive row. */
static double ap_among_others(const struct flt_rank_groups *groups, const double mass[2], const double unit[2])
{
	double tp = 0, fp = 0, sum = 0, unseen = fmax(0, unit[0] - unit[1]) / 2;
	for (size_t g = 0; g < groups->n; g++) {
		const struct flt_rank_group *group = &groups->group[g];
		tp += group->n_positive;
		fp += group->n_negative;
		/* Without a negative row above, the row itself is not what makes the difference. */
		double others = fp > 0 ? fmax(0, tp - unit[1]) : tp;
		if (group->n_positive > 0)
			sum += group->n_positive * (others / (others + fp + unseen));
	}
	return sum / mass[1];
}

/* Newcombe's variance assumes how scores are spread; the variance that these rows show (that of DeLong and others 1988)
 * does not, and counts with the Student factor of the rarer class, since few rows show it badly. Where it is the
 * greater, it stands. Where it is the less, it pulls half way beyond 30 such rows, up to which it is too often so by
 * chance. */
static double widening_of(double auc, const double n_effective[2], const double n_clusters[2], double seen)
{
	const double enough = 30, least = 0.1; /* where all rows are tied they show none */
	double assumed = flt_roc_auc_variance(auc, n_effective[1], n_effective[0]);
	double n = fmin(n_clusters[0], n_clusters[1]);
	double student = flt_student_quantile(0.975, fmax(1, n - 1)) / NORMAL_975;
	double ratio = assumed > 0 ? seen * student * student / assumed : 1;
	return ratio < 1 ? pow(fmax(ratio, least), 0.5 * fmax(0, 1 - enough / n)) : ratio;
}

/* Each end from the area with what may be unseen (eval/drawn.h), half of it ranked like the other rows of its class,
 * half as badly, or as well, as can be. */
static struct flt_interval roc_auc_interval(double auc, const double n_effective[2],
                                            const struct flt_class_weights *weights, double widening)
{
	double kept = 1;
	for (int y = 0; y < 2; y++) {
		double unseen = fmax(0, weights->heaviest[y] - flt_usual_weight(weights, y)) / 2;
		kept *= weights->sum[y] / (weights->sum[y] + unseen / 2);
	}
	struct flt_interval low = flt_roc_auc_interval_of(auc * kept, n_effective[1], n_effective[0], widening),
	                    high = flt_roc_auc_interval_of(1 - (1 - auc) * kept, n_effective[1], n_effective[0],
	                                                   widening);
	return (struct flt_interval){auc, low.lo, high.hi};
}

/* The variance of the sum, where a positive row's term counts positive_weight times. */
static enum flt_status weighted_variance(const struct flt_scored *rows, const struct flt_ranking *ranking,
                                         const struct flt_rank_groups *groups, struct influence *influence,
                                         double positive_weight, struct flt_variance *variance, struct flt_error *err)
{
	const double *const add[2] = {influence->add[0], influence->add[1]};
	for (size_t g = 0; g < groups->n; g++)
		influence->add[1][g] *= positive_weight;
	FLT_TRY(flt_variance_of(rows, ranking, groups, add, variance, err));
	for (size_t g = 0; g < groups->n; g++)
		influence->add[1][g] /= positive_weight;
	return FLT_OK;
}

/* Effective numbers of rows of each class for the ROC-AUC: those whose terms would have this variance. Where all terms
 * of a class are 0, whole clusters count. */
static void find_effective(struct flt_areas *areas, const struct influence *influence,
                           const struct flt_rank_groups *groups, const struct flt_variance *variance,
                           const double n_clusters[2])
{
	double both = variance->of_class[0] + variance->of_class[1];
	double together = both > 0 ? fmax(1, variance->total / both) : 1; /* clusters that hold both classes */
	for (int y = 0; y < 2; y++) {
		double square = sum_of(influence, groups, y, 2) * influence->mass[y];
		areas->n_effective[y] = variance->of_class[y] > 0 ? square / variance->of_class[y] : n_clusters[y];
		areas->n_effective[y] /= together;
	}
}

enum flt_status flt_areas_find(const struct flt_scored *rows, const struct flt_ranking *ranking,
                               const struct flt_rank_groups *groups, double positive_weight, bool has_prior,
                               struct flt_areas *areas, struct flt_error *err)
{
	struct influence influence;
	struct flt_variance variance;
	struct flt_class_weights weights;
	double n_clusters[2], unit[2];
	enum flt_status status = FLT_OK;
	double ap = flt_rank_groups_average_precision(groups->group, groups->n);
	double auc = flt_rank_groups_roc_auc(groups->group, groups->n);
	FLT_TRY(flt_class_weights_of(rows, &weights, err));
	for (int y = 0; y < 2; y++)
		n_clusters[y] = weights.sum[y] / flt_usual_weight(&weights, y);
	FLT_TRY(influence_init(&influence, groups, err));

	influence_on_roc_auc(&influence, groups, auc);
	FLT_TRY_OUT(weighted_variance(rows, ranking, groups, &influence, positive_weight, &variance, err));
	find_effective(areas, &influence, groups, &variance, n_clusters);
	areas->roc_auc = roc_auc_interval(auc, areas->n_effective, &weights,
	                                  widening_of(auc, areas->n_effective, n_clusters, variance.total));

	flt_ap_influence(groups, ap, influence.add);
	if (has_prior)
		centre(&influence, groups);
	FLT_TRY_OUT(weighted_variance(rows, ranking, groups, &influence, positive_weight, &variance, err));
	double of_one_positive = influence.mass[1] / n_clusters[1], of_one_negative = influence.mass[0] / n_clusters[0];
	for (int y = 0; y < 2; y++) {
		/* Rows of a mixed cluster are seldom alike: then by how much they are. */
		double alone = weights.is_mixed ? sum_of(&influence, groups, y, 2) : 0;
		unit[y] = alone > 0 ? variance.of_class[y] / alone : influence.mass[y] / n_clusters[y];
	}
	double among_others = ap_among_others(groups, influence.mass, unit);
	areas->ap =
	        flt_ap_interval_of(ap, among_others, variance.total, n_clusters[1], of_one_negative / of_one_positive);
out:
	flt_free(influence.add[0]);
	return status;
}
