/* The figures of parts of the rows, by the values of a column. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/character.h"
#include "page/sections.h"

enum { MOST_SLICES = 100, NAME = 512 };

static const char *name_of(const json_t *slice, char text[NAME])
{
	const char *column = flt_read_text(slice, "column"), *value = flt_read_text(slice, "slice");
	double from = flt_read_number(slice, "from"), to = flt_read_number(slice, "to");
	column = column ? column : "";
	value = value ? value : "missing";
	int most = (int)flt_fitting_length(column, 200);
	if (isfinite(from) && isfinite(to))
		snprintf(text, NAME, "%.*s: %s to %s", most, column, flt_page_significant(from, 4).text,
		         flt_page_significant(to, 4).text);
	else
		snprintf(text, NAME, "%.*s: %.*s", most, column, (int)flt_fitting_length(value, 200), value);
	return text;
}

static bool differs(const json_t *slice)
{
	static const char *const figures[] = {"recall", "precision", "roc_auc"};
	const json_t *against = flt_read_object(slice, "against_rest");
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
		if (flt_read_true(flt_read_object(against, figures[i]), "differs"))
			return true;
	return false;
}

static void put_slice(struct flt_sheet *sheet, const json_t *slice)
{
	const json_t *confusion = flt_read_object(slice, "confusion");
	struct flt_range recall = flt_read_range(slice, "recall"), precision = flt_read_range(slice, "precision");
	struct flt_range auc = flt_read_range(slice, "roc_auc"), ap = flt_read_range(slice, "ap");
	char name[NAME];
	flt_row_begin(sheet, differs(slice) ? " class=\"chosen\"" : "");
	flt_head_name(sheet, name_of(slice, name));
	flt_cell_count(sheet, flt_read_number(slice, "rows"));
	flt_cell_count(sheet, flt_read_number(slice, "positives"));
	flt_cell_count(sheet, flt_read_number(confusion, "tp") + flt_read_number(confusion, "fp"));
	flt_cell_range(sheet, &recall, flt_page_range(&recall).text);
	flt_cell_range(sheet, &precision, flt_page_range(&precision).text);
	flt_cell_range(sheet, &auc, flt_page_range(&auc).text);
	flt_cell_range(sheet, &ap, flt_page_range(&ap).text);
	flt_row_end(sheet);
}

void flt_section_slices(struct flt_sheet *sheet, const json_t *report)
{
	static const char *const titles[] = {"slice",  "rows",      "positive", "flagged",
	                                     "recall", "precision", "ROC-AUC",  "PR-AUC"};
	const json_t *slices = flt_read_array(report, "slices");
	const json_t *comparisons = flt_read_object(report, "slice_comparisons");
	size_t n = json_array_size(slices), i;
	if (n == 0)
		return;
	flt_section_begin(sheet, "slices", "Slice by slice");
	flt_paragraph(sheet,
	              "Of %zu slices %s differ from the rest by more than chance would give among so many (marked; %s "
	              "comparisons, p by Holm).",
	              n, flt_page_count(flt_read_number(comparisons, "different_slices")).text,
	              flt_page_count(flt_read_number(comparisons, "made")).text);
	flt_table_begin(sheet, "slice-figures", "Figures of each slice at the threshold, with 95 % intervals", titles,
	                8);
	for (i = 0; i < n && i < MOST_SLICES && flt_sheet_has_room(sheet); i++)
		put_slice(sheet, flt_read_item(slices, i));
	flt_table_end(sheet);
	flt_more_rows(sheet, n - i, "slices");
	flt_section_end(sheet);
}
