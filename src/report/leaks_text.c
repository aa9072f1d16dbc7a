/* Warnings before training: columns that alone tell the class, and an order of the rows that does. */
#include "report/leaks_text.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/text.h"
#include "report/layout.h"
#include "report/report.h"

enum { MOST_WARNINGS = 5, VALUE_SIZE = 1024 };

/* The value of --drop that leaves out the column too. Empty if it cannot be typed. */
static enum flt_status drop_too(const char *name, const struct flt_names *dropped, char value[VALUE_SIZE],
                                struct flt_error *err)
{
	const char **items = flt_alloc(dropped->n + 1, sizeof *items, err);
	FLT_TRY_MEMORY(items);
	for (size_t i = 0; i < dropped->n; i++)
		items[i] = dropped->items[i];
	items[dropped->n] = name;
	if (!flt_option_value(items, dropped->n + 1, value, VALUE_SIZE))
		value[0] = '\0';
	flt_free(items);
	return FLT_OK;
}

static void show_telling(const struct flt_column *column, const struct flt_telling *telling, bool of_fit_rows,
                         struct flt_leak_text *shown)
{
	char cell[300], positive[48];
	if (telling->kind == FLT_TELLING_LEVEL)
		snprintf(cell, sizeof cell, "is %s", flt_quoted(column->levels[telling->level]).text);
	else if (telling->kind == FLT_TELLING_NUMBER)
		snprintf(cell, sizeof cell, "is %.15g", telling->number);
	else
		snprintf(cell, sizeof cell, "%s", telling->kind == FLT_TELLING_MISSING ? "is missing" : "has a value");
	if (telling->n_positive == telling->n_rows)
		snprintf(positive, sizeof positive, "all of them positive");
	else
		snprintf(positive, sizeof positive, "%zu of them positive", telling->n_positive);
	snprintf(shown->text, sizeof shown->text, "%s %s in %zu %srows, %s", flt_quoted(column->name).text, cell,
	         telling->n_rows, of_fit_rows ? "fit " : "", positive);
}

/* Of a rare class, a copy with a few mistakes shows in the ROC-AUC alone. */
static void show_strength(const struct flt_column *column, const struct flt_leak *leak, bool of_fit_rows,
                          struct flt_leak_text *shown)
{
	char auc[96] = "";
	if (leak->strength.ap.value < 0.95)
		snprintf(auc, sizeof auc, " and ROC-AUC %s", flt_shown_interval(&leak->strength.roc_auc, "").text);
	snprintf(shown->text, sizeof shown->text, "%s alone gives PR-AUC %s%s%s%s", flt_quoted(column->name).text,
	         flt_shown_interval(&leak->strength.ap, "").text, auc, of_fit_rows ? " on the fit rows" : "",
	         leak->by_missing ? ", by where it is missing" : "");
}

struct flt_leak_text flt_shown_leak(const struct flt_table *table, const struct flt_leak *leak, bool of_fit_rows)
{
	struct flt_leak_text shown;
	struct flt_column column = flt_table_column(table, leak->column);
	if (leak->is_partial)
		show_telling(&column, &leak->strength.telling, of_fit_rows, &shown);
	else
		show_strength(&column, leak, of_fit_rows, &shown);
	return shown;
}

/* A part of a date has no name of its own in an option: it stays out where the date is not asked for. */
static enum flt_status warn_of_column(FILE *out, struct flt_style style, const struct flt_table *table,
                                      const struct flt_leak *leak, const struct flt_names *dropped,
                                      struct flt_error *err)
{
	char value[VALUE_SIZE];
	struct flt_column column = flt_table_column(table, leak->column);
	FLT_TRY(drop_too(column.name, dropped, value, err));
	flt_say_warning(out, style, "%s: a leak? if it is known only after the class, ",
	                flt_shown_leak(table, leak, true).text);
	if (column.source)
		flt_say(out, "name %s no more in --date\n", flt_quoted(column.source).text);
	else
		flt_say(out, "leave it out with --drop%s%s\n", value[0] ? " " : "", value);
	return FLT_OK;
}

static enum flt_status warn_of_id(FILE *out, struct flt_style style, const char *name, const struct flt_names *dropped,
                                  struct flt_error *err)
{
	char value[VALUE_SIZE];
	FLT_TRY(drop_too(name, dropped, value, err));
	flt_say_warning(out, style,
	                "%s is another whole number in each fit row: an id? if it measures nothing, leave it "
	                "out with --drop%s%s\n",
	                flt_quoted(name).text, value[0] ? " " : "", value);
	return FLT_OK;
}

static void warn_of_order(FILE *out, struct flt_style style, const char *path, const struct flt_strength *order)
{
	flt_say_warning(
	        out, style,
	        "%s: the rows are sorted by class (their numbers alone give ROC-AUC %s); a split at "
	        "random mixes them, but a column that follows their order, such as an id, gives the class away\n",
	        path, flt_shown_interval(&order->roc_auc, "").text);
}

enum flt_status flt_report_leak_warnings(FILE *out, struct flt_style style, const struct flt_table *table,
                                         const struct flt_leaks *leaks, const char *drop, struct flt_error *err)
{
	struct flt_names dropped = {0};
	enum flt_status status = FLT_OK;
	if (drop)
		FLT_TRY(flt_names_split(drop, &dropped, err));
	for (size_t i = 0; i < leaks->n && i < MOST_WARNINGS; i++)
		FLT_TRY_OUT(warn_of_column(out, style, table, &leaks->leak[i], &dropped, err));
	if (leaks->n > MOST_WARNINGS)
		flt_say_warning(out, style, "%zu more columns alone tell the class as well; --json lists them\n",
		                leaks->n - MOST_WARNINGS);
	for (size_t i = 0; i < leaks->n_ids && i < MOST_WARNINGS; i++)
		FLT_TRY_OUT(warn_of_id(out, style, flt_table_column(table, leaks->id[i]).name, &dropped, err));
	if (leaks->by_order)
		warn_of_order(out, style, flt_table_path(table), &leaks->order);
out:
	flt_names_release(&dropped);
	return status;
}
