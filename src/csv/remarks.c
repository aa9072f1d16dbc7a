#include "csv/remarks.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

__attribute__((format(printf, 2, 3))) static void add_remark(struct flt_csv *csv, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(csv->remarks[csv->n_remarks++], FLT_CSV_REMARK_SIZE, format, arguments);
	va_end(arguments);
}

/* Writes the remarks about names and records anew. */
void flt_csv_write_remarks(struct flt_csv *csv)
{
	const struct flt_csv_names *names = &csv->names;
	csv->n_remarks = 0;
	if (names->n_renamed > 0)
		add_remark(csv, "%zu column%s had the name of an earlier one: column %zu is called \"%s\"",
		           names->n_renamed, names->n_renamed == 1 ? "" : "s", names->first_renamed + 1,
		           flt_shown(names->items[names->first_renamed].text, names->items[names->first_renamed].length)
		                   .text);
	if (csv->headers.n > 0)
		add_remark(csv, "the header again in line %zu%s left out", csv->headers.first_line,
		           csv->headers.n > 1 ? " and others" : "");
	if (csv->marks.n > 0)
		add_remark(csv, "a byte order mark in line %zu%s left out", csv->marks.first_line,
		           csv->marks.n > 1 ? " and others" : "");
	if (csv->footers.n > 0)
		add_remark(csv, "line %zu below the table left out: \"%s\"%s", csv->footers.first_line,
		           csv->footers.text.text, csv->footers.n > 1 ? " ..." : "");
}

void flt_csv_note_left_out(struct flt_csv *csv, struct flt_csv_left_out *left_out)
{
	left_out->n++;
	if (left_out->n == 1) {
		left_out->first_line = csv->first_line;
		left_out->n_fields = csv->n_fields;
		left_out->text = flt_shown(csv->raw ? csv->raw : "", csv->n_raw);
	}
	flt_csv_write_remarks(csv);
}
