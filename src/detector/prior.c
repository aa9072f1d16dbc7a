/* Moving a detector to rows of another prevalence: its probabilities, its threshold; and estimating that prevalence. */
#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "detector/model.h"
#include "eval/prior.h"

static enum flt_status check_prevalence(const struct flt_detector *detector, struct flt_error *err)
{
	double prevalence = detector->provenance.prevalence;
	if (prevalence > 0 && prevalence < 1)
		return FLT_OK;
	return flt_fail(
	        err, FLT_ERR_MODEL,
	        "the model was trained on rows of one class (prevalence %g), so its probabilities cannot be adapted "
	        "to another; train again on rows of both classes",
	        prevalence);
}

enum flt_rule_under_prior flt_detector_rule_under_prior(const struct flt_detector *detector)
{
	switch (detector->rule.kind) {
	case FLT_RULE_FIXED:
	case FLT_RULE_COST:
		return FLT_RULE_STAYS;
	case FLT_RULE_RECALL:
	case FLT_RULE_TOP:
	case FLT_RULE_RATE:
		return FLT_RULE_MOVES;
	default:
		return flt_kept_n_rows(&detector->held_out) > 0 ? FLT_RULE_IS_CHOSEN_ANEW : FLT_RULE_CANNOT_FOLLOW;
	}
}

/* On the held-out rows, weighted to the prior, by probabilities that were moved to it. Clusters and times are gone;
 * what they showed of how much a row tells was kept. */
static enum flt_status choose_anew(struct flt_detector *detector, double prior, struct flt_error *err)
{
	struct flt_kept_rows all;
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(flt_kept_expand(&detector->held_out, &all, err));
	for (size_t i = 0; i < all.rows.n; i++)
		all.log_odds[i] = flt_detector_log_odds(detector, all.score[i]);
	struct flt_rule rule = detector->rule;
	double spread = detector->choice.spread;
	for (int label = 0; label < 2; label++)
		all.rows.unit[label] *= flt_rule_is_promise(&rule) ? spread : 1;
	FLT_TRY_OUT(flt_detector_choose_under(detector, &rule, &all.rows, prior, err));
	detector->choice.spread = spread;
out:
	flt_kept_rows_release(&all);
	return status;
}

enum flt_status flt_detector_choose_under(struct flt_detector *detector, const struct flt_rule *rule,
                                          const struct flt_scored *rows, double prior, struct flt_error *err)
{
	if (prior <= 0)
		return flt_detector_choose(detector, rule, rows, err);
	double *weight = flt_alloc(rows->n, sizeof *weight, err);
	FLT_TRY_MEMORY(weight);
	struct flt_scored weighted = flt_prior_weights(rows, prior, weight);
	enum flt_status status = flt_detector_choose(detector, rule, &weighted, err);
	flt_free(weight);
	return status;
}

/* So that the rows with at least this score, and no others, are positive. How many of new rows these are is then no
 * longer known, and neither is the price of a floor. */
static void move_threshold(struct flt_detector *detector, double lowest_score, double shift)
{
	struct flt_choice *choice = &detector->choice;
	double *threshold = &choice->threshold;
	if (shift != 0)
		choice->alarms = choice->bare_threshold = choice->bare_alarms = (double)NAN;
	if (isfinite(lowest_score))
		*threshold = flt_detector_probability(detector, lowest_score);
	else if (*threshold > 0 && *threshold < 1) /* no score reaches it, or every score does */
		*threshold = flt_sigmoid(flt_logit(*threshold) + shift);
}

enum flt_status flt_detector_set_prior(struct flt_detector *detector, double prior, struct flt_error *err)
{
	if (!(prior > 0 && prior < 1))
		return flt_fail(err, FLT_ERR_USAGE, "a prior of %g: it must be above 0 and below 1", prior);
	FLT_TRY(check_prevalence(detector, err));
	double before = detector->map.prior_shift, lowest_score = flt_detector_threshold_score(detector);
	double shift = flt_logit(prior) - flt_logit(detector->provenance.prevalence);
	enum flt_rule_under_prior rule = flt_detector_rule_under_prior(detector);
	enum flt_status status = FLT_OK;
	detector->map.prior_shift = shift;
	if (rule == FLT_RULE_IS_CHOSEN_ANEW && shift != before)
		status = choose_anew(detector, prior, err);
	else if (rule == FLT_RULE_MOVES)
		move_threshold(detector, lowest_score, shift - before);
	if (status == FLT_OK)
		detector->prior = prior;
	else
		detector->map.prior_shift = before;
	return status;
}

