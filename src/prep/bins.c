#include "prep/bins.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "prep/contents.h"

/* Shared by all inputs, which workers take one by one. */
struct binning {
	struct flt_bins *bins;
	const struct flt_prep_column *columns;
	const struct flt_column *from;
	const size_t *rows;
	double *sorted; /* (n_workers, n_rows) scratch */
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static size_t sort_present(const struct flt_numbers *numbers, const size_t *rows, size_t n_rows, double *sorted)
{
	size_t n = 0;
	for (size_t i = 0; i < n_rows; i++) {
		double value = flt_number_at(numbers, rows[i]);
		if (!isnan(value))
			sorted[n++] = value;
	}
	qsort(sorted, n, sizeof *sorted, compare);
	return n;
}

static size_t count_distinct(const double *sorted, size_t n)
{
	size_t n_distinct = n > 0;
	for (size_t i = 1; i < n; i++)
		n_distinct += sorted[i] > sorted[i - 1];
	return n_distinct;
}

/* Above the lower value and not above the upper one, wherever rounding leads. */
static double half_way(double lower, double upper)
{
	double middle = lower / 2 + upper / 2;
	return middle > lower ? middle : upper;
}

/* A bin ends with the value that brings the count of those up to it to the next 255th part; or, with few values, with
 * each. Returns the number of edges. */
static size_t find_edges(const double *sorted, size_t n, double *above)
{
	bool each = count_distinct(sorted, n) <= FLT_MAX_BINS;
	size_t n_edges = 0, n_parts = 0;
	for (size_t i = 1; i < n; i++) {
		if (!(sorted[i] > sorted[i - 1]))
			continue;
		size_t parts = i * FLT_MAX_BINS / n;
		if (each || parts > n_parts)
			above[n_edges++] = half_way(sorted[i - 1], sorted[i]);
		n_parts = parts;
	}
	return n_edges;
}

static uint8_t bin_of(const double *above, size_t n_edges, double value)
{
	size_t low = 0, high = n_edges;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (value >= above[middle])
			low = middle + 1;
		else
			high = middle;
	}
	return (uint8_t)low;
}

static void bin_numbers(const struct binning *binning, struct flt_binned *input, uint8_t *bin, double *above,
                        double *sorted)
{
	const struct flt_numbers *numbers = &binning->from[input->column].numbers;
	size_t n_rows = binning->bins->n_rows, n = sort_present(numbers, binning->rows, n_rows, sorted);
	size_t n_edges = find_edges(sorted, n, above);
	input->n_bins = n > 0 ? n_edges + 1 : 0;
	for (size_t i = 0; i < n_rows; i++) {
		double value = flt_number_at(numbers, binning->rows[i]);
		bin[i] = isnan(value) ? (uint8_t)input->n_bins : bin_of(above, n_edges, value);
	}
}

/* A level's slot is found by its text once, and then by the row that showed it last. */
static void bin_slots(const struct binning *binning, struct flt_binned *input, uint8_t *bin)
{
	const struct flt_prep_column *column = &binning->columns[input->column];
	const struct flt_column *from = &binning->from[input->column];
	int32_t last_code = -2;
	int slot = FLT_NO_SLOT;
	input->n_bins = flt_prep_n_slots(column);
	for (size_t i = 0; i < binning->bins->n_rows; i++) {
		int32_t code = from->codes[binning->rows[i]];
		if (code != last_code)
			slot = flt_prep_slot(column, code < 0 ? NULL : from->levels[code]);
		last_code = code;
		bin[i] = (uint8_t)(slot == FLT_NO_SLOT ? (int)input->n_bins : slot);
	}
}

static void bin_input(void *context, size_t task, size_t worker)
{
	const struct binning *binning = context;
	struct flt_bins *bins = binning->bins;
	struct flt_binned *input = &bins->inputs[task];
	uint8_t *bin = bins->all_bins + task * bins->n_rows;
	double *above = bins->all_above + task * (FLT_MAX_BINS - 1);
	input->bin = bin;
	input->above = above;
	if (input->is_number)
		bin_numbers(binning, input, bin, above, binning->sorted + worker * bins->n_rows);
	else
		bin_slots(binning, input, bin);
}

static enum flt_status find_inputs(struct flt_bins *bins, const struct flt_prep_column *columns, size_t n_columns,
                                   struct flt_error *err)
{
	bins->inputs = flt_alloc_zero(n_columns, sizeof *bins->inputs, err);
	FLT_TRY_MEMORY(bins->inputs);
	for (size_t c = 0; c < n_columns; c++) {
		bool is_number = columns[c].use == FLT_USED_NUMERIC;
		if (is_number || columns[c].use == FLT_USED_CATEGORICAL)
			bins->inputs[bins->n_inputs++] = (struct flt_binned){.column = c, .is_number = is_number};
	}
	return FLT_OK;
}

enum flt_status flt_bins_init(struct flt_bins *bins, const struct flt_prep_column *columns,
                              const struct flt_column *from, size_t n_columns, const size_t *rows, size_t n_rows,
                              struct flt_pool *pool, struct flt_error *err)
{
	*bins = (struct flt_bins){.n_rows = n_rows};
	enum flt_status status = FLT_OK;
	struct binning binning = {.bins = bins, .columns = columns, .from = from, .rows = rows};
	binning.sorted = flt_alloc(flt_pool_n_threads(pool) * n_rows, sizeof *binning.sorted, err);
	FLT_TRY_MEMORY(binning.sorted);
	FLT_TRY_OUT(find_inputs(bins, columns, n_columns, err));
	bins->all_bins = flt_alloc(bins->n_inputs, n_rows, err);
	FLT_TRY_MEMORY_OUT(bins->all_bins);
	bins->all_above = flt_alloc(bins->n_inputs, (FLT_MAX_BINS - 1) * sizeof *bins->all_above, err);
	FLT_TRY_MEMORY_OUT(bins->all_above);
	flt_pool_run(pool, bins->n_inputs, bin_input, &binning);
out:
	flt_free(binning.sorted);
	if (status != FLT_OK)
		flt_bins_release(bins);
	return status;
}

size_t flt_bins_bytes(size_t n_inputs, size_t n_rows)
{
	size_t of_input = sizeof(struct flt_binned) + (FLT_MAX_BINS - 1) * sizeof(double) + n_rows;
	return n_inputs * of_input + n_rows * sizeof(double);
}

void flt_bins_release(struct flt_bins *bins)
{
	flt_free(bins->inputs);
	flt_free(bins->all_bins);
	flt_free(bins->all_above);
	*bins = (struct flt_bins){0};
}
