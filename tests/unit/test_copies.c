/* audit/copies: repeated rows, repeated blocks, near copies and contradicting labels of known number. */
#include "small_table.h"

#include "audit/copies.h"
#include "live_memory.h"
#include "suite.h"

static struct flt_copies copies_of(struct text *text)
{
	struct flt_table *table = table_of(text, (struct flt_table_options){0});
	struct flt_copies copies;
	ck_assert_int_eq(flt_copies_find(table, 1, &copies, NULL), FLT_OK);
	flt_table_free(table);
	return copies;
}

/* Row i of a table in which all rows differ in both columns. */
static void add_row(struct text *text, int i, int label)
{
	text_add(text, "%d.5,%d.25,%d\n", 7 * i % 1009, 11 * i % 1013, label);
}

static void add_rows(struct text *text, int first, int n)
{
	for (int i = first; i < first + n; i++)
		add_row(text, i, i % 10 == 0);
}

START_TEST(no_copies)
{
	struct text text = {0};
	text_add(&text, "a,b,y\n");
	add_rows(&text, 0, 100);
	struct flt_copies copies = copies_of(&text);
	ck_assert_uint_eq(copies.n_columns, 2);
	ck_assert_uint_eq(copies.n_repeats + copies.n_groups + copies.n_in_groups + copies.n_must_err, 0);
	ck_assert_uint_eq(copies.block.n_rows, 0);
	ck_assert(!copies.is_surprising && !copies.has_near);
}
END_TEST

START_TEST(contradicting_labels)
{
	struct text text = {0};
	text_add(&text, "a,b,y\n");
	add_rows(&text, 0, 100);
	/* Row 5 (negative) three times more, twice positive; row 10 (positive) twice negative; row 20 once more as it
	 * is. */
	add_row(&text, 5, 1);
	add_row(&text, 10, 0);
	add_row(&text, 5, 1);
	add_row(&text, 5, 0);
	add_row(&text, 10, 0);
	add_row(&text, 20, 1);
	struct flt_copies copies = copies_of(&text);
	ck_assert_uint_eq(copies.n_repeats, 6);
	ck_assert_uint_eq(copies.n_groups, 3);
	ck_assert_uint_eq(copies.n_in_groups, 9);
	ck_assert_uint_eq(copies.n_mixed_groups, 2);
	ck_assert_uint_eq(copies.n_mixed_rows, 7);
	ck_assert_uint_eq(copies.n_must_err, 2 + 1);
	ck_assert_uint_eq(copies.mixed[0], 5);
	ck_assert_uint_eq(copies.mixed[1], 100);
	ck_assert_uint_eq(copies.first, 100);
	ck_assert_uint_eq(copies.original, 5);
	ck_assert(copies.has_near && copies.n_near == 0 && copies.is_surprising);
}
END_TEST

START_TEST(doubled_block)
{
	struct text text = {0};
	text_add(&text, "a,b,y\n");
	add_rows(&text, 0, 600);
	add_rows(&text, 40, 10); /* a block too small for the share of copies to be noticed */
	add_rows(&text, 600, 400);
	struct flt_copies copies = copies_of(&text);
	ck_assert_uint_eq(copies.n_repeats, 10);
	ck_assert_uint_eq(copies.block.n_rows, 10);
	ck_assert_uint_eq(copies.block.first, 600);
	ck_assert_uint_eq(copies.block.original, 40);
	ck_assert(copies.is_surprising);
}
END_TEST

/* Nine copies in a row may be chance; so may be the same value in neighbouring rows. */
START_TEST(no_doubled_block)
{
	struct text text = {0};
	text_add(&text, "a,b,y\n");
	add_rows(&text, 0, 970);
	add_rows(&text, 40, 9);
	for (int i = 0; i < 30; i++)
		add_row(&text, 1001, 0);
	ck_assert_uint_eq(copies_of(&text).block.n_rows, 0);
}
END_TEST

/* Where few different rows are possible, copies and near copies abound, and runs of copies come about by chance. */
START_TEST(few_different_rows)
{
	struct text text = {0};
	unsigned state = 1;
	text_add(&text, "a,b,c,y\n");
	for (int i = 0; i < 2000; i++) {
		int cell[3];
		for (int j = 0; j < 3; j++) {
			state = state * 1103515245u + 12345u;
			cell[j] = (int)(state >> 16) % (6 + 4 * j);
		}
		text_add(&text, "%d.5,%d.5,%d.5,%d\n", cell[0], cell[1], cell[2], i % 9 == 0);
	}
	struct flt_copies copies = copies_of(&text);
	ck_assert_uint_gt(copies.n_repeats, 1000);
	ck_assert(copies.has_near);
	ck_assert(!copies.is_surprising);
	ck_assert_uint_eq(copies.block.n_rows, 0);
}
END_TEST

/* Of 40 rows with 4 x 10 values, each pair of neighbours in one column is a near copy, and nothing is a copy. */
START_TEST(near_copies)
{
	struct text text = {0};
	text_add(&text, "a,b,y\n");
	for (int i = 0; i < 40; i++)
		text_add(&text, "%d.5,%d.5,%d\n", i % 4, i / 4, i % 7 == 0);
	text_add(&text, "0.5,0.5,0\n");
	struct flt_copies copies = copies_of(&text);
	ck_assert_uint_eq(copies.n_repeats, 1);
	ck_assert(copies.has_near);
	ck_assert_uint_eq(copies.n_near, (40 - 10) + (40 - 4));
	ck_assert(!copies.is_surprising);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("copies");
	TCase *tests = tcase_create("copies");
	tcase_add_checked_fixture(tests, note_live_memory, check_live_memory);
	tcase_add_test(tests, no_copies);
	tcase_add_test(tests, contradicting_labels);
	tcase_add_test(tests, doubled_block);
	tcase_add_test(tests, no_doubled_block);
	tcase_add_test(tests, few_different_rows);
	tcase_add_test(tests, near_copies);
	suite_add_tcase(suite, tests);
	return suite;
}
