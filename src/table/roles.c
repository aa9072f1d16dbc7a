/* Which column is what: by the options that name columns, then by the rule that finds the target. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/text.h"
#include "table/contents.h"

/* Appends to a hint, cut where it is full. */
static size_t put(char hint[FLT_HINT_SIZE], size_t used, const char *before, const char *name, const char *after)
{
	struct flt_shown shown = flt_shown(name, strlen(name));
	int n = snprintf(hint + used, FLT_HINT_SIZE - used, "%s\"%s\"%s", before, shown.text, after);
	return n < 0 || used + (size_t)n >= FLT_HINT_SIZE ? FLT_HINT_SIZE - 1 : used + (size_t)n;
}

void flt_table_hint(const char *text, const char *const *names, size_t n, char hint[FLT_HINT_SIZE])
{
	enum { MOST_NAMES = 8, ROOM = 80 };
	const char *nearest = flt_nearest(text, names, n);
	hint[0] = '\0';
	if (nearest) {
		put(hint, 0, "; did you mean ", nearest, "?");
		return;
	}
	size_t used = 0, i;
	for (i = 0; i < n && i < MOST_NAMES && used + ROOM < FLT_HINT_SIZE; i++)
		used = put(hint, used, i == 0 ? "; there are " : ", ", names[i], "");
	if (i < n)
		snprintf(hint + used, FLT_HINT_SIZE - used, ", ...");
}

static enum flt_status fail_unknown(const struct flt_table *table, const char *name, const char *option,
                                    struct flt_error *err)
{
	char hint[FLT_HINT_SIZE];
	const char **names = flt_alloc(table->n_columns, sizeof *names, err);
	if (!names)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < table->n_columns; i++)
		names[i] = table->columns[i].name;
	flt_table_hint(name, names, table->n_columns, hint);
	flt_free(names);
	return flt_fail(err, FLT_ERR_USAGE, "%s: no column \"%s\" for %s%s", table->path,
	                flt_shown(name, strlen(name)).text, option, hint);
}

static enum flt_status find(const struct flt_table *table, const char *name, const char *option, size_t *column,
                            struct flt_error *err)
{
	*column = flt_table_find(table, name);
	return *column == SIZE_MAX ? fail_unknown(table, name, option, err) : FLT_OK;
}

static const char *reading_option(enum flt_reading reading)
{
	return reading == FLT_READ_TEXT ? "--categorical" : "--numeric";
}

/* Gives the named column a role; two options that want one column are at odds. */
static enum flt_status assign(struct flt_table *table, const char *name, enum flt_column_role role,
                              enum flt_reading reading, const char *option, struct flt_error *err)
{
	size_t i;
	enum flt_status status = find(table, name, option, &i, err);
	if (status != FLT_OK)
		return status;
	struct flt_table_column *column = &table->columns[i];
	if (column->role_option && column->role != role)
		return flt_fail(err, FLT_ERR_USAGE, "%s: %s and %s both name column \"%s\": it can be one thing only",
		                table->path, column->role_option, option, column->name);
	column->role = role;
	column->role_option = option;
	flt_column_init(&column->cells, reading);
	return FLT_OK;
}

static enum flt_status assign_list(struct flt_table *table, const char *list, enum flt_column_role role,
                                   enum flt_reading reading, const char *option, struct flt_error *err)
{
	struct flt_names names;
	enum flt_status status = flt_names_split(list, &names, err);
	for (size_t i = 0; status == FLT_OK && i < names.n; i++)
		status = assign(table, names.items[i], role, reading, option, err);
	flt_names_release(&names);
	return status;
}

/* --categorical and --numeric: how a feature is read. What is no feature is not touched. */
static enum flt_status read_list_as(struct flt_table *table, const char *list, enum flt_reading reading,
                                    struct flt_error *err)
{
	struct flt_names names;
	enum flt_status status = flt_names_split(list, &names, err);
	for (size_t i = 0; status == FLT_OK && i < names.n; i++) {
		size_t found;
		status = find(table, names.items[i], reading_option(reading), &found, err);
		if (status != FLT_OK || table->columns[found].role != FLT_FEATURE)
			continue;
		struct flt_column_cells *cells = &table->columns[found].cells;
		if (cells->reading != FLT_READ_FIND && cells->reading != reading)
			status =
			        flt_fail(err, FLT_ERR_USAGE,
			                 "%s: --categorical and --numeric both name column \"%s\": it can be one thing "
			                 "only",
			                 table->path, names.items[i]);
		flt_column_init(cells, reading);
	}
	flt_names_release(&names);
	return status;
}

static bool is_target_name(const char *name)
{
	static const char *const names[] = {"class", "label", "target", "y"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

/* The last column that is called like a target, else the last one; only of those that have no other role. */
static enum flt_status find_target(struct flt_table *table, struct flt_error *err)
{
	size_t last = SIZE_MAX, named = SIZE_MAX;
	for (size_t i = 0; i < table->n_columns; i++) {
		if (table->columns[i].role != FLT_FEATURE)
			continue;
		last = i;
		if (is_target_name(table->columns[i].name))
			named = i;
	}
	if (last == SIZE_MAX)
		return flt_fail(err, FLT_ERR_DATA, "%s: no column is left for the target: drop fewer", table->path);
	table->notes.target_by_name = named != SIZE_MAX;
	struct flt_table_column *target = &table->columns[named != SIZE_MAX ? named : last];
	target->role = FLT_TARGET;
	flt_column_init(&target->cells, FLT_READ_TEXT);
	return FLT_OK;
}

static enum flt_status check_features(const struct flt_table *table, struct flt_error *err)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (table->columns[i].role == FLT_FEATURE)
			return FLT_OK;
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s: no column is left to learn from beside target \"%s\": look at the delimiter, or drop fewer",
	        table->path, table->columns[flt_table_role(table, FLT_TARGET)].name);
}

static enum flt_status assign_single(struct flt_table *table, const char *name, enum flt_column_role role,
                                     enum flt_reading reading, const char *option, struct flt_error *err)
{
	return name ? assign(table, name, role, reading, option, err) : FLT_OK;
}

enum flt_status flt_table_assign_roles(struct flt_table *table, const struct flt_table_options *options,
                                       struct flt_error *err)
{
	enum flt_status status = assign_single(table, options->target, FLT_TARGET, FLT_READ_TEXT, "--target", err);
	if (status == FLT_OK)
		status = assign_single(table, options->id, FLT_ID, FLT_READ_TEXT, "--id", err);
	if (status == FLT_OK)
		status = assign_single(table, options->time, FLT_TIME, FLT_READ_TIME, "--time", err);
	if (status == FLT_OK)
		status = assign_single(table, options->group, FLT_GROUP, FLT_READ_TEXT, "--group", err);
	if (status == FLT_OK)
		status = assign_list(table, options->drop, FLT_DROPPED, FLT_READ_NOTHING, "--drop", err);
	if (status == FLT_OK && !options->target)
		status = find_target(table, err);
	if (status == FLT_OK)
		status = read_list_as(table, options->categorical, FLT_READ_TEXT, err);
	if (status == FLT_OK)
		status = read_list_as(table, options->numeric, FLT_READ_NUMBERS_OR_MISSING, err);
	table->notes.target_given = options->target != NULL;
	table->target = flt_table_role(table, FLT_TARGET);
	table->id = flt_table_role(table, FLT_ID);
	return status == FLT_OK ? check_features(table, err) : status;
}
