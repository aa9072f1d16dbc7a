/*
 * The first records of a file, split without the rules for errors: what the frame of a table, its delimiter and its
 * header are found from.
 *
 * A record ends at a line end with an even number of quotes before it. Blank lines are no records, nor are lines of
 * dashes and footers (csv/footer.h) unless they are the first. Blanks around fields and quotes around fields are
 * dropped; a doubled quote inside stays doubled.
 */
#ifndef CSV_PREVIEW_H
#define CSV_PREVIEW_H

#include <stdbool.h>

#include "base/error.h"
#include "csv/record.h"

enum {
	FLT_PREVIEW_RECORDS = 100, /* of a table */
	FLT_PREVIEW_LINES = 150,   /* with what stands above it */
};

struct flt_preview_row {
	size_t at, n;           /* its bytes, without the line end */
	size_t line;            /* from 0: line ends before it */
	size_t rule_at, n_rule; /* bytes of a line of dashes right below it, without its line end; n_rule = 0: none */
	size_t first_field, n_fields;
};

struct flt_preview {
	const unsigned char *bytes; /* (n) */
	size_t n;
	struct flt_preview_row rows[FLT_PREVIEW_LINES]; /* (n_rows) */
	size_t n_rows;
	struct flt_csv_field *fields; /* (n_fields) of all rows; their texts lie in bytes */
	size_t n_fields, field_capacity;
};

/* Finds the records in bytes (n) up to a NUL, which no field may contain. If they are not all of the file, the last
 * record is left out. */
void flt_preview_rows(struct flt_preview *preview, const unsigned char *bytes, size_t n, bool is_all);

/* Splits the rows from `first` on. A blank as the delimiter stands for a run of blanks and tabs. */
enum flt_status flt_preview_split(struct flt_preview *preview, size_t first, char delimiter, struct flt_error *err);
void flt_preview_release(struct flt_preview *preview);

static inline const struct flt_csv_field *flt_preview_fields(const struct flt_preview *preview, size_t row)
{
	return preview->fields + preview->rows[row].first_field;
}

#endif
