#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include <stdbool.h>

/* Whether two names lead to one file. "-" and files that do not exist yet are compared by name. */
bool is_same_file(const char *a, const char *b);

#endif
