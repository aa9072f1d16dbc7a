#include "report/verdict_text.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/character.h"
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

/* Adds a sentence. */
static void tell(struct flt_verdict_text *verdict, bool opens_line, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static void tell(struct flt_verdict_text *verdict, bool opens_line, const char *format, ...)
{
	assert(verdict->n < FLT_MOST_SENTENCES);
	struct flt_sentence *sentence = &verdict->sentence[verdict->n++];
	va_list args;
	va_start(args, format);
	vsnprintf(sentence->text, sizeof sentence->text, format, args);
	va_end(args);
	flt_mask_controls(sentence->text);
	sentence->opens_line = opens_line;
	sentence->tone = FLT_TONE_PLAIN;
}

/* Gives the last sentence a tone. */
static void in_tone(struct flt_verdict_text *verdict, enum flt_tone tone)
{
	verdict->sentence[verdict->n - 1].tone = tone;
}

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

static void tell_counts(struct flt_verdict_text *verdict, const struct flt_evaluation *evaluation)
{
	const struct flt_outcome *outcome = &evaluation->outcome;
	const char *rows = rows_texts[evaluation->evaluated_on];
	struct quoted positive = flt_quoted(evaluation->detector->positive);
	size_t n_missed = outcome->n_positive - outcome->n_right;
	if (outcome->n_called == 0) {
		tell(verdict, false, "Of %zu %s the model flagged none as %s, and missed %s %zu.", outcome->n_rows,
		     rows, positive.text, outcome->n_positive == 1 ? "the" : "all", outcome->n_positive);
		return;
	}
	tell(verdict, false, "Of %zu %s the model flagged %zu as %s: %s.", outcome->n_rows, rows, outcome->n_called,
	     positive.text, right_and_wrong(outcome->n_right, outcome->n_called).text);
	if (n_missed == 0)
		tell(verdict, false, "It missed none of the %zu that were %s.", outcome->n_positive, positive.text);
	else
		tell(verdict, false, "It missed %zu of the %zu that were %s.", n_missed, outcome->n_positive,
		     positive.text);
}

/* Why figures, or the threshold, are starred. */
static const char *star_text(const struct flt_evaluation *evaluation)
{
	if (evaluation->threshold_chosen_on == FLT_CHOSEN_ON_EVALUATED)
		return "The threshold was chosen on these rows (*): expect slightly less on new rows.";
	if (evaluation->evaluated_on == FLT_EVALUATED_VALIDATION)
		return "These rows chose epoch and threshold (*): expect less on new rows.";
	if (evaluation->evaluated_on == FLT_EVALUATED_LEFT_OUT)
		return "These rows chose epochs, weights and threshold (*): expect less on new rows, on simulated "
		       "tables 0.07 of PR-AUC with 40 positives, 0.04 with 100.";
	if (evaluation->evaluated_on == FLT_EVALUATED_FIT)
		return "The model learnt from these rows (*): this says nothing about new rows.";
	return "The threshold was chosen on the training rows (*), where the model is more confident than on new rows.";
}

static void tell_star(struct flt_verdict_text *verdict, const struct flt_evaluation *evaluation)
{
	if (evaluation->is_training_data)
		tell(verdict, true,
		     "These rows are of the file that the model was trained on (*): expect less on new rows.");
	else if (evaluation->overlap.is_starred)
		tell(verdict, true, "About %s of these rows were used in training (*): expect less on new rows.",
		     flt_share(evaluation->overlap.share.value).text);
	else
		tell(verdict, true, "%s", star_text(evaluation));
	in_tone(verdict, FLT_TONE_CAUTION);
}

static void tell_noise(struct flt_verdict_text *verdict, const struct flt_evaluation *evaluation)
{
	const struct flt_figures *figures = &evaluation->figures;
	tell(verdict, true, "This is no better than guessing: its PR-AUC is %s, and of random rankings 5 %% reach %s.",
	     flt_fraction(figures->ap.value, 3).text, flt_fraction(figures->chance95, 3).text);
	in_tone(verdict, FLT_TONE_BAD);
	if (figures->n_positive < FLT_FEW_POSITIVES)
		tell(verdict, false, "With %zu positive%s to judge by, only a strong signal would show.",
		     figures->n_positive, flt_plural(figures->n_positive));
}

static void tell_better(struct flt_verdict_text *verdict, const struct flt_outcome *outcome)
{
	if (outcome->n_called == 0)
		tell(verdict, true, "It ranks rows better than guessing, but its threshold is above all of them.");
	else
		tell(verdict, true, "%s: %zu row%s drawn at random would hold %s of them.",
		     outcome->calls_better ? "That is better than guessing"
		                           : "It ranks rows better than guessing, but does no better at this threshold",
		     outcome->n_called, flt_plural(outcome->n_called), flt_significant(outcome->by_chance, 2).text);
	in_tone(verdict, outcome->calls_better ? FLT_TONE_GOOD : FLT_TONE_CAUTION);
}

/* "36 to 70 of 100" */
static struct text counted(const struct flt_interval *share)
{
	struct text shown;
	int of = 100;
	while (share->hi * of < 2 && of < 10000)
		of *= 10;
	double lo = round(share->lo * of), hi = round(share->hi * of);
	if (lo < hi || share->lo == share->hi)
		snprintf(shown.text, sizeof shown.text, "%.0f to %.0f of %d", lo, hi, of);
	else
		snprintf(shown.text, sizeof shown.text, "%.1f to %.1f of %d", share->lo * of, share->hi * of, of);
	return shown;
}

static void tell_sureness(struct flt_verdict_text *verdict, const struct flt_evaluation *evaluation)
{
	const struct flt_point *point = &evaluation->figures.chosen;
	const struct flt_outcome *outcome = &evaluation->outcome;
	char precise[120] = " (95 % interval)";
	if (outcome->n_called)
		snprintf(precise, sizeof precise, ", and %s flagged rows would be right (95 %% intervals)",
		         counted(&point->precision).text);
	tell(verdict, true, "With %zu such row%s to judge by, it would%s find %s new ones%s.", outcome->n_positive,
	     flt_plural(outcome->n_positive), evaluation->is_starred ? " at best" : "", counted(&point->recall).text,
	     precise);
}

static void tell_few(struct flt_verdict_text *verdict, const struct flt_evaluation *evaluation)
{
	size_t n_positive = evaluation->figures.n_positive;
	bool has_table = evaluation->evaluated_on != FLT_EVALUATED_FILE;
	if (n_positive < FEWEST_POSITIVES)
		tell(verdict, false,
		     "With fewer than %d positives only the counts are reliable; the figures below say little.",
		     FEWEST_POSITIVES);
	else if (n_positive < FLT_FEW_POSITIVES)
		tell(verdict, false,
		     has_table ? "Positives are few: see `fltrain cv` for tighter figures."
		               : "Positives are few, so the intervals are wide.");
}

/* What top:K or rate:F asked for, as a share of rows; 0 if that is not known, NaN for other rules. */
static double share_asked_for(const struct flt_detector *detector)
{
	if (detector->rule.kind == FLT_RULE_RATE)
		return detector->rule.value;
	return detector->rule.kind == FLT_RULE_TOP ? detector->choice.alarms : (double)NAN;
}

/* A number of alarms that was chosen on other rows, and that these rows miss by more than chance among them. */
static void tell_missed_number(struct flt_verdict_text *verdict, const struct flt_evaluation *evaluation)
{
	const struct flt_interval *alarms = &evaluation->figures.chosen.alarms_per_10000;
	double asked = 1e4 * share_asked_for(evaluation->detector);
	char rule[FLT_RULE_SIZE];
	if (!(asked > 0) || evaluation->threshold_is_starred || (alarms->lo <= asked && asked <= alarms->hi))
		return;
	flt_rule_format(&evaluation->detector->rule, rule, sizeof rule);
	tell(verdict, true, "It flagged %.0f [%.0f, %.0f] of 10,000 rows; %s %s %s.", alarms->value, alarms->lo,
	     alarms->hi, rule,
	     evaluation->detector->rule.kind == FLT_RULE_RATE ? "asked for" : "took, where it was chosen,",
	     flt_significant(asked, asked < 100 ? 2 : 3).text);
}

void flt_verdict_find(const struct flt_evaluation *evaluation, struct flt_verdict_text *verdict)
{
	verdict->n = 0;
	tell_counts(verdict, evaluation);
	if (evaluation->weight)
		tell(verdict, false, "(In rows as they stand; all shares and figures below count their weights.)");
	if (evaluation->point_is_starred || evaluation->threshold_is_starred)
		tell_star(verdict, evaluation);
	if (evaluation->evaluated_on == FLT_EVALUATED_FIT || evaluation->is_training_data ||
	    (evaluation->overlap.is_starred && evaluation->overlap.share.value > 0.5))
		return;
	if (evaluation->outcome.ranks_better) {
		tell_better(verdict, &evaluation->outcome);
		tell_sureness(verdict, evaluation);
	} else {
		tell_noise(verdict, evaluation);
	}
	tell_few(verdict, evaluation);
	tell_missed_number(verdict, evaluation);
}

void flt_say_verdict(struct flt_layout *layout, const struct flt_evaluation *evaluation)
{
	struct flt_verdict_text verdict;
	flt_verdict_find(evaluation, &verdict);
	flt_layout_heading(layout, headings[evaluation->evaluated_on]);
	for (size_t i = 0; i < verdict.n; i++) {
		if (verdict.sentence[i].opens_line)
			flt_layout_line(layout, 0);
		flt_layout_tone(layout, verdict.sentence[i].tone);
		flt_layout_prose(layout, "%s", verdict.sentence[i].text);
		flt_layout_tone(layout, FLT_TONE_PLAIN);
	}
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
