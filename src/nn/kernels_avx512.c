#include "nn/kernels_all.h"

#ifdef FLT_HAVE_X86
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq")))
#define TABLE flt_kernels_avx512
#define NAME "avx512"
#define PRODUCT flt_product_avx512
#define PRODUCT_LANES 16
#define LARGE (1 << 22)
#include "nn/kernels_body.h"
#endif
