/* `inspect`: load a model, and show what it holds. */
#include <stdio.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/put_in_place.h"
#include "cli/terminal.h"
#include "fltrain/detector.h"
#include "report/outputs.h"
#include "report/report.h"

static enum flt_status inspect(const struct settings *settings, const struct flt_detector *detector,
                               struct flt_outputs *outputs, struct flt_error *err)
{
	const char *path = settings->files[0];
	FILE *json, *card;
	struct flt_report_about about = {.style = terminal_style(stdout), .verbose = settings->verbose};
	FLT_TRY(flt_outputs_open(outputs, settings->json, &json, err));
	FLT_TRY(flt_outputs_open(outputs, settings->card, &card, err));
	put_in_place_begin(outputs);
	if (card)
		flt_report_card(card, path, detector);
	if (json)
		FLT_TRY(flt_report_inspect_json(json, path, detector, err));
	if (!outputs->stdout_taken)
		flt_report_inspect_text(stdout, path, detector, &about);
	return put_in_place(outputs, err);
}

enum flt_status run_inspect(const struct settings *settings, struct flt_error *err)
{
	struct flt_outputs outputs = {.standard = stdout, .keeps_files = settings->no_clobber};
	struct flt_detector *detector;
	FLT_TRY(flt_detector_load(settings->files[0], &detector, err));
	enum flt_status status = inspect(settings, detector, &outputs, err);
	flt_outputs_discard(&outputs);
	flt_detector_free(detector);
	return status;
}
