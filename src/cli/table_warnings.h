/* Warnings on stderr about a table that was read. */
#ifndef CLI_TABLE_WARNINGS_H
#define CLI_TABLE_WARNINGS_H

#include "cli/settings.h"
#include "fltrain/stream.h"
#include "protocol/protocol.h"

/* Says what a file of very many columns takes, if that is much more than its size. */
void tell_of_wide(const struct flt_wide_file *file);

/* The same of a training on such tables. */
void tell_of_wide_training(const struct settings *settings, const struct flt_table *table, double n_bytes);

/* The same of scoring them: files (n) were opened as the stream. */
void tell_of_wide_scoring(const struct settings *settings, const char *const *files, size_t n,
                          const struct flt_stream *stream);

void warn_of_table(const struct flt_table *table); /* skipped records and dropped rows */

/* Rows of one class that lie together suit no --order blocks. */
void warn_of_order(const struct flt_fit_plan *plan);

#endif
