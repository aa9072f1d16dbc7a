/*
 * The contents of the opaque struct flt_detector (fltrain/detector.h), for the folders that build and report detectors:
 * protocol/ and report/. It owns the preparation that turns a table into numbers, one or more members, each a network
 * with its weight, the map from score to log-odds, and the decision rule with the threshold that it led to.
 *
 * score: with one member its logit (float32, held exactly in a double). With several, the logit of the weighted mean of
 * the members' probabilities, in double; a member's probability is the sigmoid of psi(logit) (eval/calibrate.h) with
 * member_gamma and member_log_weight_ratio. Ranking figures use the score.
 * probability: sigmoid of flt_detector_log_odds(score).
 */
#ifndef DETECTOR_MODEL_H
#define DETECTOR_MODEL_H

#include "base/digest.h"
#include "eval/calibrate.h"
#include "eval/decision.h"
#include "eval/kept.h"
#include "eval/metrics.h"
#include "fltrain/detector.h"
#include "nn/mlp.h"
#include "prep/prep.h"
#include "split/split.h"
#include "table/class_index.h"

/* How to read another file of the same kind: the options of the training, and the target's values. */
struct flt_input {
	char *id;        /* NULL: no id column */
	char *weight;    /* column of weights; NULL: there were none */
	char *group;     /* column of --group; NULL: there was none */
	char *numeric;   /* list of columns in which text is missing; NULL: none */
	char *na;        /* list of missing markers as in flt_table_options; NULL: the default ones */
	char decimal;    /* 0: '.' */
	char **positive; /* (n_positive) values of the target that make a row positive */
	size_t n_positive;
	char **negative; /* (n_negative) the other value; none: all others */
	size_t n_negative;
	char **classes;     /* (n_classes) all values of the target in training; none: not known */
	size_t *class_rows; /* (n_classes) rows with that value */
	size_t n_classes;

	/* Of a training file without a header: its number of columns, and the one (from 0) that was the target. 0: it
	 * had a header, or it is not known. */
	size_t n_file_columns, file_target;
};

/* Where it comes from. No time, no path, no number of threads: the same training leaves the same provenance. */
struct flt_provenance {
	char *version;     /* of the fltrain that trained it */
	char *options;     /* effective options, one "key = value" a line */
	char *data_sha256; /* of the training file's bytes; NULL where they could not be read twice */
	uint64_t seed;
	size_t n_rows[FLT_N_ROW_ROLES], n_positive[FLT_N_ROW_ROLES];
	double prevalence;          /* share of positive rows that the probabilities assume */
	bool marked;                /* starred: the figures are of rows that chose the threshold */
	char *rule_sha256;          /* of the file that chose the threshold after training; NULL: training chose it */
	struct flt_figures figures; /* all zero if there were no rows to measure them on */
};

/* Hashes of the rows that a detector was made from (sketch.h). */
enum { FLT_SKETCH_SIZE = 4096 };
struct flt_sketch {
	size_t n;        /* 0: not known */
	double *hash;    /* (n) ascending, each in [0, below) */
	double below;    /* all hashes below it are there; at most 1 */
	double repeated; /* share of the rows that equal another of them */
};

/* Rows that it was fitted on, as typed values (prep/typed_rows.h); see detector/background.h. */
enum { FLT_BACKGROUND_ROWS = 32, FLT_BACKGROUND_MOST = 1000 }; /* by default, and at most */

struct flt_background {
	size_t n;        /* 0: none are kept */
	size_t n_values; /* of a row */
	double *values;  /* (n, n_values) */
};

struct flt_detector_member {
	struct flt_mlp *net;         /* with as many inputs as its preparation has features */
	const struct flt_prep *prep; /* one of the detector's refits; NULL: the detector's own */
	double weight;               /* finite and above 0; only their ratios count, and equal ones are 1 */
	char *kind;                  /* a short text for people, such as "embedded, quantile"; NULL: none */
};

struct flt_detector {
	struct flt_prep *prep;    /* learnt from all fit rows: which columns there are, how cells are read, profiles */
	struct flt_prep **refits; /* (n_refits) refits of prep, each shared by members that learnt from the same rows */
	size_t n_refits;
	struct flt_detector_member *members; /* (n_members) */
	size_t n_members;
	double member_gamma, member_log_weight_ratio; /* used when n_members > 1; map then holds no psi */
	struct flt_map map;
	double prior; /* that map.prior_shift leads to; 0: the prevalence of training */
	struct flt_rule rule;
	struct flt_choice choice;
	struct flt_sketch sketch; /* of the rows that were fitted on, or chose epoch and threshold */
	struct flt_background background;
	struct flt_kept held_out; /* scores of rows that no network of theirs had learnt from; no rows: none are kept */
	char *target, *positive, *negative; /* the target's name, the classes' texts */
	struct flt_input input;
	struct flt_provenance provenance;
	char file_sha256[FLT_SHA256_TEXT]; /* of the file that it was loaded from; "" if it was not */
};

