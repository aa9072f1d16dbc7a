#include "nn/product.h"

#ifdef __x86_64__
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,fma")))
#define PRODUCT flt_product_avx2
#define VECTOR_BYTES 32
#define TILE_ROWS 6
#define TILE_VECTORS 2

/* Masked stores are slow on some processors. */
TARGET static inline __attribute__((always_inline)) void store_part(float *to, __m256 part, size_t n)
{
	if (n >= 8) {
		_mm256_storeu_ps(to, part);
		return;
	}
	__m128 rest = _mm256_castps256_ps128(part);
	if (n & 4) {
		_mm_storeu_ps(to, rest);
		rest = _mm256_extractf128_ps(part, 1);
		to += 4;
	}
	if (n & 2) {
		_mm_storel_pi((__m64 *)(void *)to, rest);
		rest = _mm_movehl_ps(rest, rest);
		to += 2;
	}
	if (n & 1)
		_mm_store_ss(to, rest);
}

#define STORE_PART(to, part, n) store_part(to, (__m256)(part), n)
#include "nn/product_body.h"
#endif
