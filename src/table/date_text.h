/*
 * One date or date-time as a text: taken apart, turned into seconds since 1970-01-01 (proleptic Gregorian calendar, no
 * leap seconds), and written. Own code, since strptime depends on the locale.
 *
 * A date has one of the shapes below. Day and month have one or two digits; names of months are English, short or long,
 * in any case; years of two digits mean 1969 to 2068, as in POSIX. A weekday's name may precede the date. A time of day
 * may follow after T, a blank, or a comma and a blank: hh:mm[:ss[.fraction]], where the fraction's mark may be a comma,
 * then AM or PM, and then Z, UTC, GMT or an offset from UTC (+01:00, +0100, +01). ISO 8601's basic
 * format has neither marks in the date nor in the time: 20240131T235959Z. Blanks around all of it are ignored.
 *
 * 02/03/2024 alone does not say which number is the month. So a text tells in which orders it is a date, and a whole
 * column decides (table/date_format.h).
 */
#ifndef TABLE_DATE_TEXT_H
#define TABLE_DATE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum flt_date_shape {
	FLT_DATE_YMD_DASH,
	FLT_DATE_YMD_SLASH,
	FLT_DATE_YMD_POINT,
	FLT_DATE_YM_DASH, /* a month is its first day */
	FLT_DATE_YM_SLASH,
	FLT_DATE_MY_SLASH,
	FLT_DATE_MY_DASH,
	FLT_DATE_POINTS, /* day, month and year; their order is that of a column */
	FLT_DATE_SLASHES,
	FLT_DATE_DASHES,
	FLT_DATE_SHORT_POINTS, /* the same with two digits for the year */
	FLT_DATE_SHORT_SLASHES,
	FLT_DATE_SHORT_DASHES,
	FLT_DATE_D_MON_Y, /* parts joined by a blank, -, / or nothing */
	FLT_DATE_D_MON_SHORT,
	FLT_DATE_MON_D_Y,
	FLT_DATE_MON_Y,
	FLT_DATE_BASIC,   /* yyyymmddThhmm[ss]: always with a time of day, since 20240131 alone is a number */
	FLT_DATE_N_TEXTS, /* the shapes above are found in texts; those below are what numbers can mean if asked */
	FLT_DATE_DIGITS = FLT_DATE_N_TEXTS,
	FLT_DATE_SECONDS,
	FLT_DATE_MILLISECONDS,
	FLT_N_DATE_SHAPES
};
extern const char *const flt_date_shape_words[]; /* "yyyy-mm-dd"; of day and month the day stands first */

/* Of the parts of a shape with three numbers. FIND: that of the texts. */
enum flt_date_order {
	FLT_DATE_ORDER_FIND,
	FLT_DATE_DMY,
	FLT_DATE_MDY,
	FLT_DATE_YMD, /* years of two digits only */
	FLT_N_DATE_ORDERS
};
extern const char *const flt_date_order_words[];

struct flt_date_scan {
	enum flt_date_shape shape;
	int parts[3];                    /* in shapes with an order, as they stand; else year, month, day */
	bool is_date[FLT_N_DATE_ORDERS]; /* in that order it is a day of the calendar; FIND: in some order */
	bool has_time, has_zone;
	double seconds; /* since midnight UTC, or since midnight if there is no zone */
};

/* False if text is no date in any order. */
bool flt_date_scan(const char *text, size_t length, struct flt_date_scan *scan);

/* Seconds since 1970-01-01T00:00. Only if scan.is_date[order]; shapes without an order take any but FIND. */
double flt_date_seconds(const struct flt_date_scan *scan, enum flt_date_order order);

/* The calendar. */
bool flt_date_is_day(int year, int month, int day);
double flt_date_of_day(int year, int month, int day); /* its seconds */

enum { FLT_DATE_TEXT = 40 };

/* "2024-01-31", or "2024-01-31 23:59:59" with the fraction cut off. Years outside 0 to 9999 are written as such. */
void flt_date_text(double seconds, bool with_time, char text[FLT_DATE_TEXT]);

/* What a date becomes as inputs. */
enum flt_date_part { FLT_DATE_HOUR, FLT_DATE_WEEKDAY, FLT_DATE_MONTH, FLT_DATE_DAYS, FLT_N_DATE_PARTS };
extern const char *const flt_date_part_words[];

/* 0 to 23; 1 (Monday) to 7; 1 to 12; whole days since 1970-01-01. NaN of NaN. */
double flt_date_part(double seconds, enum flt_date_part part);

#endif
