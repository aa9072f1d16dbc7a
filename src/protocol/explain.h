/*
 * Why a detector scores as it does, on rows of a file or a table: which columns matter, by how much its figures lose
 * when a column is shuffled; how the probability moves along a column; and which columns act together. The same rows,
 * options and seed give the same figures.
 */
#ifndef PROTOCOL_EXPLAIN_H
#define PROTOCOL_EXPLAIN_H

#include "protocol/explain_correlated.h"
#include "protocol/explain_effects.h"
#include "protocol/explain_shuffles.h"
#include "protocol/explain_together.h"
#include "protocol/labelled.h"

struct flt_explain_options {
	size_t n_rows;             /* of the sample at most; 0: as many as take seconds; SIZE_MAX: all */
	size_t n_repeats;          /* shuffles of each column; 0: 3 */
	bool is_brief;             /* beside other work: takes a fifth of the time, with one shuffle */
	const char *const *groups; /* (n_groups) lists of columns that are shuffled together */
	size_t n_groups;
	uint64_t seed;
	unsigned n_threads; /* 0: all; never changes a result */
	/* Told, by the caller's thread, which share of the work is done, [0, 1]; NULL: nobody is. */
	void (*on_share)(void *context, double share);
	void *context;
};

struct flt_explained_importance {
	size_t unit;
	struct flt_importance figures; /* of the detector's ranking and probabilities on all rows */
};

struct flt_explanation {
	struct flt_explain_units units;
	size_t n_rows, n_positive; /* of the sample; n_positive is 0 without labels */
	size_t n_of;               /* rows that it stands for */
	size_t n_repeats;
	bool has_labels;   /* of both classes: else importance is by moves alone */
	bool is_starred;   /* the detector learnt from rows like these: columns look more important than on new rows */
	double prevalence; /* share of positive rows among all, by weight; NaN without labels */
	double ap;         /* average precision of all rows as they are; NaN without labels */
	struct flt_explained_importance *importance; /* (units.n) the most important first: by loss of average
	                                              * precision, or by moves */
	struct flt_correlations correlations;
	struct flt_explained_effect *effects; /* (n_effects) of columns of the most important units */
	size_t n_effects;
	struct flt_explained_interaction *interactions; /* (n_interactions) the strongest first */
	size_t n_interactions;
	struct flt_explained_together together; /* of the strongest pair of single columns */
};

/* How many rows to sample. */
size_t flt_explain_n_rows(const struct flt_detector *detector, const struct flt_explain_options *options);

/* About how long it takes on a usual machine, given as many rows. */
double flt_explain_seconds(const struct flt_detector *detector, size_t n_rows,
                           const struct flt_explain_options *options);

/* What a page that has other work to show waits for an explanation, at most. */
enum { FLT_EXPLAIN_BRIEF_SECONDS = 10 };

/* FLT_ERR_USAGE if the groups are not those of columns that the detector uses. */
enum flt_status flt_explain_check(const struct flt_detector *detector, const struct flt_explain_options *options,
                                  struct flt_error *err);

/* Explains on rows that were read from the stream with a sample (rows->sample), which is used up. Without a target, or
 * with rows of one class only, importance has no more than moves. Rows, sample and detector must outlive the
 * explanation. No rows are FLT_ERR_DATA; FLT_ERR_USAGE as of flt_explain_units_make. Ended by flt_explanation_release,
 * after a failure too. */
enum flt_status flt_explain_labelled(const struct flt_detector *detector, const struct flt_labelled_rows *rows,
                                     const struct flt_stream *stream, const struct flt_reading_options *reading,
                                     const struct flt_explain_options *options, struct flt_explanation *explanation,
                                     struct flt_error *err);

/* The same of rows that were evaluated since, and of which a sample was kept; rows->sample need not be theirs. */
enum flt_status flt_explain_sampled(const struct flt_evaluation *evaluation, struct flt_explain_sample *sample,
                                    const struct flt_reading_options *reading,
                                    const struct flt_explain_options *options, struct flt_explanation *explanation,
                                    struct flt_error *err);

/* Explains on the evaluated rows of an experiment, which are rows of this table. Of left-out rows, ap is what all
 * networks together reach on the sample, since they score the shuffled rows together, too. */
enum flt_status flt_explain_evaluation(const struct flt_evaluation *evaluation, const struct flt_table *table,
                                       const struct flt_explain_options *options, struct flt_explanation *explanation,
                                       struct flt_error *err);
void flt_explanation_release(struct flt_explanation *explanation);

#endif
