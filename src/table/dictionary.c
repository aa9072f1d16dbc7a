#include "table/dictionary.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"

enum { FIRST_SLOTS = 16 };

static uint64_t mix(uint64_t hash, uint64_t word)
{
	unsigned __int128 product = (unsigned __int128)(hash ^ word) * 0xD6E8FEB86659FD93;
	return (uint64_t)product ^ (uint64_t)(product >> 64) ^ 0x2545F4914F6CDD1D;
}

/* At most 8 bytes as one word. Loads of fixed sizes are faster than a memcpy of any length. */
static uint64_t load_short(const char *text, size_t length)
{
	uint32_t first = 0, last = 0;
	if (length >= 4) {
		memcpy(&first, text, 4);
		memcpy(&last, text + length - 4, 4);
	} else if (length > 0) {
		first = (uint32_t)(unsigned char)text[0] << 8 | (unsigned char)text[length / 2];
		last = (unsigned char)text[length - 1];
	}
	return (uint64_t)first << 32 | last;
}

/* Mixes in 8 bytes at a time by a multiplication whose halves are folded. The last 8 may overlap those before. */
static uint64_t hash_text(const char *text, size_t length)
{
	uint64_t hash = 0x9E3779B97F4A7C15 ^ length, last = 0;
	for (size_t i = 0; i + 8 < length; i += 8) {
		uint64_t word;
		memcpy(&word, text + i, 8);
		hash = mix(hash, word);
	}
	if (length > 8)
		memcpy(&last, text + length - 8, 8);
	else
		last = load_short(text, length);
	hash = mix(hash, last);
	return hash ^ hash >> 32;
}

void flt_dictionary_release(struct flt_dictionary *dictionary)
{
	flt_free(dictionary->texts);
	flt_free(dictionary->levels);
	flt_free(dictionary->slots);
	*dictionary = (struct flt_dictionary){0};
}

void flt_dictionary_clear(struct flt_dictionary *dictionary)
{
	dictionary->n = dictionary->n_bytes = 0;
	if (dictionary->n_slots > 0)
		memset(dictionary->slots, 0, dictionary->n_slots * sizeof *dictionary->slots);
}

/* The slot of text, or the free slot where it belongs. At least half of the slots are free, so the search ends. */
static size_t slot_of(const struct flt_dictionary *dictionary, const char *text, size_t length, uint64_t hash)
{
	size_t mask = dictionary->n_slots - 1;
	for (size_t slot = hash & mask;; slot = (slot + 1) & mask) {
		if (dictionary->slots[slot] == 0)
			return slot;
		const struct flt_level *level = &dictionary->levels[dictionary->slots[slot] - 1];
		if (level->hash == hash && level->length == length &&
		    memcmp(dictionary->texts + level->offset, text, length) == 0)
			return slot;
	}
}

static enum flt_status make_slots(struct flt_dictionary *dictionary, struct flt_error *err)
{
	if (dictionary->n + 1 <= dictionary->n_slots / 2)
		return FLT_OK;
	size_t n_slots = dictionary->n_slots ? 2 * dictionary->n_slots : FIRST_SLOTS;
	uint32_t *slots = flt_alloc_zero(n_slots, sizeof *slots, err);
	FLT_TRY_MEMORY(slots);
	for (size_t i = 0; i < dictionary->n; i++) {
		size_t slot = dictionary->levels[i].hash & (n_slots - 1);
		while (slots[slot] != 0)
			slot = (slot + 1) & (n_slots - 1);
		slots[slot] = (uint32_t)(i + 1);
	}
	flt_free(dictionary->slots);
	dictionary->slots = slots;
	dictionary->n_slots = n_slots;
	return FLT_OK;
}

static enum flt_status append(struct flt_dictionary *dictionary, const char *text, size_t length, uint64_t hash,
                              struct flt_error *err)
{
	if (dictionary->n == INT32_MAX)
		return flt_fail_memory(err, dictionary->n_bytes);
	FLT_TRY(flt_grow((void **)&dictionary->texts, &dictionary->byte_capacity, dictionary->n_bytes + length + 1, 1,
	                 err));
	FLT_TRY(flt_grow((void **)&dictionary->levels, &dictionary->level_capacity, dictionary->n + 1,
	                 sizeof *dictionary->levels, err));
	memcpy(dictionary->texts + dictionary->n_bytes, text, length);
	dictionary->texts[dictionary->n_bytes + length] = '\0';
	dictionary->levels[dictionary->n++] = (struct flt_level){dictionary->n_bytes, length, hash};
	dictionary->n_bytes += length + 1;
	return FLT_OK;
}

static enum flt_status add_hashed(struct flt_dictionary *dictionary, const char *text, size_t length, uint64_t hash,
                                  int32_t *code, struct flt_error *err)
{
	FLT_TRY(make_slots(dictionary, err));
	size_t slot = slot_of(dictionary, text, length, hash);
	if (dictionary->slots[slot] == 0) {
		FLT_TRY(append(dictionary, text, length, hash, err));
		dictionary->slots[slot] = (uint32_t)dictionary->n;
	}
	*code = (int32_t)(dictionary->slots[slot] - 1);
	return FLT_OK;
}

enum flt_status flt_dictionary_add(struct flt_dictionary *dictionary, const char *text, size_t length, int32_t *code,
                                   struct flt_error *err)
{
	return add_hashed(dictionary, text, length, hash_text(text, length), code, err);
}

enum flt_status flt_dictionary_merge(struct flt_dictionary *dictionary, const struct flt_dictionary *from,
                                     int32_t *code_of, struct flt_error *err)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct flt_level *level = &from->levels[i];
		FLT_TRY(add_hashed(dictionary, from->texts + level->offset, level->length, level->hash, &code_of[i],
		                   err));
	}
	return FLT_OK;
}

int32_t flt_dictionary_find(const struct flt_dictionary *dictionary, const char *text, size_t length)
{
	if (dictionary->n_slots == 0)
		return -1;
	return (int32_t)dictionary->slots[slot_of(dictionary, text, length, hash_text(text, length))] - 1;
}

const char *flt_dictionary_text(const struct flt_dictionary *dictionary, size_t code)
{
	assert(code < dictionary->n);
	return dictionary->texts + dictionary->levels[code].offset;
}
