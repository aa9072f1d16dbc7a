#include "cli/report_output.h"

#include <string.h>

#include "fltrain/detector.h"
#include "page/page.h"

enum flt_status report_output_open(struct report_output *report, struct flt_outputs *outputs,
                                   const struct settings *settings, struct flt_error *err)
{
	FLT_TRY(flt_outputs_open(outputs, settings->json, &report->json, err));
	return flt_outputs_open(outputs, settings->report, &report->page, err);
}

bool report_output_is_wanted(const struct report_output *report)
{
	return report->json || report->page;
}

enum flt_status report_output_write(const struct report_output *report, char *text, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	if (report->json)
		fprintf(report->json, "%s\n", text);
	if (report->page)
		status = flt_page_of_json(report->page, text, strlen(text), err);
	flt_release(text);
	return status;
}
