#include "table/roles.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "table/hint.h"
#include "table/own_columns.h"
#include "table/target_guess.h"

static enum flt_status fail_unknown(const struct flt_table *table, const char *name, const char *option,
                                    struct flt_error *err)
{
	char hint[FLT_HINT_SIZE];
	const char **names = flt_alloc(table->n_columns, sizeof *names, err);
	FLT_TRY_MEMORY(names);
	for (size_t i = 0; i < table->n_columns; i++)
		names[i] = table->columns[i].name;
	flt_table_hint(name, names, table->n_columns, hint);
	flt_free(names);
	return flt_fail(err, FLT_ERR_USAGE, "%s: no column \"%s\" for %s%s", table->path,
	                flt_shown(name, strlen(name)).text, option, hint);
}

/* A table that gets its roles, and the dictionary of its names, whose codes are columns. */
struct casting {
	struct flt_table *table;
	const struct flt_dictionary *names;
};

static enum flt_status find(const struct casting *casting, const char *name, const char *option, size_t *column,
                            struct flt_error *err)
{
	int32_t code = flt_dictionary_find(casting->names, name, strlen(name));
	*column = (size_t)code;
	return code < 0 ? fail_unknown(casting->table, name, option, err) : FLT_OK;
}

/* Gives the named column a role. It is an error if two options name one column, but for --time and --date. */
static enum flt_status assign(const struct casting *casting, const char *name, enum flt_column_role role,
                              enum flt_reading reading, const char *option, struct flt_error *err)
{
	size_t i;
	struct flt_table *table = casting->table;
	FLT_TRY(find(casting, name, option, &i, err));
	struct flt_table_column *column = &table->columns[i];
	if (role == FLT_DATE && column->role == FLT_TIME) {
		column->gives_parts = true;
		flt_column_init(&column->cells, reading);
		return FLT_OK;
	}
	if (column->role_option && column->role != role)
		return flt_fail(err, FLT_ERR_USAGE, "%s: %s and %s both name column \"%s\": it can be one thing only",
		                table->path, column->role_option, option, column->name);
	column->role = role;
	column->role_option = option;
	column->gives_parts = role == FLT_DATE;
	flt_column_init(&column->cells, reading);
	return FLT_OK;
}

static enum flt_status assign_list(const struct casting *casting, const char *list, enum flt_column_role role,
                                   enum flt_reading reading, const char *option, struct flt_error *err)
{
	struct flt_names names = {0};
	enum flt_status status;
	FLT_TRY_OUT(flt_names_split(list, &names, err));
	for (size_t i = 0; i < names.n; i++)
		FLT_TRY_OUT(assign(casting, names.items[i], role, reading, option, err));
out:
	flt_names_release(&names);
	return status;
}

/* An option that names a column of fltrain's own output makes it a feature again. */
static void use_own(struct flt_table_column *column)
{
	if (!column->is_own || column->role_option)
		return;
	column->is_own = false;
	column->role = FLT_FEATURE;
	flt_column_init(&column->cells, FLT_READ_FIND);
}

/* --categorical or --numeric for one column. Only features are affected, and of the others --numeric lets a time column
 * be ordered as plain numbers. */
static enum flt_status read_as(const struct casting *casting, const char *name, enum flt_reading reading,
                               const char *option, struct flt_error *err)
{
	size_t i;
	struct flt_table *table = casting->table;
	FLT_TRY(find(casting, name, option, &i, err));
	struct flt_column_cells *cells = &table->columns[i].cells;
	if (table->columns[i].gives_parts)
		return flt_fail(err, FLT_ERR_USAGE,
		                "%s: --date and %s both name column \"%s\": it can be one thing only", table->path,
		                option, name);
	if (table->columns[i].role == FLT_TIME && reading == FLT_READ_NUMBERS_OR_MISSING)
		flt_column_init(cells, reading);
	use_own(&table->columns[i]);
	if (table->columns[i].role != FLT_FEATURE)
		return FLT_OK;
	if (cells->state.reading != FLT_READ_FIND && cells->state.reading != reading)
		return flt_fail(err, FLT_ERR_USAGE,
		                "%s: --categorical and --numeric both name column \"%s\": it can be one thing only",
		                table->path, name);
	flt_column_init(cells, reading);
	table->columns[i].type_given = true;
	return FLT_OK;
}

