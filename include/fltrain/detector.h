/*
 * A detector: the trained model, with all that it takes to score rows.
 *
 * It turns the columns of a row into numbers, networks turn these into a score, a map turns the score into a
 * probability of the positive class, and a threshold on the probability decides. A score is any finite number, higher
 * for rows more like the positive ones; rank rows by it. Probabilities assume a prior, the share of positive rows: that
 * of training, unless flt_detector_set_prior has changed it.
 *
 * Threads: any number of threads may share a detector while none of them calls a function that takes it without const.
 *
 * Memory: texts that a function returns belong to the detector and live as long as it does. What a function returns
 * through a pointer to a pointer belongs to the caller; the function's comment names the call that frees it.
 *
 * Errors: a function that returns an enum flt_status fills err on failure; err may be NULL. Out of memory is
 * FLT_ERR_MACHINE.
 */
#ifndef FLTRAIN_DETECTOR_H
#define FLTRAIN_DETECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "fltrain/error.h"
#include "fltrain/reading.h"

struct flt_detector;

/* ---- life ---- */

/* Reads a file that fltrain or flt_detector_save wrote. A missing file is FLT_ERR_DATA; a damaged one, or one that
 * holds no detector, is FLT_ERR_MODEL. Files may come from anyone: everything in them is checked. On failure *detector
 * is NULL. Free it with flt_detector_free.
 */
enum flt_status flt_detector_load(const char *path, struct flt_detector **detector, struct flt_error *err);

/* The same from the bytes of a file. They are not borrowed. */
enum flt_status flt_detector_from_bytes(const unsigned char *bytes, size_t n_bytes, struct flt_detector **detector,
                                        struct flt_error *err);
void flt_detector_free(struct flt_detector *detector); /* NULL is fine */

/* A SHA-256 as hexadecimal digits, with its terminating NUL. */
enum { FLT_SHA256_SIZE = 65 };

/* Replaces path in one step: readers see the old file or the complete new one. The same detector gives the same bytes.
 * sha256 receives the digest of the file; may be NULL. */
enum flt_status flt_detector_save(const struct flt_detector *detector, const char *path, char sha256[FLT_SHA256_SIZE],
                                  struct flt_error *err);

/* Whether path holds a detector of any version, going by its first bytes: a file that can be overwritten without losing
 * anything else. False if there is no such file; FLT_ERR_DATA or FLT_ERR_MACHINE if it cannot be read. */
enum flt_status flt_detector_is_file(const char *path, bool *is_one, struct flt_error *err);

/* The bytes that flt_detector_save would write. Free *bytes with flt_release. */
enum flt_status flt_detector_to_bytes(const struct flt_detector *detector, unsigned char **bytes, size_t *n_bytes,
                                      char sha256[FLT_SHA256_SIZE], struct flt_error *err);

/* Frees memory that the library handed out; NULL is fine. */
void flt_release(void *memory);

/* ---- what it is ---- */

const char *flt_detector_target(const struct flt_detector *detector);   /* the name of the column it predicts */
const char *flt_detector_positive(const struct flt_detector *detector); /* the value of that column in positive rows */
const char *flt_detector_negative(const struct flt_detector *detector); /* its value in all other rows, or "not X" */
double flt_detector_prevalence(const struct flt_detector *detector);    /* share of positive rows in training, [0, 1] */

/* The columns that it needs: n of them, numbered from 0 in the order of the training file. */
size_t flt_detector_n_columns(const struct flt_detector *detector);
const char *flt_detector_column_name(const struct flt_detector *detector, size_t column);
bool flt_detector_has_profile(const struct flt_detector *detector); /* so that flt_stream_warning can warn */
bool flt_detector_column_is_numeric(const struct flt_detector *detector,
                                    size_t column); /* false: it holds categories, or dates */
bool flt_detector_column_is_date(const struct flt_detector *detector,
                                 size_t column); /* its cells are dates, written as in training */

/* ---- from score to decision ---- */

/* The log-odds ln(p / (1 - p)) and the probability p of the positive class, for a score. A probability can be 0 or 1,
 * and the log-odds infinite then. */
double flt_detector_log_odds(const struct flt_detector *detector, double score);
double flt_detector_probability(const struct flt_detector *detector, double score);

/* The same for scores (n); probability (n) may be the same array. */
void flt_detector_probabilities(const struct flt_detector *detector, const double *score, size_t n,
                                double *probability);

/* A row is positive when its probability is at least the threshold, [0, 1]. */
bool flt_detector_is_positive(const struct flt_detector *detector, double probability);
double flt_detector_threshold(const struct flt_detector *detector);

/* The same for row `row`, from 0, with this score, of the rows on which flt_detector_choose_threshold chose last. top:K
 * and rate:F then hold exactly: a threshold predicts rows of equal probability alike, while this takes the first of
 * them up to the number asked for. */
bool flt_detector_is_positive_row(const struct flt_detector *detector, double score, size_t row);

/* The rule that chose the threshold: "f1", "fbeta:2", "recall>=0.9", "precision>=0.8@95", "top:100", "rate:0.01",
 * "cost:1:50", or a threshold itself, "0.3". The floors of recall and precision hold on new rows with a confidence of
 * 90 %, or that after @; @50 is the bare estimate, as in files of versions that had no other. */
enum { FLT_RULE_TEXT = 96 };
void flt_detector_rule(const struct flt_detector *detector, char rule[FLT_RULE_TEXT]);

/* Adapts the detector to rows whose share of positives is prior, in (0, 1): the probabilities move, and the threshold
 * follows its rule as flt_detector_rule_under_prior says. FLT_ERR_USAGE if prior lies outside (0, 1); FLT_ERR_MODEL if
 * the detector was trained on rows of one class only. On failure nothing changes. */
