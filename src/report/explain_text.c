/* The report of `explain` for people: what matters, how, and together with what. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "detector/watch.h"
#include "report/data_text.h"
#include "report/effects_text.h"
#include "report/grid.h"
#include "report/report.h"
#include "report/unused.h"

enum { BAR = 5, MOST_SHOWN = 20, MOST_LISTED = 6 };

/* "amount", "a" + "b"; for a table, where a name is told from its surroundings, without quotes. */
static struct quoted unit_text(const struct flt_explanation *explanation, size_t unit, bool is_quoted)
{
	const struct flt_explain_unit *of = &explanation->units.units[unit];
	struct quoted shown = {""};
	for (size_t i = 0; i < of->n_names; i++) {
		size_t used = strlen(shown.text), room = sizeof shown.text - used;
		struct quoted name = flt_quoted(of->names[i]);
		int length = (int)strlen(name.text);
		if ((size_t)snprintf(shown.text + used, room, "%s%.*s", i > 0 ? " + " : "",
		                     is_quoted ? length : length - 2, name.text + !is_quoted) >= room)
			break; /* it is cut */
	}
	return shown;
}

/* ---- data ---- */

static void say_rows(struct flt_layout *layout, const struct flt_report_explanation *about)
{
	const struct flt_labelled_rows *labels = about->labels;
	const struct flt_detector *detector = about->detector;
	flt_layout_heading(layout, "model");
	flt_layout_item(layout, "", "%s", about->explained_model);
	flt_layout_heading(layout, "data");
	flt_layout_item(layout, "", "%s: %zu row%s", flt_stream_name(about->stream), labels->n, flt_plural(labels->n));
	if (!labels->has_target) {
		flt_layout_item(layout, "; ", "no target %s", flt_quoted(detector->target).text);
		return;
	}
	flt_layout_item(layout, "; ", "target %s", flt_quoted(detector->target).text);
	flt_layout_item(layout, ", ", "positive %s: %zu row%s (%s)", flt_quoted(detector->positive).text,
	                labels->n_positive, flt_plural(labels->n_positive),
	                flt_share((double)labels->n_positive / (double)labels->n).text);
	if (labels->weight_name && labels->weight)
		flt_say_weights(layout, labels->weight_name, labels->weight, labels->label, labels->n);
}

static void say_unused(struct flt_layout *layout, const struct flt_report_explanation *about)
{
	const struct flt_explain_units *units = &about->explanation->units;
	size_t n = 0;
	for (size_t i = 0; i < flt_stream_n_columns(about->stream); i++) {
		if (!flt_column_is_unused(about, i) || n++ >= MOST_LISTED)
			continue;
		flt_layout_item(layout, ", ", "%s", flt_quoted(flt_stream_column_name(about->stream, i)).text);
	}
	for (size_t i = 0; i < units->n_idle; i++)
		if (n++ < MOST_LISTED)
			flt_layout_item(layout, ", ", "%s", flt_quoted(units->idle[i]).text);
	if (n > MOST_LISTED)
		flt_layout_item(layout, " ", "and %zu more", n - MOST_LISTED);
	flt_layout_prose(layout, "%s in no network of the model and change%s nothing", n == 1 ? "is" : "are",
	                 n == 1 ? "s" : "");
}

static bool has_unused(const struct flt_report_explanation *about)
{
	for (size_t i = 0; i < flt_stream_n_columns(about->stream); i++)
		if (flt_column_is_unused(about, i))
			return true;
	return about->explanation->units.n_idle > 0;
}

static void say_sample(struct flt_layout *layout, const struct flt_explanation *explanation)
{
	if (explanation->n_rows == explanation->n_of)
		return;
	flt_layout_heading(layout, "sample");
	flt_layout_prose(layout, "%zu of the rows", explanation->n_rows);
	if (explanation->has_labels)
		flt_layout_prose(layout, "(%zu positive)", explanation->n_positive);
	flt_layout_prose(layout,
	                 "were drawn, and weigh what they stand for, so that figures are those of all %zu rows; "
	                 "--sample all takes all",
	                 explanation->n_of);
}

/* ---- importance ---- */

/* As many decimals as give the largest of some figures two digits or three. */
static int decimals_for(double largest)
{
	return largest > 0 && isfinite(largest) ? (int)fmin(fmax(2 - floor(log10(largest)), 0), 9) : 3;
}

