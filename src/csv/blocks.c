#include "csv/blocks.h"

#include <string.h>

#include "base/alloc.h"
#include "csv/structurals.h"

enum {
	FIRST_SIZE = 1 << 16, /* delimiter, header and most types are found from the first block */
	USUAL_SIZE = 1 << 18,
	MOST_BYTES = FLT_RECORD_LIMIT + FIRST_SIZE, /* without a record's end */
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
	        .first_size = size ? size : FIRST_SIZE, .size = size ? size : USUAL_SIZE, .is_size_given = size != 0};
	return flt_source_open(path, rewindable, &blocks->source, err);
}

void flt_blocks_close(struct flt_blocks *blocks)
{
	flt_source_free(blocks->source);
	flt_free(blocks->rest);
	*blocks = (struct flt_blocks){0};
}

enum flt_status flt_blocks_rewind(struct flt_blocks *blocks, struct flt_error *err)
{
	blocks->n_rest = 0;
	blocks->has_begun = blocks->is_all = false;
	return flt_source_rewind(blocks->source, err);
}

void flt_blocks_widen(struct flt_blocks *blocks, size_t size)
{
	if (!blocks->is_size_given && blocks->size < size)
		blocks->size = size;
}

/* Reads until the block holds `wanted` bytes, or all that are left. */
static enum flt_status fill(struct flt_blocks *blocks, struct flt_block *block, size_t wanted)
{
	enum flt_status status =
	        flt_grow((void **)&block->bytes, &block->capacity, wanted + FLT_BLOCK_PADDING, 1, &block->err);
	while (status == FLT_OK && block->n < wanted && !blocks->is_all) {
		size_t n_read = 0;
		status = flt_source_read(blocks->source, block->bytes + block->n, wanted - block->n, &n_read,
		                         &block->err);
		block->n += n_read;
		blocks->is_all = status == FLT_OK && n_read == 0;
	}
	return status;
}

/* Behind the last line end outside quotes, as far back as `from`; 0 if there is none. is_quoted: whether a quote is
 * open at the end. A CR at the end may have its LF still to come, and is passed over. */
static size_t find_cut(const struct flt_block *block, size_t from, bool is_quoted, bool is_all)
{
	const unsigned char *bytes = block->bytes;
	for (size_t i = block->n; i > from; i--) {
		unsigned char c = bytes[i - 1];
		is_quoted ^= c == '"';
		if (is_quoted || (c != '\n' && c != '\r'))
			continue;
		if (c == '\n' || (i < block->n ? bytes[i] != '\n' : is_all))
			return i;
	}
	return 0;
}

/* Reads on until a record ends in the block; *cut is where. */
static enum flt_status fill_records(struct flt_blocks *blocks, struct flt_block *block, size_t *cut)
{
	size_t wanted = blocks->has_begun ? blocks->size : blocks->first_size, n_seen = 0;
	bool is_quoted = false;
	*cut = 0;
	while (*cut == 0) {
		if (wanted < block->n)
			wanted = block->n;
		enum flt_status status = fill(blocks, block, wanted);
		if (status != FLT_OK)
			return status;
		is_quoted ^= flt_odd_quotes(block->bytes + n_seen, block->n - n_seen);
		*cut = find_cut(block, n_seen, is_quoted, blocks->is_all);
		if (blocks->is_all || block->n >= MOST_BYTES)
			*cut = block->n;
		if (blocks->is_all)
			return FLT_OK;
		n_seen = block->n;
		wanted = 2 * block->n < MOST_BYTES ? 2 * block->n : MOST_BYTES;
	}
	return FLT_OK;
}

static enum flt_status keep_rest(struct flt_blocks *blocks, struct flt_block *block, size_t cut)
{
	size_t n = block->n - cut;
	if (flt_grow((void **)&blocks->rest, &blocks->rest_capacity, n, 1, &block->err) != FLT_OK)
		return FLT_ERR_MACHINE;
	if (n > 0)
		memcpy(blocks->rest, block->bytes + cut, n);
	blocks->n_rest = n;
	block->n = cut;
	return FLT_OK;
}

static enum flt_status take_rest(struct flt_blocks *blocks, struct flt_block *block)
{
	size_t n = blocks->n_rest;
	if (flt_grow((void **)&block->bytes, &block->capacity, n + FLT_BLOCK_PADDING, 1, &block->err) != FLT_OK)
		return FLT_ERR_MACHINE;
	if (n > 0)
		memcpy(block->bytes, blocks->rest, n);
	block->n = n;
	blocks->n_rest = 0;
	return FLT_OK;
}

static void drop_mark(struct flt_block *block)
{
	if (block->n < 3 || memcmp(block->bytes, "\xEF\xBB\xBF", 3) != 0)
		return;
	block->n -= 3;
	memmove(block->bytes, block->bytes + 3, block->n);
}

void flt_blocks_read(struct flt_blocks *blocks, struct flt_block *block)
{
	size_t cut;
	block->n = 0;
	block->is_last = false;
	block->status = take_rest(blocks, block);
	if (block->status == FLT_OK)
		block->status = fill_records(blocks, block, &cut);
	if (block->status == FLT_OK)
		block->status = keep_rest(blocks, block, cut);
	block->is_last = blocks->is_all || block->status != FLT_OK;
	if (!blocks->has_begun)
		drop_mark(block);
	blocks->has_begun = true;
	if (block->capacity >= block->n + FLT_BLOCK_PADDING)
		memset(block->bytes + block->n, 0, FLT_BLOCK_PADDING);
}
