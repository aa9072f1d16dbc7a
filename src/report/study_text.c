#include "report/study_text.h"

#include <math.h>

const char *const flt_point_titles[FLT_N_OPERATING_POINTS] = {
        [FLT_POINT_HALF] = "at probability >= 0.5",
        [FLT_POINT_RAW_HALF] = "at raw sigmoid >= 0.5, as focal loss is usually used",
        [FLT_POINT_CHOSEN] = "at the threshold chosen on held-out rows",
};

const struct flt_spread *flt_study_figure(const struct flt_study *study, size_t variant, int number)
{
	return flt_comparison_figure(&study->comparison, variant, number);
}

/* The bounds of a corrected t can leave [0, 1], which no figure can. */
struct text flt_shown_spread(const struct flt_spread *spread)
{
	struct flt_interval shown = {spread->mean, fmax(spread->t_lo, 0), fmin(spread->t_hi, 1)};
	return flt_shown_interval(&shown, "");
}

void flt_say_study_data(struct flt_layout *layout, const struct flt_table *table, const struct flt_study *study)
{
	const struct flt_cv *cv = study->cv;
	size_t n_rows = flt_table_n_rows(table), n_positive = flt_table_n_positive(table);
	flt_layout_heading(layout, "data");
	flt_layout_item(layout, "", "%zu rows; target %s", n_rows, flt_quoted(flt_table_target(table)).text);
	flt_layout_item(layout, ", ", "positive %s: %zu (%s)", flt_quoted(flt_table_positive(table)).text, n_positive,
	                flt_share(study->prevalence).text);
	flt_layout_heading(layout, "folds");
	flt_layout_item(layout, "", "%zu folds x %zu repeat%s", cv->n_folds, cv->n_repeats, flt_plural(cv->n_repeats));
	flt_layout_item(layout, ", ", "identical rows kept together");
	flt_layout_item(layout, ", ", "seeds %llu to %llu", (unsigned long long)study->options.cv.seed,
	                (unsigned long long)(study->options.cv.seed + cv->n_repeats - 1));
	flt_layout_item(layout, "; ", "the first: fit %zu, validation %zu, test %zu (%zu)", cv->folds[0].n_fit,
	                cv->folds[0].n_validation, cv->folds[0].n_test, cv->folds[0].n_test_positive);
	if (cv->n_never_tested)
		flt_layout_item(layout, "; ", "%zu identical rows are more than a fold: always fitted on, never tested",
		                cv->n_never_tested);
}

void flt_say_budget(struct flt_layout *layout, const struct flt_study *study)
{
	size_t shown = study->options.bce == SIZE_MAX ? 0 : study->options.bce;
	const struct flt_cv_trial *trial = flt_cv_trial(study->cv, shown, 0);
	const struct flt_train_options *used = &trial->fit.used[0];
	flt_layout_heading(layout, "budget");
	flt_layout_item(layout, "", "%zu network%s", trial->fit.n_members, flt_plural(trial->fit.n_members));
	flt_layout_item(layout, " of ", "%zu weights", trial->n_params_per_network);
	flt_layout_item(layout, ", ", "%zu epochs of batches of %zu", used->epochs, used->batch);
	if (study->options.bce != SIZE_MAX)
		flt_layout_item(layout, "; ", "the same rows, initial weights and batches for all variants");
}
