/* How two columns act together: the effect of one, a curve for each slice of the other. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/character.h"
#include "page/sections.h"

enum { MOST_SLICES = 3, MOST_LEVELS = 6, MOST_POINTS = 64, SLICE_NAME = 640 };

static const char *const classes[MOST_SLICES] = {"pos", "second", "third"};

/* "2.1 to 2.4", or a category, made inert. */
static const char *slice_name(const json_t *slice, char text[SLICE_NAME])
{
	const char *level = flt_read_text(slice, "level");
	double from = flt_read_number(slice, "from"), to = flt_read_number(slice, "to");
	if (level)
		snprintf(text, SLICE_NAME, "%.600s", flt_shown_name(level).text);
	else if (from == to)
		snprintf(text, SLICE_NAME, "%s", flt_page_short(from).text);
	else
		snprintf(text, SLICE_NAME, "%s to %s", flt_page_short(from).text, flt_page_short(to).text);
	return text;
}

static struct flt_range probability_of(const json_t *point)
{
	return (struct flt_range){flt_read_number(point, "probability"), flt_read_number(point, "lo"),
	                          flt_read_number(point, "hi")};
}

/* ---- numbers ---- */

static struct flt_series series_of(const json_t *slice)
{
	const json_t *points = flt_read_array(slice, "points");
	struct flt_series series = {0};
	for (size_t i = 0; i < flt_read_size(points, MOST_POINTS); i++) {
		const json_t *point = flt_read_item(points, i);
		struct flt_range range = probability_of(point);
		flt_series_add(&series, flt_read_number(point, "at"), range.value, range.lo, range.hi);
	}
	return series;
}

static void draw_curves(struct flt_sheet *sheet, const json_t *slices, const char *name)
{
	struct flt_chart chart = {.x = {.lo = 1, .hi = 0, .title = name},
	                          .y = {.lo = 0, .hi = 0, .title = "mean probability"}};
	struct flt_series series[MOST_SLICES];
	size_t n = flt_read_size(slices, MOST_SLICES);
	double least = HUGE_VAL, most = -HUGE_VAL;
	for (size_t i = 0; i < n; i++) {
		series[i] = series_of(flt_read_item(slices, i));
		for (size_t k = 0; k < series[i].n; k++) {
			least = fmin(least, series[i].x[k]);
			most = fmax(most, series[i].x[k]);
			flt_axis_include(&chart.x, series[i].x[k]);
			flt_axis_include(&chart.y, series[i].hi[k]);
		}
	}
	if (least > 0 && most > 100 * least)
		chart.x.scale = FLT_AXIS_LOG;
	flt_chart_begin(&chart, &sheet->html,
	                "How the mean probability moves along one column, a curve for each slice of the other. The "
	                "numbers are in the table below.");
	for (size_t i = 0; i < n; i++)
		flt_chart_line(&chart, &series[i], false, classes[i]);
	flt_chart_end(&chart);
}

static void say_keys(struct flt_sheet *sheet, const json_t *slices, const char *by)
{
	char name[SLICE_NAME];
	flt_html_print(&sheet->html, "<p class=\"caption\">Where %s is ", flt_shown_name(by).text);
	for (size_t i = 0; i < flt_read_size(slices, MOST_SLICES); i++)
		flt_html_print(&sheet->html, "%s<span class=\"key %s\">&nbsp;</span>%s", i ? ", " : "", classes[i],
		               slice_name(flt_read_item(slices, i), name));
	flt_html_print(&sheet->html, "; all other columns as they are. 95 %% intervals are in the table below.</p>\n");
}

/* ---- categories ---- */

