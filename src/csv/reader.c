/*
 * All rules about CSV are here; broken.c has the messages about broken files. The fast parser (block_records.c) stops
 * at anything out of the ordinary, and this one goes on.
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
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "csv/broken.h"
#include "csv/footer.h"
#include "csv/foreign.h"
#include "csv/frame.h"
#include "csv/remarks.h"

enum { BYTES_PER_COLUMN = 256 }; /* of a block: enough for several records, which share what a block costs per column */

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

static void start_parser(struct flt_csv *csv)
{
	if (csv->has_parser)
		csv_free(&csv->parser);
	int failure = csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI);
	assert(failure == 0); /* csv_init fails only where there is no parser */
	(void)failure;
	csv->has_parser = true;
	csv_set_realloc_func(&csv->parser, parser_realloc);
	csv_set_free_func(&csv->parser, flt_free);
	csv_set_blk_size(&csv->parser, 4096);
	csv_set_delim(&csv->parser, (unsigned char)csv->options.delimiter);
	csv->is_finished = csv->is_spoiled = false;
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

static enum flt_status keep_raw(struct flt_csv *csv, const struct flt_line *line, struct flt_error *err)
{
	FLT_TRY(flt_grow((void **)&csv->raw, &csv->raw_capacity, csv->n_raw + line->n, 1, err));
	memcpy(csv->raw + csv->n_raw, line->bytes, line->n);
	csv->n_raw += line->n;
	if (csv->n_raw > FLT_RECORD_LIMIT && csv->quote_line != 0)
		return flt_csv_fail_open_quote(csv, err);
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
		return flt_csv_fail_nul(csv, err);
	FLT_TRY(reserve(csv, line->n, err));
	/* Doubles the memory for a long field; on its own libcsv would add the same amount each time. */
	if (csv->parser.blk_size < csv->parser.entry_size)
		csv_set_blk_size(&csv->parser, csv->parser.entry_size);
	size_t n_parsed = csv_parse(&csv->parser, line->bytes, line->n, on_field, on_record, csv);
	if (n_parsed != line->n || csv->is_out_of_memory)
		return flt_csv_fail_parse(csv, line, err);
	FLT_TRY(keep_raw(csv, line, err));
	if (!csv->is_complete)
		note_open(csv, line);
	flt_lines_pass(&csv->lines, line);
	return FLT_OK;
}

/* At the end of the block: at the end of the file, a record without a line end is complete. One that is followed, and
 * was cut inside its quote, has nothing more to come. */
static enum flt_status finish(struct flt_csv *csv, struct flt_error *err)
{
	const struct flt_block *block = csv->block;
	if (block->status != FLT_OK)
		return flt_fail(err, block->status, "%s", block->err.text);
	if (!block->is_last && csv->options.follows && csv->quote_line != 0)
		return flt_csv_fail_open_quote(csv, err);
	if (csv->is_finished || !block->is_last)
		return FLT_OK;
	csv->is_finished = true;
	if (csv_fini(&csv->parser, on_field, on_record, csv) != 0)
		return flt_csv_fail_open_quote(csv, err);
	return csv->is_out_of_memory ? flt_fail_memory(err, csv->n_bytes) : FLT_OK;
}

static void trim_line_end(struct flt_csv *csv)
{
	while (csv->n_raw > 0 && (csv->raw[csv->n_raw - 1] == '\n' || csv->raw[csv->n_raw - 1] == '\r'))
		csv->n_raw--;
}

/* Passes a byte order mark before a record, which comes from the beginning of another file. */
static enum flt_status pass_mark(struct flt_csv *csv)
{
	const unsigned char *next = csv->lines.bytes + csv->lines.at;
	if (csv->n_raw > 0 || csv->lines.n - csv->lines.at < 3 || memcmp(next, "\xEF\xBB\xBF", 3) != 0)
		return FLT_OK;
	if (csv->like)
		return FLT_ERR_DATA;
	csv->lines.at += 3;
	flt_csv_note_left_out(csv, &csv->marks);
	return FLT_OK;
}

