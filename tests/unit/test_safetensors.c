/* The safetensors container: writing, reading back, and refusing damaged or malicious files. */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/json.h"
#include "container/safetensors.h"
#include "suite.h"
#include "temporary.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

/* ---- a valid file ---- */

static const float weights[6] = {1, -2, 3.5f, 0, 1e-30f, 7};
static const double scales[3] = {0.1, 1e300, -0.0};

static const struct flt_safetensor tensors[] = {
        {.name = "w", .type = FLT_F32, .n_dims = 2, .shape = {2, 3}, .data = weights, .n_bytes = sizeof weights},
        {.name = "scale", .type = FLT_F64, .n_dims = 1, .shape = {3}, .data = scales, .n_bytes = sizeof scales},
        {.name = "empty", .type = FLT_F32, .n_dims = 2, .shape = {0, 9}, .data = NULL, .n_bytes = 0},
        {.name = "a scalar", .type = FLT_U8, .n_dims = 0, .data = "x", .n_bytes = 1},
};

static const struct flt_metadata metadata[] = {{"format", "test"}, {"text", "\"quoted\" \\ \n \x01 \x7f é 漢 𝄞 /"}};

static uint8_t *valid_file(size_t *n_bytes)
{
	uint8_t *bytes;
	struct flt_error err;
	ck_assert_int_eq(flt_safetensors_write(tensors, N_OF(tensors), metadata, N_OF(metadata), &bytes, n_bytes, &err),
	                 FLT_OK);
	return bytes;
}

/* A file with this header and n_data zero bytes. The allocation has exactly its size, so that a sanitizer reports any
 * access beyond the end. */
static uint8_t *file_of(const char *header, size_t n_header, size_t n_data, size_t *n_bytes)
{
	*n_bytes = 8 + n_header + n_data;
	uint8_t *bytes = calloc(*n_bytes, 1);
	ck_assert_ptr_nonnull(bytes);
	uint64_t length = n_header;
	memcpy(bytes, &length, 8);
	memcpy(bytes + 8, header, n_header);
	return bytes;
}

START_TEST(a_file_has_the_exact_bytes_of_the_format)
{
	static const char header[] = "{\"__metadata__\":{\"format\":\"test\",\"text\":\"\\\"quoted\\\" \\\\ \\u000a "
	                             "\\u0001 \\u007f é 漢 𝄞 /\"},"
	                             "\"scale\":{\"dtype\":\"F64\",\"shape\":[3],\"data_offsets\":[0,24]},"
	                             "\"empty\":{\"dtype\":\"F32\",\"shape\":[0,9],\"data_offsets\":[24,24]},"
	                             "\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[24,48]},"
	                             "\"a scalar\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[48,49]}}";
	size_t n_bytes, n_header = (sizeof header - 1 + 7) / 8 * 8;
	uint8_t *bytes = valid_file(&n_bytes);
	ck_assert_uint_eq(n_bytes, 8 + n_header + 49);
	ck_assert_uint_eq(bytes[0] | (unsigned)bytes[1] << 8, n_header);
	for (size_t i = 2; i < 8; i++)
		ck_assert_uint_eq(bytes[i], 0);
	ck_assert_mem_eq(bytes + 8, header, sizeof header - 1);
	for (size_t i = 8 + sizeof header - 1; i < 8 + n_header; i++)
		ck_assert_uint_eq(bytes[i], ' ');
	ck_assert_mem_eq(bytes + 8 + n_header, scales, 24);
	ck_assert_mem_eq(bytes + 8 + n_header + 24, weights, 24);
	ck_assert_uint_eq(bytes[n_bytes - 1], 'x');
	flt_free(bytes);
}
END_TEST

/* The header's order need not be that of the data, where an empty tensor stands before the one that begins there. */
START_TEST(tensors_may_be_described_in_any_order)
{
	static const char *const names[] = {"a", "b", "c"};
	static const char *const orders[] = {"{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
	                                     "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
	                                     "\"c\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}",
	                                     "{\"c\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]},"
	                                     "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
	                                     "\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"};
	for (size_t i = 0; i < N_OF(orders); i++) {
		size_t n_bytes;
		uint8_t *bytes = file_of(orders[i], strlen(orders[i]), 3, &n_bytes);
		struct flt_safetensors file;
		ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, NULL), FLT_OK);
		ck_assert_uint_eq(file.n_tensors, 3);
		for (size_t t = 0; t < 3; t++)
			ck_assert_str_eq(file.tensors[t].name, names[t]);
		flt_safetensors_release(&file);
		free(bytes);
	}
}
END_TEST

