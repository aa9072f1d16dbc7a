#include "container/safetensors.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/text.h"
#include "base/error.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are written as they stand in memory");

enum {
	LENGTH_BYTES = 8,
	HEADER_DEPTH = 3,        /* {"name": {"shape": [ */
	HEADER_VALUES = 1000000, /* bounds what the parser allocates for a hostile header */
};

static const struct {
	const char *name;
	size_t size;
} dtypes[FLT_N_DTYPES] = {
        [FLT_BOOL] = {"BOOL", 1},       [FLT_U8] = {"U8", 1},   [FLT_I8] = {"I8", 1},   [FLT_F8_E5M2] = {"F8_E5M2", 1},
        [FLT_F8_E4M3] = {"F8_E4M3", 1}, [FLT_I16] = {"I16", 2}, [FLT_U16] = {"U16", 2}, [FLT_F16] = {"F16", 2},
        [FLT_BF16] = {"BF16", 2},       [FLT_I32] = {"I32", 4}, [FLT_U32] = {"U32", 4}, [FLT_F32] = {"F32", 4},
        [FLT_F64] = {"F64", 8},         [FLT_I64] = {"I64", 8}, [FLT_U64] = {"U64", 8},
};

/* Bytes of a tensor's shape and type; false if that is more than memory can be. */
static bool shape_bytes(const struct flt_safetensor *tensor, size_t *n_bytes)
{
	*n_bytes = dtypes[tensor->type].size;
	bool empty = false;
	for (size_t i = 0; i < tensor->n_dims; i++) {
		empty |= tensor->shape[i] == 0;
		if (tensor->shape[i] > 0 && __builtin_mul_overflow(*n_bytes, tensor->shape[i], n_bytes))
			return false;
	}
	if (empty)
		*n_bytes = 0;
	return true;
}

/* ---- reading ---- */

/* A name as a message may show it. */
static struct flt_shown show(const char *name)
{
	return flt_shown(name, strlen(name));
}

static bool read_size(const json_t *json, size_t *value)
{
	if (json_typeof(json) != JSON_INTEGER || json_integer_value(json) < 0)
		return false;
	*value = (size_t)json_integer_value(json);
	return true;
}

static bool read_dtype(const json_t *json, enum flt_dtype *type)
{
	for (unsigned i = 0; json_is_string(json) && i < FLT_N_DTYPES; i++) {
		if (strcmp(json_string_value(json), dtypes[i].name) == 0) {
			*type = (enum flt_dtype)i;
			return true;
		}
	}
	return false;
}

static bool read_shape(const json_t *json, struct flt_safetensor *tensor)
{
	if (!json_is_array(json) || json_array_size(json) > FLT_MAX_DIMS)
		return false;
	tensor->n_dims = json_array_size(json);
	for (size_t i = 0; i < tensor->n_dims; i++)
		if (!read_size(json_array_get(json, i), &tensor->shape[i]))
			return false;
	return true;
}

/* data are the n_data bytes after the header. Tensors are checked against their neighbours later. */
static enum flt_status read_tensor(const char *name, const json_t *json, const uint8_t *data, size_t n_data,
                                   struct flt_safetensor *tensor, struct flt_error *err)
{
	const json_t *offsets = json_object_get(json, "data_offsets");
	size_t begin, end, expected;
	tensor->name = name;
	if (json_typeof(json) != JSON_OBJECT || json_object_size(json) != 3 || !json_is_array(offsets) ||
	    json_array_size(offsets) != 2)
		return flt_fail(err, FLT_ERR_MODEL, "tensor \"%s\" is not described by dtype, shape and data_offsets",
		                show(name).text);
	if (!read_dtype(json_object_get(json, "dtype"), &tensor->type))
		return flt_fail(err, FLT_ERR_MODEL, "tensor \"%s\" has an unknown dtype", show(name).text);
	if (!read_shape(json_object_get(json, "shape"), tensor))
		return flt_fail(err, FLT_ERR_MODEL, "tensor \"%s\" has a shape that is not a list of at most %d sizes",
		                show(name).text, FLT_MAX_DIMS);
	if (!shape_bytes(tensor, &expected))
		return flt_fail(err, FLT_ERR_MODEL, "tensor \"%s\" is larger than any memory", show(name).text);
	if (!read_size(json_array_get(offsets, 0), &begin) || !read_size(json_array_get(offsets, 1), &end) ||
	    begin > end || end > n_data)
		return flt_fail(err, FLT_ERR_MODEL,
		                "the data_offsets of tensor \"%s\" lie outside the file's %zu bytes of data",
		                show(name).text, n_data);
	if (end - begin != expected)
		return flt_fail(err, FLT_ERR_MODEL, "tensor \"%s\" has %zu bytes where its shape and dtype take %zu",
		                show(name).text, end - begin, expected);
	tensor->data = data + begin;
	tensor->n_bytes = expected;
	return FLT_OK;
}

