/* What a struct flt_csv consists of. Private to csv/: reader.c fills it, reader_facts.c tells of it, broken.c says what
 * is wrong with its file, and remarks.c what was left out. */
#ifndef CSV_CONTENTS_H
#define CSV_CONTENTS_H

#include <csv.h>

#include "csv/frame.h"
#include "csv/lines.h"
#include "csv/names.h"
#include "csv/position.h"
#include "csv/reader.h"

enum {
	FLT_BAD_ROWS_SIZE = 160, /* as in struct flt_table_notes */
	FLT_CSV_REMARK_SIZE = 160,
};

/* What was left out among the records. */
struct flt_csv_left_out {
	size_t n, first_line;
	size_t n_fields; /* of the first */
	struct flt_shown text;
};

struct flt_csv {
	struct flt_named_file file;
	const struct flt_csv *like; /* the reader whose blocks this one shares; NULL if it has a file of its own */
	struct flt_blocks blocks;
	struct flt_block own;          /* the block that flt_csv_next reads */
	const struct flt_block *block; /* the one being read: own, or one that belongs to someone else; or NULL */
	struct flt_lines lines;        /* of block */
	struct flt_csv_options options;
	struct csv_parser parser;
	bool has_parser;
	bool is_finished; /* csv_fini was called */
	bool is_spoiled;  /* parser stopped in the middle of a record */

	/* The record being parsed. */
	struct flt_csv_field *fields; /* (n_fields); their texts lie in bytes */
	size_t n_fields, field_capacity;
	char *bytes;
	size_t n_bytes, byte_capacity;
	char *raw;
	size_t n_raw, raw_capacity;
	size_t first_line, quote_line; /* quote_line: 0 = no quote is open at the end of the last line */
	size_t n_line_fields;          /* n_fields at the end of the last line */
	bool line_has_text;            /* in the part of the line that is parsed already */
	bool is_complete, is_out_of_memory;

	struct flt_csv_names names; /* of the columns */
	char *raw_header;
	size_t n_columns, n_raw_header;
	bool has_header;
	bool holds_record; /* the first record, parsed to count its fields, is data and still to be given out */
	size_t n_records, n_bad_rows;
	char bad_rows[FLT_BAD_ROWS_SIZE];

	struct flt_frame frame;
	struct flt_csv_left_out headers, marks,
	        footers; /* inside the table, copies of the header and byte order marks; below it */
	char remarks[4][FLT_CSV_REMARK_SIZE]; /* (n_remarks) about these and about names, after those of the frame */
	size_t n_remarks;
};

#endif
