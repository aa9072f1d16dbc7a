/* The detector's file: the sections of file.h as the texts of an envelope. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/atomic_file.h"
#include "base/digest.h"
#include "container/envelope.h"
#include "detector/file.h"

static const struct flt_envelope envelope = {
        .thing = "detector",
        .version = FLT_DETECTOR_FORMAT,
        .remedy = "use the fltrain that wrote it, or train again",
        .names = flt_section_names,
        .n_texts = FLT_N_SECTIONS,
};

/* ---- writing ---- */

_Static_assert((int)FLT_SHA256_SIZE == (int)FLT_SHA256_TEXT, "a digest has the same size in private and in public");

enum flt_status flt_detector_to_bytes(const struct flt_detector *detector, unsigned char **bytes, size_t *n_bytes,
                                      char sha256[FLT_SHA256_SIZE], struct flt_error *err)
{
	struct flt_sections sections;
	*bytes = NULL;
	FLT_TRY(flt_sections_write(detector, &sections, err));
	enum flt_status status = flt_envelope_write(&envelope, (const char *const *)sections.text, sections.tensors,
	                                            sections.n_tensors, bytes, n_bytes, err);
	flt_sections_release(&sections);
	FLT_TRY(status);
	if (sha256)
		flt_digest_of(*bytes, *n_bytes, sha256);
	return FLT_OK;
}

void flt_release(void *memory)
{
	flt_free(memory);
}

enum flt_status flt_detector_to_json(const struct flt_detector *detector, char **members, struct flt_error *err)
{
	struct flt_sections sections;
	size_t size = 1, used = 0;
	*members = NULL;
	FLT_TRY(flt_sections_write(detector, &sections, err));
	for (size_t i = 0; i < FLT_N_SECTIONS; i++)
		size += strlen(flt_section_names[i]) + strlen(sections.text[i]) + sizeof ",\"\":" - 1;
	*members = flt_alloc(size, 1, err);
	for (size_t i = 0; *members && i < FLT_N_SECTIONS; i++)
		used += (size_t)snprintf(*members + used, size - used, "%s\"%s\":%s", i ? "," : "",
		                         flt_section_names[i], sections.text[i]);
	flt_sections_release(&sections);
	return *members ? FLT_OK : FLT_ERR_MACHINE;
}

enum flt_status flt_detector_save(const struct flt_detector *detector, const char *path, char sha256[FLT_SHA256_SIZE],
                                  struct flt_error *err)
{
	unsigned char *bytes;
	size_t n_bytes;
	FLT_TRY(flt_detector_to_bytes(detector, &bytes, &n_bytes, sha256, err));
	enum flt_status status = flt_atomic_write(path, bytes, n_bytes, err);
	flt_free(bytes);
	return status;
}

/* ---- reading ---- */

enum flt_status flt_detector_parse(const unsigned char *bytes, size_t n_bytes, bool check_digest,
                                   struct flt_detector **detector, struct flt_error *err)
{
	struct flt_safetensors file;
	const char *texts[FLT_N_SECTIONS];
	*detector = NULL;
	FLT_TRY(flt_envelope_open(&envelope, bytes, n_bytes, &file, texts, err));
	enum flt_status status = FLT_OK;
	struct flt_detector *made = NULL;
	if (check_digest)
		FLT_TRY_OUT(flt_envelope_verify(&envelope, &file, texts, err));
	made = flt_alloc_zero(1, sizeof *made, err);
	FLT_TRY_MEMORY_OUT(made);
	flt_map_init(&made->map);
	FLT_TRY_OUT(flt_sections_read(&file, texts, made, err));
	*detector = made;
	made = NULL;
out:
	flt_detector_free(made);
	flt_safetensors_release(&file);
	return status;
}

enum flt_status flt_detector_from_bytes(const unsigned char *bytes, size_t n_bytes, struct flt_detector **detector,
                                        struct flt_error *err)
{
	return flt_detector_parse(bytes, n_bytes, true, detector, err);
}

enum flt_status flt_detector_load(const char *path, struct flt_detector **detector, struct flt_error *err)
{
	unsigned char *bytes;
	size_t n_bytes;
	struct flt_error why;
	*detector = NULL;
	FLT_TRY(flt_safetensors_read(path, &bytes, &n_bytes, err));
	enum flt_status status = flt_detector_from_bytes(bytes, n_bytes, detector, &why);
	if (status != FLT_OK)
		flt_envelope_fail(&envelope, path, status, &why, err);
	else
		flt_digest_of(bytes, n_bytes, (*detector)->file_sha256);
	flt_free(bytes);
	return status;
}

enum flt_status flt_detector_is_file(const char *path, bool *is_one, struct flt_error *err)
{
	return flt_envelope_is_file(&envelope, path, is_one, err);
}