static void draw_dots(struct flt_sheet *sheet, const json_t *slices)
{
	struct flt_rows_chart chart = {.x = {.lo = 0, .hi = 0, .title = "mean probability"}};
	char name[2 * SLICE_NAME];
	for (size_t i = 0; i < flt_read_size(slices, MOST_SLICES); i++) {
		const json_t *points = flt_read_array(flt_read_item(slices, i), "points");
		chart.n_rows += flt_read_size(points, MOST_LEVELS);
		for (size_t k = 0; k < flt_read_size(points, MOST_LEVELS); k++)
			flt_axis_include(&chart.x, probability_of(flt_read_item(points, k)).hi);
	}
	flt_rows_begin(&chart, &sheet->html, (double)NAN,
	               "The mean probability for each value of one column, by the value of the other. The numbers "
	               "are in the table below.");
	for (size_t i = 0; i < flt_read_size(slices, MOST_SLICES); i++) {
		const json_t *of = flt_read_item(slices, i), *points = flt_read_array(of, "points");
		const char *given = flt_read_text(of, "level");
		given = given ? given : "";
		for (size_t k = 0; k < flt_read_size(points, MOST_LEVELS); k++) {
			const json_t *point = flt_read_item(points, k);
			const char *level = flt_read_text(point, "level");
			struct flt_range range = probability_of(point);
			level = level ? level : "missing";
			snprintf(name, sizeof name, "%.*s: %.*s", (int)flt_fitting_length(given, 600), given,
			         (int)flt_fitting_length(level, 600), level);
			flt_rows_add(&chart, name, range.value, range.lo, range.hi,
			             flt_page_significant(range.value, 3).text);
		}
	}
	flt_rows_end(&chart);
}

/* ---- both ---- */

static void put_slice(struct flt_sheet *sheet, const json_t *slice)
{
	const json_t *points = flt_read_array(slice, "points");
	char name[SLICE_NAME];
	for (size_t i = 0; i < flt_read_size(points, MOST_POINTS) && flt_sheet_has_room(sheet); i++) {
		const json_t *point = flt_read_item(points, i);
		const char *level = flt_read_text(point, "level");
		double at = flt_read_number(point, "at");
		struct flt_range range = probability_of(point);
		flt_row_begin(sheet, "");
		flt_html_print(&sheet->html, "<th scope=\"row\">%s</th>", slice_name(slice, name));
		if (isfinite(at))
			flt_cell_number(sheet, at, flt_page_short(at).text);
		else
			flt_cell_words(sheet, level ? level : "missing");
		flt_cell_range(sheet, &range, flt_page_small(&range).text);
		flt_cell_count(sheet, flt_read_number(point, "rows"));
		flt_row_end(sheet);
	}
}

void flt_picture_together(struct flt_sheet *sheet, const json_t *explanation)
{
	static const char *const titles[] = {"where", "value", "mean probability", "rows"};
	const json_t *together = flt_read_object(explanation, "together"), *slices = flt_read_array(together, "slices");
	const char *by = flt_read_text(together, "by"), *type = flt_read_text(flt_read_item(slices, 0), "type");
	const char *column = flt_read_text(flt_read_item(slices, 0), "column");
	char title[1400];
	if (!by || !column || !flt_sheet_has_room(sheet))
		return;
	snprintf(title, sizeof title, "%.640s by %.640s", flt_shown_name(column).text, flt_shown_name(by).text);
	flt_picture_begin(sheet, title);
	if (type && strcmp(type, "numeric") == 0) {
		draw_curves(sheet, slices, column);
		say_keys(sheet, slices, by);
	} else {
		draw_dots(sheet, slices);
		flt_picture_caption(sheet,
		                    "Mean probability for each value of %.600s, by that of %.600s, with 95 %% "
		                    "intervals.",
		                    flt_shown_name(column).text, flt_shown_name(by).text);
	}
	flt_picture_table_begin(sheet, "Mean probability of the pair that acts together most, with 95 % intervals",
	                        titles, 4);
	for (size_t i = 0; i < flt_read_size(slices, MOST_SLICES); i++)
		put_slice(sheet, flt_read_item(slices, i));
	flt_picture_table_end(sheet);
	flt_picture_end(sheet);
}
