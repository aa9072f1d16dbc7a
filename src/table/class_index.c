#include "table/class_index.h"

#include <string.h>

#include "base/alloc.h"
#include "table/class_text.h"

static void release(struct flt_class_keys *of)
{
	flt_dictionary_release(&of->keys);
	flt_free(of->first);
}

void flt_class_index_release(struct flt_class_index *index)
{
	release(&index->exact);
	release(&index->loose);
	flt_dictionary_release(&index->texts);
	flt_dictionary_release(&index->letters);
	flt_free(index->first_of_letters);
	flt_text_buffer_release(&index->text);
	*index = (struct flt_class_index){0};
}

/* Notes that the class has the key in index->text. */
static enum flt_status note(struct flt_class_index *index, struct flt_class_keys *of, struct flt_error *err)
{
	int32_t code;
	size_t n = of->keys.n;
	FLT_TRY(flt_dictionary_add(&of->keys, index->text.bytes, index->text.length, &code, err));
	FLT_TRY(flt_grow((void **)&of->first, &of->capacity, of->keys.n, sizeof *of->first, err));
	if (of->keys.n > n)
		of->first[code] = index->n;
	return FLT_OK;
}

static enum flt_status note_letters(struct flt_class_index *index, const char *class, struct flt_error *err)
{
	unsigned writing;
	int32_t code;
	size_t n = index->letters.n;
	FLT_TRY(flt_encoding_letters(class, &index->text, &writing, err));
	FLT_TRY(flt_dictionary_add(&index->letters, index->text.bytes, index->text.length, &code, err));
	FLT_TRY(flt_grow((void **)&index->first_of_letters, &index->letters_capacity, index->letters.n,
	                 sizeof *index->first_of_letters, err));
	size_t *first = index->first_of_letters[code];
	for (size_t i = 0; index->letters.n > n && i < FLT_N_WRITINGS; i++)
		first[i] = SIZE_MAX;
	if (first[writing] == SIZE_MAX)
		first[writing] = index->n;
	return FLT_OK;
}

enum flt_status flt_class_index_add(struct flt_class_index *index, const char *class, struct flt_error *err)
{
	size_t length = strlen(class);
	int32_t code;
	FLT_TRY(flt_dictionary_add(&index->texts, class, length, &code, err));
	FLT_TRY(flt_class_key(class, length, index->decimal, &index->text, err));
	FLT_TRY(note(index, &index->exact, err));
	FLT_TRY(flt_class_loose_key(class, length, index->decimal, &index->text, err));
	FLT_TRY(note(index, &index->loose, err));
	FLT_TRY(note_letters(index, class, err));
	index->n++;
	return FLT_OK;
}

bool flt_class_index_lists(const struct flt_class_index *index, const char *text)
{
	return flt_dictionary_find(&index->texts, text, strlen(text)) >= 0;
}

/* The first class that has the key in index->text. */
static size_t first_of(const struct flt_class_index *index, const struct flt_class_keys *of)
{
	int32_t code = flt_dictionary_find(&of->keys, index->text.bytes, index->text.length);
	return code < 0 ? SIZE_MAX : of->first[code];
}

enum flt_status flt_class_index_find(struct flt_class_index *index, const char *text, size_t *same, size_t *alike,
                                     struct flt_error *err)
{
	size_t length = strlen(text);
	unsigned writing;
	FLT_TRY(flt_class_key(text, length, index->decimal, &index->text, err));
	*same = first_of(index, &index->exact);
	FLT_TRY(flt_class_loose_key(text, length, index->decimal, &index->text, err));
	*alike = first_of(index, &index->loose);
	FLT_TRY(flt_encoding_letters(text, &index->text, &writing, err));
	int32_t code = flt_dictionary_find(&index->letters, index->text.bytes, index->text.length);
	for (unsigned i = 0; code >= 0 && i < FLT_N_WRITINGS; i++)
		if (i != writing && index->first_of_letters[code][i] < *alike)
			*alike = index->first_of_letters[code][i];
	return FLT_OK;
}
