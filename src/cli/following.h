/* `predict --follow`: what does not go with rows that have no end, and what is said at their end. */
#ifndef CLI_FOLLOWING_H
#define CLI_FOLLOWING_H

#include "cli/settings.h"
#include "fltrain/stream.h"
#include "report/outputs.h"

/* Before the file is opened, and once the outputs are. needs_two_passes: rows are scored twice, as some rules ask. */
enum flt_status following_check(const struct settings *settings, bool needs_two_passes, struct flt_error *err);
enum flt_status following_check_output(const struct settings *settings, const struct flt_outputs *outputs,
                                       struct flt_error *err);

/* Before the first answer. */
void following_begin(void);

/* The number of these rows that have no prediction; with --strict there may be none. */
enum flt_status following_count(const struct settings *settings, const struct flt_scored_rows *rows, size_t *n_unscored,
                                struct flt_error *err);

void following_end(const struct settings *settings, const struct flt_stream *stream, size_t n_unscored);

#endif
