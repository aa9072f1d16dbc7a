/* What check found in a table: first what deserves a second look, then each question by itself. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "page/sections.h"

enum { MOST_COLUMNS = 200, MOST_DRAWN = 24, MOST_LISTED = 20 };

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
}
