/* The keyed hash against the authors' implementation, and the key of the process. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash_key.h"
#include "reference_csv.h"
#include "suite.h"

/* The key 0, 1, ..., 15. */
static const struct flt_siphash_key published = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

START_TEST(gives_the_reference_values)
{
	struct reference_csv csv;
	char text[65];
	size_t n = 0;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)i;
	reference_csv_open(&csv, "tests/reference/siphash.csv");
	for (; reference_csv_next(&csv); n++) {
		char found[3][17];
		struct flt_siphash_128 both = flt_siphash_text_128(&published, text, n);
		sprintf(found[0], "%016" PRIx64, flt_siphash_text(&published, text, n));
		sprintf(found[1], "%016" PRIx64, both.low);
		sprintf(found[2], "%016" PRIx64, both.high);
		for (size_t i = 0; i < 3; i++)
			ck_assert_str_eq(found[i], csv.field[i + 1]);
	}
	ck_assert_uint_eq(n, 64);
}
END_TEST

START_TEST(reads_no_byte_beyond_the_text)
{
	char text[40];
	for (size_t n = 0; n < 20; n++) {
		uint64_t hash[2];
		for (int i = 0; i < 2; i++) {
			memset(text, i ? 'x' : 'y', sizeof text);
			memset(text + 10, 'a', n);
			hash[i] = flt_siphash_text(&published, text + 10, n);
		}
		ck_assert_uint_eq(hash[0], hash[1]);
	}
}
END_TEST

/* Another process of this program prints its key instead of testing. */
static struct flt_siphash_key key_of_another(void)
{
	struct flt_siphash_key key = {0};
	int ends[2];
	char program[64];
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_gt(snprintf(program, sizeof program, "/proc/%d/exe", (int)getpid()), 0);
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		setenv("PRINT_HASH_KEY", "yes", 1);
		execl(program, program, (char *)NULL);
		_exit(1);
	}
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], &key, sizeof key), sizeof key);
	close(ends[0]);
	waitpid(child, NULL, 0);
	return key;
}

START_TEST(each_process_has_a_key_of_its_own)
{
	struct flt_siphash_key a = key_of_another(), b = key_of_another();
	ck_assert(a.low != 0 && a.high != 0);
	ck_assert(a.low != b.low && a.high != b.high);
}
END_TEST

Suite *test_suite(void)
{
	if (getenv("PRINT_HASH_KEY"))
		_exit(write(STDOUT_FILENO, flt_hash_key(), sizeof(struct flt_siphash_key)) < 0);
	Suite *suite = suite_create("siphash");
	TCase *cases = tcase_create("siphash");
	tcase_add_test(cases, gives_the_reference_values);
	tcase_add_test(cases, reads_no_byte_beyond_the_text);
	tcase_add_test(cases, each_process_has_a_key_of_its_own);
	suite_add_tcase(suite, cases);
	return suite;
}
