/* What the text reports of compare and cv share. A figure is a mean over folds; [..] is its 95 % interval. */
#ifndef REPORT_STUDY_TEXT_H
#define REPORT_STUDY_TEXT_H

#include "report/layout.h"
#include "report/report.h"

extern const char *const flt_point_titles[FLT_N_OPERATING_POINTS];

struct flt_spread flt_study_figure(const struct flt_study *study, size_t variant, int number);
struct flt_spread flt_study_difference(const struct flt_study *study, size_t variant, int number); /* from BCE */
struct text flt_shown_spread(const struct flt_spread *spread);     /* "0.587 [0.43, 0.73]" */
struct text flt_shown_difference(const struct flt_spread *spread); /* "+0.015 [-0.002, +0.033]" */

#endif
