/* What is behind the handle of a stream: shared by what runs it and what tells of it. Private to detector/. */
#ifndef DETECTOR_STREAM_STATE_H
#define DETECTOR_STREAM_STATE_H

#include "base/digest.h"
#include "base/text.h"
#include "detector/explain.h"
#include "detector/model.h"
#include "detector/stream_rows.h"
#include "detector/watch.h"
#include "ranks/ranks.h"

enum { FLT_STREAM_BATCH_BLOCKS = 8 };

/* Consecutive rows of the batch, in chunks of equal size but for the last. */
struct flt_stream_part {
	size_t first, n, chunk_rows, n_chunks;
};

/* What dealing rows over ranks took this rank, in all runs. */
struct flt_stream_dealt {
	size_t n_batches;
	double seconds;         /* from flt_stream_deal_over to the end of the last run */
	double seconds_scoring; /* its own rows */
	struct flt_traded told; /* letters, in the same time */
};

/* Rows that are dealt over ranks, see detector/stream_deal.h. */
struct flt_stream_deal {
	struct flt_ranks *ranks; /* NULL: they are not */
	uint64_t *letter;        /* (n_words) what this rank tells the others of a batch */
	size_t n_words, capacity;
	size_t n_taken;           /* ranks whose letter was taken */
	struct flt_error failure; /* of the first row that could not be scored */
	double began;
	struct flt_traded told_before; /* it began */
	struct flt_stream_dealt dealt;
};

/* The outcome of scoring or showing a chunk. */
struct flt_stream_chunk {
	enum flt_status status;
	struct flt_error err;
};

struct flt_stream {
	const struct flt_detector *detector;
	struct flt_stream_options options;
	struct flt_names paths;
	struct flt_stream_file *files;  /* (paths.n); the first is always open */
	struct flt_text_buffer name;    /* of all files, for messages */
	struct flt_stream_file *file;   /* that is being read */
	size_t n_rows_before;           /* data records of the files before it */
	size_t n_blank, first_blank;    /* rows of it that hold nothing but delimiters, and the line of the first */
	size_t n_file_rows;             /* rows of it so far */
	struct flt_stream_extra *extra; /* the array in options */

	struct flt_stream_rows blocks[FLT_STREAM_BATCH_BLOCKS]; /* rows of each block of a batch */
	struct flt_stream_rows rows;                            /* of the batch so far */
	const char **id_text, **target_text, **extra_text;      /* of the batch: (n), (n), (n, options.n_extra) */
	double *score;                                          /* (n) */
	double *hash;                                           /* (n), if options.needs_hashes */
	struct flt_explained explained;                         /* (n), if the visitor has reasons */
	size_t id_capacity, target_capacity, extra_capacity, score_capacity, hash_capacity;
	const char **explained_cell;                                                 /* (n, n_parts) */
	size_t part_capacity, left_capacity, range_capacity, cell_capacity, n_parts; /* n_parts: of a row */
	struct flt_stream_part scored, shown; /* those that this process scores, and all */
	struct flt_stream_deal deal;
	struct flt_stream_chunk chunks[FLT_STREAM_MAX_CHUNKS];

	const char *row_error; /* of the one row that is followed: why.text, or NULL */
	struct flt_error why;

	const struct flt_stream_visitor *visitor;
	void (*on_read)(void *context, double share); /* NULL: nobody is told */
	void *read_context;
	struct flt_watch *watch;
	size_t *prep_column; /* (columns of the first file) the preparation's that is read from it, or SIZE_MAX */
	struct flt_digest digest;
	char sha256[FLT_SHA256_TEXT]; /* "" until the first run ended */
	bool was_run;

	/* Of the last run. */
	size_t n_rows, n_skipped;
	struct flt_text_buffer skipped; /* first lines of each file */
	struct flt_names remarks;
	size_t remark_capacity;
};

#endif
