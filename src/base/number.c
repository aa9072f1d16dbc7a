/*
 * The digits of a number are read as one integer, and its power of ten is counted. Up to 19 digits are an integer of 64
 * bits, from which nearest.h makes the double.
 *
 * A text with more of them is rewritten as `digits e exponent`, without a point, and given to strtod: the only thing
 * that a locale changes in a number is the point. The copy is bounded: no more than 767 digits decide how a double
 * rounds, so the digits beyond KEPT only matter as "some of them is not zero" and become one trailing 1.
 */
#include "base/number.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/short_number.h"

enum {
	KEPT = 800,
	MAX_FIVE = 27, /* 5^27 < 2^63 */
};

__extension__ typedef unsigned __int128 flt_u128;

static const uint64_t power_of_five[MAX_FIVE + 1] = {1u,
                                                     5u,
                                                     25u,
                                                     125u,
                                                     625u,
                                                     3125u,
                                                     15625u,
                                                     78125u,
                                                     390625u,
                                                     1953125u,
                                                     9765625u,
                                                     48828125u,
                                                     244140625u,
                                                     1220703125u,
                                                     6103515625ull,
                                                     30517578125ull,
                                                     152587890625ull,
                                                     762939453125ull,
                                                     3814697265625ull,
                                                     19073486328125ull,
                                                     95367431640625ull,
                                                     476837158203125ull,
                                                     2384185791015625ull,
                                                     11920928955078125ull,
                                                     59604644775390625ull,
                                                     298023223876953125ull,
                                                     1490116119384765625ull,
                                                     7450580596923828125ull};

/* A number taken apart. The digits lie in text[first .. last), with or without a decimal character among them; their
 * value is that of the digits read as one integer, times 10^exponent. */
struct parts {
	const char *first, *last;
	uint64_t digits; /* as one integer; exact for up to FLT_MOST_SAFE_DIGITS digits, leading zeros not counted */
	size_t n_digits; /* leading zeros included */
	int64_t exponent;
	bool negative;
};

static bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

enum { WORD = FLT_WORD };

/* The value of eight digits, if they are. */
static bool word_of_digits(uint64_t digits, uint64_t *value)
{
	*value = flt_value_of_digits(digits);
	return flt_first_other(digits) == 0;
}

/* Reads digits starting at `at`. */
static inline const char *take_digits(const char *at, const char *end, struct parts *parts)
{
	uint64_t digits = parts->digits;
	const char *start = at;
	for (; at < end && is_digit(*at); at++)
		digits = digits * 10 + (uint64_t)(*at - '0');
	parts->digits = digits;
	parts->n_digits += (size_t)(at - start);
	return at;
}

/* The same eight at a time, for longer runs. May look at any byte between text and end. */
static inline const char *take_fraction(const char *text, const char *at, const char *end, struct parts *parts)
{
	static const uint64_t ten[WORD] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
	uint64_t value;
	const char *start = at;
	while (end - at >= WORD && word_of_digits(flt_load_digits(at), &value)) {
		parts->digits = parts->digits * 100000000 + value;
		at += WORD;
	}
	size_t left = (size_t)(end - at);
	if (left > 0 && left < WORD && end - text >= WORD) {
		uint64_t before = ~(uint64_t)0 >> 8 * left; /* bytes read already count as zeros */
		if (word_of_digits(flt_load_digits(end - WORD) & ~before, &value)) {
			parts->digits = parts->digits * ten[left] + value;
			at = end;
		}
	}
	parts->n_digits += (size_t)(at - start);
	return take_digits(at, end, parts);
}

/* Reads [+-]digits after an e, up to the end. The exponent saturates at LIMIT, far above any count of digits. */
static bool take_exponent(const char *at, const char *end, int64_t *exponent)
{
	const int64_t LIMIT = (int64_t)1 << 60;
	bool negative = at < end && *at == '-';
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	if (at == end)
		return false;
	int64_t value = 0;
	for (; at < end; at++) {
		if (!is_digit(*at))
			return false;
		if (value < LIMIT / 10 - 1)
			value = value * 10 + (*at - '0');
	}
	*exponent += negative ? -value : value;
	return true;
}

/* Whether text is a number of the grammar; if so, takes it apart. */
static bool take_apart(const char *text, const char *end, char decimal, struct parts *parts)
{
	*parts = (struct parts){.negative = text < end && *text == '-'};
	const char *start = text;
	if (text < end && (*text == '-' || *text == '+'))
		text++;
	parts->first = text;
	text = take_digits(text, end, parts);
	if (text < end && *text == decimal) {
		const char *fraction = text + 1;
		text = take_fraction(start, fraction, end, parts);
		parts->exponent = fraction - text;
	}
	parts->last = text;
	if (parts->n_digits == 0)
		return false;
	if (text < end && (*text == 'e' || *text == 'E'))
		return take_exponent(text + 1, end, &parts->exponent);
	return text == end;
}

