/* A table as text: all that a reader may decide about it, and every cell to the bit. */
#ifndef TESTS_TABLE_SCRIPT_H
#define TESTS_TABLE_SCRIPT_H

#include "script.h"
#include "table/table.h"

static inline void script_add_column(struct script *script, const struct flt_table *table, size_t index)
{
	const struct flt_column view = flt_table_column(table, index), *column = &view;
	size_t n_rows = flt_table_n_rows(table);
	script_print(script, "%s type %d role %d missing %zu levels %zu dates %d integers %d\n", column->name,
	             column->type, column->role, column->n_missing, column->n_levels, column->looks_like_dates,
	             column->integers);
	for (size_t i = 0; i < column->n_levels; i++)
		script_print(script, "%s\n", column->levels[i]);
	for (size_t row = 0; column->levels && row < n_rows; row++)
		script_print(script, "%d\n", flt_table_code(table, index, row));
	for (size_t row = 0; column->numbers.cells && row < n_rows; row++)
		script_print(script, "%a\n", flt_number_at(&column->numbers, row));
}

static inline void script_add_table(struct script *script, const struct flt_table *table)
{
	struct flt_table_notes notes = flt_table_notes(table);
	size_t n_rows = flt_table_n_rows(table);
	script_print(script, "%zu rows, bad %zu (%s), without target %zu, positive %zu, sha256 %s\n", n_rows,
	             notes.n_bad_rows, notes.bad_rows, notes.n_without_target, flt_table_n_positive(table),
	             flt_table_sha256(table));
	for (size_t row = 0; row < n_rows; row++)
		script_print(script, "%zu\n", flt_table_row_number(table, row));
	for (size_t i = 0; i < flt_table_n_remarks(table); i++)
		script_print(script, "remark %s\n", flt_table_remark(table, i));
	for (size_t i = 0; i < flt_table_n_warnings(table); i++)
		script_print(script, "warning %s\n", flt_table_warning(table, i));
	for (size_t i = 0; i < flt_table_n_columns(table); i++)
		script_add_column(script, table, i);
}

#endif
