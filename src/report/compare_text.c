/* The report of `compare` for people: a table of each operating point, where the gradient of each loss comes from, and
 * the claims with their verdicts. */
#include <stdio.h>

#include "report/study_text.h"

enum { NAME_WIDTH = 24 };

static const char *verdict_text(enum flt_verdict verdict)
{
	static const char *const texts[] = {[FLT_SUPPORTED] = "supported",
	                                    [FLT_NOT_SUPPORTED] = "not supported",
	                                    [FLT_CANNOT_TELL] = "cannot tell on this data",
	                                    [FLT_NOT_TESTED] = "not tested"};
	return texts[verdict];
}

static double mean_of(const struct flt_study *study, size_t variant, int figure)
{
	return flt_study_figure(study, variant, figure).mean;
}

/* ---- tables ---- */

static void say_name(const struct flt_layout *layout, const struct flt_study *study, size_t variant)
{
	flt_say_padded(layout->out, study->variants[variant].name, NAME_WIDTH);
	fputc(' ', layout->out);
}

/* A figure of each variant, and what it gains over BCE. */
static void say_gains(struct flt_layout *layout, const struct flt_study *study, const char *title, int figure)
{
	flt_layout_end(layout);
	fprintf(layout->out, "\n%-*s %-23s %-23s to tell\n", NAME_WIDTH, title, "mean over folds", "against BCE");
	for (size_t v = 0; v < study->n_variants; v++) {
		struct flt_spread own = flt_study_figure(study, v, figure);
		say_name(layout, study, v);
		if (v == study->options.bce) {
			fprintf(layout->out, "%s\n", flt_shown_spread(&own).text);
			continue;
		}
		struct flt_spread gain = flt_study_difference(study, v, figure);
		bool is_open = flt_verdict_of(&gain) == FLT_CANNOT_TELL;
		fprintf(layout->out, "%-23s %-*s%s\n", flt_shown_spread(&own).text, is_open ? 24 : 0,
		        flt_shown_difference(&gain).text, is_open ? flt_significant(gain.detectable, 2).text : "");
	}
}

static void say_gain_tables(struct flt_layout *layout, const struct flt_study *study,
                            const struct flt_report_about *about)
{
	say_gains(layout, study, "PR-AUC", FLT_COMPARE_AP);
	if (about->attainable_ap > 0)
		fprintf(layout->out, "%-*s %.3f  the most that the data allow\n", NAME_WIDTH, "attainable",
		        about->attainable_ap);
	say_gains(layout, study, "ROC-AUC", FLT_COMPARE_ROC_AUC);
	fputs("[..]: 95 % interval over test rows and trainings. to tell: where it holds 0, the\n"
	      "difference that these data would show four times in five.\n",
	      layout->out);
}

static void say_point_table(struct flt_layout *layout, const struct flt_study *study, enum flt_operating_point point)
{
	fprintf(layout->out, "\n%s\n%-*s %9s %10s %9s %9s %9s\n", flt_point_titles[point], NAME_WIDTH, "", "accuracy",
	        "precision", "recall", "F1", "MCC");
	for (size_t v = 0; v < study->n_variants; v++) {
		double mean[FLT_N_AT_POINT];
		for (int i = 0; i < FLT_N_AT_POINT; i++)
			mean[i] = mean_of(study, v, FLT_COMPARE_AT_POINT((int)point) + i);
		say_name(layout, study, v);
		fprintf(layout->out, "%9.4f %10.3f %9.3f %9.3f %9.3f\n", mean[FLT_AT_POINT_ACCURACY],
		        mean[FLT_AT_POINT_PRECISION], mean[FLT_AT_POINT_RECALL], mean[FLT_AT_POINT_F1],
		        mean[FLT_AT_POINT_MCC]);
	}
}

static void say_effort_table(struct flt_layout *layout, const struct flt_study *study)
{
	fprintf(layout->out, "\n%-*s %12s %12s %12s %12s\n", NAME_WIDTH, "the gradient comes from", "easy rows",
	        "rare class", "train", "score a row");
	for (size_t v = 0; v < study->n_variants; v++) {
		if (study->variants[v].majority)
			continue;
		char score[24];
		snprintf(score, sizeof score, "%.2f us", 1e6 * study->seconds_score_row[v]);
		say_name(layout, study, v);
		fprintf(layout->out, "%12s %12s %12s %12s\n", flt_share(study->attention[v].easy).text,
		        flt_share(study->attention[v].positive).text, flt_duration(study->seconds_train[v]).text,
		        score);
	}
}

