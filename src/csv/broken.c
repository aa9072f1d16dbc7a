#include "csv/broken.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "csv/foreign.h"

enum { BAD_ROWS_ROOM_FOR_MORE = 30 }; /* a line number and ", ..." */
static_assert(FLT_BAD_LINES * sizeof "1," > FLT_BAD_ROWS_SIZE, "the lines that a block notes are more than are shown");

enum flt_status flt_csv_fail_nul(const struct flt_csv *csv, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: a NUL byte: this is not a text file, or a damaged one; to read it without: %s",
	                flt_csv_name(csv), csv->lines.line, flt_remedy_filter(&csv->file, "sed 's/\\x00//g'").text);
}

/* A quote in the wrong place, in a line that is parsed up to it. */
static enum flt_status fail_quote(const struct flt_csv *csv, const struct flt_line *line, struct flt_error *err)
{
	if (csv->parser.quoted && memmem(line->bytes, line->n, "\\\"", 2))
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s:%zu: a quote with a backslash before it, inside a field in quotes: double it instead: %s",
		        flt_csv_name(csv), csv->lines.line,
		        flt_remedy_filter(&csv->file, "sed 's/\\\\\"/\"\"/g'").text);
	if (csv->parser.quoted)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s:%zu: text follows the quote that ends a field: double each quote inside the field",
		                flt_csv_name(csv), csv->lines.line);
	if (memmem(line->bytes, line->n, "=\"", 2))
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s:%zu: =\"...\", as Excel keeps numbers from being changed: leave out the signs before the "
		        "quotes: %s",
		        flt_csv_name(csv), csv->lines.line, flt_remedy_filter(&csv->file, "sed 's/=\"/\"/g'").text);
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s:%zu: a quote inside a field that does not begin with one: put the whole field in quotes and "
	        "double the one inside, or replace all quotes: %s",
	        flt_csv_name(csv), csv->lines.line, flt_remedy_filter(&csv->file, "sed \"s/\\\"/'/g\"").text);
}

static enum flt_status fail_text_after_quote(const struct flt_csv *csv, size_t line, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: the quote that opens here is not closed before line %zu, where text follows a quote: "
	                "close it, and double each quote inside",
	                flt_csv_name(csv), csv->quote_line, line);
}

enum flt_status flt_csv_fail_parse(const struct flt_csv *csv, const struct flt_line *line, struct flt_error *err)
{
	if (csv->is_out_of_memory || csv->parser.status != CSV_EPARSE)
		return flt_fail_memory(err, csv->n_bytes);
	if (csv->quote_line != 0)
		return fail_text_after_quote(csv, csv->lines.line, err);
	return fail_quote(csv, line, err);
}

enum flt_status flt_csv_fail_open_quote(const struct flt_csv *csv, struct flt_error *err)
{
	bool is_older = csv->quote_line != 0 && csv->n_fields == csv->n_line_fields;
	if (csv->blocks.ahead.cut == FLT_FOLLOW_BROKEN)
		return fail_text_after_quote(csv, csv->quote_line + csv->blocks.ahead.n_lines, err);
	if (csv->blocks.ahead.cut == FLT_FOLLOW_LONG)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s:%zu: the quote that opens here is not closed within %d lines or %d MB: close it, double "
		        "it if it is text, or take the line ends out of the field",
		        flt_csv_name(csv), csv->quote_line, FLT_FOLLOW_LINES, FLT_RECORD_LIMIT >> 20);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: the quote that opens here never closes: close it, or double it if it is text",
	                flt_csv_name(csv), is_older ? csv->quote_line : csv->lines.line);
}

/* Counts a record with a wrong number of fields, and lists its line while there is room. */
void flt_csv_note_bad_row(struct flt_csv *csv, size_t line)
{
	size_t used = strlen(csv->bad_rows), room = sizeof csv->bad_rows - used;
	csv->n_bad_rows++;
	if (used > 0 && csv->bad_rows[used - 1] == '.')
		return;
	if (room < BAD_ROWS_ROOM_FOR_MORE)
		snprintf(csv->bad_rows + used, room, ", ...");
	else
		snprintf(csv->bad_rows + used, room, "%s%zu", used > 0 ? ", " : "lines ", line);
}

/* The remedy depends on whether the record is the first below the header (or below the first record). */
enum flt_status flt_csv_fail_n_fields(const struct flt_csv *csv, size_t line, size_t n_fields, struct flt_error *err)
{
	const char *name = flt_csv_name(csv), *plural = n_fields == 1 ? "" : "s";
	if (csv->n_records <= (csv->has_header ? 1 : 2))
		return flt_fail(err, FLT_ERR_DATA, FLT_MISFIT ": " FLT_MISFIT_REMEDY, name, line, n_fields, plural,
		                csv->n_columns, line - 1);
	if (n_fields > csv->n_columns)
		return flt_fail(err, FLT_ERR_DATA,
		                FLT_MISFIT ": put the field with %s inside in quotes, or leave such lines out with "
		                           "--bad-rows skip",
		                name, line, n_fields, plural, csv->n_columns,
		                flt_delimiter_name(csv->options.delimiter).text);
	return flt_fail(err, FLT_ERR_DATA,
	                FLT_MISFIT ": complete the line, or leave such lines out with --bad-rows skip", name, line,
	                n_fields, plural, csv->n_columns);
}
