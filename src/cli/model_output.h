/*
 * The model file that a command writes: its name, whether it may go there, and its bytes. An existing file is only
 * replaced if it is a detector, so that a mistyped name destroys nothing else.
 */
#ifndef CLI_MODEL_OUTPUT_H
#define CLI_MODEL_OUTPUT_H

#include "base/text.h"
#include "fltrain/detector.h"
#include "report/outputs.h"

struct model_output {
	const char *path; /* NULL: none is written */
	struct flt_text_buffer default_path;
	bool replaces; /* a model of that name */
	FILE *stream;
	char sha256[FLT_SHA256_SIZE]; /* of what was written */
};

/* Appends where the model goes by default: the stem of data + .safetensors, in the current folder. */
enum flt_status model_output_default(const char *data, struct flt_text_buffer *path, struct flt_error *err);

/* Opens it as one of the outputs. path NULL: by default. */
enum flt_status model_output_open(struct model_output *model, struct flt_outputs *outputs, const char *path,
                                  const char *data, struct flt_error *err);
enum flt_status model_output_write(struct model_output *model, const struct flt_detector *detector,
                                   struct flt_error *err);
void model_output_tell(const struct model_output *model); /* on stderr, if it will replace one */
void model_output_release(struct model_output *model);

#endif
