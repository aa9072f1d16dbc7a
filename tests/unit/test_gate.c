/* Gates: their text, and what failing says. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "eval/gate.h"
#include "suite.h"

static struct flt_figures figures_of_a_model(void)
{
	struct flt_figures figures = {
	        .n_rows = 6000,
	        .n_positive = 30,
	        .ap = {0.55, 0.41, 0.7},
	        .roc_auc = {0.95, 0.9, 0.98},
	        .chosen = {.precision = {0.69, 0.5, 0.83},
	                   .recall = {0.6, 0.42, 0.75},
	                   .f1 = {0.64, 0.5, 0.75},
	                   .mcc = {0.63, 0.49, 0.74},
	                   .alarms_per_10000 = {43, 30, 63},
	                   .accuracy = 0.997},
	        .log_loss = 0.018,
	        .brier = 0.0029,
	        .ece = 0.0011,
	        .at_k = {{10, 0.9, 0.3}, {50, 0.5, 0.8}, {30, 0.6, 0.6}},
	        .at_precision = {{0.5, 0.7}, {0.7, 0.6}, {0.9, 0.3}, {0.95, 0.1}},
	};
	return figures;
}

static enum flt_status check(const char *text, struct flt_error *err)
{
	struct flt_gates gates;
	struct flt_figures figures = figures_of_a_model();
	enum flt_status status = flt_gate_parse(text, &gates, err);
	return status == FLT_OK ? flt_gate_check(&gates, &figures, err) : status;
}

START_TEST(satisfied_gates_pass)
{
	static const char *const texts[] = {
	        "ap>=0.55",
	        "ap.lo>=0.41,ap.hi<=0.7",
	        " ap>=0.5 , recall@precision=0.9>=0.3,ece<=0.002",
	        "roc_auc>=0.95,precision>=.6,recall>=0.6,f1>=0.6,mcc>=0.6,accuracy>=0.9,log_loss<=0.02,brier<=3e-3",
	        "precision@k=10>=0.9,recall@k=50>=0.8,precision@k=30>=0.6,alarms_per_10000<=50",
	        "recall.lo>=0.4,precision.hi<=0.9,f1.lo>=0.5,mcc.lo>=0.4,roc_auc.lo>=0.9,alarms_per_10000.hi<=63",
	        "ap>=-1",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct flt_error err = {FLT_OK, ""};
		ck_assert_msg(check(texts[i], &err) == FLT_OK, "%s: %s", texts[i], err.text);
	}
}
END_TEST

START_TEST(failed_gates_say_by_how_much)
{
	static const char *const cases[][2] = {
	        {"ap>=0.6", "ap>=0.6 failed: ap is 0.55, 0.05 too low"},
	        {"ece<=0.001", "ece<=0.001 failed: ece is 0.0011, 0.0001 too high"},
	        {"accuracy>=0.9,ap.lo>=0.5,recall@precision=0.9>=0.31",
	         "ap.lo>=0.5 failed: ap.lo is 0.41, 0.09 too low; recall@precision=0.9>=0.31 failed: "
	         "recall@precision=0.9 is 0.3, 0.01 too low"},
	        {"precision@k=50>=0.500000001", "precision@k=50>=0.500000001 failed: precision@k=50 is 0.5, "
	                                        "1e-9 too low"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_error err;
		ck_assert_int_eq(check(cases[i][0], &err), FLT_ERR_GATE);
		ck_assert_str_eq(err.text, cases[i][1]);
	}
	struct flt_gates gates;
	struct flt_figures figures = figures_of_a_model();
	struct flt_error err;
	figures.log_loss = INFINITY;
	ck_assert_int_eq(flt_gate_parse("log_loss<=0.1,brier<=1", &gates, &err), FLT_OK);
	ck_assert_int_eq(flt_gate_check(&gates, &figures, &err), FLT_ERR_GATE);
	ck_assert_str_eq(err.text, "log_loss<=0.1 failed: log_loss is not a finite number");
	figures.log_loss = NAN;
	ck_assert_int_eq(flt_gate_check(&gates, &figures, &err), FLT_ERR_GATE);
}
END_TEST

/* Every figure by its name, with a bound just reached and one just missed. */
START_TEST(each_name_means_its_own_figure)
{
	struct flt_figures figures = figures_of_a_model();
	const struct {
		const char *name;
		double value;
	} all[] = {{"ap", figures.ap.value},
	           {"ap.lo", figures.ap.lo},
	           {"ap.hi", figures.ap.hi},
	           {"roc_auc", figures.roc_auc.value},
	           {"roc_auc.lo", figures.roc_auc.lo},
	           {"roc_auc.hi", figures.roc_auc.hi},
	           {"precision", figures.chosen.precision.value},
	           {"precision.lo", figures.chosen.precision.lo},
	           {"precision.hi", figures.chosen.precision.hi},
	           {"recall", figures.chosen.recall.value},
	           {"recall.lo", figures.chosen.recall.lo},
	           {"recall.hi", figures.chosen.recall.hi},
	           {"f1", figures.chosen.f1.value},
	           {"f1.lo", figures.chosen.f1.lo},
	           {"f1.hi", figures.chosen.f1.hi},
	           {"mcc", figures.chosen.mcc.value},
	           {"mcc.lo", figures.chosen.mcc.lo},
	           {"mcc.hi", figures.chosen.mcc.hi},
	           {"alarms_per_10000", figures.chosen.alarms_per_10000.value},
	           {"alarms_per_10000.lo", figures.chosen.alarms_per_10000.lo},
	           {"alarms_per_10000.hi", figures.chosen.alarms_per_10000.hi},
	           {"accuracy", figures.chosen.accuracy},
	           {"log_loss", figures.log_loss},
	           {"brier", figures.brier},
	           {"ece", figures.ece},
	           {"precision@k=10", 0.9},
	           {"precision@k=50", 0.5},
	           {"recall@k=10", 0.3},
	           {"recall@k=50", 0.8},
	           {"recall@k=30", 0.6},
	           {"recall@precision=0.5", 0.7},
	           {"recall@precision=0.95", 0.1}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		char text[FLT_GATE_SIZE + 32], sentence[200];
		struct flt_error err;
		snprintf(text, sizeof text, "%s>=%g,%s<=%g", all[i].name, all[i].value, all[i].name, all[i].value);
		ck_assert_msg(check(text, &err) == FLT_OK, "%s: %s", text, err.text);
		snprintf(text, sizeof text, "%s>=%g", all[i].name, all[i].value + 0.25);
		ck_assert_int_eq(check(text, &err), FLT_ERR_GATE);
		snprintf(sentence, sizeof sentence, "%s failed: %s is %g, 0.25 too low", text, all[i].name,
		         all[i].value);
		ck_assert_str_eq(err.text, sentence);
	}
}
END_TEST

