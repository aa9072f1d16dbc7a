#include "page/chart.h"

#include <math.h>
#include <stdio.h>

/* Units of the picture. It is about 360 pixels wide on a telephone, where letters of 12 units can still be read. */
enum { WIDTH = 400, HEIGHT = 280, LEFT = 46, RIGHT = 390, TOP = 26, BOTTOM = 234 };
enum { ROW_HEIGHT = 38, ROWS_TOP = 8, ROWS_LEFT = 10, ROWS_RIGHT = 250, ROWS_BOTTOM = 34 };

/* ---- series ---- */

void flt_series_add(struct flt_series *series, double x, double y, double lo, double hi)
{
	if (series->n == FLT_SERIES_MOST || !isfinite(x) || !isfinite(y))
		return;
	series->x[series->n] = x;
	series->y[series->n] = y;
	series->lo[series->n] = isfinite(lo) ? lo : y;
	series->hi[series->n] = isfinite(hi) ? hi : y;
	series->n++;
}

double flt_chart_x(const struct flt_chart *chart, double x)
{
	return LEFT + (RIGHT - LEFT) * flt_axis_place(&chart->x, x);
}

double flt_chart_y(const struct flt_chart *chart, double y)
{
	return BOTTOM - (BOTTOM - TOP) * flt_axis_place(&chart->y, y);
}

/* ---- axes ---- */

enum { APART = 40 }; /* the fewest units between labels of an x axis */

/* The tick to begin with, so that 0 gets a label if it is a tick, and there is not room for all. */
static size_t first_tick(const struct flt_axis *axis, const double *tick, size_t n, double width)
{
	size_t zero = 0;
	while (zero < n && tick[zero] != 0)
		zero++;
	if (zero == n || n < 2)
		return 0;
	double step = width * (flt_axis_place(axis, tick[1]) - flt_axis_place(axis, tick[0]));
	return zero % (size_t)fmin(fmax(ceil(APART / step), 1), FLT_TICKS_MOST);
}

static void draw_x_axis(struct flt_html *html, const struct flt_axis *axis, double left, double right, double top,
                        double bottom)
{
	double tick[FLT_TICKS_MOST], last = -HUGE_VAL;
	size_t n = flt_axis_ticks(axis, tick);
	for (size_t i = first_tick(axis, tick, n, right - left); i < n; i++) {
		double x = left + (right - left) * flt_axis_place(axis, tick[i]);
		if (x - last < APART)
			continue;
		last = x;
		flt_html_print(html, "<path class=\"grid\" d=\"M%.1f %.1fV%.1f\"/>", x, top, bottom);
		flt_html_print(html, "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", x,
		               bottom + 17, flt_axis_label(tick[i]).text);
	}
	flt_html_print(html, "<path class=\"axis\" d=\"M%.1f %.1fH%.1f\"/>", left, bottom, right);
}

static void draw_y_axis(struct flt_chart *chart)
{
	enum { LINES_APART = 22 };
	double tick[FLT_TICKS_MOST], last = HUGE_VAL;
	size_t n = flt_axis_ticks(&chart->y, tick);
	for (size_t i = 0; i < n; i++) {
		double y = flt_chart_y(chart, tick[i]);
		if (last - y < LINES_APART)
			continue;
		last = y;
		flt_html_print(chart->html, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y, RIGHT);
		flt_html_print(chart->html, "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
		               LEFT - 6, y + 4, flt_axis_label(chart->y.is_mirrored ? fabs(tick[i]) : tick[i]).text);
	}
}

/* ---- the frame ---- */

/* Named by the heading of the picture (flt_picture_begin), which has the same number. */
static void open_picture(struct flt_html *html, int height, const char *description)
{
	unsigned id = html->n_ids;
	flt_html_print(
	        html,
	        "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"p%u-title p%u-about\">"
	        "<desc id=\"p%u-about\">%s</desc>\n",
	        WIDTH, height, id, id, id, description);
}

