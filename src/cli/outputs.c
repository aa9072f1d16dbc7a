#include "cli/outputs.h"

#include <assert.h>
#include <string.h>

#include "base/atomic_file.h"

enum flt_status outputs_open(struct outputs *outputs, const char *path, FILE **stream, struct flt_error *err)
{
	*stream = NULL;
	if (!path)
		return FLT_OK;
	assert(outputs->n < MAX_OUTPUTS);
	for (size_t i = 0; i < outputs->n; i++)
		if (strcmp(outputs->all[i].path, path) == 0)
			return flt_fail(err, FLT_ERR_USAGE, "two outputs cannot both go to %s; name another file",
			                strcmp(path, "-") == 0 ? "stdout" : path);
	struct flt_atomic_file *file = NULL;
	if (strcmp(path, "-") == 0) {
		outputs->stdout_taken = true;
		*stream = stdout;
	} else {
		enum flt_status status = flt_atomic_open(path, &file, err);
		if (status != FLT_OK)
			return status;
		*stream = flt_atomic_stream(file);
	}
	outputs->all[outputs->n].path = path;
	outputs->all[outputs->n++].file = file;
	return FLT_OK;
}

enum flt_status outputs_commit(struct outputs *outputs, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	for (size_t i = 0; status == FLT_OK && i < outputs->n; i++)
		if (outputs->all[i].file)
			status = flt_atomic_finish(outputs->all[i].file, err);
	for (size_t i = 0; status == FLT_OK && i < outputs->n; i++) {
		struct flt_atomic_file *file = outputs->all[i].file;
		outputs->all[i].file = NULL;
		if (file)
			status = flt_atomic_commit(file, err);
	}
	return status;
}

void outputs_discard(struct outputs *outputs)
{
	for (size_t i = 0; i < outputs->n; i++) {
		flt_atomic_discard(outputs->all[i].file);
		outputs->all[i].file = NULL;
	}
}

size_t outputs_paths(const struct outputs *outputs, const char *paths[MAX_OUTPUTS])
{
	size_t n = 0;
	for (size_t i = 0; i < outputs->n; i++)
		if (strcmp(outputs->all[i].path, "-") != 0)
			paths[n++] = outputs->all[i].path;
	return n;
}
