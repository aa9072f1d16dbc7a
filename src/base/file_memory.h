/*
 * Large arrays in a file instead of memory, for data that are larger than memory: the system writes what it has no
 * room for to the file, and reads it back when it is looked at. The file lies in a folder that the user names, has no
 * name of its own, and is gone when the process is, however that ends.
 *
 * Arrays are asked for by base/alloc.c alone, to which it is another place where memory comes from. Safe between
 * threads.
 */
#ifndef BASE_FILE_MEMORY_H
#define BASE_FILE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Smaller arrays stay in memory: they are many, are looked at often, and add up to little. */
enum { FLT_FILE_MEMORY_LEAST = 1 << 20 };

/* Opens the file in the folder (borrowed, for good), which is made if it is missing. FLT_ERR_MACHINE with a sentence
 * if there can be none. At most once in a process. */
enum flt_status flt_file_memory_open(const char *folder, struct flt_error *err);
void flt_file_memory_close(void); /* all arrays must be free */

/* Whether an array of that many bytes belongs into the file: false without one. */
bool flt_file_memory_takes(size_t n_bytes);

/* The folder's path; NULL: there is no file. */
const char *flt_file_memory_folder(void);

/* Whether it is an array in the file. Any pointer will do. */
bool flt_file_memory_has(const void *array);

/* An array of zeros, at 64 bytes, whose place on the disk is reserved, so that writing to it cannot fail for want of
 * space. NULL, with errno set, if the disk has no room for it. */
void *flt_file_memory_new(size_t n_bytes);
size_t flt_file_memory_size(const void *array); /* its bytes */
void flt_file_memory_free(void *array);         /* gives its place on the disk back */

#endif
