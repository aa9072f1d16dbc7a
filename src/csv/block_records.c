/*
 * Finds the structural characters of 64 bytes at a time (structurals.h); a field lies between one and the next. Parsed
 * here are fields without a quote, and fields in quotes from their first byte to their last. A record with any other
 * field, with a wrong number of fields (unless it is to be skipped), or too large, is given to a flt_csv of our own; if
 * that fails, the block stops there.
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
	size_t n_inner_lines;             /* line ends inside the last record */
	bool skips_bad_rows;
	struct flt_csv_bad_rows bad; /* before position */

	/* Fields of the block that have doubled quotes, without these; each with a NUL. Together they are shorter than
	 * the block, and there is room for no less, so that they never move. */
	char *unquoted;
	size_t n_unquoted, unquoted_capacity;
};

enum flt_status flt_block_records_new(const struct flt_csv *csv, struct flt_block_records **made, struct flt_error *err)
{
	struct flt_block_records *records = *made = flt_alloc_zero(1, sizeof *records, err);
	FLT_TRY_MEMORY(records);
	records->csv = csv;
	records->n_columns = flt_csv_n_columns(csv);
	records->delimiter = (unsigned char)flt_csv_delimiter(csv);
	records->skips_bad_rows = flt_csv_skips_bad_rows(csv);
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
	flt_free(records->unquoted);
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
	records->n_unquoted = records->bad.n = 0;
	set_position(records, (struct flt_csv_position){.line = 1});
}

