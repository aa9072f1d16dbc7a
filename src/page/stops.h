/* The thresholds of an evaluation at which its curves are drawn and its slider stops: those of `curves`, and the chosen
 * one among them. */
#ifndef PAGE_STOPS_H
#define PAGE_STOPS_H

#include "page/chart.h"
#include "page/read.h"

enum { FLT_STOPS_MOST = 64 };

struct flt_stop {
	double probability, false_positive_rate, tp, fp, fn, tn, cost;
	struct flt_range recall, precision, alarms;
	bool is_chosen;
};

struct flt_stops {
	size_t n, chosen; /* n if none is */
	bool has_cost;
	struct flt_stop stop[FLT_STOPS_MOST]; /* from the highest probability down */
};

size_t flt_stops_read(const json_t *figures, struct flt_stops *stops); /* returns n */

/* The share of positive rows among those that the figures are of, or NAN. With a prior it is not that of the counts. */
double flt_prevalence_of(const json_t *report, const json_t *figures);

enum flt_mark { FLT_MARK_PRECISION, FLT_MARK_ROC };

void flt_stops_mark(struct flt_chart *chart, const struct flt_stops *stops, enum flt_mark mark);

/* The axis of probabilities of all stops. */
struct flt_axis flt_stops_axis(const struct flt_stops *stops);

#endif
