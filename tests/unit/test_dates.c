/* Dates as texts, and the format of a whole column: table/date_text, table/date_format. */
#include "reference_csv.h"

#include <math.h>

#include "table/date_format.h"
#include "suite.h"

static bool read_date(const char *text, enum flt_date_order order, struct flt_date_scan *date, double *seconds)
{
	if (!flt_date_scan(text, strlen(text), date) || !date->is_date[order])
		return false;
	*seconds = flt_date_seconds(date, order);
	return true;
}

static void is_time(const char *text, double want)
{
	double seconds;
	struct flt_date_scan date;
	ck_assert_msg(read_date(text, FLT_DATE_DMY, &date, &seconds), "%s", text);
	ck_assert_double_eq_tol(seconds, want, 1e-6);
}

START_TEST(iso_dates_and_times)
{
	is_time("1970-01-01", 0);
	is_time("1969-12-31", -86400);
	is_time("2000-02-29", 951782400);
	is_time("2024-03-01", 1709251200);
	is_time("0000-01-01", -62167219200);
	is_time("0000-02-29", -62162121600);
	is_time("0000-03-01", -62162035200);
	is_time("0001-01-01", -62135596800);
	is_time("9999-12-31", 253402214400);
	is_time("2024-01-31T23:59", 1706745540);
	is_time("2024-01-31 23:59:59", 1706745599);
	is_time("2024-01-31 00:00:00", 1706659200);
	is_time("1969-12-31 23:59:60", 0);
	is_time("  2024-01-31 23:59:59 ", 1706745599);
	is_time("2024-1-31 23:59:59 Z", 1706745599);
	is_time("2024-01-31T23:59:59.25", 1706745599.25);
	is_time("2024-01-31 23:59:59,25", 1706745599.25);
	is_time("2024-01-31T23:59:59Z", 1706745599);
	is_time("2024-01-31T23:59:60", 1706745600);
	is_time("2024-01-31 23:59:59 UTC", 1706745599);
	is_time("2024-01-31T23:59:59.5-01:30", 1706750999.5);
	is_time("2024-01-31T23:59+0200", 1706738340);
	is_time("2024-01-31T23:59+02", 1706738340);
	is_time("20240131T2359", 1706745540);
	is_time("20240131T235959.25Z", 1706745599.25);
	is_time("20240131T235959+0200", 1706738399);
}
END_TEST

START_TEST(other_shapes)
{
	is_time("2024-1-5", 1704412800);
	is_time("  2024-1-5 ", 1704412800);
	is_time("5.1.2024", 1704412800);
	is_time("05/01/24", 1704412800);
	is_time("05-JAN-24", 1704412800);
	is_time("5Jan2024", 1704412800);
	is_time("5-January-2024", 1704412800);
	is_time("Jan. 5, 2024", 1704412800);
	is_time("Friday, January 5 2024", 1704412800);
	is_time("Fri, 05 Jan 2024 12:00:00 GMT", 1704456000);
	is_time("05JAN2024:12:00:00", 1704456000);
	is_time("5/1/2024, 12:00:00 PM", 1704456000);
	is_time("5/1/2024 12:00 am", 1704412800);
	is_time("5/1/2024 12:59PM", 1704459540);
	is_time("31.12.68", 3124137600);
	is_time("01.01.69", -31536000);
	is_time("1-Sept-2023", 1693526400);
}
END_TEST

