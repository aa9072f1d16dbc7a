/* The data: what was read, how its rows were split, what became of each column, and what may give the class away. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "page/sections.h"

enum { MOST_COLUMNS = 200, MOST_LISTED = 20, MOST_CLASSES = 12 };

/* ---- rows ---- */

static void put_target(struct flt_sheet *sheet, const json_t *data)
{
	const char *target = flt_read_text(data, "target"), *positive = flt_read_text(data, "positive");
	const char *target_from = flt_read_text(data, "target_from"),
	           *positive_from = flt_read_text(data, "positive_from");
	double positives = flt_read_number(data, "positives"), prevalence = flt_read_number(data, "prevalence");
	if (target)
		flt_fact(sheet, "target", "%s%s", flt_shown_name(target).text,
		         !target_from                              ? ""
		         : strcmp(target_from, "last column") == 0 ? " (a guess: the last column)"
		         : strcmp(target_from, "name") == 0        ? " (found by its name)"
		                                                   : "");
	if (positive)
		flt_fact(sheet, "positive class", "%s%s", flt_shown_name(positive).text,
		         positive_from && strcmp(positive_from, "rarer class") == 0 ? " (the rarer class)" : "");
	if (isfinite(positives))
		flt_fact(sheet, "positive rows", "%s (%s)", flt_page_count(positives).text,
		         flt_page_share(prevalence).text);
}

static void put_weight(struct flt_sheet *sheet, const json_t *data)
{
	const json_t *weight = flt_read_object(data, "weight");
	if (weight)
		flt_fact(sheet, "weights", "from column %s: as much as %s rows of equal weight",
		         flt_shown_name(flt_read_text(weight, "column")).text,
		         flt_page_count(round(flt_read_number(weight, "effective"))).text);
}

static void put_count(struct flt_sheet *sheet, const json_t *data, const char *term, const char *key)
{
	double n = flt_read_number(data, key);
	if (n > 0)
		flt_fact(sheet, term, "%s", flt_page_count(n).text);
}

/* model: that was judged on these rows; NULL if it was made of them. */
static void put_rows(struct flt_sheet *sheet, const json_t *data, const char *model)
{
	const char *file = flt_read_text(data, "file");
	double files = (double)json_array_size(flt_read_array(data, "files"));
	flt_facts_begin(sheet);
	if (model)
		flt_fact(sheet, "model", "%s", flt_shown_name(model).text);
	if (file)
		flt_fact(sheet, "file", "%s%s", flt_shown_name(file).text, files > 1 ? " and others" : "");
	put_count(sheet, data, "rows", "rows");
	put_count(sheet, data, "columns", "columns");
	put_count(sheet, data, "numeric features", "numeric");
	put_count(sheet, data, "categorical features", "categorical");
	put_target(sheet, data);
	put_count(sheet, data, "missing values", "missing");
	put_count(sheet, data, "identical rows", "identical");
	put_count(sheet, data, "records skipped: wrong number of fields", "bad_rows");
	put_count(sheet, data, "rows dropped: no target", "without_target");
	put_count(sheet, data, "rows dropped: no time", "without_time");
	put_weight(sheet, data);
	flt_facts_end(sheet);
}

/* A list of foreign texts. */
static void put_texts(struct flt_sheet *sheet, const char *title, const json_t *texts)
{
	size_t n = json_array_size(texts), i;
	if (n == 0 || !flt_sheet_has_room(sheet))
		return;
	flt_html_print(&sheet->html, "<h3>%s</h3>\n<ul>\n", title);
	for (i = 0; i < n && i < MOST_LISTED && flt_sheet_has_room(sheet); i++) {
		flt_html_print(&sheet->html, "<li>");
		flt_html_sentence(&sheet->html, json_string_value(json_array_get(texts, i)));
		flt_html_print(&sheet->html, "</li>\n");
	}
	flt_html_print(&sheet->html, "</ul>\n");
	flt_more_rows(sheet, n - i, "such");
}

