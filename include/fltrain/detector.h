/*
 * A detector: the trained thing, all that it takes to score rows. It owns the recipe that turns a table into numbers,
 * one or more networks, the map from score to log-odds, and the decision rule with the threshold it led to.
 *
 * score: with one network its logit (float32, held exactly in a double). With several, the logit of the mean of the
 * members' probabilities, in double, where member_gamma and member_log_weight_ratio are the psi (calibrate.h) that
 * makes a probability of a member's logit. Ranking figures use the score.
 * probability: sigmoid of flt_detector_log_odds(score). A row is called positive when it is >= choice.threshold.
 */
#ifndef FLTRAIN_DETECTOR_H
#define FLTRAIN_DETECTOR_H

#include "fltrain/calibrate.h"
#include "fltrain/decision.h"
#include "fltrain/mlp.h"
#include "fltrain/prep.h"

struct flt_detector {
	struct flt_prep *prep;
	struct flt_mlp **nets; /* (n_nets), each with flt_prep_n_features(prep) inputs */
	size_t n_nets;
	double member_gamma, member_log_weight_ratio; /* used when n_nets > 1; map then holds no psi */
	struct flt_map map;
	struct flt_rule rule;
	struct flt_choice choice;
	char *target, *positive, *negative; /* the target's name, the classes' texts */
};

void flt_detector_free(struct flt_detector *detector); /* and all that it owns */

/* score (n) of the given rows of a table with the columns of the fitted one (flt_table_read_like). A row's score does
 * not depend on the rows around it nor on n_threads (0: all), to the bit. Works in blocks of bounded memory. */
enum flt_status flt_detector_score(const struct flt_detector *detector, const struct flt_table *table,
                                   const size_t *rows, size_t n, unsigned n_threads, double *score,
                                   struct flt_error *err);

/* The same from rows that are prepared already: x (n, flt_prep_n_features(prep)), row-major. */
enum flt_status flt_detector_score_prepared(const struct flt_detector *detector, const float *x, size_t n,
                                            unsigned n_threads, double *score, struct flt_error *err);

double flt_detector_log_odds(const struct flt_detector *detector, double score);

/* "Positive when probability >= threshold", the one place where it is decided. */
bool flt_detector_is_positive(const struct flt_detector *detector, double probability);

size_t flt_detector_n_params(const struct flt_detector *detector); /* of all networks */

#endif