static int by_name(const void *left, const void *right)
{
	const struct flt_safetensor *const *a = left, *const *b = right;
	return strcmp((*a)->name, (*b)->name);
}

static int by_place(const void *left, const void *right)
{
	const struct flt_safetensor *a = left, *b = right;
	if (a->data != b->data)
		return (const char *)a->data < (const char *)b->data ? -1 : 1;
	if (a->n_bytes != b->n_bytes) /* an empty one stands before its neighbour */
		return a->n_bytes < b->n_bytes ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* Sorted by place, each tensor must begin where the one before it ends, and the last end where the data end. */
static enum flt_status check_cover(struct flt_safetensors *file, const uint8_t *data, size_t n_data,
                                   struct flt_error *err)
{
	qsort(file->tensors, file->n_tensors, sizeof *file->tensors, by_place);
	const uint8_t *end = data;
	for (size_t i = 0; i < file->n_tensors; i++) {
		const struct flt_safetensor *tensor = &file->tensors[i];
		if (tensor->data != end)
			return flt_fail(err, FLT_ERR_MODEL, "tensor \"%s\" %s", show(tensor->name).text,
			                (const uint8_t *)tensor->data < end ? "overlaps the one before it"
			                                                    : "leaves a hole before it");
		end += tensor->n_bytes;
	}
	if (end != data + n_data)
		return flt_fail(err, FLT_ERR_MODEL, "its last %zu bytes belong to no tensor",
		                (size_t)(data + n_data - end));
	return FLT_OK;
}

static enum flt_status read_metadata(const json_t *json, struct flt_safetensors *file, struct flt_error *err)
{
	if (json_typeof(json) != JSON_OBJECT)
		return flt_fail(err, FLT_ERR_MODEL, "its __metadata__ is not an object of strings");
	file->metadata = flt_alloc_zero(json_object_size(json), sizeof *file->metadata, err);
	FLT_TRY_MEMORY(file->metadata);
	json_t *object = (json_t *)json;
	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
		const char *key = json_object_iter_key(at);
		const json_t *value = json_object_iter_value(at);
		if (json_typeof(value) != JSON_STRING)
			return flt_fail(err, FLT_ERR_MODEL, "its metadata \"%s\" is not a string", show(key).text);
		file->metadata[file->n_metadata++] = (struct flt_metadata){key, json_string_value(value)};
	}
	return FLT_OK;
}

static enum flt_status read_entries(const uint8_t *data, size_t n_data, struct flt_safetensors *file,
                                    struct flt_error *err)
{
	file->tensors = flt_alloc_zero(json_object_size(file->json), sizeof *file->tensors, err);
	FLT_TRY_MEMORY(file->tensors);
	for (void *at = json_object_iter(file->json); at; at = json_object_iter_next(file->json, at)) {
		const char *key = json_object_iter_key(at);
		const json_t *value = json_object_iter_value(at);
		if (strcmp(key, "__metadata__") == 0)
			FLT_TRY(read_metadata(value, file, err));
		else
			FLT_TRY(read_tensor(key, value, data, n_data, &file->tensors[file->n_tensors++], err));
	}
	FLT_TRY(check_cover(file, data, n_data, err));
	file->by_name = flt_alloc(file->n_tensors, sizeof *file->by_name, err);
	FLT_TRY_MEMORY(file->by_name);
	for (size_t i = 0; i < file->n_tensors; i++)
		file->by_name[i] = &file->tensors[i];
	qsort(file->by_name, file->n_tensors, sizeof *file->by_name, by_name);
	return FLT_OK;
}

