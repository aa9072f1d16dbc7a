/*
 * Records fast: a bit for each byte that means something (marks.h), and from one to the next a field. A field is taken
 * here if it holds no quote, or if it stands in quotes from its first byte to its last and holds neither quote nor line
 * end. A record with any other field, with a wrong number of them or of a size to be refused goes to a reader of the
 * slow kind; if that one refuses it, so does the block.
 *
 * What is taken here is what libcsv makes of the same bytes: test_blocks.c compares the two.
 */
#include <string.h>

#include "base/alloc.h"
#include "csv/place.h"
#include "csv/structurals.h"

/* The marks of a block one after another; the first NUL behind the block's end is the last. */
struct cursor {
	size_t base; /* of marks */
	uint64_t marks;
};

struct flt_csv_block {
	const struct flt_csv *csv;
	struct flt_block text;
	struct flt_csv *slow; /* made when it is needed */
	size_t n_columns;
	unsigned char delimiter;
	struct flt_csv_field *fields; /* (n_columns) */
	struct flt_csv_place place;
	struct cursor cursor;
};

enum flt_status flt_csv_block_new(const struct flt_csv *csv, struct flt_csv_block **made, struct flt_error *err)
{
	*made = NULL;
	struct flt_csv_block *block = flt_alloc_zero(1, sizeof *block, err);
	if (!block)
		return FLT_ERR_MACHINE;
	block->csv = csv;
	block->n_columns = flt_csv_n_columns(csv);
	block->delimiter = (unsigned char)flt_csv_delimiter(csv);
	block->fields = flt_alloc(block->n_columns, sizeof *block->fields, err);
	if (!block->fields) {
		flt_csv_block_free(block);
		return FLT_ERR_MACHINE;
	}
	*made = block;
	return FLT_OK;
}

void flt_csv_block_free(struct flt_csv_block *block)
{
	if (!block)
		return;
	flt_csv_free(block->slow);
	flt_block_release(&block->text);
	flt_free(block->fields);
	flt_free(block);
}

static void set_place(struct flt_csv_block *block, struct flt_csv_place place)
{
	block->place = place;
	if (block->text.status != FLT_OK) /* there may be no bytes, and none of them will be looked at */
		return;
	block->cursor.base = place.at;
	block->cursor.marks = flt_structurals(block->text.bytes + place.at, block->delimiter);
}

void flt_csv_block_restart(struct flt_csv_block *block)
{
	set_place(block, (struct flt_csv_place){.line = 1});
}

size_t flt_csv_block_read(struct flt_csv *csv, struct flt_csv_block *block)
{
	flt_csv_read_bytes(csv, &block->text);
	flt_csv_block_restart(block);
	return block->text.n;
}

bool flt_csv_block_is_last(const struct flt_csv_block *block)
{
	return block->text.is_last;
}

bool flt_csv_block_holds(const struct flt_csv_block *block, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	return at >= block->text.bytes && at <= block->text.bytes + block->text.n;
}

/* ---- plain records ---- */

static inline size_t next_mark(struct cursor *cursor, const unsigned char *bytes, unsigned char delimiter)
{
	while (cursor->marks == 0) {
		cursor->base += FLT_STRUCTURALS_SIZE;
		cursor->marks = flt_structurals(bytes + cursor->base, delimiter);
	}
	size_t at = cursor->base + (size_t)__builtin_ctzll(cursor->marks);
	cursor->marks &= cursor->marks - 1;
	return at;
}

static inline bool is_space(unsigned char c, unsigned char delimiter)
{
	return (c == ' ' || c == '\t') && c != delimiter;
}

static inline struct flt_csv_field trimmed(const unsigned char *first, const unsigned char *end,
                                           unsigned char delimiter)
{
	while (first < end && is_space(*first, delimiter))
		first++;
	while (first < end && is_space(end[-1], delimiter))
		end--;
	return (struct flt_csv_field){(const char *)first, (size_t)(end - first)};
}

/* The field in quotes that starts at `first`; *stop goes from there to behind it. False if it is not as simple. */
static inline bool take_quoted(struct cursor *cursor, const unsigned char *bytes, unsigned char delimiter, size_t first,
                               size_t *stop, struct flt_csv_field *field)
{
	if (*stop != first)
		return false;
	do
		*stop = next_mark(cursor, bytes, delimiter);
	while (bytes[*stop] == delimiter);
	if (bytes[*stop] != '"')
		return false;
	*field = (struct flt_csv_field){(const char *)bytes + first + 1, *stop - first - 1};
	size_t behind = *stop + 1;
	*stop = next_mark(cursor, bytes, delimiter);
	return *stop == behind;
}

