/* Numbers as people write them: table/number_format. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/random.h"
#include "table/number_format.h"
#include "suite.h"

#define NBSP "\u00a0"
#define MINUS "\u2212"

static const struct flt_markers none;

/* Fails unless text is read as want in that format; NaN: it is no number of it. */
static void reads(const struct flt_number_format *format, const char *text, double want)
{
	double value = NAN;
	enum flt_numeric_cell cell = flt_formatted_cell_read(&none, format, text, strlen(text), &value);
	if (isnan(want))
		ck_assert_msg(cell == FLT_CELL_TEXT, "%s is read as %g", text, value);
	else
		ck_assert_msg(cell == FLT_CELL_NUMBER && value == want, "%s is read as %g", text, value);
}

START_TEST(plain_numbers)
{
	struct flt_number_format plain = flt_plain_format('.'), comma = flt_plain_format(',');
	ck_assert(flt_format_is_plain(&plain));
	reads(&plain, "12.5", 12.5);
	reads(&plain, " 12.5\t", 12.5);
	reads(&plain, NBSP "-3" NBSP, -3);
	reads(&plain, "+1e3", 1000);
	reads(&comma, "12,5", 12.5);
	static const char *const others[] = {"$5",      "5 kg", "5%",    "1,234", "(5)", "5-",
	                                     MINUS "5", "'5'",  "1 234", "12,5",  "x"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		reads(&plain, others[i], NAN);
	reads(&comma, "12.5", NAN);
}
END_TEST

START_TEST(missing_cells)
{
	struct flt_markers markers;
	struct flt_number_format money = {.decimal = '.', .prefix = "$"}, plain = flt_plain_format('.');
	static const char *const missing[] = {"",       " ",    NBSP,      "NA",      "?", "NULL", "None",
	                                      "<NA>",   "n/a",  "#DIV/0!", "\\N",     "-", "none", "-999",
	                                      "-999.0", "gone", " NULL ",  "Missing", ".", "--"};
	double value;
	ck_assert_int_eq(flt_markers_init("-999,gone", &markers, NULL), FLT_OK);
	for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
		const char *text = missing[i];
		ck_assert_msg(flt_formatted_cell_read(&markers, &plain, text, strlen(text), &value) == FLT_CELL_MISSING,
		              "%s", text);
	}
	ck_assert_int_eq(flt_formatted_cell_read(&markers, &money, "-$999.00", 8, &value), FLT_CELL_MISSING);
	ck_assert_int_eq(flt_formatted_cell_read(&markers, &money, "NULL", 4, &value), FLT_CELL_MISSING);
	ck_assert_int_eq(flt_formatted_cell_read(&markers, &money, "away", 4, &value), FLT_CELL_TEXT);
	ck_assert(markers.was_met[0] && markers.was_met[1]);
	flt_markers_release(&markers);
}
END_TEST

START_TEST(currencies_and_units)
{
	struct flt_number_format dollars = {
	        .decimal = '.', .thousands = FLT_THOUSANDS_COMMA, .prefix = "$", .parentheses = true};
	reads(&dollars, "$2,646.50", 2646.5);
	reads(&dollars, "$ 12", 12);
	reads(&dollars, "-$5", -5);
	reads(&dollars, "$-5", -5);
	reads(&dollars, "($5.25)", -5.25);
	reads(&dollars, "$(5.25)", -5.25);
	reads(&dollars, "5", NAN);
	reads(&dollars, "US$5", NAN);
	reads(&dollars, "$5 kg", NAN);
	reads(&dollars, "$5-", NAN); /* another style */
	struct flt_number_format euros = {
	        .decimal = ',', .thousands = FLT_THOUSANDS_POINT, .suffix = "\u20ac", .trailing_minus = true};
	reads(&euros, "1.234.567,89 \u20ac", 1234567.89);
	reads(&euros, "7.940" NBSP "\u20ac", 7940);
	reads(&euros, "5,00- \u20ac", NAN); /* the minus stands behind all */
	reads(&euros, "5,00 \u20ac-", -5);
	struct flt_number_format days = {.decimal = '.', .suffix = "days"};
	reads(&days, "1 day", 1);
	reads(&days, "2.5days", 2.5);
	reads(&days, "2 weeks", NAN);
	struct flt_number_format percents = {.decimal = '.', .suffix = "%", .minus_sign = true};
	reads(&percents, "26.5%", 26.5);
	reads(&percents, MINUS "3 %", -3);
	reads(&percents, "+3%", 3);
}
END_TEST

