#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether two names lead to one file, which need not exist yet. "-" is compared by name. */
bool is_same_file(const char *a, const char *b);

/* The same of two outputs: "-" is stdout, which may be redirected to a file. */
bool is_same_output(const char *a, const char *b);

/* Whether what is written to output lands in input, which may be redirected: "-" is stdout for one, stdin for the
 * other. */
bool is_written_to_input(const char *output, const char *input);

/* A regular file, whatever it is called; inode 0 of what is none, and of "-". */
struct file_id {
	dev_t device;
	ino_t inode;
};

struct file_id identify_file(const char *path);

#endif
