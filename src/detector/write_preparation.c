/* The section "preparation" and its tensors. */
#include <stdio.h>

#include "detector/section_writer.h"

static void write_date(const struct flt_prep_column *column, struct flt_json *json)
{
	flt_json_key(json, "date");
	flt_json_open(json, '{');
	flt_section_put_text(json, "source", column->source);
	flt_section_put_text(json, "part", flt_date_part_words[column->part]);
	flt_section_put_text(json, "shape", flt_date_shape_words[column->date.shape]);
	flt_section_put_text(json, "order", flt_date_order_words[column->date.order]);
	flt_json_put_bool(json, "zone", column->date.has_zone);
	flt_json_put_bool(json, "time", column->date.has_time);
	flt_json_close(json, '}');
}

static void write_profile(const struct flt_prep_column *column, struct flt_json *json)
{
	const struct flt_profile *profile = &column->profile;
	if (profile->n_rows == 0)
		return;
	flt_json_open_key(json, "profile", '{');
	flt_json_put_count(json, "rows", profile->n_rows);
	flt_json_put_count(json, "missing", profile->n_missing);
	if (column->use == FLT_USED_NUMERIC) {
		flt_json_open_key(json, "quantiles", '[');
		for (size_t i = 0; i < FLT_PROFILE_QUANTILES; i++)
			flt_json_number(json, profile->quantiles[i]);
	} else {
		flt_json_open_key(json, "levels", '[');
		for (size_t i = 0; i < column->n_levels; i++)
			flt_json_count(json, profile->level_rows[i]);
	}
	flt_json_close(json, ']');
	flt_json_close(json, '}');
}

static void write_format(const struct flt_number_format *format, struct flt_json *json)
{
	flt_json_key(json, "format");
	flt_json_open(json, '{');
	flt_section_put_text(json, "decimal", (const char[]){format->decimal, '\0'});
	flt_section_put_text(json, "thousands", flt_thousands_words[format->thousands]);
	flt_section_put_text(json, "prefix", format->prefix);
	flt_section_put_text(json, "suffix", format->suffix);
	flt_json_put_bool(json, "parentheses", format->parentheses);
	flt_json_put_bool(json, "trailing_minus", format->trailing_minus);
	flt_json_put_bool(json, "minus_sign", format->minus_sign);
	flt_json_put_bool(json, "quotes", format->quotes);
	flt_json_close(json, '}');
}

static void write_fences(const struct flt_fences *fences, struct flt_json *json)
{
	if (!(fences->low < fences->high))
		return;
	flt_json_open_key(json, "fences", '[');
	flt_json_number(json, fences->low);
	flt_json_number(json, fences->high);
	flt_json_close(json, ']');
}

static void write_steps(const struct flt_prep_column *column, struct flt_json *json)
{
	if (column->n_steps == 0)
		return;
	flt_json_open_key(json, "steps", '[');
	for (size_t i = 0; i < column->n_steps; i++)
		flt_json_number(json, column->steps[i]);
	flt_json_close(json, ']');
}

static void write_passed_over(const struct flt_prep_column *column, struct flt_json *json)
{
	if (column->is_passed_over)
		flt_json_put_bool(json, "passed_over", true);
}

/* The effects themselves are a tensor. */
static void write_effects_scale(const struct flt_prep_column *column, struct flt_json *json)
{
	flt_json_put_number(json, "center", column->center);
	flt_json_put_number(json, "factor", column->factor);
}

static void write_effects(const struct flt_prep_column *column, struct flt_json *json)
{
	if (!column->has_effects)
		return;
	flt_json_open_key(json, "effects", '{');
	flt_section_put_texts(json, "more_levels", column->levels + column->n_levels, column->n_more);
	write_effects_scale(column, json);
	flt_json_close(json, '}');
}

static void write_learnt(const struct flt_prep_column *column, struct flt_json *json)
{
	flt_json_put_number(json, "median", column->median);
	flt_json_put_number(json, "center", column->center);
	flt_json_put_number(json, "factor", column->factor);
	write_fences(&column->fences, json);
	flt_json_put_count(json, "knots", column->n_quantiles);
	write_steps(column, json);
}

