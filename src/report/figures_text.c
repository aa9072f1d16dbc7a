/* The figures of an evaluation for people: ranking, operating point, probabilities, the trivial classifier beside it.
 */
#include "report/figures_text.h"

#include <math.h>
#include <string.h>

#include "report/choice_text.h"
#include "report/names.h"
#include "report/plot_text.h"
#include "report/verdict_text.h"

static const char *const chooser_texts[] = {
        [FLT_CHOSEN_ON_VALIDATION] = "on validation rows", [FLT_CHOSEN_ON_LEFT_OUT] = "on left-out rows",
        [FLT_CHOSEN_ON_FIT] = "on the fit rows",           [FLT_CHOSEN_IN_TRAINING] = "in training",
        [FLT_CHOSEN_ON_EVALUATED] = "on these rows",
};

/* How the threshold was chosen: continues "at probability >= 0.21". */
static void say_rule(struct flt_layout *layout, const struct flt_evaluation *evaluation)
{
	const struct flt_rule *rule = &evaluation->detector->rule;
	const char *rows = chooser_texts[evaluation->threshold_chosen_on];
	switch (rule->kind) {
	case FLT_RULE_FBETA:
		if (rule->value == 1)
			flt_layout_item(layout, ", ", "chosen %s for the best F1", rows);
		else
			flt_layout_item(layout, ", ", "chosen %s for the best F-beta, beta %g", rows, rule->value);
		return;
	case FLT_RULE_RECALL:
	case FLT_RULE_PRECISION:
		flt_layout_item(layout, ", ", "chosen %s for %s", rows, flt_floor_text(rule).text);
		break;
	case FLT_RULE_TOP:
		flt_layout_item(layout, ", ", "chosen %s to predict %g of them positive", rows, rule->value);
		break;
	case FLT_RULE_RATE:
		flt_layout_item(layout, ", ", "chosen %s to predict %s of them positive", rows,
		                flt_share(rule->value).text);
		break;
	case FLT_RULE_COST:
		flt_layout_item(layout, ", ", "where a false alarm costs %g and a miss %g", rule->value, rule->value2);
		return;
	case FLT_RULE_FIXED:
		flt_layout_item(layout, ", ", "as given");
		return;
	}
	if (!evaluation->detector->choice.met && !flt_rule_is_promise(rule) && !evaluation->detector->choice.cut.is_set)
		flt_layout_item(layout, ", ", "which no threshold reaches; the nearest gives %s",
		                flt_fraction(evaluation->detector->choice.attained, 3).text);
}

static void say_point(struct flt_layout *layout, const struct flt_evaluation *evaluation, const char *star)
{
	const struct flt_point *point = &evaluation->figures.chosen;
	const struct flt_confusion *confusion = &point->confusion;
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "at probability >= %s%s", flt_fraction(point->probability, 3).text,
	                evaluation->threshold_is_starred ? "*" : "");
	say_rule(layout, evaluation);
	flt_layout_item(layout, "", ":");
	flt_layout_line(layout, 2);
	flt_layout_item(layout, "", "precision %s", flt_shown_interval(&point->precision, star).text);
	flt_layout_item(layout, "   ", "recall %s", flt_shown_interval(&point->recall, star).text);
	flt_layout_line(layout, 2);
	flt_layout_item(layout, "", "F1 %s", flt_shown_interval(&point->f1, star).text);
	flt_layout_item(layout, "   ", "MCC %s", flt_shown_interval(&point->mcc, star).text);
	flt_layout_line(layout, 2);
	flt_layout_item(layout, "", "TP %.10g%s   FP %.10g%s   FN %.10g%s   TN %.10g%s", confusion->tp, star,
	                confusion->fp, star, confusion->fn, star, confusion->tn, star);
	flt_layout_item(layout, "   ", "%.0f%s [%.0f, %.0f] alarms per 10,000 rows", point->alarms_per_10000.value,
	                star, point->alarms_per_10000.lo, point->alarms_per_10000.hi);
	flt_say_choice(layout, evaluation->detector);
}

static void say_ranking(struct flt_layout *layout, const struct flt_evaluation *evaluation,
                        const struct flt_report_about *about, const char *star)
{
	const struct flt_figures *figures = &evaluation->figures;
	flt_layout_item(layout, "", "PR-AUC (average precision) %s", flt_shown_interval(&figures->ap, star).text);
	flt_layout_line(layout, 2);
	flt_layout_item(layout, "", "chance %s (95 %% of random rankings below %s)",
	                flt_fraction(figures->chance, 3).text, flt_fraction(figures->chance95, 3).text);
	flt_layout_item(layout, ", ", "prevalence %s", flt_fraction(flt_evaluation_prevalence(evaluation), 3).text);
	if (about->attainable_ap > 0)
		flt_layout_item(layout, ", ", "at best attainable %s", flt_fraction(about->attainable_ap, 3).text);
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "ROC-AUC %s", flt_shown_interval(&figures->roc_auc, star).text);
	const struct flt_overlap *overlap = &evaluation->overlap;
	if (overlap->is_real) {
		flt_layout_line(layout, 2);
		flt_layout_item(layout, "", "%s of these rows were used in training",
		                flt_share(overlap->share.value).text);
		flt_layout_item(layout, " ", "(%zu of the %zu looked up)", overlap->n_found, overlap->n_sampled);
	}
	if (evaluation->n_seen == 0)
		return;
	flt_layout_line(layout, 2);
	flt_layout_item(layout, "", "%zu of the test rows also occur among the other rows", evaluation->n_seen);
	if (isfinite(evaluation->ap_unseen))
		flt_layout_item(layout, ": ", "without them %s", flt_fraction(evaluation->ap_unseen, 3).text);
}