START_TEST(thousands)
{
	struct flt_number_format commas = {.decimal = '.', .thousands = FLT_THOUSANDS_COMMA};
	reads(&commas, "1,234", 1234);
	reads(&commas, "12,345,678.5", 12345678.5);
	reads(&commas, "1234.5", 1234.5);
	static const char *const wrong[] = {"1,23",         "1234,567", "1,234,5", "0,123",   ",123",  "1,,234",
	                                    "1,234,567,89", "12,3456",  "1.234,5", "1,234e3", "1 234", "1,234."};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		reads(&commas, wrong[i], NAN);
	struct flt_number_format blanks = {.decimal = ',', .thousands = FLT_THOUSANDS_BLANK};
	reads(&blanks, "1 234 567,5", 1234567.5);
	reads(&blanks, "1" NBSP "234\u202f567", 1234567);
	reads(&blanks, "12 34", NAN);
	struct flt_number_format apostrophes = {.decimal = '.', .thousands = FLT_THOUSANDS_APOSTROPHE, .quotes = true};
	reads(&apostrophes, "2'646.50", 2646.5);
	reads(&apostrophes, "2\u2019646", 2646);
	reads(&apostrophes, "'2'646'", 2646);
	reads(&commas, "12,34,567.5", 1234567.5); /* as in India */
	reads(&commas, "1,46,000", 146000);
	reads(&commas, "1,23,45,678", 12345678);
	static const char *const not_indian[] = {"1,23,45", "123,45,678", "1,234,56,789", "1,23,4567", "1,2,345"};
	for (size_t i = 0; i < sizeof not_indian / sizeof *not_indian; i++)
		reads(&commas, not_indian[i], NAN);
	char digits[300] = "1";
	for (int i = 0; i < 60; i++)
		strcat(digits, ",234");
	reads(&commas, digits, NAN); /* a number of that length is a mistake */
}
END_TEST

START_TEST(no_numbers_at_all)
{
	static const char *const texts[] = {
	        "",     "-",    "$",      "kg",         "<100",       "10-20",    "5 or more", "12:30", "1.2.3",
	        "A10",  "10A7", "7 of 9", "1/2",        "--5",        "- -5",     "(5",        "5)",    "((5))",
	        "'5",   "5e",   "1e5 e5", "0x1F",       "5 5",        "12abc",    "e5",        ".",     "192.168.0.1",
	        "(-5)", "-(5)", "5--",    "2024-01-31", "31.01.2024", "\xff\xfe", "5\xc2"};
	struct flt_number_shape shape;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		ck_assert_msg(!flt_number_shape_of(texts[i], strlen(texts[i]), &shape), "%s", texts[i]);
}
END_TEST

START_TEST(like_numbers)
{
	static const char *const yes[] = {"'2646.50", "6.1M", "~12.5",   "='12.5'", "=\"12.5\"", "1.5 CR",
	                                  "# 1.25",   "≈3,5", "٢٦٤٦.٥٠", "-۱۲٫۵",   "१२३",       "２６４６"};
	static const char *const no[] = {"",     "x",          "'2646",        "6M",        "E11.9",
	                                 "v1.2", "1.2.3",      "<12.5",        "10.5-20.5", "5.1.",
	                                 "(1.5", "2024-01-31", "1.5 potatoes", "52.5, 13.4"};
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		ck_assert_msg(flt_is_like_number(yes[i], strlen(yes[i])), "%s", yes[i]);
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		ck_assert_msg(!flt_is_like_number(no[i], strlen(no[i])), "%s", no[i]);
}
END_TEST

START_TEST(in_words)
{
	char text[FLT_FORMAT_TEXT];
	struct flt_number_format format = flt_plain_format('.');
	flt_format_describe(&format, false, text, sizeof text);
	ck_assert_str_eq(text, "numbers");
	format = (struct flt_number_format){.decimal = ',',
	                                    .thousands = FLT_THOUSANDS_POINT,
	                                    .prefix = "EUR",
	                                    .suffix = "kg",
	                                    .parentheses = true,
	                                    .trailing_minus = true,
	                                    .minus_sign = true,
	                                    .quotes = true};
	ck_assert_int_lt(flt_format_describe(&format, true, text, sizeof text), sizeof text);
	ck_assert_str_eq(
	        text, "numbers with \"EUR\" before them, \"kg\" after them, \".\" between thousands, a decimal comma, "
	              "negative ones in parentheses, the minus behind, \"" MINUS "\" for minus and ' around them");
	char small[10];
	ck_assert_int_gt(flt_format_describe(&format, true, small, sizeof small), 100);
	ck_assert_str_eq(small, "numbers w");
}
END_TEST

START_TEST(another_decimal_mark)
{
	struct flt_number_format format = {.decimal = '.', .thousands = FLT_THOUSANDS_COMMA};
	format = flt_format_with_decimal(format, ',');
	ck_assert_int_eq(format.decimal, ',');
	ck_assert_int_eq(format.thousands, FLT_THOUSANDS_POINT);
	format.thousands = FLT_THOUSANDS_BLANK;
	ck_assert_int_eq(flt_format_with_decimal(format, '.').thousands, FLT_THOUSANDS_BLANK);
}
END_TEST

