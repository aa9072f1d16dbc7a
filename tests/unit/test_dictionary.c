/* The dictionary of a column's texts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash_key.h"
#include "table/dictionary.h"
#include "suite.h"

START_TEST(numbers_in_order_of_appearance)
{
	struct flt_dictionary dictionary = {0};
	int32_t code;
	char text[32];
	ck_assert_int_eq(flt_dictionary_find(&dictionary, "x", 1), -1);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 20000; i++) {
			size_t n = (size_t)sprintf(text, "a long level %d", i * 7919 % 20000);
			ck_assert_int_eq(flt_dictionary_add(&dictionary, text, n, &code, NULL), FLT_OK);
			if (code != i)
				ck_abort_msg("%s: %d", text, code);
		}
	ck_assert_uint_eq(dictionary.n, 20000);
	ck_assert_str_eq(flt_dictionary_text(&dictionary, 1), "a long level 7919");
	ck_assert_int_eq(flt_dictionary_find(&dictionary, "a long level 7919", 17), 1);
	ck_assert_int_eq(flt_dictionary_find(&dictionary, "a long level 7919", 16), 4089); /* "... 791" */
	ck_assert_int_eq(flt_dictionary_find(&dictionary, "none", 4), -1);
	ck_assert_int_eq(flt_dictionary_add(&dictionary, "", 0, &code, NULL), FLT_OK);
	ck_assert_int_eq(code, 20000);
	flt_dictionary_release(&dictionary);
}
END_TEST

/* Lists of texts, some of them equal, become the dictionary of the texts one by one. */
START_TEST(lists_merge_as_their_texts_do)
{
	enum { N_LISTS = 5, N = 300 };
	struct flt_dictionary one_by_one = {0}, merged = {0}, list = {0};
	for (int i = 0; i < N_LISTS; i++) {
		int32_t wanted[N], code_of[N], code;
		char text[32];
		flt_dictionary_clear(&list);
		for (int k = 0; k < N; k++) {
			size_t n = (size_t)sprintf(text, "text %d", (i * 200 + k) * 7919 % 1000 / (1 + k % 3));
			ck_assert_int_eq(flt_dictionary_add(&one_by_one, text, n, &wanted[k], NULL), FLT_OK);
			ck_assert_int_eq(flt_dictionary_list(&list, text, n, &code, NULL), FLT_OK);
			ck_assert_int_eq(code, k);
			ck_assert_str_eq(flt_dictionary_text(&list, (size_t)k), text);
		}
		ck_assert_int_eq(flt_dictionary_merge(&merged, &list, code_of, NULL), FLT_OK);
		ck_assert_mem_eq(code_of, wanted, sizeof wanted);
		ck_assert_uint_lt(merged.n, (size_t)(i + 1) * N);
	}
	ck_assert_uint_eq(merged.n, one_by_one.n);
	ck_assert_mem_eq(merged.texts, one_by_one.texts, merged.n_bytes);
	flt_dictionary_release(&one_by_one);
	flt_dictionary_release(&merged);
	flt_dictionary_release(&list);
}
END_TEST

START_TEST(each_allocation_may_fail)
{
	for (unsigned long k = 1, failed = 1; failed; k++) {
		struct flt_dictionary dictionary = {0};
		failed = 0;
		flt_alloc_fail_at(k);
		for (int i = 0; i < 100; i++) {
			char text[16];
			int32_t code;
			size_t n = (size_t)sprintf(text, "%d", i);
			if (flt_dictionary_add(&dictionary, text, n, &code, NULL) != FLT_OK) {
				failed++;
				i--; /* the same again works, as if nothing had been */
			} else {
				ck_assert_int_eq(code, i);
			}
		}
		flt_alloc_fail_at(0);
		ck_assert_uint_le(failed, 1);
		ck_assert_uint_eq(dictionary.n, 100);
		flt_dictionary_release(&dictionary);
	}
}
END_TEST

/* How many slots are looked at, all in all, to find each text once. */
static size_t n_steps(const struct flt_dictionary *dictionary)
{
	size_t n = 0, mask = dictionary->n_slots - 1;
	for (size_t slot = 0; slot < dictionary->n_slots; slot++) {
		uint64_t hash = dictionary->slots[slot] >> 32, first = hash * dictionary->n_slots >> 32;
		if (dictionary->slots[slot] > 0)
			n += ((slot - first) & mask) + 1;
	}
	return n;
}

static size_t steps_for(char (*texts)[8], size_t n)
{
	struct flt_dictionary dictionary = {0};
	int32_t code;
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(flt_dictionary_add(&dictionary, texts[i], strlen(texts[i]), &code, NULL), FLT_OK);
	ck_assert_uint_eq(dictionary.n, n);
	n = n_steps(&dictionary);
	flt_dictionary_release(&dictionary);
	return n;
}

/* Someone who knew the key could crowd all texts into one slot. */
START_TEST(no_texts_crowd_under_an_unknown_key)
{
	enum { N = 900, SLOTS = 1 << 12 }; /* the slots of 2 N texts */
	static const struct flt_siphash_key known = {1, 2};
	const struct flt_siphash_key drawn = *flt_hash_key();
	static char texts[2 * N][8];
	for (size_t i = 0, k = 0; i < 2 * (size_t)N; k++) {
		int length = sprintf(texts[i], "%zx", k);
		i += (uint32_t)flt_siphash_text(&known, texts[i], (size_t)length) < (UINT64_C(1) << 32) / SLOTS;
	}
	flt_hash_set_key(known);
	size_t some = steps_for(texts, N), twice = steps_for(texts, 2 * (size_t)N);
	ck_assert_uint_eq(some, N * (N + 1) / 2);
	ck_assert_uint_gt(twice, 3 * some);
	flt_hash_set_key(drawn);
	some = steps_for(texts, N);
	twice = steps_for(texts, 2 * (size_t)N);
	ck_assert_uint_lt(some, 2 * (size_t)N);
	ck_assert_uint_lt(twice, 3 * some);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("dictionary");
	TCase *cases = tcase_create("dictionary");
	tcase_add_test(cases, numbers_in_order_of_appearance);
	tcase_add_test(cases, lists_merge_as_their_texts_do);
	tcase_add_test(cases, each_allocation_may_fail);
	tcase_add_test(cases, no_texts_crowd_under_an_unknown_key);
	suite_add_tcase(suite, cases);
	return suite;
}
