#include "split/split.h"

#include <string.h>

#include "base/alloc.h"
#include "split/methods.h"

size_t (*flt_group_sizes(const struct flt_table *table, const struct flt_row_groups *groups, const size_t *rows,
                         size_t n, struct flt_error *err))[2]
{
	const uint8_t *labels = flt_table_labels(table);
	size_t(*size)[2] = flt_alloc_zero(groups->n_groups, sizeof *size, err);
	for (size_t i = 0; size && i < n; i++)
		size[groups->of[i]][labels[rows ? rows[i] : i] != 0]++;
	return size;
}

const char *flt_class_text(const struct flt_table *table, int label)
{
	return label ? flt_table_positive(table) : flt_table_negative(table);
}

static enum flt_status check_options(const struct flt_split_options *options, struct flt_error *err)
{
	double test = options->test_fraction, validation = options->validation_fraction;
	if (test >= 0 && validation >= 0 && test + validation < 1)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_USAGE,
	                "--test-fraction %g and --validation-fraction %g leave no rows to fit on: neither can be "
	                "negative and together they stay below 1",
	                test, validation);
}

static const char *parts_text(const struct flt_split_options *options)
{
	if (options->test_fraction > 0)
		return options->validation_fraction > 0 ? "fit, validation and test" : "fit and test";
	return options->validation_fraction > 0 ? "fit and validation" : "fit";
}

static const char *remedy(const struct flt_split_options *options, size_t n)
{
	if (n == 0)
		return "add rows of that class";
	if (options->test_fraction > 0)
		return n > 1 ? "--test-fraction 0 takes one fewer, and `fltrain cv` tests every row in turn"
		       : options->validation_fraction > 0 ? "--test-fraction 0 --validation-fraction 0 takes one"
		                                          : "--test-fraction 0 takes one fewer";
	return "add rows of that class";
}

/* There must be a row of each class for each part that is asked for. */
static enum flt_status check_classes(const struct flt_table *table, const struct flt_split_options *options,
                                     struct flt_error *err)
{
	size_t n_parts = 1u + (options->test_fraction > 0) + (options->validation_fraction > 0);
	size_t n_positive = flt_table_n_positive(table);
	for (int label = 1; label >= 0; label--) {
		size_t n = label ? n_positive : flt_table_n_rows(table) - n_positive;
		if (n < n_parts)
			return flt_fail(err, FLT_ERR_DATA,
			                "%s: %s need at least %zu rows of class \"%s\" but there %s %zu; %s",
			                flt_table_path(table), parts_text(options), n_parts,
			                flt_class_text(table, label), n == 1 ? "is" : "are", n, remedy(options, n));
	}
	return FLT_OK;
}

/* Why a part has no row of a class although there are enough of them, and what would help. */
static enum flt_status fail_part(const struct flt_table *table, const struct flt_split_options *options,
                                 const struct flt_split *split, int part, int label, struct flt_error *err)
{
	size_t n_positive = flt_table_n_positive(table);
	size_t n = label ? n_positive : flt_table_n_rows(table) - n_positive;
	if (split->method == FLT_SPLIT_TIME)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s: by time, none of the %zu rows of class \"%s\" falls into %s, which needs at least one; "
		        "use other fractions than --test-fraction %g and --validation-fraction %g, or leave --time out",
		        flt_table_path(table), n, flt_class_text(table, label), flt_row_role_words[part],
		        options->test_fraction, options->validation_fraction);
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s: %s need at least one row of class \"%s\" each, but its %zu rows lie in too few groups of %s, "
	        "which stay on one side; %s",
	        flt_table_path(table), parts_text(options), flt_class_text(table, label), n,
	        split->method == FLT_SPLIT_GROUP ? "--group or of identical rows" : "identical rows",
	        remedy(options, n));
}

/* Fills rows and counts from the part of each row. */
static enum flt_status list_rows(const struct flt_table *table, const uint8_t *part, struct flt_split *split,
                                 struct flt_error *err)
{
	size_t n_rows = flt_table_n_rows(table);
	const uint8_t *labels = flt_table_labels(table);
	for (size_t row = 0; row < n_rows; row++) {
		split->n_rows[part[row]]++;
		split->n_positive[part[row]] += labels[row] != 0;
	}
	for (int p = 0; p < FLT_N_ROW_ROLES; p++) {
		split->rows[p] = flt_alloc(split->n_rows[p], sizeof *split->rows[p], err);
		if (!split->rows[p])
			return FLT_ERR_MACHINE;
	}
	size_t n_listed[FLT_N_ROW_ROLES] = {0};
	for (size_t row = 0; row < n_rows; row++)
		split->rows[part[row]][n_listed[part[row]]++] = row;
	return FLT_OK;
}

static enum flt_status check_parts(const struct flt_table *table, const struct flt_split_options *options,
                                   const struct flt_split *split, struct flt_error *err)
{
	for (int p = 0; p < FLT_N_ROW_ROLES; p++) {
		if ((p == FLT_VALIDATION && !(options->validation_fraction > 0)) ||
		    (p == FLT_TEST && !(options->test_fraction > 0)))
			continue;
		if (split->n_positive[p] == 0)
			return fail_part(table, options, split, p, 1, err);
		if (split->n_positive[p] == split->n_rows[p])
			return fail_part(table, options, split, p, 0, err);
	}
	return FLT_OK;
}

