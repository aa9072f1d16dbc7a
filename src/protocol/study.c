/*
 * All variants, those given and those that only claims need, run in one cross-validation. A claim is then a difference
 * between figures, or what a figure lacks, and its interval gives the verdict.
 */
#include "protocol/study.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"

enum { EARLY_DIVISOR = 10 }; /* "few epochs": a tenth of all, at least two */

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
	flt_free(study->seconds_score_row);
	flt_free(study->ap_deviation);
	flt_free(study->curve);
	flt_free(study);
}

static size_t add_variant(struct flt_study *study, size_t base, const char *name)
{
	struct flt_variant *added = &study->variants[study->n_all];
	*added = study->variants[base];
	added->name = name;
	return study->n_all++;
}

/* Adds the variants that only claims need. */
static void add_variants(struct flt_study *study)
{
	const struct flt_study_options *options = &study->options;
	static const char *const names[2][FLT_N_SHARES] = {{"BCE, 25 % of positives", "BCE, 50 % of positives"},
	                                                   {"focal, 25 % of positives", "focal, 50 % of positives"}};
	study->early = SIZE_MAX;
	if (options->textbook != SIZE_MAX) {
		study->early = add_variant(study, options->textbook, "BCE, textbook, few epochs");
		study->variants[study->early].options.epochs_divisor = EARLY_DIVISOR;
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

/* ---- evidence ---- */

static double share_of_gradient(const struct flt_cv_trial *trial, bool of_easy)
{
	double some = 0, total = 0;
	for (size_t i = 0; i < trial->log.n; i++) {
		const struct flt_epoch *epoch = &trial->log.epochs[i];
		some += of_easy ? epoch->gradient_easy : epoch->gradient_positive;
		total += epoch->gradient_total;
	}
	return total > 0 ? some / total : NAN;
}

static double share_in_fold(const struct flt_study *study, size_t variant, size_t fold, bool of_easy)
{
	return share_of_gradient(flt_cv_trial(study->cv, variant, fold), of_easy);
}

/* By how much focal's share of the gradient exceeds BCE's, or the other way round for easy rows. Test rows have no part
 * in it. values (n_all_folds) is scratch. */
static struct flt_spread evidence_of_attention(const struct flt_study *study, bool of_easy, double *values)
{
	size_t n = study->cv->n_all_folds;
	size_t more = of_easy ? study->options.bce : study->options.focal;
	size_t less = of_easy ? study->options.focal : study->options.bce;
	for (size_t fold = 0; fold < n; fold++)
		values[fold] = share_in_fold(study, more, fold, of_easy) - share_in_fold(study, less, fold, of_easy);
	return flt_spread_of_trainings(values, n, flt_cv_test_per_train(study->cv));
}

/* By how much a variant's recall at a probability of 0.5 falls short of one half. */
static struct flt_spread evidence_of_laziness(const struct flt_study *study, size_t variant)
{
	const int recall_half = FLT_COMPARE_AT_POINT(FLT_POINT_HALF) + FLT_AT_POINT_RECALL;
	struct flt_spread recall = flt_comparison_figure(&study->comparison, variant, recall_half);
	return flt_spread_mirrored(0.5, &recall);
}

/* The evidence for one claim: above 0 it supports the claim. */
static struct flt_spread evidence_of(const struct flt_study *study, enum flt_claim_kind kind, double *values)
{
	const struct flt_study_options *o = &study->options;
	const struct flt_comparison *comparison = &study->comparison;
	size_t half_focal = study->focal_at[FLT_N_SHARES - 1];
	switch (kind) {
	case FLT_CLAIM_LAZY_EARLY:
		return evidence_of_laziness(study, study->early);
	case FLT_CLAIM_LAZY_LATE:
		return evidence_of_laziness(study, o->textbook);
	case FLT_CLAIM_EASY_ROWS:
		return evidence_of_attention(study, true, values);
	case FLT_CLAIM_RARE_ROWS:
		return evidence_of_attention(study, false, values);
	case FLT_CLAIM_BETTER_AP:
		return flt_comparison_difference(comparison, o->focal, o->bce, FLT_COMPARE_AP);
	case FLT_CLAIM_BETTER_RECALL:
		return flt_comparison_difference(comparison, o->focal, o->bce, FLT_COMPARE_RECALL_AT);
	case FLT_CLAIM_MORE_DATA:
		return flt_comparison_difference(comparison, o->bce, half_focal, FLT_COMPARE_AP);
	case FLT_CLAIM_MORE_DATA_STILL:
		return flt_comparison_difference(comparison, o->focal, half_focal, FLT_COMPARE_AP);
	case FLT_CLAIM_NO_SLOWER:
	case FLT_N_CLAIMS:
		break;
	}
	assert(0);
	return (struct flt_spread){.lo = NAN, .hi = NAN};
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
	if (evidence->lo > 0)
		return FLT_SUPPORTED;
	if (evidence->hi < 0)
		return FLT_NOT_SUPPORTED;
	return FLT_CANNOT_TELL;
}

/* Scoring a row takes work in proportion to the number of weights. Both variants have the same inputs in a fold, so the
 * first fold speaks for all. */
static enum flt_verdict evaluate_work(const struct flt_study *study)
{
	size_t bce = flt_cv_trial(study->cv, study->options.bce, 0)->n_params;
	size_t focal = flt_cv_trial(study->cv, study->options.focal, 0)->n_params;
	return focal <= bce ? FLT_SUPPORTED : FLT_NOT_SUPPORTED;
}

static enum flt_status test_claims(struct flt_study *study, struct flt_error *err)
{
	double *values = flt_alloc(study->cv->n_all_folds, sizeof *values, err);
	FLT_TRY_MEMORY(values);
	for (enum flt_claim_kind kind = 0; kind < FLT_N_CLAIMS; kind++) {
		struct flt_claim *claim = &study->claims[kind];
		claim->verdict = FLT_NOT_TESTED;
		if (!is_testable(study, kind))
			continue;
		if (kind == FLT_CLAIM_NO_SLOWER) {
			claim->verdict = evaluate_work(study);
			continue;
		}
		claim->evidence = evidence_of(study, kind, values);
		claim->verdict = flt_verdict_of(&claim->evidence);
	}
	flt_free(values);
	return FLT_OK;
}

static enum flt_status make_room(struct flt_study *study, struct flt_error *err)
{
	study->attention = flt_alloc_zero(study->n_all, sizeof *study->attention, err);
	study->seconds_train = flt_alloc_zero(study->n_all, sizeof *study->seconds_train, err);
	study->seconds_score = flt_alloc_zero(study->n_all, sizeof *study->seconds_score, err);
	study->seconds_score_row = flt_alloc_zero(study->n_all, sizeof *study->seconds_score_row, err);
	study->ap_deviation = flt_alloc_zero(study->n_all, sizeof *study->ap_deviation, err);
	FLT_TRY_MEMORY(study->attention && study->seconds_train && study->seconds_score && study->seconds_score_row &&
	               study->ap_deviation);
	return FLT_OK;
}

static void average_folds(struct flt_study *study)
{
	const struct flt_study_options *o = &study->options;
	double n = (double)study->cv->n_all_folds;
	for (size_t v = 0; v < study->n_all; v++) {
		for (size_t fold = 0; fold < study->cv->n_all_folds; fold++) {
			const struct flt_cv_trial *trial = flt_cv_trial(study->cv, v, fold);
			study->attention[v].easy += share_of_gradient(trial, true) / n;
			study->attention[v].positive += share_of_gradient(trial, false) / n;
			study->seconds_train[v] += trial->fit.seconds_train / n;
			study->seconds_score[v] += trial->seconds_score / n;
		}
		study->seconds_score_row[v] = study->seconds_score[v] / (double)study->cv->folds[0].n_test;
	}
	bool has_both = o->bce != SIZE_MAX && o->focal != SIZE_MAX;
	study->time_ratio = has_both ? study->seconds_train[o->focal] / study->seconds_train[o->bce] : (double)NAN;
}

static void measure_deviations(struct flt_study *study)
{
	size_t n = study->cv->n_all_folds;
	for (size_t v = 0; v < study->n_all; v++) {
		const double *ap = flt_comparison_per_fold(&study->comparison, v, FLT_COMPARE_AP);
		double mean = flt_comparison_figure(&study->comparison, v, FLT_COMPARE_AP).mean;
		study->ap_deviation[v] = flt_deviation_between_folds(ap, n, mean);
	}
}

/* The variant that the others are compared with. */
static size_t reference_of(const struct flt_study *study)
{
	return study->options.bce == SIZE_MAX ? 0 : study->options.bce;
}

enum flt_status flt_study_run(struct flt_study *study, const struct flt_cv_hooks *hooks, struct flt_error *err)
{
	const struct flt_study_options *options = &study->options;
	FLT_TRY(flt_cv_run(study->cv, hooks, err));
	if (study->cv->stopped)
		return FLT_OK;
	FLT_TRY(make_room(study, err));
	average_folds(study);
	FLT_TRY(flt_cv_compare(study->cv, options->cv.seed, options->cv.n_threads, &study->comparison, err));
	measure_deviations(study);
	return test_claims(study, err);
}

enum flt_status flt_study_plan(const struct flt_table *table, const struct flt_variant *variants, size_t n_variants,
                               const struct flt_study_options *options, struct flt_study **out, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	*out = NULL;
	struct flt_study *study = flt_alloc_zero(1, sizeof *study, err);
	FLT_TRY_MEMORY(study);
	study->options = *options;
	study->n_variants = study->n_all = n_variants;
	study->variants = flt_alloc(n_variants + FLT_MOST_ADDED_VARIANTS, sizeof *study->variants, err);
	FLT_TRY_MEMORY_OUT(study->variants);
	memcpy(study->variants, variants, n_variants * sizeof *variants);
	add_variants(study);
	FLT_TRY_OUT(
	        flt_cv_plan(table, study->variants, study->n_all, reference_of(study), &options->cv, &study->cv, err));
	study->cv->n_bytes_after = flt_cv_compare_bytes(study->cv, options->cv.n_threads);
	*out = study;
	return FLT_OK;
out:
	flt_study_free(study);
	return status;
}

enum flt_status flt_study_find_curves(struct flt_study *study, struct flt_error *err)
{
	study->curve = flt_alloc(study->n_all, FLT_CV_CURVE * sizeof *study->curve, err);
	FLT_TRY_MEMORY(study->curve);
	for (size_t v = 0; v < study->n_all; v++)
		FLT_TRY(flt_cv_mean_curve(study->cv, v, study->curve + v * FLT_CV_CURVE, err));
	return FLT_OK;
}