static void check_same(const struct flt_safetensor *read, const struct flt_safetensor *written)
{
	ck_assert_ptr_nonnull(read);
	ck_assert_int_eq(read->type, written->type);
	ck_assert_uint_eq(read->n_dims, written->n_dims);
	ck_assert_mem_eq(read->shape, written->shape, sizeof read->shape);
	ck_assert_uint_eq(read->n_bytes, written->n_bytes);
	if (read->n_bytes > 0)
		ck_assert_mem_eq(read->data, written->data, read->n_bytes);
}

START_TEST(a_file_reads_back_as_it_was_written)
{
	size_t n_bytes;
	uint8_t *bytes = valid_file(&n_bytes);
	struct flt_safetensors file;
	ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, NULL), FLT_OK);
	ck_assert_uint_eq(file.n_tensors, N_OF(tensors));
	for (size_t i = 0; i < N_OF(tensors); i++)
		check_same(flt_safetensors_find(&file, tensors[i].name), &tensors[i]);
	for (size_t i = 0; i < N_OF(metadata); i++)
		ck_assert_str_eq(flt_safetensors_text(&file, metadata[i].key), metadata[i].text);
	ck_assert_ptr_null(flt_safetensors_find(&file, "b"));
	ck_assert_ptr_null(flt_safetensors_text(&file, "b"));

	uint8_t *again;
	size_t n_again;
	ck_assert_int_eq(flt_safetensors_write(file.tensors, file.n_tensors, file.metadata, file.n_metadata, &again,
	                                       &n_again, NULL),
	                 FLT_OK);
	ck_assert_uint_eq(n_again, n_bytes);
	ck_assert_mem_eq(again, bytes, n_bytes);
	flt_free(again);
	flt_safetensors_release(&file);
	flt_free(bytes);
}
END_TEST

START_TEST(a_file_may_hold_nothing)
{
	size_t n_bytes;
	uint8_t *bytes;
	ck_assert_int_eq(flt_safetensors_write(NULL, 0, NULL, 0, &bytes, &n_bytes, NULL), FLT_OK);
	ck_assert_uint_eq(n_bytes, 16);
	ck_assert_mem_eq(bytes, "\x08\0\0\0\0\0\0\0{}      ", 16);
	flt_free(bytes);
}
END_TEST

START_TEST(a_header_beyond_the_limit_of_the_format_is_not_written)
{
	char *text = malloc(FLT_MAX_HEADER + 1);
	ck_assert_ptr_nonnull(text);
	memset(text, 'a', FLT_MAX_HEADER);
	text[FLT_MAX_HEADER] = '\0';
	size_t n_bytes, n_others = strlen("{\"__metadata__\":{\"a\":\"\"}}");
	const struct flt_metadata one_byte_too_long = {"a", text + n_others - 1};
	uint8_t *bytes;
	struct flt_error err;
	ck_assert_int_eq(flt_safetensors_write(NULL, 0, &one_byte_too_long, 1, &bytes, &n_bytes, &err),
	                 FLT_ERR_MACHINE);
	ck_assert_ptr_nonnull(
	        strstr(err.text, "the model's header would take 100000008 bytes, above the format's limit"));
	ck_assert_ptr_null(bytes);
	free(text);
}
END_TEST

/* ---- files ---- */

