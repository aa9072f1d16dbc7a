/*
 * All rules about CSV and all messages about broken files stand here. The fast parser (block_records.c) stops at
 * anything out of the ordinary, and this one goes on.
 *
 * libcsv gets one physical line per call. So at most one record ends in a call, parsing can stop after any record, and
 * lines are counted where they end. libcsv alone cannot do this: it knows no lines, its callbacks cannot stop it, and
 * it skips blank lines silently.
 *
 * A line that does not end a record is blank or leaves a quoted field open. So the line where a quote opened is the
 * last one in which a field ended or the record began.
 *
 * What libcsv leaves to us: it takes a byte order mark for a part of the first name; it does not compare the number of
 * fields; without the strict options an open quote swallows the rest of the file; and after an error csv_fini must not
 * be called, since it would report half a record.
 */
#include "csv/reader.h"

#include <assert.h>
#include <csv.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "csv/lines.h"
#include "csv/markers.h"
#include "csv/position.h"
#include "csv/sniff.h"

enum {
	BYTES_PER_COLUMN = 256, /* of a block: enough for several records, which share what a block costs per column */
	PEEK_SIZE = 1 << 16,    /* bytes that delimiter and header are found from */
	BAD_ROWS_SIZE = 160,    /* as in struct flt_table_notes */
	BAD_ROWS_ROOM_FOR_MORE = 30, /* a line number and ", ..." */
};

struct flt_csv {
	const char *name; /* of the file */
	struct flt_blocks blocks;
	struct flt_block own;          /* the block that flt_csv_next reads */
	const struct flt_block *block; /* the one being read: own, or one that belongs to someone else; or NULL */
	struct flt_lines lines;        /* of block */
	struct flt_csv_options options;
	struct csv_parser parser;
	bool has_parser;
	bool is_finished; /* csv_fini was called */
	bool is_spoiled;  /* parser stopped in the middle of a record */
	bool is_peeking;  /* lines cover only the beginning of block */

	/* The record being parsed. */
	struct flt_csv_field *fields; /* (n_fields); their texts lie in bytes */
	size_t n_fields, field_capacity;
	char *bytes;
	size_t n_bytes, byte_capacity;
	char *raw;
	size_t n_raw, raw_capacity;
	size_t first_line, quote_line; /* quote_line: 0 = no quote is open at the end of the last line */
	size_t n_line_fields;          /* n_fields at the end of the last line */
	bool line_has_text;            /* in the part of the line that is parsed already */
	bool is_complete, is_out_of_memory;

	struct flt_csv_field *header; /* (n_columns) names, their texts in header_bytes */
	char *header_bytes, *raw_header;
	size_t n_columns, n_raw_header;
	bool has_header;
	bool holds_record; /* the first record, parsed to count its fields, is data and still to be given out */
	size_t n_records, n_bad_rows;
	char bad_rows[BAD_ROWS_SIZE];
};

const char *flt_csv_name(const struct flt_csv *csv)
{
	return csv->name;
}

/* ---- libcsv's callbacks ---- */

/* `bytes` has room: see reserve. */
static void on_field(void *text, size_t length, void *context)
{
	struct flt_csv *csv = context;
	if (csv->is_out_of_memory || flt_grow((void **)&csv->fields, &csv->field_capacity, csv->n_fields + 1,
	                                      sizeof *csv->fields, NULL) != FLT_OK) {
		csv->is_out_of_memory = true;
		return;
	}
	char *copy = csv->bytes + csv->n_bytes;
	assert(csv->n_bytes + length < csv->byte_capacity);
	if (length > 0)
		memcpy(copy, text, length);
	copy[length] = '\0';
	csv->n_bytes += length + 1;
	csv->fields[csv->n_fields++] = (struct flt_csv_field){copy, length};
}

static void on_record(int line_end, void *context)
{
	(void)line_end;
	((struct flt_csv *)context)->is_complete = true;
}

/* libcsv does not say how much memory it has, so each growth is exact; feed sets how much libcsv asks for. */
static void *parser_realloc(void *memory, size_t n)
{
	size_t capacity = 0;
	return flt_grow(&memory, &capacity, n, 1, NULL) == FLT_OK ? memory : NULL;
}