static enum flt_status read_list_as(const struct casting *casting, const char *list, enum flt_reading reading,
                                    const char *option, struct flt_error *err)
{
	struct flt_names names = {0};
	enum flt_status status;
	FLT_TRY_OUT(flt_names_split(list, &names, err));
	for (size_t i = 0; i < names.n; i++)
		FLT_TRY_OUT(read_as(casting, names.items[i], reading, option, err));
out:
	flt_names_release(&names);
	return status;
}

static enum flt_status check_features(const struct flt_table *table, struct flt_error *err)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (table->columns[i].role == FLT_FEATURE || table->columns[i].gives_parts)
			return FLT_OK;
	struct flt_guess_text guess = flt_table_guess_text(table);
	return flt_fail(err, FLT_ERR_DATA, "%s: %s, and no column is left to learn from: %s%s", table->path,
	                guess.subject, table->n_columns > 1 ? guess.remedy : "",
	                table->n_columns > 1 ? "leave out fewer columns"
	                                     : "look at the delimiter, and name it with --delimiter");
}

/* Tells the columns of dates in which order day and month stand, if an option says so. */
static void set_date_order(struct flt_table *table, enum flt_date_order order)
{
	for (size_t i = 0; i < table->n_columns; i++)
		table->columns[i].cells.state.dates.format.order = order;
}

static enum flt_status assign_single(const struct casting *casting, const char *name, enum flt_column_role role,
                                     enum flt_reading reading, const char *option, struct flt_error *err)
{
	return name ? assign(casting, name, role, reading, option, err) : FLT_OK;
}

enum flt_status flt_table_assign_roles(struct flt_table *table, const struct flt_table_options *options,
                                       const struct flt_dictionary *names, struct flt_error *err)
{
	const struct casting casting = {table, names};
	FLT_TRY(assign_single(&casting, options->target, FLT_TARGET, FLT_READ_VERBATIM, "--target", err));
	FLT_TRY(assign_single(&casting, options->id, FLT_ID, FLT_READ_VERBATIM, "--id", err));
	FLT_TRY(assign_single(&casting, options->time, FLT_TIME, FLT_READ_TIME, "--time", err));
	FLT_TRY(assign_single(&casting, options->group, FLT_GROUP, FLT_READ_TEXT, "--group", err));
	FLT_TRY(assign_single(&casting, options->weight, FLT_WEIGHT, FLT_READ_FIND, "--weight", err));
	if (options->date)
		FLT_TRY(assign_list(&casting, options->date, FLT_DATE, FLT_READ_DATES, "--date", err));
	FLT_TRY(assign_list(&casting, options->drop, FLT_DROPPED, FLT_READ_NOTHING, "--drop", err));
	FLT_TRY(flt_table_leave_out_own(table, err));
	table->notes.target_given = options->target != NULL;
	if (!options->target)
		FLT_TRY(flt_table_guess_target(table, err));
	FLT_TRY(read_list_as(&casting, options->categorical, FLT_READ_TEXT, "--categorical", err));
	FLT_TRY(read_list_as(&casting, options->numeric, FLT_READ_NUMBERS_OR_MISSING, "--numeric", err));
	set_date_order(table, options->date_order);
	table->time = flt_table_role(table, FLT_TIME);
	table->target = flt_table_role(table, FLT_TARGET);
	table->id = flt_table_role(table, FLT_ID);
	table->weight = flt_table_role(table, FLT_WEIGHT);
	return check_features(table, err);
}
