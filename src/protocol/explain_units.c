#include "protocol/explain_units.h"

#include <string.h>

#include "base/alloc.h"
#include "table/hint.h"

static const char *name_in_file(const struct flt_prep_column *column)
{
	return column->source ? column->source : column->name;
}

static bool is_read(const struct flt_prep_column *column)
{
	return column->use == FLT_USED_NUMERIC || column->use == FLT_USED_CATEGORICAL;
}

/* Whether a preparation makes anything of the column. */
static bool gives_inputs(const struct flt_prep *prep, size_t c)
{
	struct flt_prep_column column = flt_prep_column(prep, c);
	return is_read(&column) && !column.is_passed_over;
}

/* Whether some network has inputs from the column. */
static bool is_in_use(const struct flt_detector *detector, size_t c)
{
	for (size_t i = 0; i < detector->n_members; i++)
		if (gives_inputs(flt_detector_prep_of(detector, i), c))
			return true;
	return false;
}

/* ---- groups ---- */

struct grouping {
	const struct flt_detector *detector;
	const char **names; /* (n_names) columns of the file that are read */
	bool *is_used;      /* (n_names) by a network */
	size_t *group_of;   /* (n_names) from 0; SIZE_MAX: none */
	size_t n_names;
	size_t *name_of; /* (columns of the preparation) the name of each that is read, else SIZE_MAX */
};

static size_t find_name(const struct grouping *grouping, const char *name)
{
	size_t i = 0;
	while (i < grouping->n_names && strcmp(grouping->names[i], name) != 0)
		i++;
	return i;
}

static enum flt_status list_names(struct grouping *grouping, struct flt_error *err)
{
	const struct flt_prep *prep = grouping->detector->prep;
	size_t n = flt_prep_n_columns(prep);
	grouping->names = flt_alloc(n, sizeof *grouping->names, err);
	grouping->is_used = flt_alloc_zero(n, sizeof *grouping->is_used, err);
	grouping->group_of = flt_alloc(n, sizeof *grouping->group_of, err);
	grouping->name_of = flt_alloc(n, sizeof *grouping->name_of, err);
	FLT_TRY_MEMORY(grouping->names && grouping->is_used && grouping->group_of && grouping->name_of);
	for (size_t c = 0; c < n; c++) {
		struct flt_prep_column column = flt_prep_column(prep, c);
		grouping->name_of[c] = SIZE_MAX;
		if (!is_read(&column))
			continue;
		size_t i = column.source ? find_name(grouping, column.source) : grouping->n_names;
		if (i == grouping->n_names) {
			grouping->names[i] = name_in_file(&column);
			grouping->group_of[i] = SIZE_MAX;
			grouping->n_names++;
		}
		grouping->name_of[c] = i;
		grouping->is_used[i] = grouping->is_used[i] || is_in_use(grouping->detector, c);
	}
	return FLT_OK;
}

static void grouping_release(struct grouping *grouping)
{
	flt_free(grouping->names);
	flt_free(grouping->is_used);
	flt_free(grouping->group_of);
	flt_free(grouping->name_of);
}

static struct flt_shown show(const char *text)
{
	return flt_shown(text, strlen(text));
}

static enum flt_status group_name(struct grouping *grouping, const char *name, size_t group, struct flt_error *err)
{
	char hint[FLT_HINT_SIZE];
	size_t i = find_name(grouping, name);
	if (i == grouping->n_names) {
		flt_table_hint(name, grouping->names, grouping->n_names, hint);
		return flt_fail(err, FLT_ERR_USAGE, "--group-columns: the model uses no column \"%s\"%s",
		                show(name).text, hint);
	}
	if (!grouping->is_used[i])
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "--group-columns: no network of the model uses column \"%s\", so that it changes nothing; "
		        "leave it out",
		        show(name).text);
	if (grouping->group_of[i] != SIZE_MAX)
		return flt_fail(err, FLT_ERR_USAGE, "--group-columns: column \"%s\" is named twice; name it once",
		                show(name).text);
	grouping->group_of[i] = group;
	return FLT_OK;
}

static enum flt_status make_group(struct grouping *grouping, const char *list, size_t group, struct flt_error *err)
{
	struct flt_names names = {0};
	enum flt_status status;
	FLT_TRY_OUT(flt_names_split(list, &names, err));
	if (names.n < 2)
		FLT_TRY_OUT(flt_fail(err, FLT_ERR_USAGE,
		                     "--group-columns %s: a group has two columns or more, separated by commas; name "
		                     "another",
		                     show(list).text));
	for (size_t i = 0; i < names.n; i++)
		FLT_TRY_OUT(group_name(grouping, names.items[i], group, err));
out:
	flt_names_release(&names);
	return status;
}

