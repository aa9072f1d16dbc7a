#include "table/time_order.h"

#include <math.h>
#include <string.h>

#include "table/date_text.h"

/* Fewer different values than this fit a format by chance: many, or some whose digits hold a whole year. */
enum { FEW = 8, FEW_WITH_YEAR = 4 };

static const double ten_years = 3652.0 * 86400;

/* A way of writing a date as a number: the digits of number * unit, from the right, are fields of two or four digits.
 */
struct way {
	const char *name;
	double unit;
	char fields[4]; /* from the right: Y, y (two digits), M, D */
};

static const struct way ways[] = {
        {"mm.yyyy", 1e4, "YM"}, {"mmyyyy", 1, "YM"},  {"ddmmyyyy", 1, "YMD"}, {"mmddyyyy", 1, "YDM"},
        {"ddmmyy", 1, "yMD"},   {"mmddyy", 1, "yDM"}, {"dd.mm", 100, "MD"},
};

/* Numbers like these rise with time. */
static const struct way yymmdd = {"yymmdd", 1, "DMy"}, yyyymm = {"yyyymm", 1, "MY"};

/* The date as a day number; false if the number is none of 1900 to 2100. */
static bool read_way(const struct way *way, double number, double *seconds)
{
	int year = 2000, month = 1, day = 1;
	double scaled = rint(number * way->unit);
	if (!(number > 0 && scaled < 1e9) || fabs(number * way->unit - scaled) > 1e-6)
		return false;
	int digits = (int)scaled;
	for (const char *field = way->fields; *field; field++) {
		int size = *field == 'Y' ? 10000 : 100;
		int value = digits;
		if (field[1])
			value %= size;
		digits /= size;
		if (*field == 'Y')
			year = value;
		else if (*field == 'y')
			year = value + (value < 69 ? 2000 : 1900);
		else if (*field == 'M')
			month = value;
		else
			day = value;
	}
	if (year < 1900 || year > 2100 || !flt_date_is_day(year, month, day))
		return false;
	*seconds = flt_date_of_day(year, month, day);
	return true;
}

/* Whether all numbers are dates in that way, of which a later one comes before an earlier one. Dates of a table lie
 * within a lifetime; plain numbers that happen to be dates with two digits for the year spread over a century. */
static bool is_out_of_order(const struct way *way, const double *numbers, size_t n)
{
	const double lifetime = 80 * 365.0 * 86400;
	bool falls = false;
	size_t n_distinct = 0;
	double last = 0, seconds, first_day = INFINITY, last_day = -INFINITY;
	for (size_t i = 0; i < n; i++) {
		if (!read_way(way, numbers[i], &seconds))
			return false;
		falls |= i > 0 && seconds < last;
		n_distinct += i == 0 || numbers[i] > numbers[i - 1];
		last = seconds;
		first_day = fmin(first_day, seconds);
		last_day = fmax(last_day, seconds);
	}
	size_t few = strchr(way->fields, 'Y') ? FEW_WITH_YEAR : FEW;
	return falls && n_distinct >= few && last_day - first_day < lifetime;
}

static bool are_all(const struct way *way, const double *numbers, size_t n)
{
	double seconds;
	for (size_t i = 0; i < n; i++)
		if (!read_way(way, numbers[i], &seconds))
			return false;
	return true;
}

/* Times of day as hhmm, or as hhmmss: each pair of digits behind the first is below 60. */
static bool are_clock(const double *numbers, size_t n, double end, bool has_seconds)
{
	size_t n_distinct = 0, n_years = 0;
	for (size_t i = 0; i < n; i++) {
		double value = numbers[i];
		if (!(value >= 0 && value < end) || value != rint(value))
			return false;
		int digits = (int)value;
		if (digits % 100 > 59 || (has_seconds && digits / 100 % 100 > 59))
			return false;
		n_years += digits >= 1900 && digits <= 2100;
		n_distinct += i == 0 || value > numbers[i - 1];
	}
	/* The hours of many days come again and again; a short list of round numbers need not be one of hours. */
	bool is_wide = numbers[n - 1] >= (has_seconds ? 10000 : 100);
	return is_wide && n_years < n && n_distinct >= FEW && (n > n_distinct || n_distinct >= 6 * FEW);
}

