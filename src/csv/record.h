/* A record of a CSV file and its fields, as every reader in this room gives them. */
#ifndef CSV_RECORD_H
#define CSV_RECORD_H

#include <stdbool.h>
#include <stddef.h>

struct flt_csv_field {
	const char *text; /* (length) contains no NUL; whether a NUL follows depends on the reader */
	size_t length;
};

struct flt_csv_record {
	const struct flt_csv_field *fields; /* (n_columns) */
	size_t line;                        /* the physical line it starts on, from 1 */
	size_t number;                      /* of the data record, from 1; skipped records count */
	const char *raw;                    /* (n_raw) the record's bytes in the file, without its line end */
	size_t n_raw;
	bool is_in_block; /* its fields stay valid until the client is told of the block's end (batch_client.h), and
	                   * FLT_NUMBER_PADDING bytes behind each can be read */
};

/* Lines and data records of a file that precede some place in it. */
struct flt_csv_counts {
	size_t n_lines, n_records;
};

#endif
