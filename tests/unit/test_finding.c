/* The type of a column from the texts of its cells: table/finding. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "table/column.h"
#include "table/finding.h"
#include "suite.h"

static struct flt_markers no_markers;
static struct flt_finding_rules commas = {.markers = &no_markers, .decimal = '.', .delimiter = ','};
static struct flt_finding_rules semicolons = {.markers = &no_markers, .decimal = '.', .delimiter = ';'};
static struct flt_finding_rules decimal_commas = {.markers = &no_markers, .decimal = ',', .delimiter = ';'};

enum { MOST_TEXTS = 64 };

/* "NULL*3|12.5": each text and how many cells hold it. */
struct cells {
	struct flt_dictionary texts;
	size_t counts[MOST_TEXTS];
};

static void add(struct cells *cells, const char *item)
{
	char text[128];
	unsigned count = 1;
	snprintf(text, sizeof text, "%s", item);
	char *star = strrchr(text, '*');
	if (star) {
		count = (unsigned)atoi(star + 1);
		*star = '\0';
	}
	int32_t code;
	ck_assert_int_eq(flt_dictionary_add(&cells->texts, text, strlen(text), &code, NULL), FLT_OK);
	cells->counts[code] += count;
}

static void split(const char *list, char items[MOST_TEXTS][128], size_t *n)
{
	char copy[2048];
	snprintf(copy, sizeof copy, "%s", list);
	*n = 0;
	for (char *item = strtok(copy, "|"); item; item = strtok(NULL, "|"))
		snprintf(items[(*n)++], 128, "%s", item);
}

static struct flt_finding find_in_order(const size_t *order, char items[MOST_TEXTS][128], size_t n,
                                        const struct flt_finding_rules *rules)
{
	struct cells cells = {0};
	for (size_t i = 0; i < n; i++)
		add(&cells, items[order[i]]);
	const struct flt_census census = {.texts = &cells.texts, .counts = cells.counts};
	struct flt_finding finding = flt_find_type(&census, rules);
	flt_dictionary_release(&cells.texts);
	return finding;
}

static void same(const struct flt_finding *a, const struct flt_finding *b)
{
	char x[FLT_FORMAT_TEXT], y[FLT_FORMAT_TEXT];
	flt_format_describe(&a->format, true, x, sizeof x);
	flt_format_describe(&b->format, true, y, sizeof y);
	ck_assert_int_eq(a->kind, b->kind);
	ck_assert_int_eq(a->doubt, b->doubt);
	ck_assert_uint_eq(a->n_odd, b->n_odd);
	ck_assert_uint_eq(a->n_words, b->n_words);
	ck_assert_uint_eq(a->n_values, b->n_values);
	ck_assert_str_eq(x, y);
}

/* The finding, which must be the same in any order of the texts. */
static struct flt_finding find(const char *list, const struct flt_finding_rules *rules)
{
	char items[MOST_TEXTS][128];
	size_t n, order[MOST_TEXTS];
	struct flt_random random;
	split(list, items, &n);
	flt_random_init(&random, 1, "orders", 0);
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	struct flt_finding first = find_in_order(order, items, n, rules);
	for (int i = 0; i < 20; i++) {
		flt_random_shuffle(&random, order, n);
		struct flt_finding again = find_in_order(order, items, n, rules);
		same(&first, &again);
	}
	return first;
}

static void is_numbers(const char *list, const struct flt_finding_rules *rules, const char *format)
{
	struct flt_finding finding = find(list, rules);
	char text[FLT_FORMAT_TEXT];
	flt_format_describe(&finding.format, finding.format.decimal != rules->decimal, text, sizeof text);
	ck_assert_msg(finding.kind == FLT_FOUND_NUMBERS, "%s: kind %d, doubt %d", list, finding.kind, finding.doubt);
	ck_assert_str_eq(text, format);
}

