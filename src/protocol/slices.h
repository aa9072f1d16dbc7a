/* An evaluation by slices of its rows: the figures of each, and which slices differ from the rest. */
#ifndef PROTOCOL_SLICES_H
#define PROTOCOL_SLICES_H

#include "protocol/labelled.h"
#include "protocol/slicing.h"

/* What a slice is compared by. Average precision and precision beyond it depend on the share of positives. */
enum flt_slice_figure { FLT_SLICE_RECALL, FLT_SLICE_PRECISION, FLT_SLICE_ROC_AUC, FLT_N_SLICE_FIGURES };
extern const char *const flt_slice_figure_words[];

/* A figure of a slice against that of all rows of the column's other slices. */
struct flt_slice_comparison {
	bool is_made; /* both have what the figure needs: positive rows, predicted ones, rows of both classes */
	struct flt_interval of_slice, of_rest;
	double p, p_adjusted; /* by Holm, over all comparisons that were made; of two slices the first is compared */
	bool differs;         /* p_adjusted < 0.05 */
};

struct flt_slice {
	const char *column; /* borrowed */
	enum flt_slice_kind kind;
	char name[FLT_SLICE_NAME];
	double lo, hi;              /* of a bin */
	bool has_figures;           /* its rows are of both classes; else figures hold only counts and the points */
	struct flt_figures figures; /* at the detector's threshold */
	size_t n_called;            /* rows predicted positive there, whatever they weigh */
	struct flt_slice_comparison comparison[FLT_N_SLICE_FIGURES];
};

struct flt_slices {
	size_t n, n_comparisons, n_different;
	struct flt_slice *slices; /* (n) column by column */
};

/* Which columns the rows are cut by: the first n of rows->kept. */
struct flt_slice_columns {
	const char *const *names; /* (n), borrowed as long as the slices */
	size_t n;
	const struct flt_labelled_rows *rows;
	char decimal, delimiter; /* of the file that they were read from */
	const char *na;          /* list of missing markers, NULL: those of training */
};

/* Evaluates each slice of the evaluated rows. More than FLT_MOST_SLICES are FLT_ERR_USAGE. Release it whatever is
 * returned. */
enum flt_status flt_slices_make(const struct flt_evaluation *evaluation, const struct flt_slice_columns *columns,
                                unsigned n_threads, struct flt_slices *slices, struct flt_error *err);
void flt_slices_release(struct flt_slices *slices);

#endif
