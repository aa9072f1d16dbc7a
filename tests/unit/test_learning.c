/* Learning curves: parts of the epochs, whatever their number and order. */
#include <math.h>

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

Suite *test_suite(void)
{
	Suite *suite = suite_create("learning");
	TCase *tests = tcase_create("learning");
	tcase_add_test(tests, parts_of_few_and_of_many_epochs);
	tcase_add_test(tests, networks_side_by_side);
	suite_add_tcase(suite, tests);
	return suite;
}
