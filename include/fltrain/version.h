/* Who computes: the version of this library and the BLAS beneath it. */
#ifndef FLTRAIN_VERSION_H
#define FLTRAIN_VERSION_H

const char *flt_version(void);     /* "0.1.0" */
const char *flt_blas_core(void);   /* the kernel set that OpenBLAS chose for this processor, e.g. "SkylakeX" */
const char *flt_blas_config(void); /* what OpenBLAS says of itself: "OpenBLAS 0.3.21 DYNAMIC_ARCH ..." */

/* Keeps OpenBLAS on the calling thread, as the networks need it: they call this themselves. But its own threads are
 * there from the program's start and look for work for about a tenth of a second, at the cost of those that have some:
 * a program that reads a file first calls this before. Any number of times, from any thread. */
void flt_blas_init(void);

#endif
