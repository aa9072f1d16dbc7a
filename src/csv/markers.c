#include "csv/markers.h"

#include <string.h>

#include "base/number.h"

enum flt_status flt_markers_init(const char *list, struct flt_markers *markers, struct flt_error *err)
{
	markers->may_be_numbers = false;
	FLT_TRY(flt_names_split(list ? list : "?,NA,N/A,NaN,nan,null", &markers->names, err));
	for (size_t i = 0; i < markers->names.n; i++)
		markers->may_be_numbers |= strcspn(markers->names.items[i], "+-.0123456789iI") == 0;
	return FLT_OK;
}

void flt_markers_release(struct flt_markers *markers)
{
	flt_names_release(&markers->names);
}

bool flt_markers_hold(const struct flt_markers *markers, const char *text, size_t length)
{
	if (length == 0)
		return true;
	for (size_t i = 0; i < markers->names.n; i++)
		if (markers->names.items[i][0] == text[0] && strncmp(markers->names.items[i], text, length) == 0 &&
		    markers->names.items[i][length] == '\0')
			return true;
	return false;
}

enum flt_numeric_cell flt_numeric_cell_read(const struct flt_markers *markers, char decimal, const char *text,
                                            size_t length, double *value)
{
	if (length == 0)
		return FLT_CELL_MISSING;
	enum flt_number kind = flt_number_parse(text, length, decimal, value);
	bool may_be_missing = kind != FLT_NUMBER || markers->may_be_numbers;
	if (may_be_missing && flt_markers_hold(markers, text, length))
		return FLT_CELL_MISSING;
	if (kind == FLT_NUMBER)
		return FLT_CELL_NUMBER;
	return kind == FLT_NUMBER_OUT_OF_RANGE ? FLT_CELL_OUT_OF_RANGE : FLT_CELL_TEXT;
}
