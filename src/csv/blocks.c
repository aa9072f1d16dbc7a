/*
 * A block is cut where a line ends outside quotes. Whether a quote is open at a byte follows from the parity of the
 * quotes before it; as each block starts outside quotes, its own bytes suffice. The bytes after the cut are kept for
 * the next block.
 */
#include "csv/blocks.h"

#include <string.h>

#include "base/alloc.h"
#include "csv/structurals.h"

enum {
	FIRST_SIZE = 1 << 16, /* delimiter, header and most types are found from the first block */
	DEFAULT_SIZE = 1 << 18,
	MAX_SIZE = FLT_RECORD_LIMIT + FIRST_SIZE, /* a block that ends no record by then is cut anywhere */
};

void flt_block_release(struct flt_block *block)
{
	flt_free(block->bytes);
	*block = (struct flt_block){0};
}

enum flt_status flt_blocks_open(struct flt_blocks *blocks, const char *path, bool rewindable, size_t size,
                                struct flt_error *err)
{
	*blocks = (struct flt_blocks){
	        .first_size = size ? size : FIRST_SIZE, .size = size ? size : DEFAULT_SIZE, .is_size_given = size != 0};
	return flt_source_open(path, rewindable, &blocks->source, err);
}

void flt_blocks_close(struct flt_blocks *blocks)
{
	flt_source_free(blocks->source);
	flt_free(blocks->kept);
	*blocks = (struct flt_blocks){0};
}

enum flt_status flt_blocks_rewind(struct flt_blocks *blocks, struct flt_error *err)
{
	blocks->n_kept = 0;
	blocks->has_begun = blocks->is_at_end = false;
	return flt_source_rewind(blocks->source, err);
}

void flt_blocks_widen(struct flt_blocks *blocks, size_t size)
{
	if (!blocks->is_size_given && blocks->size < size)
		blocks->size = size;
}

/* Reads until the block has `wanted` bytes, or to the end of the source. */
static enum flt_status fill(struct flt_blocks *blocks, struct flt_block *block, size_t wanted)
{
	struct flt_error *err = &block->err;
	FLT_TRY(flt_grow((void **)&block->bytes, &block->capacity, wanted + FLT_BLOCK_PADDING, 1, err));
	while (block->n < wanted && !blocks->is_at_end) {
		size_t n_read = 0;
		enum flt_status status =
		        flt_source_read(blocks->source, block->bytes + block->n, wanted - block->n, &n_read, err);
		block->n += n_read; /* damaged gzip data may give bytes before they fail */
		FLT_TRY(status);
		blocks->is_at_end = n_read == 0;
	}
	return FLT_OK;
}

/* The place after the last line end outside quotes, searched back to `from`; 0 if there is none. is_quoted: whether a
 * quote is open at the block's end. The LF of a CR at the block's end may still come, so such a CR does not count. */
static size_t find_cut(const struct flt_block *block, size_t from, bool is_quoted, bool is_at_end)
{
	const unsigned char *bytes = block->bytes;
	for (size_t i = block->n; i > from; i--) {
		unsigned char c = bytes[i - 1];
		is_quoted ^= c == '"';
		if (is_quoted || (c != '\n' && c != '\r'))
			continue;
		if (c == '\n' || (i < block->n ? bytes[i] != '\n' : is_at_end))
			return i;
	}
	return 0;
}

/* Reads until a record ends in the block; *cut is the end of the last one. */
static enum flt_status fill_records(struct flt_blocks *blocks, struct flt_block *block, size_t *cut)
{
	size_t wanted = blocks->has_begun ? blocks->size : blocks->first_size, n_seen = 0;
	bool is_quoted = false;
	*cut = 0;
	while (*cut == 0) {
		if (wanted < block->n)
			wanted = block->n;
		FLT_TRY(fill(blocks, block, wanted));
		is_quoted ^= flt_odd_quotes(block->bytes + n_seen, block->n - n_seen);
		*cut = find_cut(block, n_seen, is_quoted, blocks->is_at_end);
		if (blocks->is_at_end || block->n >= MAX_SIZE)
			*cut = block->n;
		if (blocks->is_at_end)
			return FLT_OK;
		n_seen = block->n;
		wanted = 2 * block->n < MAX_SIZE ? 2 * block->n : MAX_SIZE;
	}
	return FLT_OK;
}

static enum flt_status keep_tail(struct flt_blocks *blocks, struct flt_block *block, size_t cut)
{
	size_t n = block->n - cut;
	FLT_TRY(flt_grow((void **)&blocks->kept, &blocks->kept_capacity, n, 1, &block->err));
	if (n > 0)
		memcpy(blocks->kept, block->bytes + cut, n);
	blocks->n_kept = n;
	block->n = cut;
	return FLT_OK;
}

static enum flt_status take_tail(struct flt_blocks *blocks, struct flt_block *block)
{
	size_t n = blocks->n_kept;
	FLT_TRY(flt_grow((void **)&block->bytes, &block->capacity, n + FLT_BLOCK_PADDING, 1, &block->err));
	if (n > 0)
		memcpy(block->bytes, blocks->kept, n);
	block->n = n;
	blocks->n_kept = 0;
	return FLT_OK;
}

static void drop_byte_order_mark(struct flt_block *block)
{
	if (block->n < 3 || memcmp(block->bytes, "\xEF\xBB\xBF", 3) != 0)
		return;
	block->n -= 3;
	memmove(block->bytes, block->bytes + 3, block->n);
}

static enum flt_status read_records(struct flt_blocks *blocks, struct flt_block *block)
{
	size_t cut;
	FLT_TRY(take_tail(blocks, block));
	FLT_TRY(fill_records(blocks, block, &cut));
	return keep_tail(blocks, block, cut);
}

void flt_blocks_read(struct flt_blocks *blocks, struct flt_block *block)
{
	block->n = 0;
	block->status = read_records(blocks, block);
	block->is_last = blocks->is_at_end || block->status != FLT_OK;
	if (!blocks->has_begun)
		drop_byte_order_mark(block);
	blocks->has_begun = true;
	if (block->capacity >= block->n + FLT_BLOCK_PADDING)
		memset(block->bytes + block->n, 0, FLT_BLOCK_PADDING);
}
