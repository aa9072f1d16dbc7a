#include "page/study.h"

#include <math.h>
#include <stdio.h>

struct flt_range flt_study_figure_of(const json_t *variant, const char *point, const char *key)
{
	const json_t *figures = flt_read_object(variant, "figures");
	return flt_read_range(point ? flt_read_object(figures, point) : figures, key);
}

enum { MOST_CURVES = 4 };

static const char *const COLOURS[MOST_CURVES] = {"pos", "second", "third", "neg"};

static struct flt_series curve_of(const json_t *variant)
{
	const json_t *curve = flt_read_array(variant, "curve");
	struct flt_series series = {0};
	for (size_t i = 0; i < flt_read_size(curve, FLT_SERIES_MOST - 1); i++) {
		const json_t *point = flt_read_item(curve, i);
		double precision = flt_read_number(point, "precision");
		if (series.n == 0)
			flt_series_add(&series, 0, precision, precision, precision);
		flt_series_add(&series, flt_read_number(point, "recall"), precision, precision, precision);
	}
	return series;
}

static void put_numbers(struct flt_sheet *sheet, const json_t *const *variants, size_t n)
{
	static const char *const titles[] = {"variant", "recall", "precision"};
	flt_picture_table_begin(sheet, "Mean precision by recall", titles, 3);
	for (size_t v = 0; v < n; v++) {
		const json_t *curve = flt_read_array(variants[v], "curve");
		for (size_t i = 0; i < flt_read_size(curve, FLT_SERIES_MOST - 1) && flt_sheet_has_room(sheet); i++) {
			const json_t *point = flt_read_item(curve, i);
			double recall = flt_read_number(point, "recall"),
			       precision = flt_read_number(point, "precision");
			flt_row_begin(sheet, "");
			flt_head_name(sheet, flt_read_text(variants[v], "name"));
			flt_cell_number(sheet, recall, flt_page_fraction(recall, 3).text);
			flt_cell_number(sheet, precision, flt_page_fraction(precision, 3).text);
			flt_row_end(sheet);
		}
	}
	flt_picture_table_end(sheet);
}

void flt_study_curves(struct flt_sheet *sheet, const json_t *report, const json_t *const *variants, size_t n)
{
	struct flt_chart chart = {.x = {.lo = 0, .hi = 1, .title = "recall"},
	                          .y = {.lo = 0, .hi = 1, .title = "precision"}};
	double chance = flt_read_number(flt_read_object(report, "data"), "prevalence");
	bool has_any = false;
	n = n < MOST_CURVES ? n : MOST_CURVES;
	for (size_t v = 0; v < n; v++)
		has_any = has_any || flt_read_array(variants[v], "curve");
	if (!has_any || !flt_sheet_has_room(sheet))
		return;
	flt_picture_begin(sheet, "Precision by recall");
	flt_chart_begin(&chart, &sheet->html,
	                "Mean over the folds of precision at each recall. The numbers are in the table below.");
	flt_chart_level(&chart, chance, "chance");
	for (size_t v = 0; v < n; v++) {
		struct flt_series series = curve_of(variants[v]);
		flt_chart_line(&chart, &series, true, COLOURS[v]);
	}
	flt_chart_end(&chart);
	flt_html_print(&sheet->html, "<p class=\"caption\">");
	for (size_t v = 0; n > 1 && v < n; v++)
		flt_html_print(&sheet->html, "<span class=\"key %s\">&nbsp;</span>%s; ", COLOURS[v],
		               flt_shown_name(flt_read_text(variants[v], "name")).text);
	flt_html_print(&sheet->html, "each fold by itself, then the mean; dashed: flagging rows at random.</p>\n");
	put_numbers(sheet, variants, n);
	flt_picture_end(sheet);
}