double flt_detector_prior(const struct flt_detector *detector)
{
	double trained = detector->provenance.prevalence;
	if (detector->prior > 0)
		return detector->prior;
	/* A file that was written before priors had a name may have a shift. */
	return detector->map.prior_shift != 0 ? flt_sigmoid(flt_logit(trained) + detector->map.prior_shift) : trained;
}

/* ---- the estimate ---- */

/* Why nothing can be told, or "". */
static void say_doubt(const struct flt_prior_estimate *estimate, char why[FLT_PRIOR_WHY])
{
	why[0] = '\0';
	if (estimate->doubt == FLT_PRIOR_NO_HELD_OUT)
		snprintf(
		        why, FLT_PRIOR_WHY,
		        "the model keeps no held-out scores, which an estimate is calibrated on; train again with rows "
		        "held out");
	else if (estimate->doubt == FLT_PRIOR_FEW_POSITIVES)
		snprintf(why, FLT_PRIOR_WHY,
		         "the model keeps held-out scores of %zu positive row%s, and an estimate takes %d; train on "
		         "more",
		         estimate->n_positive, estimate->n_positive == 1 ? "" : "s", FLT_PRIOR_MIN_POSITIVES);
	else if (estimate->doubt == FLT_PRIOR_NOT_TOLD_APART)
		snprintf(why, FLT_PRIOR_WHY, "the model's scores do not tell held-out positive rows from others");
}

/* A prior that a share of the rows could be, whatever their number: never 0 or 1, which no row could contradict. */
static double possible_share(double share, size_t n)
{
	double least = 1 / (2 * (double)n);
	return fmin(fmax(share, least), 1 - least);
}

static void conclude(const struct flt_prior_estimate *estimate, double own, size_t n, struct flt_prior *prior)
{
	const struct flt_interval *share = &estimate->share, *count = &estimate->adjusted_count;
	*prior = (struct flt_prior){
	        .own = own, .value = own, .share = (double)NAN, .lo = (double)NAN, .hi = (double)NAN};
	prior->adjusted_count = prior->adjusted_lo = prior->adjusted_hi = (double)NAN;
	say_doubt(estimate, prior->why);
	if (prior->why[0])
		return;
	prior->share = share->value;
	prior->lo = share->lo;
	prior->hi = share->hi;
	prior->adjusted_count = count->value;
	prior->adjusted_lo = count->lo;
	prior->adjusted_hi = count->hi;
	prior->disagrees = estimate->contradicts;
	prior->moves = !(share->lo <= own && own <= share->hi);
	if (prior->moves)
		prior->value = possible_share(share->value, n);
}

enum flt_status flt_detector_judge_prior(const struct flt_detector *detector, const double *score, size_t n,
                                         unsigned n_threads, struct flt_prior *prior, struct flt_error *err)
{
	struct flt_prior_estimate estimate;
	if (n == 0)
		return flt_fail(err, FLT_ERR_DATA, "there are no rows to estimate a prior from");
	FLT_TRY(check_prevalence(detector, err));
	FLT_TRY(flt_prior_estimate(&detector->held_out, &detector->map, score, n, detector->provenance.seed, n_threads,
	                           &estimate, err));
	conclude(&estimate, flt_detector_prior(detector), n, prior);
	return FLT_OK;
}

enum flt_status flt_detector_estimate_prior(const struct flt_detector *detector, const double *score, size_t n,
                                            double *prior, struct flt_error *err)
{
	struct flt_prior judged;
	FLT_TRY(flt_detector_judge_prior(detector, score, n, 0, &judged, err));
	*prior = judged.value;
	return FLT_OK;
}
