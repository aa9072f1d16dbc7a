/* Why rows are flagged: which columns the model needs, how its probability moves along them, and which act together. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "page/sections.h"

enum { MOST_IMPORTANT = 40, MOST_DRAWN = 20, MOST_TOGETHER = 12, MOST_EFFECTS = 16, MOST_POINTS = 64, NAMES = 1024 };

/* "amount and channel": the columns of a group, made inert, at most three of them. */
static const char *names_of(const json_t *of, char text[NAMES])
{
	enum { MOST = 3 };
	const json_t *columns = flt_read_array(of, "columns");
	size_t n = flt_read_size(columns, MOST), length = 0, n_all = json_array_size(columns);
	text[0] = '\0';
	for (size_t i = 0; i < n && length < NAMES - 1; i++)
		length += (size_t)snprintf(text + length, NAMES - length, "%s%s", i ? " + " : "",
		                           json_string_value(json_array_get(columns, i))
		                                   ? json_string_value(json_array_get(columns, i))
		                                   : "?");
	if (n_all > n && length < NAMES - 1)
		snprintf(text + length, NAMES - length, " + %zu more", n_all - n);
	return text;
}

/* ---- importance ---- */

/* What is drawn: PR-AUC, or without labels how far log-odds move. */
static const char *drawn_key(const json_t *importance)
{
	return isfinite(flt_read_range(flt_read_item(importance, 0), "ap").value) ? "ap" : "log_odds";
}

static void put_small(struct flt_sheet *sheet, const json_t *of, const char *key)
{
	struct flt_range range = flt_read_range(of, key);
	flt_cell_range(sheet, &range, flt_page_small(&range).text);
}

static void put_importance(struct flt_sheet *sheet, const json_t *importance)
{
	static const char *const titles[] = {"column", "loss of PR-AUC", "rise of log-loss", "log-odds move by"};
	size_t n = json_array_size(importance), i;
	char names[NAMES];
	flt_html_print(&sheet->html, "<details><summary>The numbers</summary>\n");
	flt_table_begin(sheet, "importance", "Importance of each column, strongest first, with 95 % intervals", titles,
	                4);
	for (i = 0; i < n && i < MOST_IMPORTANT && flt_sheet_has_room(sheet); i++) {
		const json_t *of = flt_read_item(importance, i);
		flt_row_begin(sheet, "");
		flt_head_name(sheet, names_of(of, names));
		put_small(sheet, of, "ap");
		put_small(sheet, of, "log_loss");
		put_small(sheet, of, "log_odds");
		flt_row_end(sheet);
	}
	flt_table_end(sheet);
	flt_html_print(&sheet->html, "</details>\n");
	flt_more_rows(sheet, n - i, "columns");
}

static void draw_importance(struct flt_sheet *sheet, const json_t *importance, const char *star)
{
	size_t n = flt_read_size(importance, MOST_DRAWN);
	const char *key = drawn_key(importance);
	bool is_loss = strcmp(key, "ap") == 0;
	struct flt_rows_chart chart = {.x = {.lo = 0, .hi = 0, .title = is_loss ? "loss of PR-AUC" : "log-odds move"},
	                               .n_rows = n};
	char names[NAMES];
	for (size_t i = 0; i < n; i++) {
		struct flt_range loss = flt_read_range(flt_read_item(importance, i), key);
		flt_axis_include(&chart.x, loss.value);
		flt_axis_include(&chart.x, loss.lo);
		flt_axis_include(&chart.x, loss.hi);
	}
	flt_picture_begin(sheet, "Importance of each column");
	flt_rows_begin(
	        &chart, &sheet->html, 0,
	        "What changes where the values of a column are dealt at random. The numbers are in the table below."
	        "");
	for (size_t i = 0; i < n; i++) {
		const json_t *of = flt_read_item(importance, i);
		struct flt_range loss = flt_read_range(of, key);
		flt_rows_add(&chart, names_of(of, names), loss.value, loss.lo, loss.hi, flt_page_range(&loss).text);
	}
	flt_rows_end(&chart);
	if (is_loss)
		flt_picture_caption(sheet,
		                    "PR-AUC%s lost when a column's values are shuffled among the rows, with 95 %% "
		                    "intervals. Columns that tell much the same stand in for each other.",
		                    star);
	else
		flt_picture_caption(sheet, "How far the log-odds of rows move when a column's values are shuffled at "
		                           "random, with 95 %% intervals. There are no labels to measure a loss by.");
	put_importance(sheet, importance);
	flt_picture_end(sheet);
}

static void say_correlated(struct flt_sheet *sheet, const json_t *explanation)
{
	const json_t *correlated = flt_read_array(explanation, "correlated");
	size_t n = flt_read_size(correlated, MOST_TOGETHER);
	char names[NAMES];
	if (n == 0 || !flt_sheet_has_room(sheet))
		return;
	flt_html_print(&sheet->html,
	               "<p>Columns that move together share their importance, so that each of them alone may "
	               "seem weak:</p>\n<ul>\n");
	for (size_t i = 0; i < n && flt_sheet_has_room(sheet); i++) {
		const json_t *pair = flt_read_item(correlated, i);
		flt_html_print(&sheet->html, "<li>%s (%s)</li>\n", flt_shown_name(names_of(pair, names)).text,
		               flt_page_fraction(flt_read_number(pair, "strength"), 2).text);
	}
	flt_html_print(&sheet->html, "</ul>\n");
	flt_more_rows(sheet, json_array_size(correlated) - n, "such groups");
}

