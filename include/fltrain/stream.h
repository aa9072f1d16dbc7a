/*
 * Scoring CSV files: of any size in constant memory (a stream), or at once (flt_score_file). The same rows get the same
 * scores at any number of threads.
 */
#ifndef FLTRAIN_STREAM_H
#define FLTRAIN_STREAM_H

#include "fltrain/reasons.h"

/* The probabilities (*n) of all rows of a CSV file, in order; "-" is stdin, and gzip is unpacked. n_threads 0: one per
 * processor. End *probability by flt_release; on failure it is NULL. */
enum flt_status flt_score_file(const struct flt_detector *detector, const char *path, unsigned n_threads,
                               double **probability, size_t *n, struct flt_error *err);

/*
 * A stream reads a file block by block, scores the rows of each, and hands them out in order while the next block is
 * being read: flt_stream_open, flt_stream_run, flt_stream_free. One thread at a time.
 */
struct flt_stream;

/* A column that is handed out beside the scores, whether it is used or not. */
struct flt_stream_extra {
	const char *name;
	const char *option; /* that asked for it, as an error shows it: "--by"; NULL: the first file may lack it, and
	                     * then its cells are NULL */
};

struct flt_stream_options {
	struct flt_reading_options reading;
	bool keep_records;    /* hand out records as they stand in the file */
	bool needs_target;    /* the column with the true class must be there, and is handed out */
	bool may_lack_target; /* with it: but the first file may lack that column, and then no rows have a class */
	bool rewindable;      /* flt_stream_run will be called more than once; keeps a copy of what a pipe gives */
	bool follow; /* read one record at a time, and hand out each row before the next is waited for; see below */
	bool needs_sha256;                    /* flt_stream_sha256 will be called */
	bool needs_hashes;                    /* hand out hashes of what the rows' inputs are */
	const struct flt_stream_extra *extra; /* (n_extra), borrowed while it opens */
	size_t n_extra;
	unsigned n_threads; /* 0: one per processor */
	size_t block_size;  /* bytes read at a time; 0: 256 KB. Delimiter and header are found in the first block */
};

/* Opens a file ("-" is stdin) and finds its columns. A file that is missing or empty, or lacks a needed column, is
 * FLT_ERR_DATA; a missing id column or one of options.extra is FLT_ERR_USAGE. Borrows the detector and the texts in
 * options. On failure *stream is NULL. */
enum flt_status flt_stream_open(const struct flt_detector *detector, const char *path,
                                const struct flt_stream_options *options, struct flt_stream **stream,
                                struct flt_error *err);

/* Opens several files (n_paths >= 1) as one: the rows of all, in order, numbered on. Each file's columns are matched by
 * name, and each may have its own delimiter. With keep_records they must have the same columns, in any order; id,
 * target and a column of options.extra must be in all files, or in none. Files but the first are opened as they are
 * reached; a file that is no pipe is looked at before. */
enum flt_status flt_stream_open_files(const struct flt_detector *detector, const char *const *paths, size_t n_paths,
                                      const struct flt_stream_options *options, struct flt_stream **stream,
                                      struct flt_error *err);
void flt_stream_free(struct flt_stream *stream); /* NULL is fine */

/*
 * With options.follow a stream answers a service or a queue: each record is handed out as one block as soon as its line
 * end was read, on the caller's thread. The first record is the header, as far as it can be told from it alone. A
 * record that is broken, or has a cell that cannot be read, is handed out with its error and ends nothing; of a broken
 * one id, target, cells and extra are NULL, and its record is nothing but delimiters. Rows
 * count from 1, with those. Blank lines and copies of the header are passed over. One file only; not with rewindable.
 */

/* Consecutive rows. All of it lives until the function that it was handed to returns. */
struct flt_scored_rows {
	size_t n;
	size_t n_before;           /* rows of this run that were handed out before these */
	const double *score;       /* (n) */
	const char *const *error;  /* (n) why a row has no score (NaN), or NULL; NULL unless options.follow */
	const char *file;          /* that they are from, for messages */
	const size_t *row, *line;  /* (n) number of the data record, from 1, and line of its file on which it starts */
	const char *const *id;     /* (n), or NULL where the file has no id column */
	const char *const *target; /* (n), or NULL unless options.needs_target */
	const char *const *extra;  /* (n, n_extra) cells of options.extra */
	size_t n_extra;
	const double *hash; /* (n) in [0, 1), or NULL unless options.needs_hashes; equal for rows of equal inputs */
	/* Unless the visitor has reasons, and of a followed row with an error, these are NULL: as flt_reasons_explain
	 * gives them, and the cells (n, columns of the reasons) that they are about. */
	const double *part, *left, *range;
	const char *const *cell;
	const char *const *record;   /* (n) without line ends, in the first file's order of columns and with its
	                              * delimiter; NULL unless options.keep_records */
	const size_t *record_length; /* (n) */
};

