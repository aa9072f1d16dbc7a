/* Reads a file, and the same like it, with each allocation failing in turn, until none of them fails. */
#ifndef FAILING_ALLOCATIONS_H
#define FAILING_ALLOCATIONS_H

#include <check.h>

#include "base/alloc.h"
#include "table/table.h"

static inline void read_with_failing_allocations(const char *path, const struct flt_table_options *options)
{
	enum flt_status status = FLT_ERR_MACHINE;
	struct flt_error err = {0};
	for (unsigned long k = 1; status != FLT_OK; k++) {
		struct flt_table *table = NULL, *like = NULL;
		flt_alloc_fail_at(k);
		status = flt_table_read(path, options, &table, &err);
		if (status == FLT_OK)
			status = flt_table_read_like(table, path, options, &like, &err);
		flt_alloc_fail_at(0);
		if (status != FLT_OK)
			ck_assert_msg(status == FLT_ERR_MACHINE, "%lu: %s", k, err.text);
		flt_table_free(table);
		flt_table_free(like);
		ck_assert_uint_lt(k, 1000);
	}
}

#endif
