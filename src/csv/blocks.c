/*
 * A block is cut where a line ends outside quotes. Whether a quote is open at a byte follows from the parity of the
 * quotes before it; as each block starts outside quotes, its own bytes suffice. The bytes after the cut are kept for
 * the next block.
 */
#include "csv/blocks.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "csv/structurals.h"

enum {
	FIRST_SIZE = 1 << 16, /* most types are found from the first block */
	DEFAULT_SIZE = 1 << 18,
	MAX_SIZE = FLT_RECORD_LIMIT + FIRST_SIZE, /* a block that ends no record by then is cut anywhere */
};

void flt_block_release(struct flt_block *block)
{
	flt_free(block->bytes);
	*block = (struct flt_block){0};
}

/* Like flt_source_read, but after its end or failure the source is left alone. */
static enum flt_status read_source(struct flt_blocks *blocks, unsigned char *bytes, size_t size, size_t *n_read)
{
	*n_read = 0;
	if (!blocks->source_has_ended) {
		blocks->source_status = flt_source_read(blocks->source, bytes, size, n_read, &blocks->source_err);
		blocks->source_has_ended = blocks->source_status != FLT_OK || *n_read == 0;
	}
	return blocks->source_status;
}

/* The length of the longest record that is kept, of which the last may not be whole. */
static size_t longest_kept(const struct flt_blocks *blocks)
{
	size_t longest = 0, at = blocks->kept_at;
	bool is_quoted = false;
	for (size_t i = at; i < blocks->n_kept; i++) {
		unsigned char c = blocks->kept[i];
		longest = i + 1 - at > longest ? i + 1 - at : longest;
		is_quoted ^= c == '"';
		if (!is_quoted && (c == '\n' || c == '\r'))
			at = i + 1;
	}
	return longest;
}

/* The size of a beginning, as far as what is kept tells. */
static size_t beginning_size(const struct flt_blocks *blocks)
{
	const size_t least = FLT_BEGINNING_SIZE, most = FLT_BEGINNING_LIMIT;
	size_t n = FLT_BEGINNING_RECORDS * longest_kept(blocks);
	return n < least ? least : n < most ? n : most;
}

static enum flt_status grow_kept(struct flt_blocks *blocks, size_t n, struct flt_error *err)
{
	return flt_grow((void **)&blocks->kept, &blocks->kept_capacity, n + FLT_EDITS_ROOM, 1, err);
}

/* Reads on until n bytes are kept, for which there is room. */
static void keep_bytes(struct flt_blocks *blocks, size_t n)
{
	while (blocks->n_kept < n && !blocks->source_has_ended) {
		size_t n_read;
		(void)read_source(blocks, blocks->kept + blocks->n_kept, n - blocks->n_kept, &n_read);
		blocks->n_kept += n_read; /* damaged gzip data may give bytes before they fail */
	}
}

/* Like flt_follow_next. A failure of the source is kept for the block that it ends. */
static enum flt_status follow(struct flt_blocks *blocks, const unsigned char **bytes, size_t *n)
{
	*n = 0;
	if (!blocks->source_has_ended) {
		blocks->source_status = flt_follow_next(&blocks->ahead, blocks->source, blocks->delimiter,
		                                        FLT_RECORD_LIMIT, bytes, n, &blocks->source_err);
		blocks->source_has_ended = blocks->source_status != FLT_OK || *n == 0;
	}
	return blocks->source_status;
}

static enum flt_status keep_record(struct flt_blocks *blocks, struct flt_error *err)
{
	const unsigned char *bytes;
	size_t n;
	(void)follow(blocks, &bytes, &n);
	FLT_TRY(grow_kept(blocks, n, err));
	if (n > 0)
		memcpy(blocks->kept, bytes, n);
	blocks->kept_at = 0;
	blocks->n_kept = n;
	return FLT_OK;
}

/* Reads on until the beginning is kept. */
static enum flt_status keep_beginning(struct flt_blocks *blocks, struct flt_error *err)
{
	if (blocks->follows)
		return blocks->kept_at < blocks->n_kept ? FLT_OK : keep_record(blocks, err);
	blocks->n_kept -= blocks->kept_at;
	memmove(blocks->kept, blocks->kept + blocks->kept_at, blocks->n_kept);
	blocks->kept_at = 0;
	size_t wanted = beginning_size(blocks);
	while (blocks->n_kept < wanted && !blocks->source_has_ended) {
		FLT_TRY(grow_kept(blocks, wanted, err));
		keep_bytes(blocks, wanted);
		wanted = beginning_size(blocks);
	}
	return FLT_OK;
}

static void skip_byte_order_mark(struct flt_blocks *blocks)
{
	if (blocks->n_kept >= 3 && memcmp(blocks->kept, "\xEF\xBB\xBF", 3) == 0)
		blocks->kept_at = 3;
}

