/*
 * Pictures in SVG: axes with ticks, and what is drawn between them. A picture is an image to a screen reader, with a
 * name and a description in words; its numbers stand in a table beside it. Values that are not finite are passed
 * over, and those beyond an axis are drawn at its end.
 *
 * Order: flt_chart_begin, then what is drawn, from back to front, then flt_chart_end.
 */
#ifndef PAGE_CHART_H
#define PAGE_CHART_H

#include "page/axis.h"
#include "page/html.h"

struct flt_chart {
	struct flt_html *html;
	struct flt_axis x, y;
};

enum { FLT_SERIES_MOST = 128 };

/* Points in the order of x, each with an interval of y. */
struct flt_series {
	size_t n;
	double x[FLT_SERIES_MOST], y[FLT_SERIES_MOST], lo[FLT_SERIES_MOST], hi[FLT_SERIES_MOST];
};

/* Adds a point; nothing where the series is full, or x or y is not finite. */
void flt_series_add(struct flt_series *series, double x, double y, double lo, double hi);

/* description: of ours, or inert. Behind flt_picture_begin (page/parts.h), whose heading names the picture. */
void flt_chart_begin(struct flt_chart *chart, struct flt_html *html, const char *description);
void flt_chart_end(struct flt_chart *chart);

/* A step goes level from the x before to its own x at its own y. class is a word of the style sheet. */
void flt_chart_band(struct flt_chart *chart, const struct flt_series *series, bool is_step);
void flt_chart_second_band(struct flt_chart *chart, const struct flt_series *series); /* of a second curve */
void flt_chart_line(struct flt_chart *chart, const struct flt_series *series, bool is_step, const char *class);
void flt_chart_whiskers(struct flt_chart *chart, const struct flt_series *series, const char *class);
void flt_chart_dots(struct flt_chart *chart, const struct flt_series *series, const char *class);
void flt_chart_level(struct flt_chart *chart, double y, const char *class);
void flt_chart_upright(struct flt_chart *chart, double x, const char *class);
void flt_chart_diagonal(struct flt_chart *chart); /* from the lowest of both axes to the highest of both */
void flt_chart_mark(struct flt_chart *chart, double x, double y); /* the operating point */
void flt_chart_bar(struct flt_chart *chart, double x0, double x1, double y0, double y1, const char *class);

/* Places in the picture, in its units. */
double flt_chart_x(const struct flt_chart *chart, double x);
double flt_chart_y(const struct flt_chart *chart, double y);

/* Draws what a script moves: an upright line, or a ring; `key` names the place in the attributes of a table's rows. */
void flt_chart_follow_line(struct flt_chart *chart, const char *key);
void flt_chart_follow_ring(struct flt_chart *chart, const char *key);

/*
 * A picture of rows with a name each, an interval and a value on one axis.
 */
struct flt_rows_chart {
	struct flt_html *html;
	struct flt_axis x;
	size_t n_rows, row; /* in all; drawn so far */
};

/* reference: a dashed line there, if finite. */
void flt_rows_begin(struct flt_rows_chart *chart, struct flt_html *html, double reference, const char *description);
/* name: made inert; shown: the value in words of ours. */
void flt_rows_add(struct flt_rows_chart *chart, const char *name, double value, double lo, double hi,
                  const char *shown);
void flt_rows_end(struct flt_rows_chart *chart);

#endif
