/* Gates: their text, and what failing says. */
#include <math.h>
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

START_TEST(gates_that_hold)
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

START_TEST(gates_that_fail)
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

START_TEST(gates_that_are_not_understood)
{
	static const char *const cases[][2] = {
	        {"app>=0.6", "\"app\" is not a figure that can be required; did you mean ap?"},
	        {"accuracy.lo>=0.6", NULL},
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
	tcase_add_test(tests, gates_that_hold);
	tcase_add_test(tests, gates_that_fail);
	tcase_add_test(tests, gates_that_are_not_understood);
	suite_add_tcase(suite, tests);
	return suite;
}
