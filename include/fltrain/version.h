/* Versions of this library and of the BLAS that it runs on. */
#ifndef FLTRAIN_VERSION_H
#define FLTRAIN_VERSION_H

const char *flt_version(void); /* "0.1.0" */

/* OpenBLAS is no part of the library: only training of wide layers opens it, and these two, which set
 * OPENBLAS_NUM_THREADS=1 in the environment first. Scoring needs none, so a program that only scores meets neither its
 * threads nor its 130 MB of address space. Both are NULL where it cannot be opened. */
const char *flt_blas_core(void);   /* the kernel set that OpenBLAS chose for this processor, e.g. "SkylakeX" */
const char *flt_blas_config(void); /* what OpenBLAS says of itself: "OpenBLAS 0.3.21 DYNAMIC_ARCH ..." */

#endif