START_TEST(small_figures_are_shown_with_more_digits)
{
	struct flt_figures figures = figures_of_a_model();
	struct flt_gates gates;
	struct flt_error err;
	figures.ece = 3.4567891e-6;
	figures.brier = 1.23456789e-2;
	ck_assert_int_eq(flt_gate_parse("ece<=1e-6,brier<=0.01", &gates, &err), FLT_OK);
	ck_assert_int_eq(flt_gate_check(&gates, &figures, &err), FLT_ERR_GATE);
	ck_assert_str_eq(err.text, "ece<=1e-6 failed: ece is 3.456789e-6, 2.456789e-6 too high; "
	                           "brier<=0.01 failed: brier is 0.012346, 0.002346 too high");
}
END_TEST

/* As many gates as there can be, as long as they can be: what does not fit into the message is left out. */
START_TEST(many_long_gates_fail_in_one_message)
{
	enum { LONGEST = FLT_GATE_SIZE - 1 };
	char gate[LONGEST + 2], all[FLT_MAX_GATES * (LONGEST + 1) + 1] = "";
	struct flt_gates gates;
	struct flt_error err;
	snprintf(gate, sizeof gate, "roc_auc.hi>=%0*d", LONGEST - (int)strlen("roc_auc.hi>="), 7);
	ck_assert_uint_eq(strlen(gate), LONGEST);
	for (size_t i = 0; i < FLT_MAX_GATES; i++)
		strcat(strcat(all, i ? "," : ""), gate);
	ck_assert_int_eq(flt_gate_parse(all, &gates, &err), FLT_OK);
	ck_assert_uint_eq(gates.n, FLT_MAX_GATES);
	ck_assert_int_eq(check(all, &err), FLT_ERR_GATE);
	ck_assert_uint_gt(strlen(err.text), FLT_ERROR_SIZE / 2);
	ck_assert_ptr_nonnull(strstr(err.text, " failed: roc_auc.hi is 0.98, 6.02 too low; roc_auc.hi>=000"));
	snprintf(gate, sizeof gate, "roc_auc.hi>=%0*d", LONGEST + 1 - (int)strlen("roc_auc.hi>="), 7);
	ck_assert_int_eq(flt_gate_parse(gate, &gates, &err), FLT_ERR_USAGE);
}
END_TEST

