/* What the machine has to give. */
#ifndef BASE_MACHINE_H
#define BASE_MACHINE_H

#include <stddef.h>

/* The bytes of memory that this process could take now without pushing others or itself into swap: what Linux calls
 * available, and no more than any control group above the process still allows. SIZE_MAX if nothing says so.
 * root stands before the paths of /proc and /sys: "" but in tests. */
size_t flt_machine_memory(const char *root);

#endif
