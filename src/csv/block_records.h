/*
 * The records of one block, parsed fast and without looking at any other block. Private to csv/.
 *
 * Lines and records count from 1 in each block. Where csv skips records with a wrong number of fields, these are left
 * out and noted here. Any other record that is not in order (a quote in the wrong place, a NUL, ...) makes
 * flt_block_records_next fail without a message: from there on the block must be parsed by a flt_csv, which knows how
 * many lines came before it, what to do, and what to say.
 */
#ifndef CSV_BLOCK_RECORDS_H
#define CSV_BLOCK_RECORDS_H

#include "csv/position.h"

struct flt_block_records; /* opaque */

/* For blocks of csv's file, none of which is read yet. csv must outlive it. */
enum flt_status flt_block_records_new(const struct flt_csv *csv, struct flt_block_records **made,
                                      struct flt_error *err);
void flt_block_records_free(struct flt_block_records *records);

/* Reads the file's next block, and starts at its first record. */
void flt_block_records_read(struct flt_csv *csv, struct flt_block_records *records);
const struct flt_block *flt_block_records_block(const struct flt_block_records *records);

/* The next record. No NUL follows its fields. Its fields are valid until the next block is read if
 * is_in_block is set, else until the next call. FLT_ERR_DATA: the record is irregular, and has not been
 * consumed. */
enum flt_status flt_block_records_next(struct flt_block_records *records, struct flt_csv_record *record, bool *is_end,
                                       struct flt_error *err);

/* Puts a NUL after each field of the last record, in place of a delimiter, quote, space or line end. The record must
 * be in the block. Its raw bytes are lost, and the block cannot be parsed from before it again. */
void flt_block_records_end_fields(struct flt_block_records *records);

/* Moves on to where another reader of the same block is; false if that is no place in it. */
bool flt_block_records_move(struct flt_block_records *records, struct flt_csv_position position,
                            const struct flt_csv_bad_rows *bad);
void flt_block_records_restart(struct flt_block_records *records); /* returns to the first record */
struct flt_csv_position flt_block_records_position(const struct flt_block_records *records); /* of the next record */
const struct flt_csv_bad_rows *flt_block_records_bad_rows(const struct flt_block_records *records); /* before it */

#endif