/* ---- split ---- */

/* Rows for a purpose; with their span of time where rows are split by it. */
static void put_role(struct flt_sheet *sheet, const json_t *role, const char *name, bool has_times)
{
	double rows = flt_read_number(role, "rows");
	if (!(rows > 0))
		return;
	flt_row_begin(sheet, "");
	flt_head_name(sheet, name);
	flt_cell_count(sheet, rows);
	flt_cell_count(sheet, flt_read_number(role, "positives"));
	if (has_times) {
		flt_cell_words(sheet, flt_read_text(role, "first_time"));
		flt_cell_words(sheet, flt_read_text(role, "last_time"));
	}
	flt_row_end(sheet);
}

static void put_roles(struct flt_sheet *sheet, const json_t *split, bool has_times)
{
	static const char *const roles[][2] = {
	        {"fit", "fit"},       {"validation", "validation"},       {"test", "test"},
	        {"first_fit", "fit"}, {"first_validation", "validation"}, {"first_test", "test"}};
	const json_t *blocks = flt_read_array(split, "blocks");
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		put_role(sheet, flt_read_object(split, roles[i][0]), roles[i][1], has_times);
	for (size_t i = 0; i < flt_read_size(blocks, MOST_LISTED) && flt_sheet_has_room(sheet); i++) {
		char name[40];
		snprintf(name, sizeof name, "test block %zu", i + 1);
		put_role(sheet, flt_read_item(blocks, i), name, has_times);
	}
}

static void put_split(struct flt_sheet *sheet, const json_t *split)
{
	static const char *const titles[] = {"rows for", "rows", "positive", ":from", ":to"};
	const char *method = flt_read_text(split, "method");
	double folds = flt_read_number(split, "folds"), repeats = flt_read_number(split, "repeats");
	char caption[640];
	if (!split)
		return;
	if (isfinite(folds))
		snprintf(caption, sizeof caption,
		         "Split: %.30s folds x %.30s, %.400s; the first fold:", flt_page_count(folds).text,
		         flt_page_count(repeats).text, flt_shown_text(method).text);
	else
		snprintf(caption, sizeof caption, "Split: %.400s", flt_shown_text(method).text);
	bool has_times = method && strcmp(method, "time") == 0;
	flt_table_begin(sheet, "split", caption, titles, has_times ? 5 : 3);
	put_roles(sheet, split, has_times);
	flt_table_end(sheet);
}

static void say_time_like(struct flt_sheet *sheet, const char *name)
{
	if (name)
		flt_paragraph(
		        sheet,
		        "Rows were dealt at random, but %s may tell time. Where the model will score later rows, train "
		        "with --time to test it on the latest ones.",
		        flt_shown_name(name).text);
}

/* ---- columns ---- */

/* Why a column was left out, or how it was read, or what is odd in it. */
static void put_remarks(struct flt_sheet *sheet, const json_t *column)
{
	static const char *const keys[][2] = {
	        {"reason", "left out: "}, {"remark", "read as: "}, {"spread", "spread: "}};
	bool has_any = false;
	flt_html_print(&sheet->html, "<td class=\"words\">");
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *text = flt_read_text(column, keys[i][0]);
		if (!text)
			continue;
		flt_html_print(&sheet->html, "%s%s", has_any ? "; " : "", keys[i][1]);
		flt_html_print(&sheet->html, "%s", flt_shown_name(text).text);
		has_any = true;
	}
	flt_html_print(&sheet->html, "</td>");
}

