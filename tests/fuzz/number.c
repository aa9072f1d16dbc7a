/*
 * Promised of flt_number_parse and flt_number_format: exactly the texts are numbers that consist of digits, signs, e
 * and a decimal mark and that strtod takes whole; they are the double that strtod says, to the bit, or out of range
 * where it says infinity. Any double and float is written as a text of at most 31 characters that reads back to the
 * same bits, with as few digits as do.
 *
 * Input: the decimal mark's choice, then a text; its first 8 bytes are taken as a double as well.
 */
#include "base/number.h"

#include <math.h>
#include <strings.h>

#include "harness.h"

static uint64_t bits(double value)
{
	uint64_t u;
	memcpy(&u, &value, sizeof u);
	return u;
}

static bool is_infinity(const char *text, size_t length)
{
	if (*text == '+' || *text == '-')
		text++, length--;
	return strlen(text) == length && (strcasecmp(text, "inf") == 0 || strcasecmp(text, "infinity") == 0);
}

/* What strtod makes of text (length bytes, NUL behind them, changed on the way). */
static enum flt_number expected(char *text, size_t length, char decimal, double *value)
{
	if (is_infinity(text, length))
		return FLT_NUMBER_OUT_OF_RANGE;
	if (length == 0 || strspn(text, decimal == '.' ? "0123456789+-eE." : "0123456789+-eE,") != length)
		return FLT_NOT_A_NUMBER;
	for (char *c = text; (c = strchr(c, ','));)
		*c = '.';
	char *end;
	*value = strtod(text, &end);
	if (end != text + length)
		return FLT_NOT_A_NUMBER;
	return isinf(*value) ? FLT_NUMBER_OUT_OF_RANGE : FLT_NUMBER;
}

static void check_text(const uint8_t *bytes, size_t n, char decimal)
{
	double want = 0, got = 0;
	char *text = text_of(bytes, n);
	enum flt_number kind = flt_number_parse((const char *)bytes, n, decimal, &got);
	PROMISE(kind == expected(text, n, decimal, &want));
	PROMISE(kind != FLT_NUMBER || bits(got) == bits(want));
	free(text);
}

/* How many digits show, without the zeros at either end. */
static size_t count_digits(const char *text)
{
	size_t n = 0, up_to_last = 0;
	for (; *text && *text != 'e'; text++) {
		n += *text >= (n ? '0' : '1') && *text <= '9';
		up_to_last = *text >= '1' && *text <= '9' ? n : up_to_last;
	}
	return up_to_last;
}

static bool reads_back(double value, int n_digits, bool as_float)
{
	char text[64];
	snprintf(text, sizeof text, "%.*e", n_digits - 1, value);
	return as_float ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
}

static void check_written(double value, bool as_float)
{
	char text[FLT_NUMBER_SIZE];
	double back = 0;
	memset(text, 'x', sizeof text);
	if (as_float)
		flt_number_format_float((float)value, text);
	else
		flt_number_format(value, text);
	size_t length = strnlen(text, sizeof text);
	PROMISE(length < sizeof text);
	enum flt_number kind = flt_number_parse(text, length, '.', &back);
	if (!isfinite(value)) {
		PROMISE(kind == (isnan(value) ? FLT_NOT_A_NUMBER : FLT_NUMBER_OUT_OF_RANGE));
		return;
	}
	PROMISE(kind == FLT_NUMBER && (as_float ? (float)back == (float)value : back == value));
	PROMISE(signbit(back) == signbit(value));
	size_t n_digits = count_digits(text);
	PROMISE(n_digits < 2 || !reads_back(value, (int)n_digits - 1, as_float));
}

static void check_value(const uint8_t *bytes)
{
	double value;
	float narrow;
	memcpy(&value, bytes, sizeof value);
	memcpy(&narrow, bytes, sizeof narrow);
	check_written(value, false);
	check_written((double)narrow, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	if (n == 0)
		return 0;
	check_text(bytes + 1, n - 1, bytes[0] & 1 ? ',' : '.');
	if (n > sizeof(double))
		check_value(bytes + 1);
	return 0;
}
