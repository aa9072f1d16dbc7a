/* The part of a C file that turns a row into the inputs of the networks. */
#include <stdio.h>
#include <string.h>

#include "export/c_parts.h"
#include "export/c_text.h"
#include "prep/scale.h"

enum { NAME_SIZE = 64, LONGEST_LITERAL = 4000, MOST_SHORT = 30000 };

/* The bytes of the structs in the file. */
enum { POINTER = 8, LEVELS = 24, NUMBER_INPUTS = 104, CATEGORY_INPUTS = 32 };

/* ---- levels ---- */

/* A text that is longer than compilers need to take as a literal. */
static void put_long_text(struct flt_c_put *put, size_t value, size_t level, const char *text)
{
	flt_c_put(put, "static const char text_%zu_%zu[] = {", value, level);
	put->in_line = 0;
	flt_c_count(put, strlen(text) + 1, 1);
	for (; *text && put->status == FLT_OK; text++) {
		flt_c_put_next(put);
		flt_c_put(put, "'\\%03o',", (unsigned)(unsigned char)*text);
	}
	flt_c_put_next(put);
	flt_c_put_text(put, "'\\0'");
	flt_c_put_end(put);
}

static void put_level_texts(struct flt_c_put *put, size_t v, const struct flt_view_value *value)
{
	for (size_t i = 0; i < value->n_levels; i++)
		if (strlen(value->levels[i]) > LONGEST_LITERAL)
			put_long_text(put, v, i, value->levels[i]);
	flt_c_put(put, "static const char *const texts_%zu[%zu] = {", v, value->n_levels);
	flt_c_count(put, value->n_levels, POINTER);
	put->in_line = 0;
	for (size_t i = 0; i < value->n_levels; i++) {
		size_t level = value->order[i];
		flt_c_put_next(put);
		if (strlen(value->levels[level]) > LONGEST_LITERAL)
			flt_c_put(put, "text_%zu_%zu", v, level);
		else
			flt_c_put_literal(put, value->levels[level]);
		flt_c_put_text(put, ",");
	}
	flt_c_put_end(put);
}

static void put_places(struct flt_c_put *put, size_t v, const struct flt_view_value *value)
{
	char name[NAME_SIZE];
	snprintf(name, sizeof name, "places_%zu", v);
	flt_c_put_list(put, "unsigned short", sizeof(short), name, value->n_levels);
	for (size_t i = 0; i < value->n_levels; i++) {
		flt_c_put_next(put);
		flt_c_put(put, "%u,", (unsigned)value->order[i]);
	}
	flt_c_put_end(put);
}

static void put_levels(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	const struct flt_view *view = file->view;
	flt_c_put_text(put, flt_c_categories);
	for (size_t v = 0; v < view->n_values; v++) {
		if (view->values[v].n_levels == 0)
			continue;
		put_level_texts(put, v, &view->values[v]);
		put_places(put, v, &view->values[v]);
	}
	flt_c_put(put, "static const struct levels levels[%zu] = {", view->n_values);
	flt_c_count(put, view->n_values, LEVELS);
	for (size_t v = 0; v < view->n_values; v++)
		if (view->values[v].n_levels > 0)
			flt_c_put(put, "\n\t{texts_%zu, places_%zu, %zu},", v, v, view->values[v].n_levels);
		else
			flt_c_put_text(put, "\n\t{NULL, NULL, 0},");
	flt_c_put_end(put);
}

/* ---- the inputs of a preparation ---- */

static bool is_number(const struct flt_view_block *block)
{
	return !block->slot;
}

static size_t n_blocks(const struct flt_view_prep *prep, bool numbers)
{
	size_t n = 0;
	for (size_t b = 0; b < prep->n_blocks; b++)
		n += is_number(&prep->blocks[b]) == numbers;
	return n;
}

static long input_or_none(size_t input)
{
	return input == SIZE_MAX ? -1 : (long)input;
}

static void put_number_lists(struct flt_c_put *put, size_t p, const struct flt_view_prep *prep)
{
	char name[NAME_SIZE];
	for (size_t b = 0; b < prep->n_blocks; b++) {
		const struct flt_prep_column *column = &prep->blocks[b].column;
		if (!is_number(&prep->blocks[b]))
			continue;
		snprintf(name, sizeof name, "steps_%zu_%zu", p, b);
		if (column->n_steps > 0)
			flt_c_put_doubles(put, name, column->steps, column->n_steps);
		snprintf(name, sizeof name, "quantiles_%zu_%zu", p, b);
		if (column->n_quantiles > 0)
			flt_c_put_doubles(put, name, column->quantiles, column->n_quantiles);
	}
}

