/* Progress as the options want it shown, and tables that are read under it. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/settings.h"
#include "report/progress.h"

/* On stderr, in the style of --progress; without that option a bar on a terminal, lines on one that knows no
 * escapes, and with -v lines elsewhere. */
struct flt_progress progress_start(const struct settings *settings, const char *what);

/* The same, shown at once: of work whose share is told late, or never. */
struct flt_progress progress_begin(const struct settings *settings, const char *what);

/* For whoever tells a share of work that is done: shows the struct flt_progress. */
void progress_on_share(void *progress, double share);

/* Reads the files of the command line, and that of --test if there is one; says what is odd about them, unless told to
 * be quiet. needs_sha256: flt_table_sha256 will be called. *test NULL: there is none. On failure both are NULL, or to
 * be freed. */
enum flt_status progress_read_tables(const struct settings *settings, bool needs_sha256, struct flt_table **table,
                                     struct flt_table **test, struct flt_error *err);

#endif
