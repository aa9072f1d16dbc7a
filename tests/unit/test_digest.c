#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "suite.h"

/* Bytes that are added in pieces. */
static const char *digest(const char *bytes, size_t n, size_t step, char text[FLT_SHA256_TEXT])
{
	struct flt_digest digest = {0};
	for (size_t i = 0; i < n; i += step)
		flt_digest_add(&digest, bytes + i, n - i < step ? n - i : step);
	flt_digest_end(&digest, text);
	return text;
}

/* FIPS 180-4's examples. */
START_TEST(test_published_vectors)
{
	static const struct {
		const char *bytes, *sha256;
	} cases[] = {
	        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopq"
	         "rstnopqrstu",
	         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
	};
	char text[FLT_SHA256_TEXT];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(digest(cases[i].bytes, strlen(cases[i].bytes), 64, text), cases[i].sha256);
}
END_TEST

START_TEST(test_a_million_letters)
{
	enum { N = 1000000 };
	char *bytes = malloc(N), text[FLT_SHA256_TEXT];
	ck_assert_ptr_nonnull(bytes);
	memset(bytes, 'a', N);
	ck_assert_str_eq(digest(bytes, N, N, text), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(bytes);
}
END_TEST

/* Every length around the block's edges gives the same digest whatever the pieces. */
START_TEST(test_pieces_do_not_matter)
{
	char bytes[200], whole[FLT_SHA256_TEXT], pieces[FLT_SHA256_TEXT];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		flt_digest_of(bytes, n, whole);
		for (size_t step = 1; step < 70; step += 9)
			ck_assert_str_eq(digest(bytes, n, step, pieces), whole);
	}
}
END_TEST

START_TEST(test_ended_begins_anew)
{
	struct flt_digest digest = {0};
	char first[FLT_SHA256_TEXT], second[FLT_SHA256_TEXT];
	flt_digest_add(&digest, "abc", 3);
	flt_digest_end(&digest, first);
	flt_digest_add(&digest, "abc", 3);
	flt_digest_end(&digest, second);
	ck_assert_str_eq(first, second);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("digest");
	TCase *tcase = tcase_create("digest");
	tcase_add_test(tcase, test_published_vectors);
	tcase_add_test(tcase, test_a_million_letters);
	tcase_add_test(tcase, test_pieces_do_not_matter);
	tcase_add_test(tcase, test_ended_begins_anew);
	suite_add_tcase(suite, tcase);
	return suite;
}
