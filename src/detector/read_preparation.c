/* The section "preparation": its columns are read one by one, and prep/ builds the preparation from copies. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "detector/section_reader.h"

/* A column, and what it owns. */
struct column {
	struct flt_prep_column view;
	char *name, *reason, *source, **levels;
	double *quantiles, *effects, steps[FLT_PREP_MAX_STEPS];
	size_t *level_rows;
};

static void column_release(struct column *column)
{
	for (size_t i = 0; i < column->view.n_levels + column->view.n_more; i++)
		flt_free(column->levels[i]);
	flt_free(column->levels);
	flt_free(column->name);
	flt_free(column->reason);
	flt_free(column->source);
	flt_free(column->quantiles);
	flt_free(column->effects);
	flt_free(column->level_rows);
}

/* ---- dates and formats ---- */

static enum flt_status read_date(struct flt_section_reader *reader, json_t *json, struct column *column)
{
	json_t *source;
	const char *part, *shape, *order;
	unsigned part_index, shape_index, order_index;
	int has_zone, has_time;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:o,s:s,s:s,s:s,s:b,s:b}", "source", &source, "part",
	                           &part, "shape", &shape, "order", &order, "zone", &has_zone, "time", &has_time));
	FLT_TRY(flt_section_text(reader, source, &column->source));
	FLT_TRY(flt_section_word(reader, part, flt_date_part_words, &part_index));
	FLT_TRY(flt_section_word(reader, shape, flt_date_shape_words, &shape_index));
	FLT_TRY(flt_section_word(reader, order, flt_date_order_words, &order_index));
	column->view.source = column->source;
	column->view.part = (enum flt_date_part)part_index;
	column->view.date = (struct flt_date_format){.shape = (enum flt_date_shape)shape_index,
	                                             .order = (enum flt_date_order)order_index,
	                                             .has_zone = has_zone,
	                                             .has_time = has_time};
	return FLT_OK;
}

static bool take_affix(const char *text, char affix[FLT_AFFIX_SIZE])
{
	bool fits = strlen(text) < FLT_AFFIX_SIZE;
	if (fits)
		strcpy(affix, text);
	return fits;
}

static enum flt_status read_affixes(struct flt_section_reader *reader, json_t *prefix, json_t *suffix,
                                    struct flt_number_format *format)
{
	char *before = NULL, *behind = NULL;
	enum flt_status status;
	FLT_TRY_OUT(flt_section_text(reader, prefix, &before));
	FLT_TRY_OUT(flt_section_text(reader, suffix, &behind));
	if (!take_affix(before, format->prefix) || !take_affix(behind, format->suffix))
		status = flt_section_fail(reader, "a unit is too long");
out:
	flt_free(before);
	flt_free(behind);
	return status;
}

/* json: NULL where the numbers are plain. */
static enum flt_status read_format(struct flt_section_reader *reader, json_t *json, struct flt_number_format *format)
{
	json_t *prefix, *suffix;
	const char *decimal, *thousands;
	int parentheses, trailing_minus, minus_sign, quotes;
	unsigned mark;
	*format = flt_plain_format(reader->detector->input.decimal ? reader->detector->input.decimal : '.');
	if (!json)
		return FLT_OK;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:s,s:s,s:o,s:o,s:b,s:b,s:b,s:b}", "decimal", &decimal,
	                           "thousands", &thousands, "prefix", &prefix, "suffix", &suffix, "parentheses",
	                           &parentheses, "trailing_minus", &trailing_minus, "minus_sign", &minus_sign, "quotes",
	                           &quotes));
	if (strcmp(decimal, ".") != 0 && strcmp(decimal, ",") != 0)
		return flt_section_fail(reader, "a decimal mark is neither . nor ,");
	FLT_TRY(flt_section_word(reader, thousands, flt_thousands_words, &mark));
	if (strcmp(decimal, thousands) == 0)
		return flt_section_fail(reader, "the decimal mark is also that between thousands");
	format->decimal = *decimal;
	format->thousands = (enum flt_thousands)mark;
	format->parentheses = parentheses;
	format->trailing_minus = trailing_minus;
	format->minus_sign = minus_sign;
	format->quotes = quotes;
	return read_affixes(reader, prefix, suffix, format);
}

/* ---- profiles ---- */

static enum flt_status read_level_rows(struct flt_section_reader *reader, const json_t *list, struct column *column)
{
	size_t n = column->view.n_levels;
	if (json_typeof(list) != JSON_ARRAY || json_array_size(list) != n)
		return flt_section_fail(reader, "a profile with a count for each level is expected");
	column->level_rows = flt_alloc(n, sizeof *column->level_rows, reader->err);
	FLT_TRY_MEMORY(column->level_rows);
	column->view.profile.level_rows = column->level_rows;
	for (size_t i = 0; i < n; i++) {
		const json_t *count = json_array_get(list, i);
		if (json_typeof(count) != JSON_INTEGER)
			return flt_section_fail(reader, "a count is expected");
		FLT_TRY(flt_section_count(reader, json_integer_value(count), &column->level_rows[i]));
	}
	return FLT_OK;
}

