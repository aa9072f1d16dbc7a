/*
 * A CSV file through a detector, in constant memory: blocks of records are read, scored and handed out in order, while
 * the next block is being read. The same rows with the same scores come out at any number of threads.
 */
#ifndef DETECTOR_STREAM_H
#define DETECTOR_STREAM_H

#include "csv/reader.h"
#include "detector/detector.h"

struct flt_stream; /* opaque */

struct flt_stream_options {
	/* How the file is read; na, decimal and numeric where they differ from the training's, id where it has
	 * another name (then it must be there), header, delimiter and skip_bad_rows. */
	struct flt_table_options reading;
	bool keep_records;  /* hand out records as they stand in the file */
	bool needs_target;  /* the target must be there, and is handed out */
	bool rewindable;    /* flt_stream_run will be called again */
	bool skip_digest;   /* the file's SHA-256 is of no use */
	unsigned n_threads; /* 0: all */
};

/* Consecutive rows of a block; texts live until the next block is handed out. */
struct flt_scored_rows {
	size_t n;
	const double *score;         /* (n) */
	const size_t *row, *line;    /* (n) data record from 1; line on which it starts */
	const char *const *id;       /* (n), or NULL where the file has no id column */
	const char *const *target;   /* (n), or NULL unless asked for */
	const char *const *record;   /* (n), or NULL unless asked for */
	const size_t *record_length; /* (n) */
};

/* Both may be NULL. on_rows is called on any thread for each part of a block, at once for several: part numbers them
 * from 0 within the block, below FLT_STREAM_PARTS. Then on_block is called on the caller's thread with the whole block,
 * in n_parts parts. */
enum { FLT_STREAM_PARTS = 16 };

struct flt_stream_visitor {
	void *context;
	enum flt_status (*on_rows)(void *context, size_t part, const struct flt_scored_rows *rows,
	                           struct flt_error *err);
	enum flt_status (*on_block)(void *context, size_t n_parts, const struct flt_scored_rows *rows,
	                            struct flt_error *err);
};

/* Borrows the detector. Opens the file and finds its columns. */
enum flt_status flt_stream_open(const struct flt_detector *detector, const char *path,
                                const struct flt_stream_options *options, struct flt_stream **stream,
                                struct flt_error *err);
void flt_stream_free(struct flt_stream *stream);

/* The whole file. An error names the file and the line; what was handed out before it stays. A second call starts
 * again. */
enum flt_status flt_stream_run(struct flt_stream *stream, const struct flt_stream_visitor *visitor,
                               struct flt_error *err);

const struct flt_detector *flt_stream_detector(const struct flt_stream *stream);
bool flt_stream_is_missing(const struct flt_stream *stream, const char *cell); /* empty, or a missing marker */
const struct flt_csv *flt_stream_csv(const struct flt_stream *stream);         /* for its header and what it skipped */
const char *flt_stream_id_name(const struct flt_stream *stream); /* of the id column, NULL if there is none */
size_t flt_stream_n_rows(const struct flt_stream *stream);       /* of the last run */

/* What the last run met that training had not learnt: cells of that column whose category has no slot of its own, and
 * the text of the first. */
size_t flt_stream_unlearnt(const struct flt_stream *stream, size_t column, const char **first);

/* The probability of the positive class for one record: cells (n) in the columns of these names (n), in any order, more
 * than the detector needs or not, as they would stand in a CSV file. For many records keep a flt_scorer (detector.h).
 */
enum flt_status flt_score_row(const struct flt_detector *detector, const char *const *names, const char *const *cells,
                              size_t n, double *probability, struct flt_error *err);

/* The same for every row of a CSV file ("-" is stdin): *probability (*n) is freed by flt_release_bytes. For files that
 * do not fit into memory use a flt_stream (stream.h). */
enum flt_status flt_score_file(const struct flt_detector *detector, const char *path, unsigned n_threads,
                               double **probability, size_t *n, struct flt_error *err);

#endif