START_TEST(what_cannot_be_read_is_an_error_with_its_reason)
{
	size_t n_bytes;
	uint8_t *bytes;
	bool is_one;
	struct flt_error err;
	ck_assert_int_eq(flt_safetensors_read("/tmp", &bytes, &n_bytes, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "/tmp: cannot be read: Is a directory");
	ck_assert_ptr_null(bytes);
	ck_assert_int_eq(flt_safetensors_read("/tmp/missing/file", &bytes, &n_bytes, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "/tmp/missing/file: cannot be read: No such file or directory");
	/* A regular file, of which nothing can be read from its beginning. */
	ck_assert_int_eq(flt_safetensors_is_file_of("/proc/self/mem", "test", &is_one, &err), FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "/proc/self/mem: cannot be read: Input/output error");
	ck_assert(!is_one);
}
END_TEST

/* More bytes than one read brings come whole; of an endless file of something else, the first read's. */
START_TEST(a_file_is_read_to_its_end_while_it_may_be_a_container)
{
	enum { N = 100000 };
	static uint8_t content[N];
	for (size_t i = 0; i < N; i++)
		content[i] = (uint8_t)(i * 7);
	content[8] = '{';
	char path[TEMPORARY_SIZE];
	FILE *file = temporary_file(path);
	fwrite(content, 1, N, file);
	fclose(file);
	size_t n_bytes;
	uint8_t *bytes;
	ck_assert_int_eq(flt_safetensors_read(path, &bytes, &n_bytes, NULL), FLT_OK);
	ck_assert_uint_eq(n_bytes, N);
	ck_assert_mem_eq(bytes, content, N);
	flt_free(bytes);
	flt_alloc_fail_at(2);
	ck_assert_int_eq(flt_safetensors_read(path, &bytes, &n_bytes, NULL), FLT_ERR_MACHINE);
	flt_alloc_fail_at(0);
	ck_assert_ptr_null(bytes);
	ck_assert_int_eq(truncate(path, 8), 0);
	ck_assert_int_eq(flt_safetensors_read(path, &bytes, &n_bytes, NULL), FLT_OK);
	ck_assert_uint_eq(n_bytes, 8);
	flt_free(bytes);
	unlink(path);
	ck_assert_int_eq(flt_safetensors_read("/dev/zero", &bytes, &n_bytes, NULL), FLT_OK);
	ck_assert_uint_eq(n_bytes, 4096);
	flt_free(bytes);
}
END_TEST

START_TEST(a_file_without_a_descriptor_for_it_is_an_error)
{
	const char *path = "/proc/self/status";
	bool is_one;
	struct flt_error err;
	struct rlimit before;
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, before.rlim_max}), 0);
	enum flt_status status = flt_safetensors_is_file_of(path, "test", &is_one, &err);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_int_eq(status, FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "/proc/self/status: cannot be read: Too many open files");
	ck_assert(!is_one);
}
END_TEST

START_TEST(a_file_of_a_format_is_known_by_its_first_metadata)
{
	size_t n_bytes;
	uint8_t *bytes = valid_file(&n_bytes);
	bool is_one;
	char path[TEMPORARY_SIZE];
	FILE *file = temporary_file(path);
	fwrite(bytes, 1, n_bytes, file);
	fclose(file);
	ck_assert_int_eq(flt_safetensors_is_file_of(path, "test", &is_one, NULL), FLT_OK);
	ck_assert(is_one);
	ck_assert_int_eq(flt_safetensors_is_file_of(path, "best", &is_one, NULL), FLT_OK);
	ck_assert(!is_one);
	ck_assert_int_eq(truncate(path, 20), 0);
	ck_assert_int_eq(flt_safetensors_is_file_of(path, "test", &is_one, NULL), FLT_OK);
	ck_assert(!is_one);
	unlink(path);
	static const char *const others[] = {"/tmp/missing/file", "/dev/zero", "/tmp"};
	for (size_t i = 0; i < N_OF(others); i++) {
		is_one = true;
		ck_assert_int_eq(flt_safetensors_is_file_of(others[i], "test", &is_one, NULL), FLT_OK);
		ck_assert(!is_one);
	}
	ck_assert_int_eq(flt_safetensors_is_file_of("/dev/null/file", "test", &is_one, NULL), FLT_ERR_DATA);
	flt_free(bytes);
}
END_TEST

/* ---- damaged and malicious files ---- */