/* What rounds to 0 has no sign. */
static double unsigned_zero(double value, int decimals)
{
	return fabs(value) * pow(10, decimals) < 0.5 ? 0 : value;
}

/* "0.0021 [-0.0012, 0.0053]" */
static struct text loss_text(const struct flt_interval *figure, const char *star, int decimals)
{
	struct text shown;
	if (isnan(figure->value))
		return (struct text){"-"};
	snprintf(shown.text, sizeof shown.text, "%.*f%.1s [%.*f, %.*f]", decimals,
	         unsigned_zero(figure->value, decimals), star, decimals, unsigned_zero(figure->lo, decimals), decimals,
	         unsigned_zero(figure->hi, decimals));
	return shown;
}

static const struct flt_interval *main_figure(const struct flt_explanation *explanation, size_t i)
{
	const struct flt_importance *figures = &explanation->importance[i].figures;
	return explanation->has_labels ? &figures->ap : &figures->moves;
}

static void put_bar(const struct flt_layout *layout, struct flt_grid *grid, size_t column, double share)
{
	char bar[4 * BAR] = "";
	for (int i = 0; i < (int)round(fmax(share, 0) * BAR); i++)
		strcat(bar, layout->style.blocks ? "█" : "#");
	flt_grid_cell(grid, column, "%s", bar);
}

/* The largest figures, by which bars and decimals are chosen. */
struct largest {
	double figure, log_loss;
};

static struct largest largest_of(const struct flt_explanation *explanation)
{
	struct largest largest = {0, 0};
	for (size_t i = 0; i < explanation->units.n; i++) {
		largest.figure = fmax(largest.figure, main_figure(explanation, i)->value);
		largest.log_loss = fmax(largest.log_loss, explanation->importance[i].figures.log_loss.value);
	}
	return largest;
}

static void put_unit(const struct flt_layout *layout, struct flt_grid *grid, const struct flt_explanation *explanation,
                     size_t i, const struct largest *largest)
{
	const struct flt_explained_importance *importance = &explanation->importance[i];
	const struct flt_interval *figure = main_figure(explanation, i);
	const char *star = explanation->is_starred ? "*" : "";
	flt_grid_row(grid, 0);
	flt_grid_cell(grid, 0, "%s", unit_text(explanation, importance->unit, false).text);
	flt_grid_cell(grid, 1, "%s",
	              loss_text(figure, star, explanation->has_labels ? 3 : decimals_for(largest->figure)).text);
	put_bar(layout, grid, 2, largest->figure > 0 ? figure->value / largest->figure : 0);
	if (explanation->has_labels)
		flt_grid_cell(grid, 3, "%s",
		              loss_text(&importance->figures.log_loss, star, decimals_for(largest->log_loss)).text);
}

/* The units behind those that are shown. */
static void say_rest(struct flt_layout *layout, const struct flt_explanation *explanation, size_t n_shown)
{
	double most = 0;
	for (size_t i = n_shown; i < explanation->units.n; i++)
		most = fmax(most, main_figure(explanation, i)->hi);
	if (n_shown == explanation->units.n)
		return;
	flt_layout_line(layout, 0);
	flt_layout_prose(layout, "and %zu more, none of more than %s (--json has them all)",
	                 explanation->units.n - n_shown, flt_significant(most, 2).text);
}

static void say_what_is_lost(struct flt_layout *layout, const struct flt_explanation *explanation)
{
	if (explanation->has_labels)
		flt_layout_prose(
		        layout,
		        "PR-AUC lost and log-loss gained when a column's values are shuffled among the rows "
		        "(mean of %zu shuffle%s; 95 %% intervals: other rows, other shuffles); with all columns "
		        "PR-AUC is %s%s",
		        explanation->n_repeats, flt_plural(explanation->n_repeats),
		        flt_fraction(explanation->ap, 3).text, explanation->is_starred ? "*" : "");
	else
		flt_layout_prose(
		        layout,
		        "by how much the log-odds move when a column's values are shuffled among the rows; what "
		        "it does to the figures takes rows of both classes, with a known class");
}

