/* The part of a C file that goes through the columns: a table, and loops over it. A statement for each column would
 * take compilers long where there are thousands. */
#include "export/c_parts.h"

/* The bytes of the struct in the file. */
enum { COLUMN = 16 };

bool flt_c_has_type(const struct flt_view *view, enum flt_view_type type)
{
	for (size_t c = 0; c < view->n_columns; c++)
		if (view->columns[c].type == type)
			return true;
	return false;
}

/* ---- the table ---- */

static void put_column(struct flt_c_file *file, size_t c)
{
	static const char *const types[] = {[FLT_VIEW_NUMBER] = "NUMBER_COLUMN",
	                                    [FLT_VIEW_CATEGORY] = "CATEGORY_COLUMN",
	                                    [FLT_VIEW_DATE] = "DATE_COLUMN"};
	struct flt_c_put *put = &file->put;
	const struct flt_view_column *column = &file->view->columns[c];
	flt_c_put(put, "\n\t{offsetof(struct %s_row, ", file->prefix);
	flt_c_put_text(put, file->members[c]);
	flt_c_put(put, "), %s, %d, ", types[column->type], column->text_is_missing);
	flt_c_put_char(put, column->type == FLT_VIEW_NUMBER ? column->format.decimal : '\0');
	flt_c_put_text(put, "},");
}

void flt_c_put_columns(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	flt_c_put(put,
	          "/* Where a column stands in the row, and how its cells are read. */\n"
	          "enum { NUMBER_COLUMN, CATEGORY_COLUMN, DATE_COLUMN };\n\n"
	          "struct column {\n"
	          "\tsize_t offset;\n"
	          "\tunsigned char type, text_is_missing;\n"
	          "\tchar decimal;\n"
	          "};\n\n"
	          "static const struct column columns[%zu] = {",
	          file->view->n_columns);
	flt_c_count(put, file->view->n_columns, COLUMN);
	for (size_t c = 0; c < file->view->n_columns; c++)
		put_column(file, c);
	flt_c_put_end(put);
}

/* ---- from cells to a row ---- */

static const char category_cell[] = "\t\tif (column->type == CATEGORY_COLUMN) {\n"
                                    "\t\t\tconst char **text = at;\n"
                                    "\t\t\t*text = is_marker(cells[c], strlen(cells[c])) ? NULL : cells[c];\n"
                                    "\t\t\tcontinue;\n"
                                    "\t\t}\n";

static void put_number_cell(struct flt_c_put *put, bool has_numbers, bool has_dates, bool dressed)
{
	flt_c_put_text(put, "\t\tif (is_bad(");
	if (has_dates && has_numbers)
		flt_c_put_text(put, "column->type == DATE_COLUMN ? ");
	if (has_dates)
		flt_c_put_text(put, "read_date(cells[c], &date_formats[c], at)");
	if (has_dates && has_numbers)
		flt_c_put_text(put, "\n\t\t                                        : ");
	if (has_numbers)
		flt_c_put(put, "read_number(cells[c], %s, at)", dressed ? "&number_formats[c]" : "column->decimal");
	flt_c_put_text(put, ",\n\t\t           column->text_is_missing, at))\n\t\t\treturn (int)c + 1;\n");
}

void flt_c_put_row_from_cells(struct flt_c_file *file, bool dressed)
{
	struct flt_c_put *put = &file->put;
	const struct flt_view *view = file->view;
	bool has_numbers = flt_c_has_type(view, FLT_VIEW_NUMBER), has_dates = flt_c_has_type(view, FLT_VIEW_DATE);
	flt_c_put(put,
	          "int %s_row_from_cells(struct %s_row *row, const char *const *cells)\n{\n"
	          "\tsize_t c;\n"
	          "\tfor (c = 0; c < %zu; c++) {\n"
	          "\t\tconst struct column *column = &columns[c];\n"
	          "\t\tvoid *at = (char *)row + column->offset;\n",
	          file->prefix, file->prefix, view->n_columns);
	if (flt_c_has_type(view, FLT_VIEW_CATEGORY))
		flt_c_put_text(put, category_cell);
	if (has_numbers || has_dates)
		put_number_cell(put, has_numbers, has_dates, dressed);
	flt_c_put_text(put, "\t}\n\treturn 0;\n}\n\n");
}

