/* The folds of a cross-validation, and what helps where they cannot be. */
#include "protocol/cv_folds.h"

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"

static size_t n_rows_of(const struct flt_cv *cv)
{
	return cv->options.rows ? cv->options.n_rows : flt_table_n_rows(cv->table);
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
	                                   .seed = cv->options.seed + fold->repeat + offset,
	                                   .parts = "outside a test fold, fit and validation"};
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
	return status;
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

/* Makes cv->folds, which flt_cv_free frees even after a failure. */
static enum flt_status make_folds(struct flt_cv *cv, struct flt_error *err)
{
	size_t n_rows = n_rows_of(cv);
	enum flt_status status = FLT_OK;
	size_t *rows = flt_alloc(n_rows, sizeof *rows, err);
	uint32_t *fold_of = flt_alloc(n_rows, sizeof *fold_of, err);
	cv->folds = flt_alloc_zero(cv->n_all_folds, sizeof *cv->folds, err);
	FLT_TRY_MEMORY_OUT(rows && fold_of && cv->folds);
	for (size_t i = 0; i < n_rows; i++)
		rows[i] = cv->options.rows ? cv->options.rows[i] : i;
	for (size_t repeat = 0; repeat < cv->n_repeats; repeat++)
		FLT_TRY_OUT(make_folds_of_repeat(cv, repeat, rows, fold_of, err));
out:
	flt_free(rows);
	flt_free(fold_of);
	return status;
}

/* ---- what helps ---- */

/* Options with which the folds can be made. */
struct remedy {
	bool works; /* else none are known */
	size_t n_folds;
	double validation_fraction;
	enum flt_identical kept;
};

static enum flt_status try_folds(const struct flt_cv *cv, struct remedy *remedy, struct flt_error *err)
{
	struct flt_error why;
	if (remedy->validation_fraction >= 1 - 1 / (double)remedy->n_folds)
		return FLT_OK;
	struct flt_cv *trial = flt_alloc_zero(1, sizeof *trial, err);
	FLT_TRY_MEMORY(trial);
	*trial = (struct flt_cv){.table = cv->table,
	                         .options = cv->options,
	                         .n_folds = remedy->n_folds,
	                         .n_repeats = cv->n_repeats,
	                         .n_all_folds = remedy->n_folds * cv->n_repeats};
	trial->options.validation_fraction = remedy->validation_fraction;
	trial->identical.kept = remedy->kept;
	enum flt_status status = make_folds(trial, &why);
	remedy->works = status == FLT_OK;
	flt_cv_free(trial);
	return status == FLT_OK || status == FLT_ERR_DATA ? FLT_OK : flt_fail(err, status, "%s", why.text);
}

static size_t smaller(size_t x, size_t y)
{
	return x < y ? x : y;
}

/* Each fold needs a row of either class, and so a group with a positive row. */
static size_t most_folds(const struct flt_cv *cv)
{
	const uint8_t *label = flt_table_labels(cv->table);
	size_t n_rows = n_rows_of(cv), n_positive = 0;
	for (size_t i = 0; i < n_rows; i++)
		n_positive += label[cv->options.rows ? cv->options.rows[i] : i];
	size_t most = smaller(cv->n_folds, smaller(n_positive, n_rows - n_positive));
	return cv->groups.n ? smaller(most, cv->groups.n_positive) : most;
}

/* Tries as many folds as asked for, then fewer. */
static enum flt_status try_fewer(const struct flt_cv *cv, struct remedy *remedy, struct flt_error *err)
{
	for (remedy->n_folds = most_folds(cv); remedy->n_folds >= 2; remedy->n_folds--) {
		FLT_TRY(try_folds(cv, remedy, err));
		if (remedy->works)
			return FLT_OK;
	}
	return FLT_OK;
}

/* What changes least comes first: fewer folds; if identical rows are kept together, these with the rows dealt one by
 * one; then the same without validation rows. */
static enum flt_status find_remedy(const struct flt_cv *cv, struct remedy *remedy, struct flt_error *err)
{
	const enum flt_identical kept[] = {cv->identical.kept, FLT_IDENTICAL_APART};
	const double fraction[] = {cv->options.validation_fraction, 0};
	for (size_t i = 0; i < 1u + (fraction[0] > 0); i++)
		for (size_t j = 0; j < 1u + (kept[0] != FLT_IDENTICAL_APART); j++) {
			*remedy = (struct remedy){.validation_fraction = fraction[i], .kept = kept[j]};
			FLT_TRY(try_fewer(cv, remedy, err));
			if (remedy->works)
				return FLT_OK;
		}
	return FLT_OK;
}

/* Adds to the error what helps. */
static enum flt_status fail_folds(const struct flt_cv *cv, const struct flt_error *why, struct flt_error *err)
{
	struct remedy remedy;
	char folds[40] = "";
	FLT_TRY(find_remedy(cv, &remedy, err));
	bool is_tied = flt_table_role(cv->table, FLT_GROUP) != SIZE_MAX;
	if (!remedy.works)
		return flt_fail(err, FLT_ERR_DATA, "%s; add rows of that class%s", why->text,
		                is_tied ? " in other groups" : "");
	if (remedy.n_folds != cv->n_folds)
		snprintf(folds, sizeof folds, "--folds %zu ", remedy.n_folds);
	bool validates = remedy.validation_fraction > 0 || !(cv->options.validation_fraction > 0);
	return flt_fail(err, FLT_ERR_DATA, "%s; %s%s%sworks", why->text,
	                remedy.kept == cv->identical.kept ? "" : "--identical apart ", folds,
	                validates ? "" : "--validation-fraction 0 ");
}

/* By time, the error already says how many folds work. */
enum flt_status flt_cv_folds_make(struct flt_cv *cv, struct flt_error *err)
{
	struct flt_error why;
	enum flt_status status = make_folds(cv, &why);
	if (status == FLT_ERR_DATA && !cv->by_time)
		return fail_folds(cv, &why, err);
	return status == FLT_OK ? FLT_OK : flt_fail(err, status, "%s", why.text);
}