static void is_text(const char *list, const struct flt_finding_rules *rules)
{
	struct flt_finding finding = find(list, rules);
	ck_assert_msg(finding.kind == FLT_FOUND_TEXT, "%s: kind %d, doubt %d", list, finding.kind, finding.doubt);
}

static void in_doubt(const char *list, const struct flt_finding_rules *rules, enum flt_doubt doubt, size_t n_odd)
{
	struct flt_finding finding = find(list, rules);
	ck_assert_msg(finding.kind == FLT_FOUND_DOUBT, "%s: kind %d", list, finding.kind);
	ck_assert_msg(finding.doubt == doubt, "%s: doubt %d", list, finding.doubt);
	ck_assert_msg(finding.n_odd == n_odd, "%s: %zu are odd", list, finding.n_odd);
}

START_TEST(missing_words)
{
	is_numbers("1.5*20|NULL*15|<NA>*4|None", &commas, "numbers");
	ck_assert_uint_eq(find("1.5*20|NULL*15|<NA>*4|None", &commas).n_words, 20);
	is_numbers("-|5|6", &commas, "numbers");
	is_numbers("NULL*50|7", &commas, "numbers"); /* one value is enough */
	is_text("NULL*3|None", &commas);
	is_text("none*60|fire|theft|3", &commas);
	in_doubt("1.5*20|unknown*4", &commas, FLT_DOUBT_ODD_TEXTS, 4);
	is_text("1.5*20|unknown*20", &commas); /* no more than half are numbers */
}
END_TEST

START_TEST(dressed_numbers)
{
	is_numbers("$5|$12.50|$1,234.00", &commas, "numbers with \"$\" before them and \",\" between thousands");
	is_numbers("26.5%|3%|NULL", &commas, "numbers with \"%\" after them");
	is_numbers("5 mA|7.5mA", &commas, "numbers with \"mA\" after them");
	is_numbers("5 A|7.5A", &commas, "numbers with \"A\" after them");
	is_numbers("230V|12V", &commas, "numbers with \"V\" after them");
	is_text("90A|13A|5A", &commas); /* codes */
	is_numbers("1 day|2 days|30 days", &commas, "numbers with \"days\" after them");
	is_numbers("3 rooms|5 rooms", &commas, "numbers with \"rooms\" after them");
	is_numbers("(5.00)|12.00", &commas, "numbers with negative ones in parentheses");
	is_numbers("5.00-|12.00", &commas, "numbers with the minus behind");
	is_numbers("\u22125|12", &commas, "numbers with \"\u2212\" for minus");
	is_numbers("'5'|'12'", &commas, "numbers with ' around them");
	is_numbers("1\u00a0234,5|7,25", &semicolons, "numbers with blanks between thousands and a decimal comma");
	is_numbers("1'234|7", &commas, "numbers with \"'\" between thousands");
	in_doubt("5 kg*9|3 lb*2|7*2", &commas, FLT_DOUBT_ODD_TEXTS, 4);
	in_doubt("5%*9|0.3", &commas, FLT_DOUBT_ODD_TEXTS, 1);
	in_doubt("$5*9|\u20ac3", &commas, FLT_DOUBT_ODD_TEXTS, 1);
	in_doubt("5*9|<100*3", &commas, FLT_DOUBT_ODD_TEXTS, 3);
	is_text("10-20*5|20-30*7|5", &commas);
	is_text("3 rooms*5|1 room with a view*7|2 floors*5", &commas);
	is_text("2 rooms|5 floors", &commas); /* words that differ are no units */
}
END_TEST

START_TEST(numbers_in_no_form)
{
	in_doubt("'1.5|'2.5|'7.25", &commas, FLT_DOUBT_LIKE_NUMBERS, 3);
	in_doubt("1.5 CR*5|2.5 DR*4|x*3", &commas, FLT_DOUBT_LIKE_NUMBERS, 9);
	in_doubt("6.1M*9|2.5K*4", &commas, FLT_DOUBT_LIKE_NUMBERS, 9);
	in_doubt("\uff11\uff12|\uff13", &commas, FLT_DOUBT_LIKE_NUMBERS, 2);
	is_text("'1.5*5|x*5", &commas); /* no more than half */
	is_text("'15|'25|'72", &commas);
	is_text("E11.9|I10.1|J45.2", &commas);
	is_numbers("\u20135|12", &commas, "numbers with \"\u2212\" for minus");
	is_numbers("1,46,000|987", &semicolons, "numbers with \",\" between thousands");
}
END_TEST

