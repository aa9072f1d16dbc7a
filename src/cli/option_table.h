/* The rows of all options. To add an option, add its row, and a field of struct settings for its value. */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include "cli/option.h"

enum { MAX_OPTIONS = 128 };

extern const struct option flt_options[];
extern const size_t flt_n_options;
extern const char *const flt_option_groups[N_GROUPS]; /* their titles */

/* The option of that long name, NULL if there is none; the name needs no terminator. */
const struct option *option_find(const char *name, size_t length);

/* The row of an option that exists. */
size_t option_row(const char *name);

/* The option of `commands` that other programs call so; NULL: none. */
const struct option *option_of_other_name(const char *name, unsigned commands);

/* "; did you mean --gamma?" for a mistyped name, or "" if none is near. Of the options that `commands` take. */
void option_suggest(const char *wrong, const char *dashes, unsigned commands, char *text, size_t size);

#endif
