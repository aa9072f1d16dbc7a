/* Numbers for people, with as many digits as in the reports in text. Short texts by value: `flt_page_count(n).text`
 * lives to the end of the full expression. What is not finite is "-". */
#ifndef PAGE_NUMBER_H
#define PAGE_NUMBER_H

#include "page/read.h"

struct flt_page_number {
	char text[64];
};

struct flt_page_number flt_page_count(double value);                       /* 6000, 30,000; of weighted rows 12.5 */
struct flt_page_number flt_page_significant(double value, int digits);     /* 0.00213, 14.2, 3.1e-08 */
struct flt_page_number flt_page_short(double value);                       /* of the data: 24.5, 10,587 or 1e+12 */
struct flt_page_number flt_page_share(double value);                       /* 0.005 is "0.50 %" */
struct flt_page_number flt_page_fraction(double value, int decimals);      /* in [-1, 1]: more decimals near 0 and 1 */
struct flt_page_number flt_page_range(const struct flt_range *range);      /* 0.587 [0.43, 0.73] */
struct flt_page_number flt_page_difference(const struct flt_range *range); /* +0.012 [-0.003, +0.027] */
struct flt_page_number flt_page_alarms(const struct flt_range *range);     /* 37 [24, 55] */
struct flt_page_number flt_page_small(const struct flt_range *range);      /* 0.0017 [-0.0003, 0.0037] */
struct flt_page_number flt_page_exact(double value);                       /* the shortest that reads back */

const char *flt_page_plural(double n); /* "s" unless n is 1 */

#endif