static void say_curve_table(struct flt_layout *layout, const struct flt_study *study)
{
	if (study->bce_at[0] == SIZE_MAX)
		return;
	fprintf(layout->out, "\n%-*s %-22s %s\n", NAME_WIDTH, "PR-AUC by positives", "BCE", "focal");
	for (size_t i = 0; i <= FLT_N_SHARES; i++) {
		bool all = i == FLT_N_SHARES;
		size_t bce = all ? study->options.bce : study->bce_at[i];
		size_t focal = all ? study->options.focal : study->focal_at[i];
		char name[40];
		snprintf(name, sizeof name, "%g %% of them", all ? 100 : 100 * flt_positive_shares[i]);
		struct flt_spread of_bce = flt_study_figure(study, bce, FLT_COMPARE_AP);
		struct flt_spread of_focal = flt_study_figure(study, focal, FLT_COMPARE_AP);
		flt_say(layout->out, "%-*s %-22s %s\n", NAME_WIDTH, name, flt_shown_spread(&of_bce).text,
		        flt_shown_spread(&of_focal).text);
	}
}

/* ---- claims ---- */

static const struct flt_claim *claim_of(const struct flt_study *study, enum flt_claim_kind kind)
{
	return &study->claims[kind];
}

static void say_verdict(struct flt_layout *layout, const char *claim, enum flt_verdict verdict)
{
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "%s: %s", claim, verdict_text(verdict));
}

static void say_evidence(struct flt_layout *layout, const struct flt_claim *claim)
{
	if (claim->verdict == FLT_NOT_TESTED)
		return;
	const struct flt_spread *evidence = &claim->evidence;
	bool is_open = claim->verdict == FLT_CANNOT_TELL;
	flt_layout_item(layout, " ", "(%s%s", flt_shown_difference(evidence).text, is_open ? "" : ")");
	if (is_open)
		flt_layout_item(layout, "; ", "to tell: %s)", flt_significant(evidence->detectable, 2).text);
}

static void say_lazy(struct flt_layout *layout, const struct flt_study *study)
{
	const int accuracy = FLT_COMPARE_AT_POINT(FLT_POINT_HALF) + FLT_AT_POINT_ACCURACY;
	const int recall = FLT_COMPARE_AT_POINT(FLT_POINT_HALF) + FLT_AT_POINT_RECALL;
	size_t textbook = study->options.textbook;
	flt_layout_heading(layout, "1 lazy");
	flt_layout_item(layout, "", "always predicting the common class is %s right",
	                flt_share(mean_of(study, 0, accuracy)).text);
	flt_layout_item(layout, " ", "and finds none of the rare");
	flt_layout_item(layout, "; ", "textbook BCE after few epochs: %s right, finds %s",
	                flt_share(mean_of(study, study->early, accuracy)).text,
	                flt_share(mean_of(study, study->early, recall)).text);
	flt_layout_item(layout, "; ", "after all: %s right, finds %s",
	                flt_share(mean_of(study, textbook, accuracy)).text,
	                flt_share(mean_of(study, textbook, recall)).text);
	say_verdict(layout, "misses more than half of them after few epochs",
	            claim_of(study, FLT_CLAIM_LAZY_EARLY)->verdict);
	say_evidence(layout, claim_of(study, FLT_CLAIM_LAZY_EARLY));
	say_verdict(layout, "and still after all epochs", claim_of(study, FLT_CLAIM_LAZY_LATE)->verdict);
	say_evidence(layout, claim_of(study, FLT_CLAIM_LAZY_LATE));
}

