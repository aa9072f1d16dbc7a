/*
 * Promised of small foreign texts: an ISO 8601 text is a time whose calendar date and clock, as gmtime gives them, are
 * those that stand in it, or it is refused; a list of names splits into names that, quoted and joined, split into the
 * same; a missing marker is a marker to whoever looks for it; a text that is shown in a message has no control
 * characters and at most 55 bytes.
 *
 * Input: the text, which may hold NUL where lengths are given.
 */
#include <math.h>
#include <time.h>

#include "base/text.h"
#include "table/iso8601.h"
#include "csv/markers.h"
#include "harness.h"

/* The first n characters, which are whole minutes or seconds: what they say is what gmtime makes of the time. */
static void check_clock(const char *text, size_t n, double *seconds)
{
	struct tm tm;
	char written[96];
	if (!flt_iso8601_parse(text, n, seconds))
		return;
	time_t whole = (time_t)*seconds;
	PROMISE((double)whole == *seconds && gmtime_r(&whole, &tm));
	snprintf(written, sizeof written, "%04d-%02d-%02d%c%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1,
	         tm.tm_mday, n > 10 ? text[10] : ' ', tm.tm_hour, tm.tm_min, tm.tm_sec);
	bool is_leap = n == 19 && memcmp(text + 16, ":60", 3) == 0;
	PROMISE(is_leap ? tm.tm_sec == 0 : memcmp(text, written, n) == 0);
}

static void check_time(const char *text, size_t n)
{
	static const size_t lengths[] = {10, 16, 19};
	double seconds, start = 0;
	bool is_time = flt_iso8601_parse(text, n, &seconds);
	for (size_t i = 0; i < 3 && lengths[i] <= n; i++)
		if (lengths[i] < 19 || text[16] == ':')
			check_clock(text, lengths[i], &start);
	PROMISE(!is_time || fabs(seconds - start) <= 86401);
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

static void check_markers(const char *list)
{
	struct flt_markers markers;
	struct flt_error err;
	PROMISE(flt_markers_init(list, &markers, &err) == FLT_OK);
	PROMISE(flt_markers_hold(&markers, "", 0));
	for (size_t i = 0; i < markers.names.n; i++) {
		const char *item = markers.names.items[i];
		PROMISE(flt_markers_hold(&markers, item, strlen(item)));
		PROMISE(markers.may_be_numbers || !strchr("+-.0123456789", *item) || !*item);
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
	check_shown((const char *)bytes, n);
	free(text);
	return 0;
}
