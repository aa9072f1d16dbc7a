/* The memory that the machine has to offer. */
#ifndef BASE_MACHINE_H
#define BASE_MACHINE_H

#include <stddef.h>

/* Bytes that this process could allocate now without pushing anything into swap: Linux's MemAvailable, capped by what
 * each control group above the process still allows. SIZE_MAX if the system says neither.
 * root is put before the paths of /proc and /sys: "" except in tests. */
size_t flt_machine_memory(const char *root);

#endif
