/* Whether the numbers of a column could be grouped in threes by what is taken for their decimal mark (finding.h). */
#ifndef TABLE_GROUPING_H
#define TABLE_GROUPING_H

#include "table/finding.h"

static inline bool flt_is_plain_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

/* Whether a number has up to three digits and nothing else, as those have that may be grouped to the end of a column.
 */
static inline bool flt_is_short_bare(const char *text, size_t length)
{
	return length <= 3 && flt_is_plain_digit(text[0]) && flt_is_plain_digit(text[length - 1]) &&
	       flt_is_plain_digit(text[length / 2]);
}

/* Notes a number that is longer. */
void flt_note_long_grouping(struct flt_plain_numbers *plain, const char *text, size_t length, char decimal);

/* Notes a number, text, of a column whose numbers so far could be grouped. Called until one cannot be, which in most
 * columns is among the first. */
static inline void flt_note_grouping(struct flt_plain_numbers *plain, const char *text, size_t length, char decimal)
{
	if (flt_is_short_bare(text, length))
		plain->has_hundreds |= length == 3;
	else
		flt_note_long_grouping(plain, text, length, decimal);
}

#endif