/* ---- effects ---- */

static void put_effect(struct flt_sheet *sheet, const json_t *points, bool is_numeric)
{
	static const char *const titles[] = {"value", "mean probability", "rows"};
	flt_picture_table_begin(sheet, "Mean probability by value, with 95 % intervals", titles, 3);
	for (size_t i = 0; i < flt_read_size(points, MOST_POINTS) && flt_sheet_has_room(sheet); i++) {
		const json_t *point = flt_read_item(points, i);
		const char *level = flt_read_text(point, "level");
		double at = flt_read_number(point, "at");
		struct flt_range range = {flt_read_number(point, "probability"), flt_read_number(point, "lo"),
		                          flt_read_number(point, "hi")};
		flt_row_begin(sheet, "");
		if (is_numeric && isfinite(at))
			flt_head_number(sheet, at, flt_page_short(at).text);
		else
			flt_head_name(sheet, level ? level : "missing");
		flt_cell_range(sheet, &range, flt_page_small(&range).text);
		flt_cell_count(sheet, flt_read_number(point, "rows"));
		flt_row_end(sheet);
	}
	flt_picture_table_end(sheet);
}

static void draw_numeric(struct flt_sheet *sheet, const json_t *points, const char *name, double mean)
{
	struct flt_chart chart = {.x = {.lo = 1, .hi = 0, .title = name},
	                          .y = {.lo = 0, .hi = 0, .title = "mean probability"}};
	struct flt_series series = {0};
	double least = HUGE_VAL, most = -HUGE_VAL;
	for (size_t i = 0; i < flt_read_size(points, MOST_POINTS); i++) {
		const json_t *point = flt_read_item(points, i);
		double at = flt_read_number(point, "at");
		flt_series_add(&series, at, flt_read_number(point, "probability"), flt_read_number(point, "lo"),
		               flt_read_number(point, "hi"));
		least = fmin(least, at);
		most = fmax(most, at);
	}
	if (least > 0 && most > 100 * least)
		chart.x.scale = FLT_AXIS_LOG;
	for (size_t i = 0; i < series.n; i++) {
		flt_axis_include(&chart.x, series.x[i]);
		flt_axis_include(&chart.y, series.hi[i]);
	}
	flt_axis_include(&chart.y, mean);
	flt_chart_begin(&chart, &sheet->html,
	                "How the model's mean probability moves along the column's values. The numbers are in the "
	                "table below.");
	flt_chart_band(&chart, &series, false);
	flt_chart_level(&chart, mean, "chance");
	flt_chart_line(&chart, &series, false, "pos");
	flt_chart_end(&chart);
}

static void draw_levels(struct flt_sheet *sheet, const json_t *points, double mean)
{
	size_t n = flt_read_size(points, MOST_DRAWN);
	struct flt_rows_chart chart = {.x = {.lo = 0, .hi = 0, .title = "mean probability"}, .n_rows = n};
	for (size_t i = 0; i < n; i++) {
		flt_axis_include(&chart.x, flt_read_number(flt_read_item(points, i), "hi"));
		flt_axis_include(&chart.x, flt_read_number(flt_read_item(points, i), "probability"));
	}
	flt_axis_include(&chart.x, mean);
	flt_rows_begin(
	        &chart, &sheet->html, mean,
	        "The model's mean probability for each value of the column. The numbers are in the table below.");
	for (size_t i = 0; i < n; i++) {
		const json_t *point = flt_read_item(points, i);
		const char *level = flt_read_text(point, "level");
		double probability = flt_read_number(point, "probability");
		flt_rows_add(&chart, level ? level : "missing", probability, flt_read_number(point, "lo"),
		             flt_read_number(point, "hi"), flt_page_significant(probability, 3).text);
	}
	flt_rows_end(&chart);
}

/* The point of the missing has no place along the column. */
static void say_missing(struct flt_sheet *sheet, const json_t *points)
{
	size_t n = flt_read_size(points, MOST_POINTS);
	const json_t *last = flt_read_item(points, n - 1);
	if (json_is_null(json_object_get(last, "at")))
		flt_picture_caption(sheet, "Where it is missing (%s rows): %s.",
		                    flt_page_count(flt_read_number(last, "rows")).text,
		                    flt_page_significant(flt_read_number(last, "probability"), 3).text);
}

