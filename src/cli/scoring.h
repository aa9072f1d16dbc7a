/* What predict and evaluate share: how a file is read for a model, and warnings about what was read. */
#ifndef CLI_SCORING_H
#define CLI_SCORING_H

#include "cli/settings.h"
#include "fltrain/stream.h"

/* How to read a file for a detector: as in training, but for the options that were given. */
struct flt_reading_options scoring_reading(const struct settings *settings);

/* Warns on stderr of categories that were not learnt and of records that were skipped, in the last run. */
void scoring_warn(const struct flt_stream *stream);

#endif