static bool is_infinity(const char *text, const char *end)
{
	if (text < end && (*text == '-' || *text == '+'))
		text++;
	size_t length = (size_t)(end - text);
	return (length == 3 && strncasecmp(text, "inf", 3) == 0) ||
	       (length == 8 && strncasecmp(text, "infinity", 8) == 0);
}

/* Whether parts->digits holds all digits exactly; leading zeros do not count. */
static bool are_few(const struct parts *parts)
{
	size_t n = parts->n_digits;
	for (const char *at = parts->first; n > FLT_MOST_SAFE_DIGITS; at++) { /* n digits are left from here on */
		if (!is_digit(*at))
			continue;
		if (*at != '0')
			break;
		n--;
	}
	return n <= FLT_MOST_SAFE_DIGITS;
}

static __attribute__((noinline)) double magnitude_slow(const struct parts *parts)
{
	char copy[KEPT + 32];
	size_t n = 0;
	int64_t exponent = parts->exponent;
	bool more = false;
	for (const char *at = parts->first; at < parts->last; at++) {
		if (!is_digit(*at) || (n == 0 && *at == '0'))
			continue;
		if (n < KEPT) {
			copy[n++] = *at;
		} else {
			more |= *at != '0';
			exponent++;
		}
	}
	assert(n > FLT_MOST_SAFE_DIGITS);
	if (more) {
		copy[n++] = '1';
		exponent--;
	}
	/* 10^-9999 times any kept digits is 0, 10^9999 times them is infinity. */
	long clamped = exponent < -9999 ? -9999 : exponent > 9999 ? 9999 : (long)exponent;
	snprintf(copy + n, sizeof copy - n, "e%ld", clamped);
	return strtod(copy, NULL);
}

enum flt_number flt_number_parse(const char *text, size_t length, char decimal, double *value)
{
	struct parts parts;
	const char *end = text + length;
	if (!take_apart(text, end, decimal, &parts))
		return is_infinity(text, end) ? FLT_NUMBER_OUT_OF_RANGE : FLT_NOT_A_NUMBER;
	double magnitude = are_few(&parts) ? flt_nearest_double(parts.digits, parts.exponent) : magnitude_slow(&parts);
	if (isinf(magnitude))
		return FLT_NUMBER_OUT_OF_RANGE;
	*value = parts.negative ? -magnitude : magnitude;
	return FLT_NUMBER;
}

/* value * 10^power, rounded to a whole number as printf rounds: exactly, halves to even. False where 128 bits are too
 * few. value is normal and positive, power at least 0, the result below 2^63 and at least 1. */
static bool scale(double value, int power, uint64_t *whole)
{
	int exponent;
	uint64_t mantissa = (uint64_t)ldexp(frexp(value, &exponent), DBL_MANT_DIG);
	int shift = exponent - DBL_MANT_DIG + power; /* value 10^power = mantissa 5^power 2^shift */
	if (power > MAX_FIVE || shift > 0)
		return false;
	assert(shift > -128); /* the product is below 2^116, the result at least 1 */
	flt_u128 product = (flt_u128)mantissa * power_of_five[power];
	flt_u128 rest = shift ? product << (128 + shift) : 0, half = (flt_u128)1 << 127;
	*whole = (uint64_t)(product >> -shift);
	*whole += rest > half || (rest == half && (*whole & 1));
	return true;
}

/* The power of ten of the first digit, or one less: the logarithm is taken to be straight between powers of two, where
 * it is at most 0.087 (of the logarithm to 2) above that line and never below. */
static int estimate_exponent(double value)
{
	int exponent;
	double mantissa = frexp(value, &exponent); /* at least 1/2 */
	return (int)floor((exponent - 2 + 2 * mantissa) * 0.30102999566398120);
}

/* Rounds value, which is normal and positive, to n digits: *whole has n digits, *exponent is that of the first. */
static bool round_fast(double value, int n, uint64_t *whole, int *exponent)
{
	uint64_t end = 1;
	for (int i = 0; i < n; i++)
		end *= 10;
	for (*exponent = estimate_exponent(value);; ++*exponent) {
		int power = n - 1 - *exponent;
		if (power < 0 || !scale(value, power, whole))
			return false;
		if (*whole <= end)
			break;
	}
	if (*whole == end) { /* 9.99 became 10.0 */
		*whole /= 10;
		++*exponent;
	}
	return true;
}