void flt_chart_begin(struct flt_chart *chart, struct flt_html *html, const char *description)
{
	chart->html = html;
	flt_axis_close(&chart->x);
	flt_axis_close(&chart->y);
	open_picture(html, HEIGHT, description);
	flt_html_print(html, "<text class=\"label\" x=\"0\" y=\"13\">%s</text>", flt_shown_text(chart->y.title).text);
	flt_html_print(html, "<text class=\"label\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", RIGHT, HEIGHT - 6,
	               flt_shown_text(chart->x.title).text);
	draw_y_axis(chart);
	draw_x_axis(html, &chart->x, LEFT, RIGHT, TOP, BOTTOM);
}

void flt_chart_end(struct flt_chart *chart)
{
	flt_html_print(chart->html, "</svg>\n");
}

/* ---- what is drawn ---- */

static void go(struct flt_chart *chart, char how, double x, double y)
{
	flt_html_print(chart->html, "%c%.1f %.1f", how, flt_chart_x(chart, x), flt_chart_y(chart, y));
}

/* Goes along the series, whose y is given; the first move is M or L. */
static void go_forth(struct flt_chart *chart, const struct flt_series *series, const double *y, bool is_step)
{
	for (size_t i = 0; i < series->n; i++) {
		if (is_step && i > 0)
			go(chart, 'L', series->x[i - 1], y[i]);
		go(chart, i == 0 ? 'M' : 'L', series->x[i], y[i]);
	}
}

static void go_back(struct flt_chart *chart, const struct flt_series *series, const double *y, bool is_step)
{
	for (size_t i = series->n; i-- > 0;) {
		if (is_step && i + 1 < series->n)
			go(chart, 'L', series->x[i], y[i + 1]);
		go(chart, 'L', series->x[i], y[i]);
	}
}

static void draw_band(struct flt_chart *chart, const struct flt_series *series, bool is_step, const char *class)
{
	if (series->n < 2)
		return;
	flt_html_print(chart->html, "<path class=\"%s\" d=\"", class);
	go_forth(chart, series, series->lo, is_step);
	go_back(chart, series, series->hi, is_step);
	flt_html_print(chart->html, "Z\"/>");
}

void flt_chart_band(struct flt_chart *chart, const struct flt_series *series, bool is_step)
{
	draw_band(chart, series, is_step, "band");
}

void flt_chart_second_band(struct flt_chart *chart, const struct flt_series *series)
{
	draw_band(chart, series, false, "band second");
}

void flt_chart_line(struct flt_chart *chart, const struct flt_series *series, bool is_step, const char *class)
{
	if (series->n < 2)
		return;
	flt_html_print(chart->html, "<path class=\"line %s\" d=\"", class);
	go_forth(chart, series, series->y, is_step);
	flt_html_print(chart->html, "\"/>");
}

void flt_chart_whiskers(struct flt_chart *chart, const struct flt_series *series, const char *class)
{
	if (series->n == 0)
		return;
	flt_html_print(chart->html, "<path class=\"whisker %s\" d=\"", class);
	for (size_t i = 0; i < series->n; i++) {
		go(chart, 'M', series->x[i], series->lo[i]);
		go(chart, 'L', series->x[i], series->hi[i]);
	}
	flt_html_print(chart->html, "\"/>");
}

void flt_chart_dots(struct flt_chart *chart, const struct flt_series *series, const char *class)
{
	for (size_t i = 0; i < series->n; i++)
		flt_html_print(chart->html, "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/>", class,
		               flt_chart_x(chart, series->x[i]), flt_chart_y(chart, series->y[i]));
}

void flt_chart_level(struct flt_chart *chart, double y, const char *class)
{
	if (isfinite(y))
		flt_html_print(chart->html, "<path class=\"%s\" d=\"M%d %.1fH%d\"/>", class, LEFT,
		               flt_chart_y(chart, y), RIGHT);
}

void flt_chart_upright(struct flt_chart *chart, double x, const char *class)
{
	if (isfinite(x))
		flt_html_print(chart->html, "<path class=\"%s\" d=\"M%.1f %dV%d\"/>", class, flt_chart_x(chart, x), TOP,
		               BOTTOM);
}

