/*
 * The safetensors container: 8 bytes of little-endian header length, a JSON header padded with spaces to 8 bytes, raw
 * little-endian tensors without holes or overlaps. Metadata are strings. Exactly the format of the reference
 * implementation, so that any tool that opens it can look inside.
 *
 * This is the one place that takes bytes of a model file or checkpoint apart. It reads nothing outside the bytes that
 * it is given, every sum and product of foreign numbers is checked, and the header is bounded in length, nesting and
 * values before a parser sees it. What it hands out is consistent: a tensor has exactly the bytes of its shape and
 * type.
 */
#ifndef CONTAINER_SAFETENSORS_H
#define CONTAINER_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"

/* In the order in which the reference sorts them: the widest come first in a file, so that all are aligned. */
enum flt_dtype {
	FLT_BOOL,
	FLT_U8,
	FLT_I8,
	FLT_F8_E5M2,
	FLT_F8_E4M3,
	FLT_I16,
	FLT_U16,
	FLT_F16,
	FLT_BF16,
	FLT_I32,
	FLT_U32,
	FLT_F32,
	FLT_F64,
	FLT_I64,
	FLT_U64,
	FLT_N_DTYPES
};

enum { FLT_MAX_DIMS = 8, FLT_MAX_HEADER = 100000000 /* bytes, as in the reference */ };

/* Name and data are borrowed: from the caller when writing, from the parsed file and its bytes when reading. The data
 * of a foreign file need not be aligned: copy it out. */
struct flt_safetensor {
	const char *name;
	enum flt_dtype type;
	size_t n_dims;
	size_t shape[FLT_MAX_DIMS];
	const void *data;
	size_t n_bytes;
};

struct flt_metadata {
	const char *key, *text;
};

/* A parsed file. It points into the bytes it was parsed from: keep them as long. */
struct flt_safetensors {
	struct flt_safetensor *tensors; /* (n_tensors) in the order of their data */
	size_t n_tensors;
	const struct flt_safetensor **by_name; /* (n_tensors) sorted */
	struct flt_metadata *metadata;         /* (n_metadata) in the order of the header */
	size_t n_metadata;
	void *json; /* owns names and texts */
};

/* Every failure but that of memory is FLT_ERR_MODEL, its sentence without the file's name. */
enum flt_status flt_safetensors_parse(const uint8_t *bytes, size_t n_bytes, struct flt_safetensors *file,
                                      struct flt_error *err);
void flt_safetensors_release(struct flt_safetensors *file);

const struct flt_safetensor *flt_safetensors_find(const struct flt_safetensors *file, const char *name); /* or NULL */
const char *flt_safetensors_text(const struct flt_safetensors *file, const char *key);                   /* or NULL */

/* A digest over texts and tensors, by name: how the container lays them out does not count. */
enum flt_status flt_safetensors_digest(const char *const *texts, size_t n_texts, const struct flt_safetensor *tensors,
                                       size_t n_tensors, char sha256[FLT_SHA256_TEXT], struct flt_error *err);

/* The bytes of a file or pipe, whatever they are, owned by the caller (flt_free). What cannot be read is FLT_ERR_DATA
 * or FLT_ERR_MACHINE, as flt_status_of_errno tells them apart; the sentence names the path. */
enum flt_status flt_safetensors_read(const char *path, uint8_t **bytes, size_t *n_bytes, struct flt_error *err);

/* Whether path is a regular file that opens like a container whose first metadata are {"format", format}, as
 * flt_safetensors_write puts them. False if there is no such file; an error if it cannot be read. */
enum flt_status flt_safetensors_is_file_of(const char *path, const char *format, bool *is_one, struct flt_error *err);

/* Writes a file into *bytes (owned by the caller, flt_free). Tensors are sorted by type and name as the reference does;
 * metadata stay in their order. The same content gives the same bytes. */
enum flt_status flt_safetensors_write(const struct flt_safetensor *tensors, size_t n_tensors,
                                      const struct flt_metadata *metadata, size_t n_metadata, uint8_t **bytes,
                                      size_t *n_bytes, struct flt_error *err);

#endif