enum flt_status flt_blocks_begin(struct flt_blocks *blocks, struct flt_error *err)
{
	FLT_TRY(grow_kept(blocks, FLT_BEGINNING_SIZE, err));
	FLT_TRY(keep_beginning(blocks, err));
	skip_byte_order_mark(blocks);
	return FLT_OK;
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
	flt_follow_release(&blocks->ahead);
	flt_free(blocks->kept);
	*blocks = (struct flt_blocks){0};
}

const unsigned char *flt_blocks_beginning(const struct flt_blocks *blocks, size_t *n, bool *is_all)
{
	*n = blocks->n_kept - blocks->kept_at;
	*is_all = blocks->source_has_ended && blocks->source_status == FLT_OK;
	return blocks->kept + blocks->kept_at;
}

void flt_blocks_drop(struct flt_blocks *blocks, size_t n, size_t n_lines)
{
	blocks->kept_at += n;
	blocks->n_dropped += n;
	blocks->n_dropped_lines += n_lines;
}

/* The length of the first line with its line end; 0 if it ends beyond the n bytes. */
static size_t line_length(const unsigned char *bytes, size_t n, bool is_all)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\r' && i + 1 < n)
			return bytes[i + 1] == '\n' ? i + 2 : i + 1;
		if (bytes[i] == '\n')
			return i + 1;
	}
	return is_all ? n : 0;
}

enum flt_status flt_blocks_drop_lines(struct flt_blocks *blocks, size_t n_lines, struct flt_error *err)
{
	while (n_lines > 0) {
		size_t n, length;
		bool is_all;
		const unsigned char *bytes = flt_blocks_beginning(blocks, &n, &is_all);
		length = line_length(bytes, n, is_all);
		bool is_whole = length > 0 || n == 0 || blocks->source_has_ended;
		if (is_whole && length == 0)
			return FLT_OK; /* the file ends */
		flt_blocks_drop(blocks, is_whole ? length : n, is_whole);
		n_lines -= is_whole;
		if (blocks->n_kept - blocks->kept_at < FLT_BEGINNING_SIZE / 2)
			FLT_TRY(keep_beginning(blocks, err));
	}
	return keep_beginning(blocks, err);
}

void flt_blocks_edit(struct flt_blocks *blocks, const struct flt_edits *edits)
{
	blocks->edits = *edits;
	size_t n = blocks->n_kept - blocks->kept_at;
	assert(blocks->n_kept + FLT_EDITS_ROOM <= blocks->kept_capacity);
	blocks->n_kept = blocks->kept_at + flt_edit_beginning(edits, blocks->kept + blocks->kept_at, n);
}

/* Puts what comes next in the place of what was kept. */
static void fill_kept(struct flt_blocks *blocks)
{
	blocks->n_kept = blocks->kept_at = 0;
	keep_bytes(blocks, blocks->kept_capacity - FLT_EDITS_ROOM);
}

/* Drops again what was dropped before, and edits the beginning as before. */
enum flt_status flt_blocks_rewind(struct flt_blocks *blocks, struct flt_error *err)
{
	struct flt_edits edits = blocks->edits;
	blocks->has_begun = blocks->is_at_end = blocks->source_has_ended = false;
	FLT_TRY(flt_source_rewind(blocks->source, err));
	fill_kept(blocks);
	skip_byte_order_mark(blocks);
	for (size_t n_left = blocks->n_dropped; n_left > 0 && blocks->kept_at < blocks->n_kept;) {
		size_t n = blocks->n_kept - blocks->kept_at;
		n = n < n_left ? n : n_left;
		blocks->kept_at += n;
		n_left -= n;
		if (blocks->kept_at == blocks->n_kept)
			fill_kept(blocks);
	}
	FLT_TRY(keep_beginning(blocks, err));
	flt_blocks_edit(blocks, &edits);
	return FLT_OK;
}

void flt_blocks_widen(struct flt_blocks *blocks, size_t size)
{
	if (!blocks->is_size_given && blocks->size < size)
		blocks->size = size;
}

/* The next bytes: those kept, then those of the source. */
static enum flt_status read_next(struct flt_blocks *blocks, unsigned char *bytes, size_t size, size_t *n_read)
{
	size_t n = blocks->n_kept - blocks->kept_at;
	if (n == 0)
		return read_source(blocks, bytes, size, n_read);
	*n_read = n < size ? n : size;
	memcpy(bytes, blocks->kept + blocks->kept_at, *n_read);
	blocks->kept_at += *n_read;
	return FLT_OK;
}

/* Reads until the block has `wanted` bytes, or to the end of the source. Its memory grows with what is read, since a
 * block of a wide table may be much larger than the file. */
