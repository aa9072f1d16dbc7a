/* Dates and times as ISO 8601 writes them: 2024-01-31, optionally T or a space and 23:59[:59[.123]], then optionally Z
 * or an offset (+01:00, +0100, +01). */
#ifndef TABLE_ISO8601_H
#define TABLE_ISO8601_H

#include <stdbool.h>
#include <stddef.h>

/* *seconds since 1970-01-01T00:00 (of UTC where an offset is given). False if text is anything else. */
bool flt_iso8601_parse(const char *text, size_t length, double *seconds);

#endif
