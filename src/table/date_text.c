#include "table/date_text.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { DAY_SECONDS = 86400 };

struct cursor {
	const char *at, *end;
};

/* ---- the calendar ---- */

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && is_leap);
}

bool flt_date_is_day(int year, int month, int day)
{
	return month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

/* Years start in March here, so the leap day is the last of the year. Adding 400 years, a cycle of the calendar with
 * 146097 days, keeps all divisions positive. 719468 days precede 1970-01-01. */
double flt_date_of_day(int year, int month, int day)
{
	int64_t y = year + 400 - (month <= 2);
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t days = y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - 719468 - 146097;
	return (double)(days * DAY_SECONDS);
}

/* The reverse: the year, month and day of a number of days since 1970-01-01. */
static void day_of(double days, long long ymd[3])
{
	double era = floor((days + 719468) / 146097);
	int64_t day = (int64_t)(days + 719468 - era * 146097); /* of the 400 years, from 0 */
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * day_of_year + 2) / 153; /* from March = 0 */
	ymd[2] = day_of_year - (153 * month + 2) / 5 + 1;
	ymd[1] = month < 10 ? month + 3 : month - 9;
	ymd[0] = year + (int64_t)era * 400 + (ymd[1] <= 2);
}

/* ---- words and numbers ---- */

static bool take_char(struct cursor *cursor, char c)
{
	bool is_there = cursor->at < cursor->end && *cursor->at == c;
	cursor->at += is_there;
	return is_there;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Takes all digits that follow and returns how many they are; 0 if more than four. */
static int take_digits(struct cursor *cursor, int *value)
{
	int n = 0;
	*value = 0;
	for (; cursor->at < cursor->end && is_digit(*cursor->at); cursor->at++) {
		if (++n > 4)
			return 0;
		*value = *value * 10 + (*cursor->at - '0');
	}
	return n;
}

/* Takes exactly two digits. */
static bool take_pair(struct cursor *cursor, int *value)
{
	if (cursor->end - cursor->at < 2 || !is_digit(cursor->at[0]) || !is_digit(cursor->at[1]))
		return false;
	*value = (cursor->at[0] - '0') * 10 + cursor->at[1] - '0';
	cursor->at += 2;
	return true;
}

/* Takes a name of the list, whole or its first three letters ("sept" as well), and returns its number from 1; 0 if
 * there is none. */
static int take_name(struct cursor *cursor, const char *const *names)
{
	size_t n = 0;
	while (cursor->at + n < cursor->end && is_letter(cursor->at[n]))
		n++;
	char first = n >= 3 ? (char)(*cursor->at | 0x20) : '\0';
	for (int i = 0; n >= 3 && names[i]; i++) {
		if (names[i][0] != first)
			continue;
		bool is_short = n == 3 || (n == 4 && strcmp(names[i], "september") == 0);
		if (strncasecmp(cursor->at, names[i], n) == 0 && (is_short || !names[i][n])) {
			cursor->at += n;
			return i + 1;
		}
	}
	return 0;
}

static int take_month(struct cursor *cursor)
{
	static const char *const months[] = {"january", "february",  "march",   "april",    "may",      "june", "july",
	                                     "august",  "september", "october", "november", "december", NULL};
	int month = take_name(cursor, months);
	if (month)
		take_char(cursor, '.');
	return month;
}

/* "Mon, " or "Monday ". */
static void skip_weekday(struct cursor *cursor)
{
	static const char *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
	                                       "friday", "saturday", "sunday",    NULL};
	struct cursor start = *cursor;
	bool is_weekday = take_name(cursor, weekdays) > 0;
	take_char(cursor, ',');
	if (!is_weekday || !take_char(cursor, ' '))
		*cursor = start;
}

static int full_year(int year)
{
	return year < 69 ? 2000 + year : 1900 + year;
}

/* ---- dates ---- */

static bool set_date(struct flt_date_scan *scan, enum flt_date_shape shape, int year, int month, int day)
{
	bool is_date = flt_date_is_day(year, month, day);
	*scan = (struct flt_date_scan){.shape = shape, .parts = {year, month, day}};
	for (int order = 0; order < FLT_N_DATE_ORDERS; order++)
		scan->is_date[order] = is_date;
	return is_date;
}

static bool has_order(enum flt_date_shape shape)
{
	return shape >= FLT_DATE_POINTS && shape <= FLT_DATE_SHORT_DASHES;
}

/* The year, month and day of a scan's parts in an order. */
static void arrange(const struct flt_date_scan *scan, enum flt_date_order order, int ymd[3])
{
	static const int places[FLT_N_DATE_ORDERS][3] = {
	        [FLT_DATE_DMY] = {2, 1, 0}, [FLT_DATE_MDY] = {2, 0, 1}, [FLT_DATE_YMD] = {0, 1, 2}};
	if (!has_order(scan->shape)) {
		memcpy(ymd, scan->parts, sizeof scan->parts);
		return;
	}
	for (int i = 0; i < 3; i++)
		ymd[i] = scan->parts[places[order][i]];
	if (scan->shape >= FLT_DATE_SHORT_POINTS)
		ymd[0] = full_year(ymd[0]);
}

