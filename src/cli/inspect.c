/* `inspect`: load, print. */
#include "cli/commands.h"
#include "report/outputs.h"
#include "cli/terminal.h"
#include "report/report.h"

enum flt_status run_inspect(const struct settings *settings, struct flt_error *err)
{
	struct flt_outputs outputs = {.standard = stdout};
	FILE *json = NULL;
	struct flt_detector *detector = NULL;
	struct flt_report_about about = {.bold = terminal_is_bold(stdout), .verbose = settings->verbose};
	enum flt_status status = flt_detector_load(settings->files[0], &detector, err);
	if (status == FLT_OK)
		status = flt_outputs_open(&outputs, settings->json, &json, err);
	if (status == FLT_OK && json)
		status = flt_report_inspect_json(json, settings->files[0], detector, err);
	if (status == FLT_OK && !outputs.stdout_taken)
		flt_report_inspect_text(stdout, settings->files[0], detector, &about);
	if (status == FLT_OK)
		status = flt_outputs_commit(&outputs, err);
	flt_outputs_discard(&outputs);
	flt_detector_free(detector);
	return status;
}
