/* The figures of cv: means over folds, with intervals, and the folds one by one. */
#include <math.h>
#include <stdio.h>

#include "page/sections.h"
#include "page/study.h"

enum { MOST_FOLDS = 120 };

static const struct {
	const char *name, *point, *key;
	bool is_loss; /* shown by its first digits */
} FIGURES[] = {
        {"PR-AUC (average precision)", NULL, "ap", false},
        {"ROC-AUC", NULL, "roc_auc", false},
        {"recall at precision 0.5", NULL, "recall_at_precision_0.5", false},
        {"recall at precision 0.7", NULL, "recall_at_precision_0.7", false},
        {"recall at precision 0.9", NULL, "recall_at_precision_0.9", false},
        {"recall at precision 0.95", NULL, "recall_at_precision_0.95", false},
        {"precision at the chosen threshold", "at_chosen", "precision", false},
        {"recall at the chosen threshold", "at_chosen", "recall", false},
        {"F1 at the chosen threshold", "at_chosen", "f1", false},
        {"MCC at the chosen threshold", "at_chosen", "mcc", false},
        {"accuracy at the chosen threshold", "at_chosen", "accuracy", false},
        {"precision at probability >= 0.5", "at_half", "precision", false},
        {"recall at probability >= 0.5", "at_half", "recall", false},
        {"F1 at probability >= 0.5", "at_half", "f1", false},
        {"MCC at probability >= 0.5", "at_half", "mcc", false},
        {"accuracy at probability >= 0.5", "at_half", "accuracy", false},
        {"log-loss", NULL, "log_loss", true},
        {"Brier", NULL, "brier", true},
        {"ECE", NULL, "ece", true},
};
enum { N_FIGURES = sizeof FIGURES / sizeof *FIGURES, N_DRAWN = 11 };

static void put_figures(struct flt_sheet *sheet, const json_t *variant)
{
	static const char *const titles[] = {"figure", "mean over folds", "standard error"};
	flt_html_print(&sheet->html, "<figure>\n<h3>Figures in numbers</h3>\n");
	flt_table_begin(sheet, "cv-figures", "Means over folds, with 95 % intervals over test rows and trainings",
	                titles, 3);
	for (size_t i = 0; i < N_FIGURES; i++) {
		struct flt_range range = flt_study_figure_of(variant, FIGURES[i].point, FIGURES[i].key);
		const json_t *figures = flt_read_object(variant, "figures");
		const json_t *at = FIGURES[i].point ? flt_read_object(figures, FIGURES[i].point) : figures;
		double error = flt_read_number(flt_read_object(at, FIGURES[i].key), "error");
		if (!isfinite(range.value))
			continue;
		flt_row_begin(sheet, "");
		flt_head_name(sheet, FIGURES[i].name);
		flt_cell_range(sheet, &range,
		               FIGURES[i].is_loss ? flt_page_small(&range).text : flt_page_range(&range).text);
		flt_cell_number(sheet, error, flt_page_significant(error, 2).text);
		flt_row_end(sheet);
	}
	flt_table_end(sheet);
	flt_picture_end(sheet);
}

static void draw_figures(struct flt_sheet *sheet, const json_t *variant)
{
	struct flt_rows_chart chart = {.x = {.lo = 0, .hi = 1, .title = "mean [95 %]"}};
	for (size_t i = 0; i < N_DRAWN; i++)
		chart.n_rows += isfinite(flt_study_figure_of(variant, FIGURES[i].point, FIGURES[i].key).value) ? 1 : 0;
	flt_picture_begin(sheet, "Figures");
	flt_rows_begin(&chart, &sheet->html, (double)NAN,
	               "Means over folds, with 95 % intervals. The numbers are in the table beside it.");
	for (size_t i = 0; i < N_DRAWN; i++) {
		struct flt_range range = flt_study_figure_of(variant, FIGURES[i].point, FIGURES[i].key);
		if (isfinite(range.value))
			flt_rows_add(&chart, FIGURES[i].name, range.value, range.lo, range.hi,
			             flt_page_range(&range).text);
	}
	flt_rows_end(&chart);
	flt_picture_caption(sheet, "Means over folds; lines are 95 %% intervals over test rows and trainings.");
	flt_picture_end(sheet);
}