static enum flt_status start_parser(struct flt_csv *csv, struct flt_error *err)
{
	if (csv->has_parser)
		csv_free(&csv->parser);
	csv->has_parser = csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI) == 0;
	if (!csv->has_parser)
		return flt_fail_memory(err, sizeof csv->parser);
	csv_set_realloc_func(&csv->parser, parser_realloc);
	csv_set_free_func(&csv->parser, flt_free);
	csv_set_blk_size(&csv->parser, 4096);
	csv_set_delim(&csv->parser, (unsigned char)csv->options.delimiter);
	csv->is_finished = csv->is_spoiled = false;
	return FLT_OK;
}

/* ---- records ---- */

static bool is_blank(const struct flt_line *line)
{
	size_t i = 0;
	while (i < line->n &&
	       (line->bytes[i] == ' ' || line->bytes[i] == '\t' || line->bytes[i] == '\r' || line->bytes[i] == '\n'))
		i++;
	return i == line->n;
}

/* Makes room for all fields that may end within the next n bytes. Each byte may end one, and each needs a NUL. */
static enum flt_status reserve(struct flt_csv *csv, size_t n, struct flt_error *err)
{
	size_t wanted = csv->n_bytes + csv->parser.entry_pos + 2 * n + 2;
	if (wanted <= csv->byte_capacity)
		return FLT_OK;
	const char *before = csv->bytes;
	FLT_TRY(flt_grow((void **)&csv->bytes, &csv->byte_capacity, wanted, 1, err));
	size_t offset = 0;
	for (size_t i = 0; csv->bytes != before && i < csv->n_fields; i++) {
		csv->fields[i].text = csv->bytes + offset;
		offset += csv->fields[i].length + 1;
	}
	return FLT_OK;
}

static enum flt_status fail_nul(const struct flt_csv *csv, struct flt_error *err)
{
	if (csv->lines.line == 1 && csv->lines.n >= 2 &&
	    (memcmp(csv->lines.bytes, "\xFF\xFE", 2) == 0 || memcmp(csv->lines.bytes, "\xFE\xFF", 2) == 0))
		return flt_fail(err, FLT_ERR_DATA, "%s: the text is UTF-16: save it as UTF-8", flt_csv_name(csv));
	return flt_fail(err, FLT_ERR_DATA, "%s:%zu: a NUL byte: this is not a text file, or a damaged one",
	                flt_csv_name(csv), csv->lines.line);
}

static enum flt_status fail_parse(const struct flt_csv *csv, struct flt_error *err)
{
	if (csv->is_out_of_memory || csv->parser.status != CSV_EPARSE)
		return flt_fail_memory(err, csv->n_bytes);
	if (csv->quote_line != 0)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s:%zu: the quote that opens here is not closed before line %zu, where text follows a "
		                "quote: close it, and double each quote inside",
		                flt_csv_name(csv), csv->quote_line, csv->lines.line);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: a quote inside a field: put the whole field in quotes and double the one inside",
	                flt_csv_name(csv), csv->lines.line);
}

static enum flt_status fail_open_quote(const struct flt_csv *csv, struct flt_error *err)
{
	bool is_older = csv->quote_line != 0 && csv->n_fields == csv->n_line_fields;
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: the quote that opens here never closes: close it, or double it if it is text",
	                flt_csv_name(csv), is_older ? csv->quote_line : csv->lines.line);
}

static enum flt_status keep_raw(struct flt_csv *csv, const struct flt_line *line, struct flt_error *err)
{
	FLT_TRY(flt_grow((void **)&csv->raw, &csv->raw_capacity, csv->n_raw + line->n, 1, err));
	memcpy(csv->raw + csv->n_raw, line->bytes, line->n);
	csv->n_raw += line->n;
	if (csv->n_raw > FLT_RECORD_LIMIT && csv->quote_line != 0)
		return fail_open_quote(csv, err);
	if (csv->n_raw > FLT_RECORD_LIMIT)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s:%zu: a record of more than %d MB: add the line end that is missing here, or "
		                "shorten the text",
		                flt_csv_name(csv), csv->first_line, FLT_RECORD_LIMIT >> 20);
	return FLT_OK;
}