START_TEST(no_dates)
{
	static const char *const texts[] = {"",
	                                    "2024",
	                                    "20240131",
	                                    "2024.01",
	                                    "01.2024",
	                                    "2024-13-01",
	                                    "2024-00-01",
	                                    "2023-02-29",
	                                    "1900-02-29",
	                                    "2024-04-31",
	                                    "2024-01-00",
	                                    "2024-001-01",
	                                    "02024-01-01",
	                                    "2024-01/31",
	                                    "2024-01-31-1",
	                                    "31.01.124",
	                                    "1.2.3",
	                                    "10.0.0.1",
	                                    "32/13/2024",
	                                    "13/13/2024",
	                                    "2024-01-31T",
	                                    "2024-01-31T24:00",
	                                    "2024-01-31 24:00:00",
	                                    "2024-01-31 23:60:00",
	                                    "2024-01-31 23:59:61",
	                                    "2024-13-31 23:59:59",
	                                    "2024-04-31 23:59:59",
	                                    "2024_01-31 23:59:59",
	                                    "2024-01_31 23:59:59",
	                                    "2024-01-31_23:59:59",
	                                    "2024-01-31 23-59:59",
	                                    "2024-01-31 23:59-59",
	                                    "2024-01-31 2x:59:59",
	                                    "x024-01-31 23:59:59",
	                                    "2024-01-31T23:60",
	                                    "2024-01-31T23:59:61",
	                                    "20240131T2460",
	                                    "20240131T2",
	                                    "20240132T2359",
	                                    "20240131T2359599",
	                                    "20240131T",
	                                    "2024-01-31T23:59:",
	                                    "2024-01-31T23:59:59.",
	                                    "2024-01-31T13:59 PM",
	                                    "2024-01-31T0:59 AM",
	                                    "2024-01-31T23:59z",
	                                    "2024-01-31T23:59+",
	                                    "2024-01-31T23:59+02:",
	                                    "2024-01-31T23:59+24:00",
	                                    "2024-01-31T23:59Z1",
	                                    "2024-01-31 EST",
	                                    "2024-01-31 23:59 EST",
	                                    "2024-01-31  23:59",
	                                    "2024-01-31Z",
	                                    "2024-01T10:00",
	                                    "13:45",
	                                    "Monday",
	                                    "May",
	                                    "May 5",
	                                    "5 Maybe 2024",
	                                    "5.Jan.2024",
	                                    "Jan-24",
	                                    "5-Jan/2024",
	                                    "31-Jun-2024",
	                                    "Mon 5",
	                                    "2024-W05"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct flt_date_scan date;
		ck_assert_msg(!flt_date_scan(texts[i], strlen(texts[i]), &date), "\"%s\"", texts[i]);
	}
}
END_TEST

START_TEST(as_pandas_reads_them)
{
	struct reference_csv csv;
	size_t n = 0;
	char text[FLT_DATE_TEXT], part[16];
	reference_csv_open(&csv, "tests/reference/dates.csv");
	for (; reference_csv_next(&csv); n++) {
		struct flt_date_scan date;
		double seconds;
		for (size_t i = 6; i < csv.n_fields; i++)
			csv.field[i][-1] = ','; /* of the text */
		const char *written = csv.field[5];
		enum flt_date_order order = (enum flt_date_order)atoi(csv.field[0]);
		ck_assert_msg(read_date(written, order, &date, &seconds), "%s", written);
		ck_assert_msg(fabs(seconds - reference_csv_number(&csv, 1)) < 1e-4, "%s", written);
		for (int i = 0; i < 3; i++) {
			static const enum flt_date_part parts[] = {FLT_DATE_HOUR, FLT_DATE_WEEKDAY, FLT_DATE_MONTH};
			snprintf(part, sizeof part, "%.0f", flt_date_part(seconds, parts[i]));
			ck_assert_str_eq(part, csv.field[2 + i]);
		}
		ck_assert_double_eq(flt_date_part(seconds, FLT_DATE_DAYS), floor(seconds / 86400));
		flt_date_text(seconds, true, text);
		ck_assert(read_date(text, FLT_DATE_DMY, &date, &seconds));
		ck_assert_double_eq(seconds, floor(reference_csv_number(&csv, 1)));
	}
	ck_assert_uint_eq(n, 600);
}
END_TEST

/* ---- the format of a column ---- */

