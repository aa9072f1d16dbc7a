#include "report/verdict_text.h"

#include <math.h>
#include <string.h>

#include "report/grid.h"

enum { FEWEST_POSITIVES = 10 }; /* among the evaluated rows, below which figures mean little */

static const char *const headings[] = {
        [FLT_EVALUATED_TEST] = "test", [FLT_EVALUATED_VALIDATION] = "validation", [FLT_EVALUATED_LEFT_OUT] = "left out",
        [FLT_EVALUATED_FIT] = "fit",   [FLT_EVALUATED_FILE] = "evaluate",
};

static const char *const rows_texts[] = {
        [FLT_EVALUATED_TEST] = "test rows",    [FLT_EVALUATED_VALIDATION] = "validation rows",
        [FLT_EVALUATED_LEFT_OUT] = "fit rows", [FLT_EVALUATED_FIT] = "fit rows",
        [FLT_EVALUATED_FILE] = "rows",
};

/* "16 were, 8 were not" */
static struct text right_and_wrong(size_t n_right, size_t n)
{
	struct text shown;
	size_t n_wrong = n - n_right;
	if (n_right == 0 || n_wrong == 0)
		snprintf(shown.text, sizeof shown.text, "%s",
		         n_wrong == 0 ? (n == 1 ? "it was" : "all were") : (n == 1 ? "it was not" : "none was"));
	else
		snprintf(shown.text, sizeof shown.text, "%zu %s, %zu %s not", n_right, n_right == 1 ? "was" : "were",
		         n_wrong, n_wrong == 1 ? "was" : "were");
	return shown;
}

static void say_counts(struct flt_layout *layout, const struct flt_evaluation *evaluation)
{
	const struct flt_outcome *outcome = &evaluation->outcome;
	const char *rows = rows_texts[evaluation->evaluated_on];
	struct quoted positive = flt_quoted(evaluation->detector->positive);
	size_t n_missed = outcome->n_positive - outcome->n_right;
	if (outcome->n_called == 0) {
		flt_layout_prose(layout, "Of %zu %s the model flagged none as %s, and missed %s %zu.", outcome->n_rows,
		                 rows, positive.text, outcome->n_positive == 1 ? "the" : "all", outcome->n_positive);
		return;
	}
	flt_layout_prose(layout, "Of %zu %s the model flagged %zu as %s: %s.", outcome->n_rows, rows, outcome->n_called,
	                 positive.text, right_and_wrong(outcome->n_right, outcome->n_called).text);
	if (n_missed == 0)
		flt_layout_prose(layout, "It missed none of the %zu that were %s.", outcome->n_positive, positive.text);
	else
		flt_layout_prose(layout, "It missed %zu of the %zu that were %s.", n_missed, outcome->n_positive,
		                 positive.text);
}

/* "About 80 %"; all rows are known where the sketch holds all that made the model. */
static struct text overlap_text(const struct flt_overlap *overlap)
{
	struct text shown;
	snprintf(shown.text, sizeof shown.text, "About %.50s", flt_share(overlap->share.value).text);
	return shown;
}

static void say_star(struct flt_layout *layout, const struct flt_evaluation *evaluation)
{
	if (evaluation->is_training_data)
		flt_layout_prose(layout, "These rows are of the file that the model was trained on (*): expect less on "
		                         "new rows.");
	else if (evaluation->overlap.is_starred)
		flt_layout_prose(layout, "%s of these rows were used in training (*): expect less on new rows.",
		                 overlap_text(&evaluation->overlap).text);
	else if (evaluation->threshold_chosen_on == FLT_CHOSEN_ON_EVALUATED)
		flt_layout_prose(layout,
		                 "The threshold was chosen on these rows (*): expect slightly less on new rows.");
	else if (evaluation->evaluated_on == FLT_EVALUATED_VALIDATION)
		flt_layout_prose(layout, "These rows chose epoch and threshold (*): expect less on new rows.");
	else if (evaluation->evaluated_on == FLT_EVALUATED_LEFT_OUT)
		flt_layout_prose(layout, "These rows chose epochs, weights and threshold (*): expect less on new rows, "
		                         "on simulated tables 0.07 of PR-AUC with 40 positives, 0.04 with 100.");
	else if (evaluation->evaluated_on == FLT_EVALUATED_FIT)
		flt_layout_prose(layout, "The model learnt from these rows (*): this says nothing about new rows.");
	else
		flt_layout_prose(layout, "The threshold was chosen on the training rows (*), where the model is more "
		                         "confident than on new rows.");
}

static void say_noise(struct flt_layout *layout, const struct flt_evaluation *evaluation)
{
	const struct flt_figures *figures = &evaluation->figures;
	flt_layout_prose(layout,
	                 "This is no better than guessing: its PR-AUC is %s, and of random rankings 5 %% reach %s.",
	                 flt_fraction(figures->ap.value, 3).text, flt_fraction(figures->chance95, 3).text);
	if (figures->n_positive < FLT_FEW_POSITIVES)
		flt_layout_prose(layout, "With %zu positive%s to judge by, only a strong signal would show.",
		                 figures->n_positive, flt_plural(figures->n_positive));
}

static void say_better(struct flt_layout *layout, const struct flt_outcome *outcome)
{
	if (outcome->n_called == 0) {
		flt_layout_prose(layout, "It ranks rows better than guessing, but its threshold is above all of them.");
		return;
	}
	if (outcome->calls_better)
		flt_layout_prose(layout, "That is better than guessing:");
	else
		flt_layout_prose(layout, "It ranks rows better than guessing, but does no better at this threshold:");
	flt_layout_prose(layout, "%zu row%s drawn at random would hold %s of them.", outcome->n_called,
	                 flt_plural(outcome->n_called), flt_significant(outcome->by_chance, 2).text);
}

