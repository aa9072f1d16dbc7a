/* ONNX graphs as they are written, read back and run: each operator on a few numbers, and files that are refused. That
 * the files are right is for onnx and onnxruntime to say (make check-onnx). */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "live_memory.h"
#include "onnx/run.h"
#include "suite.h"

enum { ROWS = 3 };
static double numbers[ROWS] = {-1.5, 2.5, (double)NAN};
static const char *const texts[ROWS] = {"b", "", "unseen"};
static const char *const names[] = {"x", "t"};

/* A graph of two inputs, numbers x and texts t. */
static void begin(struct flt_onnx_graph *graph)
{
	flt_onnx_graph_init(graph, names, 2, ".", NULL);
	flt_onnx_input(graph, 0, FLT_ONNX_DOUBLE, "numbers");
	flt_onnx_input(graph, 1, FLT_ONNX_STRING, "texts");
}

/* The file whose only output is value. */
static struct flt_text_buffer finish(struct flt_onnx_graph *graph, size_t value)
{
	struct flt_text_buffer bytes = {0};
	flt_onnx_output(graph, value, "y", FLT_ONNX_DOUBLE, "");
	ck_assert_int_eq(flt_onnx_finish(graph, "test", "1", "", &bytes, NULL), FLT_OK);
	flt_onnx_graph_release(graph);
	return bytes;
}

static enum flt_status run_bytes(const void *bytes, size_t n, struct flt_onnx_tensor *y, struct flt_error *err)
{
	struct flt_onnx_model *model;
	struct flt_onnx_tensor inputs[] = {
	        {.type = FLT_ONNX_DOUBLE, .n_dims = 2, .dims = {ROWS, 1}, .n = ROWS, .numbers = numbers},
	        {.type = FLT_ONNX_STRING, .n_dims = 2, .dims = {ROWS, 1}, .n = ROWS, .texts = texts}};
	*y = (struct flt_onnx_tensor){0};
	enum flt_status status = flt_onnx_model_new(bytes, n, &model, err);
	if (status == FLT_OK)
		status = flt_onnx_run(model, inputs, y, err);
	flt_onnx_model_free(model);
	return status;
}

/* What the graph makes of the inputs is wanted (n). */
static void check_made(struct flt_onnx_graph *graph, size_t value, const double *wanted, size_t n)
{
	struct flt_text_buffer bytes = finish(graph, value);
	struct flt_onnx_tensor y;
	struct flt_error err;
	ck_assert_msg(run_bytes(bytes.bytes, bytes.length, &y, &err) == FLT_OK, "%s", err.text);
	ck_assert_uint_eq(y.n, n);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(fabs(y.numbers[i] - wanted[i]) < 1e-15 || (isnan(y.numbers[i]) && isnan(wanted[i])),
		              "%zu: %.17g, not %.17g", i, y.numbers[i], wanted[i]);
	flt_free(y.numbers);
	flt_text_buffer_release(&bytes);
}

START_TEST(each_number_by_itself)
{
	static const struct {
		const char *op;
		double of[2];
	} cases[] = {{"Abs", {1.5, 2.5}}, {"Neg", {1.5, -2.5}},
	             {"Floor", {-2, 2}},  {"Round", {-2, 2}}, /* halves to the even number */
	             {"Sign", {-1, 1}},   {"Relu", {0, 2.5}}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_onnx_graph graph;
		begin(&graph);
		size_t y = flt_onnx_of(&graph, cases[i].op, 0);
		check_made(&graph, y, (const double[]){cases[i].of[0], cases[i].of[1], (double)NAN}, ROWS);
	}
}
END_TEST

/* (3, 1) and (1, 2) are (3, 2); what is not a number is neither larger nor smaller than another. */
START_TEST(shapes_are_broadcast)
{
	struct flt_onnx_graph graph;
	begin(&graph);
	size_t row = flt_onnx_double_row(&graph, (const double[]){2, -3}, 2);
	size_t is_less = flt_onnx_of_two(&graph, "Less", 0, row);
	size_t y = flt_onnx_of_three(&graph, "Where", is_less, 0, row);
	check_made(&graph, y, (const double[]){-1.5, -3, 2, -3, 2, -3}, 6);
}
END_TEST

START_TEST(floats_are_rounded)
{
	struct flt_onnx_graph graph;
	begin(&graph);
	size_t third = flt_onnx_of_two(&graph, "Div", flt_onnx_float(&graph, 1), flt_onnx_float(&graph, 3));
	size_t y = flt_onnx_cast(&graph, third, FLT_ONNX_DOUBLE);
	check_made(&graph, y, (const double[]){(double)(1.0F / 3.0F)}, 1);
}
END_TEST

