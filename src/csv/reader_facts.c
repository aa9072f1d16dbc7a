/* What a reader tells of its file. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "csv/contents.h"

const char *flt_csv_name(const struct flt_csv *csv)
{
	return csv->file.name;
}

const struct flt_named_file *flt_csv_file(const struct flt_csv *csv)
{
	return &csv->file;
}

size_t flt_csv_n_columns(const struct flt_csv *csv)
{
	return csv->n_columns;
}

const char *flt_csv_column_name(const struct flt_csv *csv, size_t column)
{
	assert(column < csv->n_columns);
	return csv->names.items[column].text;
}

const char *flt_csv_raw_header(const struct flt_csv *csv, size_t *length)
{
	*length = csv->n_raw_header;
	return csv->raw_header;
}

size_t flt_csv_n_lines_above(const struct flt_csv *csv)
{
	return csv->options.skip_lines + csv->frame.n_lines_before;
}

char flt_csv_delimiter(const struct flt_csv *csv)
{
	return csv->options.delimiter;
}

struct flt_delimiter_name flt_delimiter_name(char delimiter)
{
	static const char usual[] = ",;\t| :^";
	static const char *const names[] = {"commas", "semicolons", "tabs", "bars", "blanks", "colons", "carets"};
	struct flt_delimiter_name name;
	assert(delimiter != '\0');
	const char *found = strchr(usual, delimiter);
	if (found)
		snprintf(name.text, sizeof name.text, "%s", names[found - usual]);
	else
		snprintf(name.text, sizeof name.text, "'%c'", delimiter);
	return name;
}

size_t flt_csv_n_remarks(const struct flt_csv *csv)
{
	return csv->frame.n_remarks + csv->n_remarks;
}

const char *flt_csv_remark(const struct flt_csv *csv, size_t i)
{
	assert(i < flt_csv_n_remarks(csv));
	return i < csv->frame.n_remarks ? csv->frame.remarks[i] : csv->remarks[i - csv->frame.n_remarks];
}

bool flt_csv_has_header(const struct flt_csv *csv)
{
	return csv->has_header;
}

bool flt_csv_may_have_header(const struct flt_csv *csv)
{
	return csv->options.header == FLT_HEADER_FIND && !csv->has_header;
}

bool flt_csv_skips_bad_rows(const struct flt_csv *csv)
{
	return csv->options.skip_bad_rows;
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

void flt_csv_sha256_so_far(const struct flt_csv *csv, char text[FLT_SHA256_TEXT])
{
	struct flt_digest so_far = *csv->options.digest;
	flt_digest_end(&so_far, text);
}

double flt_csv_share(const struct flt_csv *csv)
{
	return flt_source_share(csv->blocks.source);
}