static void check_refused(const uint8_t *bytes, size_t n_bytes, const char *says)
{
	struct flt_safetensors file;
	struct flt_error err = {0};
	ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, &err), FLT_ERR_MODEL);
	ck_assert_msg(strstr(err.text, says), "\"%s\" should say \"%s\"", err.text, says);
	ck_assert_ptr_null(file.tensors);
	ck_assert_ptr_null(file.json);
}

static const struct {
	const char *header;
	size_t n_data;
	const char *says;
} bad_headers[] = {
        {"", 0, "does not begin with {"},
        {"[]", 0, "does not begin with {"},
        {" {}", 0, "does not begin with {"},
        {"{", 0, "not valid JSON"},
        {"{}x", 0, "not valid JSON"},
        {"{}{}", 0, "not valid JSON"},
        {"{} \xff", 0, "not valid JSON"},
        {"{\"a\\u0000b\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}", 1, "not valid JSON"},
        {"{\"\\ud800\":{}}", 0, "not valid JSON"},
        {"{\"a\":[[[[]]]]}", 0, "nests deeper"},
        {"{\"a\":{\"a\":{\"a\":{}}}}", 0, "nests deeper"},
        {"{}", 1, "its last 1 bytes belong to no tensor"},
        {"{\"a\":1}", 0, "\"a\" is not described"},
        {"{\"a\":{}}", 0, "\"a\" is not described"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 0, "\"a\" is not described"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":0}}", 1, "\"a\" is not described"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1, "\"a\" is not described"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,1]}}", 1, "\"a\" is not described"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":{\"0\":1}}}", 1, "\"a\" is not described"},
        {"{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown dtype"},
        {"{\"a\":{\"dtype\":32,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown dtype"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}", 4, "has a shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "has a shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4, "has a shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}", 4, "has a shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4, "has a shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}", 0, "any memory"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0, "any memory"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775808],\"data_offsets\":[0,0]}}", 0, "not valid JSON"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1e3],\"data_offsets\":[0,1]}}", 1, "has a shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "4 bytes where its shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "outside the file's 4 bytes"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}", 4, "outside the file's 4 bytes"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 4, "outside"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[9223372036854775804,9223372036854775807]}}", 4,
         "outside"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]}}", 5, "\"a\" leaves a hole before it"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5, "its last 1 bytes belong to no tensor"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],"
         "\"data_offsets\":[0,4]}}",
         4, "\"b\" overlaps the one before it"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],"
         "\"data_offsets\":[4,8]}}",
         8, "\"b\" overlaps the one before it"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],"
         "\"data_offsets\":[8,12]}}",
         12, "\"b\" leaves a hole before it"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],"
         "\"data_offsets\":[0,4]},\"c\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[2,2]}}",
         4, "\"c\" overlaps the one before it"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],"
         "\"data_offsets\":[0,1]}}",
         1, "not valid JSON"},
        {"{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "not valid JSON"},
        {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "not valid JSON"},
        {"{\"__metadata__\":[]}", 0, "__metadata__ is not an object"},
        {"{\"__metadata__\":{\"a\":1}}", 0, "metadata \"a\" is not a string"},
        {"{\"__metadata__\":{\"a\":{\"b\":\"c\"}}}", 0, "metadata \"a\" is not a string"},
        {"{\"\\u001b[31m%n\\u0007\":1}", 0, "\"?[31m%n?\" is not described"},
        {"{\"a very long name that goes on and on, far beyond the end of a line\":1}", 0, "far beyond the...\" is not"},
};

START_TEST(malformed_headers_are_refused)
{
	size_t n_bytes;
	uint8_t *bytes =
	        file_of(bad_headers[_i].header, strlen(bad_headers[_i].header), bad_headers[_i].n_data, &n_bytes);
	check_refused(bytes, n_bytes, bad_headers[_i].says);
	free(bytes);
}
END_TEST

START_TEST(a_wrong_header_length_is_refused)
{
	static const uint64_t lengths[] = {3, 100000001, UINT64_MAX, UINT64_MAX - 7, 1ull << 63, 1ull << 32};
	size_t n_bytes;
	uint8_t *bytes = file_of("{}", 2, 0, &n_bytes);
	for (size_t i = 0; i < N_OF(lengths); i++) {
		memcpy(bytes, &lengths[i], 8);
		check_refused(bytes, n_bytes, "its header");
	}
	for (size_t n = 0; n < 8; n++) {
		uint8_t *few = malloc(n ? n : 1);
		memset(few, 0, n ? n : 1);
		check_refused(few, n, "too few for a safetensors file");
		free(few);
	}
	free(bytes);
}
END_TEST