/* Three numbers with the year at the end, or with a year of two digits at either end. */
static bool set_parts(struct flt_date_scan *scan, enum flt_date_shape shape, const int parts[3],
                      bool may_start_with_year)
{
	*scan = (struct flt_date_scan){.shape = shape, .parts = {parts[0], parts[1], parts[2]}};
	for (int order = FLT_DATE_DMY; order < FLT_N_DATE_ORDERS; order++) {
		int ymd[3];
		arrange(scan, (enum flt_date_order)order, ymd);
		scan->is_date[order] =
		        (order != FLT_DATE_YMD || may_start_with_year) && flt_date_is_day(ymd[0], ymd[1], ymd[2]);
		scan->is_date[FLT_DATE_ORDER_FIND] |= scan->is_date[order];
	}
	return scan->is_date[FLT_DATE_ORDER_FIND];
}

/* 2024-01, 01/2024: two numbers with - or / between them. */
static bool set_month(struct flt_date_scan *scan, char join, const int parts[2], const int n[2])
{
	if (join == '.')
		return false; /* a number */
	if (n[0] == 4 && n[1] == 2)
		return set_date(scan, join == '-' ? FLT_DATE_YM_DASH : FLT_DATE_YM_SLASH, parts[0], parts[1], 1);
	return n[0] <= 2 && n[1] == 4 &&
	       set_date(scan, join == '-' ? FLT_DATE_MY_DASH : FLT_DATE_MY_SLASH, parts[1], parts[0], 1);
}

/* The first number and the mark behind it are taken already. */
static bool take_numbers(struct cursor *cursor, char join, int first, int n_first, struct flt_date_scan *scan)
{
	int parts[3] = {first}, n[3] = {n_first};
	size_t mark = join == '-' ? 0 : join == '/' ? 1 : 2;
	static const enum flt_date_shape ymd[] = {FLT_DATE_YMD_DASH, FLT_DATE_YMD_SLASH, FLT_DATE_YMD_POINT},
	                                 full[] = {FLT_DATE_DASHES, FLT_DATE_SLASHES, FLT_DATE_POINTS},
	                                 brief[] = {FLT_DATE_SHORT_DASHES, FLT_DATE_SHORT_SLASHES,
	                                            FLT_DATE_SHORT_POINTS};
	n[1] = take_digits(cursor, &parts[1]);
	if (n[1] == 0)
		return false;
	if (!take_char(cursor, join))
		return set_month(scan, join, parts, n);
	n[2] = take_digits(cursor, &parts[2]);
	if (n[1] > 2 || n[2] == 0)
		return false;
	if (n[0] == 4)
		return n[2] <= 2 && set_date(scan, ymd[mark], parts[0], parts[1], parts[2]);
	if (n[0] > 2)
		return false;
	if (n[2] == 4)
		return set_parts(scan, full[mark], parts, false);
	return n[2] == 2 && set_parts(scan, brief[mark], parts, n[0] == 2);
}

/* Mon 31, 2024 or Mon 2024; the month is taken already. */
static bool take_after_month(struct cursor *cursor, int month, struct flt_date_scan *scan)
{
	int day, year, n;
	if (!take_char(cursor, ' ') && !take_char(cursor, '-'))
		return false;
	n = take_digits(cursor, &day);
	if (n == 4)
		return set_date(scan, FLT_DATE_MON_Y, day, month, 1);
	bool is_joined = take_char(cursor, ',');
	is_joined |= take_char(cursor, ' ') || take_char(cursor, '-');
	return (n == 1 || n == 2) && is_joined && take_digits(cursor, &year) == 4 &&
	       set_date(scan, FLT_DATE_MON_D_Y, year, month, day);
}

/* -Jan-24 behind a day: the same mark, or none, on both sides. */
static bool take_named_month(struct cursor *cursor, char join, int day, int n_day, struct flt_date_scan *scan)
{
	int year, month = take_month(cursor);
	if (!month || n_day > 2 || (join && !take_char(cursor, join)))
		return false;
	int n = take_digits(cursor, &year);
	if (n == 4)
		return set_date(scan, FLT_DATE_D_MON_Y, year, month, day);
	return n == 2 && set_date(scan, FLT_DATE_D_MON_SHORT, full_year(year), month, day);
}