static void say_probabilities(struct flt_layout *layout, const struct flt_evaluation *evaluation, const char *star)
{
	const struct flt_figures *figures = &evaluation->figures;
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "log-loss %s%s", flt_significant(figures->log_loss, 3).text, star);
	flt_layout_item(layout, "   ", "Brier %s%s", flt_significant(figures->brier, 3).text, star);
	flt_layout_item(layout, "   ", "ECE %s%s (a perfect model shows %s)", flt_significant(figures->ece, 2).text,
	                star, flt_significant(figures->ece_null, 2).text);
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "the top 1 %% (%.10g row%s): said %s%s, were %s", figures->top,
	                figures->top == 1 ? "" : "s", flt_significant(figures->top_said, 3).text, star,
	                flt_shown_interval(&figures->top_were, star).text);
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "mean probability %s%s", flt_significant(figures->mean_probability, 3).text, star);
	flt_layout_item(layout, ", ", "observed %s", flt_significant(flt_evaluation_prevalence(evaluation), 3).text);
	static const char *const how[FLT_N_CALIBRATIONS] = {[FLT_CALIBRATE_MAP] = "loss inverted",
	                                                    [FLT_CALIBRATE_PLATT] = "Platt-scaled on held-out rows",
	                                                    [FLT_CALIBRATE_ISOTONIC] = "isotonic on held-out rows"};
	enum flt_calibration kind = flt_map_kind(&evaluation->detector->map);
	if (how[kind] && isfinite(evaluation->raw_mean_probability))
		flt_layout_item(layout, " ", "(%s; raw sigmoid %s)", how[kind],
		                flt_significant(evaluation->raw_mean_probability, 3).text);
	else if (how[kind])
		flt_layout_item(layout, " ", "(%s)", how[kind]);
}

static void say_more(struct flt_layout *layout, const struct flt_figures *figures, const char *star)
{
	flt_layout_line(layout, 0);
	for (size_t i = 0; i < FLT_N_AT_K; i++)
		if (figures->at_k[i].k)
			flt_layout_item(layout, "   ", "precision of the top %zu %s%s", figures->at_k[i].k,
			                flt_fraction(figures->at_k[i].precision, 3).text, star);
	flt_layout_line(layout, 0);
	for (size_t i = 0; i < FLT_N_AT_PRECISION; i++)
		flt_layout_item(layout, "   ", "recall at precision %g %s%s", figures->at_precision[i].precision,
		                flt_fraction(figures->at_precision[i].recall, 3).text, star);
}

static void say_majority(struct flt_layout *layout, const struct flt_evaluation *evaluation, const char *star)
{
	const struct flt_figures *figures = &evaluation->figures;
	bool is_positive = evaluation->majority_is_positive;
	const char *common = is_positive ? evaluation->detector->positive : evaluation->detector->negative;
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "always predicting %s: accuracy %s, recall %d", flt_quoted(common).text,
	                flt_fraction(figures->majority_accuracy, 3).text, is_positive ? 1 : 0);
	flt_layout_item(layout, "; ", "this model: accuracy %s%s, recall %s%s",
	                flt_fraction(figures->chosen.accuracy, 3).text, star,
	                flt_fraction(figures->chosen.recall.value, 3).text, star);
}

/* That figures are not of the rows as they come, or that probabilities are for other rows. */
static void say_prior(struct flt_layout *layout, const struct flt_evaluation *evaluation)
{
	const struct flt_detector *detector = evaluation->detector;
	if (evaluation->prior > 0) {
		flt_layout_heading(layout, "prior");
		flt_layout_item(layout, "", "figures are weighted to a prevalence of %s, --prior",
		                flt_share(evaluation->prior).text);
	} else if (detector->prior > 0) {
		flt_layout_heading(layout, "prior");
		flt_layout_item(layout, "", "probabilities are for a prevalence of %s, as trained by --prior",
		                flt_share(detector->prior).text);
		flt_layout_item(layout, "; ", "figures are for the %s of these rows",
		                flt_share(evaluation->prevalence).text);
	}
}

void flt_say_figures(struct flt_layout *layout, const struct flt_evaluation *evaluation,
                     const struct flt_report_about *about)
{
	const struct flt_figures *figures = &evaluation->figures;
	const char *star = evaluation->is_starred ? "*" : "";
	const char *point_star = evaluation->point_is_starred ? "*" : "";
	say_prior(layout, evaluation);
	flt_say_verdict(layout, evaluation);
	flt_say_operating_points(layout, evaluation);
	flt_layout_heading(layout, "figures");
	say_ranking(layout, evaluation, about, star);
	say_point(layout, evaluation, point_star);
	say_probabilities(layout, evaluation, star);
	if (about->verbose)
		say_more(layout, figures, star);
	say_majority(layout, evaluation, point_star);
	if (about->plot)
		flt_say_plots(layout, evaluation);
}
