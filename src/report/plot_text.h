#ifndef REPORT_PLOT_TEXT_H
#define REPORT_PLOT_TEXT_H

#include "protocol/learning.h"
#include "report/layout.h"
#include "report/report.h"

/* The pictures of an evaluation that has its curves, drawn in characters: the precision-recall curve with its interval,
 * what the probabilities said beside what the rows were, and where the scores of each class lie. */
void flt_say_plots(struct flt_layout *layout, const struct flt_evaluation *evaluation);

/* A line with the learning curve, if there were epochs. */
void flt_say_learning(struct flt_layout *layout, const struct flt_learning *learning);

#endif
