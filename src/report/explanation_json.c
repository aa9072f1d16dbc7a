#include "report/explanation_json.h"

#include <math.h>

#include "base/text.h"
#include "report/figures_json.h"

/* null where there is no such figure. */
static void put_figure(struct flt_json *json, const char *key, const struct flt_interval *figure)
{
	if (isnan(figure->value))
		flt_json_put_text(json, key, NULL);
	else
		flt_put_interval(json, key, figure);
}

static void put_bounds(struct flt_json *json, const char *key, const struct flt_interval *figure)
{
	flt_json_put_number(json, key, figure->value);
	flt_json_put_number(json, "lo", figure->lo);
	flt_json_put_number(json, "hi", figure->hi);
}

static void put_names(struct flt_json *json, const struct flt_explain_unit *unit)
{
	for (size_t i = 0; i < unit->n_names; i++)
		flt_json_text(json, unit->names[i]);
}

static void put_importance(struct flt_json *json, const struct flt_explanation *explanation)
{
	flt_json_open_key(json, "importance", '[');
	for (size_t i = 0; i < explanation->units.n; i++) {
		const struct flt_explained_importance *importance = &explanation->importance[i];
		flt_json_open(json, '{');
		flt_json_open_key(json, "columns", '[');
		put_names(json, &explanation->units.units[importance->unit]);
		flt_json_close(json, ']');
		put_figure(json, "ap", &importance->figures.ap);
		put_figure(json, "log_loss", &importance->figures.log_loss);
		put_figure(json, "log_odds", &importance->figures.moves);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
	flt_json_open_key(json, "idle", '[');
	for (size_t i = 0; i < explanation->units.n_idle; i++)
		flt_json_text(json, explanation->units.idle[i]);
	flt_json_close(json, ']');
}

static void put_correlated(struct flt_json *json, const struct flt_explanation *explanation)
{
	flt_json_open_key(json, "correlated", '[');
	for (size_t i = 0; i < explanation->correlations.n; i++) {
		const struct flt_correlated *group = &explanation->correlations.groups[i];
		flt_json_open(json, '{');
		flt_json_open_key(json, "columns", '[');
		for (size_t k = 0; k < group->n; k++)
			put_names(json, &explanation->units.units[group->units[k]]);
		flt_json_close(json, ']');
		flt_json_put_number(json, "strength", group->strength);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_point(struct flt_json *json, const struct flt_effect_point *point, bool is_numeric)
{
	flt_json_open(json, '{');
	if (is_numeric)
		flt_json_put_number(json, "at", point->at);
	else
		flt_json_put_text(json, "level", point->is_others ? "other categories" : point->level);
	if (point->is_others)
		flt_json_put_bool(json, "others", true);
	put_bounds(json, "probability", &point->probability);
	flt_json_put_count(json, "rows", point->n_rows);
	flt_json_close(json, '}');
}

/* The keys of an effect, in an object that is open. */
static void put_effect(struct flt_json *json, const struct flt_explained_effect *effect)
{
	flt_json_put_text(json, "column", effect->name);
	flt_json_put_text(json, "type", flt_column_type_words[effect->is_numeric ? FLT_NUMERIC : FLT_CATEGORICAL]);
	flt_json_put_number(json, "mean_probability", effect->mean);
	flt_json_open_key(json, "points", '[');
	for (size_t p = 0; p < effect->n_points; p++)
		put_point(json, &effect->points[p], effect->is_numeric);
	flt_json_close(json, ']');
	flt_json_put_count(json, "left_out", effect->n_left_out);
}

static void put_effects(struct flt_json *json, const struct flt_explanation *explanation)
{
	flt_json_open_key(json, "effects", '[');
	for (size_t i = 0; i < explanation->n_effects; i++) {
		flt_json_open(json, '{');
		put_effect(json, &explanation->effects[i]);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_together(struct flt_json *json, const struct flt_explained_together *together)
{
	if (together->n_slices == 0) {
		flt_json_put_text(json, "together", NULL);
		return;
	}
	flt_json_open_key(json, "together", '{');
	flt_json_put_text(json, "by", together->by);
	flt_json_open_key(json, "slices", '[');
	for (size_t i = 0; i < together->n_slices; i++) {
		const struct flt_explained_slice *slice = &together->slice[i];
		flt_json_open(json, '{');
		flt_json_put_text(json, "level", slice->level);
		flt_json_put_number(json, "from", slice->level ? (double)NAN : slice->from);
		flt_json_put_number(json, "to", slice->level ? (double)NAN : slice->to);
		flt_json_put_count(json, "rows", slice->n_rows);
		put_effect(json, &slice->effect);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
	flt_json_close(json, '}');
}

/* The names of a group are one text. */
static void put_joined(struct flt_json *json, const struct flt_explain_unit *unit)
{
	struct flt_text_buffer joined = {0};
	enum flt_status status = FLT_OK;
	for (size_t i = 0; i < unit->n_names && status == FLT_OK; i++)
		status = flt_text_buffer_print(&joined, json->err, "%s%s", i > 0 ? " + " : "", unit->names[i]);
	if (status != FLT_OK && json->status == FLT_OK)
		json->status = status;
	flt_json_text(json, joined.bytes);
	flt_text_buffer_release(&joined);
}

static void put_interactions(struct flt_json *json, const struct flt_explanation *explanation)
{
	flt_json_open_key(json, "interactions", '[');
	for (size_t i = 0; i < explanation->n_interactions; i++) {
		const struct flt_explained_interaction *interaction = &explanation->interactions[i];
		flt_json_open(json, '{');
		flt_json_open_key(json, "columns", '[');
		for (int side = 0; side < 2; side++)
			put_joined(json, &explanation->units.units[interaction->units[side]]);
		flt_json_close(json, ']');
		put_bounds(json, "value", &interaction->figure);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

void flt_put_explanation(struct flt_json *json, const struct flt_explanation *explanation)
{
	if (!explanation) {
		flt_json_put_text(json, "explanation", NULL);
		return;
	}
	flt_json_open_key(json, "explanation", '{');
	flt_json_put_count(json, "rows", explanation->n_rows);
	flt_json_key(json, "positives");
	if (explanation->has_labels)
		flt_json_count(json, explanation->n_positive);
	else
		flt_json_text(json, NULL);
	flt_json_put_count(json, "of_rows", explanation->n_of);
	flt_json_put_count(json, "repeats", explanation->n_repeats);
	flt_json_put_number(json, "ap", explanation->ap);
	flt_json_put_bool(json, "starred", explanation->is_starred);
	put_importance(json, explanation);
	put_correlated(json, explanation);
	put_effects(json, explanation);
	put_interactions(json, explanation);
	put_together(json, &explanation->together);
	flt_json_close(json, '}');
}
