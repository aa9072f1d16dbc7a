/* base/json: whichever allocation jansson is refused, a parse ends with the sentence for it. */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "suite.h"

static size_t allocations_left;
static bool refuses_all_behind;
static long n_blocks;

static void *allocate_a_few(size_t n)
{
	bool is_refused = allocations_left == 0;
	if (!is_refused || !refuses_all_behind)
		allocations_left--; /* wraps: behind the refused one there are enough again */
	n_blocks += !is_refused;
	return is_refused ? NULL : malloc(n);
}

static void free_counted(void *block)
{
	n_blocks -= block != NULL;
	free(block);
}

/* Parses the text with each allocation refused in turn, and returns how many there are. */
static size_t parse_with_refusals(const char *text)
{
	json_t *json = NULL;
	json_error_t why;
	struct flt_error err;
	size_t live = flt_alloc_live(), n = 0;
	for (; !json; n++) {
		allocations_left = n;
		enum flt_status status = flt_json_parse(text, strlen(text), &json, NULL, &why, &err);
		ck_assert_msg(status == (json ? FLT_OK : FLT_ERR_MACHINE), "refusal %zu: %d", n, (int)status);
		ck_assert(json || strncmp(err.text, "out of memory: ", 15) == 0);
		ck_assert(json || n_blocks == 0);
		ck_assert_uint_eq(flt_alloc_live(), live);
	}
	allocations_left = SIZE_MAX;
	char *back = json_dumps(json, JSON_COMPACT);
	ck_assert_str_eq(back, text);
	free_counted(back);
	json_decref(json);
	ck_assert_int_eq(n_blocks, 0);
	return n - 1;
}

/* Tokens of all lengths about the sizes of the buffer, behind arrays that ask for the same sizes. */
START_TEST(a_refused_allocation_ends_a_parse)
{
	static char text[2000], token[300];
	json_set_alloc_funcs(allocate_a_few, free_counted);
	refuses_all_behind = _i;
	for (size_t length = 1; length < 270; length++) {
		memset(token, '7', length);
		token[length] = '\0';
		snprintf(text, sizeof text, "[\"%s\",{\"k\":[true,false,null]}]", token);
		ck_assert_uint_gt(parse_with_refusals(text), length < 30 ? 8 : 9);
		snprintf(text, sizeof text, "[true,true,true,true,true,true,true,true,true,\"\\\"%s\"]", token);
		parse_with_refusals(text);
		snprintf(text, sizeof text, "{\"%s\":1}", token);
		parse_with_refusals(text);
		if (length < 18)
			snprintf(text, sizeof text, "[%s]", token);
		else
			snprintf(text, sizeof text, "[\"a\",\"%s\\\\\"]", token);
		parse_with_refusals(text);
	}
}
END_TEST

/* 100 numbers take jansson more than 1600 bytes, and less than 16,000. */
START_TEST(what_jansson_takes_is_counted)
{
	char text[400] = "[0";
	json_t *json;
	json_error_t why;
	struct flt_error err;
	size_t n_counted = 1, live = flt_alloc_live();
	allocations_left = SIZE_MAX;
	json_set_alloc_funcs(allocate_a_few, free_counted);
	for (int i = 1; i < 100; i++)
		strcat(text, ",7");
	strcat(text, "]");
	flt_alloc_set_limit(live + 16000);
	ck_assert_msg(flt_json_parse(text, strlen(text), &json, &n_counted, &why, &err) == FLT_OK, "%s", err.text);
	ck_assert_uint_gt(n_counted, 1600);
	ck_assert_uint_eq(flt_alloc_live(), live + n_counted);
	json_decref(json);
	flt_alloc_uncount(n_counted);
	ck_assert_uint_eq(flt_alloc_live(), live);
	flt_alloc_set_limit(live + 1600);
	ck_assert_int_eq(flt_json_parse(text, strlen(text), &json, &n_counted, &why, &err), FLT_ERR_MACHINE);
	ck_assert_msg(strstr(err.text, "raise --memory-limit"), "%s", err.text);
	ck_assert(!json && n_counted == 0 && n_blocks == 0);
	ck_assert_uint_eq(flt_alloc_live(), live);
	flt_alloc_set_limit(SIZE_MAX);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("json_parse");
	TCase *tests = tcase_create("json_parse");
	tcase_set_timeout(tests, 30);
	tcase_add_loop_test(tests, a_refused_allocation_ends_a_parse, 0, 2);
	tcase_add_test(tests, what_jansson_takes_is_counted);
	suite_add_tcase(suite, tests);
	return suite;
}
