/*
 * Promised of --threshold and --require expressions: any text is a rule (a list of gates) or refused in a sentence. A
 * rule is written as a text that reads as the same rule, and chooses a threshold from 0 to 1 on any rows. Gates are
 * checked against any figures, those that are no numbers too: met, not met, or not among these figures. So are gates on
 * other named values.
 *
 * Input: the text, to its end or a NUL.
 */
#include <math.h>

#include "eval/decision.h"
#include "eval/gate.h"
#include "harness.h"

static void choose(const struct flt_rule *rule)
{
	static const double log_odds[] = {-HUGE_VAL, -3, -1, -1, 0, 0.5, 0.5, 2, 40, HUGE_VAL};
	static const uint8_t label[] = {0, 0, 1, 0, 0, 0, 1, 1, 0, 1};
	for (size_t n = 1; n <= sizeof label; n++) {
		struct flt_choice choice;
		struct flt_error err;
		struct flt_scored rows = {.n = n, .score = log_odds, .log_odds = log_odds, .label = label};
		enum flt_status status = flt_rule_choose(rule, &rows, &choice, &err);
		if (status)
			promise_sentence(status, &err);
		else
			PROMISE(choice.threshold >= 0 && choice.threshold <= 1);
	}
}

static void check_rule(const char *text)
{
	struct flt_rule rule, again;
	struct flt_error err;
	char written[FLT_RULE_SIZE];
	enum flt_status status = flt_rule_parse(text, &rule, &err);
	if (status) {
		promise_sentence(status, &err);
		return;
	}
	flt_rule_format(&rule, written, sizeof written);
	PROMISE(flt_rule_parse(written, &again, &err) == FLT_OK);
	PROMISE(again.kind == rule.kind && again.value == rule.value && again.value2 == rule.value2);
	choose(&rule);
}

static void check_named_gates(const char *text)
{
	static const char *const names[] = {"leaks", "copies", NULL};
	static const double values[] = {0, (double)NAN};
	struct flt_gates gates;
	struct flt_error err;
	enum flt_status status = flt_gate_parse_among(text, names, "leaks=0", &gates, &err);
	if (status == FLT_OK)
		status = flt_gate_check_values(&gates, values, &err);
	if (status)
		promise_sentence(status, &err);
}

static void check_gates(const char *text)
{
	static struct flt_figures none, some = {
	                                        .ap = {0.5, 0.25, 0.75},
	                                        .roc_auc = {(double)NAN, (double)NAN, (double)NAN},
	                                        .log_loss = HUGE_VAL,
	                                        .chosen = {.precision = {1, 1, 1}, .mcc = {-1e-9, -1, 1}},
	                                        .at_k = {{1, 1, 1}, {10, 0.5, 0.5}, {1000000, 1e-300, 1}},
	                                        .at_precision = {{0.5, 0.5}, {0.9, 0}},
	                                };
	struct flt_gates gates;
	struct flt_error err;
	enum flt_status status = flt_gate_parse(text, &gates, &err);
	if (status) {
		promise_sentence(status, &err);
		return;
	}
	PROMISE(gates.n > 0 && gates.n <= FLT_MAX_GATES);
	for (int i = 0; i < 2; i++) {
		status = flt_gate_check(&gates, i ? &some : &none, &err);
		if (status)
			promise_sentence(status, &err);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	char *text = text_of(bytes, n);
	check_rule(text);
	check_gates(text);
	check_named_gates(text);
	free(text);
	return 0;
}