/* Keeps track of quotes and blank lines after a line, or a piece of one, that did not end the record. */
static void note_open(struct flt_csv *csv, const struct flt_line *line)
{
	csv->line_has_text |= !is_blank(line);
	if (!line->ends)
		return;
	if (csv->quote_line == 0 && !csv->line_has_text) { /* a blank line: the record starts after it */
		csv->first_line = csv->lines.line + 1;
		csv->n_raw = 0;
		return;
	}
	if (csv->quote_line == 0 || csv->n_fields != csv->n_line_fields)
		csv->quote_line = csv->lines.line;
	csv->n_line_fields = csv->n_fields;
	csv->line_has_text = false;
}

static enum flt_status feed(struct flt_csv *csv, const struct flt_line *line, struct flt_error *err)
{
	if (memchr(line->bytes, 0, line->n))
		return fail_nul(csv, err);
	FLT_TRY(reserve(csv, line->n, err));
	/* Doubles the memory for a long field; on its own libcsv would add the same amount each time. */
	if (csv->parser.blk_size < csv->parser.entry_size)
		csv_set_blk_size(&csv->parser, csv->parser.entry_size);
	size_t n_parsed = csv_parse(&csv->parser, line->bytes, line->n, on_field, on_record, csv);
	if (n_parsed != line->n || csv->is_out_of_memory)
		return fail_parse(csv, err);
	FLT_TRY(keep_raw(csv, line, err));
	if (!csv->is_complete)
		note_open(csv, line);
	flt_lines_pass(&csv->lines, line);
	return FLT_OK;
}

/* At the end of the block: at the end of the file, a record without a line end is complete. */
static enum flt_status finish(struct flt_csv *csv, struct flt_error *err)
{
	const struct flt_block *block = csv->block;
	if (csv->is_peeking && csv->lines.n < block->n)
		return FLT_OK;
	if (block->status != FLT_OK && err)
		*err = block->err;
	if (block->status != FLT_OK)
		return block->status;
	if (csv->is_finished || !block->is_last)
		return FLT_OK;
	csv->is_finished = true;
	if (csv_fini(&csv->parser, on_field, on_record, csv) != 0)
		return fail_open_quote(csv, err);
	return csv->is_out_of_memory ? fail_parse(csv, err) : FLT_OK;
}

static void trim_line_end(struct flt_csv *csv)
{
	while (csv->n_raw > 0 && (csv->raw[csv->n_raw - 1] == '\n' || csv->raw[csv->n_raw - 1] == '\r'))
		csv->n_raw--;
}

static enum flt_status feed_record(struct flt_csv *csv, struct flt_error *err)
{
	while (!csv->is_complete) {
		struct flt_line line = flt_lines_next(&csv->lines);
		if (line.n == 0)
			return finish(csv, err);
		FLT_TRY(feed(csv, &line, err));
	}
	return FLT_OK;
}

/* Parses the next record of the block, header or not. At the end of the block is_complete stays false. */
static enum flt_status parse_record(struct flt_csv *csv, struct flt_error *err)
{
	csv->n_fields = csv->n_bytes = csv->n_raw = csv->n_line_fields = csv->quote_line = 0;
	csv->is_complete = csv->line_has_text = false;
	csv->first_line = csv->lines.line;
	enum flt_status status = feed_record(csv, err);
	csv->is_spoiled = status != FLT_OK;
	trim_line_end(csv);
	return status;
}

/* ---- blocks ---- */

void flt_csv_read_block(struct flt_csv *csv, struct flt_block *block)
{
	flt_blocks_read(&csv->blocks, block);
}

/* Continues with the next block of the file. */
static void read_own(struct flt_csv *csv)
{
	flt_csv_read_block(csv, &csv->own);
	csv->block = &csv->own;
	csv->lines = flt_lines_of(csv->own.bytes, 0, csv->own.n, csv->lines.line);
}

/* Parses the first record of the file, in whichever block it ends. */
static enum flt_status parse_first_record(struct flt_csv *csv, struct flt_error *err)
{
	for (;;) {
		FLT_TRY(parse_record(csv, err));
		if (csv->is_complete || csv->block->is_last)
			return FLT_OK;
		read_own(csv);
	}
}

/* ---- the beginning of the file ---- */

