/*
 * The files that a command writes. They are opened before the long work, so that a name that cannot be written is
 * heard of at once, and put in place after it, each in one step. "-" is stdout, which then holds nothing else.
 */
#ifndef CLI_OUTPUTS_H
#define CLI_OUTPUTS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

enum { MAX_OUTPUTS = 4 };

struct outputs {
	size_t n;
	struct {
		const char *path;
		struct flt_atomic_file *file; /* NULL: stdout */
	} all[MAX_OUTPUTS];
	bool stdout_taken;
};

/* Adds one; path NULL adds nothing and gives a NULL stream. */
enum flt_status outputs_open(struct outputs *outputs, const char *path, FILE **stream, struct flt_error *err);
enum flt_status outputs_commit(struct outputs *outputs,
                               struct flt_error *err); /* all of them, or none where the disk is full */
void outputs_discard(struct outputs *outputs);         /* what is not committed */
size_t outputs_paths(const struct outputs *outputs, const char *paths[MAX_OUTPUTS]); /* of files, for people */

#endif
