/* Format and version come first in the metadata, so that `head -c` of any file shows what it is. */
#include "container/envelope.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

enum { N_LEADING = 3, FORMAT_SIZE = 64, VERSION_SIZE = 16 };

static void name_format(const struct flt_envelope *envelope, char name[FORMAT_SIZE])
{
	snprintf(name, FORMAT_SIZE, "fltrain %s", envelope->thing);
}

enum flt_status flt_envelope_write(const struct flt_envelope *envelope, const char *const *texts,
                                   const struct flt_safetensor *tensors, size_t n_tensors, uint8_t **bytes,
                                   size_t *n_bytes, struct flt_error *err)
{
	char format[FORMAT_SIZE], version[VERSION_SIZE], sha256[FLT_SHA256_TEXT];
	*bytes = NULL;
	FLT_TRY(flt_safetensors_digest(texts, envelope->n_texts, tensors, n_tensors, sha256, err));
	struct flt_metadata *metadata = flt_alloc(N_LEADING + envelope->n_texts, sizeof *metadata, err);
	FLT_TRY_MEMORY(metadata);
	name_format(envelope, format);
	snprintf(version, sizeof version, "%d", envelope->version);
	metadata[0] = (struct flt_metadata){"format", format};
	metadata[1] = (struct flt_metadata){"format_version", version};
	metadata[2] = (struct flt_metadata){"sha256", sha256};
	for (size_t i = 0; i < envelope->n_texts; i++)
		metadata[N_LEADING + i] = (struct flt_metadata){envelope->names[i], texts[i]};
	enum flt_status status =
	        flt_safetensors_write(tensors, n_tensors, metadata, N_LEADING + envelope->n_texts, bytes, n_bytes, err);
	flt_free(metadata);
	return status;
}

/* The version is checked before the texts: another version may have others. */
static enum flt_status check_metadata(const struct flt_envelope *envelope, const struct flt_safetensors *file,
                                      const char **texts, struct flt_error *err)
{
	char expected[FORMAT_SIZE], own_version[VERSION_SIZE];
	const char *format = flt_safetensors_text(file, "format");
	const char *version = flt_safetensors_text(file, "format_version");
	name_format(envelope, expected);
	snprintf(own_version, sizeof own_version, "%d", envelope->version);
	if (!format || !version || strcmp(format, expected) != 0)
		return flt_fail(err, FLT_ERR_MODEL, "it is a safetensors file, but not a %s of fltrain",
		                envelope->thing);
	if (strcmp(version, own_version) != 0)
		return flt_fail(err, FLT_ERR_MODEL, "it is in format %s, and this fltrain reads format %s: %s",
		                flt_shown(version, strlen(version)).text, own_version, envelope->remedy);
	size_t n_found = 0, n_needed = envelope->n_texts - envelope->n_optional;
	for (size_t i = 0; i < envelope->n_texts; i++) {
		texts[i] = flt_safetensors_text(file, envelope->names[i]);
		n_found += texts[i] != NULL;
		if (!texts[i] && i < n_needed && file->n_metadata >= N_LEADING + n_needed)
			return flt_fail(err, FLT_ERR_MODEL, "its metadata have no \"%s\"", envelope->names[i]);
	}
	if (n_found < n_needed || file->n_metadata != N_LEADING + n_found)
		return flt_fail(err, FLT_ERR_MODEL, "it has %zu metadata, expected %zu", file->n_metadata,
		                N_LEADING + (n_found < n_needed ? n_needed : n_found));
	return FLT_OK;
}

enum flt_status flt_envelope_open(const struct flt_envelope *envelope, const uint8_t *bytes, size_t n_bytes,
                                  struct flt_safetensors *file, const char **texts, struct flt_error *err)
{
	FLT_TRY(flt_safetensors_parse(bytes, n_bytes, file, err));
	enum flt_status status = check_metadata(envelope, file, texts, err);
	if (status != FLT_OK)
		flt_safetensors_release(file);
	return status;
}

enum flt_status flt_envelope_verify(const struct flt_envelope *envelope, const struct flt_safetensors *file,
                                    const char *const *texts, struct flt_error *err)
{
	char sha256[FLT_SHA256_TEXT];
	const char *expected = flt_safetensors_text(file, "sha256");
	if (!expected)
		return flt_fail(err, FLT_ERR_MODEL, "its metadata have no \"sha256\"");
	FLT_TRY(flt_safetensors_digest(texts, envelope->n_texts, file->tensors, file->n_tensors, sha256, err));
	return strcmp(sha256, expected) == 0
	               ? FLT_OK
	               : flt_fail(err, FLT_ERR_MODEL, "its checksum does not match its content: the file was changed");
}

enum flt_status flt_envelope_is_file(const struct flt_envelope *envelope, const char *path, bool *is_one,
                                     struct flt_error *err)
{
	char format[FORMAT_SIZE];
	name_format(envelope, format);
	return flt_safetensors_is_file_of(path, format, is_one, err);
}

enum flt_status flt_envelope_fail(const struct flt_envelope *envelope, const char *path, enum flt_status status,
                                  const struct flt_error *why, struct flt_error *err)
{
	if (status == FLT_ERR_MODEL)
		return flt_fail(err, status, "%s: not a usable %s: %s", path, envelope->thing, why->text);
	return flt_fail(err, status, "%s: %s", path, why->text);
}