/* Goes to the start of the first block; with is_peeking, the block seems to end after PEEK_SIZE bytes. */
static void show_beginning(struct flt_csv *csv, bool is_peeking)
{
	size_t n = is_peeking && csv->own.n > PEEK_SIZE ? PEEK_SIZE : csv->own.n;
	csv->is_peeking = is_peeking;
	csv->lines = flt_lines_of(csv->own.bytes, 0, n, 1);
}

/* Shows the first records to the finder. Where they are broken, the evidence ends. */
static enum flt_status collect_evidence(struct flt_csv *csv, const struct flt_markers *markers,
                                        struct flt_sniff_header *evidence, struct flt_error *err)
{
	FLT_TRY(start_parser(csv, err));
	for (size_t i = 0; i < FLT_SNIFF_RECORDS; i++) {
		enum flt_status status = parse_record(csv, err);
		if (status == FLT_ERR_DATA) /* the error will be reported when the record is read */
			return FLT_OK;
		FLT_TRY(status);
		if (!csv->is_complete)
			return FLT_OK;
		FLT_TRY(flt_sniff_header_add(evidence, csv->fields, csv->n_fields, markers, csv->options.decimal, err));
	}
	return FLT_OK;
}

static enum flt_status find_header(struct flt_csv *csv, struct flt_error *err)
{
	struct flt_sniff_header evidence = {0};
	struct flt_markers markers = {0};
	enum flt_status status;
	show_beginning(csv, true);
	FLT_TRY_OUT(flt_markers_init(csv->options.na, &markers, err));
	FLT_TRY_OUT(collect_evidence(csv, &markers, &evidence, err));
	show_beginning(csv, false);
	csv->has_header = flt_sniff_has_header(&evidence);
out:
	flt_sniff_header_release(&evidence);
	flt_markers_release(&markers);
	return status;
}

/* Makes the record just parsed the header, or names the columns c1, c2, ... */
static enum flt_status keep_header(struct flt_csv *csv, struct flt_error *err)
{
	enum { NAME_SIZE = 24 };
	size_t n = csv->n_fields, n_bytes = 0, at = 0;
	for (size_t i = 0; i < n; i++)
		n_bytes += csv->fields[i].length + NAME_SIZE;
	csv->header = flt_alloc_zero(n, sizeof *csv->header, err);
	csv->header_bytes = csv->header ? flt_alloc(n_bytes, 1, err) : NULL;
	FLT_TRY_MEMORY(csv->header_bytes);
	for (size_t i = 0; i < n; i++) {
		char *name = csv->header_bytes + at;
		size_t length = csv->has_header ? csv->fields[i].length : 0;
		if (length == 0) /* a column without a name is numbered, too */
			length = (size_t)snprintf(name, NAME_SIZE, "c%zu", i + 1);
		else
			memcpy(name, csv->fields[i].text, length + 1);
		csv->header[i] = (struct flt_csv_field){name, length};
		at += length + 1;
	}
	csv->n_columns = n;
	if (!csv->has_header)
		return FLT_OK;
	csv->n_raw_header = csv->n_raw;
	csv->raw_header = flt_copy_text(csv->raw ? csv->raw : "", csv->n_raw, err);
	return csv->raw_header ? FLT_OK : FLT_ERR_MACHINE;
}

/* Moves past the header. */
static enum flt_status start_records(struct flt_csv *csv, struct flt_error *err)
{
	csv->holds_record = false;
	csv->n_records = csv->n_bad_rows = 0;
	csv->bad_rows[0] = '\0';
	FLT_TRY(start_parser(csv, err));
	FLT_TRY(parse_first_record(csv, err));
	if (!csv->is_complete)
		return FLT_OK;
	csv->holds_record = !csv->has_header;
	flt_blocks_widen(&csv->blocks, csv->n_fields * BYTES_PER_COLUMN);
	return csv->header ? FLT_OK : keep_header(csv, err);
}

