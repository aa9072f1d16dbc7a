#include "protocol/exchange.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"

enum flt_status flt_exchange_init(struct flt_exchange *exchange, const struct flt_detector *detector,
                                  const struct flt_explain_rows *rows, size_t n_values, struct flt_error *err)
{
	*exchange = (struct flt_exchange){.rows = rows, .n_columns = flt_prep_n_columns(detector->prep)};
	exchange->columns = flt_alloc(exchange->n_columns, sizeof *exchange->columns, err);
	FLT_TRY_MEMORY(exchange->columns);
	exchange->values = flt_alloc_zero(n_values, sizeof *exchange->values, err);
	FLT_TRY_MEMORY(exchange->values);
	for (; exchange->n_values < n_values; exchange->n_values++) {
		double *values = flt_alloc(rows->n, sizeof *values, err);
		FLT_TRY_MEMORY(values);
		exchange->values[exchange->n_values] = values;
	}
	flt_exchange_undo(exchange);
	return FLT_OK;
}

void flt_exchange_release(struct flt_exchange *exchange)
{
	for (size_t i = 0; i < exchange->n_values; i++)
		flt_free(exchange->values[i]);
	flt_free(exchange->values);
	flt_free(exchange->columns);
	*exchange = (struct flt_exchange){0};
}

void flt_exchange_undo(struct flt_exchange *exchange)
{
	memcpy(exchange->columns, flt_cell_columns_all(exchange->rows->columns),
	       exchange->n_columns * sizeof *exchange->columns);
	exchange->n_used = 0;
}

double *flt_exchange_numbers(struct flt_exchange *exchange, size_t column)
{
	assert(exchange->n_used < exchange->n_values);
	double *numbers = exchange->values[exchange->n_used++];
	exchange->columns[column].numbers = flt_numbers_of(numbers);
	return numbers;
}

int32_t *flt_exchange_codes(struct flt_exchange *exchange, size_t column)
{
	assert(exchange->n_used < exchange->n_values);
	int32_t *codes = (void *)exchange->values[exchange->n_used++];
	exchange->columns[column].codes = codes;
	return codes;
}

static void shuffle_column(struct flt_exchange *exchange, size_t column, const size_t *partner)
{
	const struct flt_column *own = &flt_cell_columns_all(exchange->rows->columns)[column];
	size_t n = exchange->rows->n;
	if (own->numbers.cells) {
		double *numbers = flt_exchange_numbers(exchange, column);
		for (size_t i = 0; i < n; i++)
			numbers[i] = flt_number_at(&own->numbers, partner[i]);
	} else {
		int32_t *codes = flt_exchange_codes(exchange, column);
		for (size_t i = 0; i < n; i++)
			codes[i] = own->codes[partner[i]];
	}
}

void flt_exchange_shuffle(struct flt_exchange *exchange, const size_t *columns, size_t n, const size_t *partner)
{
	for (size_t i = 0; i < n; i++)
		shuffle_column(exchange, columns[i], partner);
}
