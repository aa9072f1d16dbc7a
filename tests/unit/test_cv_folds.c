/* The folds of a cross-validation where rows are few or hang together: what is so, and options that help. */
#include <string.h>

#include "base/alloc.h"
#include "protocol/study.h"
#include "small_table.h"
#include "suite.h"

/* n_rows of each group; every tenth row is positive, or in the first n_positive groups every second. */
struct world {
	const char *name;
	int n_rows[9]; /* 0 behind the last */
	size_t n_positive;
	size_t n_folds;
	double validation;
	const char *says, *remedy; /* NULL: it works */
	size_t folds_then;         /* with the remedy; 0: none */
	double validation_then;
};

static struct flt_table *table_of_world(const struct world *world)
{
	struct text text = {0};
	text_add(&text, "x,site,y\n");
	for (size_t g = 0; world->n_rows[g]; g++)
		for (int i = 0; i < world->n_rows[g]; i++)
			text_add(&text, "%zu.%04d,%c,%d\n", g, i, (char)('a' + g),
			         world->n_positive ? g < world->n_positive && i % 2 : i % 10 == 0);
	return table_of(&text, (struct flt_table_options){.group = "site"});
}

static enum flt_status plan_folds(const struct flt_table *table, size_t n_folds, double validation,
                                  enum flt_identical identical, struct flt_error *err)
{
	struct flt_variant variant = {.name = "model", .positives_kept = 1};
	struct flt_cv_options options = {.n_folds = n_folds,
	                                 .n_repeats = 3,
	                                 .validation_fraction = validation,
	                                 .identical = identical,
	                                 .seed = 1,
	                                 .n_threads = 1};
	struct flt_cv *cv;
	flt_fit_options_init(&variant.options);
	enum flt_status status = flt_cv_plan(table, &variant, 1, 0, &options, &cv, err);
	flt_cv_free(cv);
	return status;
}

static const struct world WORLDS[] = {
        {"enough groups", {125, 125, 125, 125, 125, 125, 125, 125}, 0, 5, 0.2, NULL, NULL, 0, 0},
        {"unequal",
         {500, 300, 200},
         0,
         5,
         0.2,
         ": 5 folds need rows of both classes each, but rows of a group stay together: there are 3 groups, 3 with "
         "class "
         "\"1\", the largest with 500 of 1000 rows",
         "; --folds 2 --validation-fraction 0 works",
         2,
         0},
        {"unequal, none to validate", {500, 300, 200}, 0, 5, 0, "there are 3 groups", "; --folds 2 works", 2, 0},
        {"one too few", {250, 250, 250, 250}, 0, 5, 0, "the largest with 250 of 1000 rows", "; --folds 4 works", 4, 0},
        {"two", {500, 500}, 0, 3, 0.2, "there are 2 groups", "; --folds 2 --validation-fraction 0 works", 2, 0},
        {"one above a half",
         {900, 100},
         0,
         5,
         0.2,
         "there are 2 groups, 2 with class \"1\", the largest with 900 of 1000 rows",
         "; add rows of that class in other groups",
         0,
         0},
        {"one", {100}, 0, 2, 0.2, "there is 1 group, 1 with", "; add rows of that class in other groups", 0, 0},
        {"one has all positives",
         {200, 200, 200, 200, 200},
         1,
         5,
         0.2,
         "there are 5 groups, 1 with class \"1\"",
         "; add rows of that class in other groups",
         0,
         0},
        {"two have all positives",
         {200, 200, 200, 200, 200},
         2,
         5,
         0.2,
         "there are 5 groups, 2 with class \"1\"",
         "; --folds 2 --validation-fraction 0 works",
         2,
         0},
        {"too large to validate",
         {600, 80, 80, 80, 80, 80},
         0,
         5,
         0.2,
         ": outside a test fold, fit and validation need rows of both classes each, but rows of a group stay together: "
         "there are 5 groups, 5 with class \"1\", the largest with 600 of 920 rows",
         "; --validation-fraction 0 works",
         5,
         0},
        {"fewer folds are enough",
         {100, 100, 100, 100, 100, 100, 100},
         5,
         7,
         0.2,
         "7 groups, 5 with class \"1\"",
         "; --folds 5 works",
         5,
         0.2},
};