START_TEST(points_and_commas)
{
	is_numbers("1,234|12,345|7", &commas, "numbers with \",\" between thousands");
	is_numbers("1,234.5|12,345|1234", &commas, "numbers with \",\" between thousands");
	in_doubt("1,234|12345", &commas, FLT_DOUBT_MARK, 0); /* why is one grouped and the other not? */
	in_doubt("1,234|987", &semicolons, FLT_DOUBT_MARK, 0);
	is_numbers("1,234,567|987|1,234", &semicolons, "numbers with \",\" between thousands");
	in_doubt("7.940|987|12.345", &semicolons, FLT_DOUBT_MARK, 0);
	in_doubt("7.940|987|12.345", &commas, FLT_DOUBT_MARK, 0);
	is_numbers("7.940|12.345", &semicolons, "numbers"); /* three decimals everywhere */
	is_numbers("60.667|75|62*9", &commas, "numbers");   /* with thousands some would have three digits */
	is_numbers("7.940|987|0.345", &semicolons, "numbers");
	is_numbers("7.940|987|1234", &semicolons, "numbers");
	is_numbers("7.940|987|1.5", &semicolons, "numbers");
	is_numbers("7.940|987|1.234.567", &semicolons, "numbers with \".\" between thousands and a decimal comma");
	is_numbers("7.939,51|12,5|7.940", &semicolons, "numbers with \".\" between thousands and a decimal comma");
	in_doubt("12,5|7", &semicolons, FLT_DOUBT_DECIMAL_COMMAS, 0);
	is_numbers("12,5|7|1,234", &commas, "numbers with a decimal comma");
	is_numbers("12,5|7.940|987", &decimal_commas, "numbers with \".\" between thousands");
	is_numbers("7.940|987", &decimal_commas, "numbers with \".\" between thousands");
	is_numbers("7,940|987", &decimal_commas, "numbers");
	is_numbers("7.9|9.5", &decimal_commas, "numbers with a decimal point");
	in_doubt("1.5*9|2,5*2", &commas, FLT_DOUBT_ODD_TEXTS, 2);
	in_doubt("1,234|5.678", &commas, FLT_DOUBT_MARK, 0);
}
END_TEST

START_TEST(codes)
{
	is_text("113803*7|349909*3|PC 17599|A/5 21171*2", &commas);
	is_text("007*90|B7", &commas);                                       /* a 0 first: these count nothing */
	in_doubt("41*60|38*50|2x5", &commas, FLT_DOUBT_ODD_TEXTS, 1);        /* too few for codes */
	in_doubt("4.5*7|3.9*3|PC 17599*2", &commas, FLT_DOUBT_ODD_TEXTS, 2); /* codes have no decimals */
	in_doubt("41*7|-38*3|PC 17599*2", &commas, FLT_DOUBT_ODD_TEXTS, 2);
	in_doubt("41*7|38*3|many*2", &commas, FLT_DOUBT_ODD_TEXTS, 2);
	is_text("A10|110|B7", &commas);
	ck_assert(flt_is_code("A/5 21171", 9) && !flt_is_code("12", 2) && !flt_is_code("AB", 2));
	in_doubt("50000*9|50k*4", &commas, FLT_DOUBT_ODD_TEXTS, 4);
}
END_TEST

START_TEST(out_of_range)
{
	in_doubt("1|2|1e999", &commas, FLT_DOUBT_OUT_OF_RANGE, 0);
	in_doubt("$1|$2|$1e999", &commas, FLT_DOUBT_OUT_OF_RANGE, 0);
	in_doubt("inf|2|3", &commas, FLT_DOUBT_OUT_OF_RANGE, 0);
}
END_TEST

