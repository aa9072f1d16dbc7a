#include "table/own_columns.h"

#include <stdio.h>
#include <string.h>

#include "table/contents.h"

static const char *const names[FLT_N_OWN_COLUMNS] = {
        [FLT_OWN_PROBABILITY] = "probability", [FLT_OWN_LABEL] = "label", [FLT_OWN_SCORE] = "score"};
static const char prefix[] = "fltrain_";

void flt_own_column_name(enum flt_own_column which, size_t scoring, char name[FLT_OWN_NAME_SIZE])
{
	if (scoring < 2)
		snprintf(name, FLT_OWN_NAME_SIZE, "%s%s", scoring == 1 ? prefix : "", names[which]);
	else
		snprintf(name, FLT_OWN_NAME_SIZE, "%s%s_%zu", prefix, names[which], scoring);
}

/* Which one a column of any scoring is; FLT_N_OWN_COLUMNS: none. */
static enum flt_own_column find_own(const char *name)
{
	bool has_prefix = strncmp(name, prefix, sizeof prefix - 1) == 0;
	const char *base = has_prefix ? name + sizeof prefix - 1 : name;
	for (enum flt_own_column which = 0; which < FLT_N_OWN_COLUMNS; which++) {
		size_t length = strlen(names[which]);
		if (strncmp(base, names[which], length) != 0)
			continue;
		const char *number = base + length;
		bool is_numbered =
		        has_prefix && number[0] == '_' && number[1] && !number[1 + strspn(number + 1, "0123456789")];
		if (!*number || is_numbered)
			return which;
	}
	return FLT_N_OWN_COLUMNS;
}

/* Whether the three columns from first on are the three that fltrain writes, in any order: earlier versions had
 * another. */
static bool is_scoring(const struct flt_table *table, size_t first)
{
	bool met[FLT_N_OWN_COLUMNS + 1] = {false};
	for (size_t i = first; i < first + FLT_N_OWN_COLUMNS; i++)
		met[find_own(table->columns[i].name)] = true;
	return met[FLT_OWN_PROBABILITY] && met[FLT_OWN_LABEL] && met[FLT_OWN_SCORE];
}

/* 1 if no option has decided on the column yet, else 0. */
static size_t leave_out(struct flt_table_column *column)
{
	column->is_own = column->role == FLT_FEATURE || column->role == FLT_DROPPED;
	if (column->role != FLT_FEATURE)
		return 0;
	column->role = FLT_DROPPED;
	flt_column_init(&column->cells, FLT_READ_NOTHING);
	return 1;
}

/* The numbers that --predictions puts before the predictions. */
static size_t leave_out_numbers(struct flt_table *table)
{
	size_t row = flt_table_find(table, "row"), repeat = flt_table_find(table, "repeat"),
	       fold = flt_table_find(table, "fold"), n = 0;
	if (row != SIZE_MAX)
		n += leave_out(&table->columns[row]);
	if (row != SIZE_MAX && repeat != SIZE_MAX && fold != SIZE_MAX)
		n += leave_out(&table->columns[repeat]) + leave_out(&table->columns[fold]);
	return n;
}

/* `"row", "probability", "label" and 3 more`: the n columns that were left out */
static enum flt_status list_own(const struct flt_table *table, size_t n, struct flt_text_buffer *list,
                                struct flt_error *err)
{
	enum { MOST = 4 };
	size_t n_listed = 0;
	for (size_t i = 0; i < table->n_columns && n_listed < MOST; i++)
		if (table->columns[i].is_own && !table->columns[i].role_option)
			FLT_TRY(flt_text_buffer_print(
			        list, err, "%s\"%s\"", n_listed++ > 0 ? ", " : "",
			        flt_shown(table->columns[i].name, strlen(table->columns[i].name)).text));
	return n > n_listed ? flt_text_buffer_print(list, err, " and %zu more", n - n_listed) : FLT_OK;
}

enum flt_status flt_table_leave_out_own(struct flt_table *table, struct flt_error *err)
{
	size_t n = 0;
	bool any = false;
	for (size_t i = 0; i + FLT_N_OWN_COLUMNS <= table->n_columns; i++) {
		if (!is_scoring(table, i))
			continue;
		any = true;
		for (size_t own = i; own < i + FLT_N_OWN_COLUMNS; own++)
			n += leave_out(&table->columns[own]);
		i += FLT_N_OWN_COLUMNS - 1;
	}
	if (any)
		n += leave_out_numbers(table);
	if (n == 0)
		return FLT_OK;
	struct flt_text_buffer list = {0};
	enum flt_status status;
	FLT_TRY_OUT(list_own(table, n, &list, err));
	FLT_TRY_OUT(flt_table_add_remark(table, err, "%s left out: fltrain's own output", list.bytes));
out:
	flt_text_buffer_release(&list);
	return status;
}
