/* `report`: read a JSON report of another command, and write the page that --report would have written with it. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/paths.h"
#include "cli/put_in_place.h"
#include "cli/terminal.h"
#include "page/files.h"
#include "page/page.h"
#include "report/layout.h"
#include "report/outputs.h"

struct paging {
	const struct settings *settings;
	struct flt_text_buffer text, default_path;
	const char *path; /* of the page */
	struct flt_outputs outputs;
	FILE *page;
};

/* A file may be replaced if it is empty or a page, as a model may by one. Opening it will report all other obstacles.
 */
static enum flt_status look_at_older(const struct paging *paging, struct flt_error *err)
{
	struct stat about;
	const char *path = paging->path;
	if (strcmp(path, "-") == 0 || stat(path, &about) != 0 || !S_ISREG(about.st_mode))
		return FLT_OK;
	bool may_go;
	FLT_TRY(flt_page_is_file(path, &may_go, err));
	if (!may_go)
		return flt_fail(err, FLT_ERR_USAGE,
		                "%s: exists and is no page of fltrain's, so it is not replaced; name another file with "
		                "-o",
		                path);
	if (about.st_size > 0 && !paging->settings->quiet && !paging->settings->no_clobber)
		flt_say(stderr, "fltrain: %s will replace the older page of that name\n", path);
	return FLT_OK;
}

static enum flt_status open_page(struct paging *paging, struct flt_error *err)
{
	const struct settings *settings = paging->settings;
	paging->path = settings->output;
	if (!paging->path) {
		FLT_TRY(name_after(settings->files[0], "report", ".html", &paging->default_path, err));
		paging->path = paging->default_path.bytes;
	}
	FLT_TRY(look_at_older(paging, err));
	return flt_outputs_open(&paging->outputs, paging->path, &paging->page, err);
}

static enum flt_status write_page(struct paging *paging, struct flt_error *err)
{
	const char *file = paging->settings->files[0];
	struct flt_error why;
	put_in_place_begin(&paging->outputs);
	enum flt_status status = flt_page_of_json(paging->page, paging->text.bytes, paging->text.length, &why);
	return status == FLT_OK
	               ? FLT_OK
	               : flt_fail(err, status, "%s: %s", strcmp(file, "-") == 0 ? "standard input" : file, why.text);
}

static enum flt_status report(struct paging *paging, struct flt_error *err)
{
	FLT_TRY(flt_report_read(paging->settings->files[0], &paging->text, err));
	FLT_TRY(open_page(paging, err));
	FLT_TRY(write_page(paging, err));
	FLT_TRY(put_in_place(&paging->outputs, err));
	if (!paging->outputs.stdout_taken)
		flt_outputs_list(&paging->outputs, stdout, terminal_style(stdout));
	return FLT_OK;
}

enum flt_status run_report(const struct settings *settings, struct flt_error *err)
{
	struct paging paging = {.settings = settings,
	                        .outputs = {.standard = stdout, .keeps_files = settings->no_clobber}};
	enum flt_status status = report(&paging, err);
	flt_outputs_discard(&paging.outputs);
	flt_text_buffer_release(&paging.text);
	flt_text_buffer_release(&paging.default_path);
	return status;
}
