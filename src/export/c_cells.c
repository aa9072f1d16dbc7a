/* The part of a C file that reads cells. */
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "csv/markers.h"
#include "export/c_parts.h"
#include "export/c_text.h"
#include "table/number_words.h"

/* The bytes of the structs in the file. */
enum { NUMBER_FORMAT = 56, DATE_FORMAT = 12 };

static bool has_dressed(const struct flt_view *view)
{
	for (size_t c = 0; c < view->n_columns; c++)
		if (view->columns[c].type == FLT_VIEW_NUMBER && !flt_format_is_plain(&view->columns[c].format))
			return true;
	return false;
}

static void put_texts(struct flt_c_put *put, const char *name, const char *const *texts, size_t n)
{
	flt_c_put(put, "static const char *const %s[] = {", name);
	put->in_line = 0;
	for (size_t i = 0; i < n; i++)
		flt_c_put_text_item(put, texts[i]);
	flt_c_put_end(put);
}

static void put_markers(struct flt_c_file *file, const struct flt_markers *markers)
{
	struct flt_c_put *put = &file->put;
	size_t n_known;
	const char *const *known = flt_known_markers(&n_known);
	flt_c_put_text(put, "/* Texts that stand for a missing value. */\nstatic const char *const markers[] = {");
	put->in_line = 0;
	for (size_t i = 0; put->status == FLT_OK && i < n_known + markers->added.n; i++)
		flt_c_put_text_item(put, i < n_known ? known[i] : markers->added.items[i - n_known]);
	flt_c_put_end(put);
}

static void put_values(struct flt_c_file *file, const struct flt_markers *markers)
{
	struct flt_c_put *put = &file->put;
	flt_c_put(put, "/* Numbers that do. */\nstatic const size_t n_marker_values = %zu;\n", markers->n_values);
	flt_c_put_list(put, "double", sizeof(double), "marker_values", markers->n_values);
	for (size_t i = 0; i < markers->n_values; i++) {
		flt_c_put_next(put);
		flt_c_put_double(put, markers->values[i].value);
		flt_c_put_text(put, ",");
	}
	flt_c_put_end(put);
	size_t n;
	const char *const *words = flt_words_for_missing(&n);
	put_texts(put, "missing_words", words, n);
}

/* ---- formats ---- */

static char thousands_mark(enum flt_thousands thousands)
{
	static const char marks[FLT_N_THOUSANDS] = {[FLT_THOUSANDS_COMMA] = ',',
	                                            [FLT_THOUSANDS_POINT] = '.',
	                                            [FLT_THOUSANDS_APOSTROPHE] = '\'',
	                                            [FLT_THOUSANDS_BLANK] = ' '};
	return marks[thousands];
}

/* A prefix that is no currency is never found: it hides itself. */
static const char *hides_prefix(const char *prefix)
{
	return flt_currency_length(prefix, strlen(prefix)) == strlen(prefix) ? flt_currency_before(prefix) : prefix;
}

/* Whether the suffix, without a plural s or with one, may stand right behind digits. */
static bool is_unit(const char *suffix, bool with_s)
{
	char word[FLT_AFFIX_SIZE + 1];
	size_t n = strlen(suffix);
	if (n > 2 && suffix[n - 1] == 's' && flt_is_unit_letter(suffix[n - 2]))
		n--;
	memcpy(word, suffix, n);
	if (with_s)
		word[n++] = 's';
	return flt_is_currency_or_unit(word, n);
}

static void put_format(struct flt_c_file *file, const struct flt_number_format *format)
{
	struct flt_c_put *put = &file->put;
	const char *longer = *format->prefix ? hides_prefix(format->prefix) : NULL;
	flt_c_put_text(put, "{");
	flt_c_put_char(put, format->decimal);
	flt_c_put_text(put, ", ");
	flt_c_put_char(put, thousands_mark(format->thousands));
	flt_c_put_text(put, ", ");
	flt_c_put_literal(put, format->prefix);
	flt_c_put_text(put, ", ");
	flt_c_put_literal(put, format->suffix);
	flt_c_put_text(put, ", ");
	if (longer)
		flt_c_put_literal(put, longer);
	else
		flt_c_put_text(put, "NULL");
	flt_c_put(put, ", {%d, %d}, %d, %d, %d, %d},", is_unit(format->suffix, false), is_unit(format->suffix, true),
	          format->parentheses, format->trailing_minus, format->minus_sign, format->quotes);
}

/* The formats of all columns that hold numbers, by the column's number. */
static void put_formats(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	const struct flt_view *view = file->view;
	flt_c_put(put, "static const struct number_format number_formats[%zu] = {", view->n_columns);
	flt_c_count(put, view->n_columns, NUMBER_FORMAT);
	for (size_t c = 0; c < view->n_columns; c++) {
		flt_c_put_text(put, "\n\t");
		if (view->columns[c].type == FLT_VIEW_NUMBER)
			put_format(file, &view->columns[c].format);
		else
			flt_c_put_text(put, "{0, 0, NULL, NULL, NULL, {0, 0}, 0, 0, 0, 0},");
	}
	flt_c_put_end(put);
}

static void put_date_formats(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	const struct flt_view *view = file->view;
	flt_c_put(put,
	          "/* Shape, order, and whether times have a zone. */\nstatic const struct date_format "
	          "date_formats[%zu] = {",
	          view->n_columns);
	flt_c_count(put, view->n_columns, DATE_FORMAT);
	for (size_t c = 0; c < view->n_columns; c++) {
		const struct flt_date_format *date = &view->columns[c].date;
		bool is_date = view->columns[c].type == FLT_VIEW_DATE;
		flt_c_put(put, "\n\t{%d, %d, %d},", is_date ? (int)date->shape : 0, is_date ? (int)date->order : 0,
		          is_date && date->has_zone);
	}
	flt_c_put_end(put);
}

/* ---- all of it ---- */

void flt_c_put_cells(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	struct flt_markers markers;
	bool dressed = has_dressed(file->view), has_numbers = flt_c_has_type(file->view, FLT_VIEW_NUMBER),
	     has_dates = flt_c_has_type(file->view, FLT_VIEW_DATE);
	const char *added = file->view->detector->input.na;
	enum flt_status status = flt_markers_init(added ? added : "", &markers, put->err);
	if (put->status == FLT_OK)
		put->status = status;
	put_markers(file, &markers);
	flt_c_put_text(put, flt_c_texts);
	if (has_numbers || has_dates) {
		put_values(file, &markers);
		flt_c_put_text(put, flt_c_numbers);
		flt_c_put_text(put, flt_c_is_bad);
	}
	if (has_numbers)
		flt_c_put_text(put, dressed ? flt_c_dressed : flt_c_plain);
	if (dressed)
		put_formats(file);
	if (has_dates) {
		flt_c_put_text(put, flt_c_dates);
		flt_c_put_text(put, flt_c_times);
		put_date_formats(file);
	}
	flt_c_put_row_from_cells(file, dressed);
	flt_markers_release(&markers);
}
