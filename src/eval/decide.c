/*
 * Choosing a threshold. It is always the probability of a row (eval/candidates.h), so applying it to these rows
 * reproduces the counts it was chosen by.
 */
#include "eval/decision.h"

#include <assert.h>

#include "eval/candidates.h"
#include "eval/floors.h"

static struct flt_choice choose_fbeta(const struct flt_candidates *candidates, double beta)
{
	struct flt_choice best = {.threshold = 1, .met = true, .attained = -1};
	for (struct flt_candidate candidate = {0}; flt_candidates_next(candidates, &candidate);) {
		double below = candidate.alarms + beta * beta * candidates->expected;
		double expected_f = (1 + beta * beta) * candidate.expected / below;
		if (expected_f > best.attained) {
			best.threshold = candidate.threshold;
			best.attained = expected_f;
		}
	}
	return best;
}

/* ---- top:K and rate:F ---- */

/* How much a row counts towards what the rule asks for. */
static double share_of(const struct flt_rule *rule, const struct flt_scored *rows, size_t row)
{
	return rule->kind == FLT_RULE_TOP ? 1 : flt_row_weight(rows, row);
}

/* What the rule asks for, in rows (TOP) or weight (RATE). */
static double wanted_by(const struct flt_rule *rule, const struct flt_candidates *candidates)
{
	const double rounding = 1e-9; /* 0.29 * 100 is a little less than 29 */
	return rule->kind == FLT_RULE_TOP ? rule->value
	                                  : (rule->value + rounding / (double)candidates->rows->n) * candidates->weight;
}

/* The most rows that stay within what is wanted, but at least the first group of equal probabilities. */
static struct flt_choice choose_threshold(const struct flt_rule *rule, const struct flt_candidates *candidates)
{
	double wanted = wanted_by(rule, candidates);
	bool by_rows = rule->kind == FLT_RULE_TOP;
	struct flt_candidate best = {0}, candidate = {0};
	while (flt_candidates_next(candidates, &candidate) &&
	       (best.n_alarms == 0 || (by_rows ? (double)candidate.n_alarms : candidate.alarms) <= wanted))
		best = candidate;
	double taken = by_rows ? (double)best.n_alarms : best.alarms, share = best.alarms / candidates->weight;
	return (struct flt_choice){.threshold = best.threshold,
	                           .met = best.n_alarms == 1 || taken <= wanted,
	                           .attained = by_rows ? taken : share,
	                           .alarms = share};
}

/* Ranks the rows anew, by score. */
static enum flt_status cut(const struct flt_rule *rule, struct flt_candidates *candidates, struct flt_cut *at,
                           struct flt_error *err)
{
	const struct flt_scored *rows = candidates->rows;
	const double *score = rows->score ? rows->score : rows->log_odds;
	double wanted = wanted_by(rule, candidates);
	size_t last = 0;
	flt_ranking_release(&candidates->ranking);
	FLT_TRY(flt_ranking_make(&candidates->ranking, score, rows->n, NULL, err));
	const uint32_t *ranked = candidates->ranking.row;
	double sum = share_of(rule, rows, ranked[0]);
	while (last + 1 < rows->n && (sum += share_of(rule, rows, ranked[last + 1])) <= wanted)
		last++;
	*at = (struct flt_cut){.is_set = true, .score = score[ranked[last]], .row = ranked[last]};
	at->probability = flt_candidates_probability(candidates, ranked[last]);
	for (size_t i = 0; i < rows->n; i++) {
		bool is_tied = flt_candidates_probability(candidates, ranked[i]) == at->probability;
		at->n_tied += is_tied;
		at->n_taken += is_tied && i <= last;
	}
	return FLT_OK;
}

static enum flt_status choose_most_likely(const struct flt_rule *rule, struct flt_candidates *candidates,
                                          struct flt_choice *choice, struct flt_error *err)
{
	*choice = choose_threshold(rule, candidates);
	return cut(rule, candidates, &choice->cut, err);
}

/* ---- all rules ---- */

static struct flt_choice choose_cost(const struct flt_scored *rows, double false_alarm, double miss)
{
	struct flt_choice choice = {.threshold = false_alarm / (false_alarm + miss), .met = true};
	double sum = 0, weight = 0;
	for (size_t i = 0; i < rows->n; i++) {
		double log_odds = rows->log_odds[i];
		weight += flt_row_weight(rows, i);
		sum += flt_row_weight(rows, i) * (flt_is_positive(log_odds, choice.threshold)
		                                          ? false_alarm * flt_sigmoid(-log_odds)
		                                          : miss * flt_sigmoid(log_odds));
	}
	choice.attained = rows->n ? sum / weight : 0;
	return choice;
}

static enum flt_status choose_on(struct flt_candidates *candidates, const struct flt_rule *rule,
                                 struct flt_choice *choice, struct flt_error *err)
{
	if (flt_rule_is_floor(rule))
		return flt_choose_floor(candidates, rule, choice, err);
	assert(rule->kind == FLT_RULE_TOP || rule->kind == FLT_RULE_RATE || rule->kind == FLT_RULE_FBETA);
	if (rule->kind != FLT_RULE_FBETA)
		return choose_most_likely(rule, candidates, choice, err);
	*choice = choose_fbeta(candidates, rule->value);
	return FLT_OK;
}

static enum flt_status choose_among_rows(const struct flt_rule *rule, const struct flt_scored *rows,
                                         struct flt_choice *choice, struct flt_error *err)
{
	bool needs_label = flt_rule_needs(rule) == FLT_RULE_NEEDS_LABELS;
	char text[FLT_RULE_SIZE];
	assert(rows->label || !needs_label);
	flt_rule_format(rule, text, sizeof text);
	if (rows->n == 0)
		return flt_fail(err, FLT_ERR_DATA,
		                "the decision rule %s needs rows to be chosen on, and there are none", text);
	enum flt_status status = FLT_OK;
	struct flt_candidates candidates;
	FLT_TRY_OUT(flt_candidates_init(&candidates, rows, flt_rule_is_floor(rule), err));
	if (needs_label && candidates.positive == 0)
		status = flt_fail(err, FLT_ERR_DATA,
		                  "the decision rule %s needs positive rows to be chosen on, and none of %zu is", text,
		                  rows->n);
	else
		status = choose_on(&candidates, rule, choice, err);
out:
	flt_candidates_release(&candidates);
	return status;
}

enum flt_status flt_rule_choose(const struct flt_rule *rule, const struct flt_scored *rows, struct flt_choice *choice,
                                struct flt_error *err)
{
	if (flt_rule_needs(rule) != FLT_RULE_NEEDS_NOTHING)
		return choose_among_rows(rule, rows, choice, err);
	if (rule->kind == FLT_RULE_COST)
		*choice = choose_cost(rows, rule->value, rule->value2);
	else
		*choice = (struct flt_choice){.threshold = rule->value, .met = true, .attained = rule->value};
	return FLT_OK;
}
