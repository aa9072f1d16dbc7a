#ifndef REPORT_FIGURES_TEXT_H
#define REPORT_FIGURES_TEXT_H

#include "report/layout.h"
#include "report/report.h"

/* The section of a text report that says how good the detector is. Figures measured on rows that chose them carry a
 * star. */
void flt_say_figures(struct flt_layout *layout, const struct flt_evaluation *evaluation,
                     const struct flt_report_about *about);

#endif