static void put_number_block(struct flt_c_put *put, size_t p, const struct flt_view_prep *prep, size_t b)
{
	const struct flt_view_block *block = &prep->blocks[b];
	const struct flt_prep_column *column = &block->column;
	bool has_center = prep->scale != FLT_SCALE_NONE || column->source;
	const double values[] = {column->median, has_center ? column->center : 0, column->factor, column->fences.low,
	                         column->fences.high};
	flt_c_put(put, "\n\t{%zu, %ld, %ld, %ld, %zu, %zu,", block->value, input_or_none(block->scaled),
	          input_or_none(block->indicator), input_or_none(block->first_step), column->n_steps,
	          column->n_quantiles);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		flt_c_put_text(put, " ");
		flt_c_put_double(put, values[i]);
		flt_c_put_text(put, ",");
	}
	if (column->n_steps > 0)
		flt_c_put(put, " steps_%zu_%zu,", p, b);
	else
		flt_c_put_text(put, " NULL,");
	if (column->n_quantiles > 0)
		flt_c_put(put, " quantiles_%zu_%zu},", p, b);
	else
		flt_c_put_text(put, " NULL},");
}

static void put_numbers(struct flt_c_put *put, size_t p, const struct flt_view_prep *prep)
{
	put_number_lists(put, p, prep);
	flt_c_put(put, "static const struct number_inputs numbers_%zu[%zu] = {", p, n_blocks(prep, true));
	flt_c_count(put, n_blocks(prep, true), NUMBER_INPUTS);
	for (size_t b = 0; b < prep->n_blocks; b++)
		if (is_number(&prep->blocks[b]))
			put_number_block(put, p, prep, b);
	flt_c_put_end(put);
}

/* At each place the input that is 1, or -2 - the input that is -1, or -1. */
static void put_slots(struct flt_c_put *put, const char *type, size_t p, size_t b, const struct flt_view_block *block)
{
	char name[NAME_SIZE];
	size_t n = flt_prep_n_places(&block->column);
	snprintf(name, sizeof name, "slots_%zu_%zu", p, b);
	flt_c_put_list(put, type, *type == 's' ? sizeof(short) : sizeof(long), name, n);
	for (size_t i = 0; i < n; i++) {
		long slot = input_or_none(block->slot[i]);
		flt_c_put_next(put);
		flt_c_put(put, "%ld,", slot >= 0 && block->slot_value[i] < 0 ? -2 - slot : slot);
	}
	flt_c_put_end(put);
	snprintf(name, sizeof name, "effects_%zu_%zu", p, b);
	if (block->effect)
		flt_c_put_floats(put, name, block->effect, n);
}

static void put_categories(struct flt_c_put *put, const char *type, size_t p, const struct flt_view_prep *prep)
{
	for (size_t b = 0; b < prep->n_blocks; b++)
		if (!is_number(&prep->blocks[b]))
			put_slots(put, type, p, b, &prep->blocks[b]);
	flt_c_put(put, "static const struct category_inputs categories_%zu[%zu] = {", p, n_blocks(prep, false));
	flt_c_count(put, n_blocks(prep, false), CATEGORY_INPUTS);
	for (size_t b = 0; b < prep->n_blocks; b++) {
		const struct flt_view_block *block = &prep->blocks[b];
		if (is_number(block))
			continue;
		flt_c_put(put, "\n\t{%zu, %ld, slots_%zu_%zu, ", block->value, input_or_none(block->effect_input), p,
		          b);
		if (block->effect)
			flt_c_put(put, "effects_%zu_%zu},", p, b);
		else
			flt_c_put_text(put, "NULL},");
	}
	flt_c_put_end(put);
}

