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
 * The delimiter, the header, and lines that do not belong to the table are found by csv/sniff.h, csv/header.h and
 * csv/frame.h. Below the table, footers of database clients (csv/footer.h) and a Ctrl-Z are left out; inside it, a copy
 * of the header and a byte order mark, as `cat a.csv b.csv` leaves them there. What was left out is said in remarks.
 * Two columns never have the same name: the second `amount` is called `amount.1`.
 */
#ifndef CSV_READER_H
#define CSV_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/digest.h"
#include "base/error.h"
#include "csv/record.h"
#include "fltrain/reading.h"

/* Columns. In wider tables, what a block costs for each column is no longer little beside its bytes, so they are read
 * in order, in blocks of a few records. */
enum { FLT_CSV_WIDE = 1 << 16 };

struct flt_csv; /* opaque; made by flt_csv_open, released by flt_csv_free */

/* Zeroed: find everything out, and use the defaults. */
struct flt_csv_options {
	char delimiter; /* 0: find it */
	char decimal;   /* 0: '.'; never chosen as the delimiter */
	enum flt_header header;
	const char *na;    /* missing markers (markers.h); only used to find the header */
	size_t skip_lines; /* lines before the table; 0: find them */

	/* (n_names) names of columns: if one is in the first record, this is the header. A name that is a number, or
	 * that a column without a name gets (c1, c2, ...), says nothing. With names_are_all they are all the names that
	 * the file should have: if each is c1, c2, ..., it has no header, and it is an error if it clearly has one. */
	const char *const *names;
	size_t n_names;
	bool names_are_all;

	bool skip_bad_rows; /* count records with a wrong number of fields instead of failing */
	/* Records come one by one, each as soon as its line end is there. Nothing but the first record tells delimiter
	 * and header, and no footer is looked for. */
	bool follows;
	bool rewindable;   /* the file will be read more than once: a pipe is copied to a temporary file */
	bool skip_digest;  /* flt_csv_sha256 will not be called */
	size_t block_size; /* bytes read at a time, 0: the default; never changes what is read */
	/* The bytes of the first pass are added to it, and flt_csv_sha256 stays NULL; NULL: csv has its own. */
	struct flt_digest *digest;
};

/* Opens the file, and reads its header. On failure *csv is NULL. */
enum flt_status flt_csv_open(const char *path, const struct flt_csv_options *options, struct flt_csv **csv,
                             struct flt_error *err);
void flt_csv_free(struct flt_csv *csv);

size_t flt_csv_n_columns(const struct flt_csv *csv);                       /* 0 for a file without records */
const char *flt_csv_column_name(const struct flt_csv *csv, size_t column); /* c1, c2, ... where the file has none */
const char *flt_csv_raw_header(const struct flt_csv *csv, size_t *length); /* NULL without a header */
size_t flt_csv_n_lines_above(const struct flt_csv *csv);                   /* of the first record, left out */
char flt_csv_delimiter(const struct flt_csv *csv);                         /* ' ' stands for runs of blanks and tabs */

/* "commas", "blanks", "'~'". */
struct flt_delimiter_name {
	char text[16];
};
struct flt_delimiter_name flt_delimiter_name(char delimiter);

bool flt_csv_has_header(const struct flt_csv *csv);
bool flt_csv_may_have_header(const struct flt_csv *csv); /* none was found, and none was ruled out by the options */
const char *flt_csv_name(const struct flt_csv *csv);     /* for messages: the path, or "standard input" */
const struct flt_named_file *flt_csv_file(const struct flt_csv *csv); /* the same, for commands */

/* What was found out about the layout of the file, as phrases without a full stop. Those about records come when the
 * records were read. */
size_t flt_csv_n_remarks(const struct flt_csv *csv);
const char *flt_csv_remark(const struct flt_csv *csv, size_t i);

/* The next data record; it is valid until the next call, and a NUL follows each of its fields. At the end of the file
 * *is_end is set and the record is left unchanged. */
enum flt_status flt_csv_next(struct flt_csv *csv, struct flt_csv_record *record, bool *is_end, struct flt_error *err);

/* After flt_csv_next failed with FLT_ERR_DATA in a file that is followed: moves past the record at fault. False where
 * it is the file that failed. */
bool flt_csv_pass_record(struct flt_csv *csv);

/* Returns to the first data record, once the end was reached. */
enum flt_status flt_csv_rewind(struct flt_csv *csv, struct flt_error *err);

/* SHA-256 of the file's (unpacked) bytes in hexadecimal; NULL before the end was reached, or with skip_digest. */
const char *flt_csv_sha256(const struct flt_csv *csv);

/* The same of the bytes that have been read so far, with those of files before it. It needs options.digest. */
void flt_csv_sha256_so_far(const struct flt_csv *csv, char text[FLT_SHA256_TEXT]);

/* The share of the file's bytes that has been read in this pass; NaN of a pipe. By any thread. */
double flt_csv_share(const struct flt_csv *csv);

size_t flt_csv_n_records(const struct flt_csv *csv);     /* data records so far, with those skipped */
size_t flt_csv_n_bad_rows(const struct flt_csv *csv);    /* records skipped so far */
const char *flt_csv_bad_rows(const struct flt_csv *csv); /* their first lines, "lines 17, 40, 122, ..."; "" if none */

#endif