enum taken { RECORD, BLANK, ODD };

/* Takes the record at block's place up to *stop, its line end. If that is ODD, cursor is of no use any more. */
static enum taken take_plain(struct flt_csv_block *block, struct cursor *cursor, size_t *stop)
{
	const unsigned char *bytes = block->text.bytes;
	const unsigned char delimiter = block->delimiter;
	size_t first = block->place.at, n = 0;
	bool is_quoted = false;
	for (unsigned char c = delimiter; c == delimiter; first = *stop + 1) {
		if (n == block->n_columns)
			return ODD;
		*stop = next_mark(cursor, bytes, delimiter);
		struct flt_csv_field field;
		is_quoted = bytes[*stop] == '"';
		if (!is_quoted)
			field = trimmed(bytes + first, bytes + *stop, delimiter);
		else if (!take_quoted(cursor, bytes, delimiter, first, stop, &field))
			return ODD;
		block->fields[n++] = field;
		c = bytes[*stop];
		if (c == '"' || c == '\0')
			return ODD;
	}
	if (n == 1 && !is_quoted && block->fields[0].length == 0)
		return BLANK;
	return n == block->n_columns && *stop - block->place.at < FLT_RECORD_LIMIT ? RECORD : ODD;
}

/* Goes behind the line end at `stop`. */
static void pass_line_end(struct flt_csv_block *block, struct cursor *cursor, size_t stop)
{
	const unsigned char *bytes = block->text.bytes;
	if (bytes[stop] == '\r' && bytes[stop + 1] == '\n')
		stop = next_mark(cursor, bytes, block->delimiter);
	block->place.at = stop + 1;
	block->place.line++;
	block->cursor = *cursor;
}

void flt_csv_block_end_fields(struct flt_csv_block *block)
{
	for (size_t i = 0; i < block->n_columns; i++) {
		size_t first = (size_t)((const unsigned char *)block->fields[i].text - block->text.bytes);
		block->text.bytes[first + block->fields[i].length] = '\0';
	}
}

/* ---- all records ---- */

static enum flt_status take_slowly(struct flt_csv_block *block, struct flt_csv_record *record, bool *is_end,
                                   struct flt_error *err)
{
	enum flt_status status = block->slow ? FLT_OK : flt_csv_new_like(block->csv, &block->slow, err);
	if (status == FLT_OK)
		status = flt_csv_set_place(block->slow, &block->text, block->place, err);
	if (status == FLT_OK)
		status = flt_csv_next_in_block(block->slow, record, is_end, NULL);
	if (status == FLT_ERR_MACHINE)
		flt_fail_memory(err, block->text.n);
	if (status == FLT_OK)
		set_place(block, flt_csv_place(block->slow));
	return status;
}

enum flt_status flt_csv_block_next(struct flt_csv_block *block, struct flt_csv_record *record, bool *is_end,
                                   struct flt_error *err)
{
	*is_end = false;
	if (block->text.status != FLT_OK)
		return FLT_ERR_DATA;
	while (block->place.at < block->text.n) {
		struct cursor cursor = block->cursor;
		struct flt_csv_place start = block->place;
		size_t stop;
		enum taken taken = take_plain(block, &cursor, &stop);
		if (taken == ODD)
			return take_slowly(block, record, is_end, err);
		pass_line_end(block, &cursor, stop);
		if (taken == BLANK)
			continue;
		block->place.n_records++;
		*record = (struct flt_csv_record){.fields = block->fields,
		                                  .line = start.line,
		                                  .number = block->place.n_records,
		                                  .raw = (const char *)block->text.bytes + start.at,
		                                  .n_raw = stop - start.at};
		return FLT_OK;
	}
	*is_end = true;
	return FLT_OK;
}

enum flt_status flt_csv_enter(struct flt_csv *csv, const struct flt_csv_block *block, struct flt_csv_counts *before,
                              struct flt_error *err)
{
	struct flt_csv_place place = flt_csv_place(csv);
	*before = (struct flt_csv_counts){place.line - 1, place.n_records};
	place.at = block->place.at;
	place.line += block->place.line - 1;
	place.n_records += block->place.n_records;
	return flt_csv_set_place(csv, &block->text, place, err);
}
