#include "nn/kernels_all.h"

#define TARGET
#define TABLE flt_kernels_plain
#define NAME "plain"
#include "nn/kernels_body.h"
