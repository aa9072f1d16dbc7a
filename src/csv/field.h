/* Fields of a CSV file that is written. */
#ifndef CSV_FIELD_H
#define CSV_FIELD_H

#include <stdio.h>

#include "base/error.h"

/* Receives a piece of the output; `out` is the caller's: a FILE, a growing buffer, ... */
typedef enum flt_status flt_field_sink(void *out, const char *bytes, size_t n, struct flt_error *err);

/* Passes text to the sink as a field: in quotes if a reader would otherwise see another field or another record, or
 * drop outer spaces. That holds for each delimiter that a reader may find by itself, and for the given one. */
enum flt_status flt_put_field(const char *text, char delimiter, flt_field_sink *sink, void *out, struct flt_error *err);

/* To a file with commas. Errors are left in the stream, as by fputs. */
void flt_write_field(FILE *out, const char *text);
void flt_write_number(FILE *out, double value); /* the shortest text that reads back as the same number */

#endif
