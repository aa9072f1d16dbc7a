/* Labels that the other rows contradict, and what more data would bring. */
#include <math.h>
#include <string.h>

#include "page/sections.h"

enum { MOST_SUSPECTS = 20, MOST_POINTS = 16 };

/* ---- labels ---- */

static void say_labels_of(struct flt_sheet *sheet, const json_t *labels, const char *class, const char *other)
{
	const json_t *of = flt_read_object(labels, class);
	double n = flt_read_number(of, "suspects"), wrong = flt_read_number(of, "wrong");
	if (!(n > 0))
		return;
	flt_paragraph(sheet,
	              "%s of %s labelled %s look %s; about %s of these labels are wrong, or their causes are in no "
	              "column.",
	              flt_page_count(n).text, flt_page_count(flt_read_number(of, "rows")).text, class, other,
	              flt_page_count(round(wrong)).text);
}

static void put_suspects(struct flt_sheet *sheet, const json_t *labels)
{
	static const char *const titles[] = {"row", ":label", "probability of the positive class",
	                                     "chance that it is wrong, or its cause in no column"};
	const json_t *suspects = flt_read_array(labels, "suspects");
	if (!suspects)
		return;
	flt_table_begin(sheet, "suspects", "The surest suspects; --suspects FILE lists all", titles, 4);
	for (size_t i = 0; i < flt_read_size(suspects, MOST_SUSPECTS) && flt_sheet_has_room(sheet); i++) {
		const json_t *suspect = flt_read_item(suspects, i);
		double row = flt_read_number(suspect, "row"), probability = flt_read_number(suspect, "probability");
		double wrong = flt_read_number(suspect, "wrong");
		flt_row_begin(sheet, "");
		flt_head_number(sheet, row, flt_page_exact(row).text);
		flt_cell_words(sheet, flt_read_text(suspect, "target"));
		flt_cell_number(sheet, probability, flt_page_significant(probability, 3).text);
		flt_cell_number(sheet, wrong, flt_page_fraction(wrong, 2).text);
		flt_row_end(sheet);
	}
	flt_table_end(sheet);
}

static bool is_found(const json_t *report, const char *figure)
{
	const json_t *found = flt_read_array(report, "found");
	for (size_t i = 0; i < json_array_size(found); i++) {
		const char *word = json_string_value(json_array_get(found, i));
		if (word && strcmp(word, figure) == 0)
			return true;
	}
	return false;
}

void flt_section_labels(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *labels = flt_read_object(report, "labels");
	const char *why_not = flt_read_text(labels, "not_looked_at");
	double n = flt_read_number(flt_read_object(labels, "positive"), "suspects") +
	           flt_read_number(flt_read_object(labels, "negative"), "suspects");
	if (!labels)
		return;
	flt_section_begin(sheet, "labels", "Labels");
	if (why_not) {
		flt_html_print(&sheet->html, "<p>Not looked at: ");
		flt_html_sentence(&sheet->html, why_not);
		flt_html_print(&sheet->html, "</p>\n");
	} else if (!(n > 0)) {
		flt_paragraph(sheet, "No label is contradicted by the other rows%s.",
		              flt_read_true(labels, "blurred")
		                      ? ", but the classes overlap so much that wrong ones would hardly show"
		                      : "");
	} else {
		flt_paragraph(sheet, "%s label%s contradicted by the other rows%s.", flt_page_count(n).text,
		              n == 1 ? " is" : "s are",
		              is_found(report, "suspects") ? "" : ", few enough to be honest exceptions");
		say_labels_of(sheet, labels, "positive", "negative");
		say_labels_of(sheet, labels, "negative", "positive");
		put_suspects(sheet, labels);
	}
	flt_section_end(sheet);
}

/* ---- more data ---- */

static void put_points(struct flt_sheet *sheet, const json_t *points)
{
	static const char *const titles[] = {"share of the positive rows", "PR-AUC"};
	flt_picture_table_begin(sheet, "PR-AUC by positive rows", titles, 2);
	for (size_t i = 0; i < flt_read_size(points, MOST_POINTS) && flt_sheet_has_room(sheet); i++) {
		const json_t *point = flt_read_item(points, i);
		struct flt_range ap = flt_read_range(point, "ap");
		double share = flt_read_number(point, "share");
		flt_row_begin(sheet, "");
		flt_head_number(sheet, share, flt_page_share(share).text);
		flt_cell_range(sheet, &ap, flt_page_range(&ap).text);
		flt_row_end(sheet);
	}
	flt_picture_table_end(sheet);
}

void flt_section_more_data(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *curve = flt_read_object(report, "learning_curve"), *points = flt_read_array(curve, "points");
	struct flt_chart chart = {.x = {.lo = 0, .hi = 2, .title = "times the positive rows there are"},
	                          .y = {.lo = 0, .hi = 0, .title = "PR-AUC"}};
	struct flt_range twice = flt_read_range(curve, "twice");
	struct flt_series series = {0}, beyond = {0};
	if (!points || !flt_sheet_has_room(sheet))
		return;
	for (size_t i = 0; i < flt_read_size(points, MOST_POINTS); i++) {
		struct flt_range ap = flt_read_range(flt_read_item(points, i), "ap");
		flt_series_add(&series, flt_read_number(flt_read_item(points, i), "share"), ap.value, ap.lo, ap.hi);
	}
	flt_series_add(&beyond, 2, twice.value, twice.lo, twice.hi);
	flt_axis_include(&chart.y, twice.hi);
	for (size_t i = 0; i < series.n; i++)
		flt_axis_include(&chart.y, series.hi[i]);
	flt_section_begin(sheet, "more-data", "What more data would bring");
	flt_pictures_begin(sheet);
	flt_picture_begin(sheet, "PR-AUC by positive rows");
	flt_chart_begin(
	        &chart, &sheet->html,
	        "What a small network reached with parts of the positive rows, and an extrapolation to twice as many. "
	        "The numbers are in the table below.");
	flt_chart_whiskers(&chart, &series, "pos");
	flt_chart_line(&chart, &series, false, "pos");
	flt_chart_dots(&chart, &series, "pos");
	flt_chart_whiskers(&chart, &beyond, "second");
	flt_chart_dots(&chart, &beyond, "second");
	flt_chart_end(&chart);
	flt_picture_caption(sheet,
	                    "A small network on parts of the %s positive rows, with 95 %% intervals; "
	                    "<span class=\"key dot second\">&nbsp;</span>twice as many: %s, %s.",
	                    flt_page_count(flt_read_number(curve, "positives")).text, flt_page_range(&twice).text,
	                    flt_read_true(curve, "gains") ? "an extrapolation" : "no gain is certain");
	put_points(sheet, points);
	flt_picture_end(sheet);
	flt_pictures_end(sheet);
	flt_section_end(sheet);
}