static enum flt_status find_delimiter_and_header(struct flt_csv *csv, struct flt_error *err)
{
	struct flt_csv_options *options = &csv->options;
	size_t n = csv->own.n < PEEK_SIZE ? csv->own.n : PEEK_SIZE;
	if (!options->delimiter)
		options->delimiter =
		        flt_sniff_delimiter(csv->own.bytes, n, csv->own.is_last && n == csv->own.n, options->decimal);
	csv->has_header = options->header == FLT_HEADER_YES;
	return options->header == FLT_HEADER_FIND ? find_header(csv, err) : FLT_OK;
}

static enum flt_status check_options(const struct flt_csv_options *options, struct flt_error *err)
{
	if (options->delimiter && strchr("\"\r\n", options->delimiter))
		return flt_fail(err, FLT_ERR_USAGE, "--delimiter: a quote or a line end cannot separate fields");
	if (options->delimiter == options->decimal)
		return flt_fail(err, FLT_ERR_USAGE, "--delimiter and --decimal: both are '%c', but they must differ",
		                options->decimal);
	return FLT_OK;
}

/* Fails if the source fails before its first byte. */
static enum flt_status read_first(struct flt_csv *csv, struct flt_error *err)
{
	csv->lines.line = 1;
	read_own(csv);
	if (csv->own.status != FLT_OK && csv->own.n == 0 && err)
		*err = csv->own.err;
	return csv->own.n == 0 ? csv->own.status : FLT_OK;
}

static enum flt_status open_csv(struct flt_csv *csv, const char *path, struct flt_error *err)
{
	FLT_TRY(check_options(&csv->options, err));
	FLT_TRY(flt_blocks_open(&csv->blocks, path, csv->options.rewindable, csv->options.block_size, err));
	csv->name = flt_source_name(csv->blocks.source);
	if (csv->options.skip_digest)
		flt_source_skip_digest(csv->blocks.source);
	if (csv->options.digest)
		flt_source_share_digest(csv->blocks.source, csv->options.digest);
	FLT_TRY(read_first(csv, err));
	FLT_TRY(find_delimiter_and_header(csv, err));
	return start_records(csv, err);
}

enum flt_status flt_csv_open(const char *path, const struct flt_csv_options *options, struct flt_csv **opened,
                             struct flt_error *err)
{
	*opened = NULL;
	struct flt_csv *csv = flt_alloc_zero(1, sizeof *csv, err);
	FLT_TRY_MEMORY(csv);
	csv->options = *options;
	if (!csv->options.decimal)
		csv->options.decimal = '.';
	enum flt_status status = open_csv(csv, path, err);
	if (status != FLT_OK) {
		flt_csv_free(csv);
		return status;
	}
	*opened = csv;
	return FLT_OK;
}

void flt_csv_free(struct flt_csv *csv)
{
	if (!csv)
		return;
	if (csv->has_parser)
		csv_free(&csv->parser);
	flt_block_release(&csv->own);
	flt_blocks_close(&csv->blocks);
	flt_free(csv->fields);
	flt_free(csv->bytes);
	flt_free(csv->raw);
	flt_free(csv->header);
	flt_free(csv->header_bytes);
	flt_free(csv->raw_header);
	flt_free(csv);
}

enum flt_status flt_csv_rewind(struct flt_csv *csv, struct flt_error *err)
{
	FLT_TRY(flt_blocks_rewind(&csv->blocks, err));
	FLT_TRY(read_first(csv, err));
	return start_records(csv, err);
}

/* ---- data records ---- */

/* Counts a record with a wrong number of fields, and lists its line while there is room. */
static void note_bad_row(struct flt_csv *csv)
{
	size_t used = strlen(csv->bad_rows), room = sizeof csv->bad_rows - used;
	csv->n_bad_rows++;
	if (used > 0 && csv->bad_rows[used - 1] == '.')
		return;
	if (room < BAD_ROWS_ROOM_FOR_MORE)
		snprintf(csv->bad_rows + used, room, ", ...");
	else
		snprintf(csv->bad_rows + used, room, "%s%zu", used > 0 ? ", " : "lines ", csv->first_line);
}

static enum flt_status fail_n_fields(const struct flt_csv *csv, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_DATA, "%s:%zu: %zu field%s, expected %zu", flt_csv_name(csv), csv->first_line,
	                csv->n_fields, csv->n_fields == 1 ? "" : "s", csv->n_columns);
}