/* The header's text, or a reason why there is none. */
static enum flt_status find_header(const uint8_t *bytes, size_t n_bytes, size_t *n_header, struct flt_error *err)
{
	if (n_bytes < LENGTH_BYTES)
		return flt_fail(err, FLT_ERR_MODEL, "it has %zu bytes, too few for a safetensors file", n_bytes);
	uint64_t length;
	memcpy(&length, bytes, sizeof length);
	if (length > FLT_MAX_HEADER)
		return flt_fail(err, FLT_ERR_MODEL,
		                "it is not a safetensors file: its header does not come with its length");
	if (length > n_bytes - LENGTH_BYTES)
		return flt_fail(err, FLT_ERR_MODEL,
		                "it is cut short: its header takes %llu bytes, and %zu follow the length",
		                (unsigned long long)length, n_bytes - LENGTH_BYTES);
	*n_header = (size_t)length;
	const char *header = (const char *)bytes + LENGTH_BYTES;
	if (*n_header == 0 || *header != '{')
		return flt_fail(err, FLT_ERR_MODEL, "it is not a safetensors file: its header does not begin with {");
	if (!flt_json_is_modest(header, *n_header, HEADER_DEPTH, HEADER_VALUES))
		return flt_fail(err, FLT_ERR_MODEL, "its header nests deeper than %d levels or holds over %d values",
		                HEADER_DEPTH, HEADER_VALUES);
	return FLT_OK;
}

static enum flt_status parse_header(const char *header, size_t length, struct flt_safetensors *file,
                                    struct flt_error *err)
{
	json_error_t why;
	json_t *json;
	enum flt_status status = flt_json_parse(header, length, &json, NULL, &why, err);
	file->json = json;
	if (status == FLT_ERR_MODEL)
		flt_fail(err, status, "its header is not valid JSON at byte %d: %s", why.position + LENGTH_BYTES,
		         show(why.text).text);
	return status;
}

enum flt_status flt_safetensors_parse(const uint8_t *bytes, size_t n_bytes, struct flt_safetensors *file,
                                      struct flt_error *err)
{
	*file = (struct flt_safetensors){0};
	size_t n_header = 0;
	FLT_TRY(find_header(bytes, n_bytes, &n_header, err));
	FLT_TRY(parse_header((const char *)bytes + LENGTH_BYTES, n_header, file, err));
	enum flt_status status =
	        read_entries(bytes + LENGTH_BYTES + n_header, n_bytes - LENGTH_BYTES - n_header, file, err);
	if (status != FLT_OK)
		flt_safetensors_release(file);
	return status;
}

void flt_safetensors_release(struct flt_safetensors *file)
{
	flt_free(file->tensors);
	flt_free(file->by_name);
	flt_free(file->metadata);
	json_decref(file->json);
	*file = (struct flt_safetensors){0};
}

const struct flt_safetensor *flt_safetensors_find(const struct flt_safetensors *file, const char *name)
{
	const struct flt_safetensor key = {.name = name}, *at = &key;
	const struct flt_safetensor **found = bsearch(&at, file->by_name, file->n_tensors, sizeof at, by_name);
	return found ? *found : NULL;
}

const char *flt_safetensors_text(const struct flt_safetensors *file, const char *key)
{
	for (size_t i = 0; i < file->n_metadata; i++)
		if (strcmp(file->metadata[i].key, key) == 0)
			return file->metadata[i].text;
	return NULL;
}

/* ---- the digest ---- */

static void add_text(struct flt_digest *digest, const char *text)
{
	flt_digest_add(digest, text, strlen(text) + 1);
}

static void add_number(struct flt_digest *digest, uint64_t value)
{
	flt_digest_add(digest, &value, sizeof value);
}