/* The digits of whole (n of them). */
static void put_digits(uint64_t whole, int n, char digits[FLT_NUMBER_SIZE])
{
	digits[n] = '\0';
	for (; n > 0; whole /= 10)
		digits[--n] = (char)('0' + whole % 10);
}

/* The digits of value, rounded to n of them, and the power of ten of the first, by printf. The decimal point, whatever
 * the locale makes it, lies between the first two digits. */
static int print_digits(double value, int n, char digits[FLT_NUMBER_SIZE])
{
	char text[64];
	int kept = 0;
	snprintf(text, sizeof text, "%.*e", n - 1, value);
	const char *exponent = strrchr(text, 'e');
	for (const char *at = text; at < exponent; at++)
		if (is_digit(*at))
			digits[kept++] = *at;
	digits[kept] = '\0';
	return (int)strtol(exponent + 1, NULL, 10);
}

static void drop_zeros(char digits[FLT_NUMBER_SIZE])
{
	size_t n = strlen(digits);
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
}

static char *put(char *out, const char *text, size_t n)
{
	memcpy(out, text, n);
	return out + n;
}

static char *put_zeros(char *out, int n)
{
	memset(out, '0', (size_t)n);
	return out + n;
}

/* Digits (17 at most) and the power of ten of the first one, laid out like %g but with plain integers up to 16 places:
 * "1234", "12.34", "0.001234", "1.234e-7". */
static void lay_out(bool negative, const char *digits, int exponent, char text[FLT_NUMBER_SIZE])
{
	size_t n = strlen(digits);
	bool scientific = exponent < -5 || exponent > 15;
	int places = scientific ? 0 : exponent; /* the power of ten of the first digit as it is written */
	char *out = negative ? put(text, "-", 1) : text;
	if (places < 0) {
		out = put_zeros(put(out, "0.", 2), -places - 1);
		out = put(out, digits, n);
	} else if ((size_t)places + 1 >= n) {
		out = put_zeros(put(out, digits, n), places + 1 - (int)n);
	} else {
		out = put(put(out, digits, (size_t)places + 1), ".", 1);
		out = put(out, digits + places + 1, n - (size_t)places - 1);
	}
	*out = '\0';
	if (scientific)
		snprintf(out, 8, "e%d", exponent);
}

static bool is_same(double back, double value, bool as_float)
{
	return as_float ? (float)back == (float)value : back == value;
}

/* Rounds value, which is finite, to n digits. Returns whether they read back as value, which is a float widened to
 * double when as_float. By whole numbers of 128 bits, or by texts where those do not reach. */
static bool round_to(double value, int n, bool as_float, char digits[FLT_NUMBER_SIZE], int *exponent)
{
	uint64_t whole;
	double size = fabs(value), back;
	if (size >= DBL_MIN && round_fast(size, n, &whole, exponent)) {
		bool reads_back = is_same(flt_nearest_double(whole, *exponent + 1 - n), size, as_float);
		if (reads_back)
			put_digits(whole, n, digits);
		return reads_back;
	}
	*exponent = print_digits(size, n, digits);
	char text[2 * FLT_NUMBER_SIZE];
	snprintf(text, sizeof text, "%se%d", digits, *exponent + 1 - n);
	return flt_number_parse(text, strlen(text), '.', &back) == FLT_NUMBER && is_same(back, size, as_float);
}

static void format(double value, bool as_float, char text[FLT_NUMBER_SIZE])
{
	if (!isfinite(value)) {
		snprintf(text, FLT_NUMBER_SIZE, "%s", isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
		return;
	}
	/* A normal number that fewer digits give shows them at FLT_DIG or DBL_DIG, followed by zeros; subnormal ones
	 * hold fewer and start at 1. */
	bool is_small = fabs(value) < (as_float ? (double)FLT_MIN : DBL_MIN);
	int n = is_small ? 1 : as_float ? FLT_DIG : DBL_DIG, exponent = 0;
	char digits[FLT_NUMBER_SIZE] = "";
	for (; !round_to(value, n, as_float, digits, &exponent); n++)
		assert(n < (as_float ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG)); /* that many always read back */
	drop_zeros(digits);
	lay_out(signbit(value) != 0, digits, exponent, text);
}

void flt_number_format(double value, char text[FLT_NUMBER_SIZE])
{
	format(value, false, text);
}

void flt_number_format_float(float value, char text[FLT_NUMBER_SIZE])
{
	format((double)value, true, text);
}
