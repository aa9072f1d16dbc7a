/* Lines that database clients write below a table, or between its header and its records. */
#ifndef CSV_FOOTER_H
#define CSV_FOOTER_H

#include <stdbool.h>
#include <stddef.h>

/* "(600 rows affected)", "600 rows selected.", "600 rows in set (0.01 sec)", a line of dashes, and the like. */
bool flt_is_footer(const char *text, size_t n);

/* Only dashes, equal signs and what separates columns: "-----+----". */
bool flt_is_rule(const char *text, size_t n);

#endif
