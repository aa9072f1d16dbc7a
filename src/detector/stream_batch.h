/* The rows of a stream that are read and not yet handed out: scoring them, and handing them out. Private to detector/.
 */
#ifndef DETECTOR_STREAM_BATCH_H
#define DETECTOR_STREAM_BATCH_H

#include "detector/stream_state.h"

/* Makes room for what is handed out with the rows; all of them are to be scored, and shown. */
enum flt_status flt_stream_batch_prepare(struct flt_stream *stream, struct flt_error *err);

struct flt_stream_part flt_stream_part_of(size_t first, size_t n);

/* Those of the batch's rows from first on; none of a row that has an error. */
struct flt_explained flt_stream_explained(const struct flt_stream *stream, size_t first);

/* On any thread: scores and explains a chunk of stream->scored; shows one of stream->shown to the visitor. A failure is
 * kept in the chunk. */
void flt_stream_batch_score(struct flt_stream *stream, size_t chunk);
void flt_stream_batch_show(struct flt_stream *stream, size_t chunk);

/* Counts what the chunks hold, unless that came with a deal, and hands out all rows as one block. */
enum flt_status flt_stream_batch_hand_out(struct flt_stream *stream, struct flt_error *err);

#endif
