/* The rows of a stream that are read and not yet handed out: scoring them, and handing them out. Private to detector/.
 */
#ifndef DETECTOR_STREAM_BATCH_H
#define DETECTOR_STREAM_BATCH_H

#include "detector/stream_state.h"

/* Makes room for what is handed out with the rows, and sets the size of their chunks. */
enum flt_status flt_stream_batch_prepare(struct flt_stream *stream, struct flt_error *err);

/* On any thread: scores and explains a chunk, then shows it to the visitor. A failure is kept in the chunk. */
void flt_stream_batch_score(struct flt_stream *stream, size_t chunk);
void flt_stream_batch_show(struct flt_stream *stream, size_t chunk);

/* Counts what the chunks hold, and hands out their rows as one block. */
enum flt_status flt_stream_batch_hand_out(struct flt_stream *stream, size_t n_chunks, struct flt_error *err);

#endif
