/* What files of very many columns take in memory, said before they take it. */
#ifndef REPORT_WIDE_TEXT_H
#define REPORT_WIDE_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* name: of the file. file_bytes: the size of the file, or of all files; 0: not known. */
void flt_report_wide(FILE *out, const char *name, size_t n_columns, double n_bytes, double file_bytes);
void flt_report_wide_training(FILE *out, double n_bytes, double file_bytes);

#endif
