#include "cli/scoring.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

struct flt_reading_options scoring_reading(const struct settings *settings)
{
	const struct flt_table_options *table = &settings->table;
	return (struct flt_reading_options){
	        .na = table->na,
	        .numeric = table->numeric,
	        .decimal = options_given(settings, "decimal") ? table->decimal : '\0',
	        .id = table->id,
	        .delimiter = table->delimiter,
	        .header = table->header,
	        .skip_lines = table->skip_lines,
	        .skip_bad_rows = table->skip_bad_rows,
	};
}

static struct flt_shown show(const char *text)
{
	return flt_shown(text, strlen(text));
}

static void warn_of_unlearnt(const struct flt_stream *stream)
{
	enum { MAX_COLUMNS = 4 }; /* that are named */
	size_t n_cells = 0, n_columns = 0;
	const char *first;
	for (size_t i = 0; i < flt_stream_n_columns(stream); i++)
		n_cells += flt_stream_n_unlearnt(stream, i, &first);
	if (n_cells == 0)
		return;
	fprintf(stderr,
	        "fltrain: warning: %s: %zu cell%s hold%s a category that the model did not learn, as fewer "
	        "than 5 training rows had it:",
	        flt_stream_name(stream), n_cells, n_cells == 1 ? "" : "s", n_cells == 1 ? "s" : "");
	for (size_t i = 0; i < flt_stream_n_columns(stream); i++) {
		size_t n = flt_stream_n_unlearnt(stream, i, &first);
		if (n == 0 || ++n_columns > MAX_COLUMNS)
			continue;
		fprintf(stderr, "%s \"%s\" %zu (\"%s\"%s)", n_columns > 1 ? "," : "",
		        show(flt_stream_column_name(stream, i)).text, n, show(first).text, n > 1 ? " ..." : "");
	}
	if (n_columns > MAX_COLUMNS)
		fprintf(stderr, " and %zu more columns", n_columns - MAX_COLUMNS);
	fputc('\n', stderr);
}

void scoring_warn(const struct flt_stream *stream)
{
	size_t n = flt_stream_n_skipped(stream);
	if (n > 0)
		fprintf(stderr, "fltrain: warning: %s: skipped %zu record%s with a wrong number of fields: %s\n",
		        flt_stream_name(stream), n, n == 1 ? "" : "s", flt_stream_skipped_lines(stream));
	warn_of_unlearnt(stream);
}
