/*
 * For harnesses whose input is a safetensors file: libFuzzer alone hardly ever keeps the length in front of the header
 * true, nor the quotes within quotes of the metadata. Of eight inputs one is changed as bytes, two within the header
 * with the length put right, five within a text of the metadata or the data of a tensor, all else as it was.
 */
#include "base/alloc.h"
#include "container/safetensors.h"
#include "harness.h"

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t capacity);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t capacity, unsigned int seed);

enum { LENGTH_BYTES = 8 };

static size_t mutate_header(uint8_t *bytes, size_t n, size_t capacity)
{
	uint64_t length;
	memcpy(&length, bytes, sizeof length);
	size_t n_data = n - LENGTH_BYTES - (size_t)length, room = capacity - LENGTH_BYTES - n_data;
	uint8_t *data = malloc(n_data + 1);
	PROMISE(data);
	memcpy(data, bytes + LENGTH_BYTES + length, n_data);
	length = LLVMFuzzerMutate(bytes + LENGTH_BYTES, (size_t)length, room);
	memcpy(bytes, &length, sizeof length);
	memcpy(bytes + LENGTH_BYTES + length, data, n_data);
	free(data);
	return LENGTH_BYTES + (size_t)length + n_data;
}

/* The file with another text in its metadata, if that fits; 0 if not. */
static size_t mutate_text(const struct flt_safetensors *file, size_t which, uint8_t *bytes, size_t capacity)
{
	struct flt_metadata *metadata = &file->metadata[which];
	size_t length = strlen(metadata->text), room = length + 64, n = 0;
	char *text = calloc(room + 1, 1);
	uint8_t *written;
	PROMISE(text);
	memcpy(text, metadata->text, length);
	text[LLVMFuzzerMutate((uint8_t *)text, length, room)] = '\0';
	metadata->text = text;
	if (flt_safetensors_write(file->tensors, file->n_tensors, file->metadata, file->n_metadata, &written, &n,
	                          NULL) == FLT_OK) {
		n = n <= capacity ? n : 0;
		memcpy(bytes, written, n);
		flt_free(written);
	}
	free(text);
	return n;
}

static size_t mutate_data(const struct flt_safetensor *tensor, uint8_t *bytes, size_t n)
{
	uint8_t *data = bytes + ((const uint8_t *)tensor->data - bytes), *copy = calloc(tensor->n_bytes + 1, 1);
	PROMISE(copy);
	memcpy(copy, data, tensor->n_bytes);
	LLVMFuzzerMutate(copy, tensor->n_bytes, tensor->n_bytes);
	memcpy(data, copy, tensor->n_bytes);
	free(copy);
	return n;
}

static size_t mutate_part(const struct flt_safetensors *file, uint8_t *bytes, size_t n, size_t capacity,
                          unsigned choice)
{
	size_t n_parts = file->n_metadata + (file->n_tensors > 0), part = n_parts ? choice % n_parts : 0;
	if (part < file->n_metadata)
		return mutate_text(file, part, bytes, capacity);
	const struct flt_safetensor *tensor = file->n_tensors ? &file->tensors[choice / 16 % file->n_tensors] : NULL;
	return tensor && tensor->n_bytes ? mutate_data(tensor, bytes, n) : 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t capacity, unsigned int seed)
{
	struct flt_safetensors file;
	unsigned choice = seed / 8;
	size_t n_after = 0;
	if (seed % 8 > 0 && flt_safetensors_parse(bytes, n, &file, NULL) == FLT_OK) {
		if (seed % 8 < 3)
			n_after = mutate_header(bytes, n, capacity);
		else
			n_after = mutate_part(&file, bytes, n, capacity, choice);
		flt_safetensors_release(&file);
	}
	return n_after ? n_after : LLVMFuzzerMutate(bytes, n, capacity);
}