bool flt_block_records_move(struct flt_block_records *records, struct flt_csv_position position,
                            const struct flt_csv_bad_rows *bad)
{
	if (position.at > records->block.n || bad->n > records->block.n)
		return false;
	records->bad = *bad;
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

const struct flt_csv_bad_rows *flt_block_records_bad_rows(const struct flt_block_records *records)
{
	return &records->bad;
}

/* ---- plain records ---- */

static inline __attribute__((always_inline)) size_t next_structural(struct cursor *cursor, const unsigned char *bytes,
                                                                    unsigned char delimiter)
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

/* No byte of the field is the delimiter, which may be a tab. Its two parts are stored one by one: a copy of both at
 * once would wait for the stores. */
static inline void trim(const unsigned char *first, const unsigned char *end, struct flt_csv_field *field)
{
	while (first < end && is_space(*first))
		first++;
	while (first < end && is_space(end[-1]))
		end--;
	field->text = (const char *)first;
	field->length = (size_t)(end - first);
}

/* Moves *stop from the quote that opens a field to the one that closes it; *n_doubled quotes are inside. False if there
 * is none. */
static inline bool pass_quoted(struct flt_block_records *records, size_t *stop, size_t *n_doubled)
{
	const unsigned char *bytes = records->block.bytes;
	struct cursor *cursor = &records->cursor;
	for (*n_doubled = 0;; ++*n_doubled) {
		do {
			*stop = next_structural(cursor, bytes, records->delimiter);
			records->n_inner_lines +=
			        bytes[*stop] == '\n' || (bytes[*stop] == '\r' && bytes[*stop + 1] != '\n');
		} while (bytes[*stop] != '"' && bytes[*stop] != '\0');
		if (bytes[*stop] == '\0')
			return false;
		if (bytes[*stop + 1] != '"')
			return true;
		next_structural(cursor, bytes, records->delimiter);
	}
}

/* A copy of the field without every second of its doubled quotes. False if there is no memory for it. */
static bool unquote(struct flt_block_records *records, struct flt_csv_field *field)
{
	if (records->n_unquoted == 0 && flt_grow((void **)&records->unquoted, &records->unquoted_capacity,
	                                         records->block.n + FLT_BLOCK_PADDING, 1, NULL) != FLT_OK)
		return false;
	char *copy = records->unquoted + records->n_unquoted, *out = copy;
	const char *at = field->text, *end = at + field->length;
	for (const char *quote; (quote = memchr(at, '"', (size_t)(end - at))); at = quote + 2) {
		memcpy(out, at, (size_t)(quote + 1 - at));
		out += quote + 1 - at;
	}
	memcpy(out, at, (size_t)(end - at));
	out += end - at;
	*out = '\0';
	*field = (struct flt_csv_field){copy, (size_t)(out - copy)};
	records->n_unquoted += field->length + 1;
	return true;
}

/* Takes the field that starts with the quote at `first` = *stop, and moves *stop to the structural character after it.
 * False if the field is not a plain one. Out of line, which keeps the loop over fields without quotes short. */
static __attribute__((noinline)) bool take_quoted(struct flt_block_records *records, size_t first, size_t *stop,
                                                  struct flt_csv_field *field)
{
	size_t n_doubled;
	if (*stop != first || !pass_quoted(records, stop, &n_doubled))
		return false;
	*field = (struct flt_csv_field){(const char *)records->block.bytes + first + 1, *stop - first - 1};
	size_t after_quote = *stop + 1;
	*stop = next_structural(&records->cursor, records->block.bytes, records->delimiter);
	return *stop == after_quote && (n_doubled == 0 || unquote(records, field));
}

enum line_kind { PLAIN_RECORD, BLANK_LINE, BAD_ROW, NOT_PLAIN };

/* What a line of n fields is that ends at `stop`, all of them plain. */
static inline enum line_kind kind_of(const struct flt_block_records *records, size_t n, size_t stop, bool is_quoted)
{
	if (n == 1 && !is_quoted && records->fields[0].length == 0)
		return BLANK_LINE;
	if (stop - records->position.at >= FLT_RECORD_LIMIT)
		return NOT_PLAIN;
	if (n == records->n_columns)
		return PLAIN_RECORD;
	return records->skips_bad_rows ? BAD_ROW : NOT_PLAIN;
}

/* Parses the line at the position, up to the line end at *stop. After NOT_PLAIN, the cursor is in no defined place. The
 * place in the block is kept in variables of the loop, which its stores cannot change as far as the compiler sees. */
static enum line_kind parse_line(struct flt_block_records *records, size_t *stop)
{
	const unsigned char *const bytes = records->block.bytes;
	const unsigned char delimiter = records->delimiter;
	struct flt_csv_field *const fields = records->fields;
	const size_t n_columns = records->n_columns, most = records->skips_bad_rows ? SIZE_MAX : n_columns;
	struct flt_csv_field beyond = {0};
	struct cursor at = records->cursor;
	size_t first = records->position.at, end, n = 0;
	bool is_quoted;
	records->n_inner_lines = 0;
	do {
		if (n >= most)
			return NOT_PLAIN;
		struct flt_csv_field *field = n < n_columns ? &fields[n] : &beyond;
		end = next_structural(&at, bytes, delimiter);
		is_quoted = bytes[end] == '"';
		if (!is_quoted) {
			trim(bytes + first, bytes + end, field);
		} else {
			size_t closed = end;
			records->cursor = at;
			if (!take_quoted(records, first, &closed, field))
				return NOT_PLAIN;
			at = records->cursor;
			end = closed;
		}
		n++;
		first = end + 1;
	} while (bytes[end] == delimiter);
	records->cursor = at;
	*stop = end;
	return bytes[end] == '\0' ? NOT_PLAIN : kind_of(records, n, end, is_quoted);
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
static void pass_line_end(struct flt_block_records *records, size_t stop)
{
	const unsigned char *bytes = records->block.bytes;
	if (bytes[stop] == '\r' && bytes[stop + 1] == '\n')
		stop = next_structural(&records->cursor, bytes, records->delimiter);
	records->position.at = stop + 1;
	records->position.line += 1 + records->n_inner_lines;
}

/* Those that are not in the block have a NUL. */
void flt_block_records_end_fields(struct flt_block_records *records)
{
	uintptr_t block = (uintptr_t)records->block.bytes;
	for (size_t i = 0; i < records->n_columns; i++) {
		size_t end = (uintptr_t)records->fields[i].text - block + records->fields[i].length;
		if (end < records->block.n)
			records->block.bytes[end] = '\0';
	}
}

static void note_bad_row(struct flt_block_records *records, size_t line)
{
	if (records->bad.n < FLT_BAD_LINES)
		records->bad.lines[records->bad.n] = line;
	records->bad.n++;
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
		const size_t start = records->position.at, line = records->position.line;
		size_t stop;
		enum line_kind kind = parse_line(records, &stop);
		if (kind == NOT_PLAIN || is_odd(records, start, stop))
			return next_carefully(records, record, is_end, err);
		pass_line_end(records, stop);
		if (kind == BLANK_LINE)
			continue;
		records->position.n_records++;
		if (kind == BAD_ROW) {
			note_bad_row(records, line);
			continue;
		}
		*record = (struct flt_csv_record){.fields = records->fields,
		                                  .line = line,
		                                  .number = records->position.n_records,
		                                  .raw = (const char *)records->block.bytes + start,
		                                  .n_raw = stop - start,
		                                  .is_in_block = true};
		return FLT_OK;
	}
	*is_end = true;
	return FLT_OK;
}
