#include "table/weight.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/text.h"
#include "table/contents.h"

/* Sums of squares of weights within these bounds stay far inside the range of a double, and losses that of a float. */
static const double least = 1e-12, most = 1e12;

/* ---- reading ---- */

static enum flt_status fail(const struct flt_weight_cell *cell, const char *text, size_t length, const char *why,
                            struct flt_error *err)
{
	const char *file = cell->file;
	struct flt_shown column = flt_shown(cell->column, strlen(cell->column)), shown = flt_shown(text, length);
	if (length == 0)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s:%zu: weight \"%s\" has no value here: fill it in; 0 leaves the row out", file,
		                cell->line, column.text);
	return flt_fail(err, FLT_ERR_DATA, "%s:%zu: weight \"%s\" holds \"%s\", %s: correct it; 0 leaves the row out",
	                file, cell->line, column.text, shown.text, why);
}

static enum flt_status check_plain(const struct flt_weight_cell *cell, const char *text, size_t length,
                                   enum flt_number kind, double weight, struct flt_error *err)
{
	if (kind == FLT_NUMBER && weight < 0)
		return fail(cell, text, length, "but no row stands for fewer than 0", err);
	if (kind == FLT_NUMBER_OUT_OF_RANGE || weight > most || (weight != 0 && weight < least))
		return fail(cell, text, length, "but weights lie between 1e-12 and 1e12", err);
	return FLT_OK;
}

static bool has_only_zeros(const struct flt_number_shape *shape)
{
	for (size_t i = 0; i < shape->n_core; i++)
		if (shape->core[i] >= '1' && shape->core[i] <= '9')
			return false;
	return true;
}

enum flt_status flt_weight_look(const struct flt_weight_cell *cell, const char *text, size_t length, bool *is_zero,
                                struct flt_error *err)
{
	double weight;
	struct flt_number_shape shape;
	if (cell->is_missing)
		return fail(cell, text, length, "a missing marker", err);
	enum flt_number kind = flt_number_parse(text, length, cell->decimal, &weight);
	*is_zero = kind == FLT_NUMBER && weight == 0;
	if (kind != FLT_NOT_A_NUMBER)
		return check_plain(cell, text, length, kind, weight, err);
	if (!flt_number_shape_of(text, length, &shape))
		return fail(cell, text, length, "which is no number", err);
	*is_zero = has_only_zeros(&shape);
	if (shape.is_negative && !*is_zero)
		return fail(cell, text, length, "but no row stands for fewer than 0", err);
	return FLT_OK;
}

/* ---- the form of a column ---- */

/* The first text that the finding's format does not read. */
static struct flt_shown find_odd(const struct flt_column_cells *cells, const struct flt_finding *finding,
                                 const struct flt_finding_rules *rules)
{
	double value;
	for (size_t i = 0; i < cells->levels.n; i++) {
		const char *text = flt_dictionary_text(&cells->levels, i);
		size_t length = cells->levels.levels[i].length;
		if (flt_formatted_cell_read(rules->markers, &finding->format, text, length, &value) != FLT_CELL_NUMBER)
			return flt_shown(text, length);
	}
	return flt_shown("", 0);
}

static enum flt_status fail_odd(const struct flt_weight_column *column, const struct flt_finding *finding,
                                const struct flt_finding_rules *rules, struct flt_error *err)
{
	char format[FLT_FORMAT_TEXT];
	flt_format_describe(&finding->format, finding->format.decimal != rules->decimal, format, sizeof format);
	return flt_fail(err, FLT_ERR_DATA, "%s: weight \"%s\" holds \"%s\" beside %zu %s: write all in one form",
	                column->file, flt_shown(column->name, strlen(column->name)).text,
	                find_odd(column->cells, finding, rules).text, finding->n_values - finding->n_odd, format);
}

enum flt_status flt_weights_check_form(const struct flt_weight_column *column, const struct flt_finding *finding,
                                       const struct flt_finding_rules *rules, struct flt_error *err)
{
	struct flt_shown name = flt_shown(column->name, strlen(column->name));
	if (finding->kind == FLT_FOUND_NUMBERS)
		return FLT_OK;
	if (finding->kind != FLT_FOUND_DOUBT || finding->doubt == FLT_DOUBT_ODD_TEXTS ||
	    finding->doubt == FLT_DOUBT_OUT_OF_RANGE)
		return fail_odd(column, finding, rules, err);
	if (finding->doubt == FLT_DOUBT_DECIMAL_COMMAS)
		return flt_fail(err, FLT_ERR_DATA, "%s: weight \"%s\" has decimal commas: read them with --decimal ,",
		                column->file, name.text);
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s: weight \"%s\" holds numbers like 1.234 or 1,234, whose mark may be for decimals or between "
	        "thousands: write them as 1.2340 or as 1234",
	        column->file, name.text);
}

