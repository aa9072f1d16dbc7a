/*
 * Promised of small foreign texts: a text is a date in some order of its parts, each of which is written as what gmtime
 * makes of it and reads back as the same time, or it is refused; a list of names splits into names that, quoted and
 * joined, split into the same; a number in dress is taken apart into pieces of itself, and a column of such numbers
 * reads it; a missing marker is a marker to whoever looks for it; a text that is shown in a message has no control
 * characters and at most 55 bytes.
 *
 * Input: the text, which may hold NUL where lengths are given.
 */
#include <math.h>
#include <time.h>

#include "base/text.h"
#include "table/date_text.h"
#include "csv/markers.h"
#include "table/number_format.h"
#include "harness.h"

/* What is written is what gmtime makes of the time. */
static void check_clock(double seconds, const char *written)
{
	struct tm tm;
	char text[96];
	time_t whole = (time_t)floor(seconds);
	PROMISE(gmtime_r(&whole, &tm));
	snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
	         tm.tm_hour, tm.tm_min, tm.tm_sec);
	PROMISE(strcmp(text, written) == 0);
	PROMISE(flt_date_part(seconds, FLT_DATE_HOUR) == tm.tm_hour);
	PROMISE(flt_date_part(seconds, FLT_DATE_WEEKDAY) == (tm.tm_wday == 0 ? 7 : tm.tm_wday));
	PROMISE(flt_date_part(seconds, FLT_DATE_MONTH) == tm.tm_mon + 1);
}

/* Without a fraction, and with its zone taken off, a date is written as a text that is the same date. */
static void check_time(const char *text, size_t n)
{
	struct flt_date_scan date, again;
	char written[FLT_DATE_TEXT];
	if (!flt_date_scan(text, n, &date))
		return;
	PROMISE(date.is_date[FLT_DATE_ORDER_FIND]);
	for (int order = FLT_DATE_DMY; order < FLT_N_DATE_ORDERS; order++) {
		if (!date.is_date[order])
			continue;
		double seconds = flt_date_seconds(&date, (enum flt_date_order)order);
		PROMISE(seconds >= -62167219200.0 - 86400 && seconds < 253402300800.0 + 86400);
		flt_date_text(seconds, true, written);
		if (seconds < -62167219200.0 || seconds >= 253402300800.0)
			continue;
		PROMISE(flt_date_scan(written, strlen(written), &again) && again.shape == FLT_DATE_YMD_DASH);
		PROMISE(flt_date_seconds(&again, FLT_DATE_DMY) == floor(seconds));
		check_clock(seconds, written);
	}
}

/* Each name in quotes, those within doubled, joined by commas. To be freed. */
static char *join(const struct flt_names *names)
{
	size_t size = 1;
	for (size_t i = 0; i < names->n; i++)
		size += 2 * strlen(names->items[i]) + 3;
	char *text = malloc(size), *out = text;
	PROMISE(text);
	for (size_t i = 0; i < names->n; i++) {
		if (i)
			*out++ = ',';
		*out++ = '"';
		for (const char *c = names->items[i]; *c; c++) {
			if (*c == '"')
				*out++ = '"';
			*out++ = *c;
		}
		*out++ = '"';
	}
	*out = '\0';
	return text;
}

static void check_names(const char *list)
{
	struct flt_names names, again;
	struct flt_error err;
	PROMISE(flt_names_split(list, &names, &err) == FLT_OK);
	PROMISE((names.n == 0) == !*list);
	char *joined = join(&names);
	PROMISE(flt_names_split(joined, &again, &err) == FLT_OK);
	PROMISE(again.n == names.n);
	for (size_t i = 0; i < names.n; i++)
		PROMISE(strcmp(names.items[i], again.items[i]) == 0);
	free(joined);
	flt_names_release(&names);
	flt_names_release(&again);
}

/* The parts of a number lie within its text, and a column of such numbers would read it. */
static void check_number(const char *text, size_t n)
{
	struct flt_number_shape shape;
	const struct flt_markers none = {0};
	double value;
	if (!flt_number_shape_of(text, n, &shape))
		return;
	PROMISE(shape.core >= text && shape.core + shape.n_core <= text + n);
	PROMISE(shape.suffix >= text && shape.suffix + shape.n_suffix <= text + n);
	PROMISE(shape.n_prefix < FLT_AFFIX_SIZE && shape.n_suffix < FLT_AFFIX_SIZE);
	struct flt_number_format format = {.decimal = shape.decimal ? shape.decimal : '.',
	                                   .thousands = shape.thousands,
	                                   .parentheses = true,
	                                   .trailing_minus = true,
	                                   .minus_sign = true,
	                                   .quotes = true};
	if (!shape.decimal && shape.thousands == FLT_THOUSANDS_POINT)
		format.decimal = ',';
	memcpy(format.prefix, shape.prefix, shape.n_prefix);
	memcpy(format.suffix, shape.suffix, shape.n_suffix);
	enum flt_numeric_cell cell = flt_formatted_cell_read(&none, &format, text, n, &value);
	PROMISE(cell != FLT_CELL_TEXT || n > 100);
	PROMISE(cell != FLT_CELL_NUMBER || isfinite(value));
}

static void check_markers(const char *list)
{
	struct flt_markers markers;
	struct flt_error err;
	PROMISE(flt_markers_init(list, &markers, &err) == FLT_OK);
	PROMISE(flt_markers_hold(&markers, "", 0));
	for (size_t i = 0; i < markers.added.n; i++) {
		const char *item = markers.added.items[i];
		PROMISE(flt_markers_hold(&markers, item, strlen(item)));
	}
	flt_markers_release(&markers);
}

static void check_shown(const char *text, size_t n)
{
	struct flt_shown shown = flt_shown(text, n);
	PROMISE(memchr(shown.text, '\0', sizeof shown.text));
	for (const char *c = shown.text; *c; c++)
		PROMISE((unsigned char)*c >= 0x20 && *c != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	char *text = text_of(bytes, n);
	check_time((const char *)bytes, n);
	check_names(text);
	check_markers(text);
	check_number((const char *)bytes, n);
	check_shown((const char *)bytes, n);
	free(text);
	return 0;
}
