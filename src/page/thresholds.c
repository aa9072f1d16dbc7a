/* What each threshold would give: a slider, curves over the threshold, and the operating points as a table. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "page/sections.h"
#include "page/stops.h"

enum { FEWEST_DECIMALS = 3, MOST_DECIMALS = 9 };

/* With as many digits as tell it from its neighbours, in the order of the table. */
static struct flt_page_number tell_apart(double before, double probability, double after)
{
	int decimals = FEWEST_DECIMALS;
	struct flt_page_number shown = flt_page_fraction(probability, decimals);
	while (decimals < MOST_DECIMALS && (strcmp(shown.text, flt_page_fraction(before, decimals).text) == 0 ||
	                                    strcmp(shown.text, flt_page_fraction(after, decimals).text) == 0))
		shown = flt_page_fraction(probability, ++decimals);
	return shown;
}

/* ---- the chosen threshold ---- */

static const char *rows_of(const char *chosen_on)
{
	static const char *const words[][2] = {{"validation", "on validation rows"},
	                                       {"left_out", "on left-out rows"},
	                                       {"fit", "on the fit rows"},
	                                       {"training", "in training"},
	                                       {"test", "on these rows"}};
	for (size_t i = 0; chosen_on && i < sizeof words / sizeof *words; i++)
		if (strcmp(chosen_on, words[i][0]) == 0)
			return words[i][1];
	return "";
}

static void say_promise(struct flt_sheet *sheet, const json_t *threshold)
{
	const json_t *price = flt_read_object(threshold, "price");
	double confidence = flt_read_number(threshold, "confidence");
	if (flt_read_true(threshold, "promised") && isfinite(confidence))
		flt_paragraph(
		        sheet,
		        "It is a promise with %s %% confidence for new rows like those it was chosen on. The price: "
		        "%s alarms per 10,000 rows, where the bare estimate would raise %s.",
		        flt_page_short(confidence).text,
		        flt_page_count(round(flt_read_number(price, "alarms_per_10000"))).text,
		        flt_page_count(round(flt_read_number(price, "bare_alarms_per_10000"))).text);
	else if (json_is_false(json_object_get(threshold, "met")))
		flt_paragraph(sheet, "No threshold met this rule; the nearest gives %s.",
		              flt_page_fraction(flt_read_number(threshold, "attained"), 3).text);
}

/* How the threshold came about: costs and a number are chosen on no rows. */
static void say_rule(struct flt_sheet *sheet, const json_t *threshold)
{
	const char *rule = flt_read_text(threshold, "rule");
	if (!rule || strspn(rule, ".0123456789") > 0) {
		flt_html_print(&sheet->html, ", as given");
		return;
	}
	flt_html_print(&sheet->html, ", by the rule <code>%s</code>, ", flt_shown_text(rule).text);
	if (strncmp(rule, "cost:", 5) == 0)
		flt_html_print(&sheet->html, "what a false alarm costs and what a miss");
	else
		flt_html_print(&sheet->html, "chosen %s", rows_of(flt_read_text(threshold, "chosen_on")));
}

static void say_chosen(struct flt_sheet *sheet, const json_t *figures)
{
	const json_t *threshold = flt_read_object(figures, "threshold");
	double probability = flt_read_number(threshold, "probability");
	if (!isfinite(probability))
		return;
	flt_html_print(&sheet->html, "<p>The model flags rows whose probability is at least <strong>%s%s</strong>",
	               flt_page_fraction(probability, 3).text, sheet->threshold_star);
	say_rule(sheet, threshold);
	flt_html_print(&sheet->html, ".</p>\n");
	say_promise(sheet, threshold);
}

/* ---- the table of stops, which the slider reads ---- */

static const char *const STOP_TITLES[] = {"threshold", "alarms per 10,000", "recall", "precision",
                                          "found",     "false alarms",      "missed", "cost per 10,000 rows"};

static const size_t N_STOP_TITLES = sizeof STOP_TITLES / sizeof *STOP_TITLES;