/* json is NULL in files that were written before there were profiles. The levels are read already. */
static enum flt_status read_profile(struct flt_section_reader *reader, json_t *json, struct column *column)
{
	json_t *list;
	json_int_t n_rows, n_missing;
	struct flt_profile *profile = &column->view.profile;
	bool is_number = column->view.use == FLT_USED_NUMERIC;
	if (!json)
		return FLT_OK;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:I,s:I,s:o}", "rows", &n_rows, "missing", &n_missing,
	                           is_number ? "quantiles" : "levels", &list));
	FLT_TRY(flt_section_count(reader, n_rows, &profile->n_rows));
	FLT_TRY(flt_section_count(reader, n_missing, &profile->n_missing));
	if (profile->n_rows == 0)
		return flt_section_fail(reader, "a profile of no rows");
	if (!is_number)
		return read_level_rows(reader, list, column);
	return flt_section_numbers(list, profile->quantiles, FLT_PROFILE_QUANTILES)
	               ? FLT_OK
	               : flt_section_fail(reader, "a profile has nine quantiles");
}

/* ---- columns ---- */

static enum flt_status read_numeric(struct flt_section_reader *reader, json_t *json, size_t index,
                                    struct column *column)
{
	json_t *name, *date = NULL, *format = NULL, *profile = NULL, *fences = NULL, *steps = NULL;
	const char *type, *use;
	int has_number, has_indicator, is_passed_over = 0;
	json_int_t n_quantiles;
	struct flt_prep_column *view = &column->view;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT,
	                           "{s:o,s:s,s:s,s:b,s:b,s:F,s:F,s:F,s:I,s?o,s?o,s?o,s?o,s?o,s?b}", "name", &name,
	                           "type", &type, "use", &use, "number", &has_number, "mark", &has_indicator, "median",
	                           &view->median, "center", &view->center, "factor", &view->factor, "knots",
	                           &n_quantiles, "date", &date, "format", &format, "profile", &profile, "fences",
	                           &fences, "steps", &steps, "passed_over", &is_passed_over));
	FLT_TRY(flt_section_steps(reader, steps, view, column->steps));
	view->is_passed_over = is_passed_over;
	FLT_TRY(flt_section_fences(reader, fences, &view->fences));
	if (date)
		FLT_TRY(read_date(reader, date, column));
	FLT_TRY(read_format(reader, format, &view->format));
	FLT_TRY(read_profile(reader, profile, column));
	FLT_TRY(flt_section_count(reader, n_quantiles, &view->n_quantiles));
	if (view->n_quantiles > FLT_PREP_MAX_QUANTILES)
		return flt_section_fail(reader, "too many knots");
	view->has_number = has_number;
	view->has_indicator = has_indicator;
	if (view->n_quantiles == 0)
		return FLT_OK;
	char tensor[64];
	snprintf(tensor, sizeof tensor, "preparation.%zu.knots", index);
	FLT_TRY(flt_section_doubles(reader, tensor, view->n_quantiles, &column->quantiles));
	view->quantiles = column->quantiles;
	return FLT_OK;
}

/* Puts more texts (n_more) behind the column's levels; they belong to it then. */
static enum flt_status join_levels(struct flt_section_reader *reader, char **more, size_t n_more, struct column *column)
{
	size_t n_levels = column->view.n_levels;
	char **levels = flt_alloc(n_levels + n_more, sizeof *levels, reader->err);
	for (size_t i = 0; i < n_levels + n_more && levels; i++)
		levels[i] = i < n_levels ? column->levels[i] : more[i - n_levels];
	FLT_TRY_MEMORY(levels);
	flt_free(column->levels);
	column->levels = levels;
	column->view.n_more = n_more;
	return FLT_OK;
}

static enum flt_status read_more_levels(struct flt_section_reader *reader, json_t *json, struct column *column)
{
	enum flt_status status = FLT_OK;
	char **more = NULL;
	size_t n_more = 0;
	FLT_TRY_OUT(flt_section_texts(reader, json, &more, &n_more));
	FLT_TRY_OUT(join_levels(reader, more, n_more, column));
	n_more = 0;
out:
	for (size_t i = 0; i < n_more; i++)
		flt_free(more[i]);
	flt_free(more);
	return status;
}

