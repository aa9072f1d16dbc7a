#include "audit/leaks.h"

#include <stdlib.h>

#include "base/alloc.h"

bool flt_strength_is_leak(const struct flt_strength *strength)
{
	return strength->is_measured && strength->ap.lo >= 0.9;
}

static int strongest_first(const void *a, const void *b)
{
	const struct flt_leak *x = a, *y = b;
	if (x->strength.ap.value != y->strength.ap.value)
		return x->strength.ap.value > y->strength.ap.value ? -1 : 1;
	return (x->column > y->column) - (x->column < y->column);
}

static void collect(const struct flt_strength *strength, size_t n_columns, struct flt_leaks *leaks)
{
	for (size_t i = 0; i < n_columns; i++)
		if (flt_strength_is_leak(&strength[i]))
			leaks->leak[leaks->n++] =
			        (struct flt_leak){i, strength[i].missing_ap.value >= strength[i].ap.value, strength[i]};
	qsort(leaks->leak, leaks->n, sizeof *leaks->leak, strongest_first);
}

static enum flt_status measure_order(const struct flt_table *table, const size_t *rows, size_t n_rows,
                                     struct flt_leaks *leaks, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	double *number = flt_alloc(n_rows, sizeof *number, err);
	uint8_t *label = flt_alloc(n_rows, sizeof *label, err);
	FLT_TRY_MEMORY_OUT(number && label);
	for (size_t i = 0; i < n_rows; i++) {
		number[i] = (double)flt_table_row_number(table, rows[i]);
		label[i] = flt_table_labels(table)[rows[i]];
	}
	FLT_TRY_OUT(flt_strength_of_numbers(number, label, n_rows, &leaks->order, err));
	leaks->by_order = flt_strength_is_leak(&leaks->order);
out:
	flt_free(number);
	flt_free(label);
	return status;
}

enum flt_status flt_leaks_find(const struct flt_table *table, const size_t *rows, size_t n_rows, unsigned n_threads,
                               struct flt_leaks *leaks, struct flt_error *err)
{
	size_t n_columns = flt_table_n_columns(table);
	enum flt_status status = FLT_OK;
	*leaks = (struct flt_leaks){0};
	struct flt_strength *strength = flt_alloc(n_columns, sizeof *strength, err);
	leaks->leak = flt_alloc(n_columns, sizeof *leaks->leak, err);
	FLT_TRY_MEMORY_OUT(strength && leaks->leak);
	FLT_TRY_OUT(flt_strength_of_columns(table, rows, NULL, n_rows, n_threads, strength, err));
	collect(strength, n_columns, leaks);
	FLT_TRY_OUT(measure_order(table, rows, n_rows, leaks, err));
out:
	flt_free(strength);
	if (status != FLT_OK)
		flt_leaks_release(leaks);
	return status;
}

void flt_leaks_release(struct flt_leaks *leaks)
{
	flt_free(leaks->leak);
	*leaks = (struct flt_leaks){0};
}