/* The frame of all charts of stops is the same, so one place serves all charts with the same axis. */
static void begin_stop(struct flt_sheet *sheet, const struct flt_stops *stops, const struct flt_stop *stop)
{
	struct flt_chart over = {.x = flt_stops_axis(stops), .y = {.lo = 0, .hi = 1}};
	struct flt_chart share = {.x = {.lo = 0, .hi = 1}, .y = {.lo = 0, .hi = 1}};
	char attributes[240], curve[80] = "";
	if (isfinite(stop->precision.value))
		snprintf(curve, sizeof curve, " data-pr=\"%.1f %.1f\"", flt_chart_x(&share, stop->recall.value),
		         flt_chart_y(&share, stop->precision.value));
	snprintf(attributes, sizeof attributes, "%s data-at=\"%.1f 0\"%s data-roc=\"%.1f %.1f\"",
	         stop->is_chosen ? " class=\"chosen\"" : "", flt_chart_x(&over, stop->probability), curve,
	         flt_chart_x(&share, stop->false_positive_rate), flt_chart_y(&share, stop->recall.value));
	flt_row_begin(sheet, attributes);
}

static void put_threshold(struct flt_sheet *sheet, const struct flt_stop *stop, double before, double after)
{
	struct flt_page_number shown = tell_apart(before, stop->probability, after);
	char text[sizeof shown.text + 2];
	snprintf(text, sizeof text, "%s%s", shown.text, stop->is_chosen ? sheet->threshold_star : "");
	flt_head_number(sheet, stop->probability, text);
}

/* "0.31* [0.20, 0.45]" */
static void put_range(struct flt_sheet *sheet, const struct flt_range *range, struct flt_page_number shown,
                      const char *star)
{
	char text[sizeof shown.text + 2];
	size_t n = strcspn(shown.text, " ");
	snprintf(text, sizeof text, "%.*s%s%s", (int)n, shown.text, star, shown.text + n);
	flt_cell_range(sheet, range, text);
}

/* What stands behind the threshold in a row, here and among the operating points. Where all figures are starred, the
 * caption is; else those of the chosen point may be. */
static void put_point(struct flt_sheet *sheet, const struct flt_stop *stop)
{
	const char *star = stop->is_chosen && !sheet->star[0] ? sheet->point_star : "";
	put_range(sheet, &stop->alarms, flt_page_alarms(&stop->alarms), star);
	put_range(sheet, &stop->recall, flt_page_range(&stop->recall), star);
	put_range(sheet, &stop->precision, flt_page_range(&stop->precision), star);
	flt_cell_count(sheet, stop->tp);
	flt_cell_count(sheet, stop->fp);
	flt_cell_count(sheet, stop->fn);
}

static void put_stops(struct flt_sheet *sheet, const struct flt_stops *stops)
{
	flt_html_print(&sheet->html, "<details><summary>The numbers: all thresholds of the curves</summary>\n");
	char caption[80];
	snprintf(caption, sizeof caption, "Thresholds of the curves%s, with 95 %% intervals", sheet->star);
	flt_table_begin(sheet, "stops", caption, STOP_TITLES, N_STOP_TITLES - !stops->has_cost);
	for (size_t i = 0; i < stops->n; i++) {
		const struct flt_stop *stop = &stops->stop[i];
		double before = i > 0 ? stop[-1].probability : (double)NAN;
		double after = i + 1 < stops->n ? stop[1].probability : (double)NAN;
		begin_stop(sheet, stops, stop);
		put_threshold(sheet, stop, before, after);
		put_point(sheet, stop);
		if (stops->has_cost)
			flt_cell_number(sheet, stop->cost, flt_page_short(stop->cost).text);
		flt_row_end(sheet);
	}
	flt_table_end(sheet);
	flt_html_print(&sheet->html, "</details>\n");
}

