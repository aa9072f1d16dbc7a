#include "page/stops.h"

#include <math.h>

static struct flt_stop read_stop(const json_t *from)
{
	const json_t *confusion = flt_read_object(from, "confusion");
	struct flt_stop stop = {
	        .probability = flt_read_number(from, "probability"),
	        .tp = flt_read_number(confusion, "tp"),
	        .fp = flt_read_number(confusion, "fp"),
	        .fn = flt_read_number(confusion, "fn"),
	        .tn = flt_read_number(confusion, "tn"),
	        .cost = flt_read_number(from, "cost_per_10000"),
	        .recall = flt_read_range(from, "recall"),
	        .precision = flt_read_range(from, "precision"),
	        .alarms = flt_read_range(from, "alarms_per_10000"),
	        .is_chosen = flt_read_true(from, "chosen"),
	};
	double rate = flt_read_number(from, "false_positive_rate");
	stop.false_positive_rate = isfinite(rate) ? rate : stop.fp / (stop.fp + stop.tn);
	return stop;
}

/* In its place by probability; two are the same stop if they predict alike. */
static void insert(struct flt_stops *stops, const struct flt_stop *stop)
{
	size_t at = 0;
	if (!isfinite(stop->probability) || !isfinite(stop->recall.value))
		return;
	while (at < stops->n && stops->stop[at].probability > stop->probability)
		at++;
	for (size_t i = at > 0 ? at - 1 : 0; i < stops->n && i <= at; i++) {
		if (stops->stop[i].tp != stop->tp || stops->stop[i].fp != stop->fp)
			continue;
		if (stop->is_chosen)
			stops->stop[i] = *stop;
		return;
	}
	if (stops->n == FLT_STOPS_MOST)
		return;
	for (size_t i = stops->n++; i > at; i--)
		stops->stop[i] = stops->stop[i - 1];
	stops->stop[at] = *stop;
}

size_t flt_stops_read(const json_t *figures, struct flt_stops *stops)
{
	const json_t *curves = flt_read_object(figures, "curves"), *thresholds = flt_read_array(curves, "thresholds");
	const json_t *points = flt_read_array(figures, "operating_points");
	size_t n = flt_read_size(thresholds, FLT_STOPS_MOST - 1);
	*stops = (struct flt_stops){0};
	for (size_t i = 0; i < n; i++) {
		struct flt_stop stop = read_stop(flt_read_item(thresholds, i));
		insert(stops, &stop);
	}
	for (size_t i = 0; n > 0 && i < flt_read_size(points, FLT_STOPS_MOST); i++) {
		struct flt_stop stop = read_stop(flt_read_item(points, i));
		if (!stop.is_chosen)
			continue;
		if (!isfinite(stop.cost))
			stop.cost = flt_read_number(flt_read_object(curves, "costs"), "chosen");
		insert(stops, &stop);
	}
	stops->chosen = stops->n;
	for (size_t i = 0; i < stops->n; i++) {
		stops->has_cost = stops->has_cost || isfinite(stops->stop[i].cost);
		if (stops->stop[i].is_chosen)
			stops->chosen = i;
	}
	return stops->n;
}

double flt_prevalence_of(const json_t *report, const json_t *figures)
{
	double of_figures = flt_read_number(flt_read_object(report, "prior"), "figures");
	if (isfinite(of_figures))
		return of_figures;
	const json_t *confusion = flt_read_object(figures, "confusion");
	double positive = flt_read_number(confusion, "tp") + flt_read_number(confusion, "fn");
	return positive / (positive + flt_read_number(confusion, "fp") + flt_read_number(confusion, "tn"));
}

void flt_stops_mark(struct flt_chart *chart, const struct flt_stops *stops, enum flt_mark mark)
{
	if (stops->chosen == stops->n)
		return;
	const struct flt_stop *chosen = &stops->stop[stops->chosen];
	if (mark == FLT_MARK_PRECISION)
		flt_chart_mark(chart, chosen->recall.value, chosen->precision.value);
	else
		flt_chart_mark(chart, chosen->false_positive_rate, chosen->recall.value);
}

struct flt_axis flt_stops_axis(const struct flt_stops *stops)
{
	struct flt_axis axis = {.scale = FLT_AXIS_LOGIT, .lo = 1, .hi = 0, .title = "threshold (probability)"};
	for (size_t i = 0; i < stops->n; i++)
		flt_axis_include(&axis, fmin(fmax(stops->stop[i].probability, 1e-6), 1 - 1e-6));
	flt_axis_close(&axis);
	return axis;
}