/* ---- round trip ---- */

static size_t draw(struct flt_random *random, size_t n)
{
	return (size_t)flt_random_below(random, n);
}

static struct flt_number_format random_format(struct flt_random *random)
{
	static const char *const affixes[] = {"", "", "$", "EUR", "\u00a3", "kr"};
	static const char *const units[] = {"", "", "%", "kg", "days", "\u00b0C", "EUR"};
	struct flt_number_format format = {.decimal = ".,"[draw(random, 2)]};
	do
		format.thousands = (enum flt_thousands)draw(random, FLT_N_THOUSANDS);
	while (*flt_thousands_words[format.thousands] == format.decimal);
	strcpy(format.prefix, affixes[draw(random, 6)]);
	strcpy(format.suffix, units[draw(random, 7)]);
	format.parentheses = draw(random, 2);
	format.minus_sign = draw(random, 2);
	format.quotes = draw(random, 2);
	return format;
}

/* Writes cents / 100 in the format. */
static void write_number(const struct flt_number_format *format, long cents, char *text)
{
	char digits[32], *out = text;
	bool is_negative = cents < 0;
	snprintf(digits, sizeof digits, "%ld", labs(cents) / 100);
	out += sprintf(out, "%s%s%s", format->quotes ? "'" : "",
	               !is_negative          ? ""
	               : format->parentheses ? "("
	               : format->minus_sign  ? MINUS
	                                     : "-",
	               format->prefix);
	for (size_t i = 0, n = strlen(digits); i < n; i++)
		out += sprintf(out, "%s%c", i > 0 && (n - i) % 3 == 0 ? flt_thousands_words[format->thousands] : "",
		               digits[i]);
	sprintf(out, "%c%02ld%s%s%s%s", format->decimal, labs(cents) % 100, *format->suffix ? " " : "", format->suffix,
	        is_negative && format->parentheses ? ")" : "", format->quotes ? "'" : "");
}

START_TEST(what_is_written_is_read)
{
	struct flt_random random;
	flt_random_init(&random, 1, "formats", 0);
	for (int i = 0; i < 20000; i++) {
		struct flt_number_format format = random_format(&random);
		char text[128];
		long cents = (long)draw(&random, (size_t)1 << (1 + draw(&random, 50))) - 500;
		write_number(&format, cents, text);
		reads(&format, text, (double)cents / 100);
	}
}
END_TEST

/* A text that is taken apart has its parts within itself, whatever it is. */
START_TEST(any_text)
{
	static const char *const pieces[] = {"1",  "23", "456", "0", ".",      ",",    "'",        "\u2019", " ",
	                                     NBSP, "-",  MINUS, "+", "(",      ")",    "$",        "EUR",    "kg",
	                                     "%",  "e",  "E5",  "x", "\u20ac", "\xff", "\xe2\x80", "\t"};
	struct flt_random random;
	flt_random_init(&random, 2, "texts", 0);
	size_t n_numbers = 0;
	for (int i = 0; i < 200000; i++) {
		char text[64] = "";
		for (size_t n = draw(&random, 9); n > 0; n--)
			strcat(text, pieces[draw(&random, sizeof pieces / sizeof *pieces)]);
		size_t length = strlen(text);
		char *exact = malloc(length ? length : 1); /* so that a sanitizer sees a byte too far */
		memcpy(exact, text, length);
		struct flt_number_shape shape;
		if (flt_number_shape_of(exact, length, &shape)) {
			n_numbers++;
			ck_assert(shape.core >= exact && shape.core + shape.n_core <= exact + length &&
			          shape.n_core > 0);
			ck_assert(shape.suffix + shape.n_suffix <= exact + length);
			ck_assert_uint_lt(shape.n_suffix, FLT_AFFIX_SIZE);
			ck_assert_uint_lt(shape.n_prefix, FLT_AFFIX_SIZE);
		}
		double value;
		if (flt_number_parse(exact, length, '.', &value) == FLT_NUMBER)
			ck_assert_msg(flt_number_shape_of(exact, length, &shape), "%s", text);
		free(exact);
	}
	ck_assert_uint_gt(n_numbers, 1000);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("number format");
	TCase *cases = tcase_create("number format");
	tcase_add_test(cases, plain_numbers);
	tcase_add_test(cases, missing_cells);
	tcase_add_test(cases, currencies_and_units);
	tcase_add_test(cases, thousands);
	tcase_add_test(cases, no_numbers_at_all);
	tcase_add_test(cases, like_numbers);
	tcase_add_test(cases, in_words);
	tcase_add_test(cases, another_decimal_mark);
	tcase_add_test(cases, what_is_written_is_read);
	tcase_add_test(cases, any_text);
	suite_add_tcase(suite, cases);
	return suite;
}
