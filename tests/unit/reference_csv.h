/* For tests: reads a small CSV of stored reference values (no quotes), row by row. */
#ifndef REFERENCE_CSV_H
#define REFERENCE_CSV_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFERENCE_MAX_FIELDS = 40, REFERENCE_LINE = 65536 };

struct reference_csv {
	FILE *file;
	char line[REFERENCE_LINE];
	char *field[REFERENCE_MAX_FIELDS];
	size_t n_fields;
};

static inline int reference_csv_next(struct reference_csv *csv)
{
	if (!fgets(csv->line, sizeof csv->line, csv->file)) {
		fclose(csv->file);
		return 0;
	}
	csv->line[strcspn(csv->line, "\r\n")] = '\0';
	csv->n_fields = 0;
	for (char *at = csv->line; at && csv->n_fields < REFERENCE_MAX_FIELDS;) {
		csv->field[csv->n_fields++] = at;
		at = strchr(at, ',');
		if (at)
			*at++ = '\0';
	}
	return 1;
}

/* Opens the file and skips its header. */
static inline void reference_csv_open(struct reference_csv *csv, const char *path)
{
	csv->file = fopen(path, "r");
	ck_assert_msg(csv->file != NULL, "cannot open %s", path);
	ck_assert(reference_csv_next(csv));
}

static inline double reference_csv_number(const struct reference_csv *csv, size_t field)
{
	ck_assert(field < csv->n_fields);
	return strtod(csv->field[field], NULL);
}

/* Numbers separated by spaces in one field; returns how many. */
static inline size_t reference_csv_list(const struct reference_csv *csv, size_t field, double *list, size_t capacity)
{
	size_t n = 0;
	char *at = csv->field[field], *end;
	for (double value = strtod(at, &end); end != at; value = strtod(at, &end)) {
		ck_assert(n < capacity);
		list[n++] = value;
		at = end;
	}
	return n;
}

#endif
