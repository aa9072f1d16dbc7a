/*
 * A dictionary: the distinct texts of a column, numbered from 0 in order of first appearance. Its slots follow hashes
 * under the key of the process (base/hash_key.h), so no file can be written whose texts crowd.
 */
#ifndef TABLE_DICTIONARY_H
#define TABLE_DICTIONARY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct flt_dictionary {
	char *texts; /* all of them, each followed by a NUL */
	size_t n_bytes, byte_capacity;
	struct flt_level {
		size_t offset;
		uint32_t length, hash;
	} * levels; /* (n) */
	size_t n, level_capacity;
	/* (n_slots, a power of two) number + 1, 0 = free, and above it the hash, so that a slot of another text is
	 * passed without a look at that; open addressing, in the order of the hashes, so that more slots are filled
	 * from the first to the last. Behind them, recent ones */
	uint64_t *slots;
	size_t n_slots;
};

/* Zeroed memory is an empty dictionary. */
void flt_dictionary_release(struct flt_dictionary *dictionary);
void flt_dictionary_clear(struct flt_dictionary *dictionary); /* empty again, memory kept */

/* The number of text, which is added if it is new. */
enum flt_status flt_dictionary_add(struct flt_dictionary *dictionary, const char *text, size_t length, int32_t *code,
                                   struct flt_error *err);

/* Adds text without a look at whether it is there: where nearly all texts are different, that is what costs. Such a
 * dictionary is a list, in which texts may be equal: nothing may be found in it or added as above, but it can be merged
 * and cleared. */
enum flt_status flt_dictionary_list(struct flt_dictionary *dictionary, const char *text, size_t length, int32_t *code,
                                    struct flt_error *err);

/* Adds the texts of another dictionary, or list, in its order, and gives their numbers, code_of (from->n). */
enum flt_status flt_dictionary_merge(struct flt_dictionary *dictionary, const struct flt_dictionary *from,
                                     int32_t *code_of, struct flt_error *err);

/* Makes an empty dictionary the list of texts that stand one behind the other, each with its NUL, in n_bytes; what is
 * behind the last NUL is dropped. */
enum flt_status flt_dictionary_fill(struct flt_dictionary *dictionary, const char *texts, size_t n_bytes,
                                    struct flt_error *err);

int32_t flt_dictionary_find(const struct flt_dictionary *dictionary, const char *text, size_t length); /* -1: none */
const char *flt_dictionary_text(const struct flt_dictionary *dictionary,
                                size_t code); /* valid until the next is added */

#endif
