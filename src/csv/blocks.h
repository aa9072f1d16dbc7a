/*
 * A source, read in blocks of whole records. A block ends after the last line end outside quotes among the bytes read,
 * that is, one with an even number of quotes before it. In a valid file that is the end of a record. In an invalid one,
 * the first error stands in or before the first block that is cut wrongly, so whoever parses the blocks in order meets
 * the error first.
 *
 * CRLF is never split. A block grows until a record fits. It is cut anywhere if it grows beyond the largest record, and
 * so is the last block before the source fails.
 */
#ifndef CSV_BLOCKS_H
#define CSV_BLOCKS_H

#include "csv/source.h"

enum {
	FLT_BLOCK_PADDING = 64,     /* NUL bytes after a block's last, for readers of 64 bytes at a time */
	FLT_RECORD_LIMIT = 1 << 24, /* bytes of a record; a longer one is an unclosed quote, or not a table */
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
	unsigned char *kept; /* (n_kept) bytes after the end of the last block */
	size_t n_kept, kept_capacity;
	bool has_begun, is_at_end; /* of the source */
};

void flt_block_release(struct flt_block *block);

/* size: bytes of a block, 0: the default. flt_blocks_close must be called even after a failure. */
enum flt_status flt_blocks_open(struct flt_blocks *blocks, const char *path, bool rewindable, size_t size,
                                struct flt_error *err);
void flt_blocks_close(struct flt_blocks *blocks);

/* Reads the next block. A byte order mark is dropped. A failure is in block->status. */
void flt_blocks_read(struct flt_blocks *blocks, struct flt_block *block);

/* From now on blocks have at least `size` bytes, unless their size was given. */
void flt_blocks_widen(struct flt_blocks *blocks, size_t size);

/* Returns to the first block, after the last was read. */
enum flt_status flt_blocks_rewind(struct flt_blocks *blocks, struct flt_error *err);

#endif
