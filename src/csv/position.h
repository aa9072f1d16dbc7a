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

/* A reader for blocks of csv's file: it has csv's columns and delimiter, but no file, and fails at bad rows. */
enum flt_status flt_csv_new_like(const struct flt_csv *csv, struct flt_csv **made, struct flt_error *err);

/* Moves csv to a position in a block, which must stay unchanged until csv is moved again. */
void flt_csv_set_position(struct flt_csv *csv, const struct flt_block *block, struct flt_csv_position position);
struct flt_csv_position flt_csv_position(const struct flt_csv *csv);

/* Moves csv, which has come to the end of the block before, into a block of its file, to a position that counts from
 * the start of the block. *before: lines and records of the file before the block. */
enum flt_status flt_csv_enter(struct flt_csv *csv, const struct flt_block *block, struct flt_csv_position position,
                              struct flt_csv_counts *before, struct flt_error *err);

/* Like flt_csv_next, but stops at the end of the current block. */
enum flt_status flt_csv_next_in_block(struct flt_csv *csv, struct flt_csv_record *record, bool *is_end,
                                      struct flt_error *err);
bool flt_csv_is_at_last_block(const struct flt_csv *csv);

/* Reads the next block of the file. If the file fails, the block says so. */
void flt_csv_read_block(struct flt_csv *csv, struct flt_block *block);

#endif
