/*
 * Reads every file that a manifest names and compares what the library finds with what the manifest says: rows,
 * columns, positives, missing cells. One line a file; fails on any difference.
 *
 * usage: check_data MANIFEST.csv ...   (the files lie beside their manifest)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv/reader.h"
#include "table/table.h"

static const char *field(const struct flt_csv *csv, const struct flt_csv_record *record, const char *name)
{
	for (size_t i = 0; i < flt_csv_n_columns(csv); i++)
		if (strcmp(flt_csv_column_name(csv, i), name) == 0)
			return record->fields[i].text;
	fprintf(stderr, "%s: no column \"%s\"\n", flt_csv_name(csv), name);
	exit(EXIT_FAILURE);
}

static size_t n_missing(const struct flt_table *table)
{
	size_t n = 0;
	for (size_t i = 0; i < flt_table_n_columns(table); i++)
		n += flt_table_column(table, i).n_missing;
	return n;
}

/* Prints found, and what was wanted where that differs. */
static bool compare(const char *what, size_t found, const char *wanted)
{
	bool is_same = found == strtoul(wanted, NULL, 10);
	printf("  %s %zu", what, found);
	if (!is_same)
		printf(" (NOT %s)", wanted);
	return is_same;
}

static bool check_file(const struct flt_csv *manifest, const struct flt_csv_record *record, const char *folder)
{
	char path[4096];
	const char *file = field(manifest, record, "file");
	snprintf(path, sizeof path, "%s%s", folder, file);
	struct flt_table_options options = {.target = field(manifest, record, "target"),
	                                    .positive = field(manifest, record, "positive_label")};
	struct flt_table *table;
	struct flt_error err;
	printf("%-32s", file);
	if (flt_table_read(path, &options, &table, &err) != FLT_OK) {
		printf("  %s\n", err.text);
		return false;
	}
	bool is_same = compare("rows", flt_table_n_rows(table), field(manifest, record, "rows"));
	is_same &= compare("columns", flt_table_n_columns(table), field(manifest, record, "columns"));
	is_same &= compare("positives", flt_table_n_positive(table), field(manifest, record, "positives"));
	is_same &= compare("missing", n_missing(table), field(manifest, record, "n_missing"));
	printf("  %s\n", is_same ? "ok" : "DIFFERS");
	flt_table_free(table);
	return is_same;
}

static bool check_manifest(const char *path)
{
	struct flt_csv *csv;
	struct flt_csv_record record;
	struct flt_error err;
	bool is_end = false, is_same = true;
	char folder[2048];
	const char *slash = strrchr(path, '/');
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 0, path);
	enum flt_status status = flt_csv_open(path, &(struct flt_csv_options){.header = FLT_HEADER_YES}, &csv, &err);
	size_t n_files = 0;
	while (status == FLT_OK) {
		status = flt_csv_next(csv, &record, &is_end, &err);
		if (status != FLT_OK || is_end)
			break;
		is_same &= check_file(csv, &record, folder);
		n_files++;
	}
	if (status != FLT_OK)
		fprintf(stderr, "%s\n", err.text);
	flt_csv_free(csv);
	return is_same && status == FLT_OK && n_files > 0;
}

int main(int argc, char **argv)
{
	bool is_same = argc > 1;
	for (int i = 1; i < argc; i++)
		is_same &= check_manifest(argv[i]);
	return is_same ? EXIT_SUCCESS : EXIT_FAILURE;
}
