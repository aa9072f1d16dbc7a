/* What evaluate and explain share: reading rows whose class is known. */
#ifndef CLI_LABELLED_H
#define CLI_LABELLED_H

#include "cli/settings.h"
#include "fltrain/stream.h"
#include "protocol/labelled.h"

enum { MOST_KNOWN_COLUMNS = 2 };

/* The columns of groups and weights, in this order, if there are any: the last of the stream's extra columns. Names
 * them in rows. Returns how many they are. */
size_t labelled_columns(const struct settings *settings, const struct flt_detector *detector,
                        struct flt_labelled_rows *rows, struct flt_stream_extra columns[MOST_KNOWN_COLUMNS]);

/* Warns on stderr of rows that were left out, or count otherwise than in training. */
void labelled_warn(const struct flt_detector *detector, const struct flt_stream *stream,
                   const struct flt_labelled_rows *rows);

#endif
