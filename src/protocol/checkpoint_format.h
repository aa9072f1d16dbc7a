/*
 * The file of a checkpoint, in the envelope of fltrain's files (container/envelope.h). Texts: the version of fltrain,
 * the options, the checksums of the data, the number of networks of each training, the instructions that computed it,
 * the command. Tensors, for each network N that has a state:
 *
 *	networkN.params, .first, .second, .mean, .best   F32 (n_params)  those of enum flt_state_vector that there are
 *	networkN.steps                                   U64 (1)
 *	networkN.sums                                    F64 (4)
 *	networkN.epochs                                  F64 (n_epochs, 8)  one line of the epoch log each
 *
 * In a study of several trainings these names begin with "trainingT.", and each training that has ended has, instead of
 * networks, F64 vectors:
 *
 *	trainingT.figures, .scores, .log_odds, .epochs   see trial_result.h
 */
#ifndef PROTOCOL_CHECKPOINT_FORMAT_H
#define PROTOCOL_CHECKPOINT_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/checkpoint.h"

extern const struct flt_envelope flt_checkpoint_envelope;

/* All of it, or only what other ranks do not have yet. *bytes is freed by flt_free; NULL on failure. */
enum flt_status flt_checkpoint_to_bytes(const struct flt_checkpoint *checkpoint, uint8_t **bytes, size_t *n_bytes,
                                        struct flt_error *err);
enum flt_status flt_checkpoint_news_to_bytes(const struct flt_checkpoint *checkpoint, uint8_t **bytes, size_t *n_bytes,
                                             struct flt_error *err);

/* Fills the slots; fails like flt_checkpoint_load, without the path. check_digest false lets tests and fuzzers reach
 * the code after the digest. */
enum flt_status flt_checkpoint_parse(struct flt_checkpoint *checkpoint, const uint8_t *bytes, size_t n_bytes,
                                     bool check_digest, struct flt_error *err);

#endif
