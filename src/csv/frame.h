/*
 * What stands around a table in a file, found from the first lines: Excel's `sep=;`, comments, a title, a line of
 * dashes below the header, delimiters at the ends of lines, and a column of row names that the header does not name.
 * Also the delimiter and the header.
 *
 * What is left out must be sure: it is a comment by its first character, or below it there is a table whose records
 * all have the same number of fields and whose header is clear (csv/header.h). Everything that is left out or added is
 * said in a remark.
 */
#ifndef CSV_FRAME_H
#define CSV_FRAME_H

#include "base/text.h"
#include "csv/edits.h"
#include "csv/header.h"
#include "csv/reader.h"
#include "csv/remedy.h"

struct flt_frame {
	size_t n_before, n_lines_before; /* bytes and lines before the table */
	struct flt_edits edits;          /* of the table */
	char delimiter;
	bool has_header;
	size_t n_remarks;
	char remarks[8][100]; /* (n_remarks) */
};

/* bytes (n): the beginning of the file; all of it with is_all. options->decimal is not 0. FLT_ERR_DATA: a line
 * of units below the header, or a header that the caller does not expect. */
enum flt_status flt_frame_find(const struct flt_named_file *file, const unsigned char *bytes, size_t n, bool is_all,
                               const struct flt_csv_options *options, struct flt_frame *frame, struct flt_error *err);

#endif