static bool take_date(struct cursor *cursor, struct flt_date_scan *scan)
{
	int first;
	if (cursor->at < cursor->end && is_letter(*cursor->at)) {
		skip_weekday(cursor);
		int month = take_month(cursor);
		if (month)
			return take_after_month(cursor, month, scan);
	}
	int n = take_digits(cursor, &first);
	if (n == 0 || cursor->at == cursor->end)
		return false;
	char join = is_letter(*cursor->at) ? '\0' : *cursor->at;
	if (join)
		cursor->at++;
	if (cursor->at < cursor->end && is_letter(*cursor->at))
		return (!join || strchr(" -/", join)) && take_named_month(cursor, join, first, n, scan);
	return join && strchr("-/.", join) && take_numbers(cursor, join, first, n, scan);
}

/* ---- times of day ---- */

/* .123, of any length. */
static bool take_fraction(struct cursor *cursor, double *seconds)
{
	double unit = 1;
	const char *start = cursor->at;
	for (; cursor->at < cursor->end && is_digit(*cursor->at); cursor->at++) {
		unit /= 10;
		*seconds += (*cursor->at - '0') * unit;
	}
	return cursor->at > start;
}

/* AM or PM, which the hour (1 to 12) then depends on. *hour becomes -1 if it does not fit. */
static void take_half_of_day(struct cursor *cursor, int *hour)
{
	struct cursor start = *cursor;
	take_char(cursor, ' ');
	bool is_am = take_char(cursor, 'A') || take_char(cursor, 'a');
	bool is_pm = !is_am && (take_char(cursor, 'P') || take_char(cursor, 'p'));
	if ((is_am || is_pm) && (take_char(cursor, 'M') || take_char(cursor, 'm')))
		*hour = *hour >= 1 && *hour <= 12 ? *hour % 12 + 12 * is_pm : -1;
	else
		*cursor = start;
}

static bool take_time(struct cursor *cursor, double *seconds)
{
	int hour, minute, second = 0, n = take_digits(cursor, &hour);
	double fraction = 0;
	if (n < 1 || n > 2 || !take_char(cursor, ':') || !take_pair(cursor, &minute))
		return false;
	bool has_seconds = take_char(cursor, ':');
	if (has_seconds && !take_pair(cursor, &second))
		return false;
	if (has_seconds && (take_char(cursor, '.') || take_char(cursor, ',')) && !take_fraction(cursor, &fraction))
		return false;
	take_half_of_day(cursor, &hour);
	if (hour < 0 || hour > 23 || minute > 59 || second > 60)
		return false;
	*seconds = hour * 3600 + minute * 60 + second + fraction;
	return true;
}

static bool take_word(struct cursor *cursor, const char *word)
{
	size_t n = strlen(word);
	bool is_there = (size_t)(cursor->end - cursor->at) >= n && memcmp(cursor->at, word, n) == 0;
	cursor->at += is_there ? n : 0;
	return is_there;
}

static bool take_zone(struct cursor *cursor, double *seconds)
{
	take_char(cursor, ' ');
	if (take_word(cursor, "Z") || take_word(cursor, "UTC") || take_word(cursor, "GMT"))
		return true;
	int hour, minute = 0, sign = take_char(cursor, '-') ? -1 : 1;
	if (sign > 0 && !take_char(cursor, '+'))
		return false;
	if (!take_pair(cursor, &hour))
		return false;
	bool has_minutes = take_char(cursor, ':') || cursor->at < cursor->end;
	if ((has_minutes && !take_pair(cursor, &minute)) || hour > 23 || minute > 59)
		return false;
	*seconds -= sign * (hour * 3600 + minute * 60);
	return true;
}

/* What stands between a date and its time of day; SAS writes a colon behind 01JAN2024. */
static bool take_gap(struct cursor *cursor, enum flt_date_shape shape)
{
	if (take_char(cursor, 'T'))
		return true;
	if (shape == FLT_DATE_D_MON_Y && take_char(cursor, ':'))
		return true;
	take_char(cursor, ',');
	return take_char(cursor, ' ');
}

static bool has_days(enum flt_date_shape shape)
{
	return shape != FLT_DATE_YM_DASH && shape != FLT_DATE_YM_SLASH && shape != FLT_DATE_MY_SLASH &&
	       shape != FLT_DATE_MY_DASH && shape != FLT_DATE_MON_Y;
}

/* 20240131T2359[59[.123]], without a zone. */
static bool take_basic(struct cursor *cursor, struct flt_date_scan *scan)
{
	enum { YEAR_1, YEAR_2, MONTH, DAY, N_PAIRS };
	int pair[N_PAIRS], hour, minute, second = 0;
	double fraction = 0;
	for (int i = 0; i < N_PAIRS; i++)
		if (!take_pair(cursor, &pair[i]))
			return false;
	if (!take_char(cursor, 'T') || !take_pair(cursor, &hour) || !take_pair(cursor, &minute))
		return false;
	bool has_seconds = take_pair(cursor, &second);
	if (has_seconds && (take_char(cursor, '.') || take_char(cursor, ',')) && !take_fraction(cursor, &fraction))
		return false;
	if (hour > 23 || minute > 59 || second > 60 ||
	    !set_date(scan, FLT_DATE_BASIC, 100 * pair[YEAR_1] + pair[YEAR_2], pair[MONTH], pair[DAY]))
		return false;
	scan->seconds = hour * 3600 + minute * 60 + second + fraction;
	return true;
}

