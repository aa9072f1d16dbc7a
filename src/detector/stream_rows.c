#include "detector/stream_rows.h"

#include <string.h>

#include "base/alloc.h"
#include "csv/field.h"
#include "csv/raw_field.h"

void flt_stream_rows_release(struct flt_stream_rows *rows)
{
	flt_free(rows->cells);
	flt_free(rows->record);
	flt_free(rows->record_length);
	flt_free(rows->row);
	flt_free(rows->line);
	flt_arena_release(&rows->copies);
	flt_text_buffer_release(&rows->arranged);
}

void flt_stream_rows_clear(struct flt_stream_rows *rows)
{
	rows->n = rows->n_blank = 0;
	flt_arena_clear(&rows->copies);
}

static enum flt_status reserve(struct flt_stream_rows *rows, size_t n, size_t n_columns, struct flt_error *err)
{
	FLT_TRY(flt_grow((void **)&rows->cells, &rows->cell_capacity, n * n_columns, sizeof *rows->cells, err));
	if (n <= rows->capacity)
		return FLT_OK;
	size_t wanted = n < 2 * rows->capacity ? 2 * rows->capacity : n, capacities[4];
	for (size_t i = 0; i < 4; i++)
		capacities[i] = rows->capacity;
	FLT_TRY(flt_grow((void **)&rows->record, &capacities[0], wanted, sizeof *rows->record, err));
	FLT_TRY(flt_grow((void **)&rows->record_length, &capacities[1], wanted, sizeof *rows->record_length, err));
	FLT_TRY(flt_grow((void **)&rows->row, &capacities[2], wanted, sizeof *rows->row, err));
	FLT_TRY(flt_grow((void **)&rows->line, &capacities[3], wanted, sizeof *rows->line, err));
	rows->capacity = wanted;
	return FLT_OK;
}

/* An id keeps the blanks around it, so that it joins back. */
static enum flt_status keep_id(struct flt_stream_rows *rows, const struct flt_stream_file *file,
                               const struct flt_csv_record *record, const char **cell, struct flt_error *err)
{
	struct flt_csv_field id = flt_csv_field_with_blanks(record, file->id, flt_csv_delimiter(file->csv));
	if (id.length == record->fields[file->id].length || flt_scorer_uses(file->scorer, file->id))
		return FLT_OK;
	*cell = flt_arena_add(&rows->copies, id.text, id.length, err);
	return *cell ? FLT_OK : FLT_ERR_MACHINE;
}

/* The record in the order and with the delimiter of the first file. */
static enum flt_status arrange(struct flt_stream_rows *rows, const struct flt_stream_file *file,
                               const struct flt_csv_record *record, char delimiter, struct flt_error *err)
{
	struct flt_text_buffer *text = &rows->arranged;
	text->length = 0;
	for (size_t i = 0; i < file->n_order; i++) {
		size_t column = file->order[i];
		struct flt_csv_field field = record->fields[column];
		if (column == file->id)
			field = flt_csv_field_with_blanks(record, column, flt_csv_delimiter(file->csv));
		if (i > 0)
			FLT_TRY(flt_text_buffer_append(text, &delimiter, 1, err));
		FLT_TRY(flt_append_field(text, field.text, field.length, delimiter, err));
	}
	return FLT_OK;
}

static enum flt_status keep(struct flt_stream_rows *rows, const struct flt_stream_file *file,
                            const struct flt_csv_record *record, char delimiter, struct flt_error *err)
{
	const char *text = record->raw;
	size_t length = record->n_raw;
	if (file->order) {
		FLT_TRY(arrange(rows, file, record, delimiter, err));
		text = rows->arranged.bytes;
		length = rows->arranged.length;
	}
	rows->record[rows->n] = flt_arena_add(&rows->copies, text, length, err);
	rows->record_length[rows->n] = length;
	return rows->record[rows->n] ? FLT_OK : FLT_ERR_MACHINE;
}

static void note_if_blank(struct flt_stream_rows *rows, const struct flt_stream_file *file,
                          const struct flt_csv_record *record)
{
	if (record->n_raw + 1 != file->n_columns || file->n_columns == 1)
		return;
	if (rows->n_blank++ == 0)
		rows->first_blank = record->line;
}

enum flt_status flt_stream_rows_add(struct flt_stream_rows *rows, const struct flt_stream_file *file,
                                    const struct flt_csv_record *record, bool keep_record, char delimiter,
                                    struct flt_error *err)
{
	FLT_TRY(reserve(rows, rows->n + 1, file->n_columns, err));
	rows->record[rows->n] = NULL;
	rows->record_length[rows->n] = 0;
	if (keep_record)
		FLT_TRY(keep(rows, file, record, delimiter, err));
	const char **cells = rows->cells + rows->n * file->n_columns;
	for (size_t i = 0; i < file->n_columns; i++)
		cells[i] = file->is_kept[i] ? record->fields[i].text : NULL;
	if (file->id != SIZE_MAX)
		FLT_TRY(keep_id(rows, file, record, &cells[file->id], err));
	note_if_blank(rows, file, record);
	rows->row[rows->n] = record->number;
	rows->line[rows->n] = record->line;
	rows->n++;
	return FLT_OK;
}

enum flt_status flt_stream_rows_add_broken(struct flt_stream_rows *rows, const struct flt_stream_file *file,
                                           char delimiter, struct flt_error *err)
{
	size_t n = file->n_columns;
	FLT_TRY(reserve(rows, rows->n + 1, n, err));
	rows->arranged.length = 0;
	for (size_t i = 1; i < n; i++)
		FLT_TRY(flt_text_buffer_append(&rows->arranged, &delimiter, 1, err));
	for (size_t i = 0; i < n; i++)
		rows->cells[rows->n * n + i] = NULL;
	rows->record[rows->n] = flt_arena_add(&rows->copies, n > 1 ? rows->arranged.bytes : "", n - 1, err);
	FLT_TRY_MEMORY(rows->record[rows->n]);
	rows->record_length[rows->n] = n - 1;
	rows->row[rows->n] = rows->line[rows->n] = 0;
	rows->n++;
	return FLT_OK;
}

enum flt_status flt_stream_rows_append(struct flt_stream_rows *rows, const struct flt_stream_rows *other,
                                       size_t n_columns, struct flt_csv_counts before, struct flt_error *err)
{
	size_t first = rows->n;
	FLT_TRY(reserve(rows, first + other->n, n_columns, err));
	if (other->n == 0)
		return FLT_OK;
	memcpy(rows->cells + first * n_columns, other->cells, other->n * n_columns * sizeof *rows->cells);
	memcpy(rows->record + first, other->record, other->n * sizeof *rows->record);
	memcpy(rows->record_length + first, other->record_length, other->n * sizeof *rows->record_length);
	for (size_t i = 0; i < other->n; i++) {
		rows->row[first + i] = other->row[i] + before.n_records;
		rows->line[first + i] = other->line[i] + before.n_lines;
	}
	if (rows->n_blank == 0)
		rows->first_blank = other->first_blank + before.n_lines;
	rows->n_blank += other->n_blank;
	rows->n += other->n;
	return FLT_OK;
}