enum flt_status flt_safetensors_digest(const char *const *texts, size_t n_texts, const struct flt_safetensor *tensors,
                                       size_t n_tensors, char sha256[FLT_SHA256_TEXT], struct flt_error *err)
{
	const struct flt_safetensor **sorted = flt_alloc(n_tensors, sizeof *sorted, err);
	FLT_TRY_MEMORY(sorted);
	struct flt_digest digest = {0};
	for (size_t i = 0; i < n_texts; i++)
		if (texts[i])
			add_text(&digest, texts[i]);
	for (size_t i = 0; i < n_tensors; i++)
		sorted[i] = &tensors[i];
	qsort(sorted, n_tensors, sizeof(*sorted), by_name);
	for (size_t i = 0; i < n_tensors; i++) {
		add_text(&digest, sorted[i]->name);
		add_number(&digest, sorted[i]->type);
		add_number(&digest, sorted[i]->n_dims);
		for (size_t d = 0; d < sorted[i]->n_dims; d++)
			add_number(&digest, sorted[i]->shape[d]);
		flt_digest_add(&digest, sorted[i]->data, sorted[i]->n_bytes);
	}
	flt_free(sorted);
	flt_digest_end(&digest, sha256);
	return FLT_OK;
}

/* ---- files ---- */

/* Reads to the end instead of asking for the size: the file may be a pipe. Stops where the bytes cannot be a container,
 * so that an endless file of something else is not taken into memory. */
static enum flt_status read_bytes(FILE *stream, uint8_t **bytes, size_t *n_bytes, struct flt_error *err)
{
	enum { FIRST = 4096 };
	size_t capacity = 0, n_wanted = FIRST, n_read = FIRST;
	*bytes = NULL;
	*n_bytes = 0;
	while (n_read == n_wanted && (*n_bytes == 0 || (*bytes)[LENGTH_BYTES] == '{')) {
		n_wanted = *n_bytes ? *n_bytes : FIRST;
		FLT_TRY(flt_grow((void **)bytes, &capacity, *n_bytes + n_wanted, 1, err));
		n_read = fread(*bytes + *n_bytes, 1, n_wanted, stream);
		*n_bytes += n_read;
	}
	if (!ferror(stream))
		return FLT_OK;
	int reason = errno;
	return flt_fail(err, flt_status_of_errno(reason), "cannot be read: %s", strerror(reason));
}

static enum flt_status fail_reading(const char *path, struct flt_error *err)
{
	int reason = errno;
	return flt_fail(err, flt_status_of_errno(reason), "%s: cannot be read: %s", path, strerror(reason));
}

enum flt_status flt_safetensors_read(const char *path, uint8_t **bytes, size_t *n_bytes, struct flt_error *err)
{
	*bytes = NULL;
	FILE *stream = fopen(path, "rb");
	if (!stream)
		return fail_reading(path, err);
	struct flt_error why;
	enum flt_status status = read_bytes(stream, bytes, n_bytes, &why);
	fclose(stream);
	if (status == FLT_OK)
		return FLT_OK;
	flt_free(*bytes);
	*bytes = NULL;
	return flt_fail(err, status, "%s: %s", path, why.text);
}

static enum flt_status look_into(FILE *stream, const char *path, const char *format, bool *is_one,
                                 struct flt_error *err)
{
	char expected[128], header[LENGTH_BYTES + sizeof expected];
	size_t length = (size_t)snprintf(expected, sizeof expected, "{\"__metadata__\":{\"format\":\"%s\",", format);
	assert(length < sizeof expected);
	*is_one = fread(header, 1, LENGTH_BYTES + length, stream) == LENGTH_BYTES + length &&
	          memcmp(header + LENGTH_BYTES, expected, length) == 0;
	return ferror(stream) ? fail_reading(path, err) : FLT_OK;
}

enum flt_status flt_safetensors_is_file_of(const char *path, const char *format, bool *is_one, struct flt_error *err)
{
	struct stat about;
	*is_one = false;
	if (stat(path, &about) != 0)
		return errno == ENOENT ? FLT_OK : fail_reading(path, err);
	if (!S_ISREG(about.st_mode))
		return FLT_OK;
	FILE *stream = fopen(path, "rb");
	if (!stream)
		return fail_reading(path, err);
	enum flt_status status = look_into(stream, path, format, is_one, err);
	fclose(stream);
	return status;
}

/* ---- writing ---- */