/* ---- from a row to values ---- */

static void put_value_columns(struct flt_c_put *put, const struct flt_view *view)
{
	flt_c_put_list(put, "size_t", sizeof(size_t), "value_columns", view->n_values);
	for (size_t v = 0; v < view->n_values; v++) {
		flt_c_put_next(put);
		flt_c_put(put, "%zu,", view->values[v].column);
	}
	flt_c_put_end(put);
}

static void put_value_parts(struct flt_c_put *put, const struct flt_view *view)
{
	static const char *const parts[] = {[FLT_DATE_HOUR] = "HOUR",
	                                    [FLT_DATE_WEEKDAY] = "WEEKDAY",
	                                    [FLT_DATE_MONTH] = "MONTH",
	                                    [FLT_DATE_DAYS] = "DAYS"};
	flt_c_put_list(put, "unsigned char", 1, "value_parts", view->n_values);
	for (size_t v = 0; v < view->n_values; v++) {
		flt_c_put_next(put);
		flt_c_put(put, "%s,", view->values[v].type == FLT_VIEW_DATE ? parts[view->values[v].part] : "0");
	}
	flt_c_put_end(put);
}

static const char category_value[] = "\t\tif (column->type == CATEGORY_COLUMN) {\n"
                                     "\t\t\tconst char *const *text = at;\n"
                                     "\t\t\tplaces[v] = place_of(&levels[v], *text);\n"
                                     "\t\t\tcontinue;\n"
                                     "\t\t}\n";

static const char date_value[] = "\t\tif (column->type == DATE_COLUMN) {\n"
                                 "\t\t\tconst double *seconds = at;\n"
                                 "\t\t\tvalues[v] = date_part(*seconds, value_parts[v]);\n"
                                 "\t\t\tcontinue;\n"
                                 "\t\t}\n";

static const char number_value[] = "\t\tvalues[v] = *(const double *)at;\n";

static void put_values_loop(struct flt_c_file *file, bool has_numbers, bool has_dates, bool has_categories)
{
	struct flt_c_put *put = &file->put;
	flt_c_put(put,
	          "/* Numbers, and the places of categories. */\n"
	          "static void read_values(const struct %s_row *row, double *values, size_t *places)\n{\n"
	          "\tsize_t v;\n",
	          file->prefix);
	if (!has_numbers && !has_dates)
		flt_c_put_text(put, "\t(void)values;\n");
	if (!has_categories)
		flt_c_put_text(put, "\t(void)places;\n");
	flt_c_put(put,
	          "\tfor (v = 0; v < %zu; v++) {\n"
	          "\t\tconst struct column *column = &columns[value_columns[v]];\n"
	          "\t\tconst void *at = (const char *)row + column->offset;\n",
	          file->view->n_values);
	flt_c_put_text(put, has_categories ? category_value : "");
	flt_c_put_text(put, has_dates ? date_value : "");
	flt_c_put_text(put, has_numbers ? number_value : "");
	flt_c_put_text(put, "\t}\n}\n\n");
}

void flt_c_put_values(struct flt_c_file *file)
{
	const struct flt_view *view = file->view;
	bool has_dates = flt_c_has_type(view, FLT_VIEW_DATE);
	put_value_columns(&file->put, view);
	if (has_dates)
		put_value_parts(&file->put, view);
	put_values_loop(file, flt_c_has_type(view, FLT_VIEW_NUMBER), has_dates,
	                flt_c_has_type(view, FLT_VIEW_CATEGORY));
}
