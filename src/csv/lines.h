/*
 * Splits a block into physical lines, counted from 1. LF, CRLF and CR each end a line. Very long lines come in pieces.
 */
#ifndef CSV_LINES_H
#define CSV_LINES_H

#include "csv/blocks.h"

struct flt_lines {
	const unsigned char *bytes; /* of the block; those in [at, n) are still to come */
	size_t at, n;
	const unsigned char *line_feed; /* the next '\n' or the end of the block, as of the last search */
	size_t line;                    /* of bytes[at] */
};

struct flt_line {
	const unsigned char *bytes; /* (n) including the line end; n = 0 after the last line */
	size_t n;
	bool ends; /* false: a piece, and the line goes on */
};

/* The lines from bytes[at] of a block (n) on; the first has number `line`. */
struct flt_lines flt_lines_of(const unsigned char *bytes, size_t at, size_t n, size_t line);

/* The next line, or piece of one; flt_lines_pass moves past it. */
struct flt_line flt_lines_next(struct flt_lines *lines);
void flt_lines_pass(struct flt_lines *lines, const struct flt_line *line);

#endif
