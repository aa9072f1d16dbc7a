/* base/number: the same double as strtod (which runs in the C locale here) on millions of texts of the grammar; texts
 * outside it; formatting that reads back. */
#include <float.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/random.h"
#include "suite.h"

static uint64_t bits(double value)
{
	uint64_t u;
	memcpy(&u, &value, sizeof u);
	return u;
}

/* Fails unless text is read as strtod reads it; infinity must be out of range. */
static void same_as_strtod(const char *text)
{
	double value = -1, want = strtod(text, NULL);
	enum flt_number kind = flt_number_parse(text, strlen(text), '.', &value);
	if (isinf(want)) {
		ck_assert_msg(kind == FLT_NUMBER_OUT_OF_RANGE, "%.80s is not out of range", text);
		return;
	}
	if (kind != FLT_NUMBER || bits(value) != bits(want))
		ck_abort_msg("%.80s: %a, strtod says %a", text, value, want);
}

static char *random_digits(struct flt_random *random, char *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*out++ = (char)('0' + flt_random_below(random, 10));
	return out;
}

/* A random text of the grammar: sign, digits, point and exponent each present or not. */
static void random_number(struct flt_random *random, char *out, size_t most_digits, size_t most_exponent)
{
	if (flt_random_below(random, 3) == 0)
		*out++ = flt_random_below(random, 2) ? '-' : '+';
	size_t n_whole = flt_random_below(random, most_digits), n_fraction = flt_random_below(random, most_digits);
	if (n_whole == 0 && n_fraction == 0)
		n_whole = 1;
	out = random_digits(random, out, n_whole);
	if (n_fraction > 0) {
		*out++ = '.';
		out = random_digits(random, out, n_fraction);
	}
	*out = '\0';
	if (flt_random_below(random, 2) == 0)
		sprintf(out, "%c%s%zu", flt_random_below(random, 2) ? 'e' : 'E',
		        &"-\0+\0\0"[2 * flt_random_below(random, 3)], flt_random_below(random, most_exponent));
}

START_TEST(short_texts_as_strtod)
{
	struct flt_random random;
	flt_random_init(&random, 1, "number short", 0);
	for (int i = 0; i < 800000; i++) {
		char text[64];
		random_number(&random, text, 9, 40);
		same_as_strtod(text);
	}
}
END_TEST

START_TEST(printed_doubles_as_strtod)
{
	struct flt_random random;
	flt_random_init(&random, 1, "number printed", 0);
	for (int i = 0; i < 400000; i++) {
		char text[64];
		snprintf(text, sizeof text, "%.15g", flt_random_normal(&random));
		same_as_strtod(text);
		snprintf(text, sizeof text, "%.17g", flt_random_normal(&random) * 1e5);
		same_as_strtod(text);
	}
}
END_TEST

/* Up to 20 digits, zeros before them, small powers: where 128 bits settle it, and just beyond. Half of the digits are
 * those of points half way between two doubles, as far as 19 digits tell them. */
START_TEST(seventeen_digits_as_strtod)
{
	struct flt_random random;
	flt_random_init(&random, 1, "number digits", 0);
	for (int i = 0; i < 1000000; i++) {
		char digits[32], text[96], *out = text;
		size_t n = 15 + flt_random_below(&random, 6), whole = flt_random_below(&random, n + 1);
		uint64_t odd = ((uint64_t)1 << 53) + 1 + 2 * flt_random_below(&random, (uint64_t)1 << 52);
		if (i % 2)
			*random_digits(&random, digits, n) = '\0';
		else
			n = (size_t)sprintf(digits, "%" PRIu64, odd << flt_random_below(&random, 9));
		whole = whole < n ? whole : n;
		out += sprintf(out, "%.*s.", (int)whole, digits);
		for (size_t zeros = whole ? 0 : flt_random_below(&random, 12); zeros > 0; zeros--)
			*out++ = '0';
		out += sprintf(out, "%s", digits + whole);
		if (flt_random_below(&random, 2))
			sprintf(out, "e%d", (int)flt_random_below(&random, 70) - 35);
		same_as_strtod(text);
	}
}
END_TEST

START_TEST(long_texts_as_strtod)
{
	struct flt_random random;
	flt_random_init(&random, 1, "number long", 0);
	for (int i = 0; i < 200000; i++) {
		char text[160];
		random_number(&random, text, 40, 400);
		same_as_strtod(text);
	}
	for (int i = 0; i < 2000; i++) {
		char text[4200];
		random_number(&random, text, 2000, 4000);
		same_as_strtod(text);
	}
}
END_TEST

