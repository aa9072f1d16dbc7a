/* Thresholds that keep a floor of recall or precision on new rows, with confidence. */
#ifndef EVAL_FLOORS_H
#define EVAL_FLOORS_H

#include "eval/candidates.h"
#include "eval/decision.h"

/* rule is RECALL or PRECISION. The candidates have their units, and a positive row. */
enum flt_status flt_choose_floor(const struct flt_candidates *candidates, const struct flt_rule *rule,
                                 struct flt_choice *choice, struct flt_error *err);

#endif
