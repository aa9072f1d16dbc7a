#include "base/digits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void flt_group_digits(char *text, size_t size)
{
	enum { UNGROUPED = 4 };
	char *digits = text + (*text == '-');
	size_t n = strspn(digits, "0123456789"), length = strlen(text);
	if (n <= UNGROUPED || digits[n] || length + (n - 1) / 3 >= size)
		return;
	for (char *at = digits + n - 3; at > digits; at -= 3) {
		memmove(at + 1, at, strlen(at) + 1);
		*at = ',';
	}
}

void flt_digits_significant(double value, int digits, char text[FLT_DIGITS_TEXT])
{
	double size = fabs(value);
	int magnitude = size > 0 && isfinite(size) ? (int)floor(log10(size)) : 0, decimals = digits - 1 - magnitude;
	if (!isfinite(value))
		strcpy(text, "-");
	else if (size == 0)
		strcpy(text, "0");
	else if (magnitude < -6 || magnitude > 15)
		snprintf(text, FLT_DIGITS_TEXT, "%.*e", digits - 1, value);
	else
		snprintf(text, FLT_DIGITS_TEXT, "%.*f", decimals > 0 ? decimals : 0, value);
}

void flt_digits_fraction(double value, int decimals, char text[FLT_DIGITS_TEXT])
{
	enum { MOST = 8 };
	double size = fabs(value), distance = size < 0.5 ? size : 1 - size;
	int needed = distance > 0 ? decimals - 2 - (int)floor(log10(distance)) : 0;
	needed = needed > MOST ? MOST : needed;
	if (size == 0 || size == 1)
		decimals = 0;
	if (!isfinite(value))
		strcpy(text, "-");
	else
		snprintf(text, FLT_DIGITS_TEXT, "%.*f", needed > decimals ? needed : decimals, value);
}
