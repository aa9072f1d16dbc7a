/*
 * Moving a reader from block to block, for the readers that share a file with it. Private to csv/.
 *
 * flt_csv_next reads blocks and their records by itself. batches.c reads the blocks of the file itself, has other
 * readers parse them, and only moves csv past them or into them.
 */
#ifndef CSV_POSITION_H
#define CSV_POSITION_H

#include "csv/blocks.h"
#include "csv/reader.h"

/* The start of the next record in a block, or of the blank lines before it. */
struct flt_csv_position {
	size_t at;   /* byte of the block */
	size_t line; /* from 1 */
	size_t n_records;
};

/* Records with a wrong number of fields that were left out of a block before a position. */
enum { FLT_BAD_LINES = 64 }; /* more than flt_csv_bad_rows ever shows */
struct flt_csv_bad_rows {
	size_t n;
	size_t lines[FLT_BAD_LINES]; /* of the first of them, from 1 in the block */
};

/* A reader for blocks of csv's file: it has csv's columns and delimiter, but no file, and fails at bad rows. */
enum flt_status flt_csv_new_like(const struct flt_csv *csv, struct flt_csv **made, struct flt_error *err);

/* Moves csv to a position in a block, which must stay unchanged until csv is moved again. */
void flt_csv_set_position(struct flt_csv *csv, const struct flt_block *block, struct flt_csv_position position);
struct flt_csv_position flt_csv_position(const struct flt_csv *csv);

/* Moves csv, which has come to the end of the block before, into a block of its file, to a position that counts from
 * the start of the block, and notes the bad rows before it. *before: lines and records of the file before the block. */
enum flt_status flt_csv_enter(struct flt_csv *csv, const struct flt_block *block, struct flt_csv_position position,
                              const struct flt_csv_bad_rows *bad, struct flt_csv_counts *before, struct flt_error *err);

/* Like flt_csv_next, but stops at the end of the current block. */
enum flt_status flt_csv_next_in_block(struct flt_csv *csv, struct flt_csv_record *record, bool *is_end,
                                      struct flt_error *err);
bool flt_csv_is_at_last_block(const struct flt_csv *csv);
bool flt_csv_skips_bad_rows(const struct flt_csv *csv);

/* Reads the next block of the file. If the file fails, the block says so. */
void flt_csv_read_block(struct flt_csv *csv, struct flt_block *block);

#endif