/* Fills detector->input from the table that it was trained on and the options that the table was read with. */
enum flt_status flt_detector_describe(struct flt_detector *detector, const struct flt_table *table,
                                      const struct flt_table_options *options, struct flt_error *err);

/* The number, as flt_detector_column_name counts, of the column whose cells a column of the preparation is made of; of
 * one that is not read SIZE_MAX. column (n_columns of the preparation). */
void flt_detector_columns_of(const struct flt_detector *detector, size_t *column);

/* That of one of its members. */
/* The checksum of all that a detector's file would say of a preparation. */
enum flt_status flt_preparation_digest(const struct flt_prep *prep, char sha256[FLT_SHA256_TEXT],
                                       struct flt_error *err);

const struct flt_prep *flt_detector_prep_of(const struct flt_detector *detector, size_t member);

/* A member's part of all weights, from 0 to 1. */
double flt_detector_share(const struct flt_detector *detector, size_t member);

size_t flt_detector_n_params(const struct flt_detector *detector); /* of all networks */

/* Which class a row is of, by the text in its target column; unknown: training had no such class. *alike is then a
 * class of training that differs only in upper and lower case, blanks or encoding, or NULL. Classes compare as values,
 * and so "1.0" is the class "1" (table/class_text.h). Where several classes were negative, one that is unknown is so,
 * too. */
enum flt_target_class { FLT_CLASS_NEGATIVE, FLT_CLASS_POSITIVE, FLT_CLASS_UNKNOWN };
enum flt_status flt_detector_class_of(const struct flt_detector *detector, struct flt_class_index *index,
                                      const char *text, enum flt_target_class *class, const char **alike,
                                      struct flt_error *err);

/* The classes that the detector lists, for flt_detector_class_of. The caller releases the index, after a failure, too.
 */
enum flt_status flt_detector_index_classes(const struct flt_detector *detector, struct flt_class_index *index,
                                           struct flt_error *err);

/* ---- scoring ---- */

/* score (n) of the given rows of a table with the columns of the fitted one (flt_table_read_like). A row's score does
 * not depend on the rows around it nor on n_threads (0: all), to the bit. Takes memory for a bounded number of rows.
 * A score is always finite: a row whose values lead beyond the range of float is FLT_ERR_DATA, with file and row. */
enum flt_status flt_detector_score(const struct flt_detector *detector, const struct flt_table *table,
                                   const size_t *rows, size_t n, unsigned n_threads, double *score,
                                   struct flt_error *err);

/* flt_scorer_score that also counts what the columns hold: seen (n_columns of the preparation, or NULL) is counted
 * up. hash (n_rows, or NULL) gets the rows' hashes. */
enum flt_status flt_scorer_score_counting(const struct flt_scorer *scorer, const char *const *cells, size_t n_rows,
                                          double *score, struct flt_seen *seen, double *hash, size_t *bad_row,
                                          struct flt_error *err);
/* As flt_cell_columns_new and flt_cell_reader_read, for cells that were scored. */
enum flt_status flt_scorer_columns_new(const struct flt_scorer *scorer, size_t max_rows,
                                       struct flt_cell_columns **columns, struct flt_error *err);
enum flt_status flt_scorer_read(const struct flt_scorer *scorer, const char *const *cells, size_t n_rows,
                                struct flt_cell_columns *columns, struct flt_error *err);
size_t flt_scorer_n_names(const struct flt_scorer *scorer);

bool flt_scorer_is_missing(const struct flt_scorer *scorer, const char *cell); /* empty, or a missing marker */

/* What reads its records. */
const struct flt_cell_reader *flt_scorer_reader(const struct flt_scorer *scorer);

/* As flt_cell_reader_place and flt_cell_reader_number. */
size_t flt_scorer_place(const struct flt_scorer *scorer, size_t column);
double flt_scorer_number(const struct flt_scorer *scorer, size_t column, const char *cell);

/* ---- deciding ---- */

/* flt_detector_choose_threshold from log-odds, by a rule that is parsed already. Forgets the file that chose the former
 * threshold. */
enum flt_status flt_detector_choose(struct flt_detector *detector, const struct flt_rule *rule,
                                    const struct flt_scored *rows, struct flt_error *err);

/* The same on rows weighted to a prior; 0: as they are. */
enum flt_status flt_detector_choose_under(struct flt_detector *detector, const struct flt_rule *rule,
                                          const struct flt_scored *rows, double prior, struct flt_error *err);

/* The threshold in terms of the score: the lowest score that is called positive, found by bisection. NaN if none below
 * 1e6 is, -infinity if even -1e6 is. */
double flt_detector_threshold_score(const struct flt_detector *detector);

/* ---- the file ---- */

enum { FLT_DETECTOR_FORMAT = 1 };

/* What the file's metadata hold, as members of a JSON object without its braces: "input":{...},"preparation":{...}.
 * End *members by flt_release. */
enum flt_status flt_detector_to_json(const struct flt_detector *detector, char **members, struct flt_error *err);

#endif