/* A slider whose stops are the rows of that table. It is shown by the script that moves it. */
static void put_slider(struct flt_sheet *sheet, const struct flt_stops *stops)
{
	size_t at = stops->chosen < stops->n ? stops->chosen : stops->n / 2;
	flt_html_print(&sheet->html,
	               "<div class=\"slider scripted\" hidden>\n<label for=\"stop\">Try a threshold</label>\n<input "
	               "type=\"range\" id=\"stop\" min=\"0\" max=\"%zu\" step=\"1\" value=\"%zu\">\n<output "
	               "id=\"stop-figures\" for=\"stop\" aria-live=\"off\">",
	               stops->n - 1, stops->n - 1 - at);
	for (size_t i = 0; i < N_STOP_TITLES - !stops->has_cost; i++)
		flt_html_print(&sheet->html,
		               "<span class=\"tile\"><span>%s</span> <b data-column=\"%zu\">-</b></span> ",
		               STOP_TITLES[i], i);
	flt_html_print(&sheet->html, "</output>\n</div>\n");
}

/* ---- curves over the threshold ---- */

enum what { RECALL, PRECISION, ALARMS, COST };

static struct flt_range range_of(const struct flt_stop *stop, enum what what)
{
	switch (what) {
	case RECALL:
		return stop->recall;
	case PRECISION:
		return stop->precision;
	case ALARMS:
		return stop->alarms;
	case COST:
		break;
	}
	return (struct flt_range){stop->cost, (double)NAN, (double)NAN};
}

/* In the order of the axis: from the lowest threshold up. */
static struct flt_series series_of(const struct flt_stops *stops, enum what what)
{
	struct flt_series series = {0};
	for (size_t i = stops->n; i-- > 0;) {
		struct flt_range range = range_of(&stops->stop[i], what);
		flt_series_add(&series, stops->stop[i].probability, range.value, range.lo, range.hi);
	}
	return series;
}

static void mark_chosen(struct flt_chart *chart, const struct flt_stops *stops)
{
	if (stops->chosen < stops->n)
		flt_chart_upright(chart, stops->stop[stops->chosen].probability, "chosen");
	flt_chart_follow_line(chart, "at");
}

/* Behind "the chosen threshold": what the script shows. */
static const char of_slider[] =
        "<span class=\"scripted\" hidden>, <span class=\"key slid\">&nbsp;</span>that of the slider</span>";

static void draw_shares(struct flt_sheet *sheet, const struct flt_stops *stops)
{
	struct flt_chart chart = {.x = flt_stops_axis(stops), .y = {.lo = 0, .hi = 1, .title = "recall, precision"}};
	struct flt_series recall = series_of(stops, RECALL), precision = series_of(stops, PRECISION);
	flt_picture_begin(sheet, "Recall and precision by threshold");
	flt_chart_begin(
	        &chart, &sheet->html,
	        "As the threshold rises, recall falls, and precision mostly rises. The numbers are in the table "
	        "of thresholds.");
	flt_chart_band(&chart, &recall, false);
	flt_chart_second_band(&chart, &precision);
	flt_chart_line(&chart, &recall, false, "pos");
	flt_chart_line(&chart, &precision, false, "second");
	mark_chosen(&chart, stops);
	flt_chart_end(&chart);
	flt_picture_caption(
	        sheet,
	        "<span class=\"key pos\">&nbsp;</span>recall, <span class=\"key second\">&nbsp;</span>precision, with "
	        "95 %% intervals; <span class=\"key chosen\">&nbsp;</span>the chosen threshold%s.",
	        of_slider);
	flt_picture_end(sheet);
}

static void draw_alarms(struct flt_sheet *sheet, const struct flt_stops *stops)
{
	struct flt_chart chart = {
	        .x = flt_stops_axis(stops),
	        .y = {.scale = FLT_AXIS_LOG, .lo = 1, .hi = 0, .title = "alarms per 10,000 rows"},
	};
	struct flt_series alarms = series_of(stops, ALARMS);
	for (size_t i = 0; i < alarms.n; i++) {
		flt_axis_include(&chart.y, alarms.y[i]);
		flt_axis_include(&chart.y, alarms.hi[i]);
	}
	flt_picture_begin(sheet, "Alarms by threshold");
	flt_chart_begin(&chart, &sheet->html,
	                "As the threshold rises, fewer rows are flagged. The numbers are in the table of thresholds.");
	flt_chart_band(&chart, &alarms, false);
	flt_chart_line(&chart, &alarms, false, "pos");
	mark_chosen(&chart, stops);
	flt_chart_end(&chart);
	flt_picture_caption(sheet,
	                    "How many of 10,000 rows are flagged, with 95 %% intervals; "
	                    "<span class=\"key chosen\">&nbsp;</span>the chosen threshold%s.",
	                    of_slider);
	flt_picture_end(sheet);
}