/* Every bit pattern class, subnormals included, printed with 17 digits and exactly. */
START_TEST(random_bits_as_strtod)
{
	struct flt_random random;
	flt_random_init(&random, 1, "number bits", 0);
	for (int i = 0; i < 300000; i++) {
		uint64_t u = flt_random_next(&random);
		if (i % 4 == 0)
			u &= 0x800FFFFFFFFFFFFF; /* subnormal */
		double value;
		memcpy(&value, &u, sizeof value);
		if (!isfinite(value))
			continue;
		char text[64];
		snprintf(text, sizeof text, "%.16e", value);
		same_as_strtod(text);
	}
}
END_TEST

/* The exact decimal of the point half way between two doubles (up to 767 digits), as it is and with a digit far behind
 * it: the first is a tie, the second is not. */
START_TEST(halfway_as_strtod)
{
	struct flt_random random;
	flt_random_init(&random, 1, "number halfway", 0);
	for (int i = 0; i < 5000; i++) {
		uint64_t u = flt_random_next(&random) & 0x7FFFFFFFFFFFFFFF;
		if (i % 2)
			u = (u & 0x000FFFFFFFFFFFFF) | (uint64_t)(i / 2 % 128) << 52;
		double low, high;
		memcpy(&low, &u, sizeof low);
		u++;
		memcpy(&high, &u, sizeof high);
		if (!isfinite(low) || !isfinite(high))
			continue;
		char text[2600];
#if LDBL_MANT_DIG >= 64
		int n = snprintf(text, sizeof text, "%.1200Le", ((long double)low + (long double)high) / 2);
#else
		int n = snprintf(text, sizeof text, "%.1200e", low);
#endif
		ck_assert_int_lt(n, (int)sizeof text);
		same_as_strtod(text);
		strchr(text, 'e')[-1] = '1';
		same_as_strtod(text);
	}
}
END_TEST