void flt_chart_diagonal(struct flt_chart *chart)
{
	double lo = fmax(chart->x.lo, chart->y.lo), hi = fmin(chart->x.hi, chart->y.hi);
	if (!(lo < hi))
		return;
	flt_html_print(chart->html, "<path class=\"chance\" d=\"");
	go(chart, 'M', lo, lo);
	go(chart, 'L', hi, hi);
	flt_html_print(chart->html, "\"/>");
}

void flt_chart_mark(struct flt_chart *chart, double x, double y)
{
	if (!isfinite(x) || !isfinite(y))
		return;
	double at_x = flt_chart_x(chart, x), at_y = flt_chart_y(chart, y);
	flt_html_print(chart->html, "<path class=\"mark\" d=\"M%.1f %.1fl6 6l-6 6l-6 -6z\"/>", at_x, at_y - 6);
}

void flt_chart_bar(struct flt_chart *chart, double x0, double x1, double y0, double y1, const char *class)
{
	double left = flt_chart_x(chart, x0), right = flt_chart_x(chart, x1);
	double low = flt_chart_y(chart, y0), high = flt_chart_y(chart, y1);
	flt_html_print(chart->html, "<path class=\"bar %s\" d=\"M%.1f %.1fH%.1fV%.1fH%.1fz\"/>", class, left, low,
	               right, high, left);
}

void flt_chart_follow_line(struct flt_chart *chart, const char *key)
{
	flt_html_print(chart->html, "<path class=\"follow\" data-follow=\"%s\" d=\"M0 %dV%d\"/>", key, TOP, BOTTOM);
}

void flt_chart_follow_ring(struct flt_chart *chart, const char *key)
{
	flt_html_print(chart->html, "<circle class=\"follow\" data-follow=\"%s\" r=\"7\"/>", key);
}

/* ---- rows with a name ---- */

static int rows_bottom(const struct flt_rows_chart *chart)
{
	return ROWS_TOP + ROW_HEIGHT * (int)chart->n_rows;
}

static double rows_x(const struct flt_rows_chart *chart, double value)
{
	return ROWS_LEFT + (ROWS_RIGHT - ROWS_LEFT) * flt_axis_place(&chart->x, value);
}

void flt_rows_begin(struct flt_rows_chart *chart, struct flt_html *html, double reference, const char *description)
{
	int bottom = rows_bottom(chart);
	chart->html = html;
	chart->row = 0;
	flt_axis_close(&chart->x);
	open_picture(html, bottom + ROWS_BOTTOM, description);
	draw_x_axis(html, &chart->x, ROWS_LEFT, ROWS_RIGHT, ROWS_TOP, bottom);
	if (isfinite(reference))
		flt_html_print(html, "<path class=\"chance\" d=\"M%.1f %dV%d\"/>", rows_x(chart, reference), ROWS_TOP,
		               bottom);
	flt_html_print(html, "<text class=\"label\" x=\"%d\" y=\"%d\">%s</text>", ROWS_RIGHT + 12, bottom + 17,
	               flt_shown_text(chart->x.title).text);
}

void flt_rows_add(struct flt_rows_chart *chart, const char *name, double value, double lo, double hi, const char *shown)
{
	if (chart->row == chart->n_rows)
		return;
	int top = ROWS_TOP + ROW_HEIGHT * (int)chart->row++, y = top + 27;
	flt_html_print(chart->html, "<text class=\"name\" x=\"%d\" y=\"%d\">%s</text>", ROWS_LEFT, top + 15,
	               flt_shown_text(name).text);
	if (isfinite(lo) && isfinite(hi))
		flt_html_print(chart->html, "<path class=\"whisker wide\" d=\"M%.1f %dH%.1f\"/>", rows_x(chart, lo), y,
		               rows_x(chart, hi));
	if (isfinite(value))
		flt_html_print(chart->html, "<circle class=\"dot pos\" cx=\"%.1f\" cy=\"%d\" r=\"4\"/>",
		               rows_x(chart, value), y);
	flt_html_print(chart->html, "<text class=\"tick\" x=\"%d\" y=\"%d\">%s</text>", ROWS_RIGHT + 12, y + 4, shown);
}

void flt_rows_end(struct flt_rows_chart *chart)
{
	flt_html_print(chart->html, "</svg>\n");
}
