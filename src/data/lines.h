/*
 * The physical lines of a source, in blocks: LF, CRLF and CR all end a line, and lines are counted from 1. A line that
 * goes over the end of a block comes in pieces.
 */
#ifndef DATA_LINES_H
#define DATA_LINES_H

#include "data/source.h"

struct flt_lines {
	struct flt_source *source;
	unsigned char *block; /* of the source; [at, n) are still to be handed out */
	size_t at, n;
	const unsigned char *line_feed; /* the next '\n' in block, or its end; found again where it lies behind at */
	const unsigned char *nul;       /* the first NUL byte in block, or its end */
	bool is_all;                    /* the source is at its end */
	bool is_peeking;                /* block is not filled again: its end is the end */
	bool after_cr;                  /* the last line ended with '\r' at the end of block: a '\n' belongs to it */
	size_t line;                    /* the one that block[at] stands in */
};

struct flt_line {
	const unsigned char *bytes; /* (n) with its end; n = 0 behind the last line */
	size_t n;
	bool ends; /* the line ends here */
	bool has_nul;
};

/* Opens the source and fills the first block. Whatever happens, flt_lines_close ends it. */
enum flt_status flt_lines_open(struct flt_lines *lines, const char *path, bool rewindable, struct flt_error *err);
void flt_lines_close(struct flt_lines *lines);

/* The next line, or piece of one; flt_lines_pass goes behind it. */
enum flt_status flt_lines_next(struct flt_lines *lines, struct flt_line *line, struct flt_error *err);
void flt_lines_pass(struct flt_lines *lines, const struct flt_line *line);

/* Looking ahead within the first block: between start and stop its end is the end. Stop goes back to where start was.
 */
size_t flt_lines_start_peeking(struct flt_lines *lines);
void flt_lines_stop_peeking(struct flt_lines *lines, size_t start);

/* Back to the first line, after the end was reached. */
enum flt_status flt_lines_rewind(struct flt_lines *lines, struct flt_error *err);

#endif
