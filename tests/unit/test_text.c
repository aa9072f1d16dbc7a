/* base/text: buffers that grow, numbers, and which name is near another. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/character.h"
#include "base/random.h"
#include "base/sorted_texts.h"
#include "base/text.h"
#include "suite.h"

static const char *const columns[] = {"amount", "age", "Class", "merchant", NULL, "merchants", "x"};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

static const char *nearest(const char *text)
{
	return flt_nearest(text, columns, N_COLUMNS);
}

START_TEST(finds_each_kind_of_mistake)
{
	ck_assert_str_eq(nearest("amount"), "amount");
	ck_assert_str_eq(nearest("amounts"), "amount"); /* added */
	ck_assert_str_eq(nearest("amunt"), "amount");   /* lost */
	ck_assert_str_eq(nearest("amoumt"), "amount");  /* changed */
	ck_assert_str_eq(nearest("aomunt"), "amount");  /* swapped: one mistake, not two */
	ck_assert_str_eq(nearest("CLASS"), "Class");    /* another case is none */
}
END_TEST

START_TEST(prefers_the_nearer_then_the_first)
{
	ck_assert_str_eq(nearest("merchantz"), "merchant"); /* one mistake to either */
	ck_assert_str_eq(nearest("merchants"), "merchants");
}
END_TEST

START_TEST(is_silent_when_nothing_is_near)
{
	ck_assert_ptr_null(nearest("country"));
	ck_assert_ptr_null(nearest("ega")); /* two mistakes in three bytes */
	ck_assert_ptr_null(nearest("y"));   /* one mistake to "x", but nothing in common */
	ck_assert_ptr_null(nearest(""));
	ck_assert_ptr_null(flt_nearest("a", NULL, 0));
}
END_TEST

START_TEST(leaves_long_names_alone)
{
	char name[200], text[200];
	memset(name, 'a', sizeof name);
	memset(text, 'a', sizeof text);
	name[127] = '\0';
	text[126] = '\0';
	const char *names[] = {name};
	ck_assert_ptr_eq(flt_nearest(text, names, 1), name);
	ck_assert_ptr_eq(flt_nearest(name, names, 1), name);
	name[127] = 'a';
	name[128] = '\0';
	ck_assert_ptr_null(flt_nearest(text, names, 1));
	ck_assert_ptr_null(flt_nearest(name, names, 1));
}
END_TEST

START_TEST(buffer_grows_and_stays_terminated)
{
	struct flt_text_buffer buffer = {0};
	struct flt_error err;
	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(flt_text_buffer_append(&buffer, "ab\0", 3, &err), FLT_OK);
		ck_assert_int_eq(flt_text_buffer_print(&buffer, &err, "%04d", i), FLT_OK);
		ck_assert_uint_eq(buffer.length, 7 * ((size_t)i + 1));
		ck_assert_uint_lt(buffer.length, buffer.capacity);
		ck_assert_int_eq(buffer.bytes[buffer.length], '\0');
	}
	ck_assert_mem_eq(buffer.bytes + 7 * 999,
	                 "ab\0"
	                 "0999",
	                 8);
	flt_text_buffer_release(&buffer);
	ck_assert_ptr_null(buffer.bytes);
	ck_assert_int_eq(flt_text_buffer_reserve(&buffer, 0, &err), FLT_OK);
	ck_assert_str_eq(buffer.bytes, "");
	flt_text_buffer_release(&buffer);
}
END_TEST

START_TEST(buffer_without_memory_stays_as_it_was)
{
	struct flt_text_buffer buffer = {0};
	struct flt_error err;
	flt_alloc_fail_at(1);
	ck_assert_int_eq(flt_text_buffer_append(&buffer, "abc", 3, &err), FLT_ERR_MACHINE);
	ck_assert_ptr_null(buffer.bytes);
	ck_assert_int_eq(flt_text_buffer_append(&buffer, "abc", 3, &err), FLT_OK);
	flt_alloc_fail_at(1);
	ck_assert_int_eq(flt_text_buffer_print(&buffer, &err, "%100d", 1), FLT_ERR_MACHINE);
	flt_alloc_fail_at(0);
	ck_assert_str_eq(buffer.bytes, "abc");
	ck_assert_uint_eq(buffer.length, 3);
	flt_text_buffer_release(&buffer);
}
END_TEST

static void expect_masked(const char *text, const char *expected)
{
	char copy[64];
	strcpy(copy, text);
	flt_mask_controls(copy);
	ck_assert_str_eq(copy, expected);
}

/* C1 has two forms: U+009B, and its number alone where no character of UTF-8 needs the byte. */
START_TEST(controls_are_masked_and_letters_stay)
{
	expect_masked("a\033[2J\tb\177", "a?[2J?b?");
	expect_masked("a\302\2332J\302\200", "a?2J?");
	expect_masked("a\2332J\237", "a?2J?");
	expect_masked("gr\303\237e \302\240\342\202\254\360\237\230\200",
	              "gr\303\237e \302\240\342\202\254\360\237\230\200");
	expect_masked("\340\202\233", "\340??"); /* no character: an overlong U+009B */
	expect_masked("\342\202", "\342?");
	expect_masked("\374\240", "\374\240"); /* Latin-1 */
	ck_assert_str_eq(flt_shown("a\302\233b\0c", 6).text, "a?b?c");
}
END_TEST

static void expect_columns(const char *text, size_t n)
{
	ck_assert_uint_eq(flt_columns(text), n);
}

