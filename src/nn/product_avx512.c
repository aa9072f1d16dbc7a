#include "nn/product.h"

#ifdef __x86_64__
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq")))
#define PRODUCT flt_product_avx512
#define VECTOR_BYTES 64
#define TILE_ROWS 8
#define TILE_VECTORS 2
#define STORE_PART(to, part, n)                                                                                        \
	_mm512_mask_storeu_ps(to, (__mmask16)((n) < 16 ? (1u << (n)) - 1 : 0xffff), (__m512)(part))
#include "nn/product_body.h"
#endif
