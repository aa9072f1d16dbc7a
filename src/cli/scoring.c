#include "cli/scoring.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

struct flt_table_options scoring_reading(const struct settings *settings)
{
	struct flt_table_options reading = settings->table;
	if (!options_given(settings, "decimal"))
		reading.decimal = '\0';
	return reading;
}

char scoring_decimal(const struct settings *settings, const struct flt_detector *detector)
{
	if (options_given(settings, "decimal"))
		return settings->table.decimal;
	return detector->input.decimal ? detector->input.decimal : '.';
}

static void warn_of_unlearnt(const struct flt_stream *stream)
{
	enum { MOST = 4 };
	const struct flt_csv *csv = flt_stream_csv(stream);
	size_t n_cells = 0, n_columns = 0;
	const char *first;
	for (size_t i = 0; i < flt_csv_n_columns(csv); i++)
		n_cells += flt_stream_unlearnt(stream, i, &first);
	if (n_cells == 0)
		return;
	fprintf(stderr,
	        "fltrain: warning: %s: %zu cell%s hold%s a category that the model did not learn, for it had fewer "
	        "than 5 rows to learn from:",
	        flt_csv_name(csv), n_cells, n_cells == 1 ? "" : "s", n_cells == 1 ? "s" : "");
	for (size_t i = 0; i < flt_csv_n_columns(csv); i++) {
		size_t n = flt_stream_unlearnt(stream, i, &first);
		const char *name = flt_csv_column_name(csv, i);
		if (n == 0 || ++n_columns > MOST)
			continue;
		fprintf(stderr, "%s \"%s\" %zu (\"%s\"%s)", n_columns > 1 ? "," : "",
		        flt_shown(name, strlen(name)).text, n, flt_shown(first, strlen(first)).text,
		        n > 1 ? " ..." : "");
	}
	if (n_columns > MOST)
		fprintf(stderr, " and %zu more columns", n_columns - MOST);
	fputc('\n', stderr);
}

void scoring_warn(const struct flt_stream *stream)
{
	const struct flt_csv *csv = flt_stream_csv(stream);
	size_t n_bad = flt_csv_n_bad_rows(csv);
	if (n_bad > 0)
		fprintf(stderr, "fltrain: warning: %s: skipped %zu record%s with a wrong number of fields: %s\n",
		        flt_csv_name(csv), n_bad, n_bad == 1 ? "" : "s", flt_csv_bad_rows(csv));
	warn_of_unlearnt(stream);
}
