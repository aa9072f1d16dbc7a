#include "table/same_columns.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

static size_t find_in_file(const struct flt_dictionary *names, const char *name)
{
	int32_t code = flt_dictionary_find(names, name, strlen(name));
	return code < 0 ? SIZE_MAX : (size_t)code;
}

static enum flt_status fail_no_name(const struct flt_table *table, const struct flt_csv *csv, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: no column has a name that one of %s has: files of one table have the same columns, and a "
	                "header each",
	                flt_csv_name(csv), table->path);
}

enum { VALUE_SIZE = 1024 };

/* `leave it out with --drop X`: X names what is dropped so far, too. Without X if it cannot be typed. */
static enum flt_status advise_drop(const struct flt_table *table, const char *name, char advice[VALUE_SIZE],
                                   struct flt_error *err)
{
	static const char words[] = "leave it out with --drop";
	const size_t length = sizeof words; /* and the blank */
	size_t n = 0;
	const char **items = flt_alloc(table->n_columns + 1, sizeof *items, err);
	FLT_TRY_MEMORY(items);
	for (size_t i = 0; i < table->n_columns; i++)
		if (table->columns[i].role == FLT_DROPPED && !table->columns[i].is_own)
			items[n++] = table->columns[i].name;
	items[n++] = name;
	snprintf(advice, VALUE_SIZE, "%s ", words);
	if (!flt_option_value(items, n, advice + length, VALUE_SIZE - length))
		advice[length - 1] = '\0';
	flt_free(items);
	return FLT_OK;
}

/* Without its target, time, group or id, a table is another one: only a feature can be left out. */
static enum flt_status fail_missing(const struct flt_table *table, const struct flt_csv *csv,
                                    const struct flt_table_column *column, struct flt_error *err)
{
	char advice[VALUE_SIZE] = "";
	if (column->role == FLT_FEATURE)
		FLT_TRY(advise_drop(table, column->name, advice, err));
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: column \"%s\" of %s is missing: files of one table have the same columns; add it%s%s",
	                flt_csv_name(csv), flt_shown(column->name, strlen(column->name)).text, table->path,
	                advice[0] ? ", or " : "", advice);
}

static enum flt_status fail_extra(const struct flt_table *table, const struct flt_csv *csv, const char *name,
                                  struct flt_error *err)
{
	char advice[VALUE_SIZE];
	FLT_TRY(advise_drop(table, name, advice, err));
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: column \"%s\" is not in %s: files of one table have the same columns; remove it, or give "
	                "%s first and %s",
	                flt_csv_name(csv), flt_shown(name, strlen(name)).text, table->path, flt_csv_name(csv), advice);
}

static enum flt_status find_by_place(const struct flt_table *table, const struct flt_csv *csv, size_t *columns,
                                     struct flt_error *err)
{
	size_t n = flt_csv_n_columns(csv);
	if (n != table->n_columns)
		return flt_fail(err, FLT_ERR_DATA, "%s: %zu column%s, but %s has %zu: give files with the same columns",
		                flt_csv_name(csv), n, n == 1 ? "" : "s", table->path, table->n_columns);
	for (size_t i = 0; i < n; i++)
		columns[i] = i;
	return FLT_OK;
}

/* Fails for the first column of the file that the table lacks; columns (n_columns) are those of the file that it has.
 */
static enum flt_status refuse_extra(const struct flt_table *table, const struct flt_csv *csv, const size_t *columns,
                                    struct flt_error *err)
{
	size_t i = 0, n = flt_csv_n_columns(csv);
	bool *is_known = flt_alloc_zero(n, sizeof *is_known, err);
	FLT_TRY_MEMORY(is_known);
	for (size_t k = 0; k < table->n_columns; k++)
		if (columns[k] != SIZE_MAX)
			is_known[columns[k]] = true;
	while (i < n && is_known[i])
		i++;
	flt_free(is_known);
	return i < n ? fail_extra(table, csv, flt_csv_column_name(csv, i), err) : FLT_OK;
}

enum flt_status flt_table_find_same_columns(const struct flt_table *table, const struct flt_csv *csv,
                                            const struct flt_dictionary *names, size_t *columns, struct flt_error *err)
{
	size_t n_found = 0;
	if (!flt_csv_has_header(csv))
		return find_by_place(table, csv, columns, err);
	for (size_t i = 0; i < table->n_columns; i++) {
		columns[i] = find_in_file(names, table->columns[i].name);
		n_found += columns[i] != SIZE_MAX;
	}
	if (n_found == 0)
		return fail_no_name(table, csv, err);
	for (size_t i = 0; i < table->n_columns; i++)
		if (columns[i] == SIZE_MAX && table->columns[i].role != FLT_DROPPED)
			return fail_missing(table, csv, &table->columns[i], err);
	return refuse_extra(table, csv, columns, err);
}
