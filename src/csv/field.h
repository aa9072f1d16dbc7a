/* Fields of a CSV that is written. */
#ifndef CSV_FIELD_H
#define CSV_FIELD_H

#include <stdio.h>

/* Quoted where a reader would otherwise see another field, another record, or lose outer spaces. */
void flt_write_field(FILE *out, const char *text);
void flt_write_number(FILE *out, double value); /* reads back exactly */

#endif