static void say_attention(struct flt_layout *layout, const struct flt_study *study)
{
	const struct flt_attention *bce = &study->attention[study->options.bce];
	const struct flt_attention *focal = &study->attention[study->options.focal];
	flt_layout_heading(layout, "2 focus");
	flt_layout_item(layout, "", "easy rows (p_t > 0.9) give %s of BCE's gradient", flt_share(bce->easy).text);
	flt_layout_item(layout, " ", "and %s of focal's", flt_share(focal->easy).text);
	flt_layout_item(layout, "; ", "the rare class %s and %s", flt_share(bce->positive).text,
	                flt_share(focal->positive).text);
	say_verdict(layout, "focal takes less of it from easy rows", claim_of(study, FLT_CLAIM_EASY_ROWS)->verdict);
	say_evidence(layout, claim_of(study, FLT_CLAIM_EASY_ROWS));
	say_verdict(layout, "and more of it from the rare class", claim_of(study, FLT_CLAIM_RARE_ROWS)->verdict);
	say_evidence(layout, claim_of(study, FLT_CLAIM_RARE_ROWS));
}

static void say_better(struct flt_layout *layout, const struct flt_study *study)
{
	const struct flt_claim *ap = claim_of(study, FLT_CLAIM_BETTER_AP);
	flt_layout_heading(layout, "3 better");
	flt_layout_item(layout, "", "PR-AUC of focal against BCE: %s", verdict_text(ap->verdict));
	say_evidence(layout, ap);
	say_verdict(layout, "recall at a precision of 0.5", claim_of(study, FLT_CLAIM_BETTER_RECALL)->verdict);
	say_evidence(layout, claim_of(study, FLT_CLAIM_BETTER_RECALL));
	if (ap->verdict == FLT_SUPPORTED)
		return;
	size_t textbook = study->options.textbook;
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "why: both losses have the same optimal ranking");
	flt_layout_item(layout, ", ", "and here each starts at its best constant");
	flt_layout_item(layout, "; ", "that start alone changes BCE by %+.3f",
	                -flt_study_difference(study, textbook, FLT_COMPARE_AP).mean);
}

static void say_more_data(struct flt_layout *layout, const struct flt_study *study)
{
	const struct flt_claim *more = claim_of(study, FLT_CLAIM_MORE_DATA);
	flt_layout_heading(layout, "4 data");
	if (more->verdict == FLT_NOT_TESTED) {
		flt_layout_item(layout, "", "not tested, add --learning-curve");
		return;
	}
	flt_layout_item(layout, "", "not the same as more data");
	flt_layout_item(layout, ": ", "BCE on all positives, focal on half");
	flt_layout_item(layout, ": ", "%s", verdict_text(more->verdict));
	say_evidence(layout, more);
	say_verdict(layout, "more positives still help focal", claim_of(study, FLT_CLAIM_MORE_DATA_STILL)->verdict);
	say_evidence(layout, claim_of(study, FLT_CLAIM_MORE_DATA_STILL));
}

static void say_work(struct flt_layout *layout, const struct flt_study *study)
{
	const struct flt_study_options *o = &study->options;
	flt_layout_heading(layout, "5 speed");
	flt_layout_item(layout, "", "no slower when finished");
	flt_layout_item(layout, ": ", "%zu weights under BCE, %zu under focal",
	                flt_cv_trial(study->cv, o->bce, 0)->n_params, flt_cv_trial(study->cv, o->focal, 0)->n_params);
	flt_layout_item(layout, ": ", "%s", verdict_text(claim_of(study, FLT_CLAIM_NO_SLOWER)->verdict));
	flt_layout_item(layout, "; ", "training took %.2f times as long", study->time_ratio);
}

void flt_report_compare_text(FILE *out, const struct flt_study *study, const struct flt_report_about *about)
{
	struct flt_layout layout = {.out = out, .style = about->style};
	say_gain_tables(&layout, study, about);
	for (enum flt_operating_point point = 0; point < FLT_N_OPERATING_POINTS; point++)
		say_point_table(&layout, study, point);
	say_effort_table(&layout, study);
	say_curve_table(&layout, study);
	fputs("\nThe claims, each by its 95 % interval; of 20 without effect one gets a verdict\n\n", out);
	say_lazy(&layout, study);
	say_attention(&layout, study);
	say_better(&layout, study);
	say_more_data(&layout, study);
	say_work(&layout, study);
	flt_layout_end(&layout);
}