START_TEST(unknown_gates_are_refused)
{
	static const char *const cases[][2] = {
	        {"app>=0.6", "\"app\" is not a figure that can be required; did you mean ap?"},
	        {"accuracy.lo>=0.6", NULL},
	        {"log_loss.hi<=1", NULL},
	        {"brier.lo<=1", NULL},
	        {"ece.hi<=1", NULL},
	        {"ap.mid>=0.5", NULL},
	        {"a>=0.5", NULL},
	        {"xap>=0.5", NULL},
	        {"ap.lo.lo>=0.5", NULL},
	        {"recall@k=x>=0.5", NULL},
	        {"recall_k=10>=0.5", NULL},
	        {"sharpness>=1",
	         "\"sharpness\" is not a figure that can be required: use ap, roc_auc, precision, recall, f1, mcc, "
	         "alarms_per_10000 (all also with .lo or .hi), accuracy, log_loss, brier, ece, precision@k=K, "
	         "recall@k=K or recall@precision=P"},
	        {"ap>0.6", "\"ap>0.6\" is not a requirement: write FIGURE>=NUMBER or FIGURE<=NUMBER, as in ap>=0.6"},
	        {"ap>=", NULL},
	        {"ap", NULL},
	        {"", NULL},
	        {">=", NULL},
	        {">=0.5", NULL},
	        {"ap>=0.5,", NULL},
	        {"ap>=0.5x", NULL},
	        {"ap>=inf", NULL},
	        {"precision@k=>=0.5", NULL},
	        {"precision@k=70>=0.5",
	         "precision@k=70 is not among the figures of these rows: they hold precision@k=10, 50, 30"},
	        {"precision@k=0>=0", NULL},
	        {"recall@precision=0.8>=0.5", "recall@precision=0.8 is not among the figures of these rows: they hold "
	                                      "recall@precision=0.5, 0.7, 0.9, 0.95"},
	        {"ap>=0.000000000000000000000000000000000000000000000000000000000000000000001", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_error err;
		ck_assert_msg(check(cases[i][0], &err) == FLT_ERR_USAGE, "%s", cases[i][0]);
		if (cases[i][1])
			ck_assert_str_eq(err.text, cases[i][1]);
	}
	char many[FLT_MAX_GATES * 6 + 7] = "";
	for (int i = 0; i <= FLT_MAX_GATES; i++)
		strcat(many, i ? ",ap>=0" : "ap>=0");
	struct flt_error err;
	ck_assert_int_eq(check(many, &err), FLT_ERR_USAGE);
	ck_assert_str_eq(err.text, "more than 32 requirements were given; use fewer");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("gate");
	TCase *tests = tcase_create("gate");
	tcase_add_test(tests, satisfied_gates_pass);
	tcase_add_test(tests, failed_gates_say_by_how_much);
	tcase_add_test(tests, each_name_means_its_own_figure);
	tcase_add_test(tests, small_figures_are_shown_with_more_digits);
	tcase_add_test(tests, many_long_gates_fail_in_one_message);
	tcase_add_test(tests, unknown_gates_are_refused);
	suite_add_tcase(suite, tests);
	return suite;
}
