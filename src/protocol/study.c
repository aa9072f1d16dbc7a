/*
 * The variants that were given, and those that only a claim needs, run in one cross-validation; each claim is then a
 * figure with one value per fold, whose two intervals give the verdict.
 */
#include "protocol/study.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"

enum { EARLY_PART = 10 }; /* "few epochs": a tenth of all, at least two */

const double flt_positive_shares[FLT_N_SHARES] = {0.25, 0.5};

void flt_study_free(struct flt_study *study)
{
	if (!study)
		return;
	flt_comparison_release(&study->comparison);
	flt_cv_free(study->cv);
	flt_free(study->variants);
	flt_free(study->attention);
	flt_free(study->seconds_train);
	flt_free(study->seconds_score);
	flt_free(study);
}

static size_t add_variant(struct flt_study *study, size_t base, const char *name)
{
	struct flt_variant *added = &study->variants[study->n_all];
	*added = study->variants[base];
	added->name = name;
	return study->n_all++;
}

/* What the claims need beside the variants given. */
static void add_variants(struct flt_study *study)
{
	const struct flt_study_options *options = &study->options;
	static const char *const names[2][FLT_N_SHARES] = {{"BCE, 25 % of positives", "BCE, 50 % of positives"},
	                                                   {"focal, 25 % of positives", "focal, 50 % of positives"}};
	study->early = SIZE_MAX;
	if (options->textbook != SIZE_MAX) {
		study->early = add_variant(study, options->textbook, "BCE, textbook, few epochs");
		study->variants[study->early].options.epochs_part = EARLY_PART;
	}
	bool curve = options->learning_curve && options->focal != SIZE_MAX && options->bce != SIZE_MAX;
	for (size_t i = 0; i < FLT_N_SHARES; i++) {
		study->bce_at[i] = curve ? add_variant(study, options->bce, names[0][i]) : SIZE_MAX;
		study->focal_at[i] = curve ? add_variant(study, options->focal, names[1][i]) : SIZE_MAX;
		if (curve)
			study->variants[study->bce_at[i]].positives_kept =
			        study->variants[study->focal_at[i]].positives_kept = flt_positive_shares[i];
	}
}

/* ---- evidence, one value per fold ---- */

static double share_of_gradient(const struct flt_cv_trial *trial, bool of_easy)
{
	double part = 0, total = 0;
	for (size_t i = 0; i < trial->n_epochs; i++) {
		part += of_easy ? trial->epochs[i].gradient_easy : trial->epochs[i].gradient_positive;
		total += trial->epochs[i].gradient_total;
	}
	return total > 0 ? part / total : NAN;
}

static double per_fold(const struct flt_study *study, size_t variant, int figure, size_t cell)
{
	return study->comparison.per_fold[(variant * FLT_N_COMPARED + (size_t)figure) * study->cv->n_cells + cell];
}

/* One claim's figure in one fold; above 0 it speaks for the claim. */
static double evidence_of(const struct flt_study *study, enum flt_claim_kind kind, size_t cell)
{
	const struct flt_study_options *o = &study->options;
	const int recall_half = FLT_COMPARE_AT_POINT(FLT_POINT_HALF) + FLT_AT_POINT_RECALL;
	const struct flt_cv *cv = study->cv;
	switch (kind) {
	case FLT_CLAIM_LAZY_EARLY:
		return 0.5 - per_fold(study, study->early, recall_half, cell);
	case FLT_CLAIM_LAZY_LATE:
		return 0.5 - per_fold(study, o->textbook, recall_half, cell);
	case FLT_CLAIM_EASY_ROWS:
		return share_of_gradient(flt_cv_trial(cv, o->bce, cell), true) -
		       share_of_gradient(flt_cv_trial(cv, o->focal, cell), true);
	case FLT_CLAIM_RARE_ROWS:
		return share_of_gradient(flt_cv_trial(cv, o->focal, cell), false) -
		       share_of_gradient(flt_cv_trial(cv, o->bce, cell), false);
	case FLT_CLAIM_MORE_DATA:
		return per_fold(study, o->bce, FLT_COMPARE_AP, cell) -
		       per_fold(study, study->focal_at[FLT_N_SHARES - 1], FLT_COMPARE_AP, cell);
	case FLT_CLAIM_MORE_DATA_STILL:
		return per_fold(study, o->focal, FLT_COMPARE_AP, cell) -
		       per_fold(study, study->focal_at[FLT_N_SHARES - 1], FLT_COMPARE_AP, cell);
	case FLT_CLAIM_BETTER_AP:
	case FLT_CLAIM_BETTER_RECALL:
	case FLT_CLAIM_NO_SLOWER:
	case FLT_N_CLAIMS:
		break;
	}
	assert(0);
	return NAN;
}

static bool is_testable(const struct flt_study *study, enum flt_claim_kind kind)
{
	const struct flt_study_options *o = &study->options;
	bool pair = o->bce != SIZE_MAX && o->focal != SIZE_MAX;
	switch (kind) {
	case FLT_CLAIM_LAZY_EARLY:
	case FLT_CLAIM_LAZY_LATE:
		return o->textbook != SIZE_MAX;
	case FLT_CLAIM_MORE_DATA:
	case FLT_CLAIM_MORE_DATA_STILL:
		return pair && o->learning_curve;
	default:
		return pair;
	}
}

