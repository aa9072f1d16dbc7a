/*
 * A detector: the trained thing, all that it takes to score rows. It owns the recipe that turns a table into numbers,
 * one or more networks, the map from score to log-odds, and the decision rule with the threshold it led to.
 *
 * score: with one network its logit (float32, held exactly in a double). With several, the logit of the mean of the
 * members' probabilities, in double, where member_gamma and member_log_weight_ratio are the psi (calibrate.h) that
 * makes a probability of a member's logit. Ranking figures use the score.
 * probability: sigmoid of flt_detector_log_odds(score). A row is called positive when it is >= choice.threshold.
 */
#ifndef DETECTOR_DETECTOR_H
#define DETECTOR_DETECTOR_H

#include "eval/calibrate.h"
#include "eval/decision.h"
#include "eval/metrics.h"
#include "nn/mlp.h"
#include "prep/prep.h"
#include "split/split.h"

/* How to read another file of the same kind: what the options of the training said, and the target's values. */
struct flt_input {
	char *id;        /* NULL: no id column */
	char *numeric;   /* list of columns in which text is missing; NULL: none */
	char *na;        /* list of missing markers as in flt_table_options; NULL: the default ones */
	char decimal;    /* 0: '.' */
	char **positive; /* (n_positive) values of the target that make a row positive */
	size_t n_positive;
	char **negative; /* (n_negative) the other value; none: all others */
	size_t n_negative;
};

/* Where it comes from. No time, no path, no number of threads: the same training leaves the same provenance. */
struct flt_provenance {
	char *version;     /* of the fltrain that trained it */
	char *options;     /* effective options, one "key = value" a line */
	char *data_sha256; /* of the training file's bytes; NULL where they could not be read twice */
	uint64_t seed;
	size_t n_rows[FLT_N_ROW_ROLES], n_positive[FLT_N_ROW_ROLES];
	double prevalence; /* of the rows that the probabilities are true to */
	bool marked;       /* the figures are of rows that chose it */
	char *rule_sha256; /* of the file that a later choice of the threshold was made on; NULL: made in training */
	struct flt_figures figures; /* on the rows that evaluated_on; all zero if there were none */
};

struct flt_detector {
	struct flt_prep *prep;
	struct flt_mlp **nets; /* (n_nets), each with flt_prep_n_features(prep) inputs */
	size_t n_nets;
	double member_gamma, member_log_weight_ratio; /* used when n_nets > 1; map then holds no psi */
	struct flt_map map;
	struct flt_rule rule;
	struct flt_choice choice;
	char *target, *positive, *negative; /* the target's name, the classes' texts */
	struct flt_input input;
	struct flt_provenance provenance;
};

void flt_detector_free(struct flt_detector *detector); /* and all that it owns */

/* score (n) of the given rows of a table with the columns of the fitted one (flt_table_read_like). A row's score does
 * not depend on the rows around it nor on n_threads (0: all), to the bit. Works in blocks of bounded memory. A score is
 * never NaN: where huge weights lead to one, this and what follows fail with FLT_ERR_MODEL. */
enum flt_status flt_detector_score(const struct flt_detector *detector, const struct flt_table *table,
                                   const size_t *rows, size_t n, unsigned n_threads, double *score,
                                   struct flt_error *err);

/* The same from rows that are prepared already: x (n, flt_prep_n_features(prep)), row-major. A row that takes a network
 * beyond the range of float is FLT_ERR_DATA, and *bad_row its number. */
enum flt_status flt_detector_score_prepared(const struct flt_detector *detector, const float *x, size_t n,
                                            unsigned n_threads, double *score, size_t *bad_row, struct flt_error *err);

double flt_detector_log_odds(const struct flt_detector *detector, double score);

/* "Positive when probability >= threshold", the one place where it is decided. */
bool flt_detector_is_positive(const struct flt_detector *detector, double probability);

/* The same threshold in terms of the score: the lowest score that is called positive, found by bisection. NaN if none
 * below 1e6 is, -infinity if even -1e6 is. */
double flt_detector_threshold_score(const struct flt_detector *detector);

size_t flt_detector_n_params(const struct flt_detector *detector); /* of all networks */

/*
 * Scoring records of text: cells as they stand in a CSV file, columns in any order.
 */
struct flt_scorer; /* opaque, const in use: several threads may share one. Borrows the detector */

/* names (n_names) are the columns of the records. options (or NULL) may override how cells are read: na, decimal and
 * numeric, where they are set. A column that the detector uses and that is missing is FLT_ERR_DATA. */
enum flt_status flt_scorer_new(const struct flt_detector *detector, const char *const *names, size_t n_names,
                               const struct flt_table_options *options, struct flt_scorer **scorer,
                               struct flt_error *err);
void flt_scorer_free(struct flt_scorer *scorer);
bool flt_scorer_uses(const struct flt_scorer *scorer, size_t column);
bool flt_scorer_is_missing(const struct flt_scorer *scorer, const char *cell); /* empty, or a missing marker */

/* score (n_rows) of cells (n_rows, n_names), row-major; those of columns that are not used may be NULL. unlearnt
 * (n_names) is counted up, see prep.h; it and bad_row may be NULL. */
enum flt_status flt_scorer_score(const struct flt_scorer *scorer, const char *const *cells, size_t n_rows,
                                 double *score, struct flt_unlearnt *unlearnt, size_t *bad_row, struct flt_error *err);

/* Fills detector->input from the table that it was trained on and the options that the table was read with. */
enum flt_status flt_detector_describe(struct flt_detector *detector, const struct flt_table *table,
                                      const struct flt_table_options *options, struct flt_error *err);

/*
 * The file: a safetensors container with weights as named tensors and all else as JSON texts in its metadata. The same
 * detector gives the same bytes; loaded and saved again, they are the same. It holds no code, and numbers that read
 * back exactly. A checksum over its content tells a file that was altered.
 */
enum { FLT_DETECTOR_FORMAT = 1 };

/* Replaces path in one step. sha256 (may be NULL) gets the digest of the file's bytes as 64 hexadecimal digits. */
enum flt_status flt_detector_save(const struct flt_detector *detector, const char *path, char sha256[65],
                                  struct flt_error *err);

/* A file that is missing is FLT_ERR_DATA; what is wrong inside it FLT_ERR_MODEL. On failure *detector is NULL. */
enum flt_status flt_detector_load(const char *path, struct flt_detector **detector, struct flt_error *err);

/* The same in memory; *bytes is freed by flt_release_bytes. */
enum flt_status flt_detector_to_bytes(const struct flt_detector *detector, unsigned char **bytes, size_t *n_bytes,
                                      struct flt_error *err);
enum flt_status flt_detector_from_bytes(const unsigned char *bytes, size_t n_bytes, struct flt_detector **detector,
                                        struct flt_error *err);
void flt_release_bytes(void *bytes);

/* What the file's metadata hold, as members of a JSON object without its braces: "input":{...},"preparation":{...}.
 * Freed by flt_release_bytes. */
enum flt_status flt_detector_to_json(const struct flt_detector *detector, char **members, struct flt_error *err);

/* Whether path is a file that looks like a detector of fltrain, of whatever version: what may be replaced by one. None
 * if there is no such file; an error if it cannot be read. */
enum flt_status flt_detector_is_file(const char *path, bool *is_one, struct flt_error *err);

#endif
