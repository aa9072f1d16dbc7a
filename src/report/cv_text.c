/* The report of `cv` for people: the figures of one variant. */
#include <math.h>
#include <stdio.h>

#include "protocol/cv_figures.h"
#include "report/study_text.h"

static void say_figure(struct flt_layout *layout, const char *joint, const char *name, const struct flt_study *study,
                       int figure)
{
	struct flt_spread spread = flt_study_figure(study, 0, figure);
	flt_layout_item(layout, joint, "%s %s", name, flt_shown_spread(&spread).text);
}

/* What probabilities cost: small numbers, by their first digits. */
static void say_loss(struct flt_layout *layout, const char *joint, const char *name, const struct flt_study *study,
                     int figure)
{
	struct flt_spread spread = flt_study_figure(study, 0, figure);
	const struct flt_interval shown = {spread.mean, spread.lo, spread.hi};
	flt_layout_item(layout, joint, "%s %s", name, flt_shown_small(&shown, "").text);
}

static void say_point(struct flt_layout *layout, const struct flt_study *study, enum flt_operating_point point)
{
	int first = FLT_COMPARE_AT_POINT((int)point);
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "%s:", flt_point_titles[point]);
	flt_layout_line(layout, 2);
	say_figure(layout, "", "precision", study, first + FLT_AT_POINT_PRECISION);
	say_figure(layout, "   ", "recall", study, first + FLT_AT_POINT_RECALL);
	flt_layout_line(layout, 2);
	say_figure(layout, "", "F1", study, first + FLT_AT_POINT_F1);
	say_figure(layout, "   ", "MCC", study, first + FLT_AT_POINT_MCC);
	say_figure(layout, "   ", "accuracy", study, first + FLT_AT_POINT_ACCURACY);
}

static void say_chance(struct flt_layout *layout, const struct flt_cv *cv)
{
	double chance = flt_cv_chance(cv);
	flt_layout_line(layout, 2);
	if (isfinite(chance))
		flt_layout_item(layout, "", "chance %s", flt_fraction(chance, 3).text);
	flt_layout_item(layout, ", ", "prevalence %s", flt_fraction(flt_cv_prevalence(cv), 3).text);
}

void flt_report_cv_text(FILE *out, const struct flt_study *study, const struct flt_report_about *about)
{
	struct flt_layout layout = {.out = out, .style = about->style};
	flt_layout_heading(&layout, "test");
	flt_layout_item(&layout, "", "means over %zu folds; 95 %% intervals over test rows and trainings",
	                study->cv->n_all_folds);
	flt_layout_line(&layout, 0);
	say_figure(&layout, "", "PR-AUC (average precision)", study, FLT_COMPARE_AP);
	flt_layout_item(&layout, ", ", "between folds +-%.3f", study->ap_deviation[0]);
	if (about->attainable_ap > 0)
		flt_layout_item(&layout, ", ", "at best attainable %s", flt_fraction(about->attainable_ap, 3).text);
	say_chance(&layout, study->cv);
	flt_layout_line(&layout, 0);
	say_figure(&layout, "", "ROC-AUC", study, FLT_COMPARE_ROC_AUC);
	for (int i = 0; i < FLT_N_MIN_PRECISIONS; i++) {
		char name[48];
		snprintf(name, sizeof name, "recall at precision %g", flt_min_precisions[i]);
		say_figure(&layout, "   ", name, study, FLT_COMPARE_RECALL_AT + i);
	}
	flt_layout_line(&layout, 0);
	say_loss(&layout, "", "log-loss", study, FLT_COMPARE_LOG_LOSS);
	say_loss(&layout, "   ", "Brier", study, FLT_COMPARE_BRIER);
	say_loss(&layout, "   ", "ECE", study, FLT_COMPARE_ECE);
	say_point(&layout, study, FLT_POINT_CHOSEN);
	say_point(&layout, study, FLT_POINT_HALF);
	flt_layout_end(&layout);
}
