#include "nn/kernels_all.h"

#ifdef FLT_HAVE_X86
#define TARGET __attribute__((target("avx2")))
#define TABLE flt_kernels_avx2
#define NAME "avx2"
#define PRODUCT flt_product_avx2
#define PRODUCT_LANES 8
#define LARGE (1 << 19)
#include "nn/kernels_body.h"
#endif
