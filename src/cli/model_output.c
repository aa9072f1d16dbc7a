#include "cli/model_output.h"

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"

/* "folder/fraud.csv.gz" is "fraud". */
static enum flt_status default_path(const char *data, char **path, struct flt_error *err)
{
	static const char ending[] = ".safetensors";
	const char *slash = strrchr(data, '/');
	const char *stem = strcmp(data, "-") == 0 ? "model" : slash ? slash + 1 : data;
	size_t length = strlen(stem);
	if (length > 3 && strcmp(stem + length - 3, ".gz") == 0)
		length -= 3;
	const char *dot = memrchr(stem, '.', length);
	if (dot && dot > stem)
		length = (size_t)(dot - stem);
	*path = flt_alloc(length + sizeof ending, 1, err);
	if (!*path)
		return FLT_ERR_MACHINE;
	memcpy(*path, stem, length);
	memcpy(*path + length, ending, sizeof ending);
	return FLT_OK;
}

/* An older file may be replaced if it is empty or a detector. Why else it cannot be is found when it is opened. */
static enum flt_status look_at_older(struct model_output *model, bool is_named, struct flt_error *err)
{
	struct stat about;
	if (stat(model->path, &about) != 0 || !S_ISREG(about.st_mode))
		return FLT_OK;
	bool may_go = about.st_size == 0;
	enum flt_status status = may_go ? FLT_OK : flt_detector_is_file(model->path, &may_go, err);
	if (status != FLT_OK)
		return status;
	if (!may_go)
		return flt_fail(err, FLT_ERR_USAGE,
		                "%s: is there and no detector of fltrain's, so it is not replaced; name another file "
		                "with -o%s",
		                model->path, is_named ? "" : ", or write none with --no-model");
	model->replaces = true;
	return FLT_OK;
}

enum flt_status model_output_open(struct model_output *model, struct flt_outputs *outputs, const char *path,
                                  const char *data, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	if (path && strcmp(path, "-") == 0)
		return flt_fail(err, FLT_ERR_USAGE, "-o -: a model is a file of its own; give its name");
	if (!path)
		status = default_path(data, &model->path, err);
	else if (!(model->path = flt_copy_text(path, strlen(path), err)))
		status = FLT_ERR_MACHINE;
	if (status != FLT_OK)
		return status;
	status = look_at_older(model, path != NULL, err);
	if (status != FLT_OK)
		return status;
	return flt_outputs_open(outputs, model->path, &model->stream, err);
}

enum flt_status model_output_write(struct model_output *model, const struct flt_detector *detector,
                                   struct flt_error *err)
{
	unsigned char *bytes;
	size_t n_bytes;
	enum flt_status status = flt_detector_to_bytes(detector, &bytes, &n_bytes, err);
	if (status != FLT_OK)
		return status;
	fwrite(bytes, 1, n_bytes, model->stream); /* a failure is found when the outputs are committed */
	status = flt_digest_of(bytes, n_bytes, model->sha256, err);
	flt_release_bytes(bytes);
	return status;
}

/* Not on stdout: the same command prints the same there. */
void model_output_tell(const struct model_output *model)
{
	if (model->replaces)
		fprintf(stderr, "fltrain: %s replaces the older model of that name\n", model->path);
}

void model_output_release(struct model_output *model)
{
	flt_free(model->path);
	*model = (struct model_output){0};
}
