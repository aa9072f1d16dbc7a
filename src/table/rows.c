/* Hot: flt_table_hold_row runs once per record, and its loop once per cell. The work on cells is in cell_run.c. */
#include "table/rows.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "csv/raw_field.h"
#include "table/cell_run.h"
#include "table/classes.h"
#include "table/missing_target.h"
#include "table/weight.h"

static enum flt_status fail_unknown_class(const struct flt_table *table, const struct flt_table *model, size_t line,
                                          const struct flt_csv_field *field, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: target \"%s\" holds \"%s\", but its classes in %s are \"%s\" and \"%s\": correct it",
	                table->file, line, table->columns[table->target].name,
	                flt_shown(field->text, field->length).text, model->path, model->negative, model->positive);
}

/* Whether that is an error is known in the end. It is one now beside a model, whose classes are known, and in a partial
 * table (partial_tables.h), which knows no lines of the file, so that the record comes again. */
static enum flt_status lack_target(struct flt_table *table, const struct flt_row_rules *rules,
                                   const struct flt_csv_record *record, struct flt_error *err)
{
	if (rules->model || table->is_partial)
		return flt_table_fail_no_target(table, record, err);
	flt_table_note_no_target(table, record);
	return FLT_OK;
}

/* Checks the record's target, if the table has one. *is_dropped: the row has none and is left out. */
static enum flt_status check_target(struct flt_table *table, const struct flt_row_rules *rules,
                                    const struct flt_csv_record *record, bool *is_dropped, struct flt_error *err)
{
	*is_dropped = false;
	if (table->target == SIZE_MAX)
		return FLT_OK;
	const struct flt_csv_field *field = &record->fields[table->columns[table->target].file_column];
	bool is_known = true;
	if (!flt_target_is_missing(rules, field->text, field->length)) {
		if (rules->model)
			FLT_TRY(flt_table_knows_class(rules->model, field->text, field->length, &is_known, err));
		return is_known ? FLT_OK : fail_unknown_class(table, rules->model, record->line, field, err);
	}
	if (!rules->drop_missing_target)
		return lack_target(table, rules, record, err);
	table->notes.n_without_target++;
	*is_dropped = true;
	return FLT_OK;
}

/* Whether the row has no time and is left out for it. */
static bool lacks_time(struct flt_table *table, const struct flt_row_rules *rules, const struct flt_csv_record *record)
{
	if (!rules->drop_missing_time || table->time == SIZE_MAX)
		return false;
	const struct flt_csv_field *field = &record->fields[table->columns[table->time].file_column];
	bool is_missing = flt_date_cell_is_missing(&rules->markers, rules->decimal, field->text, field->length);
	table->notes.n_without_time += is_missing;
	return is_missing;
}

/* Whether the record stands for no row, by its weight. */
static __attribute__((noinline)) enum flt_status has_zero_weight(const struct flt_table *table,
                                                                 const struct flt_row_rules *rules,
                                                                 const struct flt_csv_record *record, bool *is_zero,
                                                                 struct flt_error *err)
{
	const struct flt_table_column *column = &table->columns[table->weight];
	const struct flt_csv_field *field = &record->fields[column->file_column];
	double value;
	struct flt_weight_cell cell = {
	        .file = table->file,
	        .column = column->name,
	        .line = record->line,
	        .decimal = rules->decimal,
	        .is_missing = flt_numeric_cell_read(&rules->markers, rules->decimal, field->text, field->length,
	                                            &value) == FLT_CELL_MISSING,
	};
	return flt_weight_look(&cell, field->text, field->length, is_zero, err);
}

/* Stores the row's number in the file, after all before. */
static enum flt_status keep_number(struct flt_table *table, size_t number, struct flt_error *err)
{
	bool is_first = !table->row_numbers;
	FLT_TRY(flt_grow((void **)&table->row_numbers, &table->row_number_capacity, table->n_rows + 1,
	                 sizeof *table->row_numbers, err));
	for (size_t row = 0; is_first && row < table->n_rows; row++)
		table->row_numbers[row] = row + 1;
	table->row_numbers[table->n_rows] = number;
	return FLT_OK;
}

