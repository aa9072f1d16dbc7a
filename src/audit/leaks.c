#include "audit/leaks.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "table/id_like.h"

/* How much of what a random ranking lacks the figure gains: where half of the rows are positive, honest columns come
 * near 1. */
static double gained(double ap, double chance)
{
	return (ap - chance) / (1 - chance);
}

/* Three ways to be as good as the class itself. Most columns that are known after it rank nearly all positive rows
 * first. Few positive rows leave a wide interval even if there is no mistake at all. And a copy with a few mistakes has
 * more false than true positive rows where the class is rare, but still the ROC-AUC of a copy. */
static bool ranks_all(const struct flt_strength *strength)
{
	const struct flt_interval *ap = &strength->ap, *auc = &strength->roc_auc;
	return gained(ap->lo, strength->chance) >= 0.9 || (ap->value >= 0.98 && ap->lo >= 0.7) ||
	       (auc->value >= 0.985 && auc->lo >= 0.93);
}

/* Where the class is not rare, a level that is positive throughout is no surprise. */
static bool tells_some(const struct flt_strength *strength)
{
	return strength->chance <= 0.3 &&
	       (double)strength->telling.n_positive >= fmax(15, 0.1 * (double)strength->n_positive);
}

/* A class that grows or shrinks along the file is common: only a file that was sorted by it is meant. */
static bool is_sorted(const struct flt_strength *order)
{
	return order->is_measured && (order->roc_auc.lo >= 0.95 || (order->ap.value >= 0.98 && order->ap.lo >= 0.7));
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
	for (size_t i = 0; i < n_columns; i++) {
		const struct flt_strength *of = &strength[i];
		if (!of->is_measured || (!ranks_all(of) && !tells_some(of)))
			continue;
		leaks->leak[leaks->n++] = (struct flt_leak){.column = i,
		                                            .is_partial = !ranks_all(of),
		                                            .by_missing = of->missing_ap.value >= of->ap.value,
		                                            .strength = *of};
	}
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
	leaks->by_order = is_sorted(&leaks->order);
out:
	flt_free(number);
	flt_free(label);
	return status;
}

static enum flt_status find_ids(const struct flt_table *table, const size_t *rows, size_t n_rows,
                                struct flt_leaks *leaks, struct flt_error *err)
{
	for (size_t i = 0; i < flt_table_n_columns(table); i++) {
		bool may_be_id = false;
		if (flt_table_column(table, i).role == FLT_FEATURE)
			FLT_TRY(flt_column_may_be_id(table, i, rows, n_rows, &may_be_id, err));
		if (may_be_id)
			leaks->id[leaks->n_ids++] = i;
	}
	return FLT_OK;
}

enum flt_status flt_leaks_judge(const struct flt_table *table, const struct flt_strength *strength, const size_t *rows,
                                size_t n_rows, struct flt_leaks *leaks, struct flt_error *err)
{
	size_t n_columns = flt_table_n_columns(table);
	*leaks = (struct flt_leaks){0};
	enum flt_status status = FLT_OK;
	leaks->leak = flt_alloc(n_columns, sizeof *leaks->leak, err);
	leaks->id = flt_alloc(n_columns, sizeof *leaks->id, err);
	FLT_TRY_MEMORY_OUT(leaks->leak && leaks->id);
	collect(strength, n_columns, leaks);
	FLT_TRY_OUT(measure_order(table, rows, n_rows, leaks, err));
	FLT_TRY_OUT(find_ids(table, rows, n_rows, leaks, err));
out:
	if (status != FLT_OK)
		flt_leaks_release(leaks);
	return status;
}

enum flt_status flt_leaks_find(const struct flt_table *table, const size_t *rows, size_t n_rows, unsigned n_threads,
                               struct flt_leaks *leaks, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	*leaks = (struct flt_leaks){0};
	struct flt_strength *strength = flt_alloc(flt_table_n_columns(table), sizeof *strength, err);
	FLT_TRY_MEMORY(strength);
	FLT_TRY_OUT(flt_strength_of_columns(table, rows, NULL, n_rows, n_threads, strength, err));
	FLT_TRY_OUT(flt_leaks_judge(table, strength, rows, n_rows, leaks, err));
out:
	flt_free(strength);
	return status;
}

void flt_leaks_release(struct flt_leaks *leaks)
{
	flt_free(leaks->leak);
	flt_free(leaks->id);
	*leaks = (struct flt_leaks){0};
}

static bool is_used(const struct flt_prep *prep, size_t column)
{
	enum flt_column_use use = flt_prep_use(prep, column);
	return use == FLT_USED_NUMERIC || use == FLT_USED_CATEGORICAL;
}

void flt_leaks_keep_used(struct flt_leaks *leaks, const struct flt_prep *prep)
{
	size_t n = 0, n_ids = 0;
	for (size_t i = 0; i < leaks->n; i++)
		if (is_used(prep, leaks->leak[i].column))
			leaks->leak[n++] = leaks->leak[i];
	for (size_t i = 0; i < leaks->n_ids; i++)
		if (is_used(prep, leaks->id[i]))
			leaks->id[n_ids++] = leaks->id[i];
	leaks->n = n;
	leaks->n_ids = n_ids;
}
