#include "cli/table_warnings.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/terminal.h"
#include "protocol/memory.h"
#include "report/layout.h"
#include "report/wide_text.h"

/* Of a file that was read with the classes of another. */
static void warn_of_new_classes(const struct flt_table *table)
{
	enum { MOST = 5 }; /* that are named */
	size_t n_new = 0;
	for (size_t i = 0; i < flt_table_n_classes(table); i++) {
		struct flt_class class = flt_table_class(table, i);
		if (!class.is_new || n_new++ >= MOST)
			continue;
		if (n_new == 1)
			warn("%s: labels that training did not see count as \"%s\": ", flt_table_path(table),
			     flt_table_negative(table));
		flt_say(stderr, "%s\"%s\" (%zu)", n_new > 1 ? ", " : "", flt_shown(class.text, strlen(class.text)).text,
		        class.n_rows);
	}
	if (n_new > 0)
		fputs(n_new > MOST ? ", ...\n" : "\n", stderr);
}

void warn_of_table(const struct flt_table *table)
{
	struct flt_table_notes notes = flt_table_notes(table);
	if (notes.n_bad_rows)
		warn("%s: skipped %zu record%s with a wrong number of fields: %s\n", flt_table_path(table),
		     notes.n_bad_rows, notes.n_bad_rows == 1 ? "" : "s", notes.bad_rows);
	if (notes.n_without_target)
		warn("%s: dropped %zu row%s without a target\n", flt_table_path(table), notes.n_without_target,
		     notes.n_without_target == 1 ? "" : "s");
	if (notes.n_without_time)
		warn("%s: dropped %zu row%s without a time\n", flt_table_path(table), notes.n_without_time,
		     notes.n_without_time == 1 ? "" : "s");
	if (notes.n_zero_weight)
		warn("%s: left out %zu row%s of weight 0\n", flt_table_path(table), notes.n_zero_weight,
		     notes.n_zero_weight == 1 ? "" : "s");
	for (size_t i = 0; i < flt_table_n_warnings(table); i++)
		warn("%s: %s\n", flt_table_path(table), flt_table_warning(table, i));
	warn_of_new_classes(table);
}

/* Up to so many times the size of the file, memory needs no word. */
static const double LITTLE = 5;

/* Of a regular file; 0: not known. */
static double size_of(const char *path)
{
	struct stat about;
	int failed = path ? stat(path, &about) : fstat(STDIN_FILENO, &about);
	return failed || !S_ISREG(about.st_mode) ? 0 : (double)about.st_size;
}

static double size_of_all(const char *const *files, size_t n)
{
	double size = 0;
	for (size_t i = 0; i < n; i++)
		size += size_of(strcmp(files[i], "-") == 0 ? NULL : files[i]);
	return size;
}

void tell_of_wide(const struct flt_wide_file *file)
{
	double size = size_of(file->is_standard_input ? NULL : file->name);
	double n_bytes = flt_wide_memory(file->n_columns, (size_t)(size / (double)file->record_bytes));
	if (n_bytes > LITTLE * size)
		flt_report_wide(stderr, file->name, file->n_columns, n_bytes, size);
}

void tell_of_wide_scoring(const struct settings *settings, const char *const *files, size_t n,
                          const struct flt_stream *stream)
{
	size_t n_columns = flt_stream_n_columns(stream);
	double size = size_of_all(files, n), n_bytes = flt_wide_scoring_memory(n_columns);
	if (!settings->quiet && n_columns > FLT_CSV_WIDE && n_bytes > LITTLE * size)
		flt_report_wide(stderr, flt_stream_name(stream), n_columns, n_bytes, size);
}

void tell_of_wide_training(const struct settings *settings, const struct flt_table *table, double n_bytes)
{
	double size = size_of_all(settings->files, settings->n_files);
	if (!settings->quiet && flt_table_n_columns(table) > FLT_CSV_WIDE && n_bytes > LITTLE * size)
		flt_report_wide_training(stderr, n_bytes, size);
}

void warn_of_order(const struct flt_fit_plan *plan)
{
	if (plan->is_uneven)
		warn("the positive rows lie together in the file: in --order blocks many of them come at once, and "
		     "then none "
		     "for long; shuffle the rows of the file first, or leave --order out\n");
}
