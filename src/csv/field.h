/* Fields of a CSV file that is written. */
#ifndef CSV_FIELD_H
#define CSV_FIELD_H

#include <stdio.h>

#include "base/text.h"

/*
 * A field is written in quotes if a reader would otherwise see another field or another record, or drop outer spaces.
 * That holds for each delimiter that a reader may find by itself, and for the one that is given. Between blanks, an
 * empty field is written in quotes, too.
 */
enum flt_status flt_append_field(struct flt_text_buffer *buffer, const char *text, size_t length, char delimiter,
                                 struct flt_error *err);
void flt_write_field(FILE *out, const char *text); /* between commas */
void flt_write_number(FILE *out, double value);    /* the shortest text that reads back as the same number */

#endif
