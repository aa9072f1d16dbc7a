/* Evaluating a detector on the rows of a CSV file whose class is known. */
#ifndef PROTOCOL_LABELLED_H
#define PROTOCOL_LABELLED_H

#include "eval/gate.h"
#include "fltrain/stream.h"
#include "protocol/evaluation.h"
#include "protocol/explain_rows.h"
#include "table/dictionary.h"
#include "table/weight.h"

/* What stands in the target column: one text. */
struct flt_label_text {
	size_t n_rows;
	bool is_missing, is_positive;
	bool is_new; /* training had no such class: it counts as negative */
};

/* The line that a row starts on. */
struct flt_row_place {
	const char *file;
	size_t line;
};

/* A column of the file, kept for the rows that have a target. */
struct flt_kept_column {
	struct flt_dictionary texts;
	int32_t *code; /* (n) each row's text; NULL: the file has no such column */
	size_t capacity;
};

/* Zero-initialised before it is read, but for prior, the names and the sample, which are borrowed. */
struct flt_labelled_rows {
	struct flt_explain_sample *sample; /* gets rows with their cells: the first of the stream's options.extra are
	                                    * its names; NULL: there is none */
	const char *weight_name;           /* the last of the stream's options.extra holds weights; NULL: none does */
	const char *group_name;            /* the last of kept holds values of --group; NULL: none does */
	double prior;                      /* that figures are weighted to; 0: the prevalence of the rows */
	double *score;                     /* (n) */
	uint8_t *label;                    /* (n) all 0 if the file has no target */
	double *weight;                    /* (n) above 0; NULL: the file has no such column */
	double weight_sum;
	size_t heaviest; /* row */
	size_t n, n_positive;
	bool has_target;           /* the file has the column, or there were no rows */
	size_t n_without_target;   /* left out */
	size_t n_zero_weight;      /* left out */
	size_t n_sampled, n_found; /* as in struct flt_overlap; the stream was opened with needs_hashes */
	size_t score_capacity, label_capacity;
	struct flt_dictionary texts;  /* of the target column */
	struct flt_label_text *about; /* (texts.n) */
	size_t about_capacity;
	struct flt_column_cells weight_texts; /* while rows are read */
	struct flt_row_place *place;          /* (n), NULL without weights */
	size_t place_capacity;
	struct flt_kept_column *kept; /* (n_kept) one for each of the stream's options.extra between those */
	size_t n_kept;
};

/* Runs a stream of the detector that was opened with needs_target. A row without a target is FLT_ERR_DATA unless such
 * rows are to be dropped; so is a target that is neither class, or differs from one only in case or in blanks, and a
 * weight that weight.h refuses. */
enum flt_status flt_labelled_rows_read(struct flt_labelled_rows *rows, const struct flt_detector *detector,
                                       struct flt_stream *stream, bool drop_missing_target, struct flt_error *err);
void flt_labelled_rows_release(struct flt_labelled_rows *rows);

/* The classes that training did not see, as `"a" (12), "b" (3)`, cut with "..." after some; "" if there are none. */
enum { FLT_NEW_LABELS_SIZE = 320 };
void flt_labelled_rows_list_new(const struct flt_labelled_rows *rows, char list[FLT_NEW_LABELS_SIZE]);

/* Numbers the groups of the rows, *cluster (rows->n), which the caller frees; a row without a value hangs together with
 * no other. NULL where there are no groups. */
enum flt_status flt_labelled_rows_clusters(const struct flt_labelled_rows *rows, const struct flt_stream *stream,
                                           size_t **cluster, size_t *n_clusters, struct flt_error *err);

/* Of the row with the largest weight. */
struct flt_heaviest_warning flt_labelled_rows_heaviest(const struct flt_labelled_rows *rows);

/* Evaluates the detector on rows that were read from the stream, which must be of both classes (else FLT_ERR_DATA).
 * With a rule, the threshold is chosen anew on them. Takes score, label and weight of rows, also on failure. End
 * *evaluation by flt_evaluation_release; it borrows the detector. */
enum flt_status flt_labelled_rows_evaluate(struct flt_labelled_rows *rows, const struct flt_stream *stream,
                                           struct flt_detector *detector, const struct flt_rule *rule,
                                           unsigned n_threads, struct flt_evaluation *evaluation,
                                           struct flt_error *err);

#endif
