/*
 * Promised of a data file: any bytes, under any options, are a table or refused in a sentence. A table holds together:
 * labels are 0 or 1 and as many are 1 as it says, codes lie among the levels, missing cells are as many as it counts,
 * row numbers rise. Read in blocks of a few bytes, on one thread or two, it is the same table or the same sentence.
 * Read again with its own columns as the model it has the same rows. Prepared, every value of it is finite.
 *
 * Input: three bytes of options, then the file.
 */
#include <math.h>

#include "prep/prep.h"
#include "harness.h"

enum { N_OPTION_BYTES = 3, MAX_VALUES = 1 << 20 };

static struct flt_table_options options_of(const uint8_t *bytes)
{
	static const char delimiters[] = {0, 0, ',', ';', '\t', '|', ' ', ':'};
	static const char *const lists[] = {NULL, "a", "b", "a,b", "c1", "\"x,y\",c3", "y", "date"};
	const uint8_t flags = bytes[0], what = bytes[1], names = bytes[2];
	struct flt_table_options options = {
	        .delimiter = delimiters[flags & 7],
	        .header = (enum flt_header)((flags >> 3 & 3) % 3),
	        .skip_bad_rows = flags >> 5 & 1,
	        .drop_missing_target = flags >> 6 & 1,
	        .decimal = flags >> 7 ? ',' : '\0',
	        .n_threads = 1,
	};
	const char *first = lists[names & 7], *second = lists[names >> 3 & 7];
	options.target = what & 1 ? first : NULL;
	options.positive = what & 2 ? "1,yes" : NULL;
	options.id = what & 4 ? second : NULL;
	options.drop = what & 8 ? first : NULL;
	options.categorical = what & 16 ? second : NULL;
	options.numeric = what & 32 ? first : NULL;
	options.time = what & 64 ? second : NULL;
	options.group = what & 128 ? first : NULL;
	options.weight = names & 128 ? second : NULL;
	options.na = names & 64 ? "-1,none,\"\"" : NULL;
	return options;
}

static void check_numbers(const struct flt_column *column, size_t n_rows)
{
	size_t n_missing = 0;
	for (size_t row = 0; row < n_rows; row++) {
		double number = flt_number_at(&column->numbers, row);
		n_missing += isnan(number) ? 1 : 0;
		PROMISE(!isinf(number));
		PROMISE(!column->integers || isnan(number) || number == floor(number));
	}
	PROMISE(n_missing == column->n_missing);
}

static void check_codes(const struct flt_column *column, size_t n_rows)
{
	size_t n_missing = 0;
	int32_t highest = -1;
	for (size_t row = 0; row < n_rows; row++) {
		n_missing += column->codes[row] == -1;
		PROMISE(column->codes[row] >= -1 && column->codes[row] <= highest + 1); /* by first appearance */
		highest = column->codes[row] > highest ? column->codes[row] : highest;
	}
	PROMISE(n_missing == column->n_missing);
	PROMISE(highest < (int32_t)column->n_levels);
	for (size_t i = 0; i < column->n_levels; i++)
		PROMISE(column->levels[i] && column->levels[i][0]);
}

static void check_table(const struct flt_table *table)
{
	size_t n_rows = flt_table_n_rows(table), n_positive = 0;
	const double *weight = flt_table_weights(table);
	PROMISE(n_rows > 0 && strlen(flt_table_sha256(table)) == 64);
	for (size_t row = 0; row < n_rows; row++) {
		PROMISE(!weight || (weight[row] >= 1e-12 && weight[row] <= 1e12));
		PROMISE(flt_table_labels(table)[row] <= 1 && flt_table_target_text(table, row));
		PROMISE(row == 0 || flt_table_row_number(table, row) > flt_table_row_number(table, row - 1));
		n_positive += flt_table_labels(table)[row];
		if (flt_table_role(table, FLT_ID) != SIZE_MAX)
			PROMISE(flt_table_id_text(table, row));
	}
	PROMISE(n_positive == flt_table_n_positive(table) && n_positive > 0 && n_positive < n_rows);
	PROMISE(flt_table_role(table, FLT_TARGET) != SIZE_MAX);
	for (size_t c = 0; c < flt_table_n_columns(table); c++) {
		struct flt_column column = flt_table_column(table, c);
		PROMISE(column.name && column.name[0]);
		if (column.numbers.cells)
			check_numbers(&column, n_rows);
		if (column.codes)
			check_codes(&column, n_rows);
	}
}

