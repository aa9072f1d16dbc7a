/* `export`: load a model, write it in another language, prove that it scores rows alike, put the files in place. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/paths.h"
#include "cli/put_in_place.h"
#include "cli/scoring.h"
#include "export/make.h"
#include "export/proof.h"
#include "report/export_text.h"
#include "report/layout.h"
#include "report/outputs.h"

struct exporting {
	const struct settings *settings;
	const struct flt_export_target *target;
	struct flt_export_options options;
	struct flt_text_buffer default_path, header_path;
	struct flt_made made;
	struct flt_export_proof proof;
	struct flt_outputs outputs;
	FILE *body, *header;
};

/* ---- options ---- */

/* How a file is read means nothing where none is. */
static enum flt_status check_options(const struct settings *settings, struct flt_error *err)
{
	static const char *const of_reading[] = {"delimiter", "header", "skip-lines", "bad-rows"};
	for (size_t i = 0; !settings->verify && i < sizeof of_reading / sizeof *of_reading; i++)
		if (options_given(settings, of_reading[i]))
			return flt_fail(
			        err, FLT_ERR_USAGE,
			        "--%s says how a file is read, and export reads none without --verify FILE; name one, "
			        "or leave out --%s",
			        of_reading[i], of_reading[i]);
	return FLT_OK;
}

/* ---- names ---- */

/* Whether it is stdout, a device, a pipe or a folder: a header beside it would make no sense. */
static bool is_no_file(const char *path)
{
	struct stat about;
	return strcmp(path, "-") == 0 || (stat(path, &about) == 0 && !S_ISREG(about.st_mode));
}

static enum flt_status name_files(struct exporting *exporting, struct flt_error *err)
{
	const struct settings *settings = exporting->settings;
	exporting->options.path = settings->output;
	if (settings->output && is_no_file(settings->output))
		return flt_fail(err, FLT_ERR_USAGE, "-o %s: an export is a file with a name of its own; give it",
		                settings->output);
	if (!settings->output) {
		FLT_TRY(name_after(settings->files[0], "model", exporting->target->ending, &exporting->default_path,
		                   err));
		exporting->options.path = exporting->default_path.bytes;
	}
	if (!exporting->target->header_path)
		return FLT_OK;
	FLT_TRY(exporting->target->header_path(exporting->options.path, &exporting->header_path, err));
	if (!is_same_file(exporting->options.path, exporting->header_path.bytes))
		return FLT_OK;
	return flt_fail(err, FLT_ERR_USAGE, "-o %s: its header would have the same name; let it end in %s",
	                exporting->options.path, exporting->target->ending);
}

/* A file may be replaced if it is empty or an export. Opening it reports all other obstacles. */
static enum flt_status look_at_older(const struct exporting *exporting, const char *path, struct flt_error *err)
{
	const char *begins = exporting->target->begins;
	char head[64] = "";
	struct stat about;
	if (stat(path, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size == 0)
		return FLT_OK;
	FILE *file = fopen(path, "re");
	size_t n = file ? fread(head, 1, strlen(begins), file) : 0;
	if (file)
		fclose(file);
	if (n < strlen(begins) || memcmp(head, begins, n) != 0)
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "%s: exists and is no export of fltrain's, so it is not replaced; name another file with -o",
		        path);
	if (!exporting->settings->quiet && !exporting->settings->no_clobber)
		flt_say(stderr, "fltrain: %s will replace the older export of that name\n", path);
	return FLT_OK;
}

static enum flt_status open_outputs(struct exporting *exporting, struct flt_error *err)
{
	FLT_TRY(look_at_older(exporting, exporting->options.path, err));
	FLT_TRY(flt_outputs_open(&exporting->outputs, exporting->options.path, &exporting->body, err));
	if (!exporting->header_path.bytes)
		return FLT_OK;
	FLT_TRY(look_at_older(exporting, exporting->header_path.bytes, err));
	return flt_outputs_open(&exporting->outputs, exporting->header_path.bytes, &exporting->header, err);
}

/* ---- making and proving ---- */

static enum flt_status make(struct exporting *exporting, struct flt_error *err)
{
	const struct settings *settings = exporting->settings;
	struct flt_detector *detector;
	FLT_TRY(scoring_load(settings, &detector, err));
	return flt_export_make(detector, settings->files[0], exporting->target, &exporting->options, settings->max_size,
	                       &exporting->made, err);
}

static enum flt_status prove(struct exporting *exporting, struct flt_error *err)
{
	const struct settings *settings = exporting->settings;
	const struct flt_made *made = &exporting->made;
	const struct flt_exported exported = {.target = exporting->target,
	                                      .options = &exporting->options,
	                                      .detector = made->written,
	                                      .view = made->view,
	                                      .body = &made->body,
	                                      .header = &made->header};
	const struct flt_reading_options reading = scoring_reading(settings);
	return flt_export_prove(&exported, made->original, settings->verify, &reading, settings->threads,
	                        &exporting->proof, err);
}

static enum flt_status write_files(struct exporting *exporting, struct flt_error *err)
{
	const struct flt_made *made = &exporting->made;
	put_in_place_begin(&exporting->outputs);
	fwrite(made->body.bytes, 1, made->body.length, exporting->body);
	if (exporting->header)
		fwrite(made->header.bytes, 1, made->header.length, exporting->header);
	return put_in_place(&exporting->outputs, err);
}

static enum flt_status export_model(struct exporting *exporting, struct flt_error *err)
{
	const char *data = exporting->settings->verify;
	FLT_TRY(check_options(exporting->settings, err));
	FLT_TRY(name_files(exporting, err));
	FLT_TRY(make(exporting, err));
	FLT_TRY(open_outputs(exporting, err));
	if (data)
		FLT_TRY(prove(exporting, err));
	const struct flt_report_export about = {.path = exporting->options.path,
	                                        .header_path = exporting->header_path.bytes,
	                                        .target = exporting->target,
	                                        .made = &exporting->made,
	                                        .data = data,
	                                        .proof = data ? &exporting->proof : NULL};
	FLT_TRY(flt_report_export_verdict(&about, err));
	FLT_TRY(write_files(exporting, err));
	flt_report_export_text(stdout, &about);
	return FLT_OK;
}

enum flt_status run_export(const struct settings *settings, struct flt_error *err)
{
	struct exporting exporting = {.settings = settings,
	                              .target = settings->to ? settings->to : &flt_export_targets[FLT_EXPORT_C],
	                              .options = {.precision = settings->precision},
	                              .outputs = {.standard = stdout, .keeps_files = settings->no_clobber}};
	enum flt_status status = export_model(&exporting, err);
	flt_outputs_discard(&exporting.outputs);
	flt_made_release(&exporting.made);
	flt_text_buffer_release(&exporting.default_path);
	flt_text_buffer_release(&exporting.header_path);
	return status;
}