static void draw_effect(struct flt_sheet *sheet, const json_t *effect)
{
	const json_t *points = flt_read_array(effect, "points");
	const char *name = flt_read_text(effect, "column"), *type = flt_read_text(effect, "type");
	double mean = flt_read_number(effect, "mean_probability"), left_out = flt_read_number(effect, "left_out");
	bool is_numeric = type && strcmp(type, "numeric") == 0;
	if (!points || !name)
		return;
	flt_picture_begin(sheet, flt_shown_name(name).text);
	if (is_numeric)
		draw_numeric(sheet, points, name, mean);
	else
		draw_levels(sheet, points, mean);
	flt_picture_caption(sheet,
	                    "Mean probability along this column while all others stay as they are, with 95 %% %s for "
	                    "other rows and the same model; dashed: the mean of all rows, %s.",
	                    is_numeric ? "band" : "intervals", flt_page_significant(mean, 3).text);
	if (is_numeric)
		say_missing(sheet, points);
	put_effect(sheet, points, is_numeric);
	if (left_out > 0)
		flt_more_rows(sheet, (size_t)fmin(left_out, 1e9), "categories");
	flt_picture_end(sheet);
}

static void draw_effects(struct flt_sheet *sheet, const json_t *explanation)
{
	const json_t *effects = flt_read_array(explanation, "effects");
	if (!effects || !flt_sheet_has_room(sheet))
		return;
	flt_html_print(&sheet->html,
	               "<h3 class=\"group\">How the probability moves along the strongest columns</h3>\n");
	flt_pictures_begin(sheet);
	for (size_t i = 0; i < flt_read_size(effects, MOST_EFFECTS) && flt_sheet_has_room(sheet); i++)
		draw_effect(sheet, flt_read_item(effects, i));
	flt_pictures_end(sheet);
}

static void put_interactions(struct flt_sheet *sheet, const json_t *explanation)
{
	static const char *const titles[] = {"columns", "strength in log-odds"};
	const json_t *pairs = flt_read_array(explanation, "interactions");
	char names[NAMES];
	if (!pairs || !flt_sheet_has_room(sheet))
		return;
	flt_html_print(&sheet->html, "<figure>\n<h3>Columns that act together</h3>\n");
	flt_table_begin(sheet, "interactions", "How far two columns are from simply adding up, strongest first", titles,
	                2);
	for (size_t i = 0; i < flt_read_size(pairs, MOST_TOGETHER) && flt_sheet_has_room(sheet); i++) {
		const json_t *pair = flt_read_item(pairs, i);
		struct flt_range range = {flt_read_number(pair, "value"), flt_read_number(pair, "lo"),
		                          flt_read_number(pair, "hi")};
		flt_row_begin(sheet, "");
		flt_head_name(sheet, names_of(pair, names));
		flt_cell_range(sheet, &range, flt_page_small(&range).text);
		flt_row_end(sheet);
	}
	flt_table_end(sheet);
	flt_picture_end(sheet);
}

static void say_idle(struct flt_sheet *sheet, const json_t *explanation)
{
	const json_t *idle = flt_read_array(explanation, "idle");
	size_t n = flt_read_size(idle, MOST_TOGETHER);
	if (n == 0)
		return;
	flt_html_print(&sheet->html, "<p>No network uses ");
	for (size_t i = 0; i < n; i++)
		flt_html_print(&sheet->html, "%s%s", i ? ", " : "",
		               flt_shown_name(json_string_value(json_array_get(idle, i))).text);
	if (json_array_size(idle) > n)
		flt_html_print(&sheet->html, " and %zu more columns", json_array_size(idle) - n);
	flt_html_print(&sheet->html, ".</p>\n");
}

static void say_rows(struct flt_sheet *sheet, const json_t *explanation, const char *star)
{
	double rows = flt_read_number(explanation, "rows"), ap = flt_read_number(explanation, "ap");
	if (!isfinite(rows))
		return;
	flt_paragraph(
	        sheet,
	        "Measured on %s of %s rows, %s of them positive. It says what the model goes by, not what causes the "
	        "class.",
	        flt_page_count(rows).text, flt_page_count(flt_read_number(explanation, "of_rows")).text,
	        flt_page_count(flt_read_number(explanation, "positives")).text);
	if (isfinite(ap))
		flt_paragraph(sheet, "PR-AUC of these rows as they are: %s%s.", flt_page_fraction(ap, 3).text, star);
	if (star[0])
		flt_paragraph(sheet, "The model learnt from these rows (*): expect less on new rows.");
}

void flt_section_explanation(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *explanation = flt_read_object(report, "explanation");
	const json_t *importance = flt_read_array(explanation, "importance");
	const char *star = flt_read_true(explanation, "starred") ? "*" : "";
	if (!explanation)
		return;
	flt_section_begin(sheet, "explanation", "Why rows are flagged");
	say_rows(sheet, explanation, star);
	if (importance && flt_sheet_has_room(sheet)) {
		flt_pictures_begin(sheet);
		draw_importance(sheet, importance, star);
		flt_html_print(&sheet->html, "<div>\n");
		put_interactions(sheet, explanation);
		flt_picture_together(sheet, explanation);
		flt_html_print(&sheet->html, "</div>\n");
		flt_pictures_end(sheet);
	}
	say_idle(sheet, explanation);
	say_correlated(sheet, explanation);
	draw_effects(sheet, explanation);
	flt_section_end(sheet);
}
