#include "eval/association.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

enum { LEAST_ROWS = 5, MOST_CODES = 64 };

/* A column made fit for comparison. */
struct column {
	double *rank; /* (n) of numbers: weighted ranks with mean 0 and variance 1, all 0 if there is one value; or NULL
	               */
	uint8_t *code;                /* (n) of categories; or NULL */
	double share[MOST_CODES + 2]; /* of all weight: codes, all others, missing */
	size_t n_codes;               /* with rows */
};

struct associating {
	size_t n;
	double *weight; /* (n) with sum 1 */
	double effective;
	struct column *columns;
};

/* ---- numbers ---- */

struct valued {
	double value;
	size_t row;
};

static int by_value(const void *a, const void *b)
{
	const struct valued *x = a, *y = b;
	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* Equal values share the middle of their ranks. */
static void rank_sorted(const struct associating *with, const struct valued *sorted, size_t n, double *rank)
{
	double below = 0;
	for (size_t i = 0, end; i < n; i = end) {
		double own = 0;
		for (end = i; end < n && sorted[end].value == sorted[i].value; end++)
			own += with->weight[sorted[end].row];
		for (size_t k = i; k < end; k++)
			rank[sorted[k].row] = below + own / 2;
		below += own;
	}
}

static void standardize(const struct associating *with, const double *numbers, double *rank)
{
	double sum = 0, present = 0, squares = 0;
	for (size_t i = 0; i < with->n; i++) {
		sum += isnan(numbers[i]) ? 0 : with->weight[i] * rank[i];
		present += isnan(numbers[i]) ? 0 : with->weight[i];
	}
	for (size_t i = 0; i < with->n; i++) {
		rank[i] = isnan(numbers[i]) ? 0 : rank[i] - sum / present;
		squares += with->weight[i] * rank[i] * rank[i];
	}
	for (size_t i = 0; i < with->n; i++)
		rank[i] = squares > 1e-12 ? rank[i] / sqrt(squares) : 0;
}

static enum flt_status rank_numbers(const struct associating *with, const double *numbers, struct column *column,
                                    struct flt_error *err)
{
	size_t n_present = 0;
	column->rank = flt_alloc_zero(with->n, sizeof *column->rank, err);
	FLT_TRY_MEMORY(column->rank);
	struct valued *sorted = flt_alloc(with->n, sizeof *sorted, err);
	FLT_TRY_MEMORY(sorted);
	for (size_t i = 0; i < with->n; i++)
		if (!isnan(numbers[i]))
			sorted[n_present++] = (struct valued){numbers[i], i};
	qsort(sorted, n_present, sizeof *sorted, by_value);
	rank_sorted(with, sorted, n_present, column->rank);
	standardize(with, numbers, column->rank);
	flt_free(sorted);
	return FLT_OK;
}

/* ---- categories ---- */

/* Categories of enough rows get codes of their own, up to MOST_CODES of them. */
static enum flt_status code_categories(const struct associating *with, const struct flt_associated *from,
                                       struct column *column, struct flt_error *err)
{
	enum { OTHERS = MOST_CODES, MISSING };
	size_t n_own = 0;
	column->code = flt_alloc(with->n, sizeof *column->code, err);
	FLT_TRY_MEMORY(column->code);
	size_t *count = flt_alloc_zero(from->n_codes, sizeof *count, err);
	FLT_TRY_MEMORY(count);
	for (size_t i = 0; i < with->n; i++)
		if (from->codes[i] >= 0)
			count[from->codes[i]]++;
	for (size_t c = 0; c < from->n_codes; c++)
		count[c] = count[c] >= LEAST_ROWS && n_own < MOST_CODES ? n_own++ : OTHERS;
	for (size_t i = 0; i < with->n; i++) {
		size_t code = from->codes[i] >= 0 ? count[from->codes[i]] : MISSING;
		column->code[i] = (uint8_t)code;
		column->share[code] += with->weight[i];
	}
	for (size_t c = 0; c < MOST_CODES + 2; c++)
		column->n_codes += column->share[c] > 0;
	flt_free(count);
	return FLT_OK;
}

/* ---- pairs ---- */

static double of_numbers(const struct associating *with, const struct column *a, const struct column *b)
{
	double sum = 0;
	for (size_t i = 0; i < with->n; i++)
		sum += with->weight[i] * a->rank[i] * b->rank[i];
	return fmin(fabs(sum), 1);
}

static double of_both(const struct associating *with, const struct column *numbers, const struct column *categories)
{
	double sum[MOST_CODES + 2] = {0}, between = 0, groups = (double)categories->n_codes;
	for (size_t i = 0; i < with->n; i++)
		sum[categories->code[i]] += with->weight[i] * numbers->rank[i];
	for (size_t c = 0; c < MOST_CODES + 2; c++)
		between += categories->share[c] > 0 ? sum[c] * sum[c] / categories->share[c] : 0;
	double n = with->effective;
	if (groups < 2 || n <= groups)
		return 0;
	return sqrt(fmax(0, 1 - (1 - fmin(between, 1)) * (n - 1) / (n - groups)));
}

static double of_categories(const struct associating *with, const struct column *a, const struct column *b)
{
	double share[MOST_CODES + 2][MOST_CODES + 2] = {{0}}, square = 0;
	for (size_t i = 0; i < with->n; i++)
		share[a->code[i]][b->code[i]] += with->weight[i];
	for (size_t c = 0; c < MOST_CODES + 2; c++)
		for (size_t d = 0; a->share[c] > 0 && d < MOST_CODES + 2; d++)
			if (b->share[d] > 0)
				square += share[c][d] * share[c][d] / a->share[c] / b->share[d];
	double n = with->effective, rows = (double)a->n_codes, columns = (double)b->n_codes;
	if (rows < 2 || columns < 2 || n < 2)
		return 0;
	double corrected = fmax(0, square - 1 - (rows - 1) * (columns - 1) / (n - 1));
	rows -= (rows - 1) * (rows - 1) / (n - 1);
	columns -= (columns - 1) * (columns - 1) / (n - 1);
	double most = fmin(rows, columns) - 1;
	return most > 0 ? fmin(sqrt(corrected / most), 1) : 0;
}

static double strength_of(const struct associating *with, const struct column *a, const struct column *b)
{
	if (a->rank && b->rank)
		return of_numbers(with, a, b);
	if (a->code && b->code)
		return of_categories(with, a, b);
	return a->rank ? of_both(with, a, b) : of_both(with, b, a);
}

static enum flt_status weigh(struct associating *with, const double *weight, struct flt_error *err)
{
	double sum = 0, squares = 0;
	with->weight = flt_alloc(with->n, sizeof *with->weight, err);
	FLT_TRY_MEMORY(with->weight);
	for (size_t i = 0; i < with->n; i++)
		sum += weight ? weight[i] : 1;
	for (size_t i = 0; i < with->n; i++) {
		with->weight[i] = (weight ? weight[i] : 1) / sum;
		squares += with->weight[i] * with->weight[i];
	}
	with->effective = 1 / squares;
	return FLT_OK;
}

enum flt_status flt_associations(const struct flt_associated *columns, size_t n_columns, const double *weight, size_t n,
                                 double *strength, struct flt_error *err)
{
	struct associating with = {.n = n};
	enum flt_status status;
	with.columns = flt_alloc_zero(n_columns, sizeof *with.columns, err);
	FLT_TRY_MEMORY_OUT(with.columns);
	FLT_TRY_OUT(weigh(&with, weight, err));
	for (size_t c = 0; c < n_columns; c++)
		if (columns[c].numbers)
			FLT_TRY_OUT(rank_numbers(&with, columns[c].numbers, &with.columns[c], err));
		else
			FLT_TRY_OUT(code_categories(&with, &columns[c], &with.columns[c], err));
	for (size_t a = 0; a < n_columns; a++)
		for (size_t b = 0; b <= a; b++)
			strength[a * n_columns + b] = strength[b * n_columns + a] =
			        a == b ? 1 : strength_of(&with, &with.columns[a], &with.columns[b]);
out:
	for (size_t c = 0; with.columns && c < n_columns; c++) {
		flt_free(with.columns[c].rank);
		flt_free(with.columns[c].code);
	}
	flt_free(with.columns);
	flt_free(with.weight);
	return status;
}
