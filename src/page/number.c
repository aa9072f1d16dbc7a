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
	struct flt_page_number shown;
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
	struct flt_page_number shown;
	if (fabs(value) > 1) /* no fraction after all */
		return flt_page_significant(value, decimals);
	flt_digits_fraction(value, decimals, shown.text);
	return shown;
}

struct flt_page_number flt_page_range(const struct flt_range *range)
{
	struct flt_page_number shown = flt_page_fraction(range->value, 3);
	if (isfinite(range->lo) && isfinite(range->hi))
		snprintf(shown.text, sizeof shown.text, "%.16s [%.16s, %.16s]", flt_page_fraction(range->value, 3).text,
		         flt_page_fraction(range->lo, 2).text, flt_page_fraction(range->hi, 2).text);
	return shown;
}

struct flt_page_number flt_page_difference(const struct flt_range *range)
{
	struct flt_page_number shown = {"-"};
	if (isfinite(range->value) && isfinite(range->lo) && isfinite(range->hi) && fabs(range->value) < 1e6 &&
	    fabs(range->lo) < 1e6 && fabs(range->hi) < 1e6)
		snprintf(shown.text, sizeof shown.text, "%+.3f [%+.3f, %+.3f]", range->value, range->lo, range->hi);
	return shown;
}

/* Without the sign of a zero. */
static struct flt_page_number fixed(double value, int decimals)
{
	struct flt_page_number shown;
	snprintf(shown.text, sizeof shown.text, "%.*f", decimals, value);
	if (shown.text[0] == '-' && strspn(shown.text + 1, "0.") == strlen(shown.text + 1))
		memmove(shown.text, shown.text + 1, strlen(shown.text));
	return shown;
}

struct flt_page_number flt_page_change(const struct flt_range *range)
{
	struct flt_page_number shown = flt_page_significant(range->value, 3);
	if (fabs(range->value) < 1e4 && fabs(range->lo) < 1e4 && fabs(range->hi) < 1e4)
		snprintf(shown.text, sizeof shown.text, "%.18s [%.18s, %.18s]", fixed(range->value, 3).text,
		         fixed(range->lo, 2).text, fixed(range->hi, 2).text);
	return shown;
}

struct flt_page_number flt_page_small(const struct flt_range *range)
{
	struct flt_page_number shown = flt_page_significant(range->value, 3);
	if (isfinite(range->lo) && isfinite(range->hi))
		snprintf(shown.text, sizeof shown.text, "%.18s [%.18s, %.18s]",
		         flt_page_significant(range->value, 3).text, flt_page_significant(range->lo, 2).text,
		         flt_page_significant(range->hi, 2).text);
	return shown;
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
