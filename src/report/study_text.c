/*
 * The comparison for people: what was run, the table of each operating point, where the gradient of each loss comes
 * from, and the claims with their verdicts. A figure is a mean over folds; [..] is its 95 % interval by the corrected
 * t.
 */
#include <math.h>
#include <stdio.h>

#include "report/report.h"
#include "report/layout.h"

enum { NAME_WIDTH = 25 };

static const char *const CUT_TITLES[FLT_N_OPERATING_POINTS] = {
        [FLT_POINT_HALF] = "at probability >= 0.5",
        [FLT_POINT_RAW_HALF] = "at raw sigmoid >= 0.5, as focal loss is usually used",
        [FLT_POINT_CHOSEN] = "at the threshold chosen on held-out rows",
};

static const char *verdict_text(enum flt_verdict verdict)
{
	static const char *const texts[] = {[FLT_SUPPORTED] = "supported",
	                                    [FLT_NOT_SUPPORTED] = "not supported",
	                                    [FLT_CANNOT_TELL] = "cannot tell on this data",
	                                    [FLT_NOT_TESTED] = "not tested"};
	return texts[verdict];
}

static const struct flt_spread *figure(const struct flt_study *study, size_t variant, int number)
{
	return flt_comparison_figure(&study->comparison, variant, number);
}

/* "0.587 [0.43, 0.73]"; the bounds of a corrected t can leave [0, 1], which no figure can. */
static struct text spread_text(const struct flt_spread *spread)
{
	struct flt_interval shown = {spread->mean, fmax(spread->t_lo, 0), fmin(spread->t_hi, 1)};
	return flt_shown_interval(&shown, "");
}

static struct text signed_range(double lo, double hi)
{
	struct text text;
	snprintf(text.text, sizeof text.text, "[%+.3f, %+.3f]", lo, hi);
	return text;
}

static void say_data(struct flt_layout *layout, const struct flt_table *table, const struct flt_study *study)
{
	const struct flt_cv *cv = study->cv;
	size_t n_rows = flt_table_n_rows(table), n_positive = flt_table_n_positive(table);
	flt_layout_heading(layout, "data");
	flt_layout_item(layout, "", "%zu rows; target %s", n_rows, flt_quoted(flt_table_target(table)).text);
	flt_layout_item(layout, ", ", "positive %s: %zu (%s)", flt_quoted(flt_table_positive(table)).text, n_positive,
	                flt_share((double)n_positive / (double)n_rows).text);
	flt_layout_heading(layout, "folds");
	flt_layout_item(layout, "", "%zu folds x %zu repeat%s", cv->n_folds, cv->n_repeats,
	                cv->n_repeats == 1 ? "" : "s");
	flt_layout_item(layout, ", ", "identical rows kept together");
	flt_layout_item(layout, ", ", "seeds %llu to %llu", (unsigned long long)study->options.cv.seed,
	                (unsigned long long)(study->options.cv.seed + cv->n_repeats - 1));
	flt_layout_item(layout, "; ", "the first: fit %zu, validation %zu, test %zu (%zu)", cv->folds[0].n_fit,
	                cv->folds[0].n_validation, cv->folds[0].n_test, cv->folds[0].n_test_positive);
	if (cv->n_never_tested)
		flt_layout_item(layout, "; ", "%zu identical rows are more than a fold: always fitted on, never tested",
		                cv->n_never_tested);
}

static void say_budget(struct flt_layout *layout, const struct flt_study *study)
{
	size_t shown = study->options.bce == SIZE_MAX ? 0 : study->options.bce;
	const struct flt_cv_trial *trial = flt_cv_trial(study->cv, shown, 0);
	const struct flt_train_options *used = &trial->fit.used[0];
	flt_layout_heading(layout, "budget");
	flt_layout_item(layout, "", "%zu network%s", trial->fit.n_members, trial->fit.n_members == 1 ? "" : "s");
	flt_layout_item(layout, " of ", "%zu weights", trial->n_params / trial->fit.n_members);
	flt_layout_item(layout, ", ", "%zu epochs of batches of %zu", used->epochs, used->batch);
	if (study->options.bce != SIZE_MAX)
		flt_layout_item(layout, "; ", "the same rows, initial weights and batches for all variants");
}

/* ---- tables ---- */

static void say_ranking_table(struct flt_layout *layout, const struct flt_study *study,
                              const struct flt_report_about *about)
{
	flt_layout_end(layout);
	fprintf(layout->out, "\n%-*s %-22s %-42s %s\n", NAME_WIDTH, "PR-AUC", "mean over folds",
	        study->options.bce == SIZE_MAX ? "" : "against BCE: by rows,         by training", "ROC-AUC");
	for (size_t v = 0; v < study->n_variants; v++) {
		const struct flt_spread *d = flt_comparison_difference(&study->comparison, v, FLT_COMPARE_AP);
		char difference[160] = "";
		if (v != study->options.bce && study->options.bce != SIZE_MAX)
			snprintf(difference, sizeof difference, "%+.3f %s %s", d->mean, signed_range(d->lo, d->hi).text,
			         signed_range(d->t_lo, d->t_hi).text);
		fprintf(layout->out, "%-*.*s %-22s %-42s %s\n", NAME_WIDTH, NAME_WIDTH, study->variants[v].name,
		        spread_text(figure(study, v, FLT_COMPARE_AP)).text, difference,
		        flt_fraction(figure(study, v, FLT_COMPARE_ROC_AUC)->mean, 3).text);
	}
	if (about->attainable_ap > 0)
		fprintf(layout->out, "%-*s %.3f  the most that the data allow\n", NAME_WIDTH, "attainable",
		        about->attainable_ap);
}