static enum flt_status fill(struct flt_blocks *blocks, struct flt_block *block, size_t wanted)
{
	while (block->n < wanted && !blocks->is_at_end) {
		size_t n_read = 0, left = wanted - block->n, most = left < DEFAULT_SIZE ? left : DEFAULT_SIZE;
		FLT_TRY(flt_grow((void **)&block->bytes, &block->capacity, block->n + most + FLT_BLOCK_PADDING, 1,
		                 &block->err));
		enum flt_status status = read_next(blocks, block->bytes + block->n, most, &n_read);
		block->n += n_read; /* damaged gzip data may give bytes before they fail */
		if (status != FLT_OK)
			block->err = blocks->source_err;
		FLT_TRY(status);
		blocks->is_at_end = n_read == 0;
	}
	return FLT_OK;
}

/* The place after the last line end outside quotes, searched back to `from`; 0 if there is none. is_quoted: whether a
 * quote is open at the block's end. The LF of a CR at the block's end may still come, so such a CR does not count; any
 * other LF is met before its CR. */
static size_t find_cut(const struct flt_block *block, size_t from, bool is_quoted, bool is_at_end)
{
	const unsigned char *bytes = block->bytes;
	for (size_t i = block->n; i > from; i--) {
		unsigned char c = bytes[i - 1];
		is_quoted ^= c == '"';
		if (is_quoted || (c != '\n' && c != '\r'))
			continue;
		if (c == '\n' || i < block->n || is_at_end)
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
		FLT_TRY(fill(blocks, block, wanted));
		is_quoted ^= flt_odd_quotes(block->bytes + n_seen, block->n - n_seen);
		*cut = find_cut(block, n_seen, is_quoted, blocks->is_at_end);
		if (blocks->is_at_end || (*cut == 0 && block->n >= MAX_SIZE))
			*cut = block->n;
		if (blocks->is_at_end)
			return FLT_OK;
		n_seen = block->n;
		wanted = 2 * block->n < MAX_SIZE ? 2 * block->n : MAX_SIZE;
	}
	return FLT_OK;
}

/* Keeps what follows the cut. While kept bytes are left, all of the block's came from there. */
static enum flt_status keep_tail(struct flt_blocks *blocks, struct flt_block *block, size_t cut)
{
	size_t n = block->n - cut;
	block->n = cut;
	if (blocks->kept_at < blocks->n_kept) {
		blocks->kept_at -= n;
		return FLT_OK;
	}
	FLT_TRY(flt_grow((void **)&blocks->kept, &blocks->kept_capacity, n, 1, &block->err));
	if (n > 0)
		memcpy(blocks->kept, block->bytes + cut, n);
	blocks->kept_at = 0;
	blocks->n_kept = n;
	return FLT_OK;
}

/* The record that is kept, or the next. */
static enum flt_status read_record(struct flt_blocks *blocks, struct flt_block *block)
{
	const unsigned char *bytes = blocks->kept + blocks->kept_at;
	size_t n = blocks->n_kept - blocks->kept_at;
	blocks->kept_at = blocks->n_kept;
	if (n == 0 && follow(blocks, &bytes, &n) != FLT_OK) {
		block->err = blocks->source_err;
		return blocks->source_status;
	}
	/* This record may be the last, and lack its line end. */
	blocks->is_at_end = blocks->ahead.has_ended && blocks->ahead.at == blocks->ahead.n;
	FLT_TRY(flt_grow((void **)&block->bytes, &block->capacity, n + FLT_BLOCK_PADDING, 1, &block->err));
	if (n > 0)
		memcpy(block->bytes, bytes, n);
	block->n = n;
	return FLT_OK;
}

static enum flt_status read_records(struct flt_blocks *blocks, struct flt_block *block)
{
	size_t cut;
	if (blocks->follows)
		return read_record(blocks, block);
	FLT_TRY(fill_records(blocks, block, &cut));
	return keep_tail(blocks, block, cut);
}

enum { CTRL_Z = 0x1A }; /* the end of a text file under DOS */

static void edit(const struct flt_blocks *blocks, struct flt_block *block)
{
	while (block->is_last && block->status == FLT_OK && block->n > 0 && block->bytes[block->n - 1] == CTRL_Z)
		block->n--;
	block->n = flt_edit_lines(&blocks->edits, block->bytes, block->n, block->is_last);
}

void flt_blocks_read(struct flt_blocks *blocks, struct flt_block *block)
{
	block->n = 0;
	block->status = read_records(blocks, block);
	block->is_last = blocks->is_at_end || block->status != FLT_OK;
	blocks->has_begun = true;
	if (block->n > 0)
		edit(blocks, block);
	if (block->capacity >= block->n + FLT_BLOCK_PADDING)
		memset(block->bytes + block->n, 0, FLT_BLOCK_PADDING);
}