/* Marks the test rows that are identical to a row of another part. */
static enum flt_status mark_identical(const struct flt_row_groups *groups, struct flt_split *split,
                                      struct flt_error *err)
{
	enum flt_status status = FLT_ERR_MACHINE;
	uint8_t *known = flt_alloc_zero(groups->n_groups, 1, err);
	uint8_t *marks = flt_alloc_zero(split->n_rows[FLT_TEST], 1, err);
	if (!known || !marks)
		goto out;
	for (int p = FLT_FIT; p <= FLT_VALIDATION; p++)
		for (size_t i = 0; i < split->n_rows[p]; i++)
			known[groups->of[split->rows[p][i]]] = 1;
	for (size_t i = 0; i < split->n_rows[FLT_TEST]; i++) {
		marks[i] = known[groups->of[split->rows[FLT_TEST][i]]];
		split->n_identical_test += marks[i];
	}
	if (split->n_identical_test) {
		split->test_identical = marks;
		marks = NULL;
	}
	status = FLT_OK;
out:
	flt_free(known);
	flt_free(marks);
	return status;
}

enum flt_status flt_split_make(const struct flt_table *table, const struct flt_split_options *options,
                               struct flt_split *split, struct flt_error *err)
{
	*split = (struct flt_split){0};
	bool by_time = flt_table_role(table, FLT_TIME) != SIZE_MAX;
	if (by_time)
		split->method = FLT_SPLIT_TIME;
	else if (flt_table_role(table, FLT_GROUP) != SIZE_MAX)
		split->method = FLT_SPLIT_GROUP;
	enum flt_status status = check_options(options, err);
	if (status || (status = check_classes(table, options, err)))
		return status;

	struct flt_row_groups groups = {0};
	uint8_t *part = flt_alloc_zero(flt_table_n_rows(table), 1, err);
	if (!part)
		return FLT_ERR_MACHINE;
	if ((status = flt_row_groups_make(table, NULL, flt_table_n_rows(table), !by_time, options->n_threads, &groups,
	                                  err)))
		goto out;
	split->n_identical = groups.n_identical;
	status = by_time ? flt_split_by_time(table, options, part, err)
	                 : flt_split_by_groups(table, options, &groups, part, split, err);
	if (status || (status = list_rows(table, part, split, err)) ||
	    (status = check_parts(table, options, split, err)))
		goto out;
	if (by_time)
		status = mark_identical(&groups, split, err);
out:
	flt_row_groups_release(&groups);
	flt_free(part);
	if (status)
		flt_split_release(split);
	return status;
}

void flt_split_release(struct flt_split *split)
{
	for (int p = 0; p < FLT_N_ROW_ROLES; p++)
		flt_free(split->rows[p]);
	flt_free(split->test_identical);
	*split = (struct flt_split){0};
}

/* Numbers the keys of a and b together: a row of b is shared if its number is one that a has. */
static enum flt_status mark_shared(const struct flt_row_key *keys, size_t n_a, size_t n_b, uint8_t *marks,
                                   size_t *n_shared, struct flt_error *err)
{
	size_t n_distinct, n_seen = 0;
	size_t *id = flt_alloc(n_a + n_b, sizeof *id, err);
	if (!id)
		return FLT_ERR_MACHINE;
	enum flt_status status = flt_number_keys(keys, NULL, n_a + n_b, id, &n_distinct, err);
	if (status)
		goto out;
	for (size_t i = 0; i < n_a; i++)
		if (id[i] >= n_seen) /* numbered by first appearance: a has all numbers below n_seen */
			n_seen = id[i] + 1;
	for (size_t i = 0; i < n_b; i++) {
		bool shared = id[n_a + i] < n_seen;
		*n_shared += shared;
		if (marks)
			marks[i] = shared;
	}
out:
	flt_free(id);
	return status;
}

enum flt_status flt_split_shared_rows(const struct flt_table *a, const struct flt_table *b, unsigned n_threads,
                                      uint8_t *marks, size_t *n_shared, struct flt_error *err)
{
	size_t n_a = flt_table_n_rows(a), n_b = flt_table_n_rows(b), *columns, n_columns;
	*n_shared = 0;
	enum flt_status status = flt_key_columns(a, &columns, &n_columns, err);
	if (status)
		return status;
	struct flt_row_key *keys = flt_alloc(n_a + n_b, sizeof *keys, err);
	if (!keys) {
		status = FLT_ERR_MACHINE;
		goto out;
	}
	if ((status = flt_row_keys(a, columns, n_columns, a, n_threads, keys, err)) ||
	    (status = flt_row_keys(a, columns, n_columns, b, n_threads, keys + n_a, err)))
		goto out;
	if (n_columns)
		status = mark_shared(keys, n_a, n_b, marks, n_shared, err);
	else if (marks && n_b)
		memset(marks, 0, n_b);
out:
	flt_free(columns);
	flt_free(keys);
	return status;
}