enum flt_verdict flt_verdict_of(const struct flt_spread *evidence)
{
	if (evidence->lo > 0 && evidence->t_lo > 0)
		return FLT_SUPPORTED;
	if (evidence->hi < 0 && evidence->t_hi < 0)
		return FLT_NOT_SUPPORTED;
	return FLT_CANNOT_TELL;
}

/* The same layers and the same number of weights, in every fold. */
static enum flt_verdict evaluate_work(const struct flt_study *study)
{
	const struct flt_study_options *o = &study->options;
	for (size_t cell = 0; cell < study->cv->n_cells; cell++) {
		const struct flt_cv_trial *a = flt_cv_trial(study->cv, o->bce, cell);
		const struct flt_cv_trial *b = flt_cv_trial(study->cv, o->focal, cell);
		if (a->n_params != b->n_params)
			return a->n_params > b->n_params ? FLT_SUPPORTED : FLT_NOT_SUPPORTED;
	}
	return FLT_SUPPORTED;
}

static void spread_of_claim(const struct flt_study *study, enum flt_claim_kind kind, double *values,
                            struct flt_spread *evidence)
{
	const struct flt_study_options *o = &study->options;
	if (kind == FLT_CLAIM_BETTER_AP || kind == FLT_CLAIM_BETTER_RECALL) {
		int figure = kind == FLT_CLAIM_BETTER_AP ? FLT_COMPARE_AP : FLT_COMPARE_RECALL_AT;
		*evidence = *flt_comparison_difference(&study->comparison, o->focal, figure);
		return;
	}
	for (size_t cell = 0; cell < study->cv->n_cells; cell++)
		values[cell] = evidence_of(study, kind, cell);
	flt_spread_of(values, study->cv->n_cells, flt_cv_test_per_train(study->cv), o->cv.seed, evidence);
}

static enum flt_status test_claims(struct flt_study *study, struct flt_error *err)
{
	double *values = flt_alloc(study->cv->n_cells, sizeof *values, err);
	if (!values)
		return FLT_ERR_MACHINE;
	for (enum flt_claim_kind kind = 0; kind < FLT_N_CLAIMS; kind++) {
		struct flt_claim *claim = &study->claims[kind];
		claim->verdict = FLT_NOT_TESTED;
		if (!is_testable(study, kind))
			continue;
		if (kind == FLT_CLAIM_NO_SLOWER) {
			claim->verdict = evaluate_work(study);
			continue;
		}
		spread_of_claim(study, kind, values, &claim->evidence);
		claim->verdict = flt_verdict_of(&claim->evidence);
	}
	flt_free(values);
	return FLT_OK;
}

static void average_folds(struct flt_study *study)
{
	double n = (double)study->cv->n_cells;
	for (size_t v = 0; v < study->n_all; v++) {
		for (size_t cell = 0; cell < study->cv->n_cells; cell++) {
			const struct flt_cv_trial *trial = flt_cv_trial(study->cv, v, cell);
			study->attention[v].easy += share_of_gradient(trial, true) / n;
			study->attention[v].positive += share_of_gradient(trial, false) / n;
			study->seconds_train[v] += trial->fit.seconds_train / n;
			study->seconds_score[v] += trial->seconds_score / n;
		}
	}
}

static enum flt_status run(struct flt_study *study, const struct flt_table *table, flt_on_progress *on_progress,
                           void *context, struct flt_error *err)
{
	const struct flt_study_options *options = &study->options;
	enum flt_status status =
	        flt_cv_run(table, study->variants, study->n_all, &options->cv, on_progress, context, &study->cv, err);
	if (status != FLT_OK || study->cv->stopped)
		return status;
	study->attention = flt_alloc_zero(study->n_all, sizeof *study->attention, err);
	study->seconds_train = study->attention ? flt_alloc_zero(study->n_all, sizeof(double), err) : NULL;
	study->seconds_score = study->seconds_train ? flt_alloc_zero(study->n_all, sizeof(double), err) : NULL;
	if (!study->seconds_score)
		return FLT_ERR_MACHINE;
	average_folds(study);
	size_t reference = options->bce == SIZE_MAX ? 0 : options->bce;
	status = flt_cv_compare(study->cv, reference, options->cv.seed, options->cv.n_threads, &study->comparison, err);
	return status == FLT_OK ? test_claims(study, err) : status;
}

enum flt_status flt_study_run(const struct flt_table *table, const struct flt_variant *variants, size_t n_variants,
                              const struct flt_study_options *options, flt_on_progress *on_progress, void *context,
                              struct flt_study **out, struct flt_error *err)
{
	enum { MOST_ADDED = 1 + 2 * FLT_N_SHARES };
	*out = NULL;
	struct flt_study *study = flt_alloc_zero(1, sizeof *study, err);
	if (!study)
		return FLT_ERR_MACHINE;
	enum flt_status status = FLT_ERR_MACHINE;
	study->options = *options;
	study->n_variants = study->n_all = n_variants;
	study->variants = flt_alloc(n_variants + MOST_ADDED, sizeof *study->variants, err);
	if (study->variants) {
		memcpy(study->variants, variants, n_variants * sizeof *variants);
		add_variants(study);
		status = run(study, table, on_progress, context, err);
	}
	if (status == FLT_OK)
		*out = study;
	else
		flt_study_free(study);
	return status;
}
