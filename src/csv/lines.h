/*
 * The physical lines of a block: LF, CRLF and CR all end a line, and lines are counted from 1. A very long line comes
 * in pieces.
 */
#ifndef CSV_LINES_H
#define CSV_LINES_H

#include "csv/blocks.h"

struct flt_lines {
	const unsigned char *bytes; /* of the block; [at, n) are still to be handed out */
	size_t at, n;
	const unsigned char *line_feed; /* the next '\n', or the end; found again where it lies behind at */
	size_t line;                    /* the one that bytes[at] stands in */
};

struct flt_line {
	const unsigned char *bytes; /* (n) with its end; n = 0 behind the last line */
	size_t n;
	bool ends; /* the line ends here */
};

/* Starts at bytes[at] of a block (n), which stands in that line. */
struct flt_lines flt_lines_of(const unsigned char *bytes, size_t at, size_t n, size_t line);

/* The next line, or piece of one; flt_lines_pass goes behind it. */
struct flt_line flt_lines_next(struct flt_lines *lines);
void flt_lines_pass(struct flt_lines *lines, const struct flt_line *line);

#endif
