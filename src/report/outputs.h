/*
 * The files that a command writes, which appear all together or not at all, but for those that are dropped. They are
 * opened before the long work, so that a name that cannot be written is reported at once, and put in place after it.
 * "-" is stdout, which then holds nothing else. What goes to a terminal goes there through report/terminal_stream.h.
 */
#ifndef REPORT_OUTPUTS_H
#define REPORT_OUTPUTS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "report/style.h"

struct flt_atomic_file;

enum { FLT_MAX_OUTPUTS = 5 };

struct flt_output {
	const char *path;             /* borrowed */
	struct flt_atomic_file *file; /* NULL: stdout, or in place */
	FILE *terminal;               /* what is written to where this is a terminal; else NULL */
};

/* Zero-initialise all but standard. */
struct flt_outputs {
	FILE *standard;    /* what "-" stands for */
	bool keeps_files;  /* what exists is not replaced */
	bool stdout_taken; /* by one of the outputs */
	size_t n;
	struct flt_output all[FLT_MAX_OUTPUTS];
};

/* Adds one; path NULL adds nothing and gives a NULL stream. */
enum flt_status flt_outputs_open(struct flt_outputs *outputs, const char *path, FILE **stream, struct flt_error *err);

/* Whether bytes of one of them go where they are seen at once: to stdout, a pipe, a device. */
bool flt_outputs_any_is_seen(const struct flt_outputs *outputs);

/* Puts the bytes of all of them on the disk, or into pipes and devices, which may wait for a reader. A write that
 * failed earlier is reported here, or that the disk is full. */
enum flt_status flt_outputs_finish(struct flt_outputs *outputs, struct flt_error *err);

/* Puts all of them in place, after they are finished. */
enum flt_status flt_outputs_commit(struct flt_outputs *outputs, struct flt_error *err);

/* Removes one output, which was not committed: nothing appears under its name. */
void flt_outputs_drop(struct flt_outputs *outputs, const char *path);

/* Removes what is not committed. */
void flt_outputs_discard(struct flt_outputs *outputs);

/* For a signal handler that ends the program: leaves no temporary file of any output behind, and no folder of a proof.
 */
void flt_outputs_abandon(void);

/* Tells people the names of the files, if there are any. */
void flt_outputs_list(const struct flt_outputs *outputs, FILE *out, struct flt_style style);

/* Whether a file of this name could be written; leaves nothing behind. */
enum flt_status flt_output_check(const char *path, struct flt_error *err);

/* Whether the name stands for one of the process's own descriptors, which is written to as it is, not replaced. */
bool flt_output_is_descriptor(const char *path);

/* Whether everything ever written to stream has arrived; if not, errno says why. */
bool flt_output_flush(FILE *stream);

#endif