enum flt_status flt_detector_set_prior(struct flt_detector *detector, double prior, struct flt_error *err);
double flt_detector_prior(const struct flt_detector *detector); /* the one set, or that of training */

enum flt_rule_under_prior {
	FLT_RULE_STAYS,          /* a threshold that was given, cost: a probability means the same under any prior */
	FLT_RULE_MOVES,          /* recall>=, top, rate: with the probabilities, so that the same rows are positive */
	FLT_RULE_IS_CHOSEN_ANEW, /* f1, fbeta, precision>=: on the held-out scores that the detector keeps, weighted to
	                            the prior */
	FLT_RULE_CANNOT_FOLLOW,  /* the same, but it keeps none: the threshold stays. Older files keep none, nor does a
	                            detector whose training held no rows out */
};
enum flt_rule_under_prior flt_detector_rule_under_prior(const struct flt_detector *detector);

/* What scores of unlabelled rows tell of the share of positive rows among them. */
enum { FLT_PRIOR_WHY = 160 };
struct flt_prior {
	double own;           /* the prior of the detector */
	double value;         /* the prior to use: the estimate if moves, else own */
	bool moves;           /* the interval does not hold the detector's own prior */
	double share, lo, hi; /* the estimate and its 95 % interval; NaN where nothing can be told, like the next */
	double adjusted_count, adjusted_lo,
	        adjusted_hi;     /* a second estimate, which needs no calibration (Forman 2008) */
	bool disagrees;          /* the two intervals have nothing in common */
	char why[FLT_PRIOR_WHY]; /* why nothing can be told; "" otherwise */
};

/* Estimates the share of positive rows among n > 0 rows whose class is unknown, from their scores: the prior under
 * which they are most likely (Saerens et al. 2002), after the detector's held-out scores were calibrated to their
 * classes. It assumes that rows of each class look as in training and only the share of positives differs. The interval
 * comes from 1,000 resamples of the held-out scores and the rows, seeded by the training; n_threads (0: all) changes
 * nothing. Without held-out scores, with fewer than 20 of positive rows, or where they rank nothing, why says so. The
 * detector does not change: pass prior->value to flt_detector_set_prior. */
enum flt_status flt_detector_judge_prior(const struct flt_detector *detector, const double *score, size_t n,
                                         unsigned n_threads, struct flt_prior *prior, struct flt_error *err);

/* The value alone. */
enum flt_status flt_detector_estimate_prior(const struct flt_detector *detector, const double *score, size_t n,
                                            double *prior, struct flt_error *err);

/* Chooses the threshold anew by a rule, on the scores of n rows. label (n) is 1 for positive rows and 0 for others, or
 * NULL where the class is unknown: then recall>= and precision>= are FLT_ERR_USAGE, and f1 and fbeta rely on the
 * probabilities. A fixed threshold and cost need no rows. On failure the threshold stays. */
enum flt_status flt_detector_choose_threshold(struct flt_detector *detector, const char *rule, const double *score,
                                              const unsigned char *label, size_t n, struct flt_error *err);

/* ---- scoring records ---- */

/* The probability of one record: cells (n) under the names (n) of their columns, in any order, as they would stand in a
 * CSV file; "" is missing. Columns that are not needed may be there too. A needed column that is missing, or a text
 * where a number is needed, is FLT_ERR_DATA. For many records make a scorer. */
enum flt_status flt_score_row(const struct flt_detector *detector, const char *const *names, const char *const *cells,
                              size_t n, double *probability, struct flt_error *err);

/* Scores many records with the same columns. Borrows the detector. Any number of threads may use one scorer at a time.
 */
struct flt_scorer;

/* For records with columns of these names (n_names), in any order. reading NULL: cells are read as in training. A
 * needed column that is missing is FLT_ERR_DATA. On failure *scorer is NULL. End it by flt_scorer_free. */
enum flt_status flt_scorer_new(const struct flt_detector *detector, const char *const *names, size_t n_names,
                               const struct flt_reading_options *reading, struct flt_scorer **scorer,
                               struct flt_error *err);
void flt_scorer_free(struct flt_scorer *scorer); /* NULL is fine */

bool flt_scorer_uses(const struct flt_scorer *scorer, size_t column); /* false: cells of the column may be NULL */

/* score (n_rows) of cells (n_rows, n_names), row by row. A score does not depend on the rows around it. On FLT_ERR_DATA
 * *bad_row is the index, from 0, of the first row at fault; bad_row may be NULL. */
enum flt_status flt_scorer_score(const struct flt_scorer *scorer, const char *const *cells, size_t n_rows,
                                 double *score, size_t *bad_row, struct flt_error *err);

/* A column of records, as numbers or as texts. A number stands for its shortest text that reads back as the same
 * double, and in a column whose numbers were dressed in training ("$5", "5 %", "1.000,5") for what is inside. */
struct flt_cells {
	const double *number;    /* (n_rows), NaN is missing; NULL: text */
	const char *const *text; /* (n_rows) as it would stand in a CSV file; NULL or "" is missing. Where number is
	                          * given, not looked at; both NULL: all are missing */
};

/* score (n_rows) of records in columns (n_names of the scorer, in its order); those that it does not use may be zeroed.
 * Numbers of numeric columns are not turned into text. Scores are those of flt_scorer_score for the same cells, bit by
 * bit, and so are errors. */
enum flt_status flt_scorer_score_columns(const struct flt_scorer *scorer, const struct flt_cells *columns,
                                         size_t n_rows, double *score, size_t *bad_row, struct flt_error *err);

#endif
