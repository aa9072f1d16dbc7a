#include "protocol/evaluation.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "eval/prior.h"

void flt_evaluation_release(struct flt_evaluation *evaluation)
{
	flt_free(evaluation->rows);
	flt_free(evaluation->label);
	flt_free(evaluation->score);
	flt_free(evaluation->log_odds);
	flt_free(evaluation->weight);
	flt_free(evaluation->cluster);
	flt_free(evaluation->curves);
	*evaluation = (struct flt_evaluation){0};
}

struct flt_scored flt_evaluation_scored(const struct flt_evaluation *evaluation)
{
	return (struct flt_scored){
	        .n = evaluation->n_rows,
	        .score = evaluation->score,
	        .log_odds = evaluation->log_odds,
	        .label = evaluation->label,
	        .weight = evaluation->weight,
	        .cluster = evaluation->cluster,
	        .n_clusters = evaluation->n_clusters,
	};
}

double flt_evaluation_prevalence(const struct flt_evaluation *evaluation)
{
	return evaluation->prior > 0 ? evaluation->prior : evaluation->prevalence;
}

double flt_evaluation_probability(const struct flt_evaluation *evaluation, size_t i)
{
	return flt_sigmoid(evaluation->log_odds[i]);
}

bool flt_evaluation_is_positive(const struct flt_evaluation *evaluation, size_t i)
{
	return flt_detector_is_positive(evaluation->detector, flt_evaluation_probability(evaluation, i));
}

/* Whether the rule reads its threshold off rows. */
static bool is_learnt(const struct flt_rule *rule)
{
	return flt_rule_needs(rule) != FLT_RULE_NEEDS_NOTHING;
}

static void set_stars(struct flt_evaluation *evaluation)
{
	bool is_new = evaluation->evaluated_on == FLT_EVALUATED_TEST || evaluation->evaluated_on == FLT_EVALUATED_FILE;
	evaluation->is_starred = !is_new || evaluation->is_training_data || evaluation->overlap.is_starred;
	evaluation->point_is_starred =
	        evaluation->is_starred || evaluation->threshold_chosen_on == FLT_CHOSEN_ON_EVALUATED;
	evaluation->threshold_is_starred =
	        evaluation->threshold_chosen_on == FLT_CHOSEN_ON_FIT && is_learnt(&evaluation->detector->rule);
}

enum flt_status flt_evaluation_figures(const struct flt_scored *rows, const struct flt_evaluate_options *options,
                                       struct flt_figures *figures, struct flt_error *err)
{
	if (options->prior <= 0)
		return flt_evaluate(rows, options, figures, err);
	double *weight = flt_alloc(rows->n, sizeof *weight, err);
	FLT_TRY_MEMORY(weight);
	struct flt_scored weighted = flt_prior_weights(rows, options->prior, weight);
	enum flt_status status = flt_evaluate(&weighted, options, figures, err);
	figures->chosen.confusion = flt_confusion_at(rows, options->threshold);
	figures->at_half.confusion = flt_confusion_at(rows, 0.5);
	flt_free(weight);
	return status;
}

/* What depends on the threshold. */
static enum flt_status measure_at_threshold(struct flt_evaluation *evaluation, unsigned n_threads,
                                            struct flt_error *err)
{
	set_stars(evaluation);
	evaluation->threshold_score = flt_detector_threshold_score(evaluation->detector);
	struct flt_scored rows = flt_evaluation_scored(evaluation);
	struct flt_evaluate_options options = {.threshold = evaluation->detector->choice.threshold,
	                                       .prior = evaluation->prior,
	                                       .seed = evaluation->seed,
	                                       .n_threads = n_threads};
	FLT_TRY(flt_evaluation_figures(&rows, &options, &evaluation->figures, err));
	evaluation->outcome = flt_outcome_of(&rows, options.threshold, &evaluation->figures);
	return flt_operating_points_find(&rows, &evaluation->figures.chosen, options.prior, &evaluation->points, err);
}

enum flt_status flt_evaluation_measure(struct flt_evaluation *evaluation, unsigned n_threads, struct flt_error *err)
{
	const struct flt_detector *detector = evaluation->detector;
	double start = flt_clock_seconds(), sum = 0, all = 0, positive = 0;
	evaluation->log_odds = flt_alloc(evaluation->n_rows, sizeof *evaluation->log_odds, err);
	FLT_TRY_MEMORY(evaluation->log_odds);
	for (size_t i = 0; i < evaluation->n_rows; i++) {
		evaluation->log_odds[i] = flt_detector_log_odds(detector, evaluation->score[i]);
		double weight = evaluation->weight ? evaluation->weight[i] : 1;
		sum += weight * flt_sigmoid(evaluation->score[i]);
		all += weight;
		positive += evaluation->label[i] ? weight : 0;
	}
	evaluation->raw_mean_probability = detector->n_members > 1 ? (double)NAN : sum / all;
	evaluation->n_seen = 0;
	evaluation->ap_unseen = (double)NAN;
	FLT_TRY(measure_at_threshold(evaluation, n_threads, err));
	evaluation->prevalence = positive / all;
	evaluation->majority_is_positive = 2 * positive > all;
	evaluation->seconds = flt_clock_seconds() - start;
	return FLT_OK;
}

