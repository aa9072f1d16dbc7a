/* base/nearest, base/powers_of_five and base/short_number: the table against whole numbers of any length, the double
 * against strtod (which runs in the C locale here), short numbers against base/number. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/powers_of_five.h"
#include "base/random.h"
#include "base/short_number.h"
#include "suite.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

/* ---- the table ---- */

enum { N_WORDS = 64 }; /* 2048 bits, the lowest word first: 2^1718 is the most that is divided */

struct whole {
	uint32_t words[N_WORDS];
};

static void multiply_by(struct whole *whole, uint32_t factor)
{
	uint64_t carry = 0;
	for (size_t i = 0; i < N_WORDS; i++) {
		carry += (uint64_t)whole->words[i] * factor;
		whole->words[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry)
		ck_abort_msg("too few words");
}

static size_t n_bits(const struct whole *whole)
{
	size_t n = 32 * N_WORDS;
	while (n > 0 && (whole->words[(n - 1) / 32] >> (n - 1) % 32 & 1) == 0)
		n--;
	return n;
}

static bool bit(const struct whole *whole, size_t i)
{
	return whole->words[i / 32] >> i % 32 & 1;
}

/* whole * 2 + low */
static void shift_in(struct whole *whole, bool low)
{
	for (size_t i = 0; i < N_WORDS; i++) {
		uint32_t word = whole->words[i];
		whole->words[i] = word << 1 | low;
		low = word >> 31;
	}
}

/* Takes b away if it is not more; whether it was not. */
static bool take_away(struct whole *a, const struct whole *b)
{
	struct whole left;
	uint64_t borrow = 0;
	for (size_t i = 0; i < N_WORDS; i++) {
		uint64_t difference = (uint64_t)a->words[i] - b->words[i] - borrow;
		left.words[i] = (uint32_t)difference;
		borrow = difference >> 63;
	}
	if (!borrow)
		*a = left;
	return !borrow;
}

/* 128 bits, of which the first in high is the highest. */
struct two_words {
	uint64_t high, low;
};

static void put_bit(struct two_words *bits, bool low)
{
	bits->high = bits->high << 1 | bits->low >> 63;
	bits->low = bits->low << 1 | low;
}

/* The first 128 bits of divisor, or with `inverse` of 1 / divisor, rounded down. */
static struct two_words first_bits(const struct whole *divisor, bool inverse)
{
	struct two_words bits = {0, 0};
	if (!inverse) {
		size_t n = n_bits(divisor);
		for (size_t i = 0; i < 128; i++)
			put_bit(&bits, i < n && bit(divisor, n - 1 - i));
		return bits;
	}
	struct whole rest = {{1}};
	while (!(bits.high >> 63)) {
		shift_in(&rest, false);
		put_bit(&bits, take_away(&rest, divisor));
	}
	return bits;
}

START_TEST(powers_of_five_as_worked_out_by_hand)
{
	struct whole power = {{1}};
	for (int q = 0; q <= -FLT_LEAST_POWER; q++, multiply_by(&power, 5)) {
		struct two_words want = first_bits(&power, false);
		const uint64_t *has = flt_powers_of_five[(q <= FLT_MOST_POWER ? q : 0) - FLT_LEAST_POWER];
		if (q <= FLT_MOST_POWER)
			ck_assert_msg(has[0] == want.high && has[1] == want.low, "5^%d", q);
		if (q == 0)
			continue;
		want = first_bits(&power, true);
		want.low += q <= 27;
		want.high += q <= 27 && want.low == 0;
		has = flt_powers_of_five[-q - FLT_LEAST_POWER];
		ck_assert_msg(has[0] == want.high && has[1] == want.low, "5^-%d", q);
	}
}
END_TEST

/* ---- the nearest double ---- */

static uint64_t bits_of(double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	return bits;
}

static void nearest_as_strtod(uint64_t digits, int exponent)
{
	char text[64];
	sprintf(text, "%" PRIu64 "e%d", digits, exponent);
	double want = strtod(text, NULL);
	if (bits_of(flt_nearest_by_product(digits, exponent)) != bits_of(want))
		ck_abort_msg("%s by a product", text);
	if (bits_of(flt_nearest_double(digits, exponent)) != bits_of(want))
		ck_abort_msg("%s", text);
}

START_TEST(any_digits_and_power_as_strtod)
{
	struct flt_random random;
	flt_random_init(&random, 1, "nearest", 0);
	for (int i = 0; i < 600000; i++) {
		uint64_t digits = flt_random_next(&random) >> flt_random_below(&random, 64);
		nearest_as_strtod(digits, (int)flt_random_below(&random, 720) - 370);
		nearest_as_strtod(digits, (int)flt_random_below(&random, 60) - 30);
	}
	for (int exponent = -400; exponent < 400; exponent++) {
		nearest_as_strtod(0, exponent);
		nearest_as_strtod(1, exponent);
		nearest_as_strtod(UINT64_MAX, exponent);
	}
	nearest_as_strtod(UINT64_MAX, INT16_MIN);
	nearest_as_strtod(1, INT16_MAX);
}
END_TEST

/* Points half way between two doubles, and those beside them. */
START_TEST(half_way_as_strtod)
{
	static const uint64_t five = 5;
	struct flt_random random;
	flt_random_init(&random, 1, "nearest half", 0);
	for (int i = 0; i < 400000; i++) {
		uint64_t digits = ((uint64_t)1 << 54) + 1 + 2 * flt_random_below(&random, (uint64_t)1 << 53);
		int power = (int)flt_random_below(&random, 5);
		for (int k = 0; k < power; k++)
			digits = digits <= UINT64_MAX / five ? digits * five : digits;
		for (int aside = -1; aside <= 1; aside++)
			for (int exponent = -5; exponent < 2; exponent++)
				nearest_as_strtod(digits + (uint64_t)(int64_t)aside, exponent);
	}
	for (int exponent = 1; exponent <= 24; exponent++) /* (2^53 + k + 1/2) = m 10^exponent for some k */
		for (uint64_t k = 1; k < 2000; k++)
			nearest_as_strtod(k, exponent);
}
END_TEST

/* ---- short numbers ---- */

/* The text lies at the end of its memory, but for the bytes that may be read. */
static bool read_short(const char *text, size_t length, double *value)
{
	char *memory = malloc(length + FLT_NUMBER_PADDING);
	double dividend, divisor;
	memcpy(memory, text, length);
	memset(memory + length, length % 2 ? '7' : ',', FLT_NUMBER_PADDING);
	bool is_short = flt_short_number_parse(memory, length, '.', &dividend, &divisor);
	if (is_short)
		*value = dividend / divisor;
	free(memory);
	return is_short;
}

/* Whether the text is a short number; it must be the same in base/number. */
static bool same_as_general(const char *text)
{
	double value, want;
	if (!read_short(text, strlen(text), &value))
		return false;
	if (flt_number_parse(text, strlen(text), '.', &want) != FLT_NUMBER || bits_of(value) != bits_of(want))
		ck_abort_msg("%s: %a, and not as base/number reads it", text, value);
	return true;
}

START_TEST(short_numbers_as_others)
{
	static const char *const are[] = {"0",
	                                  "-0",
	                                  "7",
	                                  "-1.5",
	                                  "0.0",
	                                  "-0.000",
	                                  "12345678",
	                                  "1234567.5",
	                                  "123456789",
	                                  "1234567890123456789",
	                                  "1234567.123456789012",
	                                  "0.000000000000000001",
	                                  "-9999999999999999999",
	                                  "9007199254740993",
	                                  "0.9007199254740993",
	                                  "1.000000000000000111"};
	static const char *const are_not[] = {"",
	                                      "-",
	                                      "+1",
	                                      ".5",
	                                      "1.",
	                                      "-.5",
	                                      "1e5",
	                                      "1.5e-7",
	                                      "--1",
	                                      "1-",
	                                      "1..5",
	                                      "1.5.",
	                                      "1,5",
	                                      "abc",
	                                      "1a",
	                                      "NaN",
	                                      "inf",
	                                      "0x1",
	                                      " 1",
	                                      "1 ",

	                                      "12345678901234567890",
	                                      "1.2345678901234567890",
	                                      "123456789a",
	                                      "123456789.5",
	                                      "1.23456789a",
	                                      "1.2345678/",
	                                      "1.2345678:"};
	for (size_t i = 0; i < N_OF(are); i++)
		ck_assert_msg(same_as_general(are[i]), "%s", are[i]);
	for (size_t i = 0; i < N_OF(are_not); i++)
		ck_assert_msg(!same_as_general(are_not[i]), "%s", are_not[i]);
}
END_TEST

START_TEST(random_short_numbers_as_others)
{
	static const char marks[] = "0123456789.-+eE ,\0\x80\xb0:/";
	struct flt_random random;
	size_t n_short = 0, n = 1000000;
	flt_random_init(&random, 1, "short", 0);
	for (size_t i = 0; i < n; i++) {
		char text[32];
		size_t length = 1 + flt_random_below(&random, 24), place = flt_random_below(&random, 12);
		for (size_t k = 0; k < length; k++)
			text[k] = (char)('0' + flt_random_below(&random, 10));
		text[length] = '\0';
		if (place < length)
			text[place] = '.';
		if (flt_random_below(&random, 2))
			text[0] = '-';
		if (flt_random_below(&random, 4) == 0)
			text[flt_random_below(&random, length)] = marks[flt_random_below(&random, sizeof marks - 1)];
		n_short += same_as_general(text);
	}
	ck_assert_uint_gt(n_short, n / 3);
	ck_assert_uint_lt(n_short, n * 9 / 10);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("nearest");
	TCase *cases = tcase_create("nearest");
	tcase_set_timeout(cases, 120);
	tcase_add_test(cases, powers_of_five_as_worked_out_by_hand);
	tcase_add_test(cases, any_digits_and_power_as_strtod);
	tcase_add_test(cases, half_way_as_strtod);
	tcase_add_test(cases, short_numbers_as_others);
	tcase_add_test(cases, random_short_numbers_as_others);
	suite_add_tcase(suite, cases);
	return suite;
}
