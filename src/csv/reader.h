/*
 * Reads the records of a CSV file one after another, in constant memory. The file may be standard input ("-"), and may
 * be packed with gzip. The delimiter and the header are found unless the caller gives them. To parse a file on several
 * threads, use batches.h.
 *
 * Every record has as many fields as the file has columns. Lines are physical lines, counted from 1, and end with LF,
 * CRLF or CR. Blank lines are not records.
 *
 * Fields follow RFC 4180: a quoted field may contain delimiters, line ends and doubled quotes; a quote anywhere else is
 * an error. Spaces and tabs around unquoted fields are dropped.
 *
 * Finding the delimiter: the candidates are , ; tab and |. The one wins that occurs in the first record and has that
 * same count in the largest number of the first 100 records. Ties go to the one that occurs more often, except that ;
 * beats a comma that only ever stands between digits (a decimal comma).
 *
 * Finding the header: the first record is a header if it contains no number and some column has text there but only
 * numbers below it. If no column decides (all are text), it is a header if it has no missing field and none of its
 * texts occurs again in its own column. Only the first 100 records are examined.
 */
#ifndef CSV_READER_H
#define CSV_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/digest.h"
#include "base/error.h"
#include "csv/record.h"
#include "fltrain/reading.h"

struct flt_csv; /* opaque; made by flt_csv_open, released by flt_csv_free */

/* Zeroed: find everything out, and use the defaults. */
struct flt_csv_options {
	char delimiter; /* 0: find it */
	char decimal;   /* 0: '.'; never chosen as the delimiter */
	enum flt_header header;
	const char *na;     /* missing markers (markers.h); only used to find the header */
	bool skip_bad_rows; /* count records with a wrong number of fields instead of failing */
	bool rewindable;    /* the file will be read more than once: a pipe is copied to a temporary file */
	bool skip_digest;   /* flt_csv_sha256 will not be called */
	struct flt_digest
	        *digest;   /* the bytes of the first pass are added to it, and flt_csv_sha256 stays NULL; or NULL */
	size_t block_size; /* bytes read at a time, 0: the default; can only change what is found out */
};

/* Opens the file, and reads its header. On failure *csv is NULL. */
enum flt_status flt_csv_open(const char *path, const struct flt_csv_options *options, struct flt_csv **csv,
                             struct flt_error *err);
void flt_csv_free(struct flt_csv *csv);

size_t flt_csv_n_columns(const struct flt_csv *csv);                       /* 0 for a file without records */
const char *flt_csv_column_name(const struct flt_csv *csv, size_t column); /* c1, c2, ... where the file has none */
const char *flt_csv_raw_header(const struct flt_csv *csv, size_t *length); /* NULL without a header */
char flt_csv_delimiter(const struct flt_csv *csv);
bool flt_csv_has_header(const struct flt_csv *csv);
const char *flt_csv_name(const struct flt_csv *csv); /* for messages: the path, or "standard input" */

/* The next data record; it is valid until the next call, and a NUL follows each of its fields. At the end of the file
 * *is_end is set and the record is left unchanged. */
enum flt_status flt_csv_next(struct flt_csv *csv, struct flt_csv_record *record, bool *is_end, struct flt_error *err);

/* Returns to the first data record, once the end was reached. */
enum flt_status flt_csv_rewind(struct flt_csv *csv, struct flt_error *err);

/* SHA-256 of the file's (unpacked) bytes in hexadecimal; NULL before the end was reached, or with skip_digest. */
const char *flt_csv_sha256(const struct flt_csv *csv);

size_t flt_csv_n_records(const struct flt_csv *csv);     /* data records so far, with those skipped */
size_t flt_csv_n_bad_rows(const struct flt_csv *csv);    /* records skipped so far */
const char *flt_csv_bad_rows(const struct flt_csv *csv); /* their first lines, "lines 17, 40, 122, ..."; "" if none */

#endif
