#include "table/dictionary.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash_key.h"

enum { FIRST_SLOTS = 16, N_RECENT = 128, FEW = 64 };

static uint32_t hash_text(const char *text, size_t length)
{
	return (uint32_t)flt_siphash_text(flt_hash_key(), text, length);
}

/* Where the search for a text begins. */
static size_t first_slot(uint32_t hash, size_t n_slots)
{
	return hash * (uint64_t)n_slots >> 32;
}

/* Where a text of a dictionary of few is remembered: most columns hold such texts again and again, and are spared the
 * hash. Who writes texts that drive each other out of here gains no more than that the hash is needed. */
static size_t recent_place(const char *text, size_t length)
{
	uint32_t first = 0, last = 0;
	if (length >= 4) {
		memcpy(&first, text, 4);
		memcpy(&last, text + length - 4, 4);
	} else if (length > 0) {
		first = (unsigned char)text[0] | (uint32_t)(unsigned char)text[length / 2] << 8;
		last = (unsigned char)text[length - 1];
	}
	return (first * 0x9E3779B1U + last * 0x85EBCA77U) >> 25;
}

static uint64_t *recent_of(const struct flt_dictionary *dictionary, const char *text, size_t length)
{
	static_assert(N_RECENT == 1 << (32 - 25), "a place for each value of the highest bits");
	return dictionary->slots + dictionary->n_slots + recent_place(text, length);
}

static uint64_t slot_for(size_t number, uint32_t hash)
{
	return number | (uint64_t)hash << 32;
}

static uint32_t hash_in(uint64_t slot)
{
	return (uint32_t)(slot >> 32);
}

static size_t number_in(uint64_t slot)
{
	return slot & UINT32_MAX;
}

static bool is_level(const struct flt_dictionary *dictionary, size_t number, const char *text, size_t length)
{
	const struct flt_level *level = &dictionary->levels[number - 1];
	return level->length == length && memcmp(dictionary->texts + level->offset, text, length) == 0;
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
		memset(dictionary->slots, 0, (dictionary->n_slots + N_RECENT) * sizeof *dictionary->slots);
}

/* The slot of text, or the free slot where it belongs. At least half of the slots are free, so the search ends. */
static size_t slot_of(const struct flt_dictionary *dictionary, const char *text, size_t length, uint32_t hash)
{
	size_t mask = dictionary->n_slots - 1;
	for (size_t slot = first_slot(hash, dictionary->n_slots);; slot = (slot + 1) & mask) {
		uint64_t found = dictionary->slots[slot];
		if (found == 0 || (hash_in(found) == hash && is_level(dictionary, number_in(found), text, length)))
			return slot;
	}
}

static size_t free_slot(const uint64_t *slots, size_t n_slots, uint32_t hash)
{
	size_t slot = first_slot(hash, n_slots);
	while (slots[slot] != 0)
		slot = (slot + 1) & (n_slots - 1);
	return slot;
}

static enum flt_status make_slots(struct flt_dictionary *dictionary, struct flt_error *err)
{
	if (dictionary->n + 1 <= dictionary->n_slots / 2)
		return FLT_OK;
	size_t n_slots = dictionary->n_slots ? 2 * dictionary->n_slots : FIRST_SLOTS;
	uint64_t *slots = flt_alloc(n_slots + N_RECENT, sizeof *slots, err);
	FLT_TRY_MEMORY(slots);
	/* Zeroed memory costs two page faults where it is read before it is written, as here. */
	memset(slots, 0, (n_slots + N_RECENT) * sizeof *slots);
	for (size_t i = 0; i < dictionary->n_slots; i++)
		if (dictionary->slots[i] != 0)
			slots[free_slot(slots, n_slots, hash_in(dictionary->slots[i]))] = dictionary->slots[i];
	flt_free(dictionary->slots);
	dictionary->slots = slots;
	dictionary->n_slots = n_slots;
	return FLT_OK;
}

