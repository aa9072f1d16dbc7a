/* Warnings on stderr about a table that was read. */
#ifndef CLI_TABLE_WARNINGS_H
#define CLI_TABLE_WARNINGS_H

#include "cli/settings.h"
#include "protocol/protocol.h"

/* Says what a file of very many columns takes, if that is much more than its size. */
void tell_of_wide(const struct flt_wide_file *file);

/* The same of a training on such tables. */
void tell_of_wide_training(const struct settings *settings, const struct flt_table *table, double n_bytes);

void warn_of_table(const struct flt_table *table); /* skipped records and dropped rows */

#endif