enum { FLT_STREAM_MAX_CHUNKS = 16 };

/* What is done with the rows; each function may be NULL, and so may reasons. The rows of a block are split into chunks,
 * numbered from 0 to at most FLT_STREAM_MAX_CHUNKS - 1. on_chunk is called once per chunk, on any thread and for
 * several chunks at a time; then on_block for the whole block, on the caller's thread. A failure that either returns
 * ends the run. */
struct flt_stream_visitor {
	void *context;
	enum flt_status (*on_chunk)(void *context, size_t chunk, const struct flt_scored_rows *rows,
	                            struct flt_error *err);
	enum flt_status (*on_block)(void *context, size_t n_chunks, const struct flt_scored_rows *rows,
	                            struct flt_error *err);
	const struct flt_reasons *reasons; /* explain the rows, too; of the stream's detector */
};

/* Scores all rows. An error names the file and the line; the rows before it were handed out. A second call starts
 * over and needs options.rewindable. */
enum flt_status flt_stream_run(struct flt_stream *stream, const struct flt_stream_visitor *visitor,
                               struct flt_error *err);

/* From now on on_read is told, by the thread that runs the stream, which share of the bytes of its files, [0, 1], has
 * been read in this run, each file counting alike; NaN while a pipe is read. NULL: nobody is told. */
void flt_stream_tell_share(struct flt_stream *stream, void (*on_read)(void *context, double share), void *context);

/* Runs the stream and collects the scores (*n) of all rows. Free *score with flt_release; on failure it is NULL. */
enum flt_status flt_stream_scores(struct flt_stream *stream, double **score, size_t *n, struct flt_error *err);

/* ---- the file, of several the first: texts live as long as the stream ---- */

/* For messages: the path, or "standard input"; "a.csv and 2 more files". */
const char *flt_stream_name(const struct flt_stream *stream);
size_t flt_stream_n_files(const struct flt_stream *stream);
const char *flt_stream_file_name(const struct flt_stream *stream, size_t i); /* of each; i from 0 */
size_t flt_stream_n_columns(const struct flt_stream *stream);
const char *flt_stream_column_name(const struct flt_stream *stream, size_t column); /* column from 0 */
const char *flt_stream_id_name(const struct flt_stream *stream);                    /* of the id column, or NULL */
const char *flt_stream_header(const struct flt_stream *stream, size_t *length);     /* as it stands there, or NULL */
char flt_stream_delimiter(const struct flt_stream *stream);
char flt_stream_decimal(const struct flt_stream *stream);
bool flt_stream_is_missing(const struct flt_stream *stream, const char *cell); /* empty, or stands for missing */

/* ---- the last run ---- */

size_t flt_stream_n_rows(const struct flt_stream *stream);             /* that were scored */
size_t flt_stream_n_skipped(const struct flt_stream *stream);          /* options.reading.skip_bad_rows */
const char *flt_stream_skipped_lines(const struct flt_stream *stream); /* the first: "lines 17, 40, ..."; "": none */
size_t flt_stream_n_remarks(const struct flt_stream *stream);          /* on the layout of the file; of several files
                                                                         each begins with the name of its file */
const char *flt_stream_remark(const struct flt_stream *stream, size_t i);
const char *
flt_stream_sha256(const struct flt_stream *stream); /* of the file, unpacked; NULL unless it was asked for */

/* How many cells of a column held a category that the detector did not learn, since fewer than 5 training rows had it.
 * *first is the text of the first such cell, NULL if there is none. Such a cell counts as "another category". */
size_t flt_stream_n_unlearnt(const struct flt_stream *stream, size_t column, const char **first);

/* Whether such cells are no news: training had some as well, and about as many. */
bool flt_stream_unlearnt_is_usual(const struct flt_stream *stream, size_t column);

/* The columns that differ suddenly from the rows that the detector was fitted on, at most one warning for each: empty
 * now, made of categories that were not learnt, scaled by a constant factor, out of range, or always the same value.
 * A warning is a sentence with the column and the figures, which lives until the next run. There are none for a
 * detector that was saved before its file held what to compare with. */
size_t flt_stream_n_warnings(const struct flt_stream *stream);
const char *flt_stream_warning(const struct flt_stream *stream, size_t i);
bool flt_stream_warns_of(const struct flt_stream *stream, size_t column); /* of the file, from 0 */

#endif
