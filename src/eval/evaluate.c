/*
 * All figures of one classifier on one set of rows. The bootstrap draws each resample once and reads all of its figures
 * from it: average precision, ROC-AUC, and F1 and MCC at both thresholds.
 */
#include "base/alloc.h"
#include "base/pool.h"
#include "eval/cells.h"
#include "eval/sample.h"
#include "eval/calibrate.h"
#include "eval/decision.h"
#include "eval/metrics.h"

enum { N_RESAMPLES = 2000, RESAMPLES_PER_TASK = 20, N_ECE_BINS = 15 };
enum { CHOSEN, AT_HALF };                                              /* cuts */
enum { AP, ROC_AUC, F1, F1_HALF, MCC, MCC_HALF, N_RESAMPLED_FIGURES }; /* of the bootstrap */

static const double AT_PRECISION[FLT_N_AT_PRECISION] = {0.5, 0.7, 0.9, 0.95};

/* What many resamples take. */
struct resampling {
	uint64_t seed;
	unsigned n_threads;
};

struct bootstrap {
	const struct flt_cells *cells;
	uint64_t seed;
	uint32_t *counts;         /* (n_workers, all cells) negative cells first */
	struct flt_group *groups; /* (n_workers, n_groups) */
	double *figures;          /* (N_RESAMPLED_FIGURES, N_RESAMPLES) */
};

static void resample(const struct bootstrap *bootstrap, size_t number, size_t worker)
{
	const struct flt_cells *cells = bootstrap->cells;
	const struct flt_stratum *negative = &cells->stratum[0], *positive = &cells->stratum[1];
	uint32_t *of_negative = bootstrap->counts + worker * (negative->n_cells + positive->n_cells);
	uint32_t *of_positive = of_negative + negative->n_cells;
	struct flt_group *group = bootstrap->groups + worker * cells->groups.n;
	struct flt_random random;
	flt_random_init(&random, bootstrap->seed, "bootstrap", number);
	flt_stratum_draw(negative, &random, of_negative);
	flt_stratum_draw(positive, &random, of_positive);
	struct flt_predicted calls;
	flt_cells_weigh(cells, of_negative, of_positive, group, &calls);
	struct flt_confusion chosen = flt_predicted_confusion(&calls, CHOSEN);
	struct flt_confusion at_half = flt_predicted_confusion(&calls, AT_HALF);

	double *figures = bootstrap->figures + number;
	figures[AP * N_RESAMPLES] = flt_groups_average_precision(group, cells->groups.n);
	figures[ROC_AUC * N_RESAMPLES] = flt_groups_roc_auc(group, cells->groups.n);
	figures[F1 * N_RESAMPLES] = flt_f1(&chosen);
	figures[F1_HALF * N_RESAMPLES] = flt_f1(&at_half);
	figures[MCC * N_RESAMPLES] = flt_mcc(&chosen);
	figures[MCC_HALF * N_RESAMPLES] = flt_mcc(&at_half);
}

static void resample_some(void *context, size_t task, size_t worker)
{
	for (size_t i = 0; i < RESAMPLES_PER_TASK; i++)
		resample(context, task * RESAMPLES_PER_TASK + i, worker);
}

/* Sets the bounds of *interval, whose value stands already. */
static void percentile_interval(double figures[N_RESAMPLES], struct flt_interval *interval)
{
	flt_sort_doubles(figures, N_RESAMPLES);
	interval->lo = flt_quantile_sorted(figures, N_RESAMPLES, 0.025);
	interval->hi = flt_quantile_sorted(figures, N_RESAMPLES, 0.975);
}

static enum flt_status bootstrap_intervals(const struct flt_cells *cells, uint64_t seed, unsigned n_threads,
                                           struct flt_figures *figures, struct flt_error *err)
{
	struct flt_pool *pool = NULL;
	struct bootstrap bootstrap = {.cells = cells, .seed = seed};
	size_t n_cells = cells->stratum[0].n_cells + cells->stratum[1].n_cells;
	enum flt_status status = flt_pool_new(n_threads, &pool, err);
	if (status != FLT_OK)
		return status;
	size_t n_workers = flt_pool_n_threads(pool);
	status = FLT_ERR_MACHINE;
	bootstrap.counts = flt_alloc(n_workers * n_cells, sizeof *bootstrap.counts, err);
	bootstrap.groups = flt_alloc(n_workers * cells->groups.n, sizeof *bootstrap.groups, err);
	bootstrap.figures = flt_alloc(N_RESAMPLED_FIGURES * N_RESAMPLES, sizeof *bootstrap.figures, err);
	if (!bootstrap.counts || !bootstrap.groups || !bootstrap.figures)
		goto out;
	flt_pool_run(pool, N_RESAMPLES / RESAMPLES_PER_TASK, resample_some, &bootstrap);
	struct flt_interval *intervals[N_RESAMPLED_FIGURES] = {
	        [AP] = &figures->ap,          [ROC_AUC] = &figures->roc_auc,    [F1] = &figures->chosen.f1,
	        [MCC] = &figures->chosen.mcc, [F1_HALF] = &figures->at_half.f1, [MCC_HALF] = &figures->at_half.mcc};
	for (size_t f = 0; f < N_RESAMPLED_FIGURES; f++)
		percentile_interval(bootstrap.figures + f * N_RESAMPLES, intervals[f]);
	status = FLT_OK;
out:
	flt_free(bootstrap.counts);
	flt_free(bootstrap.groups);
	flt_free(bootstrap.figures);
	flt_pool_free(pool);
	return status;
}

