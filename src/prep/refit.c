/*
 * Learning values anew from some of the rows. A feature that is constant in them could not be scaled, or would meet in
 * other rows a value that no weight was learnt for, so it is silent.
 */
#include "base/alloc.h"
#include "prep/learn.h"

static enum flt_status refit_number(const struct flt_learner *learner, const struct flt_column *column,
                                    struct flt_prep_column *to, struct flt_error *err)
{
	bool is_constant;
	double quantiles[FLT_PROFILE_QUANTILES];
	size_t n = flt_learn_present(learner, &column->numbers, &is_constant);
	if (to->has_indicator && (n == 0 || n == learner->n_rows))
		to->silent |= UINT64_C(1) << to->has_number;
	if (!to->has_number)
		return FLT_OK;
	if (is_constant) {
		to->silent |= 1;
		return FLT_OK;
	}
	FLT_TRY(flt_profile_quantiles(learner->present, n, quantiles, err));
	return flt_learn_scale(learner, &column->numbers, n, quantiles, to, err);
}

/* The slots that rows have, as bits; a row without a slot has a bit of its own. seen (n_levels + 1 of the table's
 * column) is zeroed scratch: missing, then each level. */
static uint64_t slots_of_rows(const struct flt_learner *learner, const struct flt_column *column,
                              const struct flt_prep_column *to, bool *seen)
{
	enum { WITHOUT = 63 };
	uint64_t slots = 0;
	for (size_t i = 0; i < learner->n_rows; i++)
		seen[column->codes[learner->rows[i]] + 1] = true;
	for (size_t i = 0; i <= column->n_levels; i++) {
		if (!seen[i])
			continue;
		int slot = flt_prep_slot(to, i == 0 ? NULL : column->levels[i - 1]);
		slots |= UINT64_C(1) << (slot == FLT_NO_SLOT ? WITHOUT : slot);
	}
	return slots;
}

static enum flt_status refit_category(const struct flt_learner *learner, const struct flt_column *column,
                                      struct flt_prep_column *to, struct flt_error *err)
{
	uint64_t all = (UINT64_C(1) << flt_prep_slots_width(to)) - 1;
	bool *seen = flt_alloc_zero(column->n_levels + 1, sizeof *seen, err);
	FLT_TRY_MEMORY(seen);
	uint64_t slots = slots_of_rows(learner, column, to, seen);
	flt_free(seen);
	bool is_constant = (slots & (slots - 1)) == 0;
	to->silent = is_constant ? all : flt_prep_slots_width(to) == 1 ? 0 : all & ~slots;
	return FLT_OK;
}

static enum flt_status refit_column(const struct flt_learner *learner, size_t index, struct flt_prep_column *to,
                                    struct flt_error *err)
{
	*to = flt_prep_column_unlearnt(learner->base, index);
	if (to->use == FLT_USED_NUMERIC)
		return refit_number(learner, &learner->columns[index], to, err);
	return to->use == FLT_USED_CATEGORICAL ? refit_category(learner, &learner->columns[index], to, err) : FLT_OK;
}

enum flt_status flt_prep_refit(const struct flt_prep *base, const struct flt_table *table, const size_t *rows,
                               size_t n_rows, const struct flt_prep_options *options, struct flt_prep **prep,
                               struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n = base->n_columns;
	*prep = NULL;
	struct flt_column *from = flt_alloc_zero(n, sizeof *from, err);
	struct flt_prep_column *to = flt_alloc_zero(n, sizeof *to, err);
	FLT_TRY_MEMORY_OUT(from && to);
	struct flt_learner learner = {
	        .table = table, .rows = rows, .n_rows = n_rows, .scale = options->scale, .base = base, .columns = from};
	FLT_TRY_OUT(flt_prep_find_columns(base, table, from, err));
	FLT_TRY_OUT(flt_learn_columns(&learner, refit_column, options->n_threads, to, n, err));
	status = flt_learn_from_labels(&learner, options, to, from, n, prep, err);
out:
	for (size_t c = 0; to && c < n; c++) { /* the rest is borrowed from base */
		flt_free((void *)to[c].quantiles);
		flt_free((void *)to[c].steps);
	}
	flt_free(to);
	flt_free(from);
	return status;
}
