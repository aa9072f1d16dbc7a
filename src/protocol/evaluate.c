/* Judging a detector that is there already, on scores and labels. */
#include <math.h>

#include "base/alloc.h"
#include "protocol/protocol.h"

static enum flt_status evaluate(struct flt_experiment *experiment, unsigned n_threads, struct flt_error *err)
{
	experiment->threshold_score = flt_detector_threshold_score(experiment->detector);
	return flt_evaluate(experiment->score, experiment->log_odds, experiment->label, experiment->n_rows,
	                    experiment->detector->choice.threshold, experiment->seed, n_threads, &experiment->figures,
	                    err);
}

static enum flt_status measure(struct flt_experiment *experiment, unsigned n_threads, struct flt_error *err)
{
	const struct flt_detector *detector = experiment->detector;
	double sum = 0;
	experiment->log_odds = flt_alloc(experiment->n_rows, sizeof *experiment->log_odds, err);
	if (!experiment->log_odds)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < experiment->n_rows; i++) {
		experiment->log_odds[i] = flt_detector_log_odds(detector, experiment->score[i]);
		sum += flt_sigmoid(experiment->score[i]);
	}
	experiment->raw_mean_probability = detector->n_nets > 1 ? (double)NAN : sum / (double)experiment->n_rows;
	experiment->ap_unseen = (double)NAN;
	return evaluate(experiment, n_threads, err);
}

enum flt_status flt_experiment_evaluate(struct flt_detector *detector, double *score, uint8_t *label, size_t n,
                                        unsigned n_threads, struct flt_experiment **experiment, struct flt_error *err)
{
	*experiment = flt_alloc_zero(1, sizeof **experiment, err);
	if (!*experiment) {
		flt_detector_free(detector);
		flt_free(score);
		flt_free(label);
		return FLT_ERR_MACHINE;
	}
	**experiment = (struct flt_experiment){
	        .is_given = true,
	        .seed = detector->provenance.seed,
	        .detector = detector,
	        .evaluated_on = FLT_TEST,
	        .n_rows = n,
	        .score = score,
	        .label = label,
	};
	(*experiment)->fit.chosen_on = FLT_VALIDATION;
	enum flt_status status = measure(*experiment, n_threads, err);
	if (status != FLT_OK) {
		flt_experiment_free(*experiment);
		*experiment = NULL;
	}
	return status;
}

enum flt_status flt_experiment_choose(struct flt_experiment *experiment, const struct flt_rule *rule,
                                      unsigned n_threads, struct flt_error *err)
{
	struct flt_detector *detector = experiment->detector;
	enum flt_status status = flt_rule_choose(rule, experiment->log_odds, experiment->label, experiment->n_rows,
	                                         &detector->choice, err);
	if (status != FLT_OK)
		return status;
	detector->rule = *rule;
	experiment->chosen_here = flt_rule_needs(rule) != FLT_RULE_NEEDS_NOTHING;
	return evaluate(experiment, n_threads, err);
}
