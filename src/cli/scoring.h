/* What predict and evaluate share: how a file is read for a model, and warnings about what was read. */
#ifndef CLI_SCORING_H
#define CLI_SCORING_H

#include "cli/settings.h"
#include "fltrain/stream.h"

/* Loads the model, the first of the files. */
enum flt_status scoring_load(const struct settings *settings, struct flt_detector **detector, struct flt_error *err);

/* How to read a file for a detector: as in training, but for the options that were given. */
struct flt_reading_options scoring_reading(const struct settings *settings);

/* Over ranks: all of them call it when the stream is open, and then run it alike. Warns of processors that differ. */
enum flt_status scoring_deal(const struct settings *settings, const struct flt_detector *detector,
                             struct flt_stream *stream, struct flt_error *err);

/* Warns on stderr of records that were skipped, of columns that are not as in training, and of categories that were not
 * learnt, in the last run. What scoring_refuse will say is left to it. */
void scoring_warn(const struct settings *settings, const struct flt_stream *stream);

/* Whether what the options ask for can be done with this detector. */
enum flt_status scoring_check(const struct settings *settings, const struct flt_detector *detector,
                              struct flt_error *err);

/* Adapts the detector to a prior and says on stderr what that does to its threshold, unless --threshold replaces it. */
enum flt_status scoring_set_prior(const struct settings *settings, struct flt_detector *detector, double prior,
                                  struct flt_error *err);

/* With --strict, whether a column that is not as in training is to end the command. */
bool scoring_is_refused(const struct settings *settings, const struct flt_stream *stream);

/* The error of such a file. unwritten: what was not written because of it, with a verb; NULL: nothing. */
enum flt_status scoring_refuse(const struct settings *settings, const struct flt_stream *stream, const char *unwritten,
                               struct flt_error *err);

#endif