START_TEST(values_change_places)
{
	struct flt_onnx_graph graph;
	begin(&graph);
	size_t wide = flt_onnx_beside(&graph, (const size_t[]){0, 0}, 2);
	size_t more = flt_onnx_of_two(&graph, "Add", wide, flt_onnx_double_row(&graph, (const double[]){0, 10}, 2));
	size_t turned = flt_onnx_turned(&graph, more, (const int64_t[]){1, 0}, 2);
	size_t y = flt_onnx_shaped(&graph, flt_onnx_columns(&graph, turned, (const int64_t[]){1, 0}, 2),
	                           (const int64_t[]){-1}, 1);
	check_made(&graph, y, (const double[]){2.5, -1.5, 12.5, 8.5}, 4);
}
END_TEST

START_TEST(texts_become_numbers)
{
	struct flt_onnx_graph graph;
	begin(&graph);
	size_t code = flt_onnx_number_of_text(&graph, 1, (const char *const[]){"a", "b", "", "NA"},
	                                      (const int64_t[]){0, 1, 2, 2}, 4, 3);
	size_t table = flt_onnx_doubles(&graph, (const double[]){0, 11, 22, 33}, (const size_t[]){4}, 1);
	check_made(&graph, flt_onnx_rows(&graph, table, code), (const double[]){11, 22, 33}, ROWS);
}
END_TEST

START_TEST(matrices_are_multiplied)
{
	struct flt_onnx_graph graph;
	begin(&graph);
	const double ones[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2}, weight[] = {1, 10, 100, 2, 20, 200},
	             bias[] = {5, 6};
	size_t x = flt_onnx_doubles(&graph, ones + 6, (const size_t[]){2, 3}, 2);
	size_t w = flt_onnx_doubles(&graph, weight, (const size_t[]){2, 3}, 2);
	size_t y = flt_onnx_linear(&graph, x, w, flt_onnx_doubles(&graph, bias, (const size_t[]){2}, 1));
	size_t sums = flt_onnx_beside(&graph, (const size_t[]){y, flt_onnx_sum_of_row(&graph, y)}, 2);
	size_t all = flt_onnx_beside(&graph, (const size_t[]){sums, flt_onnx_largest_of_row(&graph, y)}, 2);
	check_made(&graph, all, (const double[]){116, 228, 344, 228, 216, 428, 644, 428}, 8);
	begin(&graph);
	x = flt_onnx_doubles(&graph, ones, (const size_t[]){2, 2, 3}, 3);
	w = flt_onnx_doubles(&graph, weight, (const size_t[]){2, 3, 1}, 3);
	check_made(&graph, flt_onnx_of_two(&graph, "MatMul", x, w), (const double[]){111, 111, 222, 422}, 4);
}
END_TEST

/* ---- what is refused ---- */

static void check_refused(struct flt_onnx_graph *graph, size_t value, const char *sentence)
{
	struct flt_text_buffer bytes = finish(graph, value);
	struct flt_onnx_tensor y;
	struct flt_error err;
	ck_assert_int_eq(run_bytes(bytes.bytes, bytes.length, &y, &err), FLT_ERR_MODEL);
	ck_assert_str_eq(err.text, sentence);
	flt_free(y.numbers);
	flt_text_buffer_release(&bytes);
}

START_TEST(what_does_not_fit_is_refused)
{
	struct flt_onnx_graph graph;
	begin(&graph);
	check_refused(&graph, flt_onnx_of(&graph, "Erf", 0), "the ONNX file cannot be run: Erf is not known here");
	begin(&graph);
	check_refused(&graph, flt_onnx_of(&graph, "Abs", 1),
	              "the ONNX file cannot be run: Abs needs numbers, not texts");
	begin(&graph);
	check_refused(&graph, flt_onnx_of(&graph, "Add", 0),
	              "the ONNX file cannot be run: Add has too many or too few inputs");
	begin(&graph);
	check_refused(&graph, flt_onnx_of_two(&graph, "Add", 0, flt_onnx_float(&graph, 1)),
	              "the ONNX file cannot be run: Add has inputs of two types");
	begin(&graph);
	size_t two = flt_onnx_doubles(&graph, (const double[]){1, 2}, (const size_t[]){2, 1}, 2);
	check_refused(&graph, flt_onnx_of_two(&graph, "Add", 0, two),
	              "the ONNX file cannot be run: Add has inputs whose shapes do not fit");
	begin(&graph);
	check_refused(&graph, flt_onnx_columns(&graph, 0, (const int64_t[]){1}, 1),
	              "the ONNX file cannot be run: Gather has an index beyond its data");
	begin(&graph);
	check_refused(&graph, flt_onnx_shaped(&graph, 0, (const int64_t[]){2, 2}, 2),
	              "the ONNX file cannot be run: Reshape has a shape that does not fit");
	begin(&graph);
	check_refused(&graph, flt_onnx_linear(&graph, 0, 0, 0),
	              "the ONNX file cannot be run: Gemm has matrices that do not fit");
	begin(&graph);
	check_refused(&graph, 1, "the ONNX file cannot be run: Identity needs numbers, not texts");
}
END_TEST