/* The same, unless all rows so far are numbered 1, 2, ... */
static inline enum flt_status number_row(struct flt_table *table, size_t number, struct flt_error *err)
{
	bool is_next = !table->row_numbers && number == table->n_rows + 1;
	return is_next ? FLT_OK : keep_number(table, number, err);
}

/* No more than so many times the rows at hand are expected: the rows behind may be longer by far. */
enum { FIRST_ROWS = 16, MOST_AHEAD = 4 };

static enum flt_status check_n_rows(const struct flt_table *table, size_t n_rows, struct flt_error *err)
{
	if (n_rows <= FLT_MOST_ROWS)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_DATA, "%s: more rows than the %zu that a table can hold: give it fewer",
	                table->path, FLT_MOST_ROWS);
}

/* Reserves room for n_rows in every column: for all that are expected, else by doubling it. It starts small, since
 * there may be many columns. */
static enum flt_status grow_columns(struct flt_table *table, size_t n_rows, struct flt_error *err)
{
	FLT_TRY(check_n_rows(table, n_rows, err));
	size_t capacity = table->row_capacity < FIRST_ROWS ? FIRST_ROWS : 2 * table->row_capacity;
	if (table->n_expected >= n_rows)
		capacity = table->n_expected < MOST_AHEAD * n_rows ? table->n_expected : MOST_AHEAD * n_rows;
	if (capacity < n_rows)
		capacity = n_rows;
	if (capacity > FLT_MOST_ROWS) /* so that the next row comes here */
		capacity = FLT_MOST_ROWS;
	for (size_t i = 0; i < table->n_columns; i++)
		FLT_TRY(flt_column_reserve(&table->columns[i].cells, capacity, err));
	table->row_capacity = capacity;
	return FLT_OK;
}

static inline enum flt_status reserve(struct flt_table *table, size_t n_rows, struct flt_error *err)
{
	return n_rows <= table->row_capacity ? FLT_OK : grow_columns(table, n_rows, err);
}

/* Makes room for the record's row and numbers it, unless the rules leave it out. The caller counts it. */
static enum flt_status begin_row(struct flt_table *table, const struct flt_row_rules *rules,
                                 const struct flt_csv_record *record, bool *is_dropped, struct flt_error *err)
{
	*is_dropped = false;
	if (table->weight != SIZE_MAX)
		FLT_TRY(has_zero_weight(table, rules, record, is_dropped, err));
	table->notes.n_zero_weight += *is_dropped;
	if (*is_dropped)
		return FLT_OK;
	FLT_TRY(check_target(table, rules, record, is_dropped, err));
	*is_dropped = *is_dropped || lacks_time(table, rules, record);
	if (*is_dropped)
		return FLT_OK;
	FLT_TRY(reserve(table, table->n_rows + 1, err));
	return number_row(table, table->n_records_before + record->number, err);
}

/* The record's cell in a column that is read. */
static inline struct flt_csv_field field_of(const struct flt_table *table, const struct flt_row_rules *rules,
                                            const struct flt_csv_record *record, size_t column)
{
	size_t index = table->columns[column].file_column;
	return column == table->id ? flt_csv_field_with_blanks(record, index, rules->delimiter) : record->fields[index];
}

enum flt_status flt_table_add_row(struct flt_table *table, const struct flt_row_rules *rules,
                                  const struct flt_csv_record *record, struct flt_error *err)
{
	bool is_dropped;
	FLT_TRY(begin_row(table, rules, record, &is_dropped, err));
	if (is_dropped)
		return FLT_OK;
	struct flt_cell_place place = {table->file, NULL, record->line, &rules->markers, rules->decimal};
	for (size_t i = 0; i < table->n_columns; i++) {
		struct flt_table_column *column = &table->columns[i];
		if (column->cells.state.reading == FLT_READ_NOTHING)
			continue;
		struct flt_csv_field field = field_of(table, rules, record, i);
		place.column = column->name;
		FLT_TRY(flt_column_add(&column->cells, field.text, field.length, &place, err));
	}
	table->n_rows++;
	return FLT_OK;
}

/* ---- rows that wait ---- */

