/*
 * The decision rule: from held-out probabilities to one threshold. A row is called positive when probability >=
 * threshold.
 */
#ifndef EVAL_DECISION_H
#define EVAL_DECISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "eval/scored.h"

/* The one comparison that predicts a row positive, everywhere: flt_sigmoid(log_odds) >= threshold. */
bool flt_is_positive(double log_odds, double threshold);

enum flt_rule_kind {
	FLT_RULE_FBETA,     /* "f1", "fbeta:B": the best expected F-beta (plug-in on calibrated probabilities) */
	FLT_RULE_RECALL,    /* "recall>=R": the highest threshold whose recall reaches R */
	FLT_RULE_PRECISION, /* "precision>=P": the threshold with the most recall among those whose precision reaches P
	                     */
	FLT_RULE_TOP,       /* "top:K": the K rows of highest probability */
	FLT_RULE_RATE,      /* "rate:F": that share of the rows */
	FLT_RULE_COST,      /* "cost:FP:FN": threshold FP / (FP + FN) (Elkan 2001) */
	FLT_RULE_FIXED,     /* "0.3": that probability */
};

struct flt_rule {
	enum flt_rule_kind kind;
	double value;  /* beta, R, P, K, F, cost of a false alarm, probability */
	double value2; /* cost of a miss */
};

enum { FLT_RULE_SIZE = 96 };

/* Reads an expression; the error lists the forms it can have. */
enum flt_status flt_rule_parse(const char *text, struct flt_rule *rule, struct flt_error *err);
void flt_rule_format(const struct flt_rule *rule, char *text, size_t size); /* parses back to the same rule */

struct flt_choice {
	double threshold; /* a probability in [0, 1], reached by at least one of the rows (except with COST and FIXED)
	                   */
	bool met;         /* false: no threshold satisfies the rule; this one comes nearest */
	double attained;  /* the rule's own figure on these rows: FBETA expected F, RECALL recall, PRECISION
	                     precision, TOP rows predicted positive, RATE their share, COST expected cost per row, FIXED
	                     the probability */
};

/* What a rule is chosen on: nothing, rows, or rows whose class is known. */
enum flt_rule_needs { FLT_RULE_NEEDS_NOTHING, FLT_RULE_NEEDS_ROWS, FLT_RULE_NEEDS_LABELS };
enum flt_rule_needs flt_rule_needs(const struct flt_rule *rule);

/* Chooses on held-out rows with log-odds, and labels if the rule needs them (flt_rule_needs).
 * Rows of equal probability are predicted alike, so TOP and RATE take fewer rows where a tie would exceed their number;
 * met is false where the first tie alone exceeds it. RATE asks for at least one row, TOP for at most n. If no threshold
 * reaches PRECISION, the highest precision is taken, at its highest recall. */
enum flt_status flt_rule_choose(const struct flt_rule *rule, const struct flt_scored *rows, struct flt_choice *choice,
                                struct flt_error *err);

#endif
