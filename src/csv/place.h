/* What csv.c and csv_block.c share: a reader that is set upon a place in a block. */
#ifndef CSV_PLACE_H
#define CSV_PLACE_H

#include "csv/blocks.h"
#include "csv/reader.h"

/* Where in a block the next record starts, or the blank lines before it. */
struct flt_csv_place {
	size_t at;
	size_t line;      /* from 1 */
	size_t n_records; /* data records before */
};

/* A reader of records in blocks of csv's file: it has csv's columns and delimiter, no file, and skips no bad rows. */
enum flt_status flt_csv_new_like(const struct flt_csv *csv, struct flt_csv **made, struct flt_error *err);

/* Goes on from a place in a block; where it has come to. */
enum flt_status flt_csv_set_place(struct flt_csv *csv, const struct flt_block *block, struct flt_csv_place place,
                                  struct flt_error *err);
struct flt_csv_place flt_csv_place(const struct flt_csv *csv);

/* The next block of the file, for whom flt_csv_next does not read it. */
void flt_csv_read_bytes(struct flt_csv *csv, struct flt_block *block);

#endif