/* All ways but days of months are refused by the first numbers of nearly any column. */
static bool may_misfit(const double *numbers, size_t n)
{
	bool may_be_clock = true;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (are_all(&ways[i], numbers, n))
			return true;
	for (size_t i = 0; may_be_clock && i < n; i++)
		may_be_clock = numbers[i] >= 0 && numbers[i] < 240000 && fmod(numbers[i], 100) < 60;
	return may_be_clock;
}

static bool are_far_apart(const double *seconds, size_t n)
{
	double lowest = INFINITY, highest = -INFINITY;
	for (size_t i = 0; i < n; i++) {
		lowest = fmin(lowest, seconds[i]);
		highest = fmax(highest, seconds[i]);
	}
	return highest - lowest > ten_years;
}

bool flt_time_is_suspicious(const double *values, size_t n, bool are_seconds)
{
	return are_seconds ? are_far_apart(values, n) : may_misfit(values, n);
}

const char *flt_time_misfit(const double *numbers, size_t n)
{
	for (size_t i = 0; n > 0 && i < sizeof ways / sizeof *ways; i++)
		if (is_out_of_order(&ways[i], numbers, n))
			return ways[i].name;
	if (n > 0 && are_clock(numbers, n, 2400, false))
		return "hhmm";
	bool may_be_days = are_all(&yymmdd, numbers, n) || are_all(&yyyymm, numbers, n);
	return n > 0 && !may_be_days && are_clock(numbers, n, 240000, true) ? "hhmmss" : NULL;
}

/* ---- values far from all others ---- */

/* 9999-12-31, 1900-01-01 and the like: the first or last days of a year, and years that no table reaches. */
static bool is_mark(double seconds)
{
	double days_left = flt_date_part(seconds, FLT_DATE_DAYS), month = flt_date_part(seconds, FLT_DATE_MONTH);
	bool starts_year = month == 1 && flt_date_part(seconds - 2 * 86400.0, FLT_DATE_MONTH) == 12;
	bool ends_year = month == 12 && flt_date_part(seconds + 2 * 86400.0, FLT_DATE_MONTH) == 1;
	return starts_year || ends_year || days_left < -62091 || days_left > 47847; /* before 1800, after 2100 */
}

static bool is_far(double seconds, double gap, double range)
{
	return gap > ten_years && gap > 2 * range && is_mark(seconds);
}

/* The rows that remain in question: seconds[first] to seconds[end - 1]. */
struct times {
	const double *seconds;
	size_t first, end;
};

static double day_at(const struct times *times, size_t row)
{
	return flt_date_part(times->seconds[row], FLT_DATE_DAYS);
}

/* Takes off the rows of the first day, or of the last day, if it is far from the others. */
static bool take_end(struct times *times, bool is_first, struct flt_far_times *far)
{
	const double *seconds = times->seconds;
	size_t first = times->first, last = times->end - 1, n = 0;
	double end = seconds[is_first ? first : last];
	while (n <= last - first &&
	       day_at(times, is_first ? first + n : last - n) == day_at(times, is_first ? first : last))
		n++;
	if (2 * n > last - first)
		return false;
	double next = seconds[is_first ? first + n : last - n], other = seconds[is_first ? last : first];
	if (!is_far(end, fabs(next - end), fabs(other - next)))
		return false;
	far->value[far->n] = end;
	far->n_rows[far->n++] = n;
	times->first += is_first ? n : 0;
	times->end -= is_first ? 0 : n;
	return true;
}

struct flt_far_times flt_far_times(const double *seconds, size_t n)
{
	struct flt_far_times far = {0};
	struct times times = {seconds, 0, n};
	if (n == 0)
		return far;
	bool has_last = take_end(&times, false, &far);
	if (take_end(&times, true, &far) && !has_last)
		take_end(&times, false, &far);
	return far;
}
