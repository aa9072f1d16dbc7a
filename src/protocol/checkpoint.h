/*
 * A checkpoint: the state of a training, or of a study of many, in a file. Work can be stopped at any time, and from
 * the file it goes on to the same bits as if it had never stopped.
 *
 * Life cycle: new; load, to continue earlier work; then hand it to flt_experiment_train in flt_hooks, or to
 * flt_study_run in flt_cv_hooks, which write the file again and again, each time as a whole; save at any time; free.
 * When the machine goes down, the work of at most ten seconds is lost, and at most a tenth of that done so far, unless
 * writing is slow: it may take at most one hundredth of the time.
 */
#ifndef PROTOCOL_CHECKPOINT_H
#define PROTOCOL_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct flt_checkpoint;

/* What identifies a training: only the same one continues from a state. */
struct flt_checkpoint_about {
	const char *options;     /* all that the result depends on, one "key = value" a line */
	const char *data_sha256; /* checksum of the table's file */
	const char *test_sha256; /* checksum of the file of --test; NULL: none */
	const char *command;     /* "train", "compare", "cv" */
	size_t most_trainings;   /* that it can have; 0: any number */
};

/* Called when a write during training fails, by any thread but one at a time. Training continues, the older file is
 * intact, and the next write may succeed. */
typedef void flt_on_write_failure(void *context, const struct flt_error *why);

/* Writes nothing yet. Copies path (NULL: nothing is ever written) and about. on_failure may be NULL. */
enum flt_status flt_checkpoint_new(const char *path, const struct flt_checkpoint_about *about,
                                   flt_on_write_failure *on_failure, void *context, struct flt_checkpoint **checkpoint,
                                   struct flt_error *err);
void flt_checkpoint_free(struct flt_checkpoint *checkpoint);

/* Loads a state from a file, before training. FLT_ERR_DATA: it cannot be read, or belongs to other data; FLT_ERR_USAGE:
 * to another command or other options, the first of which is named; FLT_ERR_MODEL: it is no checkpoint, is damaged, or
 * was written by another version of fltrain. */
enum flt_status flt_checkpoint_load(struct flt_checkpoint *checkpoint, const char *path, struct flt_error *err);

/* After loading: the instructions that the state was computed with, where this machine computes with others, which may
 * round the last bits differently; else NULL. */
const char *flt_checkpoint_other_kernels(const struct flt_checkpoint *checkpoint);
const char *flt_checkpoint_own_kernels(void);

/* Writes the state as it is now: by any thread, before training, after it, and during it. Then it waits for the end of
 * the step that each network is at; whatever else training is busy with is not waited for, since nothing is lost. */
enum flt_status flt_checkpoint_save(struct flt_checkpoint *checkpoint, struct flt_error *err);

/* Whether the file begins like a checkpoint. False if there is no such file; an error if it cannot be read. */
enum flt_status flt_checkpoint_is_file(const char *path, bool *is_one, struct flt_error *err);

#endif
