/* Whether a stored state belongs to this training. */
#ifndef PROTOCOL_CHECKPOINT_MATCH_H
#define PROTOCOL_CHECKPOINT_MATCH_H

#include "protocol/checkpoint.h"

/* FLT_ERR_USAGE: another command, or other options, the first of which is named; FLT_ERR_DATA: other data.
 * stored->test_sha256 is "" for a training without a test file. */
enum flt_status flt_checkpoint_match(const struct flt_checkpoint *checkpoint, const struct flt_checkpoint_about *stored,
                                     struct flt_error *err);

#endif
