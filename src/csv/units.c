#include "csv/units.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

enum { FEWEST_RECORDS = 5 }; /* below the line: with fewer, a text over numbers may be anything */

static bool is_number(const struct flt_csv_field *field, char decimal)
{
	double value;
	return flt_number_parse(field->text, field->length, decimal, &value) != FLT_NOT_A_NUMBER;
}

enum verdict { EMPTY, UNIT, OTHER_TEXT, VALUE };

/* What the cell in row `line` says of its column. */
static enum verdict judge(const struct flt_preview *preview, size_t line, size_t index,
                          const struct flt_markers *markers, char decimal)
{
	const struct flt_csv_field *cell = &flt_preview_fields(preview, line)[index];
	size_t n_values = 0, n_numbers = 0;
	if (cell->length == 0)
		return EMPTY;
	if (is_number(cell, decimal) || flt_markers_hold(markers, cell->text, cell->length))
		return VALUE;
	for (size_t i = line + 1; i < preview->n_rows; i++) {
		if (index >= preview->rows[i].n_fields)
			continue;
		const struct flt_csv_field *below = &flt_preview_fields(preview, i)[index];
		if (below->length == cell->length && memcmp(below->text, cell->text, cell->length) == 0)
			return VALUE;
		if (flt_markers_hold(markers, below->text, below->length))
			continue;
		n_values++;
		n_numbers += is_number(below, decimal);
	}
	return n_values > 0 && n_numbers == n_values ? UNIT : OTHER_TEXT;
}

enum flt_status flt_check_units(const struct flt_named_file *file, const struct flt_preview *preview, size_t header,
                                size_t n_lines, const struct flt_markers *markers, char decimal, struct flt_error *err)
{
	size_t line = header + 1, first = SIZE_MAX, n_empty = 0, n_units = 0;
	if (line + FEWEST_RECORDS >= preview->n_rows || preview->rows[line].n_fields != preview->rows[header].n_fields)
		return FLT_OK;
	size_t n = preview->rows[line].n_fields;
	for (size_t i = 0; i < n; i++) {
		enum verdict verdict = judge(preview, line, i, markers, decimal);
		if (verdict == VALUE)
			return FLT_OK;
		n_empty += verdict == EMPTY;
		n_units += verdict == UNIT;
		first = verdict == UNIT && first == SIZE_MAX ? i : first;
	}
	if (n_units == 0 || (n_units == 1 && n_empty + 1 < n))
		return FLT_OK;
	char program[40];
	size_t number = n_lines + preview->rows[line].line + 1;
	const struct flt_csv_field *name = &flt_preview_fields(preview, header)[first];
	const struct flt_csv_field *unit = &flt_preview_fields(preview, line)[first];
	snprintf(program, sizeof program, "sed %zud", number);
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s:%zu: \"%s\" stands over the numbers of column \"%s\": if the line holds the names, leave out "
	        "what stands above it with --skip-lines %zu; if it holds units, leave it out: %s",
	        file->name, number, flt_shown(unit->text, unit->length).text, flt_shown(name->text, name->length).text,
	        number - 1, flt_remedy_filter(file, program).text);
}