/* Gives out the record just parsed; *is_bad is set if it has a wrong number of fields and the caller should skip it. */
static enum flt_status give_record(struct flt_csv *csv, struct flt_csv_record *record, bool *is_bad,
                                   struct flt_error *err)
{
	csv->n_records++;
	*is_bad = csv->n_fields != csv->n_columns;
	if (*is_bad && !csv->options.skip_bad_rows)
		return fail_n_fields(csv, err);
	if (*is_bad)
		note_bad_row(csv);
	*record = (struct flt_csv_record){csv->fields, csv->first_line, csv->n_records, csv->raw, csv->n_raw};
	return FLT_OK;
}

enum flt_status flt_csv_next_in_block(struct flt_csv *csv, struct flt_csv_record *record, bool *is_end,
                                      struct flt_error *err)
{
	bool is_bad = true;
	*is_end = false;
	while (is_bad) {
		if (!csv->holds_record)
			FLT_TRY(parse_record(csv, err));
		csv->holds_record = false;
		*is_end = !csv->is_complete;
		if (*is_end)
			return FLT_OK;
		FLT_TRY(give_record(csv, record, &is_bad, err));
	}
	return FLT_OK;
}

enum flt_status flt_csv_next(struct flt_csv *csv, struct flt_csv_record *record, bool *is_end, struct flt_error *err)
{
	for (;;) {
		FLT_TRY(flt_csv_next_in_block(csv, record, is_end, err));
		if (!*is_end || csv->block->is_last)
			return FLT_OK;
		read_own(csv);
	}
}

/* ---- position.h ---- */

enum flt_status flt_csv_new_like(const struct flt_csv *csv, struct flt_csv **made, struct flt_error *err)
{
	*made = flt_alloc_zero(1, sizeof **made, err);
	FLT_TRY_MEMORY(*made);
	(*made)->name = csv->name;
	(*made)->options = csv->options;
	(*made)->options.skip_bad_rows = false;
	(*made)->n_columns = csv->n_columns;
	(*made)->is_spoiled = true; /* has no parser */
	return FLT_OK;
}

enum flt_status flt_csv_set_position(struct flt_csv *csv, const struct flt_block *block,
                                     struct flt_csv_position position, struct flt_error *err)
{
	csv->block = block;
	csv->lines = flt_lines_of(block->bytes, position.at, block->n, position.line);
	csv->n_records = position.n_records;
	csv->is_finished = false;
	return csv->is_spoiled ? start_parser(csv, err) : FLT_OK;
}

struct flt_csv_position flt_csv_position(const struct flt_csv *csv)
{
	return (struct flt_csv_position){csv->lines.at, csv->lines.line, csv->n_records};
}

enum flt_status flt_csv_enter(struct flt_csv *csv, const struct flt_block *block, struct flt_csv_position position,
                              struct flt_csv_counts *before, struct flt_error *err)
{
	*before = (struct flt_csv_counts){csv->lines.line - 1, csv->n_records};
	position.line += before->n_lines;
	position.n_records += before->n_records;
	return flt_csv_set_position(csv, block, position, err);
}

bool flt_csv_is_at_last_block(const struct flt_csv *csv)
{
	return csv->block->is_last;
}

size_t flt_csv_n_columns(const struct flt_csv *csv)
{
	return csv->n_columns;
}

const char *flt_csv_column_name(const struct flt_csv *csv, size_t column)
{
	assert(column < csv->n_columns);
	return csv->header[column].text;
}

const char *flt_csv_raw_header(const struct flt_csv *csv, size_t *length)
{
	*length = csv->n_raw_header;
	return csv->raw_header;
}

char flt_csv_delimiter(const struct flt_csv *csv)
{
	return csv->options.delimiter;
}

bool flt_csv_has_header(const struct flt_csv *csv)
{
	return csv->has_header;
}

size_t flt_csv_n_records(const struct flt_csv *csv)
{
	return csv->n_records;
}

size_t flt_csv_n_bad_rows(const struct flt_csv *csv)
{
	return csv->n_bad_rows;
}

const char *flt_csv_bad_rows(const struct flt_csv *csv)
{
	return csv->bad_rows;
}

const char *flt_csv_sha256(const struct flt_csv *csv)
{
	return flt_source_sha256(csv->blocks.source);
}
