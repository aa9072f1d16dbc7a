/*
 * A checkpoint: the state of a training in a file, so that it can be stopped at any time and still ends in the same
 * bits as if it had not been.
 *
 * While its networks train, the file is written again and again, whole each time. What is lost when the machine goes
 * down is about a tenth of the time that training took so far, and at most ten seconds; only where writing takes long
 * it is more, since writing gets a hundredth of the time.
 */
#ifndef PROTOCOL_CHECKPOINT_H
#define PROTOCOL_CHECKPOINT_H

#include <stdbool.h>

#include "base/error.h"

struct flt_checkpoint;

/* What a training is: a state goes on under the same only. */
struct flt_checkpoint_about {
	const char *options;     /* all that its result depends on, one "key = value" a line */
	const char *data_sha256; /* of the table's file */
	const char *test_sha256; /* of the file with the rows to judge on; NULL: none */
};

/* Is told, from any thread but one at a time, of a write on the way that failed. Training goes on, the older file is
 * whole, and the next write may succeed. */
typedef void flt_on_write_failure(void *context, const struct flt_error *why);

/* Writes nothing yet; everything is copied. To be handed on in flt_hooks. */
enum flt_status flt_checkpoint_new(const char *path, const struct flt_checkpoint_about *about,
                                   flt_on_write_failure *on_failure, void *context, struct flt_checkpoint **checkpoint,
                                   struct flt_error *err);
void flt_checkpoint_free(struct flt_checkpoint *checkpoint);

/* Takes the state from a file, before training. FLT_ERR_DATA if it cannot be read or is of other data, FLT_ERR_USAGE if
 * it is of a training with other options (the first of them is named), FLT_ERR_MODEL if it is no checkpoint, damaged or
 * of another version of fltrain. */
enum flt_status flt_checkpoint_load(struct flt_checkpoint *checkpoint, const char *path, struct flt_error *err);

/* Writes what is known, after training was stopped; also before it began. */
enum flt_status flt_checkpoint_save(struct flt_checkpoint *checkpoint, struct flt_error *err);

/* Whether a file is a checkpoint by its first bytes; one that is not there is none. */
enum flt_status flt_checkpoint_is_file(const char *path, bool *is_one, struct flt_error *err);

#endif
