#include "table/own_columns.h"

#include <stdio.h>
#include <string.h>

#include "table/contents.h"

static const char *const names[FLT_N_OWN_COLUMNS] = {
        [FLT_OWN_PROBABILITY] = "probability", [FLT_OWN_LABEL] = "label", [FLT_OWN_SCORE] = "score"};
static const char prefix[] = "fltrain_", error_name[] = "error";

static const char *const reason_names[FLT_N_OWN_REASONS] = {
        [FLT_OWN_REASON] = "reason", [FLT_OWN_VALUE] = "value", [FLT_OWN_LOG_ODDS] = "log_odds", [FLT_OWN_WHY] = "why"};

static void name_of_scoring(const char *base, size_t scoring, char name[FLT_OWN_NAME_SIZE])
{
	if (scoring < 2)
		snprintf(name, FLT_OWN_NAME_SIZE, "%s%s", scoring == 1 ? prefix : "", base);
	else
		snprintf(name, FLT_OWN_NAME_SIZE, "%s%s_%zu", prefix, base, scoring);
}

void flt_own_column_name(enum flt_own_column which, size_t scoring, char name[FLT_OWN_NAME_SIZE])
{
	name_of_scoring(names[which], scoring, name);
}

void flt_own_reason_name(enum flt_own_reason which, size_t rank, size_t scoring, char name[FLT_OWN_NAME_SIZE])
{
	char base[FLT_OWN_NAME_SIZE / 2];
	if (which == FLT_OWN_WHY)
		snprintf(base, sizeof base, "%s", reason_names[which]);
	else
		snprintf(base, sizeof base, "%s_%zu", reason_names[which], rank % 1000);
	name_of_scoring(base, scoring, name);
}

void flt_own_error_name(size_t scoring, char name[FLT_OWN_NAME_SIZE])
{
	name_of_scoring(error_name, scoring, name);
}

/* Whether a column has the name `wanted` in any scoring. */
static bool is_called(const char *name, const char *wanted)
{
	bool has_prefix = strncmp(name, prefix, sizeof prefix - 1) == 0;
	const char *base = has_prefix ? name + sizeof prefix - 1 : name;
	size_t length = strlen(wanted);
	if (strncmp(base, wanted, length) != 0)
		return false;
	const char *number = base + length;
	return !*number ||
	       (has_prefix && number[0] == '_' && number[1] && !number[1 + strspn(number + 1, "0123456789")]);
}

/* Which one a column of any scoring is; FLT_N_OWN_COLUMNS: none. */
static enum flt_own_column find_own(const char *name)
{
	enum flt_own_column which = 0;
	while (which < FLT_N_OWN_COLUMNS && !is_called(name, names[which]))
		which++;
	return which;
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

/* The number of columns from first on that explain rows: as many as have the names, in this order. */
static size_t n_reasons(const struct flt_table *table, size_t first)
{
	size_t n = 0;
	for (size_t i = first; i < table->n_columns; i++, n++) {
		const char *name = table->columns[i].name;
		bool has_prefix = strncmp(name, prefix, sizeof prefix - 1) == 0;
		char wanted[FLT_OWN_NAME_SIZE], why[FLT_OWN_NAME_SIZE];
		flt_own_reason_name((enum flt_own_reason)(n % FLT_OWN_WHY), n / FLT_OWN_WHY + 1, has_prefix, wanted);
		flt_own_reason_name(FLT_OWN_WHY, 0, has_prefix, why);
		bool is_why = n > 0 && strncmp(name, why, strlen(why)) == 0;
		bool is_next = strncmp(name, wanted, strlen(wanted)) == 0;
		const char *rest = name + strlen(is_why ? why : wanted) * (is_why || is_next);
		bool is_numbered = has_prefix && rest[0] == '_' && rest[1] && !rest[1 + strspn(rest + 1, "0123456789")];
		if (!(is_why || is_next) || (*rest && !is_numbered))
			return 0;
		if (is_why)
			return n + 1;
	}
	return 0;
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
		size_t end = i + FLT_N_OWN_COLUMNS;
		end += n_reasons(table, end);
		end += end < table->n_columns && is_called(table->columns[end].name, error_name);
		for (size_t own = i; own < end; own++)
			n += leave_out(&table->columns[own]);
		i = end - 1;
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
