/*
 * All figures of one classifier on one set of rows. The bootstrap draws each resample once and reads all of its figures
 * from it: average precision, ROC-AUC, and F1 and MCC at both thresholds.
 */
#include "base/alloc.h"
#include "base/log_odds.h"
#include "base/pool.h"
#include "eval/decision.h"
#include "eval/metrics.h"
#include "eval/patterns.h"
#include "eval/sample.h"

enum { N_ECE_BINS = 15 };
enum { CHOSEN, AT_HALF };                                              /* operating points */
enum { AP, ROC_AUC, F1, F1_HALF, MCC, MCC_HALF, N_RESAMPLED_FIGURES }; /* of the bootstrap */

const double flt_min_precisions[FLT_N_AT_PRECISION] = {0.5, 0.7, 0.9, 0.95};

struct bootstrap {
	const struct flt_patterns *patterns;
	uint64_t seed;
	uint32_t *counts;              /* (n_workers, all patterns) negative patterns first */
	struct flt_rank_group *groups; /* (n_workers, n_groups) */
	double *figures;               /* (N_RESAMPLED_FIGURES, FLT_N_RESAMPLES) */
};

static void resample(const struct bootstrap *bootstrap, size_t number, size_t worker)
{
	const struct flt_patterns *patterns = bootstrap->patterns;
	const struct flt_stratum *negative = &patterns->stratum[0], *positive = &patterns->stratum[1];
	uint32_t *of_negative = bootstrap->counts + worker * (negative->n_patterns + positive->n_patterns);
	uint32_t *of_positive = of_negative + negative->n_patterns;
	struct flt_rank_group *group = bootstrap->groups + worker * patterns->groups.n;
	struct flt_random random;
	flt_random_init(&random, bootstrap->seed, "bootstrap", number);
	flt_stratum_draw(negative, &random, of_negative);
	flt_stratum_draw(positive, &random, of_positive);
	struct flt_predicted predicted;
	flt_patterns_weigh(patterns, of_negative, of_positive, group, &predicted);
	struct flt_confusion chosen = flt_predicted_confusion(&predicted, CHOSEN);
	struct flt_confusion at_half = flt_predicted_confusion(&predicted, AT_HALF);

	double *figures = bootstrap->figures + number;
	figures[AP * FLT_N_RESAMPLES] = flt_rank_groups_average_precision(group, patterns->groups.n);
	figures[ROC_AUC * FLT_N_RESAMPLES] = flt_rank_groups_roc_auc(group, patterns->groups.n);
	figures[F1 * FLT_N_RESAMPLES] = flt_f1(&chosen);
	figures[F1_HALF * FLT_N_RESAMPLES] = flt_f1(&at_half);
	figures[MCC * FLT_N_RESAMPLES] = flt_mcc(&chosen);
	figures[MCC_HALF * FLT_N_RESAMPLES] = flt_mcc(&at_half);
}

static void resample_some(void *context, size_t task, size_t worker)
{
	for (size_t i = 0; i < FLT_RESAMPLES_PER_TASK; i++)
		resample(context, task * FLT_RESAMPLES_PER_TASK + i, worker);
}

/* Sets the bounds of *interval and leaves its value alone. Sorts the figures. */
static void percentile_interval(double figures[FLT_N_RESAMPLES], struct flt_interval *interval)
{
	flt_sort_doubles(figures, FLT_N_RESAMPLES);
	interval->lo = flt_quantile_sorted(figures, FLT_N_RESAMPLES, 0.025);
	interval->hi = flt_quantile_sorted(figures, FLT_N_RESAMPLES, 0.975);
}

static enum flt_status bootstrap_intervals(const struct flt_patterns *patterns, uint64_t seed, unsigned n_threads,
                                           struct flt_figures *figures, struct flt_error *err)
{
	struct flt_pool *pool = NULL;
	struct bootstrap bootstrap = {.patterns = patterns, .seed = seed};
	size_t n_patterns = patterns->stratum[0].n_patterns + patterns->stratum[1].n_patterns;
	enum flt_status status = FLT_OK;
	FLT_TRY(flt_pool_new(n_threads, &pool, err));
	size_t n_workers = flt_pool_n_threads(pool);
	bootstrap.counts = flt_alloc(n_workers * n_patterns, sizeof *bootstrap.counts, err);
	bootstrap.groups = flt_alloc(n_workers * patterns->groups.n, sizeof *bootstrap.groups, err);
	bootstrap.figures = flt_alloc(N_RESAMPLED_FIGURES * FLT_N_RESAMPLES, sizeof *bootstrap.figures, err);
	FLT_TRY_MEMORY_OUT(bootstrap.counts && bootstrap.groups && bootstrap.figures);
	flt_pool_run(pool, FLT_N_RESAMPLES / FLT_RESAMPLES_PER_TASK, resample_some, &bootstrap);
	struct flt_interval *intervals[N_RESAMPLED_FIGURES] = {
	        [AP] = &figures->ap,          [ROC_AUC] = &figures->roc_auc,    [F1] = &figures->chosen.f1,
	        [MCC] = &figures->chosen.mcc, [F1_HALF] = &figures->at_half.f1, [MCC_HALF] = &figures->at_half.mcc};
	for (size_t f = 0; f < N_RESAMPLED_FIGURES; f++)
		percentile_interval(bootstrap.figures + f * FLT_N_RESAMPLES, intervals[f]);
out:
	flt_free(bootstrap.counts);
	flt_free(bootstrap.groups);
	flt_free(bootstrap.figures);
	flt_pool_free(pool);
	return status;
}

