#include "report/effects_text.h"

#include <math.h>
#include <string.h>

#include "base/digits.h"

enum { MOST_LISTED = 6 }; /* categories */

static struct text probability_text(double probability)
{
	return flt_significant(probability, 2);
}

/* Few digits, but all before the point: 24.55, 10,587. */
static struct text number_text(double value)
{
	struct text shown;
	bool is_large = fabs(value) >= 9999.5 && fabs(value) < 1e15;
	snprintf(shown.text, sizeof shown.text, is_large ? "%.0f" : "%.4g", value);
	flt_group_digits(shown.text, sizeof shown.text);
	return shown;
}

static void put_curve(struct flt_layout *layout, const struct flt_explained_effect *effect, size_t n, size_t lowest,
                      size_t highest)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const ascii[] = {".", ":", "-", "=", "+", "*", "#", "@"};
	enum { N_HEIGHTS = sizeof blocks / sizeof *blocks };
	double low = effect->points[lowest].probability.value, high = effect->points[highest].probability.value;
	char curve[128] = "";
	for (size_t p = 0; p < n; p++) {
		double share = high > low ? (effect->points[p].probability.value - low) / (high - low) : 0;
		size_t height = (size_t)(share * (N_HEIGHTS - 1) + 0.5);
		strcat(curve, (layout->style.blocks ? blocks : ascii)[height]);
	}
	flt_layout_item(layout, " ", "%s", curve);
}

static void say_numeric(struct flt_layout *layout, const struct flt_explained_effect *effect)
{
	const struct flt_effect_point *points = effect->points, *last = &points[effect->n_points - 1];
	size_t n = effect->n_points - last->is_missing, lowest = 0, highest = 0;
	for (size_t p = 0; p < n; p++) {
		lowest = points[p].probability.value < points[lowest].probability.value ? p : lowest;
		highest = points[p].probability.value > points[highest].probability.value ? p : highest;
	}
	put_curve(layout, effect, n, lowest, highest);
	flt_layout_item(layout, " ", "from %s to %s", number_text(points[0].at).text,
	                number_text(points[n - 1].at).text);
	flt_layout_item(layout, "; ", "lowest %s at %s", flt_shown_small(&points[lowest].probability, "").text,
	                number_text(points[lowest].at).text);
	flt_layout_item(layout, ", ", "highest %s at %s", flt_shown_small(&points[highest].probability, "").text,
	                number_text(points[highest].at).text);
	if (last->is_missing)
		flt_layout_item(layout, ", ", "missing %s", flt_shown_small(&last->probability, "").text);
}

/* The highest first. */
static void say_categorical(struct flt_layout *layout, const struct flt_explained_effect *effect)
{
	size_t n = effect->n_points, n_more = effect->n_left_out;
	bool is_said[64] = {false};
	for (size_t k = 0; k < n && k < MOST_LISTED; k++) {
		size_t highest = SIZE_MAX;
		for (size_t p = 0; p < n; p++)
			if (!is_said[p] && (highest == SIZE_MAX || effect->points[p].probability.value >
			                                                   effect->points[highest].probability.value))
				highest = p;
		const struct flt_effect_point *point = &effect->points[highest];
		is_said[highest] = true;
		flt_layout_item(layout, k == 0 ? " " : ", ", "%s %s",
		                point->is_missing  ? "missing"
		                : point->is_others ? "other categories"
		                                   : flt_quoted(point->level).text,
		                flt_shown_small(&point->probability, "").text);
	}
	n_more += n > MOST_LISTED ? n - MOST_LISTED : 0;
	if (n_more > 0)
		flt_layout_item(layout, ", ", "and %zu more", n_more);
}

static void say_effect(struct flt_layout *layout, const struct flt_explained_effect *effect)
{
	if (effect->is_numeric)
		say_numeric(layout, effect);
	else
		say_categorical(layout, effect);
}

/* Whether shuffling the unit that a column belongs to costs anything for sure. */
static bool matters(const struct flt_explanation *explanation, size_t unit)
{
	const struct flt_importance *figures = &explanation->importance[unit].figures;
	return !explanation->has_labels || figures->ap.lo > 0 || figures->log_loss.lo > 0;
}

/* Those of columns that matter, at least LEAST, or all. */
static size_t n_effects_to_say(const struct flt_explanation *explanation, bool is_verbose)
{
	enum { LEAST = 3 };
	size_t n = 0;
	while (n < explanation->n_effects &&
	       (is_verbose || n < LEAST || matters(explanation, explanation->effects[n].rank)))
		n++;
	return n;
}

void flt_say_together(struct flt_layout *layout, const struct flt_explained_together *together)
{
	flt_layout_line(layout, 0);
	flt_layout_prose(layout, "the mean probability along %s where %s is",
	                 flt_quoted(together->slice[0].effect.name).text, flt_quoted(together->by).text);
	for (size_t i = 0; i < together->n_slices; i++) {
		const struct flt_explained_slice *slice = &together->slice[i];
		flt_layout_line(layout, 2);
		if (slice->level)
			flt_layout_item(layout, "", "%s:", flt_quoted(slice->level).text);
		else if (slice->from == slice->to)
			flt_layout_item(layout, "", "%s:", number_text(slice->from).text);
		else
			flt_layout_item(layout, "", "%s to %s:", number_text(slice->from).text,
			                number_text(slice->to).text);
		say_effect(layout, &slice->effect);
	}
}

void flt_say_effects(struct flt_layout *layout, const struct flt_explanation *explanation, bool is_verbose)
{
	size_t n = n_effects_to_say(explanation, is_verbose);
	if (n == 0)
		return;
	flt_layout_heading(layout, "effects");
	flt_layout_prose(
	        layout,
	        "how the mean probability, %s, moves along a column while all others stay as they are "
	        "(accumulated local effects; categories are compared two by two; 95 %% bands, point by point: other "
	        "rows, the same model)",
	        probability_text(explanation->effects[0].mean).text);
	for (size_t i = 0; i < n; i++) {
		const struct flt_explained_effect *effect = &explanation->effects[i];
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "%s", flt_quoted(effect->name).text);
		say_effect(layout, effect);
	}
}
