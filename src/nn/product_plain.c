#include "nn/product.h"

#define TARGET
#define PRODUCT flt_product_plain
#define VECTOR_BYTES 16
#define TILE_ROWS 4
#define TILE_VECTORS 2
#include "nn/product_body.h"