static enum flt_status append(struct flt_dictionary *dictionary, const char *text, size_t length, uint32_t hash,
                              struct flt_error *err)
{
	if (dictionary->n == INT32_MAX || length > UINT32_MAX)
		return flt_fail_memory(err, dictionary->n_bytes);
	FLT_TRY(flt_grow((void **)&dictionary->texts, &dictionary->byte_capacity, dictionary->n_bytes + length + 1, 1,
	                 err));
	FLT_TRY(flt_grow((void **)&dictionary->levels, &dictionary->level_capacity, dictionary->n + 1,
	                 sizeof *dictionary->levels, err));
	memcpy(dictionary->texts + dictionary->n_bytes, text, length);
	dictionary->texts[dictionary->n_bytes + length] = '\0';
	dictionary->levels[dictionary->n++] = (struct flt_level){dictionary->n_bytes, (uint32_t)length, hash};
	dictionary->n_bytes += length + 1;
	return FLT_OK;
}

static enum flt_status add_hashed(struct flt_dictionary *dictionary, const char *text, size_t length, uint32_t hash,
                                  int32_t *code, struct flt_error *err)
{
	FLT_TRY(make_slots(dictionary, err));
	size_t slot = slot_of(dictionary, text, length, hash);
	if (dictionary->slots[slot] == 0) {
		FLT_TRY(append(dictionary, text, length, hash, err));
		dictionary->slots[slot] = slot_for(dictionary->n, hash);
	}
	*code = (int32_t)(number_in(dictionary->slots[slot]) - 1);
	return FLT_OK;
}

enum flt_status flt_dictionary_list(struct flt_dictionary *dictionary, const char *text, size_t length, int32_t *code,
                                    struct flt_error *err)
{
	FLT_TRY(append(dictionary, text, length, hash_text(text, length), err));
	*code = (int32_t)(dictionary->n - 1);
	return FLT_OK;
}

enum flt_status flt_dictionary_add(struct flt_dictionary *dictionary, const char *text, size_t length, int32_t *code,
                                   struct flt_error *err)
{
	if (dictionary->n > FEW)
		return add_hashed(dictionary, text, length, hash_text(text, length), code, err);
	uint64_t number = dictionary->n > 0 ? *recent_of(dictionary, text, length) : 0;
	if (number > 0 && is_level(dictionary, number, text, length)) {
		*code = (int32_t)(number - 1);
		return FLT_OK;
	}
	FLT_TRY(add_hashed(dictionary, text, length, hash_text(text, length), code, err));
	*recent_of(dictionary, text, length) = (uint64_t)*code + 1;
	return FLT_OK;
}

/* Texts whose slots are fetched while others are looked up: those of a large dictionary are in no cache. */
enum { AHEAD = 8 };

enum flt_status flt_dictionary_merge(struct flt_dictionary *dictionary, const struct flt_dictionary *from,
                                     int32_t *code_of, struct flt_error *err)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct flt_level *level = &from->levels[i];
		if (i + AHEAD < from->n && dictionary->n_slots > 0)
			__builtin_prefetch(
			        &dictionary->slots[first_slot(from->levels[i + AHEAD].hash, dictionary->n_slots)]);
		FLT_TRY(add_hashed(dictionary, from->texts + level->offset, level->length, level->hash, &code_of[i],
		                   err));
	}
	return FLT_OK;
}

enum flt_status flt_dictionary_fill(struct flt_dictionary *dictionary, const char *texts, size_t n_bytes,
                                    struct flt_error *err)
{
	assert(dictionary->n == 0);
	const char *end = texts + n_bytes;
	for (const char *nul; texts < end && (nul = memchr(texts, '\0', (size_t)(end - texts))); texts = nul + 1) {
		size_t length = (size_t)(nul - texts);
		FLT_TRY(append(dictionary, texts, length, hash_text(texts, length), err));
	}
	return FLT_OK;
}

int32_t flt_dictionary_find(const struct flt_dictionary *dictionary, const char *text, size_t length)
{
	if (dictionary->n_slots == 0)
		return -1;
	return (int32_t)number_in(dictionary->slots[slot_of(dictionary, text, length, hash_text(text, length))]) - 1;
}

const char *flt_dictionary_text(const struct flt_dictionary *dictionary, size_t code)
{
	assert(code < dictionary->n);
	return dictionary->texts + dictionary->levels[code].offset;
}
