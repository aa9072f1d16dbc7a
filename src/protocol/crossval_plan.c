/* What is known of a cross-validation before it is run: its folds, once for all variants, and the plan of one fit. */
#include <math.h>

#include "base/alloc.h"
#include "protocol/crossval.h"

/* ---- folds ---- */

static size_t n_rows_of(const struct flt_cv *cv)
{
	return cv->options.rows ? cv->options.n_rows : flt_table_n_rows(cv->table);
}

/* Replaces the message of flt_split_folds, which would speak of inner folds that the user never asked for. */
static enum flt_status fail_validation(const struct flt_cv *cv, const size_t *rows, size_t n, struct flt_error *err)
{
	const uint8_t *label = flt_table_labels(cv->table);
	size_t n_positive = 0;
	for (size_t i = 0; i < n; i++)
		n_positive += label[rows[i]];
	bool rare = n_positive <= n - n_positive;
	size_t n_rare = rare ? n_positive : n - n_positive;
	return flt_table_blame_guess(
	        cv->table,
	        flt_fail(err, FLT_ERR_DATA,
	                 "%s: outside a test fold %s %zu row%s of class \"%s\", too few for fit and validation; give "
	                 "--validation-fraction 0, or add rows of that class",
	                 flt_table_path(cv->table), n_rare == 1 ? "there is" : "there are", n_rare,
	                 n_rare == 1 ? "" : "s", rare ? flt_table_positive(cv->table) : flt_table_negative(cv->table)),
	        err);
}

/* Deals the rows that are not tested to as many inner folds as make one of them the validation share; the first
 * validates. */
static enum flt_status draw_validation(const struct flt_cv *cv, const struct flt_cv_fold *fold, double share,
                                       uint8_t *validates, struct flt_error *err)
{
	/* Another seed than that of the outer folds: with the same, both would deal in the same order. */
	const uint64_t offset = 0x9e3779b9u;
	struct flt_fold_options options = {.n_folds = (size_t)fmax(2, round(1 / share)),
	                                   .identical = cv->identical.kept,
	                                   .seed = cv->options.seed + fold->repeat + offset};
	uint32_t *inner = flt_alloc(fold->n_fit, sizeof *inner, err);
	FLT_TRY_MEMORY(inner);
	enum flt_status status = flt_split_folds(cv->table, fold->fit, fold->n_fit, &options, inner, err);
	for (size_t i = 0; status == FLT_OK && i < fold->n_fit; i++)
		validates[i] = inner[i] == 0;
	flt_free(inner);
	return status;
}

/* The share of the rows that may be learnt from that validates. By time there are the fewer, the earlier the fold. */
static double validation_share(const struct flt_cv *cv, const struct flt_cv_fold *fold)
{
	double fraction = cv->options.validation_fraction;
	return cv->by_time ? fraction : fraction * (double)n_rows_of(cv) / (double)fold->n_fit;
}

/* Divides the rows that are not tested into fit and validation rows. By time, those that validate are the latest. */
static enum flt_status take_validation(const struct flt_cv *cv, struct flt_cv_fold *fold, struct flt_error *err)
{
	double share = validation_share(cv, fold);
	size_t n_rest = fold->n_fit;
	fold->validation = flt_alloc(n_rest, sizeof *fold->validation, err);
	FLT_TRY_MEMORY(fold->validation);
	if (share <= 0)
		return FLT_OK;
	uint8_t *validates = flt_alloc(n_rest, sizeof *validates, err);
	FLT_TRY_MEMORY(validates);
	enum flt_status status = cv->by_time ? flt_split_latest(cv->table, fold->fit, n_rest, share, validates, err)
	                                     : draw_validation(cv, fold, share, validates, err);
	if (status == FLT_OK)
		fold->n_fit = 0;
	for (size_t i = 0; status == FLT_OK && i < n_rest; i++)
		if (validates[i])
			fold->validation[fold->n_validation++] = fold->fit[i];
		else
			fold->fit[fold->n_fit++] = fold->fit[i];
	flt_free(validates);
	return status == FLT_ERR_DATA ? fail_validation(cv, fold->fit, n_rest, err) : status;
}

/* By time, a fold is learnt from the rows before it only. */
static bool is_learnt_from(const struct flt_cv *cv, uint32_t fold_of_row, size_t fold)
{
	return cv->by_time ? fold_of_row == FLT_ALWAYS_FIT || fold_of_row < fold : fold_of_row != fold;
}

/* rows and their folds: (n_rows_of(cv)) */
static enum flt_status fold_make(const struct flt_cv *cv, const size_t *rows, const uint32_t *fold_of,
                                 struct flt_cv_fold *fold, struct flt_error *err)
{
	size_t n_rows = n_rows_of(cv);
	const uint8_t *label = flt_table_labels(cv->table);
	fold->fit = flt_alloc(n_rows, sizeof *fold->fit, err);
	fold->test = flt_alloc(n_rows, sizeof *fold->test, err);
	fold->label = flt_alloc(n_rows, sizeof *fold->label, err);
	FLT_TRY_MEMORY(fold->fit && fold->test && fold->label);
	for (size_t i = 0; i < n_rows; i++) {
		size_t row = rows[i];
		if (is_learnt_from(cv, fold_of[i], fold->fold))
			fold->fit[fold->n_fit++] = row;
		if (fold_of[i] != fold->fold)
			continue;
		fold->label[fold->n_test] = label[row];
		fold->test[fold->n_test++] = row;
		fold->n_test_positive += label[row];
	}
	return take_validation(cv, fold, err);
}

