/* Figures by slice, for people and for programs. */
#include "report/slices.h"

#include <math.h>
#include <string.h>

#include "report/figures_json.h"
#include "report/grid.h"

/* Few digits, but all of a whole number. */
static struct text edge_of(double value)
{
	struct text shown;
	snprintf(shown.text, sizeof shown.text, value == floor(value) ? "%.15g" : "%.4g", value);
	return shown;
}

static struct quoted name_of(const struct flt_slice *slice)
{
	struct quoted shown;
	if (slice->kind == FLT_SLICE_VALUE)
		return flt_quoted(slice->name);
	if (slice->kind == FLT_SLICE_BIN && slice->lo == slice->hi)
		snprintf(shown.text, sizeof shown.text, "%s", edge_of(slice->lo).text);
	else if (slice->kind == FLT_SLICE_BIN)
		snprintf(shown.text, sizeof shown.text, "%s to %s", edge_of(slice->lo).text, edge_of(slice->hi).text);
	else
		snprintf(shown.text, sizeof shown.text, "%s",
		         slice->kind == FLT_SLICE_MISSING ? "missing" : slice->name);
	return shown;
}

/* ---- text ---- */

static const double LEAST_P = 0.0001; /* that is shown: the intervals are not exact so far out */

static const char *const figure_texts[FLT_N_SLICE_FIGURES] = {"recall", "precision", "ROC-AUC"};

/* A figure that a slice does not have is "-". */
static void put_figure(struct flt_grid *grid, size_t column, bool has_figure, const struct flt_interval *figure)
{
	if (has_figure)
		flt_grid_interval(grid, column, figure, "");
	else
		flt_grid_cell(grid, column, "-");
}

static bool differs(const struct flt_slice *slice)
{
	for (size_t c = 0; c < FLT_N_SLICE_FIGURES; c++)
		if (slice->comparison[c].differs)
			return true;
	return false;
}

static void start_grid(struct flt_grid *grid, const char *const titles[FLT_GRID_COLUMNS])
{
	*grid = (struct flt_grid){0};
	while (grid->n_columns < FLT_GRID_COLUMNS && titles[grid->n_columns])
		grid->n_columns++;
	flt_grid_row(grid, 0);
	for (size_t c = 0; c < grid->n_columns; c++)
		flt_grid_cell(grid, c, "%s", titles[c]);
}

/* What people act on. */
static void put_decisions(struct flt_grid *grid, const struct flt_slice *slice)
{
	const struct flt_figures *figures = &slice->figures;
	flt_grid_row(grid, differs(slice) ? '!' : 0);
	flt_grid_cell(grid, 0, "%s", name_of(slice).text);
	flt_grid_cell(grid, 1, "%zu", figures->n_rows);
	flt_grid_cell(grid, 2, "%zu", figures->n_positive);
	flt_grid_cell(grid, 3, "%zu", slice->n_called);
	put_figure(grid, 4, figures->n_positive > 0, &figures->chosen.recall);
	put_figure(grid, 5, slice->n_called > 0, &figures->chosen.precision);
}

static void put_rankings(struct flt_grid *grid, const struct flt_slice *slice)
{
	const struct flt_figures *figures = &slice->figures;
	flt_grid_row(grid, differs(slice) ? '!' : 0);
	flt_grid_cell(grid, 0, "%s", name_of(slice).text);
	put_figure(grid, 1, slice->has_figures, &figures->roc_auc);
	put_figure(grid, 2, slice->has_figures, &figures->ap);
	flt_grid_cell(grid, 3, "%s", slice->has_figures ? flt_fraction(figures->chance, 2).text : "-");
	flt_grid_cell(grid, 4, "%s", slice->has_figures ? flt_significant(figures->mean_probability, 2).text : "-");
	flt_grid_cell(grid, 5, "%s",
	              slice->has_figures ? flt_significant(figures->weight_positive / figures->weight, 2).text : "-");
}

/* The slices of one column, from the first on. Returns how many they are. */
static size_t say_column(struct flt_layout *layout, const struct flt_slice *slices, size_t n, bool is_starred)
{
	static const char *const decisions[FLT_GRID_COLUMNS] = {"", "rows", "pos.", "flagged", "recall", "precision"};
	static const char *const rankings[FLT_GRID_COLUMNS] = {"", "ROC-AUC", "PR-AUC", "chance", "said", "were"};
	struct flt_grid grid;
	size_t n_own = 0;
	while (n_own < n && slices[n_own].column == slices[0].column)
		n_own++;
	flt_layout_heading(layout, "by");
	flt_layout_prose(layout, "%s: recall and precision at the threshold, with 95 %% intervals%s",
	                 flt_quoted(slices[0].column).text, is_starred ? ", all starred (*)" : "");
	start_grid(&grid, decisions);
	for (size_t i = 0; i < n_own; i++)
		put_decisions(&grid, &slices[i]);
	flt_say_grid(layout, &grid);
	start_grid(&grid, rankings);
	for (size_t i = 0; i < n_own; i++)
		put_rankings(&grid, &slices[i]);
	flt_say_grid(layout, &grid);
	return n_own;
}

