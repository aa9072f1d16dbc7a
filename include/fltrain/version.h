/* Versions of this library and of the BLAS that it runs on. */
#ifndef FLTRAIN_VERSION_H
#define FLTRAIN_VERSION_H

const char *flt_version(void);     /* "0.1.0" */
const char *flt_blas_core(void);   /* the kernel set that OpenBLAS chose for this processor, e.g. "SkylakeX" */
const char *flt_blas_config(void); /* what OpenBLAS says of itself: "OpenBLAS 0.3.21 DYNAMIC_ARCH ..." */

/* Ends OpenBLAS's own threads and keeps it on the calling thread. Optional: the library does so before it first
 * multiplies. But those threads start with the program and spin for about a tenth of a second, so a program that reads
 * a file first gains by calling this before. May be called any number of times, from any thread. */
void flt_blas_init(void);

#endif
