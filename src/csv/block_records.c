/*
 * Finds the structural characters of 64 bytes at a time (structurals.h); a field lies between one and the next. Parsed
 * here are fields without a quote, and fields in quotes from their first byte to their last that contain neither quote
 * nor line end. A record with any other field, with a wrong number of fields, or too large, is given to a flt_csv of
 * our own; if that fails, the block stops there.
 *
 * For the same bytes this must give what libcsv gives: tests/unit/test_block_records.c compares the two.
 */
#include "csv/block_records.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "csv/structurals.h"

/* Walks over the structural characters of a block. The first NUL of the padding is the last of them. */
struct cursor {
	size_t base;   /* byte of the block that bit 0 stands for */
	uint64_t bits; /* structural characters from base on that are still to come */
};

struct flt_block_records {
	const struct flt_csv *csv;
	struct flt_block block;
	struct flt_csv *careful; /* made when first needed */
	const char *header;      /* (n_header) as it stands in the file; NULL if it has none */
	size_t n_header;
	size_t n_columns;
	unsigned char delimiter;
	struct flt_csv_field *fields;     /* (n_columns) of the last record */
	struct flt_csv_position position; /* of the next record */
	struct cursor cursor;             /* at position */
};

enum flt_status flt_block_records_new(const struct flt_csv *csv, struct flt_block_records **made, struct flt_error *err)
{
	struct flt_block_records *records = *made = flt_alloc_zero(1, sizeof *records, err);
	FLT_TRY_MEMORY(records);
	records->csv = csv;
	records->n_columns = flt_csv_n_columns(csv);
	records->delimiter = (unsigned char)flt_csv_delimiter(csv);
	records->header = flt_csv_raw_header(csv, &records->n_header);
	if (!records->header) /* no record is that long */
		records->n_header = SIZE_MAX;
	records->fields = flt_alloc(records->n_columns, sizeof *records->fields, err);
	if (records->fields)
		return FLT_OK;
	flt_block_records_free(records);
	*made = NULL;
	return FLT_ERR_MACHINE;
}

void flt_block_records_free(struct flt_block_records *records)
{
	if (!records)
		return;
	flt_csv_free(records->careful);
	flt_block_release(&records->block);
	flt_free(records->fields);
	flt_free(records);
}

static void set_position(struct flt_block_records *records, struct flt_csv_position position)
{
	records->position = position;
	if (records->block.status != FLT_OK) /* the block may have no memory, and no byte of it will be looked at */
		return;
	records->cursor.base = position.at;
	records->cursor.bits = flt_structurals(records->block.bytes + position.at, records->delimiter);
}

void flt_block_records_restart(struct flt_block_records *records)
{
	set_position(records, (struct flt_csv_position){.line = 1});
}

bool flt_block_records_move(struct flt_block_records *records, struct flt_csv_position position)
{
	if (position.at > records->block.n)
		return false;
	set_position(records, position);
	return true;
}

void flt_block_records_read(struct flt_csv *csv, struct flt_block_records *records)
{
	flt_csv_read_block(csv, &records->block);
	flt_block_records_restart(records);
}

const struct flt_block *flt_block_records_block(const struct flt_block_records *records)
{
	return &records->block;
}

struct flt_csv_position flt_block_records_position(const struct flt_block_records *records)
{
	return records->position;
}

/* ---- plain records ---- */

static inline size_t next_structural(struct cursor *cursor, const unsigned char *bytes, unsigned char delimiter)
{
	while (cursor->bits == 0) {
		cursor->base += FLT_STRUCTURALS_SIZE;
		cursor->bits = flt_structurals(bytes + cursor->base, delimiter);
	}
	size_t at = cursor->base + (size_t)__builtin_ctzll(cursor->bits);
	cursor->bits &= cursor->bits - 1;
	return at;
}

static inline bool is_space(unsigned char c)
{
	return c == ' ' || c == '\t';
}

/* No byte of the field is the delimiter, which may be a tab. */
static inline struct flt_csv_field trimmed(const unsigned char *first, const unsigned char *end)
{
	while (first < end && is_space(*first))
		first++;
	while (first < end && is_space(end[-1]))
		end--;
	return (struct flt_csv_field){(const char *)first, (size_t)(end - first)};
}

/* Takes the field that starts with the quote at `first` = *stop, and moves *stop to the structural character after it.
 * False if the field is not a plain one. */
static inline bool take_quoted(struct cursor *cursor, const unsigned char *bytes, unsigned char delimiter, size_t first,
                               size_t *stop, struct flt_csv_field *field)
{
	if (*stop != first)
		return false;
	do
		*stop = next_structural(cursor, bytes, delimiter);
	while (bytes[*stop] == delimiter);
	if (bytes[*stop] != '"')
		return false;
	*field = (struct flt_csv_field){(const char *)bytes + first + 1, *stop - first - 1};
	size_t after_quote = *stop + 1;
	*stop = next_structural(cursor, bytes, delimiter);
	return *stop == after_quote;
}

