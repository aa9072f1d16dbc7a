#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/text.h"

/* Whether two names lead to one file, which need not exist yet. "-" is compared by name. */
bool is_same_file(const char *a, const char *b);

/* The same of two outputs: "-" is stdout, which may be redirected to a file. */
bool is_same_output(const char *a, const char *b);

/* Whether what is written to output lands in input, which may be redirected: "-" is stdout for one, stdin for the
 * other. */
bool is_written_to_input(const char *output, const char *input);

/* Refuses the value of an option of which a shell took the rest as a redirection: of an unquoted recall>=0.9 it leaves
 * "recall", and writes stdout to the file "=0.9". FLT_OK if stdout is no such file. */
enum flt_status refuse_redirected(const char *option, const char *text, struct flt_error *err);

/* Appends the name of an output by default, in the current folder: "folder/fraud.csv.gz" and ".safetensors" give
 * "fraud.safetensors"; what comes from "-" is called `otherwise`. */
enum flt_status name_after(const char *input, const char *otherwise, const char *ending, struct flt_text_buffer *name,
                           struct flt_error *err);

/* A regular file, whatever it is called; inode 0 of what is none, and of "-". */
struct file_id {
	dev_t device;
	ino_t inode;
};

struct file_id identify_file(const char *path);

#endif
