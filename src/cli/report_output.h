/*
 * The figures of a command for --json and --report: one text, as it is and rendered as a page. So whatever the page
 * shows is in the JSON, and `fltrain report` makes the same page of it.
 */
#ifndef CLI_REPORT_OUTPUT_H
#define CLI_REPORT_OUTPUT_H

#include "cli/settings.h"
#include "report/outputs.h"

/* Zero-initialised neither was asked for. */
struct report_output {
	FILE *json, *page;
};

/* Opens what the settings ask for among the outputs. */
enum flt_status report_output_open(struct report_output *report, struct flt_outputs *outputs,
                                   const struct settings *settings, struct flt_error *err);

bool report_output_is_wanted(const struct report_output *report);

/* Writes the report, a text that it frees. */
enum flt_status report_output_write(const struct report_output *report, char *text, struct flt_error *err);

#endif
