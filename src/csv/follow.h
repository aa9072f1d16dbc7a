/*
 * Takes one record after another from a source as soon as its line end is there, however slowly bytes come: for callers
 * that answer a record before the next is written. Nothing depends on how the bytes are cut on their way.
 *
 * A record ends at a line end outside quotes. As in reader.h, a quote opens a field only at its start, so a quote
 * elsewhere, which is an error, takes no later record along. A CR ends a record at once; an LF behind it is passed
 * over.
 *
 * A quote that does not close where it should must not keep the rows after it from their answers. So a record is cut at
 * the end of its first line, and the next one begins there, if its quote is open after FLT_FOLLOW_LINES lines, after
 * `most` bytes or at the end of the source, or if text follows the quote that closes it in a later line.
 */
#ifndef CSV_FOLLOW_H
#define CSV_FOLLOW_H

#include "csv/source.h"

enum { FLT_FOLLOW_LINES = 100 };

enum flt_follow_cut {
	FLT_FOLLOW_WHOLE,  /* the record was not cut */
	FLT_FOLLOW_OPEN,   /* its quote is open at the end of the source */
	FLT_FOLLOW_LONG,   /* it is after as many lines or bytes as a record may have */
	FLT_FOLLOW_BROKEN, /* text follows the quote that closes it */
};

/* Zeroed it holds nothing; end it by flt_follow_release. */
struct flt_follow {
	unsigned char *bytes; /* those in [at, n) were read, and are in no record yet */
	size_t at, n, capacity;
	bool is_after_cr, has_ended;
	enum flt_follow_cut cut; /* how the last record was */
	size_t n_lines;          /* line ends inside its quotes, before it was cut */
};

void flt_follow_release(struct flt_follow *follow);

/* Waits for the next record and makes it the bytes (*n) with their line end, which live until the next call. *n is 0
 * only at the end of the source; the last record may lack its line end. A line of more than `most` bytes is cut behind
 * them and one more. delimiter 0: not known yet, so that each quote opens or closes. A failure of the source comes
 * after what it gave. */
enum flt_status flt_follow_next(struct flt_follow *follow, struct flt_source *source, char delimiter, size_t most,
                                const unsigned char **bytes, size_t *n, struct flt_error *err);

#endif