/* A time of day and a zone behind a date that ends here; nothing is one, too. */
static bool take_rest(struct cursor *cursor, struct flt_date_scan *scan)
{
	bool is_basic = scan->shape == FLT_DATE_BASIC;
	if (cursor->at == cursor->end && !is_basic)
		return true;
	if (!is_basic &&
	    (!has_days(scan->shape) || !take_gap(cursor, scan->shape) || !take_time(cursor, &scan->seconds)))
		return false;
	scan->has_time = true;
	scan->has_zone = cursor->at < cursor->end;
	return !scan->has_zone || (take_zone(cursor, &scan->seconds) && cursor->at == cursor->end);
}

/* The number of two digits at `at`. */
static int pair_at(const char *at)
{
	return (at[0] - '0') * 10 + at[1] - '0';
}

static bool is_pair(const char *at)
{
	return is_digit(at[0]) && is_digit(at[1]);
}

/* Whether text has the form yyyy-mm-dd hh:mm:ss, as most times are written, or that with a T. */
static bool is_usual(const char *text, size_t length)
{
	enum { LENGTH = 19 };
	return length == LENGTH && text[4] == '-' && text[7] == '-' && (text[10] == ' ' || text[10] == 'T') &&
	       text[13] == ':' && text[16] == ':' && is_pair(text) && is_pair(text + 2) && is_pair(text + 5) &&
	       is_pair(text + 8) && is_pair(text + 11) && is_pair(text + 14) && is_pair(text + 17);
}

/* Reads a usual time, of which a column may have millions, as the rest of this file does, in fewer steps. */
static bool scan_usual(const char *text, struct flt_date_scan *scan)
{
	int hour = pair_at(text + 11), minute = pair_at(text + 14), second = pair_at(text + 17);
	if (hour > 23 || minute > 59 || second > 60 ||
	    !set_date(scan, FLT_DATE_YMD_DASH, 100 * pair_at(text) + pair_at(text + 2), pair_at(text + 5),
	              pair_at(text + 8)))
		return false;
	scan->has_time = true;
	scan->seconds = hour * 3600 + minute * 60 + second;
	return true;
}

bool flt_date_scan(const char *text, size_t length, struct flt_date_scan *scan)
{
	if (is_usual(text, length))
		return scan_usual(text, scan);
	struct cursor cursor = {text, text + length};
	while (take_char(&cursor, ' ')) {
	}
	while (cursor.end > cursor.at && cursor.end[-1] == ' ')
		cursor.end--;
	struct cursor start = cursor;
	if (!take_basic(&cursor, scan)) {
		cursor = start;
		if (!take_date(&cursor, scan))
			return false;
	}
	return take_rest(&cursor, scan);
}

double flt_date_seconds(const struct flt_date_scan *scan, enum flt_date_order order)
{
	int ymd[3];
	arrange(scan, order, ymd);
	return flt_date_of_day(ymd[0], ymd[1], ymd[2]) + scan->seconds;
}

/* ---- from seconds ---- */

void flt_date_text(double seconds, bool with_time, char text[FLT_DATE_TEXT])
{
	long long ymd[3];
	double days = floor(seconds / DAY_SECONDS);
	int second = (int)(seconds - days * DAY_SECONDS);
	day_of(days, ymd);
	int n = snprintf(text, FLT_DATE_TEXT, "%04lld-%02lld-%02lld", ymd[0], ymd[1], ymd[2]);
	if (with_time)
		snprintf(text + n, FLT_DATE_TEXT - (size_t)n, " %02d:%02d:%02d", second / 3600, second / 60 % 60,
		         second % 60);
}

double flt_date_part(double seconds, enum flt_date_part part)
{
	double days = floor(seconds / DAY_SECONDS);
	long long ymd[3];
	if (isnan(seconds))
		return seconds;
	switch (part) {
	case FLT_DATE_HOUR:
		return floor((seconds - days * DAY_SECONDS) / 3600);
	case FLT_DATE_WEEKDAY: /* 1970-01-01 was a Thursday */
		return days + 3 - 7 * floor((days + 3) / 7) + 1;
	case FLT_DATE_MONTH:
		day_of(days, ymd);
		return (double)ymd[1];
	case FLT_DATE_DAYS:
	case FLT_N_DATE_PARTS:
		break;
	}
	return days;
}
