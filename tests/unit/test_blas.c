/* OpenBLAS, opened on need: it starts no thread, and who has reserved a work space never waits for memory. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "fltrain/version.h"
#include "nn/blas.h"
#include "nn/pass.h"
#include "suite.h"

enum { MEGABYTE = 1 << 20, WORK_SPACE = 128 * MEGABYTE };

/* What follows the key in the first line of a file of /proc/self that holds it; NULL if none does. */
static const char *after(const char *path, const char *key)
{
	static char line[4096];
	const char *found = NULL;
	FILE *file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	while (!found && fgets(line, sizeof line, file))
		found = strstr(line, key);
	fclose(file);
	return found ? found + strlen(key) : NULL;
}

static size_t status_number(const char *key)
{
	return strtoul(after("/proc/self/status", key), NULL, 10);
}

static bool is_loaded(void)
{
	return after("/proc/self/maps", "libopenblas");
}

/* Lets the process map this many bytes more. */
static void limit_address_space(size_t more)
{
	size_t most = status_number("VmSize:") * 1024 + more;
	struct rlimit limit = {.rlim_cur = most, .rlim_max = RLIM_INFINITY};
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
}

START_TEST(blas_names_its_version_and_starts_no_thread)
{
	setenv("OPENBLAS_NUM_THREADS", "2", 1);
	ck_assert(!is_loaded());
	ck_assert_uint_eq(status_number("Threads:"), 1);
	ck_assert(flt_blas_core()[0] != '\0');
	ck_assert_ptr_nonnull(strstr(flt_blas_config(), "OpenBLAS"));
	ck_assert_uint_eq(status_number("Threads:"), 1);
}
END_TEST

START_TEST(lanes_are_those_of_the_core)
{
	static const char *const wide[] = {"SkylakeX", "Cooperlake", "Sapphirerapids"}, *const half[] = {"Haswell",
	                                                                                                 "Zen"};
	ck_assert_int_eq(flt_blas_open(NULL), FLT_OK);
	size_t lanes = 4;
	for (size_t i = 0; i < 3; i++)
		lanes = strcmp(flt_blas_core(), wide[i]) == 0 ? 16 : lanes;
	for (size_t i = 0; i < 2; i++)
		lanes = strcmp(flt_blas_core(), half[i]) == 0 ? 8 : lanes;
	ck_assert_uint_eq(flt_blas_lanes(), lanes);
}
END_TEST

START_TEST(opening_without_room_fails)
{
	struct flt_error err;
	limit_address_space(WORK_SPACE - MEGABYTE);
	ck_assert_int_eq(flt_blas_open(&err), FLT_ERR_MACHINE);
	ck_assert_msg(strstr(err.text, "cannot be opened (out of memory)"), "%s", err.text);
	ck_assert_ptr_null(flt_blas_core());
	ck_assert_ptr_null(flt_blas_config());
}
END_TEST

/* There is room for so many work spaces, and each multiplies; the next is refused until another is given up. */
START_TEST(work_spaces_are_reserved_one_by_one)
{
	static const float x[2] = {2, 3}, w[2] = {5, 7};
	enum { MOST = 3 };
	struct flt_error err;
	float y = 0;
	ck_assert_int_eq(flt_blas_open(NULL), FLT_OK);
	limit_address_space(MOST * WORK_SPACE + WORK_SPACE / 2);
	for (int i = 0; i < MOST; i++)
		ck_assert_msg(flt_blas_reserve(&err) == FLT_OK, "number %d: %s", i, err.text);
	ck_assert_int_eq(flt_blas_reserve(&err), FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "out of memory: training layers this wide takes 128.0 MB of address space for each "
	                           "thread; raise its limit (ulimit -v), or use fewer hidden units");
	flt_blas_unreserve();
	size_t mapped = status_number("VmSize:");
	ck_assert_int_eq(flt_blas_reserve(&err), FLT_OK);
	flt_blas_forward(1, 2, 1, x, w, &y);
	ck_assert_float_eq(y, 31);
	ck_assert_uint_eq(status_number("VmSize:"), mapped);
	ck_assert_int_eq(flt_blas_reserve(NULL), FLT_ERR_MACHINE);
}
END_TEST

/* Whether a pass for a network whose layer has this many weights reserves a work space. */
static bool takes_blas(size_t n_weights, enum flt_use use)
{
	struct flt_mlp_spec spec = {.n_in = 1, .n_hidden = 1, .hidden = {n_weights}};
	struct flt_mlp *mlp;
	struct flt_pass pass;
	ck_assert_int_eq(flt_mlp_new(&spec, &mlp, NULL), FLT_OK);
	ck_assert_int_eq(flt_pass_init(&pass, mlp, 1, use, NULL), FLT_OK);
	bool takes = pass.has_blas;
	ck_assert_uint_eq(pass.large, takes ? pass.kernels->large : SIZE_MAX);
	flt_pass_release(&pass);
	flt_mlp_free(mlp);
	return takes;
}

START_TEST(only_training_of_wide_layers_takes_blas)
{
	size_t wide = flt_kernels()->large + 1;
	ck_assert(!takes_blas(wide, FLT_TO_PREDICT));
	ck_assert(wide == 1 || !takes_blas(wide - 1, FLT_TO_TRAIN));
	ck_assert(!is_loaded() || wide == 1);
	ck_assert_int_eq(flt_blas_open(NULL), FLT_OK);
	ck_assert(takes_blas(wide, FLT_TO_TRAIN) == (flt_blas_lanes() >= flt_kernels()->lanes));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("blas");
	TCase *tests = tcase_create("blas");
	tcase_set_timeout(tests, 20);
	tcase_add_test(tests, blas_names_its_version_and_starts_no_thread);
	tcase_add_test(tests, lanes_are_those_of_the_core);
	tcase_add_test(tests, opening_without_room_fails);
	tcase_add_test(tests, work_spaces_are_reserved_one_by_one);
	tcase_add_test(tests, only_training_of_wide_layers_takes_blas);
	suite_add_tcase(suite, tests);
	return suite;
}
