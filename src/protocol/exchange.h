/* Rows of a sample with other values in some columns, to be scored. */
#ifndef PROTOCOL_EXCHANGE_H
#define PROTOCOL_EXCHANGE_H

#include "detector/altered.h"
#include "protocol/explain_rows.h"

struct flt_exchange {
	const struct flt_explain_rows *rows;
	struct flt_column *columns; /* (n_columns of the preparation) */
	size_t n_columns;
	double **values; /* (n_values) room for a column each (rows->n); codes lie there, too */
	size_t n_values, n_used;
};

/* Room for up to n_values columns with other values. Released by the caller, after a failure too. */
enum flt_status flt_exchange_init(struct flt_exchange *exchange, const struct flt_detector *detector,
                                  const struct flt_explain_rows *rows, size_t n_values, struct flt_error *err);
void flt_exchange_release(struct flt_exchange *exchange); /* a zeroed one is fine */

void flt_exchange_undo(struct flt_exchange *exchange); /* all columns are the rows' own again */

/* Each row gets its partner's value in these columns (n) of the preparation. */
void flt_exchange_shuffle(struct flt_exchange *exchange, const size_t *columns, size_t n, const size_t *partner);

/* The column's values (rows->n) become these, which the caller fills: numbers of a column of numbers, else codes. */
double *flt_exchange_numbers(struct flt_exchange *exchange, size_t column);
int32_t *flt_exchange_codes(struct flt_exchange *exchange, size_t column);

#endif