/* Three megabytes of brackets or values must be refused before they reach the parser, which recurses and allocates. */
START_TEST(deep_or_large_json_is_refused)
{
	enum { N = 3000000 };
	char *header = malloc(N);
	ck_assert_ptr_nonnull(header);
	static const char *const patterns[] = {"[", "{\"a\":", "[0],", "0,"};
	for (size_t p = 0; p < N_OF(patterns); p++) {
		size_t length = strlen(patterns[p]), n_bytes;
		memcpy(header, "{\"a\":[", 6);
		for (size_t i = 6; i < N; i++)
			header[i] = patterns[p][i % length];
		uint8_t *bytes = file_of(header, N, 0, &n_bytes);
		check_refused(bytes, n_bytes, "nests deeper than 3 levels or holds over 1000000 values");
		free(bytes);
	}
	free(header);
}
END_TEST

START_TEST(only_brackets_outside_strings_nest)
{
	ck_assert(flt_json_is_modest("{\"[[[[[{{{{{\\\"[[[[\":1}", 22, 1, 2));
	ck_assert(!flt_json_is_modest("{\"a\":[1]}", 9, 1, 9));
	ck_assert(!flt_json_is_modest("[1,2,3,4]", 9, 1, 4));
	ck_assert(flt_json_is_modest("[1,2,3,4]", 9, 1, 5));
	ck_assert(flt_json_is_modest("]]]][", 5, 1, 5));
	ck_assert(flt_json_is_modest("[\"\\", 3, 1, 5));
}
END_TEST

/* An accepted file must be consistent: all its data lie inside the given bytes. Reading them lets a sanitizer check
 * the same. */
static void check_bounds(const struct flt_safetensors *file, const uint8_t *bytes, size_t n_bytes)
{
	unsigned sum = 0;
	for (size_t i = 0; i < file->n_tensors; i++) {
		const uint8_t *data = file->tensors[i].data;
		ck_assert(data >= bytes && file->tensors[i].n_bytes <= (size_t)(bytes + n_bytes - data));
		for (size_t j = 0; j < file->tensors[i].n_bytes; j++)
			sum += data[j];
	}
	for (size_t i = 0; i < file->n_metadata; i++)
		sum += (unsigned)(strlen(file->metadata[i].key) + strlen(file->metadata[i].text));
	ck_assert_uint_ne(sum, UINT32_MAX);
}

START_TEST(a_truncated_file_is_refused)
{
	size_t n_bytes;
	uint8_t *bytes = valid_file(&n_bytes);
	for (size_t n = 0; n < n_bytes; n++) {
		uint8_t *cut = malloc(n ? n : 1);
		memcpy(cut, bytes, n);
		check_refused(cut, n, "");
		free(cut);
	}
	flt_free(bytes);
}
END_TEST

START_TEST(a_changed_byte_is_refused_or_gives_a_consistent_file)
{
	static const uint8_t values[] = {0,   ' ', '"', '\\', '0', '9', '[',  ']',
	                                 '{', '}', ',', ':',  '-', 'e', 0x7f, 0xff};
	size_t n_bytes, n_accepted = 0;
	uint8_t *valid = valid_file(&n_bytes), *bytes = malloc(n_bytes);
	for (size_t i = 0; i < n_bytes; i++) {
		for (size_t v = 0; v < 8 + N_OF(values); v++) {
			memcpy(bytes, valid, n_bytes);
			bytes[i] = (uint8_t)(v < 8 ? bytes[i] ^ 1u << v : values[v - 8]);
			struct flt_safetensors file;
			struct flt_error err = {0};
			enum flt_status status = flt_safetensors_parse(bytes, n_bytes, &file, &err);
			ck_assert(status == FLT_OK || (status == FLT_ERR_MODEL && err.text[0] && err.status == status));
			if (status == FLT_OK) {
				check_bounds(&file, bytes, n_bytes);
				flt_safetensors_release(&file);
				n_accepted++;
			}
		}
	}
	ck_assert_uint_gt(n_accepted, 49 * 8); /* any change of the 49 bytes of data is valid */
	free(bytes);
	flt_free(valid);
}
END_TEST

