/*
 * Whether hits come one by one, or whole stretches of time are better or worse than others: rows of one event, which
 * no group names, and a world that drifts. The rows are cut into stretches of consecutive times, and the variance of
 * their hits is compared with what single rows would give (Pearson's statistic by its degrees of freedom: McCullagh
 * and Nelder 1989, "Generalized linear models", 4.5). In simulations a floor of recall that counts rows by it held in
 * 89 to 91 % where positive rows come in events of up to four or twenty, and in 81 to 84 % without it already with
 * events of up to four (tests/bench/coverage/floors.c).
 */
#ifndef EVAL_STRETCHES_H
#define EVAL_STRETCHES_H

#include <stdbool.h>

#include "eval/candidates.h"

/* By how much to multiply the units of the candidates at this threshold, at least 1. of_recall: hits are the positive
 * rows that are found, else the alarms that are right. Few stretches know their variance badly, which the confidence
 * (in percent, above 50) counts in by Student's t. The rows have times. */
enum flt_status flt_stretches_spread(const struct flt_candidates *candidates, double threshold, bool of_recall,
                                     double confidence, double *spread, struct flt_error *err);

#endif
