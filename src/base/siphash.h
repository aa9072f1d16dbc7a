/*
 * SipHash-1-3 (Aumasson and Bernstein), with one round for each word and three at the end: a hash whose values cannot
 * be foretold without the key. Hash tables of foreign texts use it with the key of the process (base/hash_key.h), since
 * whoever knows the hash can write a file whose texts all fall into one place.
 *
 * No result depends on a hash: not on the order of a table's slots, nor on which of two hashes is the lower.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct flt_siphash_key {
	uint64_t low, high; /* the first eight bytes of the published key, and the last, little-endian */
};

struct flt_siphash {
	uint64_t v[4];
};

/* The 128 bits of the long variant; `low` comes first. */
struct flt_siphash_128 {
	uint64_t low, high;
};

static inline uint64_t flt_siphash_rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static inline void flt_siphash_round(struct flt_siphash *state)
{
	uint64_t *v = state->v;
	v[0] += v[1];
	v[2] += v[3];
	v[1] = flt_siphash_rotate(v[1], 13) ^ v[0];
	v[3] = flt_siphash_rotate(v[3], 16) ^ v[2];
	v[0] = flt_siphash_rotate(v[0], 32) + v[3];
	v[2] += v[1];
	v[3] = flt_siphash_rotate(v[3], 21) ^ v[0];
	v[1] = flt_siphash_rotate(v[1], 17) ^ v[2];
	v[2] = flt_siphash_rotate(v[2], 32);
}

static inline struct flt_siphash flt_siphash_begin(const struct flt_siphash_key *key)
{
	return (struct flt_siphash){{key->low ^ 0x736f6d6570736575, key->high ^ 0x646f72616e646f6d,
	                             key->low ^ 0x6c7967656e657261, key->high ^ 0x7465646279746573}};
}

/* For flt_siphash_end_128. */
static inline struct flt_siphash flt_siphash_begin_128(const struct flt_siphash_key *key)
{
	struct flt_siphash state = flt_siphash_begin(key);
	state.v[1] ^= 0xee;
	return state;
}

/* Adds eight bytes, the first of them lowest in word. */
static inline void flt_siphash_add(struct flt_siphash *state, uint64_t word)
{
	state->v[3] ^= word;
	flt_siphash_round(state);
	state->v[0] ^= word;
}

static inline uint64_t flt_siphash_fold(struct flt_siphash *state)
{
	for (int i = 0; i < 3; i++)
		flt_siphash_round(state);
	return state->v[0] ^ state->v[1] ^ state->v[2] ^ state->v[3];
}

/* last: up to seven bytes that are left over, and in the highest byte the length of all, modulo 256. */
static inline uint64_t flt_siphash_end(struct flt_siphash *state, uint64_t last)
{
	flt_siphash_add(state, last);
	state->v[2] ^= 0xff;
	return flt_siphash_fold(state);
}

static inline struct flt_siphash_128 flt_siphash_end_128(struct flt_siphash *state, uint64_t last)
{
	struct flt_siphash_128 hash;
	flt_siphash_add(state, last);
	state->v[2] ^= 0xee;
	hash.low = flt_siphash_fold(state);
	state->v[1] ^= 0xdd;
	hash.high = flt_siphash_fold(state);
	return hash;
}

/* The length % 8 bytes at the end of text, and its length. Loads of fixed sizes are faster than a memcpy of any length.
 */
static inline uint64_t flt_siphash_last(const char *text, size_t length)
{
	size_t n = length % 8;
	uint64_t word = 0, first = 0;
	uint32_t low, high;
	const char *rest = text + (length - n);
	if (n == 0)
		return (uint64_t)length << 56;
	if (length >= 8) {
		memcpy(&word, text + length - 8, 8);
		return word >> (64 - 8 * n) | (uint64_t)length << 56;
	}
	if (n >= 4) {
		memcpy(&low, rest, 4);
		memcpy(&high, rest + n - 4, 4);
		first = (uint64_t)high << (8 * n - 32);
		return low | first | (uint64_t)length << 56;
	}
	word = (unsigned char)rest[0];
	word |= (uint64_t)(unsigned char)rest[n / 2] << (8 * (n / 2));
	word |= (uint64_t)(unsigned char)rest[n - 1] << (8 * (n - 1));
	return word | (uint64_t)length << 56;
}

/* Adds the whole words at the begin of text. */
static inline void flt_siphash_add_words(struct flt_siphash *state, const char *text, size_t length)
{
	for (size_t i = 0; i + 8 <= length; i += 8) {
		uint64_t word;
		memcpy(&word, text + i, 8);
		flt_siphash_add(state, word);
	}
}

static inline uint64_t flt_siphash_text(const struct flt_siphash_key *key, const char *text, size_t length)
{
	struct flt_siphash state = flt_siphash_begin(key);
	flt_siphash_add_words(&state, text, length);
	return flt_siphash_end(&state, flt_siphash_last(text, length));
}

static inline struct flt_siphash_128 flt_siphash_text_128(const struct flt_siphash_key *key, const char *text,
                                                          size_t length)
{
	struct flt_siphash state = flt_siphash_begin_128(key);
	flt_siphash_add_words(&state, text, length);
	return flt_siphash_end_128(&state, flt_siphash_last(text, length));
}

#endif