/* Everything about a threshold but the bounds of F1 and MCC. */
static struct flt_point point_at(const double *log_odds, const uint8_t *label, size_t n, double threshold)
{
	struct flt_confusion c = flt_confusion_at(log_odds, label, n, threshold);
	struct flt_interval alarms = flt_wilson(c.tp + c.fp, n);
	return (struct flt_point){
	        .probability = threshold,
	        .confusion = c,
	        .precision = flt_wilson(c.tp, c.tp + c.fp),
	        .recall = flt_wilson(c.tp, c.tp + c.fn),
	        .f1.value = flt_f1(&c),
	        .mcc.value = flt_mcc(&c),
	        .alarms_per_10000 = {alarms.value * 10000, alarms.lo * 10000, alarms.hi * 10000},
	        .accuracy = flt_accuracy(&c),
	};
}

static void ranking_figures(const struct flt_groups *groups, struct flt_figures *figures)
{
	const struct flt_group *group = groups->group;
	figures->ap.value = flt_groups_average_precision(group, groups->n);
	figures->roc_auc.value = flt_groups_roc_auc(group, groups->n);
	figures->davis_goadrich = flt_groups_davis_goadrich(group, groups->n);
	figures->trapezoid = flt_groups_trapezoid(group, groups->n);
	const size_t ks[FLT_N_AT_K] = {10, 50, 100, 500, groups->n_positive};
	for (size_t i = 0; i < FLT_N_AT_K; i++) {
		double hits = flt_groups_hits_at_k(group, groups->n, ks[i]);
		figures->at_k[i] = (struct flt_at_k){0};
		if (ks[i] <= groups->n_rows)
			figures->at_k[i] =
			        (struct flt_at_k){ks[i], hits / (double)ks[i], hits / (double)groups->n_positive};
	}
	for (size_t i = 0; i < FLT_N_AT_PRECISION; i++)
		figures->at_precision[i] = (struct flt_at_precision){
		        AT_PRECISION[i], flt_groups_recall_at_precision(group, groups->n, AT_PRECISION[i])};
}

static double mean_probability(const double *log_odds, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += flt_sigmoid(log_odds[i]);
	return sum / (double)n;
}

/* What needs no ranking. */
static enum flt_status row_figures(const double *log_odds, const uint8_t *label, size_t n, double threshold,
                                   struct flt_figures *figures, struct flt_error *err)
{
	size_t n_positive = 0;
	for (size_t i = 0; i < n; i++)
		n_positive += label[i];
	if (n_positive == 0 || n_positive == n)
		return flt_fail(err, FLT_ERR_DATA, "all %zu rows are %s: figures need at least one row of each class",
		                n, n_positive ? "positive" : "negative");
	figures->n_rows = n;
	figures->n_positive = n_positive;
	figures->majority_accuracy = (double)(n_positive > n - n_positive ? n_positive : n - n_positive) / (double)n;
	figures->log_loss = flt_log_loss(log_odds, label, n);
	figures->brier = flt_brier(log_odds, label, n);
	figures->mean_probability = mean_probability(log_odds, n);
	figures->chosen = point_at(log_odds, label, n, threshold);
	figures->at_half = point_at(log_odds, label, n, 0.5);
	figures->chance = flt_chance(n, n_positive);
	return flt_ece(log_odds, label, n, N_ECE_BINS, &figures->ece, err);
}

/* The figures that rest on the ranking, and with `resampled` those that take many resamples. */
static enum flt_status rank_figures(const struct flt_ranking *ranking, const uint8_t *label, const uint8_t *calls,
                                    const struct resampling *resampled, struct flt_figures *figures,
                                    struct flt_error *err)
{
	struct flt_cells cells = {0};
	enum flt_status status = flt_cells_init(&cells, ranking, label, calls, err);
	if (status == FLT_OK)
		ranking_figures(&cells.groups, figures);
	if (status == FLT_OK && resampled)
		status = bootstrap_intervals(&cells, resampled->seed, resampled->n_threads, figures, err);
	if (status == FLT_OK && resampled)
		status = flt_chance95(figures->n_rows, figures->n_positive, resampled->seed, resampled->n_threads,
		                      &figures->chance95, err);
	flt_cells_release(&cells);
	return status;
}

static enum flt_status evaluate(const double *score, const double *log_odds, const uint8_t *label, size_t n,
                                double threshold, const struct resampling *resampled, struct flt_figures *figures,
                                struct flt_error *err)
{
	struct flt_ranking ranking = {0};
	enum flt_status status = row_figures(log_odds, label, n, threshold, figures, err);
	uint8_t *calls = status == FLT_OK ? flt_alloc(n, 1, err) : NULL;
	if (!calls)
		return status == FLT_OK ? FLT_ERR_MACHINE : status;
	for (size_t i = 0; i < n; i++)
		calls[i] = (uint8_t)(flt_is_positive(log_odds[i], threshold) << CHOSEN |
		                     flt_is_positive(log_odds[i], 0.5) << AT_HALF);
	status = flt_ranking_init(&ranking, n, err);
	if (status == FLT_OK) {
		flt_ranking_sort(&ranking, score, n);
		status = rank_figures(&ranking, label, calls, resampled, figures, err);
	}
	flt_ranking_release(&ranking);
	flt_free(calls);
	return status;
}

enum flt_status flt_evaluate(const double *score, const double *log_odds, const uint8_t *label, size_t n,
                             double threshold, uint64_t seed, unsigned n_threads, struct flt_figures *figures,
                             struct flt_error *err)
{
	struct resampling resampling = {seed, n_threads};
	return evaluate(score, log_odds, label, n, threshold, &resampling, figures, err);
}

enum flt_status flt_measure(const double *score, const double *log_odds, const uint8_t *label, size_t n,
                            double threshold, struct flt_figures *figures, struct flt_error *err)
{
	*figures = (struct flt_figures){0};
	return evaluate(score, log_odds, label, n, threshold, NULL, figures, err);
}