/* ---- memory ---- */

START_TEST(every_failed_allocation_is_reported)
{
	size_t n_bytes;
	uint8_t *bytes = valid_file(&n_bytes);
	enum flt_status status = FLT_ERR_MACHINE;
	unsigned long k = 1;
	for (; status != FLT_OK && k < 1000; k++) {
		uint8_t *again;
		size_t n_again;
		struct flt_safetensors file;
		struct flt_error err = {0};
		flt_alloc_fail_at(k);
		status = flt_safetensors_parse(bytes, n_bytes, &file, &err);
		if (!status) {
			status = flt_safetensors_write(file.tensors, file.n_tensors, file.metadata, file.n_metadata,
			                               &again, &n_again, &err);
			flt_safetensors_release(&file);
		}
		if (!status)
			flt_free(again);
		else
			ck_assert(status == FLT_ERR_MACHINE && strstr(err.text, "out of memory"));
	}
	flt_alloc_fail_at(0);
	ck_assert_uint_gt(k, 5);
	ck_assert_int_eq(status, FLT_OK);
	flt_free(bytes);
}
END_TEST

static size_t json_allocations_left;

static void *allocate_a_few(size_t n)
{
	return json_allocations_left-- == 0 ? NULL : malloc(n);
}

/* After a failed allocation jansson calls the header malformed or drops some of it. The error must name the memory, not
 * the file. */
START_TEST(a_failed_allocation_in_jansson_is_reported)
{
	size_t n_bytes, n = 0;
	uint8_t *bytes = valid_file(&n_bytes);
	struct flt_safetensors file;
	struct flt_error err;
	enum flt_status status;
	json_set_alloc_funcs(allocate_a_few, free);
	do {
		json_allocations_left = n++;
		status = flt_safetensors_parse(bytes, n_bytes, &file, &err);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
		ck_assert(status == FLT_OK || strncmp(err.text, "out of memory: ", 15) == 0);
	} while (status != FLT_OK && n < 10000);
	ck_assert_int_eq(status, FLT_OK);
	ck_assert_uint_gt(n, 20);
	ck_assert_uint_eq(file.n_tensors, N_OF(tensors));
	flt_safetensors_release(&file);
	flt_free(bytes);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("safetensors");
	TCase *tcase = tcase_create("safetensors");
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_file_has_the_exact_bytes_of_the_format);
	tcase_add_test(tcase, a_file_reads_back_as_it_was_written);
	tcase_add_test(tcase, tensors_may_be_described_in_any_order);
	tcase_add_test(tcase, a_file_may_hold_nothing);
	tcase_add_test(tcase, a_header_beyond_the_limit_of_the_format_is_not_written);
	tcase_add_test(tcase, what_cannot_be_read_is_an_error_with_its_reason);
	tcase_add_test(tcase, a_file_is_read_to_its_end_while_it_may_be_a_container);
	tcase_add_test(tcase, a_file_without_a_descriptor_for_it_is_an_error);
	tcase_add_test(tcase, a_file_of_a_format_is_known_by_its_first_metadata);
	tcase_add_loop_test(tcase, malformed_headers_are_refused, 0, (int)N_OF(bad_headers));
	tcase_add_test(tcase, a_wrong_header_length_is_refused);
	tcase_add_test(tcase, deep_or_large_json_is_refused);
	tcase_add_test(tcase, only_brackets_outside_strings_nest);
	tcase_add_test(tcase, a_truncated_file_is_refused);
	tcase_add_test(tcase, a_changed_byte_is_refused_or_gives_a_consistent_file);
	tcase_add_test(tcase, every_failed_allocation_is_reported);
	tcase_add_test(tcase, a_failed_allocation_in_jansson_is_reported);
	suite_add_tcase(suite, tcase);
	return suite;
}