/* As many as the cache holds beside the block, and a few at least. */
enum { WAITING_FIELDS = 1024, FEWEST_WAITING = 8, MOST_WAITING = 64 };

enum flt_status flt_waiting_rows_init(struct flt_waiting_rows *waiting, size_t n_columns, struct flt_error *err)
{
	size_t most = WAITING_FIELDS / n_columns;
	waiting->most = most < FEWEST_WAITING ? FEWEST_WAITING : most < MOST_WAITING ? most : MOST_WAITING;
	waiting->fields = flt_alloc(n_columns * waiting->most, sizeof *waiting->fields, err);
	FLT_TRY_MEMORY(waiting->fields);
	waiting->lines = flt_alloc(waiting->most, sizeof *waiting->lines, err);
	return waiting->lines ? FLT_OK : FLT_ERR_MACHINE;
}

void flt_waiting_rows_release(struct flt_waiting_rows *waiting)
{
	flt_free(waiting->fields);
	flt_free(waiting->lines);
	*waiting = (struct flt_waiting_rows){0};
}

enum flt_status flt_table_hold_row(struct flt_table *table, const struct flt_row_rules *rules,
                                   const struct flt_csv_record *record, struct flt_waiting_rows *waiting,
                                   struct flt_error *err)
{
	bool is_dropped;
	FLT_TRY(begin_row(table, rules, record, &is_dropped, err));
	if (is_dropped)
		return FLT_OK;
	struct flt_csv_field *fields = waiting->fields + waiting->n;
	for (size_t i = 0; i < table->n_columns; i++, fields += waiting->most)
		if (table->columns[i].cells.state.reading != FLT_READ_NOTHING)
			*fields = field_of(table, rules, record, i);
	waiting->lines[waiting->n++] = record->line;
	table->n_rows++;
	return waiting->n == waiting->most ? flt_table_add_waiting(table, rules, waiting, err) : FLT_OK;
}

enum flt_status flt_table_add_waiting(struct flt_table *table, const struct flt_row_rules *rules,
                                      struct flt_waiting_rows *waiting, struct flt_error *err)
{
	struct flt_cell_place place = {table->file, NULL, 0, &rules->markers, rules->decimal};
	size_t n = waiting->n;
	waiting->n = 0;
	for (size_t i = 0; i < table->n_columns && n > 0; i++) {
		struct flt_table_column *column = &table->columns[i];
		if (column->cells.state.reading == FLT_READ_NOTHING)
			continue;
		place.column = column->name;
		FLT_TRY(flt_column_add_run(&column->cells, waiting->fields + i * waiting->most, waiting->lines, n,
		                           &place, err));
	}
	return FLT_OK;
}

/* Adds the other table's rows and stores their numbers. */
static enum flt_status number_rows(struct flt_table *table, const struct flt_table *other, size_t n_before,
                                   struct flt_error *err)
{
	if (!table->row_numbers && !other->row_numbers && n_before == table->n_rows) {
		table->n_rows += other->n_rows;
		return FLT_OK;
	}
	for (size_t row = 0; row < other->n_rows; row++) {
		size_t number = other->row_numbers ? other->row_numbers[row] : row + 1;
		FLT_TRY(number_row(table, n_before + number, err));
		table->n_rows++;
	}
	return FLT_OK;
}

enum flt_status flt_table_append_rows(struct flt_table *table, const struct flt_table *other, size_t n_before,
                                      struct flt_error *err)
{
	FLT_TRY(reserve(table, table->n_rows + other->n_rows, err));
	table->notes.n_without_target += other->notes.n_without_target;
	table->notes.n_without_time += other->notes.n_without_time;
	table->notes.n_zero_weight += other->notes.n_zero_weight;
	return number_rows(table, other, n_before, err);
}

double flt_table_bytes(size_t n_columns, size_t n_rows)
{
	/* Of a column: its name in the table, in the file and in the dictionary that finds it, and a field of a record.
	 */
	enum { OF_NAMES = 130 };
	double n = FIRST_ROWS;
	while (n < (double)n_rows)
		n *= 2;
	return (double)n_columns * (sizeof(struct flt_table_column) + OF_NAMES + n * sizeof(double));
}