static void check_same_numbers(const struct flt_numbers *a, const struct flt_numbers *b, size_t n_rows)
{
	for (size_t row = 0; row < n_rows; row++) {
		double left = flt_number_at(a, row), right = flt_number_at(b, row);
		PROMISE(memcmp(&left, &right, sizeof left) == 0);
	}
}

static void check_same(const struct flt_table *a, const struct flt_table *b)
{
	size_t n_rows = flt_table_n_rows(a);
	PROMISE(flt_table_n_rows(b) == n_rows && flt_table_n_columns(b) == flt_table_n_columns(a));
	PROMISE(memcmp(flt_table_labels(a), flt_table_labels(b), n_rows) == 0);
	for (size_t c = 0; c < flt_table_n_columns(a); c++) {
		struct flt_column left = flt_table_column(a, c), right = flt_table_column(b, c);
		PROMISE(left.type == right.type && left.role == right.role && left.n_levels == right.n_levels);
		PROMISE(strcmp(left.name, right.name) == 0 && !left.numbers.cells == !right.numbers.cells);
		if (left.numbers.cells)
			check_same_numbers(&left.numbers, &right.numbers, n_rows);
		if (left.codes)
			PROMISE(memcmp(left.codes, right.codes, n_rows * sizeof(int32_t)) == 0);
	}
}

static void check_prepared(const struct flt_table *table, enum flt_scale scale)
{
	struct flt_prep_options options = {.scale = scale};
	struct flt_prep *prep;
	struct flt_error err;
	size_t n = flt_table_n_rows(table), *rows = malloc(n * sizeof *rows);
	PROMISE(rows);
	for (size_t i = 0; i < n; i++)
		rows[i] = i;
	enum flt_status status = flt_prep_fit(table, rows, n, &options, &prep, &err);
	if (status)
		promise_sentence(status, &err);
	else if (n * flt_prep_n_features(prep) < MAX_VALUES) {
		size_t n_values = n * flt_prep_n_features(prep);
		float *x = malloc(n_values * sizeof *x);
		PROMISE(x && flt_prep_apply(prep, table, rows, n, 1, x, &err) == FLT_OK);
		for (size_t i = 0; i < n_values; i++)
			PROMISE(isfinite(x[i]));
		free(x);
	}
	if (!status)
		flt_prep_free(prep);
	free(rows);
}

/* The same file once more, in other ways. */
static void check_again(const struct flt_table *table, const char *path, struct flt_table_options *options)
{
	struct flt_table *again;
	struct flt_error err;
	enum flt_status status = flt_table_read_like(table, path, options, &again, &err);
	PROMISE(status == FLT_OK && flt_table_n_rows(again) == flt_table_n_rows(table));
	flt_table_free(again);
}

static void check_in_blocks(const char *path, const struct flt_table_options *options, const struct flt_table *table,
                            const struct flt_error *err)
{
	struct flt_table *other;
	struct flt_error other_err;
	enum flt_status status = flt_table_read(path, options, &other, &other_err);
	PROMISE((status == FLT_OK) == (table != NULL));
	if (table)
		check_same(table, other);
	else
		PROMISE(status == err->status && strcmp(err->text, other_err.text) == 0);
	flt_table_free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	if (n < N_OPTION_BYTES)
		return 0;
	struct flt_table_options options = options_of(bytes);
	const char *path = path_of(bytes + N_OPTION_BYTES, n - N_OPTION_BYTES);
	struct flt_table *table;
	struct flt_error err;
	enum flt_status status = flt_table_read(path, &options, &table, &err);
	options.n_threads = bytes[2] & 128 ? 2 : 1;
	options.block_size = 1 + n % 61;
	check_in_blocks(path, &options, table, &err);
	if (!status) {
		options.delimiter = flt_table_notes(table).delimiter;
		options.header = flt_table_notes(table).header ? FLT_HEADER_YES : FLT_HEADER_NO;
		check_in_blocks(path, &options, table, &err);
	}
	if (status) {
		PROMISE(!table);
		promise_sentence(status, &err);
		return 0;
	}
	check_table(table);
	check_again(table, path, &options);
	check_prepared(table, (enum flt_scale)(bytes[0] % 4));
	flt_table_free(table);
	return 0;
}
