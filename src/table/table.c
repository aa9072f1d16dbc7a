/* Creating, freeing and querying a table; reading.c reads one. */
#include "table/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "table/contents.h"

enum flt_status flt_table_new(const char *path, const char *const *names, size_t n, struct flt_table **made,
                              struct flt_error *err)
{
	*made = NULL;
	struct flt_table *table = flt_alloc_zero(1, sizeof *table, err);
	FLT_TRY_MEMORY(table);
	enum flt_status status;
	table->target = table->id = table->time = table->weight = SIZE_MAX;
	table->path = flt_copy_text(path, strlen(path), err);
	FLT_TRY_MEMORY_OUT(table->path);
	table->columns = flt_alloc_zero(n, sizeof *table->columns, err);
	FLT_TRY_MEMORY_OUT(table->columns);
	for (; table->n_columns < n; table->n_columns++) {
		struct flt_table_column *column = &table->columns[table->n_columns];
		flt_column_init(&column->cells, FLT_READ_FIND);
		column->role = FLT_FEATURE;
		column->file_column = table->n_columns;
		column->name = flt_copy_text(names[table->n_columns], strlen(names[table->n_columns]), err);
		FLT_TRY_MEMORY_OUT(column->name);
	}
	*made = table;
	return FLT_OK;
out:
	flt_table_free(table);
	return status;
}

void flt_table_free(struct flt_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->n_columns; i++) {
		flt_free(table->columns[i].name);
		flt_column_release(&table->columns[i].cells);
		flt_free((void *)table->columns[i].narrow.cells);
		flt_free(table->columns[i].narrow_codes);
		flt_free(table->columns[i].levels);
		flt_free(table->columns[i].remark);
	}
	flt_free(table->columns);
	flt_free(table->path);
	flt_free(table->row_numbers);
	flt_free(table->labels);
	flt_free(table->classes);
	flt_dictionary_release(&table->class_keys);
	flt_free(table->by_size);
	flt_free(table->positive);
	flt_free(table->negative);
	flt_names_release(&table->files);
	flt_names_release(&table->remarks);
	flt_names_release(&table->warnings);
	flt_free(table);
}

enum flt_status flt_table_add_remark(struct flt_table *table, struct flt_error *err, const char *format, ...)
{
	enum { LONGEST = 1024 };
	char text[LONGEST];
	size_t capacity = table->remarks.n;
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	FLT_TRY(flt_grow((void **)&table->remarks.items, &capacity, table->remarks.n + 1, sizeof *table->remarks.items,
	                 err));
	table->remarks.items[table->remarks.n] = flt_copy_text(text, strlen(text), err);
	FLT_TRY_MEMORY(table->remarks.items[table->remarks.n]);
	table->remarks.n++;
	return FLT_OK;
}

enum flt_status flt_table_list_levels(struct flt_table_column *column, struct flt_error *err)
{
	const struct flt_dictionary *levels = &column->cells.levels;
	flt_free(column->levels);
	column->levels = flt_alloc(levels->n, sizeof *column->levels, err);
	FLT_TRY_MEMORY(column->levels);
	for (size_t i = 0; i < levels->n; i++)
		column->levels[i] = flt_dictionary_text(levels, i);
	return FLT_OK;
}

/* ---- queries ---- */

size_t flt_table_n_rows(const struct flt_table *table)
{
	return table->n_rows;
}

size_t flt_table_n_columns(const struct flt_table *table)
{
	return table->n_columns;
}

struct flt_column flt_table_column(const struct flt_table *table, size_t index)
{
	assert(index < table->n_columns);
	const struct flt_table_column *column = &table->columns[index];
	const struct flt_column_cells *cells = &column->cells;
	const struct flt_table_column *dates = column->is_part ? &table->columns[column->source] : column;
	return (struct flt_column){.name = column->name,
	                           .type = cells->state.is_text ? FLT_CATEGORICAL : FLT_NUMERIC,
	                           .role = column->role,
	                           .n_missing = cells->n_missing,
	                           .numbers = column->narrow.cells ? column->narrow : flt_numbers_of(cells->numbers),
	                           .codes = cells->codes,
	                           .levels = column->levels,
	                           .n_levels = cells->levels.n,
	                           .format = cells->format,
	                           .looks_like_dates = column->looks_like_dates,
	                           .integers = column->integers,
	                           .type_given = column->type_given,
	                           .dates = flt_column_holds_seconds(&dates->cells) ? &dates->cells.state.dates.format
	                                                                            : NULL,
	                           .source = column->is_part ? dates->name : NULL,
	                           .part = column->part,
	                           .remark = column->remark};
}

