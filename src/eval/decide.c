/*
 * Choosing a threshold. Rows are ranked by the same number that flt_is_positive compares, flt_sigmoid(log_odds), and a
 * threshold is always the probability of a row, so applying it to these rows reproduces the counts it was chosen by.
 */
#include "eval/decision.h"

#include <assert.h>
#include <math.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "eval/metrics.h"

bool flt_is_positive(double log_odds, double threshold)
{
	return flt_sigmoid(log_odds) >= threshold;
}

/* Held-out rows, ranked by probability. */
struct held_out {
	const uint8_t *label; /* (n) or NULL */
	double *probability;  /* (n) */
	size_t n, n_positive;
	double expected; /* sum of the probabilities */
	struct flt_ranking ranking;
};

/* A candidate threshold and its counts; it includes all rows of equal probability. */
struct point {
	double threshold;
	size_t n_alarms, tp;
	double expected; /* sum of the probabilities of the rows called positive */
};

/* Moves to the next lower threshold, starting from a zeroed point. False after the last. */
static bool next_point(const struct held_out *rows, struct point *point)
{
	if (point->n_alarms == rows->n)
		return false;
	uint64_t key = rows->ranking.key[point->n_alarms];
	point->threshold = rows->probability[rows->ranking.row[point->n_alarms]];
	for (; point->n_alarms < rows->n && rows->ranking.key[point->n_alarms] == key; point->n_alarms++) {
		point->expected += point->threshold;
		point->tp += rows->label ? rows->label[rows->ranking.row[point->n_alarms]] : 0;
	}
	return true;
}

static double precision_of(const struct point *point)
{
	return (double)point->tp / (double)point->n_alarms;
}

static struct flt_choice choose_fbeta(const struct held_out *rows, double beta)
{
	struct flt_choice best = {.threshold = 1, .met = true, .attained = -1};
	for (struct point point = {0}; next_point(rows, &point);) {
		double below = (double)point.n_alarms + beta * beta * rows->expected;
		double expected_f = (1 + beta * beta) * point.expected / below;
		if (expected_f > best.attained)
			best = (struct flt_choice){point.threshold, true, expected_f};
	}
	return best;
}

static struct flt_choice choose_recall(const struct held_out *rows, double recall)
{
	struct point point = {0};
	while (next_point(rows, &point) && (double)point.tp / (double)rows->n_positive < recall)
		;
	return (struct flt_choice){point.threshold, true, (double)point.tp / (double)rows->n_positive};
}

static struct flt_choice choose_precision(const struct held_out *rows, double precision)
{
	struct point most_recall = {0}, most_precise = {0};
	for (struct point point = {0}; next_point(rows, &point);) {
		if (precision_of(&point) >= precision && point.tp > most_recall.tp)
			most_recall = point;
		if (most_precise.n_alarms == 0 || precision_of(&point) >= precision_of(&most_precise))
			most_precise = point;
	}
	bool met = most_recall.tp > 0;
	const struct point *best = met ? &most_recall : &most_precise;
	return (struct flt_choice){best->threshold, met, precision_of(best)};
}

/* The most rows up to `most`, but at least the first group of equal probabilities. */
static struct flt_choice choose_rows(const struct held_out *rows, size_t most)
{
	struct point best = {0}, point = {0};
	while (next_point(rows, &point) && (best.n_alarms == 0 || point.n_alarms <= most))
		best = point;
	return (struct flt_choice){best.threshold, best.n_alarms <= most, (double)best.n_alarms};
}

static struct flt_choice choose_rate(const struct held_out *rows, double rate)
{
	const double rounding = 1e-9; /* 0.29 * 100 is a little less than 29 */
	size_t most = (size_t)floor(rate * (double)rows->n + rounding);
	struct flt_choice choice = choose_rows(rows, most > 0 ? most : 1);
	choice.attained /= (double)rows->n;
	return choice;
}

static struct flt_choice choose_cost(const double *log_odds, size_t n, double false_alarm, double miss)
{
	struct flt_choice choice = {.threshold = false_alarm / (false_alarm + miss), .met = true};
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += flt_is_positive(log_odds[i], choice.threshold) ? false_alarm * flt_sigmoid(-log_odds[i])
		                                                      : miss * flt_sigmoid(log_odds[i]);
	choice.attained = n ? sum / (double)n : 0;
	return choice;
}

static void held_out_release(struct held_out *rows)
{
	flt_ranking_release(&rows->ranking);
	flt_free(rows->probability);
}

/* The caller releases rows, after a failure too. */
static enum flt_status held_out_init(struct held_out *rows, const double *log_odds, const uint8_t *label, size_t n,
                                     struct flt_error *err)
{
	*rows = (struct held_out){.label = label, .n = n};
	FLT_TRY(flt_ranking_init(&rows->ranking, n, err));
	rows->probability = flt_alloc(n, sizeof(double), err);
	FLT_TRY_MEMORY(rows->probability);
	for (size_t i = 0; i < n; i++) {
		rows->probability[i] = flt_sigmoid(log_odds[i]);
		rows->expected += rows->probability[i];
		rows->n_positive += label ? label[i] : 0;
	}
	flt_ranking_sort(&rows->ranking, rows->probability, n);
	return FLT_OK;
}

static struct flt_choice choose_on(const struct held_out *rows, const struct flt_rule *rule)
{
	switch (rule->kind) {
	case FLT_RULE_RECALL:
		return choose_recall(rows, rule->value);
	case FLT_RULE_PRECISION:
		return choose_precision(rows, rule->value);
	case FLT_RULE_TOP:
		return choose_rows(rows, rule->value < (double)rows->n ? (size_t)rule->value : rows->n);
	case FLT_RULE_RATE:
		return choose_rate(rows, rule->value);
	default:
		assert(rule->kind == FLT_RULE_FBETA);
		return choose_fbeta(rows, rule->value);
	}
}

enum flt_status flt_rule_choose(const struct flt_rule *rule, const struct flt_scored *scored, struct flt_choice *choice,
                                struct flt_error *err)
{
	const double *log_odds = scored->log_odds;
	const uint8_t *label = scored->label;
	size_t n = scored->n;
	bool needs_label = flt_rule_needs(rule) == FLT_RULE_NEEDS_LABELS;
	assert(label || !needs_label);
	if (rule->kind == FLT_RULE_FIXED) {
		*choice = (struct flt_choice){rule->value, true, rule->value};
		return FLT_OK;
	}
	if (rule->kind == FLT_RULE_COST) {
		*choice = choose_cost(log_odds, n, rule->value, rule->value2);
		return FLT_OK;
	}
	char text[FLT_RULE_SIZE];
	flt_rule_format(rule, text, sizeof text);
	if (n == 0)
		return flt_fail(err, FLT_ERR_DATA,
		                "the decision rule %s needs rows to be chosen on, and there are none", text);
	enum flt_status status = FLT_OK;
	struct held_out rows;
	FLT_TRY_OUT(held_out_init(&rows, log_odds, label, n, err));
	if (needs_label && rows.n_positive == 0)
		status = flt_fail(err, FLT_ERR_DATA,
		                  "the decision rule %s needs positive rows to be chosen on, and none of %zu is", text,
		                  n);
	else
		*choice = choose_on(&rows, rule);
out:
	held_out_release(&rows);
	return status;
}
