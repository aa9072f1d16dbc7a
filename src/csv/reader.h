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
#ifndef CSV_READER_H
#define CSV_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "fltrain/reading.h"

struct flt_csv; /* opaque; flt_csv_open makes it, flt_csv_free ends it */

/* A zero-initialised struct means "find out" and the defaults. */
struct flt_csv_options {
	char delimiter; /* 0: found */
	char decimal;   /* 0: '.'; never taken for the delimiter */
	enum flt_header header;
	const char *na;     /* missing markers, as in table.h; only finding the header looks at them */
	bool skip_bad_rows; /* records with a wrong number of fields are counted instead of an error */
	bool rewindable;    /* flt_csv_rewind will be called: a pipe is kept in a temporary file */
	bool skip_digest;   /* flt_csv_sha256 will not be called */
	size_t block_size;  /* bytes read at a time, 0: the usual; only what is found out may change */
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

/*
 * The same records on several threads. Blocks are runs of whole records. One thread at a time reads them, in the order
 * of the file; then each can be gone through on a thread of its own. A block goes through what is in order, and fast;
 * it stops where something is not, and csv alone says what: it enters the blocks in order, and goes on from where each
 * stands.
 *
 * First come the records that csv holds already: flt_csv_next_in_block until its end. flt_csv_next is not to be called.
 */
struct flt_csv_block; /* opaque */

/* Like flt_csv_next, but no further than to the end of the block; and whether that is the file's last. */
enum flt_status flt_csv_next_in_block(struct flt_csv *csv, struct flt_csv_record *record, bool *is_end,
                                      struct flt_error *err);
bool flt_csv_is_at_last_block(const struct flt_csv *csv);

/* An empty block for records of csv's file, which outlives it. */
enum flt_status flt_csv_block_new(const struct flt_csv *csv, struct flt_csv_block **block, struct flt_error *err);
void flt_csv_block_free(struct flt_csv_block *block);

/* Reads the next block of the file, and returns how many bytes it has: more than usual where a record is long. Where
 * the file fails, csv says so when it enters. */
size_t flt_csv_block_read(struct flt_csv *csv, struct flt_csv_block *block);
bool flt_csv_block_is_last(const struct flt_csv_block *block);

/* The next record; its fields lack the NUL behind them, and with raw live as long as the block is not read anew if they
 * lie in it (flt_csv_block_holds), else until the next call. Lines and records count from 1 in each block.
 * FLT_ERR_DATA, without a text: the block does not go on from here. */
enum flt_status flt_csv_block_next(struct flt_csv_block *block, struct flt_csv_record *record, bool *is_end,
                                   struct flt_error *err);
bool flt_csv_block_holds(const struct flt_csv_block *block, const char *text);
/* Puts a NUL behind each field of the last record, where the block holds it, into the place of what parts fields. Raw
 * bytes of that record are none any more, and there is no going back before it. */
void flt_csv_block_end_fields(struct flt_csv_block *block);
void flt_csv_block_restart(struct flt_csv_block *block); /* back to its first record */

/* csv goes on from where the block stands, and counts the lines and records before. *before is how many the file had
 * before the block. Then flt_csv_next_in_block gives what is left of it; until the end of that, the block is neither
 * read anew nor freed. */
struct flt_csv_counts {
	size_t n_lines, n_records;
};
enum flt_status flt_csv_enter(struct flt_csv *csv, const struct flt_csv_block *block, struct flt_csv_counts *before,
                              struct flt_error *err);

/* Back to the first data record, after the end was reached. */
enum flt_status flt_csv_rewind(struct flt_csv *csv, struct flt_error *err);

/* SHA-256 of the file's bytes (unpacked) as hexadecimal digits, NULL until its end was reached (or skip_digest). */
const char *flt_csv_sha256(const struct flt_csv *csv);

size_t flt_csv_n_bad_rows(const struct flt_csv *csv);    /* skipped so far */
const char *flt_csv_bad_rows(const struct flt_csv *csv); /* their first lines: "lines 17, 40, 122, ..."; "" = none */

#endif
