/*
 * A study's checkpoint: of each training that has ended its result, of each that is under way the states of its
 * networks (checkpoint_rounds.h), which the result replaces. What the arrays of a result mean, and whether they can be
 * true, is the study's business (trial_result.h).
 */
#ifndef PROTOCOL_CHECKPOINT_RESULTS_H
#define PROTOCOL_CHECKPOINT_RESULTS_H

#include <stddef.h>

#include "protocol/checkpoint.h"

enum flt_result_array { FLT_RESULT_FIGURES, FLT_RESULT_SCORES, FLT_RESULT_LOG_ODDS, FLT_RESULT_EPOCHS, FLT_N_RESULTS };

struct flt_training_result {
	const double *values[FLT_N_RESULTS];
	size_t n[FLT_N_RESULTS]; /* of each array; of figures at least 1 */
};

/* n_trainings will be run; a loaded state must be of as many (else FLT_ERR_MODEL). */
enum flt_status flt_checkpoint_begin_study(struct flt_checkpoint *checkpoint, size_t n_trainings,
                                           struct flt_error *err);

/* What a training left that has ended, valid as long as the checkpoint; NULL: it has not ended. */
const struct flt_training_result *flt_checkpoint_result(const struct flt_checkpoint *checkpoint, size_t training);

/* The training has ended. Copies the result, and asks for a write unless writing has taken its share of the time. By
 * any thread, after the training's networks have left. */
enum flt_status flt_checkpoint_end(struct flt_checkpoint *checkpoint, size_t training,
                                   const struct flt_training_result *result, struct flt_error *err);

#endif