/* json is NULL where there are none. */
static enum flt_status read_effects(struct flt_section_reader *reader, json_t *json, size_t index,
                                    struct column *column)
{
	json_t *list;
	char tensor[64];
	struct flt_prep_column *view = &column->view;
	if (!json)
		return FLT_OK;
	view->has_effects = true;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:o,s:F,s:F}", "more_levels", &list, "center",
	                           &view->center, "factor", &view->factor));
	FLT_TRY(read_more_levels(reader, list, column));
	if (view->is_passed_over)
		return FLT_OK;
	snprintf(tensor, sizeof tensor, "preparation.%zu.effects", index);
	FLT_TRY(flt_section_doubles(reader, tensor, flt_prep_n_places(view), &column->effects));
	view->effects = column->effects;
	return FLT_OK;
}

static enum flt_status read_categorical(struct flt_section_reader *reader, json_t *json, size_t index,
                                        struct column *column)
{
	json_t *name, *levels, *profile = NULL, *effects = NULL;
	const char *type, *use;
	int has_missing, has_other, is_passed_over = 0;
	struct flt_prep_column *view = &column->view;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:o,s:s,s:s,s:o,s:b,s:b,s?o,s?b,s?o}", "name", &name,
	                           "type", &type, "use", &use, "levels", &levels, "missing", &has_missing, "other",
	                           &has_other, "profile", &profile, "passed_over", &is_passed_over, "effects",
	                           &effects));
	view->is_passed_over = is_passed_over;
	view->has_missing = has_missing;
	view->has_other = has_other;
	FLT_TRY(flt_section_texts(reader, levels, &column->levels, &view->n_levels));
	FLT_TRY(read_effects(reader, effects, index, column));
	view->levels = (const char *const *)column->levels;
	return read_profile(reader, profile, column);
}

/* Files of older versions give no reason. */
static enum flt_status read_unused(struct flt_section_reader *reader, json_t *json, struct column *column)
{
	json_t *name, *reason = NULL;
	const char *type, *use;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:o,s:s,s:s,s?o}", "name", &name, "type", &type, "use",
	                           &use, "reason", &reason));
	if (!reason)
		return FLT_OK;
	FLT_TRY(flt_section_text(reader, reason, &column->reason));
	column->view.reason = column->reason;
	return FLT_OK;
}

static enum flt_status read_column(struct flt_section_reader *reader, json_t *json, size_t index, struct column *column)
{
	json_t *name;
	const char *type, *use;
	unsigned type_index, use_index;
	FLT_TRY(flt_section_unpack(reader, json, 0, "{s:o,s:s,s:s}", "name", &name, "type", &type, "use", &use));
	FLT_TRY(flt_section_text(reader, name, &column->name));
	FLT_TRY(flt_section_word(reader, type, flt_column_type_words, &type_index));
	FLT_TRY(flt_section_word(reader, use, flt_column_use_words, &use_index));
	column->view.name = column->name;
	column->view.type = (enum flt_column_type)type_index;
	column->view.use = (enum flt_column_use)use_index;
	if (column->view.use == FLT_USED_NUMERIC)
		return read_numeric(reader, json, index, column);
	if (column->view.use == FLT_USED_CATEGORICAL)
		return read_categorical(reader, json, index, column);
	return read_unused(reader, json, column);
}

static enum flt_status build(struct flt_section_reader *reader, enum flt_scale scale, const struct column *columns,
                             size_t n_columns)
{
	struct flt_prep_column *views = flt_alloc(n_columns, sizeof *views, reader->err);
	FLT_TRY_MEMORY(views);
	for (size_t i = 0; i < n_columns; i++)
		views[i] = columns[i].view;
	enum flt_status status = flt_prep_from_columns(scale, views, n_columns, &reader->detector->prep, reader->err);
	flt_free(views);
	return status;
}

enum flt_status flt_read_preparation(struct flt_section_reader *reader, json_t *json)
{
	json_t *list, *refits = NULL;
	const char *word;
	unsigned scale;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:s,s:o,s?o}", "scale", &word, "columns", &list,
	                           "refits", &refits));
	FLT_TRY(flt_section_word(reader, word, flt_scale_words, &scale));
	if (json_typeof(list) != JSON_ARRAY)
		return flt_section_fail(reader, "a list of columns is expected");
	size_t n_columns = json_array_size(list);
	struct column *columns = flt_alloc_zero(n_columns, sizeof *columns, reader->err);
	FLT_TRY_MEMORY(columns);
	enum flt_status status = FLT_OK;
	for (size_t i = 0; i < n_columns; i++)
		FLT_TRY_OUT(read_column(reader, json_array_get(list, i), i, &columns[i]));
	FLT_TRY_OUT(build(reader, (enum flt_scale)scale, columns, n_columns));
	status = refits ? flt_read_refits(reader, refits) : FLT_OK;
out:
	for (size_t i = 0; i < n_columns; i++)
		column_release(&columns[i]);
	flt_free(columns);
	return status;
}
