#include "prep/refit_size.h"

#include "prep/contents.h"

size_t flt_prep_n_read(const struct flt_prep *prep)
{
	size_t n = 0;
	for (size_t c = 0; c < prep->n_columns; c++)
		n += flt_prep_is_read(&prep->columns[c]);
	return n;
}

/* Features of the n widest columns, without steps. */
static size_t widest_columns(const struct flt_prep *prep, size_t n)
{
	enum { MOST = 2 * FLT_PREP_MAX_LEVELS };
	size_t n_of[MOST + 1] = {0}, n_features = 0;
	for (size_t c = 0; c < prep->n_columns; c++) {
		struct flt_prep_column column = prep->columns[c];
		column.is_passed_over = false;
		column.n_steps = 0;
		size_t width = flt_prep_width(&column);
		n_of[width < MOST ? width : MOST]++;
	}
	for (size_t width = MOST; width > 0 && n > 0; width--) {
		size_t n_taken = n_of[width] < n ? n_of[width] : n;
		n_features += n_taken * width;
		n -= n_taken;
	}
	return n_features;
}

size_t flt_prep_most_features(const struct flt_prep *base, const struct flt_prep_options *options)
{
	size_t n_numeric = 0, n_columns = options->n_columns ? options->n_columns : base->n_columns;
	for (size_t c = 0; c < base->n_columns; c++)
		n_numeric += base->columns[c].use == FLT_USED_NUMERIC;
	size_t n_stepped = n_numeric < n_columns ? n_numeric : n_columns;
	size_t n_steps = n_stepped * FLT_PREP_MAX_STEPS;
	return widest_columns(base, n_columns) + (n_steps < options->n_steps ? n_steps : options->n_steps);
}

size_t flt_prep_refit_bytes(const struct flt_prep *base, const struct flt_prep_options *options, size_t n_rows)
{
	enum { TEXT = 40, OF_LEVEL = TEXT + sizeof(char *) + sizeof(uint32_t) + sizeof(double) };
	size_t n_quantiles = options->scale != FLT_SCALE_QUANTILE ? 0
	                     : n_rows < FLT_PREP_MAX_QUANTILES    ? n_rows
	                                                          : FLT_PREP_MAX_QUANTILES;
	size_t n_bytes = flt_prep_most_features(base, options) * (TEXT + sizeof(char *));
	for (size_t c = 0; c < base->n_columns; c++) {
		const struct flt_prep_column *column = &base->columns[c];
		n_bytes += sizeof *column + TEXT;
		if (column->use == FLT_USED_NUMERIC)
			n_bytes += n_quantiles * sizeof(double);
		else if (column->use == FLT_USED_CATEGORICAL)
			n_bytes += (column->n_levels + column->n_more) * OF_LEVEL;
	}
	return n_bytes;
}