static void say_difference(struct flt_layout *layout, const struct flt_slice *slice, size_t c)
{
	const struct flt_slice_comparison *comparison = &slice->comparison[c];
	flt_layout_line(layout, 0);
	flt_layout_prose(layout, "%s %s: %s %s, the rest %s (p", flt_quoted(slice->column).text, name_of(slice).text,
	                 figure_texts[c], flt_fraction(comparison->of_slice.value, 2).text,
	                 flt_fraction(comparison->of_rest.value, 2).text);
	if (comparison->p_adjusted < LEAST_P)
		flt_layout_prose(layout, "below %g)", LEAST_P);
	else
		flt_layout_prose(layout, "%s)", flt_significant(comparison->p_adjusted, 2).text);
}

static void say_differences(struct flt_layout *layout, const struct flt_slices *slices)
{
	flt_layout_heading(layout, "slices");
	if (slices->n_different == 0) {
		flt_layout_prose(layout,
		                 "No slice differs from the rest by more than chance would give among %zu "
		                 "(%zu comparison%s, p by Holm).",
		                 slices->n, slices->n_comparisons, flt_plural(slices->n_comparisons));
		return;
	}
	flt_layout_prose(layout,
	                 "Of %zu slices %zu differ%s from the rest by more than chance would give among so many "
	                 "(marked !; %zu comparison%s, p by Holm):",
	                 slices->n, slices->n_different, slices->n_different == 1 ? "s" : "", slices->n_comparisons,
	                 flt_plural(slices->n_comparisons));
	for (size_t i = 0; i < slices->n; i++)
		for (size_t c = 0; c < FLT_N_SLICE_FIGURES; c++)
			if (slices->slices[i].comparison[c].differs)
				say_difference(layout, &slices->slices[i], c);
}

void flt_say_slices(struct flt_layout *layout, const struct flt_slices *slices, bool is_starred)
{
	for (size_t i = 0; i < slices->n;)
		i += say_column(layout, slices->slices + i, slices->n - i, is_starred);
	say_differences(layout, slices);
}

/* ---- JSON ---- */

static void put_comparison(struct flt_json *json, const struct flt_slice_comparison *comparison)
{
	flt_json_open(json, '{');
	flt_put_interval(json, "slice", &comparison->of_slice);
	flt_put_interval(json, "rest", &comparison->of_rest);
	flt_json_put_number(json, "p", comparison->p);
	flt_json_put_number(json, "p_adjusted", comparison->p_adjusted);
	flt_json_put_bool(json, "differs", comparison->differs);
	flt_json_close(json, '}');
}

static void put_slice(struct flt_json *json, const struct flt_slice *slice)
{
	bool is_missing = slice->kind == FLT_SLICE_MISSING, is_bin = slice->kind == FLT_SLICE_BIN;
	flt_json_open(json, '{');
	flt_json_put_text(json, "column", slice->column);
	flt_json_put_text(json, "slice", is_missing ? NULL : slice->name);
	flt_json_put_number(json, "from", is_bin ? slice->lo : (double)NAN);
	flt_json_put_number(json, "to", is_bin ? slice->hi : (double)NAN);
	flt_put_slice_figures(json, slice);
	flt_json_open_key(json, "against_rest", '{');
	for (size_t c = 0; c < FLT_N_SLICE_FIGURES; c++) {
		flt_json_key(json, flt_slice_figure_words[c]);
		if (slice->comparison[c].is_made)
			put_comparison(json, &slice->comparison[c]);
		else
			flt_json_text(json, NULL);
	}
	flt_json_close(json, '}');
	flt_json_close(json, '}');
}

void flt_put_slices(struct flt_json *json, const struct flt_slices *slices)
{
	if (!slices) {
		flt_json_put_text(json, "slices", NULL);
		flt_json_put_text(json, "slice_comparisons", NULL);
		return;
	}
	flt_json_open_key(json, "slices", '[');
	for (size_t i = 0; i < slices->n; i++)
		put_slice(json, &slices->slices[i]);
	flt_json_close(json, ']');
	flt_json_open_key(json, "slice_comparisons", '{');
	flt_json_put_count(json, "made", slices->n_comparisons);
	flt_json_put_text(json, "correction", "holm");
	flt_json_put_count(json, "different_slices", slices->n_different);
	flt_json_close(json, '}');
}