/* "36 to 70 of 100" */
static struct text counted(const struct flt_interval *share)
{
	struct text shown;
	int of = 100;
	while (share->hi * of < 2 && of < 10000)
		of *= 10;
	snprintf(shown.text, sizeof shown.text, "%.0f to %.0f of %d", round(share->lo * of), round(share->hi * of), of);
	return shown;
}

static void say_sureness(struct flt_layout *layout, const struct flt_evaluation *evaluation)
{
	const struct flt_point *point = &evaluation->figures.chosen;
	const struct flt_outcome *outcome = &evaluation->outcome;
	flt_layout_prose(layout, "With %zu such row%s to judge by, it would%s find %s new ones%s", outcome->n_positive,
	                 flt_plural(outcome->n_positive), evaluation->is_starred ? " at best" : "",
	                 counted(&point->recall).text, outcome->n_called ? "," : " (95 % interval).");
	if (outcome->n_called)
		flt_layout_prose(layout, "and %s flagged rows would be right (95 %% intervals).",
		                 counted(&point->precision).text);
}

static void say_few(struct flt_layout *layout, const struct flt_evaluation *evaluation)
{
	size_t n_positive = evaluation->figures.n_positive;
	bool has_table = evaluation->evaluated_on != FLT_EVALUATED_FILE;
	if (n_positive < FEWEST_POSITIVES)
		flt_layout_prose(layout,
		                 "With fewer than %d positives only the counts are reliable; the figures "
		                 "below say little.",
		                 FEWEST_POSITIVES);
	else if (n_positive < FLT_FEW_POSITIVES)
		flt_layout_prose(layout, has_table ? "Positives are few: see `fltrain cv` for tighter figures."
		                                   : "Positives are few, so the intervals are wide.");
}

void flt_say_verdict(struct flt_layout *layout, const struct flt_evaluation *evaluation)
{
	flt_layout_heading(layout, headings[evaluation->evaluated_on]);
	say_counts(layout, evaluation);
	if (evaluation->weight)
		flt_layout_prose(layout, "(In rows as they stand; all shares and figures below count their weights.)");
	if (evaluation->point_is_starred || evaluation->threshold_is_starred) {
		flt_layout_line(layout, 0);
		say_star(layout, evaluation);
	}
	if (evaluation->evaluated_on == FLT_EVALUATED_FIT || evaluation->is_training_data ||
	    (evaluation->overlap.is_starred && evaluation->overlap.share.value > 0.5))
		return;
	flt_layout_line(layout, 0);
	if (evaluation->outcome.ranks_better) {
		say_better(layout, &evaluation->outcome);
		flt_layout_line(layout, 0);
		say_sureness(layout, evaluation);
	} else {
		say_noise(layout, evaluation);
	}
	say_few(layout, evaluation);
}

/* Where all figures are starred, their titles are; else those of the chosen point may be. */
static bool look_alike(const struct flt_point *a, const struct flt_point *b, int decimals)
{
	return strcmp(flt_fraction(a->probability, decimals).text, flt_fraction(b->probability, decimals).text) == 0;
}

/* With as many digits as tell it from its neighbours. */
static struct text threshold_text(const struct flt_operating_points *points, size_t i)
{
	enum { FEWEST = 3, MOST = 9 };
	const struct flt_point *point = &points->point[i];
	int decimals = FEWEST;
	while (decimals < MOST && ((i > 0 && look_alike(point, point - 1, decimals)) ||
	                           (i + 1 < points->n && look_alike(point, point + 1, decimals))))
		decimals++;
	return flt_fraction(point->probability, decimals);
}

static void put_point(struct flt_grid *grid, const struct flt_evaluation *evaluation, size_t i)
{
	const struct flt_point *point = &evaluation->points.point[i];
	const struct flt_interval *alarms = &point->alarms_per_10000;
	bool is_chosen = i == evaluation->points.chosen;
	const char *star = is_chosen && evaluation->point_is_starred && !evaluation->is_starred ? "*" : "";
	flt_grid_row(grid, is_chosen ? '>' : 0);
	flt_grid_cell(grid, 0, "%s%s", threshold_text(&evaluation->points, i).text,
	              is_chosen && evaluation->threshold_is_starred ? "*" : "");
	flt_grid_cell(grid, 1, "%.0f%s [%.0f, %.0f]", alarms->value, star, alarms->lo, alarms->hi);
	flt_grid_interval(grid, 2, &point->recall, star);
	flt_grid_interval(grid, 3, &point->precision, star);
}

void flt_say_operating_points(struct flt_layout *layout, const struct flt_evaluation *evaluation)
{
	static const char *const titles[] = {"threshold", "alarms per 10,000", "recall", "precision"};
	struct flt_grid grid = {.n_columns = sizeof titles / sizeof *titles};
	flt_grid_row(&grid, 0);
	for (size_t c = 0; c < grid.n_columns; c++)
		flt_grid_cell(&grid, c, "%s%s", titles[c], c > 0 && evaluation->is_starred ? "*" : "");
	for (size_t i = 0; i < evaluation->points.n; i++)
		put_point(&grid, evaluation, i);
	flt_layout_heading(layout, "thresholds");
	flt_layout_prose(layout, "what each would give (> is the chosen one), with 95 %% intervals");
	flt_say_grid(layout, &grid);
}
