#include "nn/kernels_all.h"

#define TARGET
#define TABLE flt_kernels_plain
#define NAME "plain"
#define PRODUCT flt_product_plain
#define PRODUCT_LANES 4
#define LARGE 0
#include "nn/kernels_body.h"
