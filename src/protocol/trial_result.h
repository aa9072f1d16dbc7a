/*
 * What a trial that has ended leaves in a checkpoint: all that the figures, the log and the predictions of its study
 * are made from. In the checkpoint it is four vectors of doubles (checkpoint_results.h):
 *
 * - figures: threshold, seconds of scoring, seconds of training, weights, networks, epochs and best epoch of the first;
 * - scores of the fold's test rows;
 * - log_odds of these;
 * - epochs: for each line of the epoch log the numbers of epoch_numbers.h; network, networks, epoch, epochs, l2, best.
 *
 * What reported the rows that chose a threshold is not kept.
 */
#ifndef PROTOCOL_TRIAL_RESULT_H
#define PROTOCOL_TRIAL_RESULT_H

#include "protocol/checkpoint_results.h"
#include "protocol/crossval.h"

/* Tells the checkpoint that this training has ended. */
enum flt_status flt_trial_keep(const struct flt_cv_trial *trial, size_t n_test, struct flt_checkpoint *checkpoint,
                               size_t training, struct flt_error *err);

/* Bytes of such a result. */
size_t flt_trial_bytes(size_t n_test, size_t n_epochs);

/* Fills a trial, which is all zero, as it was when it ended. FLT_ERR_MODEL: this cannot have been left by a trial with
 * so many test rows; the sentence has no subject. flt_cv_free frees what there is, also after a failure. */
enum flt_status flt_trial_take(struct flt_cv_trial *trial, size_t n_test, const struct flt_training_result *result,
                               struct flt_error *err);

#endif