/* By Unicode's East Asian Width and its combining marks. */
START_TEST(wide_and_combining_characters_take_two_columns_and_none)
{
	expect_columns("", 0);
	expect_columns("23 \302\260C", 5);
	expect_columns("gr\303\266\303\237e", 5);
	expect_columns("\346\227\245\346\234\254", 4); /* two characters of Japanese */
	expect_columns("e\314\201", 1);                /* an e and its accent */
	expect_columns("\360\237\230\200", 2);
	expect_columns("\374\346", 2);         /* Latin-1 */
	expect_columns("\342\200\256a", 2);    /* a control character is shown as one '?' */
	expect_columns("\363\240\200\200", 1); /* not assigned */
}
END_TEST

START_TEST(texts_are_cut_at_columns)
{
	static const char japanese[] = "\346\227\245\346\234\254\350\252\236", accents[] = "e\314\201e\314\201";
	size_t taken;
	ck_assert_uint_eq(flt_bytes_within(japanese, 5, &taken), 6);
	ck_assert_uint_eq(taken, 4);
	ck_assert_uint_eq(flt_bytes_within(japanese, 6, &taken), 9);
	ck_assert_uint_eq(taken, 6);
	ck_assert_uint_eq(flt_bytes_within(accents, 1, &taken), 3);
	ck_assert_uint_eq(taken, 1);
	ck_assert_uint_eq(flt_bytes_within("abc", 0, &taken), 0);
	ck_assert_uint_eq(taken, 0);
}
END_TEST

/* U+202E and its kind show a text as another; U+200B and its kind two texts as one. */
START_TEST(what_turns_or_hides_text_is_masked)
{
	expect_masked("a\302\255b", "a?b");
	expect_masked("\330\234\330\233\330\235", "?\330\233\330\235"); /* U+061C, and its neighbours */
	expect_masked("\342\200\212\342\200\213\342\200\216\342\200\217", "\342\200\212???");
	expect_masked("\342\200\250\342\200\251\342\200\256\342\200\257", "???\342\200\257");
	expect_masked("\342\201\246x\342\201\251\342\201\240", "?x??");
	expect_masked("\357\273\277x\357\273\276", "?x\357\273\276");
	expect_masked("\342\200\214\342\200\215", "\342\200\214\342\200\215"); /* joiners, which scripts need */
}
END_TEST

START_TEST(numbers_are_read_whole_or_not_at_all)
{
	double number = -1;
	uint64_t count = 7;
	ck_assert(flt_text_to_number("1.5e3x", 5, &number));
	ck_assert_double_eq(number, 1500);
	ck_assert(!flt_text_to_number("1.5e3x", 6, &number));
	ck_assert(!flt_text_to_number("1e999", 5, &number));
	ck_assert_double_eq(number, 1500);
	ck_assert(flt_text_to_count("18446744073709551615", 20, &count));
	ck_assert_uint_eq(count, UINT64_MAX);
	ck_assert(!flt_text_to_count("18446744073709551616", 20, &count));
	ck_assert(!flt_text_to_count("", 0, &count));
	ck_assert(!flt_text_to_count("+1", 2, &count));
	ck_assert_uint_eq(count, UINT64_MAX);
}
END_TEST

/* Against a search of all, with texts that are equal, empty, and the beginning of others. */
START_TEST(sorted_texts_are_found)
{
	enum { N = 60 };
	char texts[N][4];
	const char *given[N];
	struct flt_random random;
	flt_random_init(&random, 1, "texts", 0);
	for (size_t n = 0; n <= N; n += 12) {
		struct flt_sorted_text *sorted;
		for (size_t i = 0; i < n; i++) {
			size_t length = flt_random_below(&random, 4);
			for (size_t k = 0; k < length; k++)
				texts[i][k] = (char)('a' + flt_random_below(&random, 3));
			texts[i][length] = '\0';
			given[i] = texts[i];
		}
		ck_assert_int_eq(flt_sort_texts(given, n, &sorted, NULL), FLT_OK);
		for (const char *asked = "abcabacbbcaacc"; *asked; asked++)
			for (size_t length = 0; length <= strlen(asked) && length < 5; length++) {
				size_t first = 0, n_equal = 0, at = flt_find_sorted(sorted, n, asked, length);
				for (size_t i = n; i-- > 0;) {
					bool is_equal = strlen(texts[i]) == length && !strncmp(texts[i], asked, length);
					first = is_equal ? i : first;
					n_equal += is_equal;
				}
				ck_assert(n_equal > 0 ? at < n && sorted[at].number == first : at == n);
				for (size_t i = 0; i < n_equal; i++)
					ck_assert_str_eq(sorted[at + i].text, texts[first]);
			}
		flt_free(sorted);
	}
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *cases = tcase_create("nearest");
	tcase_add_test(cases, finds_each_kind_of_mistake);
	tcase_add_test(cases, prefers_the_nearer_then_the_first);
	tcase_add_test(cases, is_silent_when_nothing_is_near);
	tcase_add_test(cases, leaves_long_names_alone);
	suite_add_tcase(suite, cases);
	TCase *texts = tcase_create("buffers and numbers");
	tcase_add_test(texts, buffer_grows_and_stays_terminated);
	tcase_add_test(texts, buffer_without_memory_stays_as_it_was);
	tcase_add_test(texts, controls_are_masked_and_letters_stay);
	tcase_add_test(texts, wide_and_combining_characters_take_two_columns_and_none);
	tcase_add_test(texts, texts_are_cut_at_columns);
	tcase_add_test(texts, what_turns_or_hides_text_is_masked);
	tcase_add_test(texts, sorted_texts_are_found);
	tcase_add_test(texts, numbers_are_read_whole_or_not_at_all);
	suite_add_tcase(suite, texts);
	return suite;
}
