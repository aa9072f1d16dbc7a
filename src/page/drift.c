/* How new rows differ from old ones, column by column. */
#include <math.h>
#include <string.h>

#include "page/sections.h"

enum { MOST_COLUMNS = 200 };

static void put_drift_of(struct flt_sheet *sheet, const json_t *column, double n_old, double n_new)
{
	const json_t *drift = flt_read_object(column, "drift"), *median = flt_read_array(drift, "median");
	const json_t *missing = flt_read_array(drift, "missing"), *levels = flt_read_array(drift, "level_rows");
	struct flt_range auc = flt_read_range(flt_read_object(drift, "strength"), "roc_auc");
	const char *level = flt_read_text(drift, "level");
	flt_row_begin(sheet, flt_read_true(drift, "drifts") ? " class=\"chosen\"" : "");
	flt_head_name(sheet, flt_read_text(column, "name"));
	flt_cell_range(sheet, &auc, flt_page_range(&auc).text);
	if (level)
		flt_html_print(&sheet->html, "<td class=\"words\">%s: %s, then %s</td>", flt_shown_name(level).text,
		               flt_page_share(flt_read_number_at(levels, 0) / n_old).text,
		               flt_page_share(flt_read_number_at(levels, 1) / n_new).text);
	else
		flt_html_print(&sheet->html, "<td class=\"words\">median %s, then %s</td>",
		               flt_page_short(flt_read_number_at(median, 0)).text,
		               flt_page_short(flt_read_number_at(median, 1)).text);
	flt_html_print(&sheet->html, "<td class=\"words\">%s, then %s</td>",
	               flt_page_share(flt_read_number_at(missing, 0) / n_old).text,
	               flt_page_share(flt_read_number_at(missing, 1) / n_new).text);
	flt_cell_count(sheet, flt_read_number(drift, "unseen"));
	flt_row_end(sheet);
}

void flt_section_drift(struct flt_sheet *sheet, const json_t *report)
{
	static const char *const titles[] = {"column", "tells new from old: ROC-AUC", ":values", "missing",
	                                     "new rows with an unseen text"};
	const json_t *drift = flt_read_object(report, "drift"), *columns = flt_read_array(report, "columns");
	const json_t *before = flt_read_object(drift, "old"), *after = flt_read_object(drift, "new");
	double n_old = flt_read_number(before, "rows"), n_new = flt_read_number(after, "rows");
	struct flt_range was = flt_read_range(before, "prevalence"), is = flt_read_range(after, "prevalence");
	const char *by = flt_read_text(drift, "by");
	size_t n_shown = 0, n_columns = 0;
	if (!drift)
		return;
	flt_section_begin(sheet, "drift", "Drift");
	flt_paragraph(sheet, "%s %s rows against the %s %s: positive %s, then %s.",
	              by && strcmp(by, "time") == 0 ? "The latest" : "The test file's", flt_page_count(n_new).text,
	              flt_page_count(n_old).text, by && strcmp(by, "time") == 0 ? "before" : "of the data",
	              flt_page_share(was.value).text, flt_page_share(is.value).text);
	flt_table_begin(sheet, "drift-table",
	                "Columns by how well they tell new rows from old ones; marked: those that drift", titles, 5);
	for (size_t i = 0; i < json_array_size(columns); i++) {
		const json_t *column = flt_read_item(columns, i);
		const json_t *own = flt_read_object(column, "drift");
		if (!own || !flt_read_object(own, "strength"))
			continue;
		n_columns++;
		if (n_shown >= MOST_COLUMNS || !flt_sheet_has_room(sheet))
			continue;
		put_drift_of(sheet, column, n_old, n_new);
		n_shown++;
	}
	flt_table_end(sheet);
	flt_more_rows(sheet, n_columns - n_shown, "columns");
	flt_section_end(sheet);
}