static void say_cut_table(struct flt_layout *layout, const struct flt_study *study, enum flt_operating_point cut)
{
	fprintf(layout->out, "\n%s\n%-*s %9s %10s %9s %9s %9s\n", CUT_TITLES[cut], NAME_WIDTH, "", "accuracy",
	        "precision", "recall", "F1", "MCC");
	for (size_t v = 0; v < study->n_variants; v++) {
		double mean[FLT_N_AT_POINT];
		for (int i = 0; i < FLT_N_AT_POINT; i++)
			mean[i] = figure(study, v, FLT_COMPARE_AT_POINT((int)cut) + i)->mean;
		fprintf(layout->out, "%-*.*s %9.4f %10.3f %9.3f %9.3f %9.3f\n", NAME_WIDTH, NAME_WIDTH,
		        study->variants[v].name, mean[FLT_AT_POINT_ACCURACY], mean[FLT_AT_POINT_PRECISION],
		        mean[FLT_AT_POINT_RECALL], mean[FLT_AT_POINT_F1], mean[FLT_AT_POINT_MCC]);
	}
}

static void say_effort_table(struct flt_layout *layout, const struct flt_study *study)
{
	fprintf(layout->out, "\n%-*s %20s %20s %12s %12s\n", NAME_WIDTH, "training and its gradient", "from easy rows",
	        "from the rare class", "train", "score a row");
	for (size_t v = 0; v < study->n_variants; v++) {
		if (study->variants[v].majority)
			continue;
		double micro = 1e6 * study->seconds_score[v] / (double)study->cv->folds[0].n_test;
		char score[24];
		snprintf(score, sizeof score, "%.2f us", micro);
		fprintf(layout->out, "%-*.*s %20s %20s %12s %12s\n", NAME_WIDTH, NAME_WIDTH, study->variants[v].name,
		        flt_share(study->attention[v].easy).text, flt_share(study->attention[v].positive).text,
		        flt_duration(study->seconds_train[v]).text, score);
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
		fprintf(layout->out, "%-*s %-22s %s\n", NAME_WIDTH, name,
		        spread_text(figure(study, bce, FLT_COMPARE_AP)).text,
		        spread_text(figure(study, focal, FLT_COMPARE_AP)).text);
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
	const struct flt_spread *e = &claim->evidence;
	flt_layout_item(layout, " ", "(%+.3f", e->mean);
	flt_layout_item(layout, ", ", "by rows %s", signed_range(e->lo, e->hi).text);
	flt_layout_item(layout, ", ", "by training %s)", signed_range(e->t_lo, e->t_hi).text);
}

static void say_lazy(struct flt_layout *layout, const struct flt_study *study)
{
	const int accuracy = FLT_COMPARE_AT_POINT(FLT_POINT_HALF) + FLT_AT_POINT_ACCURACY;
	const int recall = FLT_COMPARE_AT_POINT(FLT_POINT_HALF) + FLT_AT_POINT_RECALL;
	size_t textbook = study->options.textbook;
	flt_layout_heading(layout, "1 lazy");
	flt_layout_item(layout, "", "always predicting the common class is %s right and finds none of the rare",
	                flt_share(figure(study, 0, accuracy)->mean).text);
	flt_layout_item(layout, "; ", "textbook BCE after few epochs: %s right, finds %s",
	                flt_share(figure(study, study->early, accuracy)->mean).text,
	                flt_share(figure(study, study->early, recall)->mean).text);
	flt_layout_item(layout, "; ", "after all: %s right, finds %s",
	                flt_share(figure(study, textbook, accuracy)->mean).text,
	                flt_share(figure(study, textbook, recall)->mean).text);
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
	flt_layout_item(layout, "", "easy rows (p_t > 0.9) give %s of BCE's gradient and %s of focal's",
	                flt_share(bce->easy).text, flt_share(focal->easy).text);
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
	flt_layout_item(layout, "",
	                "why: both losses have the same optimal ranking, and here each starts at its best constant;");
	flt_layout_item(layout, " ", "that start alone changes BCE by %+.3f",
	                -flt_comparison_difference(&study->comparison, textbook, FLT_COMPARE_AP)->mean);
}

static void say_more_data(struct flt_layout *layout, const struct flt_study *study)
{
	const struct flt_claim *more = claim_of(study, FLT_CLAIM_MORE_DATA);
	flt_layout_heading(layout, "4 data");
	if (more->verdict == FLT_NOT_TESTED) {
		flt_layout_item(layout, "", "not tested, add --learning-curve");
		return;
	}
	flt_layout_item(layout, "", "not the same as more data: BCE on all positives against focal on half: %s",
	                verdict_text(more->verdict));
	say_evidence(layout, more);
	say_verdict(layout, "more positives still help focal", claim_of(study, FLT_CLAIM_MORE_DATA_STILL)->verdict);
	say_evidence(layout, claim_of(study, FLT_CLAIM_MORE_DATA_STILL));
}

static void say_work(struct flt_layout *layout, const struct flt_study *study)
{
	const struct flt_study_options *o = &study->options;
	flt_layout_heading(layout, "5 speed");
	flt_layout_item(layout, "", "no slower when finished: %zu weights under BCE, %zu under focal: %s",
	                flt_cv_trial(study->cv, o->bce, 0)->n_params, flt_cv_trial(study->cv, o->focal, 0)->n_params,
	                verdict_text(claim_of(study, FLT_CLAIM_NO_SLOWER)->verdict));
	flt_layout_item(layout, "; ", "training took %.2f times as long",
	                study->seconds_train[o->focal] / study->seconds_train[o->bce]);
}

void flt_report_compare_text(FILE *out, const struct flt_table *table, const struct flt_study *study,
                             const struct flt_report_about *about)
{
	struct flt_layout layout = {.out = out, .bold = about->bold};
	say_data(&layout, table, study);
	say_budget(&layout, study);
	say_ranking_table(&layout, study, about);
	for (enum flt_operating_point cut = 0; cut < FLT_N_OPERATING_POINTS; cut++)
		say_cut_table(&layout, study, cut);
	say_effort_table(&layout, study);
	say_curve_table(&layout, study);
	fprintf(out, "\nThe claims, each tested by two 95 %% intervals: over test rows and over training runs\n\n");
	say_lazy(&layout, study);
	say_attention(&layout, study);
	say_better(&layout, study);
	say_more_data(&layout, study);
	say_work(&layout, study);
	flt_layout_end(&layout);
}

/* ---- one variant ---- */

static void say_spread(struct flt_layout *layout, const char *joint, const char *name, const struct flt_spread *spread)
{
	flt_layout_item(layout, joint, "%s %s", name, spread_text(spread).text);
}

static void say_cut(struct flt_layout *layout, const struct flt_study *study, enum flt_operating_point cut)
{
	int first = FLT_COMPARE_AT_POINT((int)cut);
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "%s:", CUT_TITLES[cut]);
	flt_layout_line(layout, 2);
	say_spread(layout, "", "precision", figure(study, 0, first + FLT_AT_POINT_PRECISION));
	say_spread(layout, "   ", "recall", figure(study, 0, first + FLT_AT_POINT_RECALL));
	flt_layout_line(layout, 2);
	say_spread(layout, "", "F1", figure(study, 0, first + FLT_AT_POINT_F1));
	say_spread(layout, "   ", "MCC", figure(study, 0, first + FLT_AT_POINT_MCC));
	say_spread(layout, "   ", "accuracy", figure(study, 0, first + FLT_AT_POINT_ACCURACY));
}

