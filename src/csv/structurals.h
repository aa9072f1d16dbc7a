/*
 * Finds the structural characters of CSV (delimiter, quote, CR, LF) and NUL in 64 bytes at a time, one bit per byte.
 * The vector versions need SSE2, which every x86-64 has; the plain versions serve other machines and the tests.
 */
#ifndef CSV_STRUCTURALS_H
#define CSV_STRUCTURALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { FLT_STRUCTURALS_SIZE = 64 };

/* Bit i is set if bytes[i] is structural. */
static inline uint64_t flt_structurals_plain(const unsigned char bytes[FLT_STRUCTURALS_SIZE], unsigned char delimiter)
{
	uint64_t bits = 0;
	for (unsigned i = 0; i < FLT_STRUCTURALS_SIZE; i++) {
		unsigned char c = bytes[i];
		bool is_structural = c == delimiter || c == '"' || c == '\n' || c == '\r' || c == '\0';
		bits |= (uint64_t)is_structural << i;
	}
	return bits;
}

/* Whether bytes (n) contain an odd number of quotes. */
static inline bool flt_odd_quotes_plain(const unsigned char *bytes, size_t n)
{
	bool is_odd = false;
	for (size_t i = 0; i < n; i++)
		is_odd ^= bytes[i] == '"';
	return is_odd;
}

#ifdef __SSE2__

static inline uint64_t flt_structurals_16(const unsigned char *bytes, __m128i delimiter)
{
	__m128i chunk = _mm_loadu_si128((const __m128i *)bytes);
	__m128i ends =
	        _mm_or_si128(_mm_cmpeq_epi8(chunk, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(chunk, _mm_set1_epi8('\r')));
	__m128i others =
	        _mm_or_si128(_mm_cmpeq_epi8(chunk, _mm_set1_epi8('"')), _mm_cmpeq_epi8(chunk, _mm_setzero_si128()));
	__m128i all = _mm_or_si128(_mm_or_si128(ends, others), _mm_cmpeq_epi8(chunk, delimiter));
	return (uint64_t)(unsigned)_mm_movemask_epi8(all);
}

static inline uint64_t flt_structurals(const unsigned char bytes[FLT_STRUCTURALS_SIZE], unsigned char delimiter)
{
	/* gcc 12 would take a single byte through memory, and wait for it. */
	__m128i wanted = _mm_set1_epi32((int)(delimiter * 0x01010101u));
	return flt_structurals_16(bytes, wanted) | flt_structurals_16(bytes + 16, wanted) << 16 |
	       flt_structurals_16(bytes + 32, wanted) << 32 | flt_structurals_16(bytes + 48, wanted) << 48;
}

static inline bool flt_odd_quotes(const unsigned char *bytes, size_t n)
{
	__m128i quote = _mm_set1_epi8('"'), odd = _mm_setzero_si128();
	size_t i = 0;
	for (; i + 16 <= n; i += 16)
		odd = _mm_xor_si128(odd, _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(bytes + i)), quote));
	bool is_odd = __builtin_parity((unsigned)_mm_movemask_epi8(odd));
	return is_odd ^ flt_odd_quotes_plain(bytes + i, n - i);
}

#else

static inline uint64_t flt_structurals(const unsigned char bytes[FLT_STRUCTURALS_SIZE], unsigned char delimiter)
{
	return flt_structurals_plain(bytes, delimiter);
}

static inline bool flt_odd_quotes(const unsigned char *bytes, size_t n)
{
	return flt_odd_quotes_plain(bytes, n);
}

#endif

#endif
