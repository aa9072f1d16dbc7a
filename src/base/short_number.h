/*
 * The numbers that nearly all cells of tables hold, read with few branches: a minus sign or none, and up to 19
 * digits, with a decimal mark between them behind no more than eight, or without one. What base/number.h reads of such
 * a text is the same double, and all others are left to it.
 */
#ifndef BASE_SHORT_NUMBER_H
#define BASE_SHORT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/nearest.h"

enum {
	FLT_WORD = 8,                  /* digits that are read at once */
	FLT_NUMBER_PADDING = FLT_WORD, /* bytes behind a text that may be read, whatever they hold */
	FLT_MOST_SAFE_DIGITS = 19,     /* any so many are below 2^64 */
};

/* Eight bytes, the first of them lowest, as the values of digits: what is above 9 was no digit. */
static inline uint64_t flt_load_digits(const char *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
	return (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? word : __builtin_bswap64(word)) ^ 0x3030303030303030u;
}

/* The highest bit of each byte that is no digit, up to the first of them; behind it the bits mean nothing. */
static inline uint64_t flt_first_other(uint64_t digits)
{
	return ((digits + 0x7676767676767676u) | digits) & 0x8080808080808080u;
}

/* The first n (1 to 8) of the digits, with zeros before them. */
static inline uint64_t flt_first_digits(uint64_t digits, size_t n)
{
	return digits << 8 * (FLT_WORD - n);
}

/* Eight digits as one whole number. */
static inline uint64_t flt_value_of_digits(uint64_t digits)
{
	digits = digits * 10 + (digits >> 8); /* pairs in every other byte */
	return ((digits & 0x000000FF000000FFu) * 0x000F424000000064u +
	        (digits >> 16 & 0x000000FF000000FFu) * 0x0000271000000001u) >>
	       32;
}

/* The digits (n > 0) at `at`, behind those in *whole; false if there is a byte among them that is none. */
static inline bool flt_add_digits(const char *at, size_t n, uint64_t *whole)
{
	static const uint64_t power[FLT_WORD + 1] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
	uint64_t digits, others = 0;
	for (; n > FLT_WORD; n -= FLT_WORD, at += FLT_WORD) {
		digits = flt_load_digits(at);
		others |= flt_first_other(digits);
		*whole = *whole * power[FLT_WORD] + flt_value_of_digits(digits);
	}
	digits = flt_first_digits(flt_load_digits(at), n);
	*whole = *whole * power[n] + flt_value_of_digits(digits);
	return (others | flt_first_other(digits)) == 0;
}

/* Takes the number apart that text (length) is: *whole, and how many of its digits stand behind the decimal mark. */
static inline bool flt_short_number_digits(const char *text, size_t n, char decimal, uint64_t *whole, size_t *n_behind)
{
	uint64_t digits = flt_load_digits(text), others = flt_first_other(digits);
	size_t n_before = others ? (size_t)__builtin_ctzll(others) / 8 : FLT_WORD;
	*n_behind = 0;
	if (n_before < n && text[n_before] == decimal && n_before > 0) {
		*n_behind = n - n_before - 1;
		*whole = flt_value_of_digits(flt_first_digits(digits, n_before));
		return *n_behind > 0 && n <= 1 + FLT_MOST_SAFE_DIGITS &&
		       flt_add_digits(text + n_before + 1, *n_behind, whole);
	}
	*whole = 0;
	if (n - 1 >= n_before)
		return n - 1 < FLT_MOST_SAFE_DIGITS && flt_add_digits(text, n, whole);
	*whole = flt_value_of_digits(flt_first_digits(digits, n));
	return true;
}

/* Reads text (length), behind which FLT_NUMBER_PADDING bytes can be read: the number is *dividend / *divisor, which the
 * caller divides, several at a time. False, and both undefined, if it is no number of these shapes: it may be one of
 * another. */
static inline bool flt_short_number_parse(const char *text, size_t length, char decimal, double *dividend,
                                          double *divisor)
{
	if (length == 0)
		return false;
	size_t is_negative = *text == '-', n_behind;
	uint64_t whole;
	if (!flt_short_number_digits(text + is_negative, length - is_negative, decimal, &whole, &n_behind))
		return false;
	bool is_exact = whole <= (uint64_t)1 << DBL_MANT_DIG;
	*dividend = (double)(int64_t)whole;
	*divisor = flt_power_of_ten[is_negative][n_behind];
	if (!is_exact) {
		*dividend = flt_nearest_by_product(whole, -(int64_t)n_behind);
		*divisor = is_negative ? -1 : 1;
	}
	return true;
}

#endif
