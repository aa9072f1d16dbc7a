#include "data/lines.h"

#include <string.h>

#include "base/alloc.h"

enum {
	BLOCK_SIZE = 1 << 18,
	FIRST_SIZE = 1 << 16, /* the first block holds so much at least: delimiter and header are found from it */
};

/* Reads until block holds at least `wanted` bytes or all of the source. Everything before was handed out. */
static enum flt_status fill(struct flt_lines *lines, size_t wanted, struct flt_error *err)
{
	lines->at = lines->n = 0;
	while (lines->n < wanted && !lines->is_all) {
		size_t n_read;
		enum flt_status status =
		        flt_source_read(lines->source, lines->block + lines->n, BLOCK_SIZE - lines->n, &n_read, err);
		if (status != FLT_OK)
			return status;
		lines->n += n_read;
		lines->is_all = n_read == 0;
	}
	lines->line_feed = lines->block; /* to be found */
	lines->nul = lines->n > 0 ? memchr(lines->block, 0, lines->n) : NULL;
	if (!lines->nul)
		lines->nul = lines->block + lines->n;
	return FLT_OK;
}

/* The first block, from behind a byte order mark. */
static enum flt_status start(struct flt_lines *lines, struct flt_error *err)
{
	lines->line = 1;
	lines->is_all = lines->after_cr = false;
	enum flt_status status = fill(lines, FIRST_SIZE, err);
	if (status == FLT_OK && lines->n >= 3 && memcmp(lines->block, "\xEF\xBB\xBF", 3) == 0)
		lines->at = 3;
	return status;
}

enum flt_status flt_lines_open(struct flt_lines *lines, const char *path, bool rewindable, struct flt_error *err)
{
	*lines = (struct flt_lines){0};
	enum flt_status status = flt_source_open(path, rewindable, &lines->source, err);
	if (status != FLT_OK)
		return status;
	lines->block = flt_alloc(BLOCK_SIZE, 1, err);
	return lines->block ? start(lines, err) : FLT_ERR_MACHINE;
}

void flt_lines_close(struct flt_lines *lines)
{
	flt_source_free(lines->source);
	flt_free(lines->block);
	*lines = (struct flt_lines){0};
}

enum flt_status flt_lines_rewind(struct flt_lines *lines, struct flt_error *err)
{
	enum flt_status status = flt_source_rewind(lines->source, err);
	return status == FLT_OK ? start(lines, err) : status;
}

/* Where the line that starts at `first` ends in block: behind its line end, or at the end of block. */
static const unsigned char *find_stop(struct flt_lines *lines, const unsigned char *first)
{
	const unsigned char *end = lines->block + lines->n;
	if (lines->line_feed <= first) {
		lines->line_feed = memchr(first, '\n', (size_t)(end - first));
		if (!lines->line_feed)
			lines->line_feed = end;
	}
	const unsigned char *cr = memchr(first, '\r', (size_t)(lines->line_feed - first));
	bool is_crlf = cr && cr + 1 == lines->line_feed && lines->line_feed < end;
	if (cr && !is_crlf)
		return cr + 1;
	return lines->line_feed < end ? lines->line_feed + 1 : end;
}

enum flt_status flt_lines_next(struct flt_lines *lines, struct flt_line *line, struct flt_error *err)
{
	*line = (struct flt_line){0};
	if (lines->at == lines->n && !lines->is_peeking) {
		enum flt_status status = fill(lines, 1, err);
		if (status != FLT_OK)
			return status;
	}
	if (lines->at == lines->n)
		return FLT_OK;
	const unsigned char *first = lines->block + lines->at;
	line->bytes = first;
	if (lines->after_cr && *first == '\n') {
		line->n = 1; /* the rest of a line end that was counted */
		return FLT_OK;
	}
	line->n = (size_t)(find_stop(lines, first) - first);
	line->ends = first[line->n - 1] == '\n' || first[line->n - 1] == '\r';
	line->has_nul = lines->nul < first + line->n;
	return FLT_OK;
}

void flt_lines_pass(struct flt_lines *lines, const struct flt_line *line)
{
	lines->at += line->n;
	lines->line += line->ends;
	lines->after_cr = lines->at == lines->n && line->ends && line->bytes[line->n - 1] == '\r';
}

size_t flt_lines_start_peeking(struct flt_lines *lines)
{
	lines->is_peeking = true;
	return lines->at;
}

void flt_lines_stop_peeking(struct flt_lines *lines, size_t start)
{
	lines->is_peeking = lines->after_cr = false;
	lines->at = start;
	lines->line = 1;
	lines->line_feed = lines->block;
}