size_t flt_table_find(const struct flt_table *table, const char *name)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

size_t flt_table_find_near(const struct flt_table *table, const char *name, size_t expected)
{
	bool is_there = expected < table->n_columns && strcmp(table->columns[expected].name, name) == 0;
	return is_there ? expected : flt_table_find(table, name);
}

size_t flt_table_role(const struct flt_table *table, enum flt_column_role role)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (table->columns[i].role == role)
			return i;
	return SIZE_MAX;
}

const uint8_t *flt_table_labels(const struct flt_table *table)
{
	return table->labels;
}

size_t flt_table_n_positive(const struct flt_table *table)
{
	return table->n_positive;
}

size_t flt_table_n_missing(const struct flt_table *table)
{
	size_t n = 0;
	for (size_t i = 0; i < table->n_columns; i++)
		n += table->columns[i].role == FLT_FEATURE && !table->columns[i].is_part
		             ? table->columns[i].cells.n_missing
		             : 0;
	return n;
}

const char *flt_table_path(const struct flt_table *table)
{
	return table->path;
}

size_t flt_table_n_files(const struct flt_table *table)
{
	return table->files.n;
}

const char *flt_table_file(const struct flt_table *table, size_t i)
{
	assert(i < table->files.n);
	return table->files.items[i];
}

const char *flt_table_target(const struct flt_table *table)
{
	return table->target == SIZE_MAX ? NULL : table->columns[table->target].name;
}

const char *flt_table_positive(const struct flt_table *table)
{
	return table->positive;
}

const char *flt_table_negative(const struct flt_table *table)
{
	return table->negative;
}

size_t flt_table_n_classes(const struct flt_table *table)
{
	return table->target == SIZE_MAX ? 0 : table->columns[table->target].cells.levels.n;
}

struct flt_class flt_table_class(const struct flt_table *table, size_t i)
{
	assert(i < flt_table_n_classes(table));
	return *table->by_size[i];
}

int32_t flt_table_code(const struct flt_table *table, size_t column, size_t row)
{
	const struct flt_table_column *of = &table->columns[column];
	return of->narrow_codes ? of->narrow_codes[row] : of->cells.codes[row];
}

static const char *text_of(const struct flt_table *table, size_t column, size_t row)
{
	assert(row < table->n_rows);
	int32_t code = flt_table_code(table, column, row);
	return code < 0 ? "" : table->columns[column].levels[code];
}

const char *flt_table_target_text(const struct flt_table *table, size_t row)
{
	return table->target == SIZE_MAX ? NULL : text_of(table, table->target, row);
}

const char *flt_table_id_text(const struct flt_table *table, size_t row)
{
	return table->id == SIZE_MAX ? NULL : text_of(table, table->id, row);
}

size_t flt_table_row_number(const struct flt_table *table, size_t row)
{
	assert(row < table->n_rows);
	return table->row_numbers ? table->row_numbers[row] : row + 1;
}

const char *flt_table_sha256(const struct flt_table *table)
{
	return *table->sha256 ? table->sha256 : NULL;
}

struct flt_table_notes flt_table_notes(const struct flt_table *table)
{
	return table->notes;
}

size_t flt_table_n_remarks(const struct flt_table *table)
{
	return table->remarks.n;
}

const char *flt_table_remark(const struct flt_table *table, size_t i)
{
	assert(i < table->remarks.n);
	return table->remarks.items[i];
}

size_t flt_table_n_warnings(const struct flt_table *table)
{
	return table->warnings.n;
}

const char *flt_table_warning(const struct flt_table *table, size_t i)
{
	assert(i < table->warnings.n);
	return table->warnings.items[i];
}

enum flt_status flt_table_add_warning(struct flt_table *table, char *text, struct flt_error *err)
{
	size_t capacity = table->warnings.n;
	enum flt_status status = flt_grow((void **)&table->warnings.items, &capacity, table->warnings.n + 1,
	                                  sizeof *table->warnings.items, err);
	if (status == FLT_OK)
		table->warnings.items[table->warnings.n++] = text;
	else
		flt_free(text);
	return status;
}
