/*
 * --checkpoint and --resume of train: where the state of training may go, where it comes from, and its end. What is
 * there already and was not given to --resume stays as it is: it may be all that is left of a long training.
 */
#ifndef CLI_CHECKPOINTING_H
#define CLI_CHECKPOINTING_H

#include "cli/options.h"
#include "protocol/checkpoint.h"

/* NULL without --checkpoint and --resume. test may be NULL. */
enum flt_status checkpointing_open(const struct settings *settings, const struct flt_table *table,
                                   const struct flt_table *test, struct flt_checkpoint **checkpoint,
                                   struct flt_error *err);

/* After an interrupt: puts the state on the disk. */
enum flt_status checkpointing_save(struct flt_checkpoint *checkpoint, struct flt_error *err);

/* After all is done: the file goes, so that one that is there is of a training that has not ended. */
enum flt_status checkpointing_end(const struct settings *settings, struct flt_error *err);

#endif
