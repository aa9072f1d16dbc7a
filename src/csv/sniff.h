/*
 * Finds the delimiter.
 *
 * The candidates are , ; tab and |. The one wins that occurs in the first record and has that same count in the largest
 * number of the first records. Ties go to the one that occurs more often, except that ; beats a comma that only ever
 * stands between digits (a decimal comma).
 *
 * If none of them is in every second record as often as in the first, and if runs of blanks and tabs, or : or ^, split
 * all records into the same number of fields, it is that. So do blanks where all commas are decimal,
 * and where tabs are among the blanks that align columns.
 */
#ifndef CSV_SNIFF_H
#define CSV_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

/* bytes (n): the beginning of the table; all of it with is_all. ' ' stands for runs of blanks and tabs. */
char flt_sniff_delimiter(const unsigned char *bytes, size_t n, bool is_all, char decimal);

#endif