struct flt_point flt_point_at(const struct flt_scored *rows, double threshold)
{
	struct flt_confusion c = flt_confusion_at(rows->log_odds, rows->label, rows->n, threshold);
	struct flt_interval alarms = flt_wilson((size_t)(c.tp + c.fp), rows->n);
	return (struct flt_point){
	        .probability = threshold,
	        .confusion = c,
	        .precision = flt_wilson((size_t)c.tp, (size_t)(c.tp + c.fp)),
	        .recall = flt_wilson((size_t)c.tp, (size_t)(c.tp + c.fn)),
	        .f1.value = flt_f1(&c),
	        .mcc.value = flt_mcc(&c),
	        .alarms_per_10000 = {alarms.value * 10000, alarms.lo * 10000, alarms.hi * 10000},
	        .accuracy = flt_accuracy(&c),
	};
}

static void ranking_figures(const struct flt_rank_groups *groups, struct flt_figures *figures)
{
	const struct flt_rank_group *group = groups->group;
	figures->ap.value = flt_rank_groups_average_precision(group, groups->n);
	figures->roc_auc.value = flt_rank_groups_roc_auc(group, groups->n);
	figures->davis_goadrich = flt_rank_groups_davis_goadrich(group, groups->n);
	figures->trapezoid = flt_rank_groups_trapezoid(group, groups->n);
	const size_t ks[FLT_N_AT_K] = {10, 50, 100, 500, groups->n_positive};
	for (size_t i = 0; i < FLT_N_AT_K; i++) {
		double hits = flt_rank_groups_hits_at_k(group, groups->n, ks[i]);
		figures->at_k[i] = (struct flt_at_k){0};
		if (ks[i] <= groups->n_rows)
			figures->at_k[i] =
			        (struct flt_at_k){ks[i], hits / (double)ks[i], hits / (double)groups->n_positive};
	}
	for (size_t i = 0; i < FLT_N_AT_PRECISION; i++)
		figures->at_precision[i] = (struct flt_at_precision){
		        flt_min_precisions[i],
		        flt_rank_groups_recall_at_precision(group, groups->n, flt_min_precisions[i])};
}

static double mean_probability(const double *log_odds, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += flt_sigmoid(log_odds[i]);
	return sum / (double)n;
}

/* The figures that need no ranking. */
static enum flt_status row_figures(const struct flt_scored *rows, double threshold, struct flt_figures *figures,
                                   struct flt_error *err)
{
	const double *log_odds = rows->log_odds;
	const uint8_t *label = rows->label;
	size_t n = rows->n;
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
	figures->chosen = flt_point_at(rows, threshold);
	figures->at_half = flt_point_at(rows, 0.5);
	figures->chance = flt_chance(n, n_positive);
	return flt_ece(log_odds, label, n, N_ECE_BINS, &figures->ece, err);
}

/* The figures that need the ranking, and the intervals. */
static enum flt_status rank_figures(const struct flt_ranking *ranking, const uint8_t *label, const uint8_t *predicted,
                                    uint64_t seed, unsigned n_threads, struct flt_figures *figures,
                                    struct flt_error *err)
{
	struct flt_patterns patterns = {0};
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(flt_patterns_init(&patterns, ranking, label, predicted, err));
	ranking_figures(&patterns.groups, figures);
	FLT_TRY_OUT(bootstrap_intervals(&patterns, seed, n_threads, figures, err));
	FLT_TRY_OUT(flt_chance95(figures->n_rows, figures->n_positive, seed, n_threads, &figures->chance95, err));
out:
	flt_patterns_release(&patterns);
	return status;
}

enum flt_status flt_evaluate(const struct flt_scored *rows, const struct flt_evaluate_options *options,
                             struct flt_figures *figures, struct flt_error *err)
{
	const double *log_odds = rows->log_odds, threshold = options->threshold;
	size_t n = rows->n;
	enum flt_status status = FLT_OK;
	struct flt_ranking ranking = {0};
	FLT_TRY(row_figures(rows, threshold, figures, err));
	uint8_t *predicted = flt_alloc(n, 1, err);
	FLT_TRY_MEMORY(predicted);
	for (size_t i = 0; i < n; i++)
		predicted[i] = (uint8_t)(flt_is_positive(log_odds[i], threshold) << CHOSEN |
		                         flt_is_positive(log_odds[i], 0.5) << AT_HALF);
	FLT_TRY_OUT(flt_ranking_init(&ranking, n, err));
	flt_ranking_sort(&ranking, rows->score, n);
	FLT_TRY_OUT(rank_figures(&ranking, rows->label, predicted, options->seed, options->n_threads, figures, err));
out:
	flt_ranking_release(&ranking);
	flt_free(predicted);
	return status;
}
