/* What check found in a table: first what deserves a second look, then each question by itself. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "page/sections.h"

enum { MOST_COLUMNS = 200, MOST_DRAWN = 24, MOST_LISTED = 20, MOST_POINTS = 16 };

/* ---- what deserves a second look ---- */

static const char *const FOUND[][2] = {
        {"leaks", "columns that give the class away"},
        {"order", "the order of the rows"},
        {"copies", "copies"},
        {"contradictions", "copies with contradicting labels"},
        {"units", "columns in two units"},
        {"shared", "rows shared with the test file"},
        {"drift", "drift"},
        {"unseen", "texts unseen before"},
        {"suspects", "suspicious labels"},
};

static const char *found_text(const char *word)
{
	for (size_t i = 0; word && i < sizeof FOUND / sizeof *FOUND; i++)
		if (strcmp(word, FOUND[i][0]) == 0)
			return FOUND[i][1];
	return word;
}

static void say_found(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *found = flt_read_array(report, "found"), *gates = flt_read_object(report, "gates");
	const char *failed = flt_read_text(gates, "failed"), *required = flt_read_text(gates, "require");
	size_t n = flt_read_size(found, MOST_LISTED);
	flt_html_print(&sheet->html, "<div class=\"verdict %s\">\n<div class=\"words\">\n", n > 0 ? "bad" : "met");
	if (n == 0)
		flt_paragraph(sheet, "Nothing to look at: no finding here stands in the way of training.");
	else
		flt_html_print(&sheet->html, "<p>Look at:</p>\n<ul>\n");
	for (size_t i = 0; i < n; i++)
		flt_html_print(&sheet->html, "<li>%s</li>\n",
		               flt_shown_name(found_text(json_string_value(json_array_get(found, i)))).text);
	if (n > 0)
		flt_html_print(&sheet->html, "</ul>\n");
	if (required) {
		flt_html_print(&sheet->html, "<p class=\"%s\">Required: ", failed ? "bad" : "met");
		flt_html_sentence(&sheet->html, required);
		flt_html_print(&sheet->html, failed ? ". Not met: " : ". All met.");
		if (failed)
			flt_html_sentence(&sheet->html, failed);
		flt_html_print(&sheet->html, "</p>\n");
	}
	flt_html_print(&sheet->html, "</div>\n</div>\n");
}

/* ---- columns ---- */

static void draw_strength(struct flt_sheet *sheet, const json_t *columns)
{
	struct flt_rows_chart chart = {.x = {.lo = 0.5, .hi = 1, .title = "ROC-AUC alone"}};
	size_t n = flt_read_size(columns, MOST_COLUMNS), n_measured = 0;
	for (size_t i = 0; i < n; i++) {
		const json_t *strength = flt_read_object(flt_read_item(columns, i), "strength");
		n_measured += strength ? 1 : 0;
		flt_axis_include(&chart.x, flt_read_range(strength, "roc_auc").lo);
	}
	chart.n_rows = n_measured < MOST_DRAWN ? n_measured : MOST_DRAWN;
	if (chart.n_rows == 0)
		return;
	flt_pictures_begin(sheet);
	flt_picture_begin(sheet, "How well each column alone ranks the class");
	flt_rows_begin(&chart, &sheet->html, 0.5,
	               "ROC-AUC of each column alone, with 95 % intervals. The numbers are in the table of columns.");
	for (size_t i = 0; i < n; i++) {
		const json_t *column = flt_read_item(columns, i), *strength = flt_read_object(column, "strength");
		struct flt_range auc = flt_read_range(strength, "roc_auc");
		if (strength)
			flt_rows_add(&chart, flt_read_text(column, "name"), auc.value, auc.lo, auc.hi,
			             flt_page_range(&auc).text);
	}
	flt_rows_end(&chart);
	flt_picture_caption(sheet,
	                    "ROC-AUC on rows that it was not learnt from, with 95 %% intervals; 0.5 is chance. The "
	                    "strongest %zu of %zu.",
	                    chart.n_rows, n_measured);
	flt_picture_end(sheet);
	flt_pictures_end(sheet);
}

