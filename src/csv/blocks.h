/*
 * A source, read in blocks of whole records. A block ends after the last line end outside quotes among the bytes read,
 * that is, one with an even number of quotes before it. In a valid file that is the end of a record. In an invalid one,
 * the first error stands in or before the first block that is cut wrongly, so whoever parses the blocks in order meets
 * the error first.
 *
 * CRLF is never split. A block grows until a record fits. It is cut anywhere if it grows beyond the largest record, and
 * so is the last block before the source fails.
 *
 * The beginning of the file can be looked at before the first block is read (flt_blocks_beginning). What is found out
 * there about the frame of the table is taken out of the bytes, so that blocks hold nothing but records: see
 * flt_blocks_drop and struct flt_edits.
 *
 * Blocks that follow a source hold one record each, and come as soon as it is whole.
 */
#ifndef CSV_BLOCKS_H
#define CSV_BLOCKS_H

#include "csv/edits.h"
#include "csv/follow.h"

enum {
	FLT_BLOCK_PADDING = 64,     /* NUL bytes after a block's last, for readers of 64 bytes at a time */
	FLT_RECORD_LIMIT = 1 << 24, /* bytes of a record; a longer one is an unclosed quote, or not a table */
	/* Bytes that are looked at before a file is read: more where a record among them is long, up to the limit, so
	 * that there are whole records, too. */
	FLT_BEGINNING_SIZE = 1 << 16,
	FLT_BEGINNING_LIMIT = 1 << 21,
	FLT_BEGINNING_RECORDS = 8, /* as long as the longest */
};

/* Zeroed memory is an empty block; flt_block_release frees its bytes. */
struct flt_block {
	unsigned char *bytes; /* (n + FLT_BLOCK_PADDING) */
	size_t n, capacity;
	bool is_last;
	enum flt_status status; /* of the source: if it failed after these bytes, the block is the last */
	struct flt_error err;
};

struct flt_blocks {
	struct flt_source *source;
	size_t first_size, size; /* of the first block and the others, in bytes, if records fit */
	bool is_size_given;
	unsigned char *kept; /* those in [kept_at, n_kept) come next: they were read, and are in no block yet */
	size_t kept_at, n_kept, kept_capacity;
	bool has_begun;        /* a block was read */
	bool is_at_end;        /* of kept and of the source */
	bool source_has_ended; /* or failed: */
	enum flt_status source_status;
	struct flt_error source_err;
	size_t n_dropped; /* bytes before the table, without the byte order mark */
	size_t n_dropped_lines;
	struct flt_edits edits;
	bool follows; /* a block is one record, and so is the beginning */
	char delimiter;
	struct flt_follow ahead; /* of a source that is followed */
};

void flt_block_release(struct flt_block *block);

/* size: bytes of a block, 0: the default. flt_blocks_close must be called even after a failure. For blocks that follow
 * the source, set follows after it, and delimiter once it is known. */
enum flt_status flt_blocks_open(struct flt_blocks *blocks, const char *path, bool rewindable, size_t size,
                                struct flt_error *err);
void flt_blocks_close(struct flt_blocks *blocks);

/* Once, after opening: reads the beginning of the file, and drops a byte order mark. If the file itself fails, that
 * comes with the block that it ends. */
enum flt_status flt_blocks_begin(struct flt_blocks *blocks, struct flt_error *err);

/* What comes next (*n), if no block was read yet: the beginning less what was dropped, or all with *is_all. */
const unsigned char *flt_blocks_beginning(const struct flt_blocks *blocks, size_t *n, bool *is_all);

/* Before the first block: drops lines of the file, or the next n bytes (of the beginning) that hold n_lines lines. */
enum flt_status flt_blocks_drop_lines(struct flt_blocks *blocks, size_t n_lines, struct flt_error *err);
void flt_blocks_drop(struct flt_blocks *blocks, size_t n, size_t n_lines);

/* Before the first block: edits the beginning now, and each block when it is read. */
void flt_blocks_edit(struct flt_blocks *blocks, const struct flt_edits *edits);

/* Reads the next block. A failure is in block->status. */
void flt_blocks_read(struct flt_blocks *blocks, struct flt_block *block);

/* From now on blocks have at least `size` bytes, unless their size was given. */
void flt_blocks_widen(struct flt_blocks *blocks, size_t size);

/* Returns to the first block, after the last was read. */
enum flt_status flt_blocks_rewind(struct flt_blocks *blocks, struct flt_error *err);

#endif
