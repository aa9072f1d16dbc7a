/* Which preparation it is, as a detector's file would tell. */
#include <string.h>

#include "base/alloc.h"
#include "detector/section_writer.h"

static enum flt_status digest_sections(const struct flt_json *json, const struct flt_sections *sections,
                                       char sha256[FLT_SHA256_TEXT], struct flt_error *err)
{
	const char *text = json->text;
	FLT_TRY(json->status);
	return flt_safetensors_digest(&text, 1, sections->tensors, sections->n_tensors, sha256, err);
}

enum flt_status flt_preparation_digest(const struct flt_prep *prep, char sha256[FLT_SHA256_TEXT], struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_detector detector = {0};
	struct flt_sections sections = {0};
	struct flt_json json = {.err = err};
	memcpy(&detector.prep, &prep, sizeof prep); /* it is only read */
	size_t most = flt_preparation_max_tensors(&detector);
	sections.tensors = flt_alloc(most, sizeof *sections.tensors, err);
	sections.names = flt_alloc(most, sizeof *sections.names, err);
	FLT_TRY_MEMORY_OUT(sections.tensors && sections.names);
	flt_write_preparation(&detector, &json);
	flt_add_preparation(&sections, &detector);
	FLT_TRY_OUT(digest_sections(&json, &sections, sha256, err));
out:
	flt_json_release(&json);
	flt_sections_release(&sections);
	return status;
}