static void put_folds(struct flt_sheet *sheet, const json_t *folds)
{
	static const char *const titles[] = {"repeat", "fold", "PR-AUC", "threshold", "epochs", "best epoch"};
	flt_picture_table_begin(sheet, "Folds one by one", titles, 6);
	for (size_t i = 0; i < flt_read_size(folds, MOST_FOLDS) && flt_sheet_has_room(sheet); i++) {
		const json_t *fold = flt_read_item(folds, i);
		double ap = flt_read_number(fold, "ap"), threshold = flt_read_number(fold, "threshold");
		flt_row_begin(sheet, "");
		flt_head_number(sheet, flt_read_number(fold, "repeat"),
		                flt_page_count(flt_read_number(fold, "repeat")).text);
		flt_cell_count(sheet, flt_read_number(fold, "fold"));
		flt_cell_number(sheet, ap, flt_page_fraction(ap, 3).text);
		flt_cell_number(sheet, threshold, flt_page_fraction(threshold, 3).text);
		flt_cell_count(sheet, flt_read_number(fold, "epochs"));
		flt_cell_count(sheet, flt_read_number(fold, "best_epoch"));
		flt_row_end(sheet);
	}
	flt_picture_table_end(sheet);
}

static void say_spread(struct flt_sheet *sheet, const json_t *variant, double mean)
{
	double spread = flt_read_number(variant, "ap_between_folds");
	char apart[120] = "";
	if (isfinite(spread))
		snprintf(apart, sizeof apart, "; between folds it varies by +-<span data-value=\"%.30s\">%.12s</span>",
		         flt_page_exact(spread).text, flt_page_fraction(spread, 3).text);
	flt_picture_caption(sheet,
	                    "PR-AUC of each fold, in the order in which they were tested; dashed: their mean, %s%s.",
	                    flt_page_fraction(mean, 3).text, apart);
}

static void draw_folds(struct flt_sheet *sheet, const json_t *variant)
{
	const json_t *folds = flt_read_array(variant, "folds");
	struct flt_chart chart = {.x = {.lo = 0, .hi = 0, .title = "fold"}, .y = {.lo = 0, .hi = 1, .title = "PR-AUC"}};
	struct flt_range ap = flt_study_figure_of(variant, NULL, "ap");
	struct flt_series series = {0};
	size_t n = flt_read_size(folds, MOST_FOLDS);
	if (n == 0 || !flt_sheet_has_room(sheet))
		return;
	for (size_t i = 0; i < n; i++) {
		double of_fold = flt_read_number(flt_read_item(folds, i), "ap");
		flt_series_add(&series, (double)i + 1, of_fold, of_fold, of_fold);
	}
	flt_axis_include(&chart.x, (double)n + 1);
	flt_picture_begin(sheet, "Folds one by one");
	flt_chart_begin(&chart, &sheet->html, "How far the folds lie apart. The numbers are in the table below.");
	flt_chart_level(&chart, ap.value, "chance");
	flt_chart_dots(&chart, &series, "pos");
	flt_chart_end(&chart);
	say_spread(sheet, variant, ap.value);
	put_folds(sheet, folds);
	flt_picture_end(sheet);
}

static void say_mean(struct flt_sheet *sheet, const json_t *report, const json_t *variant)
{
	struct flt_range ap = flt_study_figure_of(variant, NULL, "ap");
	double attainable = flt_read_number(report, "attainable_ap"), chance = flt_read_number(report, "chance");
	flt_html_print(&sheet->html,
	               "<div class=\"verdict\">\n<div class=\"words\"><p>Over %zu folds the model reaches a "
	               "PR-AUC of <strong>%s</strong>",
	               json_array_size(flt_read_array(variant, "folds")), flt_page_range(&ap).text);
	if (isfinite(chance))
		flt_html_print(&sheet->html, ", where chance gives %s", flt_page_fraction(chance, 3).text);
	if (isfinite(attainable))
		flt_html_print(&sheet->html, " and the data allow at best %s", flt_page_fraction(attainable, 3).text);
	flt_html_print(&sheet->html,
	               ".</p>\n<p>Each fold is tested by networks that have not seen it. Intervals are 95 %% "
	               "intervals over test rows and trainings.</p></div>\n</div>\n");
}

void flt_section_cv(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *variant = flt_read_item(flt_read_array(report, "variants"), 0);
	if (!variant)
		return;
	flt_section_begin(sheet, "cv", "Verdict");
	say_mean(sheet, report, variant);
	flt_section_end(sheet);
	flt_section_begin(sheet, "figures", "Figures");
	flt_pictures_begin(sheet);
	draw_figures(sheet, variant);
	put_figures(sheet, variant);
	flt_study_curves(sheet, report, &variant, 1);
	draw_folds(sheet, variant);
	flt_pictures_end(sheet);
	flt_section_end(sheet);
}
