/*
 * Whole folders in memory, to compare and to put back. What goes wrong here ends the walk.
 */
#ifndef TESTS_FAULTS_FOLDER_H
#define TESTS_FAULTS_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

enum { MOST_FILES = 16 };

struct file {
	char name[256];
	char *bytes;
	size_t n;
};

struct folder {
	struct file files[MOST_FILES];
	size_t n;
};

_Noreturn void die(const char *what); /* with what errno says */

void read_fd(int fd, struct file *file); /* all of it; there is a terminator behind the bytes */
void read_folder(const char *path, struct folder *folder);
void release_folder(struct folder *folder);

const struct file *find_file(const struct folder *folder, const char *name); /* NULL if there is none */
bool same_file(const struct file *a, const struct file *b);                  /* false if one is NULL */
bool same_folder(const struct folder *a, const struct folder *b);

/* Lets path hold these files and no others. */
void write_folder(const char *path, const struct folder *folder);

#endif