static enum flt_date_verdict decide(const char *const *texts, size_t n, enum flt_date_order order,
                                    struct flt_date_format *format)
{
	struct flt_date_evidence evidence = {0}, half[2] = {{0}, {0}};
	struct flt_date_format of_halves;
	for (size_t i = 0; i < n; i++) {
		struct flt_date_scan date;
		ck_assert_msg(flt_date_scan(texts[i], strlen(texts[i]), &date), "%s", texts[i]);
		flt_date_evidence_add(&evidence, &date, 1);
		flt_date_evidence_add(&half[i % 2], &date, 1);
	}
	enum flt_date_verdict verdict = flt_date_decide(&evidence, order, format);
	flt_date_evidence_merge(&half[1], &half[0]); /* another order, and in parts: the same */
	ck_assert_int_eq(flt_date_decide(&half[1], order, &of_halves), verdict);
	ck_assert_int_eq(of_halves.shape, format->shape);
	ck_assert_int_eq(of_halves.order, format->order);
	ck_assert_int_eq(of_halves.has_zone, format->has_zone);
	ck_assert_int_eq(of_halves.has_time, format->has_time);
	return verdict;
}

#define DECIDE(order, format, ...)                                                                                     \
	decide((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), order, \
	       format)

static void is_format(const struct flt_date_format *format, const char *text)
{
	char written[FLT_DATE_FORMAT_TEXT];
	flt_date_format_text(format, written);
	ck_assert_str_eq(written, text);
}

START_TEST(one_cell_settles_the_order)
{
	struct flt_date_format format;
	ck_assert_int_eq(DECIDE(FLT_DATE_ORDER_FIND, &format, "01/02/2024", "13/02/2024"), FLT_DATES_OF_ONE_FORMAT);
	is_format(&format, "dd/mm/yyyy");
	ck_assert_int_eq(DECIDE(FLT_DATE_ORDER_FIND, &format, "02/13/2024", "01/02/2024"), FLT_DATES_OF_ONE_FORMAT);
	is_format(&format, "mm/dd/yyyy");
	ck_assert_int_eq(DECIDE(FLT_DATE_ORDER_FIND, &format, "01/02/2024", "12/12/2024"), FLT_DATES_AMBIGUOUS);
	ck_assert_int_eq(DECIDE(FLT_DATE_MDY, &format, "01/02/2024", "12/12/2024"), FLT_DATES_OF_ONE_FORMAT);
	is_format(&format, "mm/dd/yyyy");
	ck_assert_int_eq(DECIDE(FLT_DATE_MDY, &format, "01/02/2024", "13/12/2024"), FLT_DATES_WITHOUT_ORDER);
	ck_assert_int_eq(DECIDE(FLT_DATE_ORDER_FIND, &format, "13/02/2024", "02/13/2024"), FLT_DATES_WITHOUT_ORDER);
	ck_assert_int_eq(DECIDE(FLT_DATE_ORDER_FIND, &format, "01.02.2024", "02.02.2024"), FLT_DATES_OF_ONE_FORMAT);
	is_format(&format, "dd.mm.yyyy");
	ck_assert_int_eq(DECIDE(FLT_DATE_ORDER_FIND, &format, "01-02-2024 10:00Z", "12-02-2024 10:00Z"),
	                 FLT_DATES_AMBIGUOUS);
	ck_assert_int_eq(DECIDE(FLT_DATE_DMY, &format, "01-02-2024 10:00Z", "12-02-2024 10:00Z"),
	                 FLT_DATES_OF_ONE_FORMAT);
	is_format(&format, "dd-mm-yyyy hh:mm in UTC");
}
END_TEST