enum line_kind { PLAIN_RECORD, BLANK_LINE, NOT_PLAIN };

/* Parses the line at the position, up to the line end at *stop. After NOT_PLAIN, cursor is in no defined place. */
static enum line_kind parse_line(struct flt_block_records *records, struct cursor *cursor, size_t *stop)
{
	const unsigned char *bytes = records->block.bytes;
	const unsigned char delimiter = records->delimiter;
	size_t first = records->position.at, n = 0;
	bool is_quoted = false;
	for (unsigned char c = delimiter; c == delimiter; first = *stop + 1) {
		if (n == records->n_columns)
			return NOT_PLAIN;
		*stop = next_structural(cursor, bytes, delimiter);
		struct flt_csv_field field;
		is_quoted = bytes[*stop] == '"';
		if (!is_quoted)
			field = trimmed(bytes + first, bytes + *stop);
		else if (!take_quoted(cursor, bytes, delimiter, first, stop, &field))
			return NOT_PLAIN;
		records->fields[n++] = field;
		c = bytes[*stop];
		if (c == '"' || c == '\0')
			return NOT_PLAIN;
	}
	if (n == 1 && !is_quoted && records->fields[0].length == 0)
		return BLANK_LINE;
	return n == records->n_columns && *stop - records->position.at < FLT_RECORD_LIMIT ? PLAIN_RECORD : NOT_PLAIN;
}

/* Whether the record in bytes [at, stop) looks like the header once more, or begins with a byte order mark. */
static inline bool is_odd(const struct flt_block_records *records, size_t at, size_t stop)
{
	const unsigned char *record = records->block.bytes + at;
	if (__builtin_expect(record[0] == 0xEF, false))
		return record[1] == 0xBB && record[2] == 0xBF;
	return __builtin_expect(stop - at == records->n_header && record[0] == (unsigned char)records->header[0],
	                        false) &&
	       memcmp(record, records->header, stop - at) == 0;
}

/* Moves past the line end at `stop`. */
static void pass_line_end(struct flt_block_records *records, struct cursor *cursor, size_t stop)
{
	const unsigned char *bytes = records->block.bytes;
	if (bytes[stop] == '\r' && bytes[stop + 1] == '\n')
		stop = next_structural(cursor, bytes, records->delimiter);
	records->position.at = stop + 1;
	records->position.line++;
	records->cursor = *cursor;
}

void flt_block_records_end_fields(struct flt_block_records *records)
{
	for (size_t i = 0; i < records->n_columns; i++) {
		size_t first = (size_t)((const unsigned char *)records->fields[i].text - records->block.bytes);
		records->block.bytes[first + records->fields[i].length] = '\0';
	}
}

/* ---- all records ---- */

static enum flt_status next_carefully(struct flt_block_records *records, struct flt_csv_record *record, bool *is_end,
                                      struct flt_error *err)
{
	if (!records->careful)
		FLT_TRY(flt_csv_new_like(records->csv, &records->careful, err));
	flt_csv_set_position(records->careful, &records->block, records->position);
	enum flt_status status = flt_csv_next_in_block(records->careful, record, is_end, NULL);
	if (status == FLT_ERR_MACHINE)
		return flt_fail_memory(err, records->block.n);
	FLT_TRY(status);
	set_position(records, flt_csv_position(records->careful));
	return FLT_OK;
}

enum flt_status flt_block_records_next(struct flt_block_records *records, struct flt_csv_record *record, bool *is_end,
                                       struct flt_error *err)
{
	*is_end = false;
	if (records->block.status != FLT_OK)
		return FLT_ERR_DATA;
	while (records->position.at < records->block.n) {
		struct cursor cursor = records->cursor;
		struct flt_csv_position start = records->position;
		size_t stop;
		enum line_kind kind = parse_line(records, &cursor, &stop);
		if (kind == NOT_PLAIN || is_odd(records, start.at, stop))
			return next_carefully(records, record, is_end, err);
		pass_line_end(records, &cursor, stop);
		if (kind == BLANK_LINE)
			continue;
		records->position.n_records++;
		*record = (struct flt_csv_record){.fields = records->fields,
		                                  .line = start.line,
		                                  .number = records->position.n_records,
		                                  .raw = (const char *)records->block.bytes + start.at,
		                                  .n_raw = stop - start.at,
		                                  .is_in_block = true};
		return FLT_OK;
	}
	*is_end = true;
	return FLT_OK;
}
