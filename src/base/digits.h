/* Large numbers for people. */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include <stddef.h>

/* Sets the thousands of a whole number apart from 10,000 on: "-12345" becomes "-12,345". Other text, such as "1e+20" or
 * "12345.5", stays as it is, and so does what has no room (size bytes). */
void flt_group_digits(char *text, size_t size);

#endif