START_TEST(years_of_two_digits)
{
	struct flt_date_format format;
	ck_assert_int_eq(DECIDE(FLT_DATE_ORDER_FIND, &format, "23-01-15", "24-02-28", "24-03-01"), FLT_DATES_AMBIGUOUS);
	ck_assert_int_eq(DECIDE(FLT_DATE_YMD, &format, "23-01-15", "24-02-28", "24-03-01"), FLT_DATES_OF_ONE_FORMAT);
	is_format(&format, "yy-mm-dd");
	ck_assert_int_eq(DECIDE(FLT_DATE_ORDER_FIND, &format, "99-01-15", "98-02-28"), FLT_DATES_OF_ONE_FORMAT);
	is_format(&format, "yy-mm-dd");
	ck_assert_int_eq(DECIDE(FLT_DATE_ORDER_FIND, &format, "15/01/23", "28/02/24"), FLT_DATES_OF_ONE_FORMAT);
	is_format(&format, "dd/mm/yy");
	ck_assert_int_eq(DECIDE(FLT_DATE_ORDER_FIND, &format, "1/15/23", "2/28/24"), FLT_DATES_OF_ONE_FORMAT);
	is_format(&format, "mm/dd/yy");
}
END_TEST

START_TEST(mixtures)
{
	struct flt_date_format format;
	ck_assert_int_eq(DECIDE(FLT_DATE_ORDER_FIND, &format, "2024-01-31", "31.01.2024", "2024-02-01"),
	                 FLT_DATES_OF_SEVERAL_SHAPES);
	is_format(&format, "yyyy-mm-dd");
	ck_assert_int_eq(DECIDE(FLT_DATE_ORDER_FIND, &format, "2024-01-31 10:00", "2024-01-31 10:00Z"),
	                 FLT_DATES_ZONES_MIXED);
	ck_assert_int_eq(DECIDE(FLT_DATE_ORDER_FIND, &format, "2024-01-31 10:00+01:00", "2024-01-31 10:00Z"),
	                 FLT_DATES_OF_ONE_FORMAT);
	ck_assert_int_eq(DECIDE(FLT_DATE_ORDER_FIND, &format, "2024-01-31 10:00", "2024-01-31"),
	                 FLT_DATES_OF_ONE_FORMAT);
	is_format(&format, "yyyy-mm-dd hh:mm");
}
END_TEST

static bool reads(const struct flt_date_format *format, const char *text, double want)
{
	double seconds;
	return flt_date_read(format, text, strlen(text), &seconds) && seconds == want;
}

START_TEST(reading_by_a_format)
{
	struct flt_date_format format = {.shape = FLT_DATE_SLASHES, .order = FLT_DATE_MDY};
	ck_assert(reads(&format, "01/05/2024", 1704412800));
	ck_assert(reads(&format, "01/05/2024 00:01", 1704412860));
	ck_assert(!reads(&format, "13/05/2024", 1715558400));
	ck_assert(!reads(&format, "01.05.2024", 1704412800));
	ck_assert(!reads(&format, "01/05/2024 00:00Z", 1704412800));
	format = (struct flt_date_format){.shape = FLT_DATE_YMD_DASH, .has_zone = true};
	ck_assert(reads(&format, "2024-01-05 01:00+01:00", 1704412800));
	ck_assert(!reads(&format, "2024-01-05 00:00", 1704412800));
	format.shape = FLT_DATE_DIGITS;
	ck_assert(reads(&format, "20240105", 1704412800));
	ck_assert(!reads(&format, "20241305", 0));
	ck_assert(!reads(&format, "20240105.5", 1704412800));
	format.shape = FLT_DATE_SECONDS;
	ck_assert(reads(&format, "1704412800.5", 1704412800.5));
	ck_assert(!reads(&format, "1e300", 1e300));
	format.shape = FLT_DATE_MILLISECONDS;
	ck_assert(reads(&format, "1704412800500", 1704412800.5));
	ck_assert(!reads(&format, "2024-01-05", 1704412800));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("dates");
	TCase *cases = tcase_create("dates");
	tcase_add_test(cases, iso_dates_and_times);
	tcase_add_test(cases, other_shapes);
	tcase_add_test(cases, no_dates);
	tcase_add_test(cases, as_pandas_reads_them);
	tcase_add_test(cases, one_cell_settles_the_order);
	tcase_add_test(cases, years_of_two_digits);
	tcase_add_test(cases, mixtures);
	tcase_add_test(cases, reading_by_a_format);
	suite_add_tcase(suite, cases);
	return suite;
}
