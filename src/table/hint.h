/* The end of a message about a name that does not exist: what the user may have meant. */
#ifndef TABLE_HINT_H
#define TABLE_HINT_H

#include <stddef.h>

enum { FLT_HINT_SIZE = 320 };

/* `; it has "X", the same in another encoding: ...` if one of the names (n) is, `; did you mean "X"?` if one is near
 * text, else `; there are "A", "B", ...`. */
void flt_table_hint(const char *text, const char *const *names, size_t n, char hint[FLT_HINT_SIZE]);

#endif
