/*
 * The rows that a detector is explained on: all of a file or a table, or a sample of them (eval/class_sample.h), since
 * each is scored hundreds of times. A row weighs what it stands for, so that figures are those of all rows.
 */
#ifndef PROTOCOL_EXPLAIN_ROWS_H
#define PROTOCOL_EXPLAIN_ROWS_H

#include "base/text.h"
#include "detector/model.h"
#include "eval/class_sample.h"
#include "fltrain/stream.h"

/* The chosen rows. */
struct flt_explain_rows {
	size_t n, n_positive; /* of labelled ones */
	size_t n_of;          /* rows that they stand for */
	struct flt_cell_columns *columns;
	double *score, *log_odds; /* (n) */
	double *finite;           /* (n) as flt_explain_finite has it */
	double *weight;           /* (n) */
	uint8_t *label;           /* (n), or NULL: no class is known */
	size_t *cluster;          /* (n), or NULL */
	size_t n_clusters;
};

void flt_explain_rows_release(struct flt_explain_rows *rows);
/* Some of the rows (n of their numbers), which borrow the levels of categories; they stand for no others. Released by
 * the caller, after a failure too. */
enum flt_status flt_explain_rows_select(struct flt_explain_rows *rows, const struct flt_detector *detector,
                                        const struct flt_explain_rows *from, const size_t *numbers, size_t n,
                                        struct flt_error *err);
struct flt_scored flt_explain_rows_scored(const struct flt_explain_rows *rows);
double flt_explain_rows_mean(const struct flt_explain_rows *rows); /* of their probabilities */

/* The log-odds of a score as long as they are finite: without isotonic calibration, whose steps may end at 0 and 1. */
double flt_explain_finite(const struct flt_detector *detector, double score);

/* All rows to choose from, as they were scored. Borrowed arrays. */
struct flt_explain_population {
	size_t n;
	const double *score;   /* (n) */
	const uint8_t *label;  /* (n), or NULL */
	const double *weight;  /* (n), or NULL */
	const size_t *cluster; /* (n), or NULL */
	size_t n_clusters;
	double prior; /* share of positive rows that figures are weighted to; 0: the rows' own */
};

struct flt_explain_sampling {
	size_t n_most;      /* rows; SIZE_MAX: all */
	uint64_t seed;      /* of the draws */
	unsigned n_threads; /* 0: all */
};

/* Of rows (population->n) of a table. The table must outlive the rows. Released by the caller, after a failure too. */
enum flt_status flt_explain_rows_of_table(struct flt_explain_rows *rows, const struct flt_detector *detector,
                                          const struct flt_table *table, const size_t *numbers,
                                          const struct flt_explain_population *population,
                                          const struct flt_explain_sampling *options, struct flt_error *err);

/* Rows of a file, chosen while it is read. */
struct flt_explain_sample {
	const struct flt_detector *detector;
	struct flt_class_sample drawn;
	const char **names; /* (n_names) columns of the file whose cells are kept; borrowed from the detector */
	size_t n_names;
	struct flt_stream_extra *extra;   /* (n_names + n_more) these columns, and room for more, for the stream */
	struct flt_text_buffer *cells[2]; /* (capacity) of each slot: its cells, each with its NUL */
	size_t capacity[2];
	const char **cell; /* (n, n_names) of the chosen rows, which borrow them */
};

/* n_more: how many columns the stream hands out besides. */
enum flt_status flt_explain_sample_init(struct flt_explain_sample *sample, const struct flt_detector *detector,
                                        size_t n_most, uint64_t seed, size_t n_more, struct flt_error *err);
void flt_explain_sample_release(struct flt_explain_sample *sample); /* a zeroed one is fine */

/* Offers the next row, with its number and cells (n_names). is_labelled false: label is not known. */
enum flt_status flt_explain_sample_offer(struct flt_explain_sample *sample, size_t number, double score,
                                         bool is_labelled, bool is_positive, const char *const *cells,
                                         struct flt_error *err);

/* The rows of the sample, whose numbers are those of the population. reading: how the file was read. The sample must
 * outlive the rows. */
enum flt_status flt_explain_rows_of_sample(struct flt_explain_rows *rows, struct flt_explain_sample *sample,
                                           const struct flt_explain_population *population,
                                           const struct flt_reading_options *reading, struct flt_error *err);

#endif