static int by_type_and_name(const void *left, const void *right)
{
	const struct flt_safetensor *a = left, *b = right;
	if (a->type != b->type)
		return a->type > b->type ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void write_tensor_entry(struct flt_json *json, const struct flt_safetensor *tensor, size_t begin)
{
	flt_json_key(json, tensor->name);
	flt_json_open(json, '{');
	flt_json_key(json, "dtype");
	flt_json_text(json, dtypes[tensor->type].name);
	flt_json_key(json, "shape");
	flt_json_open(json, '[');
	for (size_t i = 0; i < tensor->n_dims; i++)
		flt_json_count(json, tensor->shape[i]);
	flt_json_close(json, ']');
	flt_json_key(json, "data_offsets");
	flt_json_open(json, '[');
	flt_json_count(json, begin);
	flt_json_count(json, begin + tensor->n_bytes);
	flt_json_close(json, ']');
	flt_json_close(json, '}');
}

static void write_header(struct flt_json *json, const struct flt_safetensor *tensors, size_t n_tensors,
                         const struct flt_metadata *metadata, size_t n_metadata)
{
	flt_json_open(json, '{');
	if (n_metadata > 0) {
		flt_json_key(json, "__metadata__");
		flt_json_open(json, '{');
		for (size_t i = 0; i < n_metadata; i++) {
			flt_json_key(json, metadata[i].key);
			flt_json_text(json, metadata[i].text);
		}
		flt_json_close(json, '}');
	}
	size_t begin = 0;
	for (size_t i = 0; i < n_tensors; i++) {
		write_tensor_entry(json, &tensors[i], begin);
		begin += tensors[i].n_bytes;
	}
	flt_json_close(json, '}');
}

/* Header and sorted tensors to bytes. */
static enum flt_status write_bytes(const struct flt_json *header, const struct flt_safetensor *tensors,
                                   size_t n_tensors, uint8_t **bytes, size_t *n_bytes, struct flt_error *err)
{
	uint64_t n_header = (header->length + 7) / 8 * 8; /* so that tensors are aligned */
	if (n_header > FLT_MAX_HEADER)
		return flt_fail(err, FLT_ERR_MACHINE,
		                "the model's header would take %llu bytes, above the format's limit of %d: drop a "
		                "categorical column with very many values",
		                (unsigned long long)n_header, FLT_MAX_HEADER);
	*n_bytes = LENGTH_BYTES + n_header;
	for (size_t i = 0; i < n_tensors; i++)
		*n_bytes += tensors[i].n_bytes; /* cannot overflow: all of it is in memory */
	uint8_t *at = *bytes = flt_alloc(*n_bytes, 1, err);
	FLT_TRY_MEMORY(at);
	memcpy(at, &n_header, LENGTH_BYTES);
	memset(at + LENGTH_BYTES, ' ', n_header);
	memcpy(at + LENGTH_BYTES, header->text, header->length);
	at += LENGTH_BYTES + n_header;
	for (size_t i = 0; i < n_tensors; at += tensors[i++].n_bytes)
		if (tensors[i].n_bytes > 0)
			memcpy(at, tensors[i].data, tensors[i].n_bytes);
	return FLT_OK;
}

static enum flt_status write_sorted(const struct flt_safetensor *tensors, size_t n_tensors,
                                    const struct flt_metadata *metadata, size_t n_metadata, uint8_t **bytes,
                                    size_t *n_bytes, struct flt_error *err)
{
	struct flt_json header = {.err = err};
	write_header(&header, tensors, n_tensors, metadata, n_metadata);
	enum flt_status status;
	FLT_TRY_OUT(header.status);
	FLT_TRY_OUT(write_bytes(&header, tensors, n_tensors, bytes, n_bytes, err));
out:
	flt_json_release(&header);
	return status;
}

enum flt_status flt_safetensors_write(const struct flt_safetensor *tensors, size_t n_tensors,
                                      const struct flt_metadata *metadata, size_t n_metadata, uint8_t **bytes,
                                      size_t *n_bytes, struct flt_error *err)
{
	*bytes = NULL;
	struct flt_safetensor *sorted = flt_alloc(n_tensors, sizeof *sorted, err);
	FLT_TRY_MEMORY(sorted);
	for (size_t i = 0; i < n_tensors; i++) {
		size_t expected;
		sorted[i] = tensors[i];
		assert(shape_bytes(&tensors[i], &expected) && expected == tensors[i].n_bytes);
		(void)expected;
	}
	qsort(sorted, n_tensors, sizeof *sorted, by_type_and_name);
	enum flt_status status = write_sorted(sorted, n_tensors, metadata, n_metadata, bytes, n_bytes, err);
	flt_free(sorted);
	return status;
}
