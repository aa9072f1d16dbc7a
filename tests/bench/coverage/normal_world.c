#include "normal_world.h"

#include <math.h>

#include "base/log_odds.h"
#include "eval/areas.h"

const char *const normal_figure_names[N_FIGURES] = {"PR-AUC", "ROC-AUC", "precision",     "recall",        "F1",
                                                    "MCC",    "alarms",  "F1, recall .8", "MCC, recall .8"};

/* P(N(0, 1) >= x). */
static double above(double x)
{
	return erfc(x / sqrt(2)) / 2;
}

/* The area under the precision-recall curve, by the midpoint rule over recall's density. */
static double true_ap(const struct normal_world *world)
{
	enum { N_STEPS = 200000 };
	double sum = 0, step = 20.0 / N_STEPS, p = world->prevalence;
	for (int i = 0; i < N_STEPS; i++) {
		double z = -10 + (i + 0.5) * step, score = z + world->shift;
		double tp = p * above(z), fp = (1 - p) * above(score);
		sum += step * exp(-z * z / 2) / sqrt(2 * acos(-1)) * tp / (tp + fp);
	}
	return sum;
}

static void find_truth(struct normal_world *world)
{
	world->truth[AP] = true_ap(world);
	world->truth[ROC_AUC] = above(-world->shift / sqrt(2));
	for (int low = 0; low < 2; low++) {
		double recall = above(world->threshold[low] - world->shift), fpr = above(world->threshold[low]),
		       p = world->prevalence;
		struct flt_confusion c = {p * recall, (1 - p) * fpr, p * (1 - recall), (1 - p) * (1 - fpr)};
		world->truth[low ? F1_LOW : F1] = flt_f1(&c);
		world->truth[low ? MCC_LOW : MCC] = flt_mcc(&c);
		if (low)
			continue;
		world->truth[PRECISION] = flt_precision(&c);
		world->truth[RECALL] = recall;
		world->truth[ALARMS] = 10000 * (c.tp + c.fp);
	}
}

struct normal_world normal_world_of(double shift, double prevalence, double n_positive)
{
	struct normal_world world = {.shift = shift,
	                             .prevalence = prevalence,
	                             .n_rows = (size_t)(n_positive / prevalence + 0.5),
	                             .threshold = {shift, shift - 0.8416}};
	find_truth(&world);
	return world;
}

struct normal_row normal_world_row(const struct normal_world *world, struct flt_random *random)
{
	struct normal_row row = {.label = flt_random_uniform(random) < world->prevalence};
	row.score = flt_random_normal(random) + (row.label ? world->shift : 0);
	row.log_odds = row.score - world->threshold[1];
	return row;
}

/* What flt_evaluate does, but for what chance attains, which takes longer than all else. */
static void measure(const struct flt_scored *rows, double threshold, struct flt_areas *areas, struct flt_point *point,
                    struct flt_point *low)
{
	struct flt_ranking ranking;
	struct flt_rank_groups groups;
	struct flt_error err;
	coverage_must(flt_ranking_init(&ranking, rows->n, &err), &err);
	flt_ranking_sort(&ranking, rows->score, rows->n);
	coverage_must(flt_rank_groups_init(&groups, &ranking, rows, &err), &err);
	coverage_must(flt_areas_find(rows, &ranking, &groups, 1, false, areas, &err), &err);
	coverage_must(flt_point_at(rows, threshold, 0, point, &err), &err);
	coverage_must(flt_point_at(rows, 0.5, 0, low, &err), &err);
	flt_rank_groups_release(&groups);
	flt_ranking_release(&ranking);
}

void normal_world_judge(const struct normal_world *world, const struct flt_scored *rows, bool held[N_FIGURES])
{
	struct flt_areas areas;
	struct flt_point point, low;
	measure(rows, flt_sigmoid(world->threshold[0] - world->threshold[1]), &areas, &point, &low);
	const struct flt_interval *got[N_FIGURES] = {&areas.ap, &areas.roc_auc, &point.precision,        &point.recall,
	                                             &point.f1, &point.mcc,     &point.alarms_per_10000, &low.f1,
	                                             &low.mcc};
	for (size_t i = 0; i < N_FIGURES; i++)
		held[i] = coverage_holds(got[i], world->truth[i]);
}
