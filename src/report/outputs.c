#include "report/outputs.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "export/folder.h"
#include "export/run.h"
#include "report/layout.h"
#include "report/terminal_stream.h"

static bool is_stdout(const char *path)
{
	return strcmp(path, "-") == 0;
}

/* A file, or a link that leads nowhere yet, which a write would replace. */
static bool exists(const char *path)
{
	struct stat about;
	char target;
	if (is_stdout(path) || flt_output_is_descriptor(path))
		return false;
	return stat(path, &about) == 0 ? S_ISREG(about.st_mode) : readlink(path, &target, 1) >= 0;
}

enum flt_status flt_outputs_open(struct flt_outputs *outputs, const char *path, FILE **stream, struct flt_error *err)
{
	*stream = NULL;
	if (!path)
		return FLT_OK;
	assert(outputs->n < FLT_MAX_OUTPUTS);
	for (size_t i = 0; i < outputs->n; i++)
		if (strcmp(outputs->all[i].path, path) == 0)
			return flt_fail(err, FLT_ERR_USAGE,
			                "two outputs cannot both go to %s; choose another file for one of them",
			                is_stdout(path) ? "stdout" : path);
	struct flt_atomic_file *file = NULL;
	if (outputs->keeps_files && exists(path))
		return flt_fail(err, FLT_ERR_USAGE, "%s: exists, and --no-clobber keeps it; name another file", path);
	if (is_stdout(path)) {
		outputs->stdout_taken = true;
		*stream = outputs->standard;
	} else {
		FLT_TRY(flt_atomic_open(path, &file, err));
		*stream = flt_atomic_stream(file);
	}
	struct flt_output *output = &outputs->all[outputs->n++];
	*output = (struct flt_output){.path = path, .file = file};
	if (isatty(fileno(*stream))) {
		FLT_TRY(flt_terminal_stream(*stream, &output->terminal, err));
		*stream = output->terminal;
	}
	return FLT_OK;
}

static void close_terminal(struct flt_output *output)
{
	if (output->terminal)
		fclose(output->terminal);
	output->terminal = NULL;
}

bool flt_outputs_any_is_seen(const struct flt_outputs *outputs)
{
	for (size_t i = 0; i < outputs->n; i++)
		if (!outputs->all[i].file || !flt_atomic_is_hidden(outputs->all[i].file))
			return true;
	return false;
}

enum flt_status flt_outputs_finish(struct flt_outputs *outputs, struct flt_error *err)
{
	for (size_t i = 0; i < outputs->n; i++) {
		if (outputs->keeps_files && outputs->all[i].file && exists(outputs->all[i].path))
			return flt_fail(err, FLT_ERR_USAGE,
			                "%s: has appeared meanwhile, and --no-clobber keeps it; name another file",
			                outputs->all[i].path);
		close_terminal(&outputs->all[i]);
		if (outputs->all[i].file)
			FLT_TRY(flt_atomic_finish(outputs->all[i].file, err));
	}
	return FLT_OK;
}

enum flt_status flt_outputs_commit(struct flt_outputs *outputs, struct flt_error *err)
{
	for (size_t i = 0; i < outputs->n; i++) {
		struct flt_atomic_file *file = outputs->all[i].file;
		outputs->all[i].file = NULL;
		if (file)
			FLT_TRY(flt_atomic_commit(file, err));
	}
	return FLT_OK;
}

static void discard(struct flt_output *output)
{
	close_terminal(output);
	flt_atomic_discard(output->file);
	output->file = NULL;
}

void flt_outputs_drop(struct flt_outputs *outputs, const char *path)
{
	size_t n = 0;
	for (size_t i = 0; i < outputs->n; i++) {
		if (strcmp(outputs->all[i].path, path) == 0)
			discard(&outputs->all[i]);
		else
			outputs->all[n++] = outputs->all[i];
	}
	outputs->n = n;
}

void flt_outputs_discard(struct flt_outputs *outputs)
{
	for (size_t i = 0; i < outputs->n; i++)
		discard(&outputs->all[i]);
}

void flt_outputs_abandon(void)
{
	flt_run_abandon();
	flt_atomic_abandon();
	flt_folder_abandon();
}

void flt_outputs_list(const struct flt_outputs *outputs, FILE *out, struct flt_style style)
{
	struct flt_layout layout = {.out = out, .style = style};
	bool any = false;
	for (size_t i = 0; i < outputs->n; i++) {
		if (is_stdout(outputs->all[i].path))
			continue;
		if (!any)
			flt_layout_heading(&layout, "wrote");
		flt_layout_item(&layout, ", ", "%s", outputs->all[i].path);
		any = true;
	}
	flt_layout_end(&layout);
}

enum flt_status flt_output_check(const char *path, struct flt_error *err)
{
	struct flt_atomic_file *file;
	FLT_TRY(flt_atomic_open(path, &file, err));
	flt_atomic_discard(file);
	return FLT_OK;
}

bool flt_output_is_descriptor(const char *path)
{
	return flt_atomic_is_descriptor(path);
}

bool flt_output_flush(FILE *stream)
{
	return flt_flush(stream);
}