static void put_columns(struct flt_sheet *sheet, const json_t *data)
{
	static const char *const titles[] = {"column", ":use", "missing", ":remark"};
	const json_t *columns = flt_read_array(data, "column_uses");
	size_t n = json_array_size(columns), i;
	double rows = flt_read_number(data, "rows");
	if (n == 0)
		return;
	flt_table_begin(sheet, "columns", "Columns, and what became of each", titles, 4);
	for (i = 0; i < n && i < MOST_COLUMNS && flt_sheet_has_room(sheet); i++) {
		const json_t *column = flt_read_item(columns, i);
		double missing = flt_read_number(column, "missing");
		char shown[100];
		if (missing > 0 && rows > 0)
			snprintf(shown, sizeof shown, "%.30s (%.30s)", flt_page_count(missing).text,
			         flt_page_share(missing / rows).text);
		else
			snprintf(shown, sizeof shown, "%.30s", flt_page_count(missing).text);
		flt_row_begin(sheet, flt_read_text(column, "reason") ? " class=\"out\"" : "");
		flt_head_name(sheet, flt_read_text(column, "name"));
		flt_cell_words(sheet, flt_read_text(column, "use"));
		flt_cell_number(sheet, missing, shown);
		put_remarks(sheet, column);
		flt_row_end(sheet);
	}
	flt_table_end(sheet);
	flt_more_rows(sheet, n - i, "columns");
}

/* ---- what may give the class away ---- */

static void put_leak(struct flt_sheet *sheet, const json_t *leak)
{
	struct flt_range ap = {flt_read_number(leak, "ap"), flt_read_number(leak, "lo"), flt_read_number(leak, "hi")};
	double auc = flt_read_number(leak, "roc_auc"), rows = flt_read_number(leak, "telling_rows");
	flt_row_begin(sheet, "");
	flt_head_name(sheet, flt_read_text(leak, "column"));
	flt_cell_range(sheet, &ap, flt_page_range(&ap).text);
	flt_cell_number(sheet, auc, flt_page_fraction(auc, 3).text);
	if (flt_read_true(leak, "partial") && isfinite(rows))
		flt_html_print(&sheet->html, "<td class=\"words\">one value in %s rows, %s of them positive</td>",
		               flt_page_count(rows).text,
		               flt_page_count(flt_read_number(leak, "telling_positives")).text);
	else
		flt_html_print(&sheet->html, "<td class=\"words\">%s</td>",
		               flt_read_true(leak, "by_missing") ? "by where it is missing" : "by its values");
	flt_row_end(sheet);
}

static void put_leaks(struct flt_sheet *sheet, const json_t *data)
{
	static const char *const titles[] = {"column alone", "PR-AUC", "ROC-AUC", ":how"};
	const json_t *leaks = flt_read_array(data, "leaks");
	size_t n = json_array_size(leaks), i;
	if (n > 0) {
		flt_html_print(&sheet->html, "<h3>Leaks?</h3>\n");
		flt_paragraph(
		        sheet,
		        "These columns alone give the class away. Are they known before the class is? If not, leave "
		        "them out with <code>--drop</code>.");
		flt_table_begin(sheet, "leaks", "Columns that alone give the class away", titles, 4);
		for (i = 0; i < n && i < MOST_LISTED && flt_sheet_has_room(sheet); i++)
			put_leak(sheet, flt_read_item(leaks, i));
		flt_table_end(sheet);
		flt_more_rows(sheet, n - i, "columns");
	}
	if (flt_read_true(data, "sorted_by_class"))
		flt_paragraph(
		        sheet,
		        "The rows are sorted by class: a column that follows their order, such as an id, gives the "
		        "class away.");
	put_texts(sheet, "Perhaps ids: another whole number in each row", flt_read_array(data, "may_be_ids"));
}

/* ---- evaluate: what is not as in training ---- */

static void put_overlap(struct flt_sheet *sheet, const json_t *data)
{
	const json_t *overlap = flt_read_object(data, "used_in_training");
	double found = flt_read_number(overlap, "found");
	if (flt_read_true(overlap, "more_than_chance"))
		flt_paragraph(sheet, "%s of these rows were used in training (%s of the %s looked up).",
		              flt_page_share(flt_read_range(overlap, "share").value).text, flt_page_count(found).text,
		              flt_page_count(flt_read_number(overlap, "looked_up")).text);
}

