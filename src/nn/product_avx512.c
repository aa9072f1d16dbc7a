#include "nn/product.h"

#ifdef __x86_64__
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq")))
#define PRODUCT flt_product_avx512
#define VECTOR_BYTES 64
#define TILE_ROWS 8
#define TILE_VECTORS 2
#include "nn/product_body.h"
#endif
