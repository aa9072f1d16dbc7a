#include "protocol/epoch_log.h"

#include <stdlib.h>

#include "base/alloc.h"

enum flt_status flt_epoch_log_add(struct flt_epoch_log *log, const struct flt_epoch *epoch, struct flt_error *err)
{
	FLT_TRY(flt_grow((void **)&log->epochs, &log->capacity, log->n + 1, sizeof *log->epochs, err));
	log->epochs[log->n++] = *epoch;
	return FLT_OK;
}

size_t flt_epoch_log_bytes(size_t n)
{
	return flt_grown_capacity(n) * sizeof(struct flt_epoch);
}

static int compare_epochs(const void *a, const void *b)
{
	const struct flt_epoch *x = a, *y = b;
	if (x->member != y->member)
		return x->member < y->member ? -1 : 1;
	return x->epoch < y->epoch ? -1 : x->epoch > y->epoch;
}

void flt_epoch_log_sort(struct flt_epoch_log *log)
{
	if (log->n)
		qsort(log->epochs, log->n, sizeof *log->epochs, compare_epochs);
}

void flt_epoch_log_release(struct flt_epoch_log *log)
{
	flt_free(log->epochs);
	*log = (struct flt_epoch_log){0};
}
