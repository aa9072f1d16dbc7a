#ifndef REPORT_FIGURES_TEXT_H
#define REPORT_FIGURES_TEXT_H

#include "report/layout.h"
#include "report/report.h"

/* The section of a text report that says how good the detector is. Figures measured on rows that chose them carry a
 * star. can_be_folded: whether `fltrain cv` takes the same table, split at random. */
void flt_say_figures(struct flt_layout *layout, const struct flt_evaluation *evaluation, bool can_be_folded,
                     const struct flt_report_about *about);

#endif
