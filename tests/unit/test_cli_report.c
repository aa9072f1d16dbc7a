/* cli/report_output: what a command says at its end of a report that could not be made. */
#include <string.h>

#include "cli/report_output.h"
#include "suite.h"

static struct report_output report;
static struct flt_outputs outputs;
static struct flt_error other, err;

static void set_up(void)
{
	report = (struct report_output){.status = FLT_ERR_MACHINE, .reason = {FLT_ERR_MACHINE, "out of memory"}};
	outputs = (struct flt_outputs){0};
	other = (struct flt_error){.status = FLT_OK};
}

static void write(const char *path)
{
	outputs.all[outputs.n++] = (struct flt_output){.path = path};
}

static void ends(enum flt_status status, const char *sentence)
{
	err = (struct flt_error){.status = FLT_OK};
	ck_assert_int_eq(report_output_end(&report, &outputs, &other, &err), status);
	ck_assert_int_eq(err.status, status);
	ck_assert_str_eq(err.text, sentence);
}

START_TEST(a_report_that_was_made_says_nothing)
{
	report.status = FLT_OK;
	write("model.safetensors");
	ends(FLT_OK, "");
	other = (struct flt_error){FLT_ERR_GATE, "recall is too low"};
	ends(FLT_ERR_GATE, "recall is too low");
}
END_TEST

START_TEST(a_plot_is_told_as_one)
{
	ends(FLT_ERR_MACHINE, "the plot could not be drawn: out of memory");
	write("model.safetensors");
	ends(FLT_ERR_MACHINE, "model.safetensors was written, but the plot could not be drawn: out of memory");
	other = (struct flt_error){FLT_ERR_GATE, "recall is too low"};
	ends(FLT_ERR_MACHINE, "recall is too low, and the plot could not be drawn: out of memory");
}
END_TEST

START_TEST(what_was_written_is_named_and_what_could_not_be_made)
{
	report.page_path = "page.html";
	ends(FLT_ERR_MACHINE, "the report could not be made (page.html): out of memory");
	write("a.safetensors");
	ends(FLT_ERR_MACHINE, "a.safetensors was written, but the report could not be made (page.html): out of memory");
	write("-");
	ends(FLT_ERR_MACHINE, "a.safetensors was written, but the report could not be made (page.html): out of memory");
	write("b.csv");
	report.json_path = "r.json";
	ends(FLT_ERR_MACHINE,
	     "a.safetensors, b.csv were written, but the report could not be made (r.json, page.html): out of memory");
	report.page_path = NULL;
	other = (struct flt_error){FLT_ERR_MACHINE, "/dev/full: no room"};
	ends(FLT_ERR_MACHINE, "/dev/full: no room, and the report could not be made (r.json): out of memory");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("report output");
	TCase *cases = tcase_create("end");
	tcase_add_checked_fixture(cases, set_up, NULL);
	tcase_add_test(cases, a_report_that_was_made_says_nothing);
	tcase_add_test(cases, a_plot_is_told_as_one);
	tcase_add_test(cases, what_was_written_is_named_and_what_could_not_be_made);
	suite_add_tcase(suite, cases);
	return suite;
}
