/* Decision rules: their text, and the threshold they choose, against brute force and stored values. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "eval/calibrate.h"
#include "eval/decision.h"
#include "eval/metrics.h"
#include "close.h"
#include "scored_rows.h"
#include "suite.h"

static struct flt_rule rule_of(const char *text)
{
	struct flt_rule rule;
	struct flt_error err;
	ck_assert_msg(flt_rule_parse(text, &rule, &err) == FLT_OK, "%s", err.text);
	return rule;
}

static struct flt_choice choose(const char *text, const struct rows *rows)
{
	struct flt_rule rule = rule_of(text);
	struct flt_choice choice;
	struct flt_error err;
	struct flt_scored scored = rows_scored(rows);
	ck_assert_msg(flt_rule_choose(&rule, &scored, &choice, &err) == FLT_OK, "%s", err.text);
	ck_assert(choice.threshold >= 0 && choice.threshold <= 1);
	return choice;
}

static size_t n_called(const struct rows *rows, double threshold)
{
	size_t n = 0;
	for (size_t i = 0; i < rows->n; i++)
		n += flt_is_positive(rows->score[i], threshold);
	return n;
}

START_TEST(rules_are_read_and_written)
{
	static const char *const texts[] = {"f1",
	                                    "fbeta:2",
	                                    "fbeta:0.5",
	                                    "recall>=0.9",
	                                    "recall>=1",
	                                    "precision>=0.75",
	                                    "top:100",
	                                    "rate:0.01",
	                                    "recall>=0.9@95",
	                                    "recall>=0.9@50",
	                                    "precision>=0.5@99.9",
	                                    "cost:1:50",
	                                    "cost:0.5:20",
	                                    "0.3",
	                                    "0",
	                                    "1"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct flt_rule rule = rule_of(texts[i]);
		char text[FLT_RULE_SIZE];
		flt_rule_format(&rule, text, sizeof text);
		ck_assert_str_eq(text, texts[i]);
	}
	struct flt_rule same = rule_of("fbeta:1"), rule = rule_of("cost:1e-3:1.25e11");
	ck_assert(same.kind == FLT_RULE_FBETA && same.value == 1);
	ck_assert(rule.kind == FLT_RULE_COST && rule.value == 1e-3 && rule.value2 == 1.25e11);
	ck_assert(rule_of("recall>=0.9").confidence == 90 && rule_of("precision>=0.5@50").confidence == 50);
	rule = rule_of("precision>=0.5@90");
	char shortest[FLT_RULE_SIZE];
	flt_rule_format(&rule, shortest, sizeof shortest);
	ck_assert_str_eq(shortest, "precision>=0.5");
	rule = rule_of("cost:1e-3:1.25e11");
	/* The ends of what each form allows. */
	ck_assert(rule_of("fbeta:100").value == 100 && rule_of("top:1e15").value == 1e15);
	ck_assert(rule_of("rate:1").value == 1 && rule_of("precision>=1").value == 1);
	ck_assert(rule_of("cost:1e12:1e12").value2 == 1e12 && rule_of("top:1").value == 1);
	struct flt_random random;
	flt_random_init(&random, 1, "rules", 0);
	for (int i = 0; i < 1000; i++) {
		char text[FLT_RULE_SIZE];
		rule = (struct flt_rule){.kind = FLT_RULE_COST,
		                         .value = exp(20 * flt_random_uniform(&random) - 10),
		                         .value2 = exp(-700 * flt_random_uniform(&random))};
		flt_rule_format(&rule, text, sizeof text);
		struct flt_rule back = rule_of(text);
		ck_assert(back.kind == rule.kind && back.value == rule.value && back.value2 == rule.value2);
	}
}
END_TEST

