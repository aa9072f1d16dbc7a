/* What predict and evaluate share: how a file is read for a model, and what is said about the reading. */
#ifndef CLI_SCORING_H
#define CLI_SCORING_H

#include "cli/settings.h"
#include "detector/stream.h"

/* How to read a file for the detector: as it was trained, but for the options that were given. */
struct flt_table_options scoring_reading(const struct settings *settings);
char scoring_decimal(const struct settings *settings, const struct flt_detector *detector);

/* Warnings on stderr about what the last run met: categories that were not learnt, records that were skipped. */
void scoring_warn(const struct flt_stream *stream);

#endif
