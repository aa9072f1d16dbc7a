/*
 * A stream whose rows are scored by several ranks. Each reads and parses all files, and scores its share of every
 * batch; then all tell each other what came of it, in a meeting (ranks/ranks.h), and go on as if each had scored all.
 * So whatever a visitor sees, and what a stream tells of its run, is on every rank what one process would have.
 *
 * A letter says which rows its rank has read, so that files that differ are found before a row of them is handed out.
 */
#ifndef DETECTOR_STREAM_DEAL_H
#define DETECTOR_STREAM_DEAL_H

#include "csv/batches.h"
#include "detector/stream_state.h"

/* Whether the name is that of something other than a file, which can be opened once only, and by one rank. */
bool flt_stream_is_pipe(const char *path);

/* From now on, in each run: all ranks run their streams, over the same files and a detector of the same file, as often
 * and with visitors that agree on reasons. Not with options.follow. NULL: nothing is dealt. ranks is borrowed. */
void flt_stream_deal_over(struct flt_stream *stream, struct flt_ranks *ranks);

/* Scores the batch together with the others, and shows it to the visitor. A row that cannot be scored fails on all
 * ranks alike. FLT_ERR_DATA: another rank has read other rows. */
enum flt_status flt_stream_deal_batch(struct flt_stream *stream, struct flt_csv_batches *batches,
                                      struct flt_error *err);

struct flt_stream_dealt flt_stream_dealt(const struct flt_stream *stream);

/* At the end of a run, if its rows were dealt: whether the other ranks are at its end, too. */
enum flt_status flt_stream_deal_end(struct flt_stream *stream, struct flt_error *err);

#endif