/* "0.01 .. 24.5 .. 1830", or the most frequent levels. */
static void put_values(struct flt_sheet *sheet, const json_t *column)
{
	const json_t *top = flt_read_array(column, "top");
	double min = flt_read_number(column, "min");
	flt_html_print(&sheet->html, "<td class=\"words\">");
	if (isfinite(min))
		flt_html_print(&sheet->html, "%s .. %s .. %s", flt_page_short(min).text,
		               flt_page_short(flt_read_number(column, "median")).text,
		               flt_page_short(flt_read_number(column, "max")).text);
	for (size_t i = 0; i < flt_read_size(top, 3); i++)
		flt_html_print(&sheet->html, "%s%s", i ? ", " : "",
		               flt_shown_name(flt_read_text(flt_read_item(top, i), "text")).text);
	flt_html_print(&sheet->html, "</td>");
}

static void put_remarks(struct flt_sheet *sheet, const json_t *column)
{
	static const char *const keys[][2] = {
	        {"left_out", "left out: "}, {"remark", "read as: "}, {"spread", "spread: "}};
	const json_t *units = flt_read_object(column, "units");
	bool has_any = false;
	flt_html_print(&sheet->html, "<td class=\"words\">");
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *text = flt_read_text(column, keys[i][0]);
		if (text)
			flt_html_print(&sheet->html, "%s%s%s", has_any ? "; " : "", keys[i][1],
			               flt_shown_name(text).text);
		has_any = has_any || text;
	}
	if (units)
		flt_html_print(&sheet->html,
		               "%s%s of the values are about %s times the others, perhaps in another unit",
		               has_any ? "; " : "", flt_page_share(flt_read_number(units, "share")).text,
		               flt_page_significant(flt_read_number(units, "factor"), 3).text);
	flt_html_print(&sheet->html, "</td>");
}

static void put_columns(struct flt_sheet *sheet, const json_t *columns)
{
	static const char *const titles[] = {"column",        "missing", "distinct", ":min .. median .. max",
	                                     "ROC-AUC alone", ":remark"};
	size_t n = json_array_size(columns), i;
	flt_table_begin(sheet, "columns", "Columns, the strongest first", titles, 6);
	for (i = 0; i < n && i < MOST_COLUMNS && flt_sheet_has_room(sheet); i++) {
		const json_t *column = flt_read_item(columns, i);
		struct flt_range auc = flt_read_range(flt_read_object(column, "strength"), "roc_auc");
		flt_row_begin(sheet, flt_read_text(column, "left_out") ? " class=\"out\"" : "");
		flt_head_name(sheet, flt_read_text(column, "name"));
		flt_cell_count(sheet, flt_read_number(column, "missing"));
		flt_cell_count(sheet, flt_read_number(column, "distinct"));
		put_values(sheet, column);
		flt_cell_range(sheet, &auc, flt_page_range(&auc).text);
		put_remarks(sheet, column);
		flt_row_end(sheet);
	}
	flt_table_end(sheet);
	flt_more_rows(sheet, n - i, "columns");
}

/* ---- leaks and copies ---- */

