#include "table/target_guess.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* ---- names ---- */

static bool has_x(const struct flt_table *table)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (strcasecmp(table->columns[i].name, "x") == 0)
			return true;
	return false;
}

static bool is_target_name(const struct flt_table *table, const char *name)
{
	static const char *const names[] = {"class", "label", "target"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return strcasecmp(name, "y") == 0 && !has_x(table);
}

static bool contains(const char *name, const char *word)
{
	size_t length = strlen(word);
	for (; *name; name++)
		if (strncasecmp(name, word, length) == 0)
			return true;
	return false;
}

/* Whether a column's name hints at an outcome. Words that public tables with a rare class use for theirs. */
static bool is_outcome_name(const char *name)
{
	static const char *const words[] = {"class",   "label",  "target",  "fraud",  "churn",  "default", "surviv",
	                                    "outcome", "fault",  "fail",    "delinq", "dlq",    "defect",  "anomal",
	                                    "attack",  "cancel", "respons", "exited", "attrit", "diagnos"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (contains(name, words[i]))
			return true;
	return false;
}

/* ---- the guess ---- */

static bool may_be_target(const struct flt_table_column *column)
{
	return column->role == FLT_FEATURE || (column->role == FLT_DROPPED && !column->is_own);
}

enum flt_status flt_table_guess_target(struct flt_table *table, struct flt_error *err)
{
	size_t last = SIZE_MAX, named = SIZE_MAX;
	for (size_t i = 0; i < table->n_columns; i++) {
		if (!may_be_target(&table->columns[i]))
			continue;
		last = i;
		if (is_target_name(table, table->columns[i].name))
			named = i;
	}
	if (last == SIZE_MAX)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s: no column is left for the target: name it with --target, or name fewer in other "
		                "options",
		                table->path);
	table->notes.target_by_name = named != SIZE_MAX;
	struct flt_table_column *target = &table->columns[named != SIZE_MAX ? named : last];
	if (target->role == FLT_DROPPED)
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "%s: --drop names \"%s\", which would be the target (%s): name the target with --target",
		        table->path, flt_shown(target->name, strlen(target->name)).text,
		        named != SIZE_MAX ? "by its name" : "the last column");
	target->role = FLT_TARGET;
	table->target = named != SIZE_MAX ? named : last;
	flt_column_init(&target->cells, FLT_READ_VERBATIM);
	return FLT_OK;
}

/* ---- other columns that could be the target ---- */

static bool has_two_numbers(const double *numbers, size_t n)
{
	double first = NAN, second = NAN;
	for (size_t i = 0; i < n; i++) {
		double number = numbers[i];
		if (isnan(number) || number == first || number == second)
			continue;
		if (!isnan(second))
			return false;
		*(isnan(first) ? &first : &second) = number;
	}
	return !isnan(second);
}

/* Whether the rows so far allow a column to be the target. A few say nothing: then its name alone counts. */
static bool may_have_two_values(const struct flt_table_column *column, bool by_name)
{
	enum { FEW_ROWS = 10 };
	const struct flt_column_cells *cells = &column->cells;
	if (cells->n_rows < FEW_ROWS)
		return by_name;
	return cells->numbers ? has_two_numbers(cells->numbers, cells->n_rows) : cells->levels.n == 2;
}

/* The next column from i on that looks like a target, by its values and, with by_name, its name; n_columns: none. */
static size_t next_candidate(const struct flt_table *table, size_t i, bool by_name)
{
	for (; i < table->n_columns; i++) {
		const struct flt_table_column *column = &table->columns[i];
		bool fits = column->role == FLT_FEATURE && (!by_name || is_outcome_name(column->name));
		if (fits && may_have_two_values(column, by_name))
			return i;
	}
	return i;
}

/* ` (did you mean "a" or "b"?)`, or nothing */
static void list_candidates(const struct flt_table *table, char *text, size_t size)
{
	enum { MOST = 3 };
	size_t n = 0, used = 0;
	bool by_name = next_candidate(table, 0, true) < table->n_columns;
	text[0] = '\0';
	for (size_t i = 0; n < MOST && (i = next_candidate(table, i, by_name)) < table->n_columns; i++, n++) {
		struct flt_shown name = flt_shown(table->columns[i].name, strlen(table->columns[i].name));
		used += (size_t)snprintf(text + used, size - used, "%s\"%s\"", n == 0 ? " (did you mean " : " or ",
		                         name.text);
	}
	if (n > 0)
		snprintf(text + used, size - used, "?)");
}

enum flt_status flt_table_remark_on_guess(struct flt_table *table, struct flt_error *err)
{
	enum { MOST = 3 };
	if (table->notes.target_given)
		return FLT_OK;
	for (size_t i = 0, n = 0; i < table->n_columns && n < MOST; i++) {
		const char *name = table->columns[i].name;
		bool is_other = table->columns[i].role == FLT_FEATURE && is_outcome_name(name);
		if (!is_other || !(is_target_name(table, name) || may_have_two_values(&table->columns[i], true)))
			continue;
		n++;
		FLT_TRY(flt_table_add_remark(table, err, "\"%s\" may be the target, too: --target \"%s\" takes it",
		                             flt_shown(name, strlen(name)).text, flt_shown(name, strlen(name)).text));
	}
	return FLT_OK;
}

/* ---- messages ---- */

struct flt_guess_text flt_table_guess_text(const struct flt_table *table)
{
	struct flt_guess_text text = {.remedy = ""};
	const char *name = table->columns[table->target].name;
	struct flt_shown shown = flt_shown(name, strlen(name));
	if (table->notes.target_given) {
		snprintf(text.subject, sizeof text.subject, "target \"%s\"", shown.text);
		return text;
	}
	if (table->notes.target_by_name)
		snprintf(text.subject, sizeof text.subject, "the target is taken to be \"%s\", by its name",
		         shown.text);
	else
		snprintf(text.subject, sizeof text.subject, "the target is taken to be the last column%s, \"%s\"",
		         table->target + 1 == table->n_columns ? "" : " that can be one", shown.text);
	char candidates[FLT_GUESS_SIZE - 64];
	list_candidates(table, candidates, sizeof candidates);
	snprintf(text.remedy, sizeof text.remedy, "name the target with --target%s, or ", candidates);
	return text;
}

enum flt_status flt_table_blame_guess(const struct flt_table *table, enum flt_status status, struct flt_error *err)
{
	size_t n_path = strlen(table->path);
	if (status != FLT_ERR_DATA || table->notes.target_given || !err ||
	    strncmp(err->text, table->path, n_path) != 0 || err->text[n_path] != ':')
		return status;
	struct flt_error why = *err;
	struct flt_guess_text guess = flt_table_guess_text(table);
	return flt_fail(err, status, "%s: %s: %sif it is right:%s", table->path, guess.subject, guess.remedy,
	                why.text + n_path + 1);
}
