/*
 * The decision rule: from held-out probabilities to one threshold. A row is called positive when probability >=
 * threshold.
 */
#ifndef FLTRAIN_DECISION_H
#define FLTRAIN_DECISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fltrain/error.h"

/* The one comparison, used wherever a row is called positive: flt_sigmoid(log_odds) >= threshold. */
bool flt_is_positive(double log_odds, double threshold);

enum flt_rule_kind {
	FLT_RULE_FBETA,     /* "f1", "fbeta:B": the best expected F-beta (plug-in on calibrated probabilities) */
	FLT_RULE_RECALL,    /* "recall>=R": the highest threshold whose recall reaches R */
	FLT_RULE_PRECISION, /* "precision>=P": the threshold with the most recall among those whose precision reaches P
	                     */
	FLT_RULE_TOP,       /* "top:K": the K rows with the highest probability */
	FLT_RULE_RATE,      /* "rate:F": that share of the rows */
	FLT_RULE_COST,      /* "cost:FP:FN": threshold FP / (FP + FN) (Elkan 2001) */
	FLT_RULE_FIXED,     /* "0.3": that probability */
};

struct flt_rule {
	enum flt_rule_kind kind;
	double value;  /* beta, R, P, K, F, cost of a false alarm, probability */
	double value2; /* cost of a miss */
};

/* Reads an expression; the error says what is allowed. */
enum flt_status flt_rule_parse(const char *text, struct flt_rule *rule, struct flt_error *err);
void flt_rule_format(const struct flt_rule *rule, char *text, size_t size); /* parses back to the same rule */

struct flt_choice {
	double threshold; /* a probability in [0, 1]; above 1 never happens: see met */
	bool met;         /* false: a floor that no threshold reaches; threshold is then the one that comes nearest */
	double attained;  /* the value of what the rule asks for on these rows: expected F, recall, precision, rows,
	                     share, cost per row */
};

/* Chooses on n held-out rows. label may be NULL for rules that need none (FBETA, TOP, RATE, COST, FIXED). */
enum flt_status flt_rule_choose(const struct flt_rule *rule, const double *log_odds, const uint8_t *label, size_t n,
                                struct flt_choice *choice, struct flt_error *err);

#endif
