#include "protocol/bag_folds.h"

#include "base/alloc.h"

/* From six members on, two leave out each row. Fewer folds than three would leave a member too few rows to learn from,
 * more than ten too few to validate on. */
enum { FEW_FOLDS = 3, MANY_FOLDS = 10 };

static size_t smaller(size_t x, size_t y)
{
	return x < y ? x : y;
}

size_t flt_bag_n_folds(size_t n_members)
{
	return n_members < 2 * FEW_FOLDS ? smaller(n_members, FEW_FOLDS + 1) : smaller(n_members / 2, MANY_FOLDS);
}

static size_t n_deals(size_t n_turns, size_t n_folds)
{
	return (n_turns + n_folds - 1) / n_folds;
}

struct flt_left_out flt_bag_left_out(const struct flt_bag_folds *folds, size_t turn)
{
	size_t deal = turn / folds->n_folds;
	return (struct flt_left_out){folds->of + deal * folds->n_rows, (uint32_t)(turn % folds->n_folds)};
}

static enum flt_status deal_all(const struct flt_table *table, const size_t *rows,
                                const struct flt_fold_options *options, struct flt_bag_folds *folds,
                                struct flt_error *err)
{
	struct flt_fold_options next = *options;
	for (size_t i = 0; i < folds->n_deals; i++, next.seed++)
		FLT_TRY(flt_split_folds(table, rows, folds->n_rows, &next, folds->of + i * folds->n_rows, err));
	return FLT_OK;
}

enum flt_status flt_bag_folds_deal(const struct flt_table *table, const size_t *rows, size_t n, size_t n_turns,
                                   const struct flt_fold_options *options, struct flt_bag_folds *folds,
                                   struct flt_error *err)
{
	struct flt_fold_options fewer = *options;
	*folds = (struct flt_bag_folds){.n_rows = n};
	/* The fewer the folds, the more deals. */
	folds->of = flt_alloc(n_deals(n_turns, 2), n * sizeof *folds->of, err);
	FLT_TRY_MEMORY(folds->of);
	for (; fewer.n_folds >= 2; fewer.n_folds--) {
		folds->n_deals = n_deals(n_turns, fewer.n_folds);
		enum flt_status status = deal_all(table, rows, &fewer, folds, err);
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
