#ifndef REPORT_VERDICT_TEXT_H
#define REPORT_VERDICT_TEXT_H

#include "report/layout.h"
#include "report/report.h"

/* The section of a text report that opens it: what the detector did, in counts of rows and in words that need no
 * statistics; whether that is more than guessing; how sure one can be. */
void flt_say_verdict(struct flt_layout *layout, const struct flt_evaluation *evaluation);

/* What other thresholds would give, as a table. */
void flt_say_operating_points(struct flt_layout *layout, const struct flt_evaluation *evaluation);

#endif
