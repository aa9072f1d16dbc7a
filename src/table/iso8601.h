/* Dates and times of ISO 8601: 2024-01-31, optionally followed by T or a space and 23:59[:59[.123]], and then by Z or
 * an offset from UTC (+01:00, +0100, +01). */
#ifndef TABLE_ISO8601_H
#define TABLE_ISO8601_H

#include <stdbool.h>
#include <stddef.h>

/* *seconds since 1970-01-01T00:00, in UTC if an offset is given. False if text is not a date or time. */
bool flt_iso8601_parse(const char *text, size_t length, double *seconds);

#endif
