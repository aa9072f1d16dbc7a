#include "table/iso8601.h"

#include <stdint.h>

struct cursor {
	const char *at, *end;
};

/* Takes exactly n digits. */
static bool take_number(struct cursor *cursor, int n, int *value)
{
	*value = 0;
	for (int i = 0; i < n; i++, cursor->at++) {
		if (cursor->at == cursor->end || *cursor->at < '0' || *cursor->at > '9')
			return false;
		*value = *value * 10 + (*cursor->at - '0');
	}
	return true;
}

static bool take_char(struct cursor *cursor, char c)
{
	bool is_there = cursor->at < cursor->end && *cursor->at == c;
	cursor->at += is_there;
	return is_there;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && is_leap);
}

/* Days since 1970-01-01. Years start in March here, so the leap day is the last of the year. Adding 400 years, a cycle
 * of the calendar with 146097 days, keeps all divisions positive. 719468 days precede 1970-01-01. */
static int64_t days_since_1970(int year, int month, int day)
{
	int64_t y = year + 400 - (month <= 2);
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - 719468 - 146097;
}

static bool take_date(struct cursor *cursor, double *seconds)
{
	int year, month, day;
	if (!take_number(cursor, 4, &year) || !take_char(cursor, '-') || !take_number(cursor, 2, &month) ||
	    !take_char(cursor, '-') || !take_number(cursor, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return false;
	*seconds = (double)(days_since_1970(year, month, day) * 86400);
	return true;
}

/* .123, of any length. */
static bool take_fraction(struct cursor *cursor, double *seconds)
{
	double unit = 1;
	int digit;
	const char *start = cursor->at;
	while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
		take_number(cursor, 1, &digit);
		unit /= 10;
		*seconds += digit * unit;
	}
	return cursor->at > start;
}

static bool take_time(struct cursor *cursor, double *seconds)
{
	int hour, minute, second = 0;
	if (!take_number(cursor, 2, &hour) || !take_char(cursor, ':') || !take_number(cursor, 2, &minute))
		return false;
	bool has_seconds = take_char(cursor, ':');
	if (has_seconds && !take_number(cursor, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	*seconds += hour * 3600 + minute * 60 + second;
	return !has_seconds || !take_char(cursor, '.') || take_fraction(cursor, seconds);
}

/* Z, +01:00, +0100 or +01. */
static bool take_offset(struct cursor *cursor, double *seconds)
{
	if (take_char(cursor, 'Z'))
		return true;
	int hour, minute = 0, sign = take_char(cursor, '-') ? -1 : 1;
	if (sign > 0 && !take_char(cursor, '+'))
		return false;
	if (!take_number(cursor, 2, &hour))
		return false;
	bool has_minutes = take_char(cursor, ':') || cursor->at < cursor->end;
	if ((has_minutes && !take_number(cursor, 2, &minute)) || hour > 23 || minute > 59)
		return false;
	*seconds -= sign * (hour * 3600 + minute * 60);
	return true;
}

bool flt_iso8601_parse(const char *text, size_t length, double *seconds)
{
	struct cursor cursor = {text, text + length};
	double sum;
	if (!take_date(&cursor, &sum))
		return false;
	if (cursor.at < cursor.end) {
		if (!take_char(&cursor, 'T') && !take_char(&cursor, ' '))
			return false;
		if (!take_time(&cursor, &sum))
			return false;
		if (cursor.at < cursor.end && !take_offset(&cursor, &sum))
			return false;
	}
	if (cursor.at != cursor.end)
		return false;
	*seconds = sum;
	return true;
}
