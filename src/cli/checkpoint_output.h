/*
 * --checkpoint and --resume of train, compare and cv: the file that keeps the state of training, from the first check
 * that it can be written to its removal when all is done. A file that exists and was not given to --resume is never
 * replaced: it may be all that is left of a long training.
 */
#ifndef CLI_CHECKPOINT_OUTPUT_H
#define CLI_CHECKPOINT_OUTPUT_H

#include "cli/settings.h"
#include "protocol/checkpoint.h"

/* NULL without --checkpoint and --resume, unless there are ranks: they work on one state. test may be NULL.
 * most_trainings: that there can be. */
enum flt_status checkpoint_output_open(const struct settings *settings, const struct flt_table *table,
                                       const struct flt_table *test, size_t most_trainings,
                                       struct flt_checkpoint **checkpoint, struct flt_error *err);

/* From now on an interrupt saves the state, if there is a file for it (cli/interrupt.h). */
enum flt_status checkpoint_output_watch(const struct settings *settings, struct flt_checkpoint *checkpoint,
                                        struct flt_error *err);

/* FLT_ERR_MODEL after training: the state was not one of it, which is known when it starts. Names the file. */
enum flt_status checkpoint_output_refuse(const struct settings *settings, struct flt_error *err);

/* After all is done: removes the file, so that an existing one always belongs to a training that has not ended. It
 * stays if what was printed could not be written, which the end of the program says. */
enum flt_status checkpoint_output_remove(const struct settings *settings, struct flt_error *err);

#endif