static void put_leaks(struct flt_sheet *sheet, const json_t *report)
{
	static const char *const titles[] = {"column", "PR-AUC alone", "ROC-AUC alone", ":how"};
	const json_t *leaks = flt_read_array(report, "leaks"), *order = flt_read_object(report, "order");
	size_t n = json_array_size(leaks), i;
	flt_section_begin(sheet, "leaks", "Leaks");
	if (n == 0)
		flt_paragraph(sheet, "No column alone gives the class away.");
	else
		flt_table_begin(sheet, "leak-table", "Columns that alone give the class away", titles, 4);
	for (i = 0; i < n && i < MOST_LISTED && flt_sheet_has_room(sheet); i++) {
		const json_t *leak = flt_read_item(leaks, i), *strength = flt_read_object(leak, "strength");
		struct flt_range ap = flt_read_range(strength, "ap"), auc = flt_read_range(strength, "roc_auc");
		flt_row_begin(sheet, "");
		flt_head_name(sheet, flt_read_text(leak, "name"));
		flt_cell_range(sheet, &ap, flt_page_range(&ap).text);
		flt_cell_range(sheet, &auc, flt_page_range(&auc).text);
		flt_cell_words(sheet, flt_read_true(leak, "by_missing") ? "by where it is missing" : "by its values");
		flt_row_end(sheet);
	}
	if (n > 0) {
		flt_table_end(sheet);
		flt_more_rows(sheet, n - i, "columns");
		flt_paragraph(sheet, "Is it known before the class is? If not, leave it out with <code>--drop</code>.");
	}
	if (flt_read_true(order, "tells_class")) {
		struct flt_range ap = flt_read_range(flt_read_object(order, "strength"), "ap");
		flt_paragraph(
		        sheet,
		        "The order of the rows gives the class away: PR-AUC %s; columns that count rows, or dates, "
		        "would too.",
		        flt_page_range(&ap).text);
	}
	flt_section_end(sheet);
}

static void say_copies(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *copies = flt_read_object(report, "copies"), *block = flt_read_object(copies, "block");
	const json_t *test = flt_read_object(report, "test");
	double n = flt_read_number(copies, "rows"), n_near = flt_read_number(copies, "near_copies");
	double n_block = flt_read_number(block, "rows"), must_err = flt_read_number(copies, "must_err");
	if (!copies)
		return;
	flt_section_begin(sheet, "copies", "Copies");
	if (!(n > 0))
		flt_paragraph(sheet, "No row repeats another in all features.");
	else
		flt_paragraph(sheet, "%s row%s (%s) repeat%s an earlier one in all features.", flt_page_count(n).text,
		              flt_page_plural(n),
		              flt_page_share(flt_read_number(flt_read_object(report, "figures"), "copies")).text,
		              n == 1 ? "s" : "");
	if (n_near > 0)
		flt_paragraph(sheet, "%s differ from one in a single column.", flt_page_count(n_near).text);
	if (n_block > 0)
		flt_paragraph(sheet, "A doubled block: %s rows from row %s on are those from row %s on again.",
		              flt_page_count(n_block).text, flt_page_count(flt_read_number(block, "first")).text,
		              flt_page_count(flt_read_number(block, "original")).text);
	if (must_err > 0)
		flt_paragraph(sheet,
		              "%s rows in %s groups of copies contradict each other: any model gets at least %s wrong.",
		              flt_page_count(flt_read_number(copies, "contradicting_rows")).text,
		              flt_page_count(flt_read_number(copies, "contradicting_groups")).text,
		              flt_page_count(must_err).text);
	if (test)
		flt_paragraph(sheet, "%s of the %s rows of %s are in the data too.",
		              flt_page_count(flt_read_number(test, "shared")).text,
		              flt_page_count(flt_read_number(test, "rows")).text,
		              flt_shown_name(flt_read_text(test, "file")).text);
	flt_section_end(sheet);
}

/* ---- drift ---- */