START_TEST(dates_are_no_numbers)
{
	ck_assert_int_eq(find("2024-01-31|2024-02-01|NULL", &commas).kind, FLT_FOUND_DATES);
	is_text("2024-01-31|soon", &commas);
	in_doubt("5*3|2024-01-31", &commas, FLT_DOUBT_ODD_TEXTS, 1);
}
END_TEST

START_TEST(numbers_by_option)
{
	struct flt_finding_rules forced = commas, forced_semicolons = semicolons;
	forced.must_be_numbers = forced_semicolons.must_be_numbers = true;
	is_numbers("5 kg*9|3 lb*2|7*2", &forced, "numbers with \"kg\" after them");
	ck_assert_uint_eq(find("5 kg*9|3 lb*2|7*2", &forced).n_odd, 4);
	is_numbers("red*50|7", &forced, "numbers");
	is_numbers("red|blue", &forced, "numbers");
	is_numbers("7.940|987", &forced_semicolons, "numbers");
	is_numbers("7,940|987", &forced_semicolons, "numbers with \",\" between thousands");
	is_numbers("12,5|7", &forced_semicolons, "numbers with a decimal comma");
	in_doubt("5|1e999", &forced, FLT_DOUBT_OUT_OF_RANGE, 0);
}
END_TEST

/* Some of the numbers were kept as numbers only. */
START_TEST(plain_numbers_without_texts)
{
	struct cells cells = {0};
	add(&cells, "NULL*5");
	struct flt_census census = {.texts = &cells.texts,
	                            .counts = cells.counts,
	                            .plain = {.n = 20, .has_mark = true, .has_hundreds = true, .may_be_grouped = true}};
	struct flt_finding finding = flt_find_type(&census, &semicolons);
	ck_assert_int_eq(finding.kind, FLT_FOUND_DOUBT);
	ck_assert_int_eq(finding.doubt, FLT_DOUBT_MARK);
	census.plain.may_be_grouped = false;
	finding = flt_find_type(&census, &semicolons);
	ck_assert_int_eq(finding.kind, FLT_FOUND_NUMBERS);
	ck_assert_uint_eq(finding.n_values, 20);
	ck_assert_uint_eq(finding.n_words, 5);
	flt_dictionary_release(&cells.texts);
}
END_TEST

/* The finding for 40,000 different texts, of which the share in percent that is ids, and the others in another format.
 */
static struct flt_finding find_among_many(unsigned percent, const char *before, const char *behind,
                                          const struct flt_finding_rules *rules)
{
	enum { N_MANY = 40000 };
	static size_t counts[N_MANY];
	struct flt_dictionary texts = {0};
	for (unsigned i = 0; i < N_MANY; i++) {
		char text[32];
		int32_t code;
		bool is_id = i % 100 < percent;
		snprintf(text, sizeof text, "%s%u%s", is_id ? "CK" : before, i, is_id ? "" : behind);
		ck_assert_int_eq(flt_dictionary_add(&texts, text, strlen(text), &code, NULL), FLT_OK);
		counts[code] = 1;
	}
	const struct flt_census census = {.texts = &texts, .counts = counts};
	struct flt_finding finding = flt_find_type(&census, rules);
	flt_dictionary_release(&texts);
	return finding;
}

START_TEST(many_texts_are_judged_as_few_are)
{
	ck_assert_int_eq(find_among_many(100, "", "", &commas).kind, FLT_FOUND_TEXT);
	ck_assert_int_eq(find_among_many(60, "$", ".5", &commas).kind, FLT_FOUND_TEXT);
	ck_assert_int_eq(find_among_many(0, "$", ".5", &commas).kind, FLT_FOUND_NUMBERS);
	/* Where the numbers are most, they are never text unasked. */
	struct flt_finding finding = find_among_many(40, "", ".5", &commas);
	ck_assert_int_eq(finding.kind, FLT_FOUND_DOUBT);
	ck_assert_uint_eq(finding.n_odd, 16000);
	struct flt_finding_rules numbers = commas;
	numbers.must_be_numbers = true;
	ck_assert_int_eq(find_among_many(100, "", "", &numbers).kind, FLT_FOUND_NUMBERS);
}
END_TEST

