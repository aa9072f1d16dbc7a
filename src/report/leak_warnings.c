/* Warnings before training: columns that alone tell the class, and an order of the rows that does. */
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

static enum flt_status warn_of_column(FILE *out, const char *name, const struct flt_leak *leak,
                                      const struct flt_names *dropped, struct flt_error *err)
{
	char value[VALUE_SIZE];
	FLT_TRY(drop_too(name, dropped, value, err));
	fprintf(out, "fltrain: warning: %s alone gives PR-AUC %s on the fit rows", flt_quoted(name).text,
	        flt_shown_interval(&leak->strength.ap, "").text);
	/* Of a rare class, a copy with a few mistakes shows in the ROC-AUC alone. */
	if (leak->strength.ap.value < 0.95)
		fprintf(out, " and ROC-AUC %s", flt_shown_interval(&leak->strength.roc_auc, "").text);
	if (leak->by_missing)
		fputs(", by where it is missing", out);
	fprintf(out, ": a leak? if it is known only after the class, leave it out with --drop%s%s\n",
	        value[0] ? " " : "", value);
	return FLT_OK;
}

static void warn_of_order(FILE *out, const char *path, const struct flt_strength *order)
{
	fprintf(out,
	        "fltrain: warning: %s: the rows are sorted by class (their numbers alone give ROC-AUC %s); a split at "
	        "random mixes them, but a column that follows their order, such as an id, gives the class away\n",
	        path, flt_shown_interval(&order->roc_auc, "").text);
}

enum flt_status flt_report_leak_warnings(FILE *out, const struct flt_table *table, const struct flt_leaks *leaks,
                                         const char *drop, struct flt_error *err)
{
	struct flt_names dropped = {0};
	enum flt_status status = FLT_OK;
	if (drop)
		FLT_TRY(flt_names_split(drop, &dropped, err));
	for (size_t i = 0; i < leaks->n && i < MOST_WARNINGS; i++)
		FLT_TRY_OUT(warn_of_column(out, flt_table_column(table, leaks->leak[i].column).name, &leaks->leak[i],
		                           &dropped, err));
	if (leaks->n > MOST_WARNINGS)
		fprintf(out, "fltrain: warning: %zu more columns alone tell the class as well; --json lists them\n",
		        leaks->n - MOST_WARNINGS);
	if (leaks->by_order)
		warn_of_order(out, flt_table_path(table), &leaks->order);
out:
	flt_names_release(&dropped);
	return status;
}
