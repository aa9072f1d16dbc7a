/* What the report of a training needs beside its figures. */
#ifndef CLI_ABOUT_H
#define CLI_ABOUT_H

#include "cli/settings.h"
#include "report/report.h"

/* started: flt_report_clock() when the command began. The report goes to stdout. */
struct flt_report_about about_training(const struct settings *settings, double seconds_read, double started);

#endif
