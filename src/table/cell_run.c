/* Hot: most cells of most files are short numbers in a column that is to be judged, and are read here. */
#include "table/cell_run.h"

#include <assert.h>

#include "base/short_number.h"
#include "table/grouping.h"

/* Whether the next cell, if it is a short number, is added as one: no marker may be a number then. */
static bool takes_short_numbers(const struct flt_column_cells *cells, const struct flt_cell_place *place)
{
	return cells->state.reading == FLT_READ_FIND && !cells->state.is_text && place->markers->n_values == 0;
}

enum { AT_ONCE = 64 };

/* Adds fields up to the first that is no short number, and no more than AT_ONCE; returns how many. The divisions wait,
 * since each on its own would keep the next number waiting. */
static size_t add_short_numbers(struct flt_column_cells *cells, const struct flt_csv_field *fields, size_t n,
                                char decimal)
{
	double divisors[AT_ONCE], *const numbers = cells->numbers + cells->n_rows;
	struct flt_plain_numbers plain = cells->plain;
	size_t n_read = 0;
	n = n < AT_ONCE ? n : AT_ONCE;
	for (; n_read < n; n_read++) {
		const struct flt_csv_field *field = &fields[n_read];
		if (!flt_short_number_parse(field->text, field->length, decimal, &numbers[n_read], &divisors[n_read]))
			break;
		if (plain.may_be_grouped)
			flt_note_grouping(&plain, field->text, field->length, decimal);
	}
	for (size_t i = 0; i < n_read; i++)
		numbers[i] /= divisors[i]; /* cppcheck-suppress uninitvar */
	cells->plain = plain;
	cells->n_rows += n_read;
	cells->state.is_decided |= n_read > 0;
	return n_read;
}

enum flt_status flt_column_add_run(struct flt_column_cells *cells, const struct flt_csv_field *fields,
                                   const size_t *lines, size_t n, const struct flt_cell_place *place,
                                   struct flt_error *err)
{
	struct flt_cell_place here = *place;
	assert(cells->n_rows + n <= cells->capacity);
	for (size_t i = 0; i < n;) {
		size_t n_added = 0;
		if (takes_short_numbers(cells, place))
			n_added = add_short_numbers(cells, fields + i, n - i, place->decimal);
		i += n_added;
		if (n_added > 0)
			continue;
		here.line = lines[i];
		FLT_TRY(flt_column_add(cells, fields[i].text, fields[i].length, &here, err));
		i++;
	}
	return FLT_OK;
}