START_TEST(edges_as_strtod)
{
	static const char *const texts[] = {"0",
	                                    "-0",
	                                    "+0",
	                                    "0.0",
	                                    "-.0",
	                                    ".400",
	                                    "18.",
	                                    "-5.e3",
	                                    "007",
	                                    "1e0",
	                                    "1e-0",
	                                    "9007199254740993",
	                                    "9007199254740992",
	                                    "9007199254740991",
	                                    "18446744073709551615",
	                                    "18446744073709551616",
	                                    "99999999999999999999",
	                                    "1.7976931348623157e308",
	                                    "1.7976931348623158e308",
	                                    "1.7976931348623159e308",
	                                    "1e308",
	                                    "1e309",
	                                    "1e999",
	                                    "-1e999",
	                                    "4.9e-324",
	                                    "2.4703282292062327e-324",
	                                    "2.4703282292062328e-324",
	                                    "1e-999",
	                                    "-1e-999",
	                                    "2.2250738585072011e-308",
	                                    "2.2250738585072014e-308",
	                                    "0e999999999999999999999",
	                                    "0.0e-99999999999",
	                                    "1e-99999999999999999999",
	                                    "1e99999999999999999999",
	                                    "123456789012345678901234567890e99999",
	                                    "123456789012345678901234567890e-99999",
	                                    "1e22",
	                                    "1e23",
	                                    "1e-22",
	                                    "1e-23",
	                                    "123456789012345e22",
	                                    "0000000000000000000000000000001.5",
	                                    ".00000000000000000000000000000015e30",
	                                    "6929495644600919.5",
	                                    "8.988465674311580e307",
	                                    "5e-324",
	                                    "00000000000000000000e5"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		same_as_strtod(texts[i]);
}
END_TEST

/* Zeros by the ten thousand, on both sides of the point, which the exponent takes back. */
START_TEST(very_long_texts)
{
	enum { N = 100000 };
	static char text[2 * N];
	double value = 0;
	memset(text, '0', N);
	memcpy(text, "0.", 2);
	sprintf(text + N, "15e%d", N);
	ck_assert_int_eq(flt_number_parse(text, strlen(text), '.', &value), FLT_NUMBER);
	ck_assert_double_eq(value, 15);
	memset(text, '0', N);
	text[0] = '3';
	sprintf(text + N, "e-%d", N - 1);
	ck_assert_int_eq(flt_number_parse(text, strlen(text), '.', &value), FLT_NUMBER);
	ck_assert_double_eq(value, 3);
	memset(text, '9', N);
	text[N] = '\0';
	ck_assert_int_eq(flt_number_parse(text, N, '.', &value), FLT_NUMBER_OUT_OF_RANGE);
}
END_TEST

START_TEST(texts_outside_the_grammar)
{
	static const char *const texts[] = {
	        "",    "+",   "-",        ".",     "-.",         ".e3",   "e5",  ".e5",   "1e",  "1e+", "1e5.",  "1e5 ",
	        " 1",  "1 ",  "1,5",      "1_000", "0x10",       "0x1p3", "nan", "NaN",   "--1", "+-1", "1.2.3", "1..",
	        "1-2", "1d5", "infinite", "in",    "2024-01-31", "١",     "1f",  "1e5e5", "$1",  "1%"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		double value = 42;
		enum flt_number kind = flt_number_parse(texts[i], strlen(texts[i]), '.', &value);
		ck_assert_msg(kind == FLT_NOT_A_NUMBER, "\"%s\" was taken", texts[i]);
		ck_assert_double_eq(value, 42);
	}
	static const char *const infinite[] = {"inf", "-inf", "+INF", "Infinity", "-infinity", "1e309"};
	for (size_t i = 0; i < sizeof infinite / sizeof *infinite; i++) {
		double value;
		enum flt_number kind = flt_number_parse(infinite[i], strlen(infinite[i]), '.', &value);
		ck_assert_msg(kind == FLT_NUMBER_OUT_OF_RANGE, "\"%s\" is not out of range", infinite[i]);
	}
}
END_TEST

START_TEST(reads_no_further_than_its_length)
{
	double value;
	ck_assert_int_eq(flt_number_parse("12345", 3, '.', &value), FLT_NUMBER);
	ck_assert_double_eq(value, 123);
	ck_assert_int_eq(flt_number_parse("1e5", 2, '.', &value), FLT_NOT_A_NUMBER);
	ck_assert_int_eq(flt_number_parse("1.5", 2, '.', &value), FLT_NUMBER);
	ck_assert_double_eq(value, 1);
}
END_TEST

START_TEST(decimal_comma)
{
	double value;
	ck_assert_int_eq(flt_number_parse("-1,25e2", 7, ',', &value), FLT_NUMBER);
	ck_assert_double_eq(value, -125);
	ck_assert_int_eq(flt_number_parse("1.25", 4, ',', &value), FLT_NOT_A_NUMBER);
	ck_assert_int_eq(flt_number_parse("0,12345678901234567890123", 25, ',', &value), FLT_NUMBER);
	ck_assert_double_eq(value, 0.12345678901234567890123);
}
END_TEST

START_TEST(doubles_read_back)
{
	struct flt_random random;
	flt_random_init(&random, 1, "number format", 0);
	for (int i = 0; i < 200000; i++) {
		uint64_t u = flt_random_next(&random);
		double value;
		if (i % 2)
			value = flt_random_normal(&random) * pow(10, (double)flt_random_below(&random, 40) - 20);
		else
			memcpy(&value, &u, sizeof value);
		if (!isfinite(value))
			continue;
		char text[FLT_NUMBER_SIZE];
		flt_number_format(value, text);
		if (bits(strtod(text, NULL)) != bits(value))
			ck_abort_msg("%a was written as %s", value, text);
		ck_assert_uint_lt(strlen(text), FLT_NUMBER_SIZE);
	}
}
END_TEST

START_TEST(floats_read_back)
{
	struct flt_random random;
	flt_random_init(&random, 1, "number format float", 0);
	for (int i = 0; i < 300000; i++) {
		uint32_t u = (uint32_t)flt_random_next(&random);
		float value;
		memcpy(&value, &u, sizeof value);
		if (!isfinite(value))
			continue;
		char text[FLT_NUMBER_SIZE];
		flt_number_format_float(value, text);
		float back = strtof(text, NULL);
		if (memcmp(&back, &value, sizeof value) != 0)
			ck_abort_msg("%a was written as %s", (double)value, text);
	}
}
END_TEST

/* The significant digits of a number's text, without outer zeros. */
static void digits_of(const char *text, char digits[64])
{
	size_t n = 0;
	for (; *text && *text != 'e'; text++)
		if (*text >= '0' && *text <= '9' && (n > 0 || *text != '0'))
			digits[n++] = *text;
	while (n > 0 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
}

/* Where an estimate of the exponent is easily one off. */
static double near_power_of_ten(struct flt_random *random)
{
	double value = pow(10, (double)flt_random_below(random, 30) - 10);
	uint64_t u = bits(value) + flt_random_below(random, 61) - 30;
	memcpy(&value, &u, sizeof value);
	return value;
}

/* The digits are those of the shortest text that printf can give, where whole numbers make them and where not. */
START_TEST(digits_are_those_of_printf)
{
	struct flt_random random;
	flt_random_init(&random, 1, "number format digits", 0);
	for (int i = 0; i < 60000; i++) {
		double value =
		        i % 5 == 0   ? flt_random_uniform(&random)
		        : i % 5 == 1 ? exp(-40 * flt_random_uniform(&random))
		        : i % 5 == 2 ? (double)flt_random_below(&random, 10000000) / 1000
		        : i % 5 == 3 ? ldexp(1 + flt_random_uniform(&random), (int)flt_random_below(&random, 200) - 150)
		                     : near_power_of_ten(&random);
		char text[FLT_NUMBER_SIZE], want[64], digits[64], want_digits[64];
		flt_number_format(value, text);
		for (int n = 1; n <= 17; n++) {
			snprintf(want, sizeof want, "%.*e", n - 1, value);
			if (strtod(want, NULL) == value)
				break;
		}
		digits_of(text, digits);
		digits_of(want, want_digits);
		if (strcmp(digits, want_digits) != 0)
			ck_abort_msg("%a was written as %s, printf says %s", value, text, want);
	}
}
END_TEST

static void written(double value, const char *want)
{
	char text[FLT_NUMBER_SIZE];
	flt_number_format(value, text);
	ck_assert_str_eq(text, want);
}

START_TEST(texts_are_short)
{
	written(0, "0");
	written(-0.0, "-0");
	written(0.1, "0.1");
	written(0.1 + 0.2, "0.30000000000000004");
	written(100, "100");
	written(-1234.5, "-1234.5");
	written(1e15, "1000000000000000");
	written(1e16, "1e16");
	written(0.00001, "0.00001");
	written(0.000001234, "1.234e-6");
	written(5e-324, "5e-324");
	written(DBL_MAX, "1.7976931348623157e308");
	written(-2.2250738585072014e-308, "-2.2250738585072014e-308");
	written(NAN, "nan");
	written(INFINITY, "inf");
	written(-INFINITY, "-inf");
	char text[FLT_NUMBER_SIZE];
	flt_number_format_float(0.1f, text);
	ck_assert_str_eq(text, "0.1");
	flt_number_format_float(16777216.0f, text);
	ck_assert_str_eq(text, "16777216");
	flt_number_format_float(1e-45f, text);
	ck_assert_str_eq(text, "1e-45");
}
END_TEST

/* Runs where a locale with a decimal comma is installed; elsewhere there is nothing that could go wrong. */
START_TEST(blind_to_the_locale)
{
	static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "nl_NL.UTF-8"};
	bool found = false;
	for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++)
		found = setlocale(LC_ALL, names[i]) != NULL;
	double value;
	ck_assert_int_eq(flt_number_parse("1.5", 3, '.', &value), FLT_NUMBER);
	ck_assert_double_eq(value, 1.5);
	ck_assert_int_eq(flt_number_parse("1.2345678901234567890123", 24, '.', &value), FLT_NUMBER);
	ck_assert_double_eq(value, 1.2345678901234567890123);
	written(1.5, "1.5");
	written(0.1 + 0.2, "0.30000000000000004");
	setlocale(LC_ALL, "C");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("number");
	TCase *cases = tcase_create("parse and format");
	tcase_set_timeout(cases, 60);
	tcase_add_test(cases, short_texts_as_strtod);
	tcase_add_test(cases, printed_doubles_as_strtod);
	tcase_add_test(cases, seventeen_digits_as_strtod);
	tcase_add_test(cases, long_texts_as_strtod);
	tcase_add_test(cases, random_bits_as_strtod);
	tcase_add_test(cases, halfway_as_strtod);
	tcase_add_test(cases, edges_as_strtod);
	tcase_add_test(cases, very_long_texts);
	tcase_add_test(cases, texts_outside_the_grammar);
	tcase_add_test(cases, reads_no_further_than_its_length);
	tcase_add_test(cases, decimal_comma);
	tcase_add_test(cases, doubles_read_back);
	tcase_add_test(cases, floats_read_back);
	tcase_add_test(cases, digits_are_those_of_printf);
	tcase_add_test(cases, texts_are_short);
	tcase_add_test(cases, blind_to_the_locale);
	suite_add_tcase(suite, cases);
	return suite;
}