START_TEST(wrong_rules_are_refused_with_what_is_allowed)
{
	static const char *const cases[][2] = {
	        {"recall>=1.5",
	         "\"recall>=1.5\" is not a decision rule: R is a number above 0 and at most 1, as in "
	         "recall>=0.9, with 90 % confidence; recall>=0.9@95 chooses another, from 50 to below 100"},
	        {"recall>=0",
	         "\"recall>=0\" is not a decision rule: R is a number above 0 and at most 1, as in "
	         "recall>=0.9, with 90 % confidence; recall>=0.9@95 chooses another, from 50 to below 100"},
	        {"precision>=",
	         "\"precision>=\" is not a decision rule: P is a number above 0 and at most 1, as in "
	         "precision>=0.8, with 90 % confidence; precision>=0.8@95 chooses another, from 50 to below 100"},
	        {"fbeta:x", "\"fbeta:x\" is not a decision rule: B is a number above 0 and at most 100, as in fbeta:2"},
	        {"fbeta:-1", NULL},
	        {"fbeta:0", NULL},
	        {"fbeta:100.1", NULL},
	        {"precision>=1.0001", NULL},
	        {"recall>=0.9@100", NULL},
	        {"recall>=0.9@49.9", NULL},
	        {"precision>=0.9@", NULL},
	        {"precision>=@90", NULL},
	        {"recall>=0.9@90@90", NULL},
	        {"top:5@90", NULL},
	        {"top:2e15", NULL},
	        {"rate:0", NULL},
	        {"cost:2e12:1", NULL},
	        {"cost:1:0", NULL},
	        {"cost:1:2e12", NULL},
	        {"top:2.5", "\"top:2.5\" is not a decision rule: K is a whole number of rows from 1 up, as in top:100"},
	        {"top:0", NULL},
	        {"top:10 ", NULL},
	        {"rate:1.01", "\"rate:1.01\" is not a decision rule: F is a share of the rows above 0 and at most 1, "
	                      "as in rate:0.01"},
	        {"cost:20", "\"cost:20\" is not a decision rule; did you mean cost:1:20?"},
	        {"Recall > 90%", "\"Recall > 90%\" is not a decision rule; did you mean recall>=0.9?"},
	        {"cost:0", "\"cost:0\" is not a decision rule: a false alarm and a miss each cost a number above 0 and "
	                   "at most 1e12, as in cost:1:50"},
	        {"cost:1:", NULL},
	        {"cost::1", NULL},
	        {"cost:1:2:3", NULL},
	        {"cost:0:1", NULL},
	        {"cost:1:inf", NULL},
	        {"", "\"\" is not a decision rule: it is f1, fbeta:B, recall>=R, precision>=P, top:K, rate:F, "
	             "cost:FP:FN or a probability from 0 to 1"},
	        {"1.1", NULL},
	        {"-0.1", NULL},
	        {"nan", NULL},
	        {"F1", NULL},
	        {"recall>0.9", NULL},
	        {"0.5x", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_rule rule;
		struct flt_error err;
		ck_assert_msg(flt_rule_parse(cases[i][0], &rule, &err) == FLT_ERR_USAGE, "%s", cases[i][0]);
		if (cases[i][1])
			ck_assert_str_eq(err.text, cases[i][1]);
	}
}
END_TEST

START_TEST(choices_agree_with_reference)
{
	struct reference_csv inputs, wanted;
	reference_csv_open(&inputs, "tests/reference/eval_inputs.csv");
	reference_csv_open(&wanted, "tests/reference/eval_maps.csv");
	static struct rows rows;
	size_t n = 0;
	for (; reference_csv_next(&inputs) && reference_csv_next(&wanted); n++) {
		rows_read(&inputs, &rows);
		struct flt_choice f1 = choose("f1", &rows), f3 = choose("fbeta:3", &rows);
		assert_close(f1.attained, reference_csv_number(&wanted, 3), 1e-12);
		assert_close(f1.threshold, reference_csv_number(&wanted, 4), 1e-12);
		assert_close(f3.attained, reference_csv_number(&wanted, 5), 1e-12);
		assert_close(f3.threshold, reference_csv_number(&wanted, 6), 1e-12);
		assert_close(choose("recall>=0.8@50", &rows).threshold, reference_csv_number(&wanted, 7), 1e-12);
		struct flt_choice precise = choose("precision>=0.25@50", &rows);
		ck_assert(precise.met && precise.attained >= 0.25);
		assert_close(precise.threshold, reference_csv_number(&wanted, 8), 1e-12);
	}
	ck_assert_uint_eq(n, 5);
}
END_TEST

/* The cut takes exactly k rows, and no row of a lower score, or of the same score and further down, in place of
 * another. */
static void check_cut(const struct rows *rows, const struct flt_cut *cut, size_t k)
{
	size_t n = 0, n_tied = 0, n_taken = 0;
	for (size_t i = 0; i < rows->n; i++) {
		bool is_taken = rows->score[i] > cut->score || (rows->score[i] == cut->score && i <= cut->row);
		bool is_tied = flt_sigmoid(rows->score[i]) == cut->probability;
		n += is_taken;
		n_tied += is_tied;
		n_taken += is_tied && is_taken;
	}
	ck_assert(cut->is_set && cut->n_tied == n_tied && cut->n_taken == n_taken);
	ck_assert_uint_eq(n, k);
}

/* Every threshold that can matter, by brute force; what is counted is what flt_is_positive calls. */
START_TEST(choices_equal_brute_force)
{
	static struct rows rows;
	struct flt_random random;
	flt_random_init(&random, 2, "rows", 0);
	for (int round = 0; round < 200; round++) {
		rows.n = 5 + flt_random_below(&random, 80);
		double grid = round % 2 ? 3 : 1e9;
		for (size_t i = 0; i < rows.n; i++) {
			rows.label[i] = i == 0 || flt_random_uniform(&random) < 0.3;
			double z = flt_random_normal(&random) + rows.label[i];
			rows.score[i] = floor(z * grid) / grid + (round % 5 == 0 ? 36 : 0); /* near saturation */
		}
		double recall_threshold = -1, precision_recall = 0, best_precision = 0, best_f = 0, expected = 0;
		for (size_t i = 0; i < rows.n; i++)
			expected += flt_sigmoid(rows.score[i]);
		for (size_t i = 0; i < rows.n; i++) {
			double t = flt_sigmoid(rows.score[i]), sum = 0;
			struct flt_confusion c = flt_confusion_at(
			        &(struct flt_scored){.n = rows.n, .log_odds = rows.score, .label = rows.label}, t);
			if (flt_recall(&c) >= 0.75)
				recall_threshold = fmax(recall_threshold, t);
			if (flt_precision(&c) >= 0.6)
				precision_recall = fmax(precision_recall, flt_recall(&c));
			best_precision = fmax(best_precision, flt_precision(&c));
			for (size_t j = 0; j < rows.n; j++)
				sum += flt_is_positive(rows.score[j], t) ? flt_sigmoid(rows.score[j]) : 0;
			best_f = fmax(best_f, 5 * sum / ((double)(c.tp + c.fp) + 4 * expected));
		}
		struct flt_choice choice = choose("recall>=0.75@50", &rows);
		ck_assert_double_eq(choice.threshold, recall_threshold);
		struct flt_confusion at =
		        flt_confusion_at(&(struct flt_scored){.n = rows.n, .log_odds = rows.score, .label = rows.label},
		                         choice.threshold);
		ck_assert_double_eq(choice.attained, flt_recall(&at));

		choice = choose("precision>=0.6@50", &rows);
		at = flt_confusion_at(&(struct flt_scored){.n = rows.n, .log_odds = rows.score, .label = rows.label},
		                      choice.threshold);
		ck_assert_double_eq(choice.attained, flt_precision(&at));
		ck_assert_int_eq(choice.met, precision_recall > 0);
		ck_assert_double_eq(choice.met ? flt_recall(&at) : flt_precision(&at),
		                    choice.met ? precision_recall : best_precision);

		assert_close(choose("fbeta:2", &rows).attained, best_f, 1e-13);

		char text[FLT_RULE_SIZE];
		size_t k = 1 + flt_random_below(&random, rows.n);
		snprintf(text, sizeof text, "top:%zu", k);
		choice = choose(text, &rows);
		ck_assert_double_eq(choice.attained, (double)n_called(&rows, choice.threshold));
		ck_assert_int_eq(choice.met, choice.attained <= (double)k);
		if (grid > 3 && round % 5)
			ck_assert_double_eq(choice.attained, (double)k);
		check_cut(&rows, &choice.cut, k);
		/* The next group would be too many. */
		double next = -1;
		for (size_t i = 0; i < rows.n; i++) {
			double p = flt_sigmoid(rows.score[i]);
			if (p < choice.threshold)
				next = fmax(next, p);
		}
		ck_assert(next < 0 || !choice.met || n_called(&rows, next) > k);
	}
}
END_TEST

/* Whatever the rule, a higher threshold finds fewer of the positives. */
START_TEST(recall_never_rises_with_the_threshold)
{
	static struct rows rows;
	struct flt_random random;
	flt_random_init(&random, 4, "rows", 0);
	rows.n = 300;
	for (size_t i = 0; i < rows.n; i++) {
		rows.label[i] = i % 10 == 0;
		rows.score[i] = floor(4 * (flt_random_normal(&random) + rows.label[i])) / 4;
	}
	double recall = 1, threshold = 0;
	for (double reached = 1; reached > 0; reached -= 0.01) {
		char text[FLT_RULE_SIZE];
		snprintf(text, sizeof text, "recall>=%g@50", reached);
		struct flt_choice choice = choose(text, &rows);
		struct flt_confusion at =
		        flt_confusion_at(&(struct flt_scored){.n = rows.n, .log_odds = rows.score, .label = rows.label},
		                         choice.threshold);
		ck_assert(choice.threshold >= threshold && flt_recall(&at) <= recall);
		ck_assert(flt_recall(&at) >= reached && choice.attained == flt_recall(&at));
		threshold = choice.threshold;
		recall = flt_recall(&at);
	}
	ck_assert_double_lt(recall, 0.2);
}
END_TEST

START_TEST(rate_cost_and_fixed_rules_choose_by_definition)
{
	static struct rows rows;
	rows.n = 100;
	for (size_t i = 0; i < 100; i++) {
		rows.score[i] = (double)i / 10 - 8;
		rows.label[i] = i > 90;
	}
	struct flt_choice choice = choose("rate:0.29", &rows);
	ck_assert(choice.met && choice.attained == 0.29 && n_called(&rows, choice.threshold) == 29);
	choice = choose("rate:0.001", &rows);
	ck_assert(choice.met && choice.attained == 0.01);
	choice = choose("rate:1", &rows);
	ck_assert(choice.met && choice.attained == 1 && n_called(&rows, choice.threshold) == 100);
	choice = choose("top:100000", &rows);
	ck_assert(choice.met && choice.attained == 100);

	choice = choose("cost:1:4", &rows);
	ck_assert_double_eq(choice.threshold, 0.2);
	double cost = 0;
	for (size_t i = 0; i < 100; i++)
		cost += fmin(flt_sigmoid(-rows.score[i]), 4 * flt_sigmoid(rows.score[i])) / 100;
	assert_close(choice.attained, cost, 1e-12);
	choice = choose("0.125", &rows);
	ck_assert(choice.threshold == 0.125 && choice.met && choice.attained == 0.125);

	for (size_t i = 60; i < 100; i++)
		rows.score[i] = 3; /* 40 rows tie at the top */
	choice = choose("top:10", &rows);
	ck_assert(!choice.met && choice.attained == 40);
	check_cut(&rows, &choice.cut, 10);
	ck_assert(choice.cut.row == 69 && choice.cut.n_tied == 40);
	choice = choose("rate:0.1", &rows);
	ck_assert(!choice.met && choice.attained == 0.4);
	check_cut(&rows, &choice.cut, 10);
	memset(rows.label, 0, sizeof rows.label);
	rows.label[0] = 1;
	choice = choose("precision>=0.5@50", &rows);
	ck_assert(!choice.met && choice.attained == 0.01 && n_called(&rows, choice.threshold) == 100);
	for (size_t i = 0; i < 100; i++)
		rows.score[i] = i ? -INFINITY : INFINITY;
	choice = choose("f1", &rows);
	ck_assert(choice.threshold == 1 && choice.attained == 1 && n_called(&rows, 1) == 1);
	for (size_t i = 0; i < 100; i++)
		rows.score[i] = -INFINITY;
	choice = choose("f1", &rows);
	ck_assert(choice.met && choice.threshold >= 0);
	rows.n = 0;
	choice = choose("cost:3:1", &rows);
	ck_assert(choice.met && choice.threshold == 0.75 && choice.attained == 0);
	choice = choose("0.125", &rows);
	ck_assert(choice.met && choice.threshold == 0.125);
}
END_TEST

/* As under an isotonic map: rows of one probability, which scores tell apart. */
START_TEST(a_cut_goes_by_score_before_it_goes_by_row)
{
	static const double score[] = {1, 3, 2, 3, 5}, log_odds[] = {0, 0, 0, 0, 0};
	static const double weight[] = {1, 1, 1, 1, 4};
	struct flt_scored rows = {.n = 5, .score = score, .log_odds = log_odds};
	struct flt_rule top = rule_of("top:2"), rate = rule_of("rate:0.5");
	struct flt_choice choice;
	ck_assert_int_eq(flt_rule_choose(&top, &rows, &choice, NULL), FLT_OK);
	ck_assert(choice.cut.score == 3 && choice.cut.row == 1);
	ck_assert(choice.cut.n_tied == 5 && choice.cut.n_taken == 2 && choice.attained == 5);
	/* top:K counts rows, rate:F their weight. */
	rows.weight = weight;
	ck_assert_int_eq(flt_rule_choose(&top, &rows, &choice, NULL), FLT_OK);
	ck_assert(choice.cut.score == 3 && choice.cut.row == 1);
	ck_assert_int_eq(flt_rule_choose(&rate, &rows, &choice, NULL), FLT_OK);
	ck_assert(choice.cut.score == 5 && choice.cut.row == 4 && choice.attained == 1);
}
END_TEST

START_TEST(rules_without_usable_rows_are_refused)
{
	const double log_odds[] = {1, 2};
	const uint8_t negative[] = {0, 0};
	struct flt_scored rows = {.n = 2, .log_odds = log_odds, .label = negative};
	struct flt_choice choice;
	struct flt_error err;
	struct flt_rule rule = rule_of("recall>=0.9");
	ck_assert_int_eq(flt_rule_choose(&rule, &rows, &choice, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text,
	                 "the decision rule recall>=0.9 needs positive rows to be chosen on, and none of 2 is");
	rule = rule_of("f1");
	ck_assert_int_eq(flt_rule_choose(&rule, &(struct flt_scored){0}, &choice, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "the decision rule f1 needs rows to be chosen on, and there are none");
	rows.label = NULL;
	ck_assert_int_eq(flt_rule_choose(&rule, &rows, &choice, &err), FLT_OK);
	unsigned long k = 1;
	for (;; k++) {
		flt_alloc_fail_at(k);
		enum flt_status status = flt_rule_choose(&rule, &rows, &choice, &err);
		flt_alloc_fail_at(0);
		if (status == FLT_OK)
			break;
		ck_assert_int_eq(status, FLT_ERR_MACHINE);
	}
	ck_assert_uint_eq(k, 5);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("decision");
	TCase *tests = tcase_create("decision");
	tcase_add_test(tests, rules_are_read_and_written);
	tcase_add_test(tests, wrong_rules_are_refused_with_what_is_allowed);
	tcase_add_test(tests, choices_agree_with_reference);
	tcase_add_test(tests, choices_equal_brute_force);
	tcase_add_test(tests, recall_never_rises_with_the_threshold);
	tcase_add_test(tests, rate_cost_and_fixed_rules_choose_by_definition);
	tcase_add_test(tests, a_cut_goes_by_score_before_it_goes_by_row);
	tcase_add_test(tests, rules_without_usable_rows_are_refused);
	suite_add_tcase(suite, tests);
	return suite;
}