START_TEST(groups_that_make_no_folds_are_said_and_the_remedy_works)
{
	const struct world *world = &WORLDS[_i];
	struct flt_error err = {0};
	struct flt_table *table = table_of_world(world);
	enum flt_status status = plan_folds(table, world->n_folds, world->validation, FLT_IDENTICAL_AUTO, &err);
	ck_assert_msg(status == (world->says ? FLT_ERR_DATA : FLT_OK), "%s: %s", world->name, err.text);
	if (world->says) {
		ck_assert_msg(strstr(err.text, world->says), "%s: %s", world->name, err.text);
		const char *remedy = strchr(err.text, ';');
		ck_assert_msg(remedy && strcmp(remedy, world->remedy) == 0, "%s: %s", world->name, err.text);
	}
	if (world->folds_then)
		ck_assert_int_eq(plan_folds(table, world->folds_then, world->validation_then, FLT_IDENTICAL_AUTO, &err),
		                 FLT_OK);
	flt_table_free(table);
}
END_TEST

/* 100 rows, distinct but for the n_equal first positive ones. */
static struct flt_table *few_positives(int n_positive, int n_equal)
{
	struct text text = {0};
	text_add(&text, "x,y\n");
	for (int i = 0; i < 100; i++)
		text_add(&text, "%d.5,%d\n", i < n_equal ? 0 : i, i < n_positive);
	return table_of(&text, (struct flt_table_options){.target = "y"});
}

static const struct {
	int n_positive, n_equal;
	size_t n_folds;
	double validation;
	const char *says;
} FEW[] = {
        {4, 0, 10, 0, ": 10 folds need 10 rows of class \"1\", but there are 4; --folds 4 works"},
        {3, 0, 10, 0.2, "but there are 3; --folds 3 --validation-fraction 0 works"},
        {2, 0, 2, 0.2,
         ": outside a test fold, fit and validation need 3 rows of class \"1\", but there is 1; "
         "--validation-fraction 0 works"},
        {1, 0, 2, 0, ": 2 folds need 2 rows of class \"1\", but there is 1; add rows of that class"},
        {8, 7, 4, 0,
         "identical rows stay together: there are 94 groups, 2 with class \"1\", the largest with 7 of 100 "
         "rows; --folds 2 works"},
        {8, 8, 4, 0,
         "there are 93 groups, 1 with class \"1\", the largest with 8 of 100 rows; --identical apart works"},
};

START_TEST(few_rows_of_a_class_are_said_and_what_works)
{
	struct flt_error err = {0};
	struct flt_table *table = few_positives(FEW[_i].n_positive, FEW[_i].n_equal);
	ck_assert_int_eq(plan_folds(table, FEW[_i].n_folds, FEW[_i].validation, FLT_IDENTICAL_TOGETHER, &err),
	                 FLT_ERR_DATA);
	ck_assert_msg(strlen(err.text) >= strlen(FEW[_i].says) &&
	                      strcmp(err.text + strlen(err.text) - strlen(FEW[_i].says), FEW[_i].says) == 0,
	              "%s", err.text);
	flt_table_free(table);
}
END_TEST

/* More rows than are left cannot validate, so that options would be refused with which folds could be made. */
START_TEST(a_remedy_keeps_within_the_bounds_of_options)
{
	struct flt_error err = {0};
	struct flt_table *table = few_positives(3, 0);
	ck_assert_int_eq(plan_folds(table, 10, 0.7, FLT_IDENTICAL_APART, &err), FLT_ERR_DATA);
	ck_assert_msg(strstr(err.text, "; --folds 3 --validation-fraction 0 works"), "%s", err.text);
	flt_table_free(table);
}
END_TEST

START_TEST(every_failed_allocation_is_an_error)
{
	struct flt_table *table = table_of_world(&WORLDS[1]);
	size_t live = flt_alloc_live();
	enum flt_status status = FLT_ERR_MACHINE;
	for (unsigned long k = 1; status == FLT_ERR_MACHINE; k++) {
		flt_alloc_fail_at(k);
		status = plan_folds(table, 5, 0.2, FLT_IDENTICAL_APART, NULL);
		ck_assert_uint_eq(flt_alloc_live(), live);
		ck_assert(status == FLT_ERR_MACHINE || flt_alloc_fail_at(0) < k);
	}
	ck_assert_int_eq(status, FLT_ERR_DATA);
	flt_table_free(table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("cv_folds");
	TCase *tests = tcase_create("all");
	tcase_add_loop_test(tests, groups_that_make_no_folds_are_said_and_the_remedy_works, 0,
	                    sizeof WORLDS / sizeof *WORLDS);
	tcase_add_loop_test(tests, few_rows_of_a_class_are_said_and_what_works, 0, sizeof FEW / sizeof *FEW);
	tcase_add_test(tests, a_remedy_keeps_within_the_bounds_of_options);
	tcase_add_test(tests, every_failed_allocation_is_an_error);
	suite_add_tcase(suite, tests);
	return suite;
}