static void put_changes(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *warnings = flt_read_array(report, "warnings");
	size_t n = json_array_size(warnings), i;
	if (n == 0 || !flt_sheet_has_room(sheet))
		return;
	flt_html_print(&sheet->html, "<h3>Not as in training</h3>\n<ul>\n");
	for (i = 0; i < n && i < MOST_LISTED && flt_sheet_has_room(sheet); i++) {
		const json_t *warning = flt_read_item(warnings, i);
		flt_html_print(&sheet->html, "<li>%s: ", flt_shown_name(flt_read_text(warning, "column")).text);
		flt_html_sentence(&sheet->html, flt_read_text(warning, "text"));
		flt_html_print(&sheet->html, "</li>\n");
	}
	flt_html_print(&sheet->html, "</ul>\n");
	flt_more_rows(sheet, n - i, "changes");
}

/* Classes that training did not see. They count as negative. */
static void put_new_labels(struct flt_sheet *sheet, const json_t *of)
{
	const json_t *labels = flt_read_array(of, "new_labels");
	size_t n = flt_read_size(labels, MOST_CLASSES);
	if (n == 0 || !flt_sheet_has_room(sheet))
		return;
	flt_html_print(&sheet->html, "<p>Classes that training did not see: ");
	for (size_t i = 0; i < n; i++)
		flt_html_print(&sheet->html, "%s%s (%s)", i ? ", " : "",
		               flt_shown_name(flt_read_text(flt_read_item(labels, i), "label")).text,
		               flt_page_count(flt_read_number(flt_read_item(labels, i), "rows")).text);
	flt_html_print(&sheet->html, "%s.</p>\n", json_array_size(labels) > n ? " and others" : "");
}

/* Of explain: what the file holds beside what the model reads. */
static void put_unused(struct flt_sheet *sheet, const json_t *data)
{
	put_texts(sheet, "Columns that the model does not use", flt_read_array(data, "unused"));
}

static void put_classes(struct flt_sheet *sheet, const json_t *data)
{
	static const char *const titles[] = {"class", "rows", ":counts as"};
	const json_t *classes = flt_read_array(data, "classes");
	size_t n = json_array_size(classes), i;
	if (n <= 2)
		return;
	flt_table_begin(sheet, "classes", "Classes in the target", titles, 3);
	for (i = 0; i < n && i < MOST_CLASSES && flt_sheet_has_room(sheet); i++) {
		const json_t *class = flt_read_item(classes, i);
		flt_row_begin(sheet, "");
		flt_head_name(sheet, flt_read_text(class, "class"));
		flt_cell_count(sheet, flt_read_number(class, "rows"));
		flt_cell_words(sheet, flt_read_true(class, "positive") ? "positive" : "negative");
		flt_row_end(sheet);
	}
	flt_table_end(sheet);
	flt_more_rows(sheet, n - i, "classes");
}

void flt_section_data(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *data = flt_read_object(report, "data");
	bool has_own = flt_read_object(report, "copies") != NULL; /* a check has said all of columns and leaks */
	if (!data)
		return;
	flt_section_begin(sheet, "data", "The data");
	put_rows(sheet, data, flt_read_text(report, "judged"));
	put_overlap(sheet, data);
	if (!has_own)
		put_leaks(sheet, data);
	put_changes(sheet, report);
	put_new_labels(sheet, data);
	put_new_labels(sheet, flt_read_object(flt_read_object(report, "split"), "test"));
	put_unused(sheet, data);
	put_texts(sheet, "How the file was read", flt_read_array(data, "remarks"));
	put_split(sheet, flt_read_object(report, "split"));
	say_time_like(sheet, flt_read_text(data, "time_like"));
	put_classes(sheet, data);
	if (!has_own)
		put_columns(sheet, data);
	flt_section_end(sheet);
}
