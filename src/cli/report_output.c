#include "cli/report_output.h"

#include <string.h>

#include "cli/put_in_place.h"
#include "fltrain/detector.h"
#include "page/page.h"

enum flt_status report_output_open(struct report_output *report, struct flt_outputs *outputs,
                                   const struct settings *settings, struct flt_error *err)
{
	report->json_path = settings->json;
	report->page_path = settings->report;
	FLT_TRY(flt_outputs_open(outputs, settings->json, &report->json, err));
	return flt_outputs_open(outputs, settings->report, &report->page, err);
}

bool report_output_is_wanted(const struct report_output *report)
{
	return report->json || report->page;
}

enum flt_status report_output_write(struct report_output *report, char *text, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	if (report->json)
		fprintf(report->json, "%s\n", text);
	report->json_path = NULL;
	if (report->page)
		status = flt_page_of_json(report->page, text, strlen(text), err);
	if (status == FLT_OK)
		report->page_path = NULL;
	flt_release(text);
	return status;
}

void report_output_drop(const struct report_output *report, struct flt_outputs *outputs)
{
	if (report->status != FLT_OK && report->json_path)
		flt_outputs_drop(outputs, report->json_path);
	if (report->status != FLT_OK && report->page_path)
		flt_outputs_drop(outputs, report->page_path);
}

enum flt_status report_output_put_in_place(const struct report_output *report, struct flt_outputs *outputs,
                                           struct flt_style style, struct flt_error *err)
{
	report_output_drop(report, outputs);
	FLT_TRY(put_in_place(outputs, err));
	if (!outputs->stdout_taken)
		flt_outputs_list(outputs, stdout, style);
	return FLT_OK;
}

/* "model.safetensors was written, but ", as the text of an error. */
static void tell_written(const struct flt_outputs *outputs, struct flt_error *told)
{
	size_t n = 0;
	flt_fail(told, FLT_OK, "%s", "");
	for (size_t i = 0; i < outputs->n; i++)
		if (strcmp(outputs->all[i].path, "-") != 0)
			flt_fail(told, FLT_OK, "%s%s%s", told->text, n++ > 0 ? ", " : "", outputs->all[i].path);
	if (n > 0)
		flt_fail(told, FLT_OK, "%s %s written, but ", told->text, n == 1 ? "was" : "were");
}

enum flt_status report_output_end(const struct report_output *report, const struct flt_outputs *outputs,
                                  const struct flt_error *other, struct flt_error *err)
{
	struct flt_error before;
	const char *json = report->json_path ? report->json_path : "",
	           *page = report->page_path ? report->page_path : "";
	const char *reason = report->reason.text;
	if (report->status == FLT_OK) {
		if (other->status != FLT_OK)
			*err = *other;
		return other->status;
	}
	if (other->status == FLT_OK)
		tell_written(outputs, &before);
	else
		flt_fail(&before, FLT_OK, "%s, and ", other->text);
	if (!*json && !*page)
		return flt_fail(err, report->status, "%sthe plot could not be drawn: %s", before.text, reason);
	return flt_fail(err, report->status, "%sthe report could not be made (%s%s%s): %s", before.text, json,
	                *json && *page ? ", " : "", page, reason);
}
