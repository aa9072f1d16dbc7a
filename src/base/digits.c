#include "base/digits.h"

#include <math.h>
#include <stdbool.h>
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

enum { MOST_DECIMALS = 8 };

/* So many decimals, or as many more as tell a share from 0 and from 1. */
static int decimals_of_share(double value, int decimals)
{
	double size = fabs(value), distance = size < 0.5 ? size : 1 - size;
	int needed = distance > 0 ? decimals - 2 - (int)floor(log10(distance)) : 0;
	needed = needed > MOST_DECIMALS ? MOST_DECIMALS : needed;
	return needed > decimals ? needed : decimals;
}

void flt_digits_fraction(double value, int decimals, char text[FLT_DIGITS_TEXT])
{
	double size = fabs(value);
	if (!isfinite(value))
		strcpy(text, "-");
	else if (size == 0 || size == 1)
		snprintf(text, FLT_DIGITS_TEXT, "%.0f", value);
	else
		snprintf(text, FLT_DIGITS_TEXT, "%.*f", decimals_of_share(value, decimals), value);
}

/* ---- intervals ---- */

static double rounded(double value, int decimals)
{
	double power = pow(10, decimals);
	return round(value * power) / power;
}

static bool seems_plain(double value, int decimals)
{
	double seems = fabs(rounded(value, decimals));
	return fabs(value) != seems && (seems == 0 || seems == 1);
}

static bool bounds_fit(double value, double lo, double hi, int value_decimals, int decimals)
{
	double below = rounded(lo, decimals), above = rounded(hi, decimals);
	double between = rounded(value, value_decimals > decimals ? value_decimals : decimals);
	if (lo == hi)
		return true;
	return below != above && !(lo <= value && between < below) && !(value <= hi && between > above);
}

static void print_fixed(double value, int decimals, char text[FLT_DIGITS_TEXT])
{
	snprintf(text, FLT_DIGITS_TEXT, "%.*f", fabs(value) == 0 || fabs(value) == 1 ? 0 : decimals, value);
	if (text[0] == '-' && strspn(text + 1, "0.") == strlen(text + 1))
		memmove(text, text + 1, strlen(text));
}

void flt_digits_interval(double value, double lo, double hi, int value_decimals, int decimals,
                         struct flt_digits_interval *shown)
{
	int d = decimals + (seems_plain(lo, decimals) || seems_plain(hi, decimals));
	while (d < MOST_DECIMALS && !bounds_fit(value, lo, hi, value_decimals, d))
		d++;
	int of_value = d > value_decimals ? d : value_decimals;
	bool is_share = lo >= 0 && hi <= 1;
	print_fixed(value, is_share && seems_plain(value, of_value) ? decimals_of_share(value, 2) : of_value,
	            shown->value);
	print_fixed(lo, d, shown->lo);
	print_fixed(hi, d, shown->hi);
}

int flt_digits_of_bounds(double lo, double hi)
{
	double larger = fmax(fabs(lo), fabs(hi));
	int decimals = larger > 0 ? 1 - (int)floor(log10(larger)) : 0;
	return decimals < 0 ? 0 : decimals > MOST_DECIMALS ? MOST_DECIMALS : decimals;
}
