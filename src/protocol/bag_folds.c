#include "protocol/bag_folds.h"

#include "base/alloc.h"

/* A member learns from at least three quarters of the rows where there are enough members, and more folds than ten
 * would leave out too few rows to validate on. */
enum { FEW_FOLDS = 4, MANY_FOLDS = 10 };

static size_t smaller(size_t x, size_t y)
{
	return x < y ? x : y;
}

size_t flt_bag_n_folds(size_t n_members)
{
	return n_members < 2 * FEW_FOLDS ? smaller(n_members, FEW_FOLDS) : smaller(n_members / 2, MANY_FOLDS);
}

size_t flt_bag_fold_left_out(const struct flt_bag_folds *folds, size_t member)
{
	size_t n = folds->n_folds, shift = n % 2 == 0 ? member / n : 0;
	return (member + shift) % n;
}

enum flt_status flt_bag_folds_deal(const struct flt_table *table, const size_t *rows, size_t n, size_t n_members,
                                   const struct flt_fold_options *options, struct flt_bag_folds *folds,
                                   struct flt_error *err)
{
	*folds = (struct flt_bag_folds){.of = flt_alloc(n, sizeof *folds->of, err)};
	FLT_TRY_MEMORY(folds->of);
	struct flt_fold_options fewer = *options;
	for (fewer.n_folds = flt_bag_n_folds(n_members); fewer.n_folds >= 2; fewer.n_folds--) {
		enum flt_status status = flt_split_folds(table, rows, n, &fewer, folds->of, err);
		if (status == FLT_ERR_DATA)
			continue;
		folds->n_folds = fewer.n_folds;
		return status;
	}
	return FLT_OK;
}

void flt_bag_folds_release(struct flt_bag_folds *folds)
{
	flt_free(folds->of);
	*folds = (struct flt_bag_folds){0};
}
