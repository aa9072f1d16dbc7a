#include "rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { COPIED_WITHIN = 200 }; /* rows: a copy follows its original soon */

static double power_of_ten(unsigned decimals)
{
	static const double powers[] = {1, 10, 100, 1000};
	assert(decimals < 4);
	return powers[decimals];
}

long row_units(const struct column *column, double x)
{
	double units = x * power_of_ten(column->decimals);
	return (long)(units < 0 ? units - 0.5 : units + 0.5);
}

/* The double that a reader of the file will see: whole units divided by a power of ten round like the printed text. */
static double as_written(const struct column *column, double x)
{
	double inside = x < column->min ? column->min : x > column->max ? column->max : x;
	return (double)row_units(column, inside) / power_of_ten(column->decimals);
}

static double value_at_level(const struct column *column, const double *x, unsigned level)
{
	return as_written(column, column->value_at(x, (level + 0.5) / N_LEVELS));
}

static void draw_columns(const struct scenario *scenario, size_t i, struct source *source, struct row *row)
{
	scenario->draw(row->x, i, source);
	for (size_t j = 0; j < scenario->n_columns; j++)
		if (!scenario->columns[j].value_at)
			row->x[j] = as_written(&scenario->columns[j], row->x[j]);
	for (size_t j = 0; j < scenario->n_columns; j++)
		if (scenario->columns[j].value_at)
			row->x[j] = value_at_level(&scenario->columns[j], row->x, draw_below(source, N_LEVELS));
}

static void draw_missing(const struct scenario *scenario, struct source *source, struct row *row)
{
	for (size_t j = 0; j < scenario->n_columns; j++) {
		double u = draw_uniform(source);
		row->missing[j] = scenario->columns[j].value_at && u < scenario->columns[j].chance_missing(row->x);
	}
}

/* The mean over the values that the missing cells from column j on may have. value_at reads only columns that are never
 * missing, so the order does not matter. Neighbouring levels often round to the same value and share the work. */
static double mean_probability(const struct scenario *scenario, struct row *row, size_t j)
{
	while (j < scenario->n_columns && !row->missing[j])
		j++;
	if (j == scenario->n_columns)
		return scenario->probability(row->x);
	double sum = 0, same = 0;
	for (unsigned level = 0; level < N_LEVELS; level++) {
		double value = value_at_level(&scenario->columns[j], row->x, level);
		if (level == 0 || value != row->x[j]) {
			row->x[j] = value;
			same = mean_probability(scenario, row, j + 1);
		}
		sum += same;
	}
	return sum / N_LEVELS;
}

static bool draw_copy(const struct scenario *scenario, struct source *source, size_t i, size_t *original)
{
	double u = draw_uniform(source);
	size_t back = 1 + draw_below(source, COPIED_WITHIN);
	if (u >= scenario->copies || back > i)
		return false;
	*original = i - back;
	return true;
}

struct row *rows_draw(const struct scenario *scenario)
{
	assert(scenario->n_columns <= MAX_COLUMNS);
	struct row *rows = calloc(scenario->n_rows, sizeof *rows);
	if (!rows)
		return NULL;
	struct source columns = source_open(scenario->seed, STREAM_COLUMNS);
	struct source missing = source_open(scenario->seed, STREAM_MISSING);
	struct source copies = source_open(scenario->seed, STREAM_COPIES);
	struct source labels = source_open(scenario->seed, STREAM_LABELS);
	for (size_t i = 0; i < scenario->n_rows; i++) {
		struct row *row = &rows[i];
		size_t repeated;
		if (draw_copy(scenario, &copies, i, &repeated)) {
			*row = rows[repeated];
			continue;
		}
		row->original = i;
		draw_columns(scenario, i, &columns, row);
		draw_missing(scenario, &missing, row);
		row->truth = mean_probability(scenario, row, 0);
		row->positive = draw_uniform(&labels) < row->truth;
	}
	return rows;
}