static enum flt_status feed_record(struct flt_csv *csv, struct flt_error *err)
{
	while (!csv->is_complete) {
		FLT_TRY(pass_mark(csv));
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

/* Makes the record just parsed the header, or names the columns c1, c2, ... */
static enum flt_status keep_header(struct flt_csv *csv, struct flt_error *err)
{
	FLT_TRY(flt_csv_names_init(csv->has_header ? csv->fields : NULL, csv->n_fields, &csv->names, err));
	csv->n_columns = csv->n_fields;
	flt_csv_write_remarks(csv);
	if (!csv->has_header)
		return FLT_OK;
	csv->n_raw_header = csv->n_raw;
	csv->raw_header = flt_copy_text(csv->raw, csv->n_raw, err);
	return csv->raw_header ? FLT_OK : FLT_ERR_MACHINE;
}

/* Moves past the header. */
static enum flt_status start_records(struct flt_csv *csv, struct flt_error *err)
{
	csv->holds_record = false;
	csv->n_records = csv->n_bad_rows = 0;
	csv->bad_rows[0] = '\0';
	csv->headers = csv->marks = csv->footers = (struct flt_csv_left_out){0};
	flt_csv_write_remarks(csv);
	start_parser(csv);
	FLT_TRY(parse_first_record(csv, err));
	if (!csv->is_complete)
		return FLT_OK;
	csv->holds_record = !csv->has_header;
	if (csv->n_fields <= FLT_CSV_WIDE)
		flt_blocks_widen(&csv->blocks, csv->n_fields * BYTES_PER_COLUMN);
	return csv->names.items ? FLT_OK : keep_header(csv, err);
}

/* Finds what stands before and around the table, and has the blocks leave it out. */
static enum flt_status find_frame(struct flt_csv *csv, struct flt_error *err)
{
	size_t n, n_skipped = csv->options.skip_lines;
	bool is_all;
	const unsigned char *bytes = flt_blocks_beginning(&csv->blocks, &n, &is_all);
	FLT_TRY(flt_check_is_csv(&csv->file, bytes, n, err));
	FLT_TRY(flt_blocks_drop_lines(&csv->blocks, n_skipped, err));
	bytes = flt_blocks_beginning(&csv->blocks, &n, &is_all);
	if (n_skipped > 0 && n == 0 && is_all)
		return flt_fail(err, FLT_ERR_DATA, "%s: no line is left after --skip-lines %zu: skip fewer",
		                flt_csv_name(csv), n_skipped);
	FLT_TRY(flt_frame_find(&csv->file, bytes, n, is_all, &csv->options, &csv->frame, err));
	flt_blocks_drop(&csv->blocks, csv->frame.n_before, csv->frame.n_lines_before);
	csv->options.delimiter = csv->blocks.delimiter = csv->frame.delimiter;
	csv->has_header = csv->frame.has_header;
	flt_blocks_edit(&csv->blocks, &csv->frame.edits);
	return FLT_OK;
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
	csv->lines.line = csv->blocks.n_dropped_lines + 1;
	read_own(csv);
	if (csv->own.status == FLT_OK || csv->own.n > 0)
		return FLT_OK;
	return flt_fail(err, csv->own.status, "%s", csv->own.err.text);
}

static enum flt_status open_csv(struct flt_csv *csv, const char *path, struct flt_error *err)
{
	FLT_TRY(check_options(&csv->options, err));
	FLT_TRY(flt_blocks_open(&csv->blocks, path, csv->options.rewindable, csv->options.block_size, err));
	csv->blocks.follows = csv->options.follows;
	csv->file = (struct flt_named_file){.name = flt_source_name(csv->blocks.source),
	                                    .is_standard_input = strcmp(path, "-") == 0,
	                                    .is_packed = flt_source_is_packed(csv->blocks.source)};
	if (csv->options.skip_digest)
		flt_source_skip_digest(csv->blocks.source);
	if (csv->options.digest)
		flt_source_share_digest(csv->blocks.source, csv->options.digest);
	FLT_TRY(flt_blocks_begin(&csv->blocks, err));
	FLT_TRY(find_frame(csv, err));
	FLT_TRY(read_first(csv, err));
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
	flt_csv_names_release(&csv->names);
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

/* Once text below the table was left out, there must be no more records. */
static enum flt_status check_no_footer(const struct flt_csv *csv, struct flt_error *err)
{
	if (csv->footers.n == 0)
		return FLT_OK;
	return flt_csv_fail_n_fields(csv, csv->footers.first_line, csv->footers.n_fields, err);
}

/* Whether the record is to be left out: it is the header once more, or stands below the table. */
static bool is_odd(const struct flt_csv *csv, bool *is_header)
{
	const struct flt_csv *owner = csv->like ? csv->like : csv;
	bool may_be_footer = csv->n_fields != csv->n_columns && !csv->options.skip_bad_rows && !csv->options.follows;
	*is_header = owner->has_header && csv->n_raw == owner->n_raw_header && csv->n_columns > 1 &&
	             memcmp(csv->raw, owner->raw_header, csv->n_raw) == 0;
	return *is_header || (may_be_footer && flt_is_footer(csv->raw, csv->n_raw));
}

/* Gives out the record just parsed; *is_passed is set if the caller should go on to the next instead. */
static enum flt_status give_record(struct flt_csv *csv, struct flt_csv_record *record, bool *is_passed,
                                   struct flt_error *err)
{
	bool is_header;
	*is_passed = is_odd(csv, &is_header);
	if (*is_passed && csv->like)
		return FLT_ERR_DATA;
	if (*is_passed) {
		flt_csv_note_left_out(csv, is_header ? &csv->headers : &csv->footers);
		return FLT_OK;
	}
	FLT_TRY(check_no_footer(csv, err));
	csv->n_records++;
	*is_passed = csv->n_fields != csv->n_columns;
	if (*is_passed && !csv->options.skip_bad_rows)
		return flt_csv_fail_n_fields(csv, csv->first_line, csv->n_fields, err);
	if (*is_passed)
		flt_csv_note_bad_row(csv, csv->first_line);
	*record = (struct flt_csv_record){.fields = csv->fields,
	                                  .line = csv->first_line,
	                                  .number = csv->n_records,
	                                  .raw = csv->raw,
	                                  .n_raw = csv->n_raw};
	return FLT_OK;
}

enum flt_status flt_csv_next_in_block(struct flt_csv *csv, struct flt_csv_record *record, bool *is_end,
                                      struct flt_error *err)
{
	bool is_passed = true;
	*is_end = false;
	while (is_passed) {
		if (!csv->holds_record)
			FLT_TRY(parse_record(csv, err));
		csv->holds_record = false;
		*is_end = !csv->is_complete;
		if (*is_end)
			return FLT_OK;
		FLT_TRY(give_record(csv, record, &is_passed, err));
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

bool flt_csv_pass_record(struct flt_csv *csv)
{
	if (csv->block->status != FLT_OK)
		return false;
	for (struct flt_line line; (line = flt_lines_next(&csv->lines)).n > 0;)
		flt_lines_pass(&csv->lines, &line);
	csv->n_records += csv->is_spoiled; /* others were counted */
	start_parser(csv);
	return true;
}

/* ---- position.h ---- */

enum flt_status flt_csv_new_like(const struct flt_csv *csv, struct flt_csv **made, struct flt_error *err)
{
	*made = flt_alloc_zero(1, sizeof **made, err);
	FLT_TRY_MEMORY(*made);
	(*made)->like = csv;
	(*made)->file = csv->file;
	(*made)->options = csv->options;
	(*made)->options.skip_bad_rows = false;
	(*made)->n_columns = csv->n_columns;
	(*made)->is_spoiled = true; /* has no parser */
	return FLT_OK;
}

void flt_csv_set_position(struct flt_csv *csv, const struct flt_block *block, struct flt_csv_position position)
{
	csv->block = block;
	csv->lines = flt_lines_of(block->bytes, position.at, block->n, position.line);
	csv->n_records = position.n_records;
	csv->is_finished = false;
	if (csv->is_spoiled)
		start_parser(csv);
}

struct flt_csv_position flt_csv_position(const struct flt_csv *csv)
{
	return (struct flt_csv_position){csv->lines.at, csv->lines.line, csv->n_records};
}

enum flt_status flt_csv_enter(struct flt_csv *csv, const struct flt_block *block, struct flt_csv_position position,
                              const struct flt_csv_bad_rows *bad, struct flt_csv_counts *before, struct flt_error *err)
{
	*before = (struct flt_csv_counts){csv->lines.line - 1, csv->n_records};
	if (position.n_records > 0)
		FLT_TRY(check_no_footer(csv, err));
	for (size_t i = 0; i < bad->n; i++)
		flt_csv_note_bad_row(csv, before->n_lines + bad->lines[i < FLT_BAD_LINES ? i : FLT_BAD_LINES - 1]);
	position.line += before->n_lines;
	position.n_records += before->n_records;
	flt_csv_set_position(csv, block, position);
	return FLT_OK;
}

bool flt_csv_is_at_last_block(const struct flt_csv *csv)
{
	return csv->block->is_last;
}