/* decimal: of the file; numbers that are plain in it have no format of their own. */
static void write_column(const struct flt_prep_column *column, char decimal, struct flt_json *json)
{
	flt_json_open(json, '{');
	flt_section_put_text(json, "name", column->name);
	flt_section_put_text(json, "type", flt_column_type_words[column->type]);
	flt_section_put_text(json, "use", flt_column_use_words[column->use]);
	write_passed_over(column, json);
	if (column->use == FLT_USED_NUMERIC) {
		flt_json_put_bool(json, "number", column->has_number);
		flt_json_put_bool(json, "mark", column->has_indicator);
		write_learnt(column, json);
		if (column->source)
			write_date(column, json);
		write_profile(column, json);
		if (!flt_format_is_plain(&column->format) ||
		    (column->format.decimal && column->format.decimal != decimal))
			write_format(&column->format, json);
	} else if (column->use == FLT_USED_CATEGORICAL) {
		flt_section_put_texts(json, "levels", column->levels, column->n_levels);
		flt_json_put_bool(json, "missing", column->has_missing);
		flt_json_put_bool(json, "other", column->has_other);
		write_effects(column, json);
		write_profile(column, json);
	} else if (column->reason) {
		flt_section_put_text(json, "reason", column->reason);
	}
	flt_json_close(json, '}');
}

/* The features of the column that are always 0, if there are any. */
static void write_silent(const struct flt_prep_column *column, struct flt_json *json)
{
	if (!column->silent)
		return;
	flt_json_open_key(json, "silent", '[');
	for (size_t bit = 0; bit < 64; bit++)
		if (column->silent >> bit & 1)
			flt_json_count(json, bit);
	flt_json_close(json, ']');
}

static void write_refit(const struct flt_prep *refit, struct flt_json *json)
{
	flt_json_open(json, '{');
	flt_section_put_text(json, "scale", flt_scale_words[flt_prep_scale(refit)]);
	flt_json_open_key(json, "columns", '[');
	for (size_t i = 0; i < flt_prep_n_columns(refit); i++) {
		struct flt_prep_column column = flt_prep_column(refit, i);
		if (column.use != FLT_USED_NUMERIC && column.use != FLT_USED_CATEGORICAL)
			continue;
		flt_json_open(json, '{');
		if (column.use == FLT_USED_NUMERIC)
			write_learnt(&column, json);
		else if (column.effects)
			write_effects_scale(&column, json);
		write_silent(&column, json);
		write_passed_over(&column, json);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
	flt_json_close(json, '}');
}

static void write_refits(const struct flt_detector *detector, struct flt_json *json)
{
	if (detector->n_refits == 0)
		return;
	flt_json_open_key(json, "refits", '[');
	for (size_t i = 0; i < detector->n_refits; i++)
		write_refit(detector->refits[i], json);
	flt_json_close(json, ']');
}

void flt_write_preparation(const struct flt_detector *detector, struct flt_json *json)
{
	flt_json_open(json, '{');
	flt_section_put_text(json, "scale", flt_scale_words[flt_prep_scale(detector->prep)]);
	flt_json_key(json, "columns");
	flt_json_open(json, '[');
	for (size_t i = 0; i < flt_prep_n_columns(detector->prep); i++) {
		struct flt_prep_column column = flt_prep_column(detector->prep, i);
		write_column(&column, detector->input.decimal ? detector->input.decimal : '.', json);
	}
	flt_json_close(json, ']');
	write_refits(detector, json);
	flt_json_close(json, '}');
}

/* ---- tensors ---- */

/* One for each column of quantile scale, and for each with effects. */
static void add_learnt(struct flt_sections *sections, const struct flt_prep *prep, const char *owner)
{
	for (size_t i = 0; i < flt_prep_n_columns(prep); i++) {
		struct flt_prep_column column = flt_prep_column(prep, i);
		if (column.n_quantiles == 0 && !column.effects)
			continue;
		bool has_effects = column.effects != NULL;
		snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "%s.%zu.%s", owner, i,
		         has_effects ? "effects" : "knots");
		flt_section_add_tensor(sections, FLT_F64, has_effects ? column.effects : column.quantiles,
		                       has_effects ? flt_prep_n_places(&column) : column.n_quantiles, 1);
	}
}

size_t flt_preparation_max_tensors(const struct flt_detector *detector)
{
	return flt_prep_n_columns(detector->prep) * (1 + detector->n_refits);
}

void flt_add_preparation(struct flt_sections *sections, const struct flt_detector *detector)
{
	char owner[32];
	add_learnt(sections, detector->prep, "preparation");
	for (size_t i = 0; i < detector->n_refits; i++) {
		snprintf(owner, sizeof owner, "refit%zu", i);
		add_learnt(sections, detector->refits[i], owner);
	}
}
