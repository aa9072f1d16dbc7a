#include "table/class_index.h"

#include <string.h>

#include "base/alloc.h"
#include "table/class_text.h"

void flt_class_index_release(struct flt_class_index *index)
{
	flt_dictionary_release(&index->texts);
	flt_dictionary_release(&index->keys);
	flt_dictionary_release(&index->loose);
	flt_dictionary_release(&index->letters);
	flt_free(index->first_of_key);
	flt_free(index->first_of_loose);
	flt_free(index->first_of_letters);
	flt_text_buffer_release(&index->text);
	*index = (struct flt_class_index){0};
}

/* Notes that the class has the key in index->text. */
static enum flt_status note(struct flt_class_index *index, struct flt_dictionary *keys, size_t **first,
                            size_t *capacity, struct flt_error *err)
{
	int32_t code;
	size_t n = keys->n;
	FLT_TRY(flt_dictionary_add(keys, index->text.bytes, index->text.length, &code, err));
	FLT_TRY(flt_grow((void **)first, capacity, keys->n, sizeof **first, err));
	if (keys->n > n)
		(*first)[code] = index->n;
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
	FLT_TRY(note(index, &index->keys, &index->first_of_key, &index->key_capacity, err));
	FLT_TRY(flt_class_loose_key(class, length, index->decimal, &index->text, err));
	FLT_TRY(note(index, &index->loose, &index->first_of_loose, &index->loose_capacity, err));
	FLT_TRY(note_letters(index, class, err));
	index->n++;
	return FLT_OK;
}

bool flt_class_index_lists(const struct flt_class_index *index, const char *text)
{
	return flt_dictionary_find(&index->texts, text, strlen(text)) >= 0;
}

static size_t first_of(const struct flt_class_index *index, const struct flt_dictionary *keys, const size_t *first)
{
	int32_t code = flt_dictionary_find(keys, index->text.bytes, index->text.length);
	return code < 0 ? SIZE_MAX : first[code];
}

enum flt_status flt_class_index_find(struct flt_class_index *index, const char *text, size_t *same, size_t *alike,
                                     struct flt_error *err)
{
	size_t length = strlen(text);
	unsigned writing;
	FLT_TRY(flt_class_key(text, length, index->decimal, &index->text, err));
	*same = first_of(index, &index->keys, index->first_of_key);
	FLT_TRY(flt_class_loose_key(text, length, index->decimal, &index->text, err));
	*alike = first_of(index, &index->loose, index->first_of_loose);
	FLT_TRY(flt_encoding_letters(text, &index->text, &writing, err));
	int32_t code = flt_dictionary_find(&index->letters, index->text.bytes, index->text.length);
	for (unsigned i = 0; code >= 0 && i < FLT_N_WRITINGS; i++)
		if (i != writing && index->first_of_letters[code][i] < *alike)
			*alike = index->first_of_letters[code][i];
	return FLT_OK;
}