enum flt_status flt_weights_settle(const struct flt_weight_column *column, const struct flt_finding_rules *rules,
                                   struct flt_error *err)
{
	struct flt_finding finding;
	enum flt_column_fate fate;
	FLT_TRY(flt_column_judge(column->cells, rules, &finding, &fate, err));
	assert(fate == FLT_COLUMN_IS_DONE); /* all texts are there */
	FLT_TRY(flt_weights_check_form(column, &finding, rules, err));
	return flt_column_settle(column->cells, rules, &finding.format, err);
}

size_t flt_weights_find_wrong(const double *weight, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(weight[i] >= least && weight[i] <= most))
			return i;
	return SIZE_MAX;
}

enum flt_status flt_weight_fail_range(const char *place, const char *column, double weight, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: weight \"%s\" is %g, but weights lie between 1e-12 and 1e12: correct it; 0 leaves the row "
	                "out",
	                place, flt_shown(column, strlen(column)).text, weight);
}

enum flt_status flt_table_check_weights(const struct flt_table *table, struct flt_error *err)
{
	char place[512];
	const double *weight = flt_table_weights(table);
	size_t row = weight ? flt_weights_find_wrong(weight, table->n_rows) : SIZE_MAX;
	if (row == SIZE_MAX)
		return FLT_OK;
	snprintf(place, sizeof place, "%s: row %zu", table->path, flt_table_row_number(table, row));
	return flt_weight_fail_range(place, table->columns[table->weight].name, weight[row], err);
}

/* ---- what they add up to ---- */

const double *flt_table_weights(const struct flt_table *table)
{
	return table->weight == SIZE_MAX ? NULL : table->columns[table->weight].cells.numbers;
}

struct flt_weighing flt_weigh(const double *weight, size_t n)
{
	double sum = 0, squares = 0;
	for (size_t i = 0; i < n; i++) {
		sum += weight ? weight[i] : 1;
		squares += weight ? weight[i] * weight[i] : 1;
	}
	return (struct flt_weighing){.sum = sum, .effective = n > 0 ? sum * sum / squares : 0};
}

struct flt_weighing flt_weigh_class(const double *weight, const uint8_t *label, size_t n, uint8_t class)
{
	double sum = 0, squares = 0;
	for (size_t i = 0; i < n; i++) {
		double w = label[i] != class ? 0 : weight ? weight[i] : 1;
		sum += w;
		squares += w * w;
	}
	return (struct flt_weighing){.sum = sum, .effective = sum > 0 ? sum * sum / squares : 0};
}

struct flt_weighing flt_table_weigh_class(const struct flt_table *table, const size_t *rows, size_t n, uint8_t label)
{
	const double *weight = flt_table_weights(table);
	double sum = 0, squares = 0;
	for (size_t i = 0; i < n; i++) {
		size_t row = rows ? rows[i] : i;
		double w = table->labels[row] != label ? 0 : weight ? weight[row] : 1;
		sum += w;
		squares += w * w;
	}
	return (struct flt_weighing){.sum = sum, .effective = sum > 0 ? sum * sum / squares : 0};
}

double flt_table_prevalence(const struct flt_table *table, const size_t *rows, size_t n)
{
	double positive = flt_table_weigh_class(table, rows, n, 1).sum;
	return positive / (positive + flt_table_weigh_class(table, rows, n, 0).sum);
}

/* ---- warnings ---- */

static enum flt_status warn(struct flt_table *table, const char *text, struct flt_error *err)
{
	char *warning = flt_copy_text(text, strlen(text), err);
	FLT_TRY_MEMORY(warning);
	return flt_table_add_warning(table, warning, err);
}

struct flt_heaviest_warning flt_heaviest_warning(const char *place, const char *column, double share, size_t n_rows)
{
	enum { FEW_ROWS = 10 };
	struct flt_heaviest_warning warning = {""};
	if (share > 0.5 && n_rows >= FEW_ROWS)
		snprintf(warning.text, sizeof warning.text,
		         "%s holds %.0f %% of all weight in column \"%s\", so that all figures rest on it: correct "
		         "its weight, or leave the row out with a weight of 0",
		         place, 100 * share, flt_shown(column, strlen(column)).text);
	return warning;
}

