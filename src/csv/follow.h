/*
 * Takes one record after another from a source as soon as its line end is there, however slowly bytes come: for callers
 * that answer a record before the next is written. Nothing depends on how the bytes are cut on their way.
 *
 * A record ends at a line end outside quotes. As in reader.h, a quote opens a field only at its start, so a quote
 * elsewhere, which is an error, takes no later record along. A CR ends a record at once; an LF behind it is passed
 * over.
 */
#ifndef CSV_FOLLOW_H
#define CSV_FOLLOW_H

#include "csv/source.h"

/* Zeroed it holds nothing; end it by flt_follow_release. */
struct flt_follow {
	unsigned char *bytes; /* those in [at, n) were read, and are in no record yet */
	size_t at, n, capacity;
	bool is_after_cr, has_ended;
};

void flt_follow_release(struct flt_follow *follow);

/* Waits for the next record and makes it the bytes (*n) with their line end, which live until the next call. *n is 0
 * only at the end of the source; the last record may lack its line end. A record of more than `most` bytes is cut
 * there. delimiter 0: not known yet, so that each quote opens or closes. A failure of the source comes after what it
 * gave. */
enum flt_status flt_follow_next(struct flt_follow *follow, struct flt_source *source, char delimiter, size_t most,
                                const unsigned char **bytes, size_t *n, struct flt_error *err);

#endif