/* Each beginning of a file, and each with a byte changed, is a model or refused; nothing is read beyond its end. */
START_TEST(damaged_files_are_refused)
{
	struct flt_onnx_graph graph;
	struct flt_onnx_tensor y;
	struct flt_error err;
	begin(&graph);
	flt_onnx_number_of_text(&graph, 1, (const char *const[]){"a", ""}, (const int64_t[]){0, 1}, 2, 2);
	struct flt_text_buffer bytes = finish(&graph, flt_onnx_cast(&graph, 0, FLT_ONNX_FLOAT));
	ck_assert_int_eq(run_bytes(bytes.bytes, 0, &y, &err), FLT_ERR_MODEL);
	ck_assert_str_eq(err.text, "the ONNX file is damaged: its outer part cannot be read");
	for (size_t n = 1; n < bytes.length; n++) {
		char *copy = flt_alloc(n, 1, NULL);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, bytes.bytes, n);
		if (run_bytes(copy, n, &y, &err) == FLT_OK)
			flt_free(y.numbers);
		flt_free(copy);
	}
	for (size_t i = 0; i < bytes.length; i++) {
		bytes.bytes[i] ^= 1;
		if (run_bytes(bytes.bytes, bytes.length, &y, &err) == FLT_OK)
			flt_free(y.numbers);
		bytes.bytes[i] ^= 1;
	}
	flt_text_buffer_release(&bytes);
}
END_TEST

/* Writing, reading and running with each allocation failing in turn. */
START_TEST(each_allocation_may_fail)
{
	enum flt_status status = FLT_ERR_MACHINE;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		struct flt_onnx_graph graph;
		struct flt_error err = {0};
		struct flt_text_buffer bytes = {0};
		struct flt_onnx_tensor y = {0};
		flt_alloc_fail_at(k);
		flt_onnx_graph_init(&graph, names, 2, ".", &err);
		flt_onnx_input(&graph, 0, FLT_ONNX_DOUBLE, "");
		flt_onnx_input(&graph, 1, FLT_ONNX_STRING, "");
		size_t code = flt_onnx_number_of_text(&graph, 1, (const char *const[]){"a", ""},
		                                      (const int64_t[]){0, 1}, 2, 2);
		size_t table = flt_onnx_doubles(&graph, (const double[]){1, 2, 3}, (const size_t[]){3}, 1);
		size_t sum = flt_onnx_of_two(&graph, "Add", 0, flt_onnx_rows(&graph, table, code));
		flt_onnx_output(&graph, sum, "y", FLT_ONNX_DOUBLE, "");
		status = flt_onnx_finish(&graph, "test", "1", "", &bytes, &err);
		if (status == FLT_OK)
			status = run_bytes(bytes.bytes, bytes.length, &y, &err);
		flt_alloc_fail_at(0);
		if (status != FLT_OK)
			ck_assert_msg(status == FLT_ERR_MACHINE && err.text[0], "%lu: %s", k, err.text);
		flt_onnx_graph_release(&graph);
		flt_text_buffer_release(&bytes);
		flt_free(y.numbers);
		ck_assert_uint_lt(k, 1000);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("onnx");
	TCase *tcase = tcase_create("run");
	tcase_add_checked_fixture(tcase, note_live_memory, check_live_memory);
	tcase_add_test(tcase, each_number_by_itself);
	tcase_add_test(tcase, shapes_are_broadcast);
	tcase_add_test(tcase, floats_are_rounded);
	tcase_add_test(tcase, values_change_places);
	tcase_add_test(tcase, texts_become_numbers);
	tcase_add_test(tcase, matrices_are_multiplied);
	tcase_add_test(tcase, what_does_not_fit_is_refused);
	tcase_add_test(tcase, damaged_files_are_refused);
	tcase_add_test(tcase, each_allocation_may_fail);
	suite_add_tcase(suite, tcase);
	return suite;
}
