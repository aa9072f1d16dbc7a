/*
 * Ensemble selection (Caruana et al. 2004): what models shall weigh in the mean of their probabilities, by the scores
 * that each gave to the same rows, none of which it had learnt from.
 *
 * Greedy: 25 times, the model joins that lowers the log-loss of the mean most; a model may join again, and of equally
 * good ones the first does. Its share of the 25 is then moved towards equal weights: half way where positives are
 * many, further the fewer there are, since then the choice is mostly luck.
 */
#ifndef EVAL_ENSEMBLE_H
#define EVAL_ENSEMBLE_H

#include "base/error.h"
#include "eval/scored.h"

/* rows: label, and weight or NULL; n > 0. log_odds (n_models): of each model (n), finite. share (n_models) gets the
 * greedy weights, which add up to 1. */
enum flt_status flt_ensemble_choose(const struct flt_scored *rows, const double *const *log_odds, size_t n_models,
                                    double *share, struct flt_error *err);

/* Moves shares towards equal ones for an effective number of positives, drops what is left of models that weigh next to
 * nothing, and scales the others to add up to 1. */
void flt_ensemble_shrink(double *share, size_t n_models, double n_positive);

/* The mean, by weight, of -ln of the probability that the rows' classes had. */
double flt_ensemble_log_loss(const struct flt_scored *rows, const double *log_odds);

#endif