static double deviation(const double *values, size_t n, double mean)
{
	double square = 0;
	for (size_t i = 0; i < n; i++)
		square += (values[i] - mean) * (values[i] - mean);
	return n > 1 ? sqrt(square / (double)(n - 1)) : NAN;
}

void flt_report_cv_text(FILE *out, const struct flt_table *table, const struct flt_study *study,
                        const struct flt_report_about *about)
{
	struct flt_layout layout = {.out = out, .bold = about->bold};
	const struct flt_spread *ap = figure(study, 0, FLT_COMPARE_AP);
	const double *aps = study->comparison.per_fold + FLT_COMPARE_AP * study->cv->n_cells;
	say_data(&layout, table, study);
	say_budget(&layout, study);
	flt_layout_heading(&layout, "test");
	flt_layout_item(&layout, "", "means over %zu folds; 95 %% intervals by the corrected t", study->cv->n_cells);
	flt_layout_line(&layout, 0);
	flt_layout_item(&layout, "", "PR-AUC (average precision) %s", spread_text(ap).text);
	flt_layout_item(&layout, ", ", "between folds +-%.3f", deviation(aps, study->cv->n_cells, ap->mean));
	flt_layout_item(&layout, ", ", "by rows [%.3f, %.3f]", ap->lo, ap->hi);
	if (about->attainable_ap > 0)
		flt_layout_item(&layout, ", ", "at best attainable %s", flt_fraction(about->attainable_ap, 3).text);
	flt_layout_line(&layout, 0);
	say_spread(&layout, "", "ROC-AUC", figure(study, 0, FLT_COMPARE_ROC_AUC));
	for (int i = 0; i < FLT_N_MIN_PRECISIONS; i++) {
		char name[48];
		snprintf(name, sizeof name, "recall at precision %g", flt_min_precisions[i]);
		say_spread(&layout, "   ", name, figure(study, 0, FLT_COMPARE_RECALL_AT + i));
	}
	say_cut(&layout, study, FLT_POINT_CHOSEN);
	say_cut(&layout, study, FLT_POINT_HALF);
	flt_layout_end(&layout);
}
