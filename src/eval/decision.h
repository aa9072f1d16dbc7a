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
#include "base/log_odds.h"
#include "eval/scored.h"

/* The one comparison that predicts a row positive, everywhere: flt_sigmoid(log_odds) >= threshold. */
static inline bool flt_is_positive(double log_odds, double threshold)
{
	return flt_sigmoid(log_odds) >= threshold;
}

enum flt_rule_kind {
	FLT_RULE_FBETA,     /* "f1", "fbeta:B": the best expected F-beta (plug-in on calibrated probabilities) */
	FLT_RULE_RECALL,    /* "recall>=R": the highest threshold whose recall reaches R with confidence */
	FLT_RULE_PRECISION, /* "precision>=P": of the thresholds whose precision reaches P with confidence, the one
	                     * with the most recall */
	FLT_RULE_TOP,       /* "top:K": the K rows of highest probability */
	FLT_RULE_RATE,      /* "rate:F": that share of the rows */
	FLT_RULE_COST,      /* "cost:FP:FN": threshold FP / (FP + FN) (Elkan 2001) */
	FLT_RULE_FIXED,     /* "0.3": that probability */
};

struct flt_rule {
	enum flt_rule_kind kind;
	double value;      /* beta, R, P, K, F, cost of a false alarm, probability */
	double value2;     /* cost of a miss */
	double confidence; /* RECALL and PRECISION: with which new rows reach the floor, in percent; "recall>=0.9@95" */
};

enum { FLT_RULE_SIZE = 96 };

/* Without "@C" a floor holds with 90 % confidence. With 50 it is the bare estimate: reached on the rows it is chosen
 * on, and on new rows about every other time. */
#define FLT_RULE_CONFIDENCE 90.0
#define FLT_RULE_ESTIMATE 50.0

bool flt_rule_is_floor(const struct flt_rule *rule);   /* RECALL or PRECISION */
bool flt_rule_is_promise(const struct flt_rule *rule); /* a floor with more than 50 % confidence */

/* Reads an expression; the error lists the forms it can have. */
enum flt_status flt_rule_parse(const char *text, struct flt_rule *rule, struct flt_error *err);
void flt_rule_format(const struct flt_rule *rule, char *text, size_t size); /* parses back to the same rule */

/* Exactly the rows that TOP and RATE ask for, of those that they were chosen on: a threshold predicts rows of equal
 * probability alike, and this does not. Rows with a higher score are positive, and among rows of equal score those up
 * to `row`. */
struct flt_cut {
	bool is_set;
	double score;
	size_t row;             /* from 0 */
	size_t n_tied, n_taken; /* rows with the probability of the last positive one; positive ones among them */
	double probability;     /* of these */
};

struct flt_choice {
	double threshold;   /* a probability in [0, 1], reached by at least one of the rows (except with COST and FIXED)
	                     */
	bool met;           /* false: no threshold satisfies the rule; this one comes nearest */
	double attained;    /* the rule's own figure on these rows: FBETA expected F, RECALL recall, PRECISION
	                       precision, TOP rows predicted positive, RATE their share, COST expected cost per row, FIXED
	                       the probability */
	struct flt_cut cut; /* TOP and RATE */
	double alarms;      /* TOP, RATE and floors: share of these rows predicted positive; 0 or NaN: not known */

	/* Floors only; NaN where not known. */
	double bare_threshold, bare_alarms; /* the same for the bare estimate */
	/* Where a floor cannot be promised: how many positive rows there are, and would have to be, for the recall;
	 * alarms, of the same precision, for the precision. Infinite: no number is enough. Rows that hang together
	 * count as one, and weighted rows by their effective number. NaN where the floor is promised. */
	double has, needed;
	double spread; /* how much more hits vary between stretches of time than single rows would make them, at least
	                * 1: rows count by it as more than one (eval/stretches.h); 1 where times are not known */
};

/* What a rule is chosen on: nothing, rows, or rows whose class is known. */
enum flt_rule_needs { FLT_RULE_NEEDS_NOTHING, FLT_RULE_NEEDS_ROWS, FLT_RULE_NEEDS_LABELS };
enum flt_rule_needs flt_rule_needs(const struct flt_rule *rule);

/* Chooses on held-out rows with log-odds, and labels if the rule needs them (flt_rule_needs). Weights count in all
 * rules but TOP, which means rows that someone will look at. Clusters count in floors.
 * Rows of equal probability are predicted alike by a threshold, so TOP and RATE take fewer rows where a tie would
 * exceed their number; met is false where the first tie alone exceeds it. The choice's cut takes exactly their number:
 * rows are ranked by score (without scores, by log-odds), then in their order. RATE asks for at least one row, TOP for
 * at most n. Where a floor cannot be promised, met is false: RECALL then takes the highest threshold that finds all
 * positive rows, PRECISION the one with the strongest evidence (with the bare estimate, the highest precision, at its
 * highest recall).
 */
enum flt_status flt_rule_choose(const struct flt_rule *rule, const struct flt_scored *rows, struct flt_choice *choice,
                                struct flt_error *err);

#endif
