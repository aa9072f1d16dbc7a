/*
 * The figures of a command for --json and --report: one text, as it is and rendered as a page. So whatever the page
 * shows is in the JSON, and `fltrain report` makes the same page of it.
 *
 * A report that could not be made takes no other output with it: the command goes on, puts the others in place, and
 * then says what is missing.
 */
#ifndef CLI_REPORT_OUTPUT_H
#define CLI_REPORT_OUTPUT_H

#include "cli/settings.h"
#include "report/outputs.h"

/* Zero-initialised neither was asked for. */
struct report_output {
	const char *json_path, *page_path; /* borrowed; NULL: not asked for, or made */
	FILE *json, *page;
	enum flt_status status;  /* whether all could be made so far, the figures behind pictures included */
	struct flt_error reason; /* why not */
};

/* Opens what the settings ask for among the outputs. */
enum flt_status report_output_open(struct report_output *report, struct flt_outputs *outputs,
                                   const struct settings *settings, struct flt_error *err);

bool report_output_is_wanted(const struct report_output *report);

/* Writes the report, a text that it frees. Where the page fails, the JSON is there. */
enum flt_status report_output_write(struct report_output *report, char *text, struct flt_error *err);

/* Takes what could not be made of the report from the outputs. */
void report_output_drop(const struct report_output *report, struct flt_outputs *outputs);

/* Puts all other outputs in place, and tells people their names. */
enum flt_status report_output_put_in_place(const struct report_output *report, struct flt_outputs *outputs,
                                           struct flt_style style, struct flt_error *err);

/* The end of the command. other: what else failed, FLT_OK if nothing; its sentence comes before that of the report. */
enum flt_status report_output_end(const struct report_output *report, const struct flt_outputs *outputs,
                                  const struct flt_error *other, struct flt_error *err);

#endif