enum flt_status flt_evaluation_find_curves(struct flt_evaluation *evaluation, struct flt_error *err)
{
	struct flt_scored rows = flt_evaluation_scored(evaluation);
	struct flt_curves *curves = flt_alloc(1, sizeof *curves, err);
	FLT_TRY_MEMORY(curves);
	enum flt_status status = flt_curves_find(&rows, evaluation->prior, curves, err);
	if (status != FLT_OK) {
		flt_free(curves);
		return status;
	}
	const struct flt_rule *rule = &evaluation->detector->rule;
	const struct flt_costs costs = {rule->value, rule->value2};
	if (rule->kind == FLT_RULE_COST)
		flt_curves_add_costs(curves, &costs, evaluation->prior, &evaluation->figures.chosen.confusion);
	evaluation->curves = curves;
	return FLT_OK;
}

static bool is_same_file(const char *sha256, const char *other)
{
	return sha256 && other && strcmp(sha256, other) == 0;
}

bool flt_is_training_data(const struct flt_detector *detector, const char *data_sha256)
{
	return is_same_file(detector->provenance.data_sha256, data_sha256);
}

struct flt_overlap flt_overlap_of(const struct flt_detector *detector, size_t n_sampled, size_t n_found)
{
	static const double SUBSTANTIAL = 0.01;
	struct flt_overlap overlap = {.n_sampled = n_sampled,
	                              .n_found = n_found,
	                              .share = flt_wilson(n_found, n_sampled),
	                              .by_chance = detector->sketch.repeated};
	overlap.is_real = overlap.share.lo > overlap.by_chance;
	overlap.is_starred = overlap.is_real && overlap.share.value >= overlap.by_chance + SUBSTANTIAL;
	return overlap;
}

enum flt_status flt_evaluation_of_file(struct flt_detector *detector, struct flt_file_rows *rows,
                                       const char *data_sha256, unsigned n_threads, struct flt_evaluation *evaluation,
                                       struct flt_error *err)
{
	const struct flt_provenance *made = &detector->provenance;
	bool chosen_here = is_same_file(made->rule_sha256, data_sha256);
	*evaluation = (struct flt_evaluation){
	        .detector = detector,
	        .seed = made->seed,
	        .evaluated_on = FLT_EVALUATED_FILE,
	        .threshold_chosen_on = chosen_here ? FLT_CHOSEN_ON_EVALUATED : FLT_CHOSEN_IN_TRAINING,
	        .is_training_data = flt_is_training_data(detector, data_sha256),
	        .overlap = flt_overlap_of(detector, rows->n_sampled, rows->n_found),
	        .n_rows = rows->n,
	        .score = rows->score,
	        .label = rows->label,
	        .weight = rows->weight,
	        .cluster = rows->cluster,
	        .n_clusters = rows->n_clusters,
	        .prior = rows->prior,
	};
	*rows = (struct flt_file_rows){0};
	enum flt_status status = flt_evaluation_measure(evaluation, n_threads, err);
	if (status != FLT_OK)
		flt_evaluation_release(evaluation);
	return status;
}

static enum flt_status remember_file(struct flt_provenance *made, const char *data_sha256, struct flt_error *err)
{
	char *copy = flt_copy_text(data_sha256, strlen(data_sha256), err);
	FLT_TRY_MEMORY(copy);
	flt_free(made->rule_sha256);
	made->rule_sha256 = copy;
	return FLT_OK;
}

/* What the model learnt from tells nothing certain of other rows. */
static enum flt_status check_promise(const struct flt_evaluation *evaluation, const struct flt_rule *rule,
                                     struct flt_error *err)
{
	char promise[FLT_RULE_SIZE], estimate[FLT_RULE_SIZE];
	struct flt_rule bare = *rule;
	if (!flt_rule_is_promise(rule) || !evaluation->is_starred)
		return FLT_OK;
	bare.confidence = FLT_RULE_ESTIMATE;
	flt_rule_format(rule, promise, sizeof promise);
	flt_rule_format(&bare, estimate, sizeof estimate);
	return flt_fail(err, FLT_ERR_USAGE,
	                "--threshold %s: rows that the model learnt from promise nothing of others; give rows that it "
	                "has not seen, or take '%s', a bare estimate",
	                promise, estimate);
}

enum flt_status flt_evaluation_choose(struct flt_evaluation *evaluation, const struct flt_rule *rule,
                                      const char *data_sha256, unsigned n_threads, struct flt_error *err)
{
	struct flt_detector *detector = evaluation->detector;
	struct flt_scored rows = flt_evaluation_scored(evaluation);
	FLT_TRY(check_promise(evaluation, rule, err));
	FLT_TRY(flt_detector_choose_under(detector, rule, &rows, evaluation->prior, err));
	evaluation->threshold_chosen_on = is_learnt(rule) ? FLT_CHOSEN_ON_EVALUATED : FLT_CHOSEN_IN_TRAINING;
	if (is_learnt(rule) && data_sha256)
		FLT_TRY(remember_file(&detector->provenance, data_sha256, err));
	return measure_at_threshold(evaluation, n_threads, err);
}
