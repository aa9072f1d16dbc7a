/* A CSV file for a test: simulated rows that can be changed one by one, written to a temporary file and read back. */
#ifndef CSV_FILE_H
#define CSV_FILE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "table/table.h"
#include "temporary.h"

enum { CSV_ROWS = 600 };

struct csv_row {
	double amount; /* NaN: missing */
	int age;
	const char *kind;
	int day, customer;
	int label;
};

struct csv_file {
	struct csv_row rows[CSV_ROWS];
	size_t n_rows;
	char path[TEMPORARY_SIZE];
};

static const char *const csv_kinds[] = {"web", "shop", "phone"};

/* Positives have a higher amount and come mostly from the web; about one in eight. No two rows are identical. */
static void csv_simulate(struct csv_file *file, uint64_t seed)
{
	struct flt_random random;
	flt_random_init(&random, seed, "csv", 0);
	file->n_rows = CSV_ROWS;
	for (size_t i = 0; i < CSV_ROWS; i++) {
		struct csv_row *row = &file->rows[i];
		row->label = flt_random_uniform(&random) < 0.125;
		row->amount = 100 * flt_random_uniform(&random) + 40 * row->label;
		row->age = 18 + (int)flt_random_below(&random, 60);
		if (flt_random_uniform(&random) < 0.05) {
			row->amount = 0.0 / 0.0;
			row->age = 100 + (int)i;
		}
		row->kind = row->label && flt_random_uniform(&random) < 0.6 ? csv_kinds[0]
		                                                            : csv_kinds[flt_random_below(&random, 3)];
		row->day = (int)i / 3;
		row->customer = (int)flt_random_below(&random, 90);
	}
}

static void csv_write(struct csv_file *file)
{
	FILE *stream = temporary_file(file->path);
	fputs("amount,age,kind,day,customer,label\n", stream);
	for (size_t i = 0; i < file->n_rows; i++) {
		const struct csv_row *row = &file->rows[i];
		if (row->amount == row->amount)
			fprintf(stream, "%.17g", row->amount);
		fprintf(stream, ",%d,%s,%d,c%d,%d\n", row->age, row->kind, row->day, row->customer, row->label);
	}
	ck_assert_int_eq(fclose(stream), 0);
}

static struct flt_table *csv_read(struct csv_file *file, const struct flt_table_options *options)
{
	struct flt_table *table;
	struct flt_error err = {0};
	csv_write(file);
	enum flt_status status = flt_table_read(file->path, options, &table, &err);
	unlink(file->path);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return table;
}

#endif
