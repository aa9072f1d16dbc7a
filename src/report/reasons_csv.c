#include "report/reasons_csv.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "csv/field.h"
#include "table/own_columns.h"

static enum flt_status append_delimiter(const struct flt_predict_csv *format, struct flt_text_buffer *buffer,
                                        struct flt_error *err)
{
	return flt_text_buffer_append(buffer, &format->delimiter, 1, err);
}

static enum flt_status append_field(const struct flt_predict_csv *format, const char *text,
                                    struct flt_text_buffer *buffer, struct flt_error *err)
{
	FLT_TRY(append_delimiter(format, buffer, err));
	return flt_append_field(buffer, text, strlen(text), format->delimiter, err);
}

enum flt_status flt_reasons_csv_header(const struct flt_predict_csv *format, size_t scoring,
                                       struct flt_text_buffer *buffer, struct flt_error *err)
{
	char name[FLT_OWN_NAME_SIZE];
	for (size_t rank = 1; rank <= format->n_reasons; rank++)
		for (enum flt_own_reason which = 0; which < FLT_OWN_WHY; which++) {
			flt_own_reason_name(which, rank, scoring, name);
			FLT_TRY(append_field(format, name, buffer, err));
		}
	flt_own_reason_name(FLT_OWN_WHY, 0, scoring, name);
	return append_field(format, name, buffer, err);
}

/* The columns of the largest parts that are not 0, the largest first and of equal ones the first; returns their number,
 * which is n_wanted or less. */
static size_t find_largest(const double *part, size_t n, size_t n_wanted, size_t found[FLT_MOST_REASONS])
{
	size_t n_found = 0;
	for (size_t c = 0; c < n; c++) {
		size_t at = n_found;
		while (at > 0 && fabs(part[found[at - 1]]) < fabs(part[c]))
			at--;
		if (part[c] == 0 || at >= n_wanted)
			continue;
		n_found += n_found < n_wanted;
		memmove(found + at + 1, found + at, (n_found - 1 - at) * sizeof *found);
		found[at] = c;
	}
	return n_found;
}

static void set_decimal(const struct flt_predict_csv *format, char *number)
{
	char *point = format->decimal == '.' ? NULL : strchr(number, '.');
	if (point)
		*point = format->decimal;
}

/* "amount 980 (+1.9)" */
static enum flt_status append_words(const struct flt_predict_csv *format, const char *name, const char *cell,
                                    double part, struct flt_text_buffer *words, struct flt_error *err)
{
	char number[32];
	snprintf(number, sizeof number, fabs(part) < 0.095 ? "%+.2f" : "%+.1f", part);
	set_decimal(format, number);
	return flt_text_buffer_print(words, err, "%s%s %s (%s)", words->length > 0 ? ", " : "",
	                             flt_shown(name, strlen(name)).text,
	                             *cell ? flt_shown(cell, strlen(cell)).text : "missing", number);
}

static enum flt_status append_reason(const struct flt_predict_csv *format, size_t column, const char *cell, double part,
                                     struct flt_text_buffer *words, struct flt_text_buffer *buffer,
                                     struct flt_error *err)
{
	char number[FLT_NUMBER_SIZE];
	const char *name = flt_reasons_column_name(format->reasons, column);
	flt_number_format(part, number);
	set_decimal(format, number);
	FLT_TRY(append_field(format, name, buffer, err));
	FLT_TRY(append_field(format, cell, buffer, err));
	FLT_TRY(append_delimiter(format, buffer, err));
	FLT_TRY(flt_text_buffer_append(buffer, number, strlen(number), err));
	return append_words(format, name, cell, part, words, err);
}

enum flt_status flt_reasons_csv_fields(const struct flt_predict_csv *format, const struct flt_scored_rows *rows,
                                       size_t i, struct flt_text_buffer *words, struct flt_text_buffer *buffer,
                                       struct flt_error *err)
{
	size_t n = flt_reasons_n_columns(format->reasons), found[FLT_MOST_REASONS];
	const double *part = rows->part + i * n;
	size_t n_found = find_largest(part, n, format->n_reasons, found);
	words->length = 0;
	for (size_t rank = 0; rank < n_found; rank++)
		FLT_TRY(append_reason(format, found[rank], rows->cell[i * n + found[rank]], part[found[rank]], words,
		                      buffer, err));
	for (size_t rank = n_found; rank < format->n_reasons; rank++)
		for (int field = 0; field < 3; field++)
			FLT_TRY(append_delimiter(format, buffer, err));
	return append_field(format, words->length ? words->bytes : "", buffer, err);
}
