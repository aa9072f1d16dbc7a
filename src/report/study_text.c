#include "report/study_text.h"

#include "report/data_text.h"

const char *const flt_point_titles[FLT_N_OPERATING_POINTS] = {
        [FLT_POINT_HALF] = "at probability >= 0.5",
        [FLT_POINT_RAW_HALF] = "at raw sigmoid >= 0.5, as focal loss is usually used",
        [FLT_POINT_CHOSEN] = "at the threshold chosen on held-out rows",
};

struct flt_spread flt_study_figure(const struct flt_study *study, size_t variant, int number)
{
	return flt_comparison_figure(&study->comparison, variant, number);
}

struct flt_spread flt_study_difference(const struct flt_study *study, size_t variant, int number)
{
	return flt_comparison_difference(&study->comparison, variant, study->options.bce, number);
}

struct text flt_shown_spread(const struct flt_spread *spread)
{
	struct flt_interval shown = {spread->mean, spread->lo, spread->hi};
	return flt_shown_interval(&shown, "");
}

struct text flt_shown_difference(const struct flt_spread *spread)
{
	struct text shown;
	snprintf(shown.text, sizeof shown.text, "%+.3f [%+.3f, %+.3f]", spread->mean, spread->lo, spread->hi);
	return shown;
}

/* Of a single network. With newton, epochs are penalties that were tried. */
static void say_best_epoch(FILE *out, const struct flt_fit_result *fit)
{
	const struct flt_train_result *train = &fit->train[0];
	if (fit->roster.kinds[0].train.optimizer == FLT_NEWTON)
		fprintf(out, "L2 %.3g, the best of %zu", train->best.l2, train->epochs);
	else
		fprintf(out, "best epoch %zu of %zu", train->best_epoch, train->epochs);
	if (isfinite(train->best.validation_ap))
		fprintf(out, ", validation PR-AUC %.4f", train->best.validation_ap);
}

void flt_report_trial_text(FILE *out, const struct flt_cv *cv, size_t variant, size_t fold)
{
	const struct flt_fit_result *fit = &flt_cv_trial(cv, variant, fold)->fit;
	if (cv->n_variants > 1)
		flt_say(out, "%s, ", flt_quoted(cv->variants[variant].name).text);
	fprintf(out, "repeat %zu, fold %zu: ", cv->folds[fold].repeat + 1, cv->folds[fold].fold + 1);
	if (cv->variants[variant].majority) {
		fputs("no network\n", out);
		return;
	}
	if (fit->roster.n_members == 1)
		say_best_epoch(out, fit);
	else
		fprintf(out, "%zu networks", fit->roster.n_members);
	fprintf(out, ", %.2f s\n", fit->seconds_prepare + fit->seconds_train);
}

/* The span of each test block, or of the first and the last. */
static void say_blocks(struct flt_layout *layout, const struct flt_cv *cv)
{
	enum { MOST = 6 };
	flt_layout_line(layout, 0);
	for (size_t i = 0; i < cv->n_folds; i++) {
		const struct flt_cv_fold *fold = &cv->folds[i];
		if (cv->n_folds > MOST && i > 0 && i + 1 < cv->n_folds)
			continue;
		struct flt_time_span span = flt_split_time_span(cv->table, fold->test, fold->n_test);
		flt_layout_item(layout, i ? "   " : "", "test %zu: %s to %s", i + 1,
		                flt_shown_time(cv->table, span.first).text, flt_shown_time(cv->table, span.last).text);
	}
}

static void say_how_folds(struct flt_layout *layout, const struct flt_cv *cv)
{
	if (!cv->by_time) {
		flt_layout_item(layout, "", "%zu folds x %zu repeat%s", cv->n_folds, cv->n_repeats,
		                flt_plural(cv->n_repeats));
		if (cv->identical.n && cv->identical.kept != FLT_IDENTICAL_APART)
			flt_layout_item(layout, ", ", "identical rows kept together");
		return;
	}
	size_t time = flt_table_role(cv->table, FLT_TIME);
	flt_layout_item(layout, "", "%zu blocks of time, in the order of %s", cv->n_folds,
	                flt_quoted(flt_table_column(cv->table, time).name).text);
	flt_layout_item(layout, ", ", "each after the rows it was trained on");
	flt_layout_item(layout, ", ", "x %zu repeat%s", cv->n_repeats, flt_plural(cv->n_repeats));
}

static void say_seeds(struct flt_layout *layout, uint64_t first, size_t n)
{
	unsigned long long last = first + n - 1;
	if (n == 1)
		flt_layout_item(layout, ", ", "seed %llu", last);
	else
		flt_layout_item(layout, ", ", "seeds %llu to %llu", (unsigned long long)first, last);
}

static void say_folds(struct flt_layout *layout, const struct flt_study *study)
{
	const struct flt_cv *cv = study->cv;
	size_t group = flt_table_role(cv->table, FLT_GROUP);
	flt_layout_heading(layout, "split");
	say_how_folds(layout, cv);
	say_seeds(layout, study->options.cv.seed, cv->n_repeats);
	flt_layout_item(layout, "; ", "the first: fit %zu, validation %zu, test %zu (%zu)", cv->folds[0].n_fit,
	                cv->folds[0].n_validation, cv->folds[0].n_test, cv->folds[0].n_test_positive);
	if (group != SIZE_MAX)
		flt_layout_item(layout, "; ", "by %zu groups of %s (%zu with a positive row)", cv->groups.n,
		                flt_quoted(flt_table_column(cv->table, group).name).text, cv->groups.n_positive);
	if (cv->by_time)
		say_blocks(layout, cv);
	else if (cv->n_never_tested)
		flt_layout_item(layout, "; ", "%zu %s: always fitted on, never tested", cv->n_never_tested,
		                group != SIZE_MAX ? "rows of groups larger than a fold"
		                                  : "identical rows are more than a fold");
}

static void say_epochs(struct flt_layout *layout, const char *separator, const struct flt_train_options *used)
{
	flt_layout_item(layout, separator, "%zu epoch%s of batches of %zu", used->epochs, flt_plural(used->epochs),
	                used->batch);
}

static void say_networks(struct flt_layout *layout, const struct flt_study *study)
{
	const struct flt_fit_plan *plan = &study->cv->plan;
	const struct flt_train_options *used = &plan->roster.kinds[0].train;
	if (study->options.bce == SIZE_MAX) {
		flt_say_model(layout, plan);
		if (used->optimizer == FLT_NEWTON)
			flt_layout_item(layout, "; ", "solved for its optimum");
		else if (plan->roster.n_kinds == 1)
			say_epochs(layout, "; ", used);
		return;
	}
	flt_layout_heading(layout, "model");
	flt_layout_item(layout, "", "%zu network%s", plan->roster.n_members, flt_plural(plan->roster.n_members));
	flt_layout_item(layout, " of ", "%zu weights", plan->n_params / plan->roster.n_members);
	say_epochs(layout, ", ", used);
	flt_layout_item(layout, "; ", "the same rows, initial weights and batches for all networks");
}

void flt_report_study_plan_text(FILE *out, const struct flt_study *study, const struct flt_report_about *about)
{
	struct flt_layout layout = {.out = out, .style = about->style};
	struct flt_data_view data = flt_view_of_study(study);
	flt_say_data(&layout, &data);
	say_folds(&layout, study);
	say_networks(&layout, study);
	flt_layout_end(&layout);
}
