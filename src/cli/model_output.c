#include "cli/model_output.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "cli/paths.h"
#include "report/layout.h"

enum flt_status model_output_default(const char *data, struct flt_text_buffer *path, struct flt_error *err)
{
	return name_after(data, "model", ".safetensors", path, err);
}

/* An existing file may be replaced if it is empty or a detector. Opening it will report all other obstacles. */
static enum flt_status look_at_older(struct model_output *model, bool is_named, struct flt_error *err)
{
	struct stat about;
	if (stat(model->path, &about) != 0 || !S_ISREG(about.st_mode))
		return FLT_OK;
	bool may_go = about.st_size == 0;
	if (!may_go)
		FLT_TRY(flt_detector_is_file(model->path, &may_go, err));
	if (!may_go)
		return flt_fail(err, FLT_ERR_USAGE,
		                "%s: exists and is not an fltrain model, so it is not replaced; name another file "
		                "with -o%s",
		                model->path, is_named ? "" : ", or write none with --no-model");
	model->replaces = true;
	return FLT_OK;
}

enum flt_status model_output_open(struct model_output *model, struct flt_outputs *outputs, const char *path,
                                  const char *data, struct flt_error *err)
{
	if (path && strcmp(path, "-") == 0)
		return flt_fail(err, FLT_ERR_USAGE, "-o -: a model is a file of its own; give its name");
	model->path = path;
	if (!path) {
		FLT_TRY(model_output_default(data, &model->default_path, err));
		model->path = model->default_path.bytes;
	}
	FLT_TRY(look_at_older(model, path != NULL, err));
	return flt_outputs_open(outputs, model->path, &model->stream, err);
}

enum flt_status model_output_write(struct model_output *model, const struct flt_detector *detector,
                                   struct flt_error *err)
{
	unsigned char *bytes;
	size_t n_bytes;
	FLT_TRY(flt_detector_to_bytes(detector, &bytes, &n_bytes, model->sha256, err));
	fwrite(bytes, 1, n_bytes, model->stream); /* a failure is found when the outputs are committed */
	flt_release(bytes);
	return FLT_OK;
}

/* Not on stdout: the same command prints the same there. */
void model_output_tell(const struct model_output *model)
{
	if (model->replaces)
		flt_say(stderr, "fltrain: %s will replace the older model of that name\n", model->path);
}

void model_output_release(struct model_output *model)
{
	flt_text_buffer_release(&model->default_path);
	*model = (struct model_output){0};
}
