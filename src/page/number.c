#include "page/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/digits.h"
#include "base/number.h"

struct flt_page_number flt_page_count(double value)
{
	struct flt_page_number shown = {"-"};
	if (!isfinite(value))
		return shown;
	snprintf(shown.text, sizeof shown.text, "%.10g", value);
	flt_group_digits(shown.text, sizeof shown.text);
	return shown;
}

struct flt_page_number flt_page_significant(double value, int digits)
{
	struct flt_page_number shown = {""};
	flt_digits_significant(value, digits, shown.text);
	return shown;
}

struct flt_page_number flt_page_short(double value)
{
	struct flt_page_number shown = {"-"};
	if (fabs(value) >= 1e4 && fabs(value) < 1e10)
		return flt_page_count(round(value));
	if (isfinite(value))
		snprintf(shown.text, sizeof shown.text, "%.5g", value);
	return shown;
}

struct flt_page_number flt_page_share(double value)
{
	struct flt_page_number shown, number = flt_page_significant(100 * value, value < 0.1 ? 2 : 3);
	snprintf(shown.text, sizeof shown.text, "%.48s %%", number.text);
	return shown;
}

struct flt_page_number flt_page_fraction(double value, int decimals)
{
	struct flt_page_number shown = {""};
	if (fabs(value) > 1) /* no fraction after all */
		return flt_page_significant(value, decimals);
	flt_digits_fraction(value, decimals, shown.text);
	return shown;
}

/* A foreign report may hold anything. */
static bool is_usual(const struct flt_range *range)
{
	return fabs(range->value) < 1e4 && fabs(range->lo) < 1e4 && fabs(range->hi) < 1e4;
}

static struct flt_page_number in_brackets(const struct flt_range *range, int value_decimals, int decimals)
{
	struct flt_page_number shown;
	struct flt_digits_interval texts;
	flt_digits_interval(range->value, range->lo, range->hi, value_decimals, decimals, &texts);
	snprintf(shown.text, sizeof shown.text, "%.18s [%.18s, %.18s]", texts.value, texts.lo, texts.hi);
	return shown;
}

struct flt_page_number flt_page_range(const struct flt_range *range)
{
	return is_usual(range) ? in_brackets(range, 3, 2) : flt_page_fraction(range->value, 3);
}

struct flt_page_number flt_page_difference(const struct flt_range *range)
{
	struct flt_page_number shown = {"-"};
	if (isfinite(range->value) && isfinite(range->lo) && isfinite(range->hi) && fabs(range->value) < 1e6 &&
	    fabs(range->lo) < 1e6 && fabs(range->hi) < 1e6)
		snprintf(shown.text, sizeof shown.text, "%+.3f [%+.3f, %+.3f]", range->value, range->lo, range->hi);
	return shown;
}

struct flt_page_number flt_page_small(const struct flt_range *range)
{
	int decimals = is_usual(range) ? flt_digits_of_bounds(range->lo, range->hi) : 0;
	return is_usual(range) ? in_brackets(range, decimals, decimals) : flt_page_significant(range->value, 3);
}

struct flt_page_number flt_page_alarms(const struct flt_range *range)
{
	struct flt_page_number shown = {"-"};
	if (isfinite(range->value) && isfinite(range->lo) && isfinite(range->hi))
		snprintf(shown.text, sizeof shown.text, "%.18s [%.18s, %.18s]",
		         flt_page_count(round(range->value)).text, flt_page_count(round(range->lo)).text,
		         flt_page_count(round(range->hi)).text);
	return shown;
}

struct flt_page_number flt_page_exact(double value)
{
	struct flt_page_number shown = {""};
	if (isfinite(value))
		flt_number_format(value, shown.text);
	return shown;
}

const char *flt_page_plural(double n)
{
	return n == 1 ? "" : "s";
}
