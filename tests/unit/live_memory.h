/* A fixture for each test: what it allocated through base/alloc it must free. */
#ifndef LIVE_MEMORY_H
#define LIVE_MEMORY_H

#include <check.h>

#include "base/alloc.h"

static size_t live_memory_before;

static inline void note_live_memory(void)
{
	live_memory_before = flt_alloc_live();
}

static inline void check_live_memory(void)
{
	ck_assert_uint_eq(flt_alloc_live(), live_memory_before);
}

#endif