/* Whatever the texts are, there is a finding, and no order of them leads to another one. */
START_TEST(any_texts)
{
	static const char *const texts[] = {
	        "1",    "1.5",        "1,5",  "7.940", "7,940",   "1,234.5", "1.234,5", "987",   "12345",  "$5",
	        "5 kg", "5%",         "7 lb", "NULL",  "-",       "red",     "A10",     "007",   "(5)",    "5-",
	        "'5'",  "2024-01-31", "inf",  "1 234", "3 rooms", "4 halls", "<5",      "1'234", "\u22125"};
	static const struct flt_finding_rules *const rules[] = {&commas, &semicolons, &decimal_commas};
	struct flt_random random;
	flt_random_init(&random, 3, "columns", 0);
	size_t n_of[4] = {0};
	for (int i = 0; i < 3000; i++) {
		char list[1024] = "";
		for (size_t n = 1 + flt_random_below(&random, 6); n > 0; n--)
			sprintf(list + strlen(list), "%s*%zu|",
			        texts[flt_random_below(&random, sizeof texts / sizeof *texts)],
			        1 + flt_random_below(&random, 30));
		struct flt_finding finding = find(list, rules[i % 3]);
		ck_assert_uint_le(finding.n_odd, finding.n_values);
		ck_assert(finding.kind != FLT_FOUND_NUMBERS || finding.n_odd == 0);
		n_of[finding.kind]++;
	}
	for (int kind = 0; kind < 4; kind++)
		ck_assert_uint_gt(n_of[kind], 0);
}
END_TEST

/* Of few levels and of many, with missing cells, any number of rows, and counts that are not 0 before. */
START_TEST(codes_are_counted)
{
	enum { MOST_LEVELS = 300, MOST_ROWS = 1003 };
	static const size_t n_levels[] = {1, 2, 3, 63, 64, 65, MOST_LEVELS}, n_rows[] = {0, 1, 2, 3, 4, 5, MOST_ROWS};
	struct flt_random random;
	flt_random_init(&random, 8, "cells", 0);
	for (size_t l = 0; l < sizeof n_levels / sizeof *n_levels; l++)
		for (size_t r = 0; r < sizeof n_rows / sizeof *n_rows; r++) {
			int32_t cells[MOST_ROWS];
			size_t counts[MOST_LEVELS + 1], wanted[MOST_LEVELS + 1];
			for (size_t i = 0; i <= MOST_LEVELS; i++)
				counts[i] = wanted[i] = i;
			for (size_t i = 0; i < n_rows[r]; i++) {
				cells[i] = (int32_t)flt_random_below(&random, n_levels[l] + 1) - 1;
				if (cells[i] >= 0)
					wanted[cells[i]]++;
			}
			flt_count_codes(cells, n_rows[r], counts, n_levels[l]);
			ck_assert_mem_eq(counts, wanted, sizeof counts);
		}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("finding");
	TCase *cases = tcase_create("finding");
	tcase_add_test(cases, codes_are_counted);
	tcase_add_test(cases, missing_words);
	tcase_add_test(cases, dressed_numbers);
	tcase_add_test(cases, numbers_in_no_form);
	tcase_add_test(cases, points_and_commas);
	tcase_add_test(cases, codes);
	tcase_add_test(cases, out_of_range);
	tcase_add_test(cases, dates_are_no_numbers);
	tcase_add_test(cases, numbers_by_option);
	tcase_add_test(cases, plain_numbers_without_texts);
	tcase_add_test(cases, many_texts_are_judged_as_few_are);
	tcase_add_test(cases, any_texts);
	suite_add_tcase(suite, cases);
	return suite;
}
