/*
 * Promised of the safetensors container, which model files are: any bytes are tensors and texts or refused in a
 * sentence. Tensors lie within the bytes, one after another without a hole, each with exactly the bytes of its shape
 * and type; each is found by its name. Written again and read again they are the same, and the bytes stay the same
 * from then on.
 *
 * Input: the file.
 */
#include "container/safetensors.h"

#include "base/alloc.h"
#include "harness.h"

/* Bytes of one number, in the order of enum flt_dtype. */
static const size_t sizes[FLT_N_DTYPES] = {1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 8, 8, 8};

static void check_cover(const struct flt_safetensors *file, const uint8_t *bytes, size_t n)
{
	const uint8_t *end = NULL;
	for (size_t i = 0; i < file->n_tensors; i++) {
		const struct flt_safetensor *tensor = &file->tensors[i];
		const uint8_t *data = tensor->data;
		size_t n_bytes = sizes[tensor->type];
		PROMISE(tensor->n_dims <= FLT_MAX_DIMS);
		for (size_t d = 0; d < tensor->n_dims; d++)
			n_bytes *= tensor->shape[d];
		PROMISE(n_bytes == tensor->n_bytes);
		PROMISE(data >= bytes + 8 && data <= bytes + n && n_bytes <= (size_t)(bytes + n - data));
		PROMISE(!end || data == end);
		end = data + n_bytes;
		PROMISE(flt_safetensors_find(file, tensor->name) == tensor);
	}
	PROMISE(!end || end == bytes + n);
	PROMISE(!flt_safetensors_find(file, "no tensor of this name"));
}

static void check_same(const struct flt_safetensors *a, const struct flt_safetensors *b)
{
	PROMISE(a->n_tensors == b->n_tensors && a->n_metadata == b->n_metadata);
	for (size_t i = 0; i < a->n_metadata; i++) {
		const char *text = flt_safetensors_text(b, a->metadata[i].key);
		PROMISE(text && strcmp(text, a->metadata[i].text) == 0);
	}
	for (size_t i = 0; i < a->n_tensors; i++) {
		const struct flt_safetensor *left = &a->tensors[i], *right = flt_safetensors_find(b, left->name);
		PROMISE(right && left->type == right->type && left->n_dims == right->n_dims);
		PROMISE(memcmp(left->shape, right->shape, left->n_dims * sizeof *left->shape) == 0);
		PROMISE(left->n_bytes == right->n_bytes && memcmp(left->data, right->data, left->n_bytes) == 0);
	}
}

static uint8_t *write_again(const struct flt_safetensors *file, size_t *n)
{
	uint8_t *bytes;
	struct flt_error err;
	PROMISE(flt_safetensors_write(file->tensors, file->n_tensors, file->metadata, file->n_metadata, &bytes, n,
	                              &err) == FLT_OK);
	return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct flt_safetensors file, again;
	struct flt_error err;
	enum flt_status status = flt_safetensors_parse(bytes, n, &file, &err);
	if (status) {
		promise_sentence(status, &err);
		PROMISE(status == FLT_ERR_MODEL && !file.tensors && !file.json);
		return 0;
	}
	check_cover(&file, bytes, n);
	size_t n_written, n_last;
	uint8_t *written = write_again(&file, &n_written);
	PROMISE(flt_safetensors_parse(written, n_written, &again, &err) == FLT_OK);
	check_same(&file, &again);
	uint8_t *last = write_again(&again, &n_last);
	PROMISE(n_last == n_written && memcmp(last, written, n_last) == 0);
	flt_safetensors_release(&again);
	flt_safetensors_release(&file);
	flt_free(written);
	flt_free(last);
	return 0;
}