static void draw_cost(struct flt_sheet *sheet, const struct flt_stops *stops, const json_t *costs)
{
	struct flt_chart chart = {.x = flt_stops_axis(stops), .y = {.lo = 0, .hi = 0, .title = "cost per 10,000 rows"}};
	struct flt_series cost = series_of(stops, COST);
	if (cost.n < 2)
		return;
	for (size_t i = 0; i < cost.n; i++)
		flt_axis_include(&chart.y, cost.y[i]);
	flt_picture_begin(sheet, "Cost by threshold");
	flt_chart_begin(&chart, &sheet->html,
	                "What false alarms and misses cost together. The numbers are in the table of thresholds.");
	flt_chart_line(&chart, &cost, false, "pos");
	mark_chosen(&chart, stops);
	flt_chart_end(&chart);
	flt_picture_caption(
	        sheet,
	        "A false alarm costs %s and a miss %s; <span class=\"key chosen\">&nbsp;</span>the chosen threshold%s.",
	        flt_page_short(flt_read_number(costs, "fp")).text, flt_page_short(flt_read_number(costs, "fn")).text,
	        of_slider);
	flt_picture_end(sheet);
}

/* ---- operating points ---- */

static void put_operating_points(struct flt_sheet *sheet, const json_t *figures)
{
	const json_t *points = flt_read_array(figures, "operating_points");
	size_t n = flt_read_size(points, 24);
	char caption[120];
	if (n == 0)
		return;
	snprintf(caption, sizeof caption,
	         "What each threshold would give%s, with 95 %% intervals; marked: the chosen one", sheet->star);
	flt_table_begin(sheet, "points", caption, STOP_TITLES, N_STOP_TITLES - 1);
	for (size_t i = 0; i < n && flt_sheet_has_room(sheet); i++) {
		const json_t *from = flt_read_item(points, i), *confusion = flt_read_object(from, "confusion");
		struct flt_stop point = {
		        .probability = flt_read_number(from, "probability"),
		        .tp = flt_read_number(confusion, "tp"),
		        .fp = flt_read_number(confusion, "fp"),
		        .fn = flt_read_number(confusion, "fn"),
		        .alarms = flt_read_range(from, "alarms_per_10000"),
		        .recall = flt_read_range(from, "recall"),
		        .precision = flt_read_range(from, "precision"),
		        .is_chosen = flt_read_true(from, "chosen"),
		};
		double before = flt_read_number(flt_read_item(points, i - 1), "probability");
		double after = flt_read_number(flt_read_item(points, i + 1), "probability");
		flt_row_begin(sheet, point.is_chosen ? " class=\"chosen\"" : "");
		put_threshold(sheet, &point, before, after);
		put_point(sheet, &point);
		flt_row_end(sheet);
	}
	flt_table_end(sheet);
}

void flt_section_thresholds(struct flt_sheet *sheet, const json_t *figures)
{
	struct flt_stops stops;
	bool has_curves = flt_stops_read(figures, &stops) >= 2 && flt_sheet_has_room(sheet);
	if (!has_curves && !flt_read_array(figures, "operating_points"))
		return;
	flt_section_begin(sheet, "thresholds", "Choosing a threshold");
	say_chosen(sheet, figures);
	put_operating_points(sheet, figures);
	if (has_curves) {
		put_slider(sheet, &stops);
		flt_pictures_begin(sheet);
		draw_shares(sheet, &stops);
		draw_alarms(sheet, &stops);
		if (stops.has_cost)
			draw_cost(sheet, &stops, flt_read_object(flt_read_object(figures, "curves"), "costs"));
		flt_pictures_end(sheet);
		put_stops(sheet, &stops);
	}
	flt_section_end(sheet);
}
