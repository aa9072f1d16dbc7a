/*
 * The records of a CSV file, one after another, in constant memory: a file, standard input ("-"), either packed with
 * gzip. Delimiter and header are found where the caller does not name them. Every record that comes out has as many
 * fields as the file has columns; lines are physical lines from 1, whatever ends them (LF, CRLF, CR), and blank ones
 * are no records.
 *
 * Fields follow RFC 4180: a field in quotes may hold delimiters, line ends and doubled quotes; a quote anywhere else is
 * an error. Outer spaces and tabs of unquoted fields are dropped.
 *
 * Finding the delimiter: the one of , ; tab | that occurs in the first record and equally often in the most of the
 * records that follow (up to 100); of several, the one that occurs more often, but ; where commas stand between digits
 * only.
 *
 * Finding the header: the first record is one if it holds no number and some column has a text there and nothing but
 * numbers below; where no column tells (all are text), if it has no missing field and no text of it comes again in its
 * own column. Only the first records are looked at.
 */
#ifndef FLTRAIN_CSV_H
#define FLTRAIN_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "fltrain/error.h"

struct flt_csv; /* opaque; flt_csv_open makes it, flt_csv_free ends it */

enum flt_header { FLT_HEADER_FIND, FLT_HEADER_YES, FLT_HEADER_NO };

/* A zero-initialised struct means "find out" and the defaults. */
struct flt_csv_options {
	char delimiter; /* 0: found */
	char decimal;   /* 0: '.'; never taken for the delimiter */
	enum flt_header header;
	const char *na;     /* missing markers, as in table.h; only finding the header looks at them */
	bool skip_bad_rows; /* records with a wrong number of fields are counted instead of an error */
	bool rewindable;    /* flt_csv_rewind will be called: a pipe is kept in a temporary file */
};

struct flt_csv_field {
	const char *text; /* (length + 1), ends with NUL, holds none */
	size_t length;
};

/* Lives until the next call. */
struct flt_csv_record {
	const struct flt_csv_field *fields; /* (flt_csv_n_columns) */
	size_t line;                        /* the one it starts on */
	size_t number;                      /* data record number from 1; skipped ones count */
	const char *raw;                    /* (n_raw) the record as it stands in the file, without its line end */
	size_t n_raw;
};

enum flt_status flt_csv_open(const char *path, const struct flt_csv_options *options, struct flt_csv **csv,
                             struct flt_error *err);
void flt_csv_free(struct flt_csv *csv);

size_t flt_csv_n_columns(const struct flt_csv *csv);                       /* 0 for a file without records */
const char *flt_csv_column_name(const struct flt_csv *csv, size_t column); /* c1, c2, ... where the file has none */
const char *flt_csv_raw_header(const struct flt_csv *csv, size_t *length); /* NULL without a header */
char flt_csv_delimiter(const struct flt_csv *csv);
bool flt_csv_has_header(const struct flt_csv *csv);
const char *flt_csv_name(const struct flt_csv *csv); /* for messages: the path, or "standard input" */

/* The next data record; *is_end is set, and the record left alone, when there is none. */
enum flt_status flt_csv_next(struct flt_csv *csv, struct flt_csv_record *record, bool *is_end, struct flt_error *err);

/* Back to the first data record, after the end was reached. */
enum flt_status flt_csv_rewind(struct flt_csv *csv, struct flt_error *err);

/* SHA-256 of the file's bytes (unpacked) as hexadecimal digits, NULL until its end was reached. */
const char *flt_csv_sha256(const struct flt_csv *csv);

size_t flt_csv_n_bad_rows(const struct flt_csv *csv);    /* skipped so far */
const char *flt_csv_bad_rows(const struct flt_csv *csv); /* their first lines: "lines 17, 40, 122, ..."; "" = none */

#endif