enum flt_status flt_table_warn_of_heaviest(struct flt_table *table, struct flt_error *err)
{
	char place[32];
	const double *weight = flt_table_weights(table);
	size_t heaviest = 0;
	if (!weight || table->n_rows == 0)
		return FLT_OK;
	for (size_t row = 1; row < table->n_rows; row++)
		if (weight[row] > weight[heaviest])
			heaviest = row;
	snprintf(place, sizeof place, "row %zu", flt_table_row_number(table, heaviest));
	struct flt_heaviest_warning warning =
	        flt_heaviest_warning(place, table->columns[table->weight].name,
	                             weight[heaviest] / flt_weigh(weight, table->n_rows).sum, table->n_rows);
	return *warning.text ? warn(table, warning.text, err) : FLT_OK;
}

/* Names that say "this row stands for so many". */
static bool is_weight_name(const char *name)
{
	static const char *const names[] = {
	        "weight",           "weights",     "sample_weight",     "sample_weights",  "sampling_weight",
	        "row_weight",       "case_weight", "case_weights",      "instance_weight", "survey_weight",
	        "frequency_weight", "freq_weight", "importance_weight", "fnlwgt",          "pweight",
	        "fweight"};
	char plain[32];
	size_t n = 0;
	for (; name[n] && n + 1 < sizeof plain; n++)
		plain[n] = name[n] == ' ' || name[n] == '-' || name[n] == '.' ? '_' : name[n];
	plain[n] = '\0';
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!name[n] && strcasecmp(plain, names[i]) == 0)
			return true;
	return false;
}

/* Numbers that could be weights; --numeric says that they are a measure. */
static bool may_be_weight(const struct flt_table_column *column)
{
	const struct flt_column_cells *cells = &column->cells;
	if (column->role != FLT_FEATURE || column->type_given || !cells->numbers || cells->n_missing > 0 ||
	    !is_weight_name(column->name))
		return false;
	for (size_t row = 0; row < cells->n_rows; row++)
		if (!(cells->numbers[row] >= 0 && cells->numbers[row] <= most))
			return false;
	return true;
}

static bool is_dropped(const struct flt_table_column *column)
{
	return column->role == FLT_DROPPED && !column->is_own;
}

static bool is_numeric_by_option(const struct flt_table_column *column)
{
	return column->cells.state.reading == FLT_READ_NUMBERS_OR_MISSING;
}

enum { VALUE_SIZE = 512 };

/* The value of an option that names this column and those that it names already; this column alone if it is long. */
static enum flt_status value_with(const struct flt_table *table, const struct flt_table_column *column,
                                  bool (*is_named)(const struct flt_table_column *), char value[VALUE_SIZE],
                                  struct flt_error *err)
{
	size_t n = 0;
	const char **items = flt_alloc(table->n_columns + 1, sizeof *items, err);
	FLT_TRY_MEMORY(items);
	for (size_t i = 0; i < table->n_columns; i++)
		if (is_named(&table->columns[i]))
			items[n++] = table->columns[i].name;
	items[n++] = column->name;
	if (!flt_option_value(items, n, value, VALUE_SIZE))
		snprintf(value, VALUE_SIZE, "\"%s\"", flt_shown(column->name, strlen(column->name)).text);
	flt_free(items);
	return FLT_OK;
}

static enum flt_status warn_of_feature(struct flt_table *table, const struct flt_table_column *column,
                                       struct flt_error *err)
{
	char text[2 * VALUE_SIZE + 512], drop[VALUE_SIZE], numeric[VALUE_SIZE];
	struct flt_shown name = flt_shown(column->name, strlen(column->name));
	FLT_TRY(value_with(table, column, is_dropped, drop, err));
	FLT_TRY(value_with(table, column, is_numeric_by_option, numeric, err));
	snprintf(text, sizeof text,
	         "column \"%s\" is learnt from: if it says how many rows a row stands for, count them with --weight "
	         "\"%s\"; if it means nothing, leave it out with --drop %s; if it is a measure, say so with --numeric "
	         "%s",
	         name.text, name.text, drop, numeric);
	return warn(table, text, err);
}

enum flt_status flt_table_warn_of_weight_names(struct flt_table *table, struct flt_error *err)
{
	for (size_t i = 0; table->weight == SIZE_MAX && i < table->n_columns; i++)
		if (may_be_weight(&table->columns[i]))
			FLT_TRY(warn_of_feature(table, &table->columns[i], err));
	return FLT_OK;
}