static void put_drift_of(struct flt_sheet *sheet, const json_t *column, double n_old, double n_new)
{
	const json_t *drift = flt_read_object(column, "drift"), *median = flt_read_array(drift, "median");
	const json_t *missing = flt_read_array(drift, "missing"), *levels = flt_read_array(drift, "level_rows");
	struct flt_range auc = flt_read_range(flt_read_object(drift, "strength"), "roc_auc");
	const char *level = flt_read_text(drift, "level");
	flt_row_begin(sheet, flt_read_true(drift, "drifts") ? " class=\"chosen\"" : "");
	flt_head_name(sheet, flt_read_text(column, "name"));
	flt_cell_range(sheet, &auc, flt_page_range(&auc).text);
	if (level)
		flt_html_print(&sheet->html, "<td class=\"words\">%s: %s, then %s</td>", flt_shown_name(level).text,
		               flt_page_share(flt_read_number_at(levels, 0) / n_old).text,
		               flt_page_share(flt_read_number_at(levels, 1) / n_new).text);
	else
		flt_html_print(&sheet->html, "<td class=\"words\">median %s, then %s</td>",
		               flt_page_short(flt_read_number_at(median, 0)).text,
		               flt_page_short(flt_read_number_at(median, 1)).text);
	flt_html_print(&sheet->html, "<td class=\"words\">%s, then %s</td>",
	               flt_page_share(flt_read_number_at(missing, 0) / n_old).text,
	               flt_page_share(flt_read_number_at(missing, 1) / n_new).text);
	flt_cell_count(sheet, flt_read_number(drift, "unseen"));
	flt_row_end(sheet);
}

static void put_drift(struct flt_sheet *sheet, const json_t *report)
{
	static const char *const titles[] = {"column", "tells new from old: ROC-AUC", ":values", "missing",
	                                     "new rows with an unseen text"};
	const json_t *drift = flt_read_object(report, "drift"), *columns = flt_read_array(report, "columns");
	const json_t *before = flt_read_object(drift, "old"), *after = flt_read_object(drift, "new");
	double n_old = flt_read_number(before, "rows"), n_new = flt_read_number(after, "rows");
	struct flt_range was = flt_read_range(before, "prevalence"), is = flt_read_range(after, "prevalence");
	const char *by = flt_read_text(drift, "by");
	size_t n_shown = 0, n_columns = 0;
	if (!drift)
		return;
	flt_section_begin(sheet, "drift", "Drift");
	flt_paragraph(sheet, "%s %s rows against the %s %s: positive %s, then %s.",
	              by && strcmp(by, "time") == 0 ? "The latest" : "The test file's", flt_page_count(n_new).text,
	              flt_page_count(n_old).text, by && strcmp(by, "time") == 0 ? "before" : "of the data",
	              flt_page_share(was.value).text, flt_page_share(is.value).text);
	flt_table_begin(sheet, "drift-table",
	                "Columns by how well they tell new rows from old ones; marked: those that drift", titles, 5);
	for (size_t i = 0; i < json_array_size(columns); i++) {
		const json_t *column = flt_read_item(columns, i);
		const json_t *own = flt_read_object(column, "drift");
		if (!own || !flt_read_object(own, "strength"))
			continue;
		n_columns++;
		if (n_shown >= MOST_COLUMNS || !flt_sheet_has_room(sheet))
			continue;
		put_drift_of(sheet, column, n_old, n_new);
		n_shown++;
	}
	flt_table_end(sheet);
	flt_more_rows(sheet, n_columns - n_shown, "columns");
	flt_section_end(sheet);
}

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
	                                     "chance that the label is wrong"};
	const json_t *suspects = flt_read_array(labels, "suspects");
	if (!suspects)
		return;
	flt_table_begin(sheet, "suspects", "The surest suspects; --suspects FILE lists all", titles, 4);
	for (size_t i = 0; i < flt_read_size(suspects, MOST_LISTED) && flt_sheet_has_room(sheet); i++) {
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

static void put_labels(struct flt_sheet *sheet, const json_t *report)
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

static void draw_more_data(struct flt_sheet *sheet, const json_t *report)
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

void flt_section_check(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *columns = flt_read_array(report, "columns");
	flt_section_begin(sheet, "found", "Verdict");
	say_found(sheet, report);
	flt_section_end(sheet);
	if (columns) {
		flt_section_begin(sheet, "strength", "The columns");
		draw_strength(sheet, columns);
		put_columns(sheet, columns);
		flt_section_end(sheet);
	}
	put_leaks(sheet, report);
	say_copies(sheet, report);
	put_drift(sheet, report);
	put_labels(sheet, report);
	draw_more_data(sheet, report);
}
