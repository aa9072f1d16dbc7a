/*
 * Whether a record is the header of the records below it, judged by the weight of evidence.
 *
 * Each column is asked how much more often its first text would be seen if it were a name than if it were one more
 * value, and the logarithms of these ratios are added up:
 *
 *   - text over numbers, or text without digits over values that all have digits: for, the more so the more rows;
 *   - a number over numbers: against; less so if it does not fit them (outside their range, a whole number over numbers
 *     with decimals, a year), or if the numbers of the record count up (0,1,2,..., 2019,2020,...), as names do;
 *   - a text that occurs again below: against; one that does not, where the texts below all do: for;
 *   - a text of the form of those below ("2023-01-05", "A12"): against;
 *   - an empty text over values: against, except in the first column, where pandas writes none for its index.
 *
 * So neither one odd cell in the first row of data nor one odd name in a header decides.
 */
#ifndef CSV_HEADER_H
#define CSV_HEADER_H

#include "csv/markers.h"
#include "csv/preview.h"

/* Evidence of this weight (a ratio of 7 to 1) makes up for an uncommon layout of the lines above a table. */
#define FLT_HEADER_IS_CLEAR 2.0

/* The weight for row `header` of a preview as the header of the rows after it; above 0 it is one. With `shift` its
 * first name belongs to the second column. */
double flt_header_weight(const struct flt_preview *preview, size_t header, size_t shift,
                         const struct flt_markers *markers, char decimal);

/* Whether a field of the row is the name. */
bool flt_header_holds(const struct flt_preview *preview, size_t row, const char *name);

/* Whether the name is that of a column without a name: c1, c2, ... */
bool flt_is_default_name(const char *name);

#endif
