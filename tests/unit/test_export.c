/* A detector as data, made smaller, and as C: what the program's own scores do not show. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "csv_file.h"
#include "export/c.h"
#include "export/c_quantise.h"
#include "export/reduce.h"
#include "protocol/experiment.h"
#include "run_experiment.h"
#include "suite.h"

/* Three members, the last of which weighs most. */
static struct flt_experiment *train(struct flt_table **table)
{
	static struct csv_file file;
	static const struct flt_table_options reading = {.drop = "day,customer"};
	const struct flt_fit_options options = three_small_networks();
	struct flt_split_options split = {.test_fraction = 0.2, .validation_fraction = 0.2, .seed = 1};
	struct flt_experiment *experiment;
	struct flt_error err = {0};
	csv_simulate(&file, 22);
	*table = csv_read(&file, &reading);
	ck_assert_msg(run_experiment(*table, NULL, &split, &options, NULL, &experiment, &err) == FLT_OK, "%s",
	              err.text);
	ck_assert_uint_eq(experiment->detector->n_members, 3);
	experiment->detector->members[0].weight = 2;
	experiment->detector->members[1].weight = 1;
	experiment->detector->members[2].weight = 3;
	return experiment;
}

static void release(struct flt_experiment *experiment, struct flt_table *table)
{
	flt_experiment_free(experiment);
	flt_table_free(table);
}

static enum flt_status write_c(const struct flt_detector *detector, enum flt_precision precision, size_t *n_bytes,
                               struct flt_error *err)
{
	enum flt_status status;
	struct flt_view *view = NULL;
	struct flt_text_buffer body = {0}, header = {0};
	const struct flt_export_options options = {.path = "m.c", .precision = precision};
	FLT_TRY_OUT(flt_view_new(detector, &view, err));
	status = flt_c_write(view, &options, &body, &header, n_bytes, err);
out:
	flt_view_free(view);
	flt_text_buffer_release(&body);
	flt_text_buffer_release(&header);
	return status;
}

START_TEST(a_failed_allocation_is_an_error)
{
	struct flt_table *table;
	struct flt_experiment *experiment = train(&table);
	size_t n_bytes, n_live = flt_alloc_live();
	unsigned long k = 1;
	for (enum flt_status status = FLT_ERR_MACHINE; status != FLT_OK; k++) {
		flt_alloc_fail_at(k);
		status = write_c(experiment->detector, FLT_PRECISION_FLOAT, &n_bytes, NULL);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
		ck_assert_uint_eq(flt_alloc_live(), n_live);
	}
	ck_assert_uint_gt(k, 20);
	release(experiment, table);
}
END_TEST

START_TEST(the_heaviest_members_stay)
{
	struct flt_table *table;
	struct flt_experiment *experiment = train(&table);
	struct flt_detector *detector = experiment->detector;
	const struct flt_mlp *first = detector->members[0].net, *last = detector->members[2].net;
	size_t all, two, one;
	ck_assert_int_eq(write_c(detector, FLT_PRECISION_FLOAT, &all, NULL), FLT_OK);
	ck_assert_int_eq(flt_reduce_members(detector, 2, NULL), FLT_OK);
	ck_assert_uint_eq(detector->n_members, 2);
	ck_assert_ptr_eq(detector->members[0].net, first);
	ck_assert_ptr_eq(detector->members[1].net, last);
	ck_assert_int_eq(write_c(detector, FLT_PRECISION_FLOAT, &two, NULL), FLT_OK);
	detector->member_gamma = 2;
	detector->member_log_weight_ratio = 0.5;
	ck_assert_int_eq(flt_reduce_members(detector, 1, NULL), FLT_OK);
	ck_assert_ptr_eq(detector->members[0].net, last);
	ck_assert_double_eq(detector->map.gamma, 2);
	ck_assert_double_eq(detector->map.log_weight_ratio, 0.5);
	ck_assert_int_eq(write_c(detector, FLT_PRECISION_FLOAT, &one, NULL), FLT_OK);
	ck_assert_uint_gt(all, two);
	ck_assert_uint_gt(two, one);
	release(experiment, table);
}
END_TEST

/* Once made so, weights give the same units and numbers again, and products are exact. */
START_TEST(eight_bits_are_exact)
{
	float w[64];
	for (unsigned draw = 0; draw < 1000; draw++) {
		size_t n = 1 + draw % 64;
		for (size_t i = 0; i < n; i++)
			w[i] = ldexpf(sinf((float)(draw * 64 + i + 1)), (int)(draw % 40) - 20);
		float unit = flt_c_unit(w, n), largest = 0;
		for (size_t i = 0; i < n; i++) {
			int whole = flt_c_quantise(w[i], unit);
			float exact = (float)whole * unit;
			ck_assert_int_le(whole < 0 ? -whole : whole, 127);
			ck_assert_double_eq((double)exact, (double)whole * (double)unit);
			ck_assert_float_le(fabsf(w[i] - exact), 0.501F * unit);
			largest = fmaxf(largest, fabsf((float)whole));
			w[i] = exact;
		}
		ck_assert_float_eq(largest, 127);
		ck_assert_float_eq(flt_c_unit(w, n), unit);
	}
	memset(w, 0, sizeof w);
	ck_assert_float_eq(flt_c_unit(w, 64), 1);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("export");
	TCase *tests = tcase_create("export");
	tcase_add_test(tests, a_failed_allocation_is_an_error);
	tcase_add_test(tests, the_heaviest_members_stay);
	tcase_add_test(tests, eight_bits_are_exact);
	suite_add_tcase(suite, tests);
	return suite;
}
