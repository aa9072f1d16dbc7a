#include "nn/product.h"

#ifdef __x86_64__
#define TARGET __attribute__((target("avx2,fma")))
#define PRODUCT flt_product_avx2
#define VECTOR_BYTES 32
#define TILE_ROWS 6
#define TILE_VECTORS 2
#include "nn/product_body.h"
#endif
