/* What evaluate and explain share: reading rows whose class is known. */
#ifndef CLI_LABELLED_H
#define CLI_LABELLED_H

#include "cli/settings.h"
#include "fltrain/stream.h"
#include "protocol/labelled.h"

enum { MOST_KNOWN_COLUMNS = 2 };

/* How rows of the files behind the model are read. Borrowed. */
struct labelled_reading {
	const struct settings *settings;
	const struct flt_detector *detector;
	struct flt_stream_extra *extra; /* columns that are handed out besides; with room for MOST_KNOWN_COLUMNS more,
	                                 * for those of groups and weights, which rows then names */
	size_t n_extra;
	bool may_lack_target;
};

/* Opens the files and reads all rows, with the sample that rows may name. Warns on stderr, unless --quiet, of rows that
 * were left out, or count otherwise than in training. *stream and rows are the caller's, after a failure too. */
enum flt_status labelled_read(const struct labelled_reading *reading, struct flt_labelled_rows *rows,
                              struct flt_stream **stream, struct flt_error *err);

#endif