static enum flt_status make_folds_of_repeat(struct flt_cv *cv, size_t repeat, const size_t *rows, uint32_t *fold_of,
                                            struct flt_error *err)
{
	size_t n_rows = n_rows_of(cv);
	struct flt_fold_options options = {.n_folds = cv->n_folds,
	                                   .identical = cv->identical.kept,
	                                   .seed = cv->options.seed + repeat,
	                                   .is_chained = cv->by_time,
	                                   .is_validated = cv->options.validation_fraction > 0};
	FLT_TRY(flt_split_folds(cv->table, rows, n_rows, &options, fold_of, err));
	for (size_t i = 0; repeat == 0 && i < n_rows; i++)
		cv->n_never_tested += fold_of[i] == FLT_ALWAYS_FIT;
	for (size_t k = 0; k < cv->n_folds; k++) {
		struct flt_cv_fold *fold = &cv->folds[repeat * cv->n_folds + k];
		fold->repeat = repeat;
		fold->fold = k;
		FLT_TRY(fold_make(cv, rows, fold_of, fold, err));
	}
	return FLT_OK;
}

static enum flt_status make_folds(struct flt_cv *cv, struct flt_error *err)
{
	size_t n_rows = n_rows_of(cv);
	enum flt_status status = FLT_OK;
	size_t *rows = flt_alloc(n_rows, sizeof *rows, err);
	uint32_t *fold_of = flt_alloc(n_rows, sizeof *fold_of, err);
	FLT_TRY_MEMORY_OUT(rows && fold_of);
	for (size_t i = 0; i < n_rows; i++)
		rows[i] = cv->options.rows ? cv->options.rows[i] : i;
	for (size_t repeat = 0; repeat < cv->n_repeats; repeat++)
		FLT_TRY_OUT(make_folds_of_repeat(cv, repeat, rows, fold_of, err));
out:
	flt_free(rows);
	flt_free(fold_of);
	return status;
}

/* ---- the plan ---- */

static enum flt_status plan_variant(struct flt_cv *cv, const struct flt_variant *variant, struct flt_error *err)
{
	const struct flt_cv_fold *first = &cv->folds[0];
	struct flt_fit_options options = variant->options;
	struct flt_error why;
	if (variant->majority)
		return FLT_OK;
	options.train.seed = cv->options.seed;
	options.train.n_threads = cv->options.n_threads;
	enum flt_status status = flt_fit_plan(cv->table, first->fit, first->n_fit, first->validation,
	                                      first->n_validation, &options, &cv->plan, &why);
	if (status != FLT_OK)
		return flt_fail(err, status, "variant \"%s\": %s", variant->name, why.text);
	FLT_TRY(flt_leaks_find(cv->table, first->fit, first->n_fit, cv->options.n_threads, &cv->leaks, err));
	flt_leaks_keep_used(&cv->leaks, cv->plan.prep);
	return FLT_OK;
}

static enum flt_status plan(struct flt_cv *cv, size_t planned, struct flt_error *err)
{
	unsigned n_threads = cv->options.n_threads;
	cv->folds = flt_alloc_zero(cv->n_all_folds, sizeof *cv->folds, err);
	cv->trials = flt_alloc_zero(cv->n_variants * cv->n_all_folds, sizeof *cv->trials, err);
	FLT_TRY_MEMORY(cv->folds && cv->trials);
	FLT_TRY(flt_identical_rows_find(cv->table, cv->options.identical, n_threads, &cv->identical, err));
	cv->by_time = flt_table_role(cv->table, FLT_TIME) != SIZE_MAX;
	FLT_TRY(make_folds(cv, err));
	FLT_TRY(flt_split_count_groups(cv->table, NULL, flt_table_n_rows(cv->table), n_threads, &cv->groups, err));
	return plan_variant(cv, &cv->variants[planned], err);
}

enum flt_status flt_cv_plan(const struct flt_table *table, const struct flt_variant *variants, size_t n_variants,
                            size_t planned, const struct flt_cv_options *options, struct flt_cv **out,
                            struct flt_error *err)
{
	*out = NULL;
	struct flt_cv *cv = flt_alloc_zero(1, sizeof *cv, err);
	FLT_TRY_MEMORY(cv);
	cv->table = table;
	cv->variants = variants;
	cv->options = *options;
	cv->n_variants = n_variants;
	cv->n_folds = options->n_folds;
	cv->n_repeats = options->n_repeats;
	cv->n_all_folds = cv->n_folds * cv->n_repeats;
	enum flt_status status = plan(cv, planned, err);
	if (status == FLT_OK)
		*out = cv;
	else
		flt_cv_free(cv);
	return status;
}
