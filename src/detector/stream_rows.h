/* Rows of a stream: pointers to the cells of their records, and copies of what no record holds as it is needed. Private
 * to detector/. */
#ifndef DETECTOR_STREAM_ROWS_H
#define DETECTOR_STREAM_ROWS_H

#include "base/arena.h"
#include "base/text.h"
#include "detector/stream_file.h"

/* Consecutive rows of one file. Zero-initialised it is empty. */
struct flt_stream_rows {
	size_t n, capacity; /* of all arrays */
	const char **cells; /* (capacity, n_columns of the file); NULL where a column is not used */
	const char **record;
	size_t *record_length, *row, *line; /* (capacity) each */
	struct flt_arena copies;
	struct flt_text_buffer arranged; /* a record in the order of the first file */
	size_t cell_capacity;
	size_t n_blank, first_blank; /* rows of nothing but delimiters, and the line of the first */
};

void flt_stream_rows_release(struct flt_stream_rows *rows);
void flt_stream_rows_clear(struct flt_stream_rows *rows);

/* Adds a record of the file, whose fields must stay where they are. With keep_record its text is copied, in the order
 * and with the delimiter of the stream's first file. */
enum flt_status flt_stream_rows_add(struct flt_stream_rows *rows, const struct flt_stream_file *file,
                                    const struct flt_csv_record *record, bool keep_record, char delimiter,
                                    struct flt_error *err);

/* Adds a row that has no cells (all NULL), and as its record nothing but delimiters. */
enum flt_status flt_stream_rows_add_broken(struct flt_stream_rows *rows, const struct flt_stream_file *file,
                                           char delimiter, struct flt_error *err);

/* Appends other rows of the same file, whose lines and numbers count from `before`. They must outlive these. */
enum flt_status flt_stream_rows_append(struct flt_stream_rows *rows, const struct flt_stream_rows *other,
                                       size_t n_columns, struct flt_csv_counts before, struct flt_error *err);

#endif
