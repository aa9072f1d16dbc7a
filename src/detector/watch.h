/*
 * What a stream holds in each column that its detector uses, and the warnings that follow from it. Chunks of a batch
 * are counted on any thread; the rest is done between batches, in the order of the file. All figures are of the last
 * run, and the same at any number of threads.
 */
#ifndef DETECTOR_WATCH_H
#define DETECTOR_WATCH_H

#include "detector/change.h"
#include "detector/model.h"

struct flt_watch; /* opaque */

/* Borrows the scorer of the (first) file, and prep, which is that of its detector. Chunks are numbered below n_chunks.
 */
enum flt_status flt_watch_new(const struct flt_prep *prep, const struct flt_scorer *scorer, size_t n_chunks,
                              struct flt_watch **watch, struct flt_error *err);
void flt_watch_free(struct flt_watch *watch);
void flt_watch_clear(struct flt_watch *watch); /* before a run */

/* The counters of a chunk, set to zero: for flt_scorer_score_counting. */
struct flt_seen *flt_watch_chunk(struct flt_watch *watch, size_t chunk);

/* Adds the counters of chunks 1 to n_chunks - 1 to those of chunk 0, which it returns. n_chunks >= 1. */
struct flt_seen *flt_watch_join(struct flt_watch *watch, size_t n_chunks);

/* Adds a chunk of n rows to the run: cells (n, n_names), as the scorer of their file scored them. */
enum flt_status flt_watch_take(struct flt_watch *watch, const struct flt_scorer *scorer, size_t chunk,
                               const char *const *cells, size_t n_names, size_t n, struct flt_error *err);

/* Looks for changes, at the end of a run. */
enum flt_status flt_watch_finish(struct flt_watch *watch, struct flt_error *err);

size_t flt_watch_n_changes(const struct flt_watch *watch);
const struct flt_change *flt_watch_change(const struct flt_watch *watch, size_t i);
size_t flt_watch_changed_column(const struct flt_watch *watch, size_t i); /* of the preparation */

size_t flt_watch_n_columns(const struct flt_watch *watch); /* of the preparation, used or not */

/* What was seen in a column of the preparation, without its values, which are not kept. */
const struct flt_watched *flt_watch_column(const struct flt_watch *watch, size_t column);

/* What was seen in the last run of a stream. */
struct flt_stream;
const struct flt_watch *flt_stream_watch(const struct flt_stream *stream);

/* Whether the detector uses a column of the (first) file, from 0. */
bool flt_stream_uses(const struct flt_stream *stream, size_t column);

#endif
