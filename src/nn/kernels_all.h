/* The versions of the kernels, for the one that chooses among them. */
#ifndef NN_KERNELS_ALL_H
#define NN_KERNELS_ALL_H

#include "nn/kernels.h"

extern const struct flt_kernels flt_kernels_plain;

#ifdef __x86_64__
#define FLT_HAVE_X86
extern const struct flt_kernels flt_kernels_avx2, flt_kernels_avx512;
#endif

#endif