static void say_importance(struct flt_layout *layout, const struct flt_explanation *explanation, bool is_verbose)
{
	struct flt_grid grid = {.n_columns = explanation->has_labels ? 4 : 3};
	size_t most = is_verbose ? FLT_GRID_ROWS - 1 : MOST_SHOWN;
	size_t n = explanation->units.n < most ? explanation->units.n : most;
	const struct largest largest = largest_of(explanation);
	flt_layout_heading(layout, "importance");
	say_what_is_lost(layout, explanation);
	if (n == 0)
		return;
	flt_grid_row(&grid, 0);
	flt_grid_cell(&grid, 1, "%s", explanation->has_labels ? "PR-AUC lost" : "log-odds");
	if (explanation->has_labels)
		flt_grid_cell(&grid, 3, "log-loss gained");
	for (size_t i = 0; i < n; i++)
		put_unit(layout, &grid, explanation, i, &largest);
	flt_say_grid(layout, &grid);
	say_rest(layout, explanation, n);
	if (explanation->has_labels && isnan(explanation->importance[0].figures.log_loss.value)) {
		flt_layout_line(layout, 0);
		flt_layout_prose(layout,
		                 "-: infinite, since a probability of 0 or 1 is wrong somewhere; such are those of "
		                 "isotonic calibration");
	}
}

static void say_star(struct flt_layout *layout, const struct flt_explanation *explanation)
{
	if (!explanation->is_starred)
		return;
	flt_layout_line(layout, 0);
	flt_layout_prose(layout,
	                 "* the model learnt from these rows, or many of them: columns look more important than "
	                 "on new rows");
}

/* ---- correlated columns ---- */

static void say_group(struct flt_layout *layout, const struct flt_explanation *explanation,
                      const struct flt_correlated *group)
{
	enum { MOST = 8 };
	const char *names[MOST];
	char list[512];
	size_t n_names = 0;
	flt_layout_line(layout, 0);
	for (size_t k = 0; k < group->n; k++) {
		const struct flt_explain_unit *unit = &explanation->units.units[group->units[k]];
		flt_layout_item(layout, k + 1 == group->n ? " and " : ", ", "%s",
		                unit_text(explanation, group->units[k], true).text);
		for (size_t i = 0; i < unit->n_names && n_names < MOST; i++)
			names[n_names++] = unit->names[i];
	}
	flt_layout_item(layout, " ", "(%s)", flt_fraction(group->strength, 2).text);
	if (n_names < MOST && flt_option_value(names, n_names, list, sizeof list))
		flt_layout_item(layout, "; ", "--group-columns %s", list);
}

static void say_correlated(struct flt_layout *layout, const struct flt_explanation *explanation)
{
	const struct flt_correlations *correlations = &explanation->correlations;
	if (correlations->n == 0)
		return;
	flt_layout_heading(layout, "correlated");
	flt_layout_prose(layout,
	                 "these columns tell much the same (strength of association up to 1), so that each alone "
	                 "looks less important than it is; shuffle them together by");
	for (size_t i = 0; i < correlations->n && i < MOST_SHOWN; i++)
		say_group(layout, explanation, &correlations->groups[i]);
}

/* ---- interactions ---- */

static void say_interactions(struct flt_layout *layout, const struct flt_explanation *explanation)
{
	enum { MOST = 5 };
	if (explanation->n_interactions == 0)
		return;
	flt_layout_heading(layout, "together");
	flt_layout_prose(layout, "how far two columns are from simply adding up, in log-odds");
	for (size_t i = 0; i < explanation->n_interactions && i < MOST; i++) {
		const struct flt_explained_interaction *interaction = &explanation->interactions[i];
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "%s with %s", unit_text(explanation, interaction->units[0], true).text,
		                unit_text(explanation, interaction->units[1], true).text);
		flt_layout_item(layout, " ", "%s", flt_shown_small(&interaction->figure, "").text);
	}
	if (explanation->together.n_slices > 0)
		flt_say_together(layout, &explanation->together);
}

void flt_report_explain_text(FILE *out, const struct flt_report_explanation *about)
{
	struct flt_layout layout = {.out = out, .style = about->about.style};
	say_rows(&layout, about);
	if (has_unused(about)) {
		flt_layout_line(&layout, 0);
		say_unused(&layout, about);
	}
	say_sample(&layout, about->explanation);
	say_importance(&layout, about->explanation, about->about.verbose);
	say_star(&layout, about->explanation);
	say_correlated(&layout, about->explanation);
	flt_say_effects(&layout, about->explanation, about->about.verbose);
	say_interactions(&layout, about->explanation);
	flt_layout_end(&layout);
}