static void put_function(struct flt_c_put *put, size_t p, const struct flt_view_prep *prep)
{
	static const char *const scales[FLT_N_SCALES] = {[FLT_SCALE_ROBUST] = "robust_scale",
	                                                 [FLT_SCALE_STANDARD] = "standard_scale",
	                                                 [FLT_SCALE_QUANTILE] = "quantile_scale",
	                                                 [FLT_SCALE_NONE] = "no_scale"};
	size_t n_numbers = n_blocks(prep, true), n_categories = n_blocks(prep, false);
	flt_c_put(put, "static void inputs_%zu(const double *values, const size_t *places, float *x)\n{\n", p);
	flt_c_put(put, "\tmemset(x, 0, %zu * sizeof *x);\n", prep->n_inputs);
	if (n_numbers > 0)
		flt_c_put(put, "\tfill_numbers(numbers_%zu, %zu, %s, values, x);\n", p, n_numbers, scales[prep->scale]);
	else
		flt_c_put_text(put, "\t(void)values;\n");
	if (n_categories > 0)
		flt_c_put(put, "\tfill_categories(categories_%zu, %zu, places, x);\n", p, n_categories);
	else
		flt_c_put_text(put, "\t(void)places;\n");
	flt_c_put_text(put, "}\n\n");
}

/* ---- all of it ---- */

static const char number_struct[] =
        "/* ---- the preparation ---- */\n\n"
        "/* The inputs of a number; those that it does not have are -1. From low to high a value is not extreme. */\n"
        "struct number_inputs {\n"
        "\tlong value, scaled, missing, first_step;\n"
        "\tsize_t n_steps, n_quantiles;\n"
        "\tdouble median, center, factor, low, high;\n"
        "\tconst double *steps, *quantiles;\n"
        "};\n\n";

static const char category_struct[] =
        "/* The inputs of a category: at each place the one that is 1, or -2 - the one that is -1, or -1; and that of\n"
        " * the effect. */\n"
        "struct category_inputs {\n"
        "\tlong value, effect_input;\n"
        "\tconst %s *slots;\n"
        "\tconst float *effects;\n"
        "};\n\n";

static void put_normal_quantile(struct flt_c_put *put)
{
	static const char *const names[][2] = {{"near_over", "near_under"}, {"far_over", "far_under"}};
	for (int i = 0; i < 2; i++) {
		flt_c_put_doubles(put, names[0][i], flt_normal_near[i], FLT_NORMAL_COEFFICIENTS);
		flt_c_put_doubles(put, names[1][i], flt_normal_far[i], FLT_NORMAL_COEFFICIENTS);
	}
}

static void put_scales(struct flt_c_file *file)
{
	static const char *const texts[FLT_N_SCALES] = {[FLT_SCALE_ROBUST] = flt_c_scale_robust,
	                                                [FLT_SCALE_STANDARD] = flt_c_scale_standard,
	                                                [FLT_SCALE_QUANTILE] = flt_c_scale_quantile,
	                                                [FLT_SCALE_NONE] = flt_c_scale_none};
	for (int scale = 0; scale < FLT_N_SCALES; scale++)
		for (size_t p = 0; p < file->view->n_preps; p++)
			if ((int)file->view->preps[p].scale == scale && n_blocks(&file->view->preps[p], true) > 0) {
				if (scale == FLT_SCALE_QUANTILE)
					put_normal_quantile(&file->put);
				flt_c_put_text(&file->put, texts[scale]);
				break;
			}
}

static bool any_block(const struct flt_view *view, bool numbers)
{
	for (size_t p = 0; p < view->n_preps; p++)
		if (n_blocks(&view->preps[p], numbers) > 0)
			return true;
	return false;
}

void flt_c_put_inputs(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	const struct flt_view *view = file->view;
	bool has_dates = flt_c_has_type(view, FLT_VIEW_DATE), has_categories = flt_c_has_type(view, FLT_VIEW_CATEGORY);
	const char *slot = view->max_inputs < MOST_SHORT ? "short" : "long";
	if (has_dates)
		flt_c_put_text(put, flt_c_calendar);
	if (has_categories)
		put_levels(file);
	flt_c_put_values(file);
	if (any_block(view, true)) {
		flt_c_put_text(put, number_struct);
		flt_c_put_text(put, flt_c_clip);
		put_scales(file);
		flt_c_put_text(put, flt_c_fill_numbers);
	}
	if (any_block(view, false)) {
		flt_c_put(put, category_struct, slot);
		flt_c_put_text(put, flt_c_fill_categories);
	}
	for (size_t p = 0; p < view->n_preps; p++) {
		if (n_blocks(&view->preps[p], true) > 0)
			put_numbers(put, p, &view->preps[p]);
		if (n_blocks(&view->preps[p], false) > 0)
			put_categories(put, slot, p, &view->preps[p]);
		put_function(put, p, &view->preps[p]);
	}
}
