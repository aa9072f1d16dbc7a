/*
 * The detector's file. Its metadata begin with what a stranger should see first, format and version, then a digest over
 * all else (the other metadata and the tensors, by name: how the container lays them out does not count), then the
 * parts of file.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/atomic_file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/digest.h"
#include "detector/file.h"

static const char format_name[] = "fltrain detector";

enum { N_LEADING = 3, N_METADATA = N_LEADING + N_PARTS };

/* ---- writing ---- */

enum flt_status flt_detector_to_bytes(const struct flt_detector *detector, unsigned char **bytes, size_t *n_bytes,
                                      struct flt_error *err)
{
	*bytes = NULL;
	struct flt_parts parts;
	enum flt_status status = flt_parts_write(detector, &parts, err);
	char sha256[FLT_SHA256_TEXT], version[16];
	if (status == FLT_OK)
		status = flt_safetensors_digest((const char *const *)parts.text, N_PARTS, parts.tensors,
		                                parts.n_tensors, sha256, err);
	if (status == FLT_OK) {
		snprintf(version, sizeof version, "%d", FLT_DETECTOR_FORMAT);
		struct flt_metadata metadata[N_METADATA] = {
		        {"format", format_name}, {"format_version", version}, {"sha256", sha256}};
		for (size_t i = 0; i < N_PARTS; i++)
			metadata[N_LEADING + i] = (struct flt_metadata){flt_row_role_words[i], parts.text[i]};
		status = flt_safetensors_write(parts.tensors, parts.n_tensors, metadata, N_METADATA, bytes, n_bytes,
		                               err);
	}
	flt_parts_release(&parts);
	return status;
}

void flt_release_bytes(void *bytes)
{
	flt_free(bytes);
}

enum flt_status flt_detector_to_json(const struct flt_detector *detector, char **members, struct flt_error *err)
{
	struct flt_parts parts;
	size_t size = 1, used = 0;
	*members = NULL;
	enum flt_status status = flt_parts_write(detector, &parts, err);
	if (status != FLT_OK)
		return status;
	for (size_t i = 0; i < N_PARTS; i++)
		size += strlen(flt_row_role_words[i]) + strlen(parts.text[i]) + sizeof ",\"\":";
	*members = flt_alloc(size, 1, err);
	for (size_t i = 0; *members && i < N_PARTS; i++)
		used += (size_t)snprintf(*members + used, size - used, "%s\"%s\":%s", i ? "," : "",
		                         flt_row_role_words[i], parts.text[i]);
	flt_parts_release(&parts);
	return *members ? FLT_OK : FLT_ERR_MACHINE;
}

enum flt_status flt_detector_save(const struct flt_detector *detector, const char *path, char sha256[65],
                                  struct flt_error *err)
{
	unsigned char *bytes;
	size_t n_bytes;
	enum flt_status status = flt_detector_to_bytes(detector, &bytes, &n_bytes, err);
	if (status == FLT_OK && sha256)
		status = flt_digest_of(bytes, n_bytes, sha256, err);
	if (status == FLT_OK)
		status = flt_atomic_write(path, bytes, n_bytes, err);
	flt_free(bytes);
	return status;
}

/* ---- reading ---- */

/* Says which program could read it, before anything else of it is looked at. */
static enum flt_status check_format(const struct flt_safetensors *file, struct flt_error *err)
{
	const char *format = flt_safetensors_text(file, "format");
	const char *version = flt_safetensors_text(file, "format_version");
	if (!format || !version || strcmp(format, format_name) != 0)
		return flt_fail(err, FLT_ERR_MODEL, "it is a safetensors file, but not a detector of fltrain");
	char expected[16];
	snprintf(expected, sizeof expected, "%d", FLT_DETECTOR_FORMAT);
	if (strcmp(version, expected) != 0)
		return flt_fail(
		        err, FLT_ERR_MODEL,
		        "it is in format %s, and this fltrain reads format %s: use the fltrain that wrote it, or "
		        "train again",
		        flt_shown(version, strlen(version)).text, expected);
	if (file->n_metadata != N_METADATA)
		return flt_fail(err, FLT_ERR_MODEL, "it has %zu metadata, expected %d", file->n_metadata, N_METADATA);
	return FLT_OK;
}

static enum flt_status verify_digest(const struct flt_safetensors *file, struct flt_error *err)
{
	const char *text[N_PARTS], *expected = flt_safetensors_text(file, "sha256");
	for (size_t i = 0; i < N_PARTS; i++) {
		text[i] = flt_safetensors_text(file, flt_row_role_words[i]);
		if (!text[i])
			return flt_fail(err, FLT_ERR_MODEL, "its metadata have no \"%s\"", flt_row_role_words[i]);
	}
	if (!expected)
		return flt_fail(err, FLT_ERR_MODEL, "its metadata have no \"sha256\"");
	char sha256[FLT_SHA256_TEXT];
	enum flt_status status = flt_safetensors_digest(text, N_PARTS, file->tensors, file->n_tensors, sha256, err);
	if (status == FLT_OK && strcmp(sha256, expected) != 0)
		status = flt_fail(err, FLT_ERR_MODEL, "its checksum does not fit its content, so it was altered");
	return status;
}

static enum flt_status parse(const unsigned char *bytes, size_t n_bytes, bool check_digest,
                             struct flt_detector **detector, struct flt_error *err)
{
	struct flt_safetensors file;
	*detector = NULL;
	enum flt_status status = flt_safetensors_parse(bytes, n_bytes, &file, err);
	if (status != FLT_OK)
		return status;
	status = check_format(&file, err);
	if (status == FLT_OK && check_digest)
		status = verify_digest(&file, err);
	struct flt_detector *made = status == FLT_OK ? flt_alloc_zero(1, sizeof *made, err) : NULL;
	if (status == FLT_OK && !made)
		status = FLT_ERR_MACHINE;
	if (status == FLT_OK) {
		flt_map_init(&made->map);
		status = flt_parts_read(&file, made, err);
	}
	if (status == FLT_OK)
		*detector = made;
	else
		flt_detector_free(made);
	flt_safetensors_release(&file);
	return status;
}

enum flt_status flt_detector_parse(const unsigned char *bytes, size_t n_bytes, bool check_digest,
                                   struct flt_detector **detector, struct flt_error *err)
{
	flt_json_memory_watch();
	enum flt_status status = parse(bytes, n_bytes, check_digest, detector, err);
	size_t refused = flt_json_memory_refused();
	if (refused == 0)
		return status;
	flt_detector_free(*detector);
	*detector = NULL;
	return flt_fail_memory(err, refused);
}

enum flt_status flt_detector_from_bytes(const unsigned char *bytes, size_t n_bytes, struct flt_detector **detector,
                                        struct flt_error *err)
{
	return flt_detector_parse(bytes, n_bytes, true, detector, err);
}

enum flt_status flt_detector_load(const char *path, struct flt_detector **detector, struct flt_error *err)
{
	*detector = NULL;
	unsigned char *bytes;
	size_t n_bytes;
	struct flt_error why;
	enum flt_status status = flt_safetensors_read(path, &bytes, &n_bytes, err);
	if (status != FLT_OK)
		return status;
	status = flt_detector_from_bytes(bytes, n_bytes, detector, &why);
	if (status != FLT_OK)
		flt_fail(err, status, status == FLT_ERR_MODEL ? "%s: no detector that can be used: %s" : "%s: %s", path,
		         why.text);
	flt_free(bytes);
	return status;
}

enum flt_status flt_detector_is_file(const char *path, bool *is_one, struct flt_error *err)
{
	return flt_safetensors_is_file_of(path, format_name, is_one, err);
}
