/* Learning curves: parts of the epochs, whatever their number and order. */
#include <math.h>

#include "base/alloc.h"
#include "protocol/learning.h"
#include "suite.h"

static void see(struct flt_learning *learning, size_t epoch, size_t n_epochs, double loss, double validation_loss)
{
	flt_learning_see(learning, &(struct flt_epoch){.epoch = epoch,
	                                               .n_epochs = n_epochs,
	                                               .lr = 1,
	                                               .loss = loss,
	                                               .validation_loss = validation_loss});
}

/* Four epochs fill six parts each; forty-eight fill one by two. */
START_TEST(parts_of_few_and_of_many_epochs)
{
	struct flt_learning few = {0}, many = {0};
	for (size_t epoch = 1; epoch <= 4; epoch++)
		see(&few, epoch, 4, 1, 1.0 / (double)epoch);
	for (size_t epoch = 1; epoch <= 30; epoch++) /* it ends early */
		see(&many, epoch, 2 * FLT_LEARNING_PARTS, (double)epoch, (double)NAN);
	ck_assert(few.is_validated && !many.is_validated);
	for (size_t part = 0; part < FLT_LEARNING_PARTS; part++) {
		ck_assert_double_eq_tol(flt_learning_loss(&few, part), 1.0 / (double)(1 + part / 6), 1e-8);
		if (part < 15)
			ck_assert_double_eq_tol(flt_learning_loss(&many, part), 2.0 * (double)part + 1.5, 1e-8);
		else
			ck_assert(isnan(flt_learning_loss(&many, part)));
	}
}
END_TEST

/* The mean of networks of unlike lengths, in any order, to the bit; optima of newton are no epochs. */
START_TEST(networks_side_by_side)
{
	struct flt_learning one = {0}, other = {0};
	for (size_t i = 0; i < 10; i++) {
		see(&one, i + 1, 10, 0, 0.1 * (double)i);
		see(&one, i + 1, 20, 0, 0.3);
		see(&other, 10 - i, 10, 0, 0.1 * (double)(9 - i));
	}
	for (size_t i = 0; i < 10; i++)
		see(&other, 10 - i, 20, 0, 0.3);
	flt_learning_see(&one, &(struct flt_epoch){.epoch = 1, .n_epochs = 1, .lr = (double)NAN, .loss = 9});
	ck_assert_mem_eq(&one, &other, sizeof one);
	ck_assert_double_eq_tol(flt_learning_loss(&one, 0), 0.15, 1e-8);
	see(&one, 1, 1, 0, HUGE_VAL);
	ck_assert(isfinite(flt_learning_loss(&one, FLT_LEARNING_PARTS - 1)));
}
END_TEST

static void see_network(struct flt_learning *learning, size_t member, size_t epoch)
{
	flt_learning_see(learning, &(struct flt_epoch){.member = member,
	                                               .n_members = 3,
	                                               .epoch = epoch,
	                                               .n_epochs = 1000,
	                                               .lr = 1,
	                                               .loss = (double)(1000 * member + epoch),
	                                               .validation_loss = -(double)epoch});
}

/* The epochs that are kept after n of them: 1, 1 + s, 1 + 2 s ... and n, for the least power of two s with which there
 * are few enough. */
static size_t kept_of(size_t n, size_t kept[FLT_MOST_LEARNING_POINTS])
{
	for (size_t stride = 1;; stride *= 2) {
		size_t n_kept = 0, last = 0;
		for (size_t epoch = 1; epoch <= n; epoch += stride, n_kept++) {
			if (n_kept < FLT_MOST_LEARNING_POINTS)
				kept[n_kept] = epoch;
			last = epoch;
		}
		if (last < n && n_kept < FLT_MOST_LEARNING_POINTS)
			kept[n_kept] = n;
		n_kept += last < n;
		if (n_kept <= FLT_MOST_LEARNING_POINTS)
			return n_kept;
	}
}

/* However many epochs a network trains for, and whatever others report between them. */
START_TEST(points_of_each_network)
{
	struct flt_learning learning;
	ck_assert_int_eq(flt_learning_init(&learning, 3, NULL), FLT_OK);
	for (size_t n = 1; n <= 700; n++) {
		see_network(&learning, 1, n);
		if (n <= 5)
			see_network(&learning, 2, n);
		size_t kept[FLT_MOST_LEARNING_POINTS], n_kept = kept_of(n, kept);
		const struct flt_network_learning *network = &learning.network[1];
		ck_assert_uint_eq(network->n, n_kept);
		for (size_t i = 0; i < n_kept; i++) {
			ck_assert_uint_eq(network->point[i].epoch, kept[i]);
			ck_assert_double_eq(network->point[i].loss, (double)(1000 + kept[i]));
			ck_assert_double_eq(network->point[i].validation_loss, -(double)kept[i]);
		}
	}
	ck_assert_uint_eq(learning.network[0].n, 0);
	ck_assert_uint_eq(learning.network[2].n, 5);
	see_network(&learning, 3, 1); /* none that it has room for */
	flt_learning_release(&learning);
}
END_TEST

START_TEST(optima_are_no_points)
{
	struct flt_learning learning;
	ck_assert_int_eq(flt_learning_init(&learning, 1, NULL), FLT_OK);
	flt_learning_see(&learning, &(struct flt_epoch){.epoch = 1, .n_epochs = 9, .lr = (double)NAN, .loss = 9});
	ck_assert_uint_eq(learning.network[0].n, 0);
	flt_learning_release(&learning);
	flt_alloc_fail_at(1);
	ck_assert_int_eq(flt_learning_init(&learning, 1, &(struct flt_error){0}), FLT_ERR_MACHINE);
	flt_alloc_fail_at(0);
	flt_learning_release(&learning);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("learning");
	TCase *tests = tcase_create("learning");
	tcase_add_test(tests, parts_of_few_and_of_many_epochs);
	tcase_add_test(tests, networks_side_by_side);
	tcase_add_test(tests, points_of_each_network);
	tcase_add_test(tests, optima_are_no_points);
	suite_add_tcase(suite, tests);
	return suite;
}