/* ---- units ---- */

/* The unit of each name (n_names), SIZE_MAX where no network uses it; counts the units and their names. */
static void number_units(struct flt_explain_units *units, const struct grouping *grouping, size_t *unit_of_group,
                         size_t *unit_of)
{
	for (size_t i = 0; i < grouping->n_names; i++) {
		size_t group = grouping->group_of[i];
		unit_of[i] = SIZE_MAX;
		if (!grouping->is_used[i]) {
			units->idle[units->n_idle++] = grouping->names[i];
			continue;
		}
		unit_of[i] = group != SIZE_MAX ? unit_of_group[group] : SIZE_MAX;
		if (unit_of[i] == SIZE_MAX)
			unit_of[i] = units->n++;
		if (group != SIZE_MAX)
			unit_of_group[group] = unit_of[i];
		units->units[unit_of[i]].n_names++;
	}
}

static enum flt_status fill_units(struct flt_explain_units *units, const struct grouping *grouping,
                                  const size_t *unit_of, struct flt_error *err)
{
	size_t n_columns = flt_prep_n_columns(grouping->detector->prep);
	for (size_t c = 0; c < n_columns; c++)
		if (grouping->name_of[c] != SIZE_MAX && unit_of[grouping->name_of[c]] != SIZE_MAX)
			units->units[unit_of[grouping->name_of[c]]].n_columns++;
	for (size_t u = 0; u < units->n; u++) {
		struct flt_explain_unit *unit = &units->units[u];
		unit->names = flt_alloc(unit->n_names, sizeof *unit->names, err);
		FLT_TRY_MEMORY(unit->names);
		unit->columns = flt_alloc(unit->n_columns, sizeof *unit->columns, err);
		FLT_TRY_MEMORY(unit->columns);
		unit->n_names = unit->n_columns = 0;
	}
	for (size_t i = 0; i < grouping->n_names; i++) {
		struct flt_explain_unit *unit = unit_of[i] != SIZE_MAX ? &units->units[unit_of[i]] : NULL;
		if (unit)
			unit->names[unit->n_names++] = grouping->names[i];
	}
	for (size_t c = 0; c < n_columns; c++) {
		size_t u = grouping->name_of[c] != SIZE_MAX ? unit_of[grouping->name_of[c]] : SIZE_MAX;
		if (u != SIZE_MAX)
			units->units[u].columns[units->units[u].n_columns++] = c;
	}
	return FLT_OK;
}

enum flt_status flt_explain_units_make(struct flt_explain_units *units, const struct flt_detector *detector,
                                       const char *const *groups, size_t n_groups, struct flt_error *err)
{
	struct grouping grouping = {.detector = detector};
	size_t *unit_of = NULL, *unit_of_group = NULL;
	enum flt_status status;
	*units = (struct flt_explain_units){0};
	FLT_TRY_OUT(list_names(&grouping, err));
	for (size_t g = 0; g < n_groups; g++)
		FLT_TRY_OUT(make_group(&grouping, groups[g], g, err));
	units->units = flt_alloc_zero(grouping.n_names, sizeof *units->units, err);
	units->idle = flt_alloc(grouping.n_names, sizeof *units->idle, err);
	unit_of = flt_alloc(grouping.n_names, sizeof *unit_of, err);
	unit_of_group = flt_alloc(n_groups, sizeof *unit_of_group, err);
	FLT_TRY_MEMORY_OUT(units->units && units->idle && unit_of && unit_of_group);
	for (size_t g = 0; g < n_groups; g++)
		unit_of_group[g] = SIZE_MAX;
	number_units(units, &grouping, unit_of_group, unit_of);
	status = fill_units(units, &grouping, unit_of, err);
out:
	flt_free(unit_of);
	flt_free(unit_of_group);
	grouping_release(&grouping);
	return status;
}

void flt_explain_units_release(struct flt_explain_units *units)
{
	for (size_t u = 0; u < units->n; u++) {
		flt_free(units->units[u].names);
		flt_free(units->units[u].columns);
	}
	flt_free(units->units);
	flt_free(units->idle);
	*units = (struct flt_explain_units){0};
}

size_t flt_explain_n_units(const struct flt_detector *detector)
{
	size_t n = 0;
	for (size_t c = 0; c < flt_prep_n_columns(detector->prep); c++)
		n += is_in_use(detector, c);
	return n;
}
