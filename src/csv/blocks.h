/*
 * A source in blocks that end where records end: behind the last line end that stands outside quotes, which is where an
 * even number of quotes stands before it. That is exact in every valid file. In an invalid one the first error stands
 * in or before the first block that is cut wrongly, so whoever reads the blocks in order meets it before the cut.
 *
 * CRLF is never parted. A block grows until a record fits; one that outgrows what a record may have is cut anywhere,
 * and so is the last one before the source fails.
 */
#ifndef CSV_BLOCKS_H
#define CSV_BLOCKS_H

#include "csv/source.h"

enum {
	FLT_BLOCK_PADDING = 64,     /* NUL bytes behind a block's last, for those who look at many at once */
	FLT_RECORD_LIMIT = 1 << 24, /* bytes; longer records come from a quote that was never meant */
};

/* Zeroed memory is an empty block; flt_block_release ends it. */
struct flt_block {
	unsigned char *bytes; /* (n + FLT_BLOCK_PADDING) */
	size_t n, capacity;
	bool is_last;
	enum flt_status status; /* why the source ends behind these bytes, if it fails there */
	struct flt_error err;
};

struct flt_blocks {
	struct flt_source *source;
	size_t first_size, size; /* bytes that are asked for */
	bool is_size_given;
	unsigned char *rest; /* (n_rest) read, but behind the last block's end */
	size_t n_rest, rest_capacity;
	bool has_begun, is_all; /* is_all: the source is at its end */
};

void flt_block_release(struct flt_block *block);

/* size: bytes of a block, 0 for the usual. Whatever happens, flt_blocks_close ends it. */
enum flt_status flt_blocks_open(struct flt_blocks *blocks, const char *path, bool rewindable, size_t size,
                                struct flt_error *err);
void flt_blocks_close(struct flt_blocks *blocks);

/* The next block, without a byte order mark. A failure stands in the block. */
void flt_blocks_read(struct flt_blocks *blocks, struct flt_block *block);

/* From here on blocks have so many bytes at least, unless their size was given. */
void flt_blocks_widen(struct flt_blocks *blocks, size_t size);

/* Back to the first one, after the last was read. */
enum flt_status flt_blocks_rewind(struct flt_blocks *blocks, struct flt_error *err);

#endif
