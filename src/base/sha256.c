/*
 * The plain form follows the standard. Where the processor has instructions for it, they do the same about five times
 * as fast: a data file is digested while it is read, which must not slow down reading.
 */
#include "base/sha256.h"

#include <stdbool.h>
#include <string.h>

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#endif

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t round_constant[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static uint32_t big_endian(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void digest_block(uint32_t state[8], const uint8_t block[64])
{
	uint32_t w[64];
	for (size_t t = 0; t < 16; t++)
		w[t] = big_endian(block + 4 * t);
	for (size_t t = 16; t < 64; t++) {
		uint32_t s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3;
		uint32_t s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10;
		w[t] = s1 + w[t - 7] + s0 + w[t - 16];
	}
	uint32_t v[8]; /* a ... h */
	memcpy(v, state, sizeof v);
	for (size_t t = 0; t < 64; t++) {
		uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
		uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
		uint32_t t1 = v[7] + s1 + choice + round_constant[t] + w[t];
		uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
		uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
		memmove(v + 1, v, 7 * sizeof *v);
		v[4] += t1;
		v[0] = t1 + s0 + majority;
	}
	for (size_t i = 0; i < 8; i++)
		state[i] += v[i];
}

static void digest_plain(uint32_t state[8], const uint8_t *blocks, size_t n_blocks)
{
	for (size_t i = 0; i < n_blocks; i++)
		digest_block(state, blocks + 64 * i);
}

#ifdef __x86_64__

/* The schedule must become registers, so the loops over it have to vanish. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* Four rounds at a time with the processor's own instructions, which keep the state as (a b e f) and (c d g h); w holds
 * the last 16 words of the schedule, four in each of its elements. */
__attribute__((target("sha,sse4.1"))) static void digest_fast(uint32_t state[8], const uint8_t *blocks, size_t n_blocks)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bULL, 0x0405060700010203ULL);
	__m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
	__m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
	__m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xf0);
	for (; n_blocks > 0; n_blocks--, blocks += 64) {
		__m128i w[4], abef_before = abef, cdgh_before = cdgh;
		UNROLL
		for (size_t i = 0; i < 4; i++)
			w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(blocks + 16 * i)), swap);
		UNROLL
		for (size_t t = 0; t < 16; t++) {
			__m128i four = w[t % 4];
			__m128i sum = _mm_add_epi32(four, _mm_loadu_si128((const __m128i *)(round_constant + 4 * t)));
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
			if (t >= 12) /* the schedule is complete */
				continue;
			__m128i back7 = _mm_alignr_epi8(w[(t + 3) % 4], w[(t + 2) % 4], 4);
			four = _mm_add_epi32(_mm_sha256msg1_epu32(four, w[(t + 1) % 4]), back7);
			w[t % 4] = _mm_sha256msg2_epu32(four, w[(t + 3) % 4]);
		}
		abef = _mm_add_epi32(abef, abef_before);
		cdgh = _mm_add_epi32(cdgh, cdgh_before);
	}
	low = _mm_shuffle_epi32(abef, 0x1b);
	high = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)state, _mm_blend_epi16(low, high, 0xf0));
	_mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

static bool has_instructions(void)
{
	unsigned a, b = 0, c, d;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) && __builtin_cpu_supports("sse4.1");
}

#endif

void flt_sha256_init_plain(struct flt_sha256 *hash)
{
	static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	                                  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	memcpy(hash->state, start, sizeof start);
	hash->n_bytes = 0;
	hash->digest = digest_plain;
}

void flt_sha256_init(struct flt_sha256 *hash)
{
	flt_sha256_init_plain(hash);
#ifdef __x86_64__
	if (has_instructions())
		hash->digest = digest_fast;
#endif
}

void flt_sha256_add(struct flt_sha256 *hash, const void *bytes, size_t n_bytes)
{
	const uint8_t *at = bytes;
	while (n_bytes > 0) {
		size_t used = hash->n_bytes % 64;
		size_t n = 64 - used < n_bytes ? 64 - used : n_bytes;
		if (n == 64) {
			n = n_bytes / 64 * 64;
			hash->digest(hash->state, at, n / 64);
		} else {
			memcpy(hash->block + used, at, n);
			if (used + n == 64)
				hash->digest(hash->state, hash->block, 1);
		}
		hash->n_bytes += n;
		at += n;
		n_bytes -= n;
	}
}

void flt_sha256_end(struct flt_sha256 *hash, char text[FLT_SHA256_TEXT])
{
	uint64_t n_bits = hash->n_bytes * 8;
	uint8_t padding[72] = {0x80};
	size_t n_zeros = (119 - hash->n_bytes % 64) % 64; /* so that 0x80, zeros and the length fill a block */
	for (size_t i = 0; i < 8; i++)
		padding[1 + n_zeros + i] = (uint8_t)(n_bits >> (56 - 8 * i));
	flt_sha256_add(hash, padding, 1 + n_zeros + 8);
	for (size_t i = 0; i < 32; i++) {
		static const char digit[] = "0123456789abcdef";
		uint32_t byte = hash->state[i / 4] >> (24 - 8 * (i % 4)) & 0xff;
		text[2 * i] = digit[byte >> 4];
		text[2 * i + 1] = digit[byte & 15];
	}
	text[64] = '\0';
}
