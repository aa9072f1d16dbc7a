/* A file under a new name, for tests that need one only for a moment. */
#ifndef TEMPORARY_H
#define TEMPORARY_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEMPORARY_SIZE = 32 };

/* Makes a file and opens it to be written. path gets its name; unlink(path) is the caller's. */
static inline FILE *temporary_file(char path[TEMPORARY_SIZE])
{
	strcpy(path, "/tmp/fltrain-test-XXXXXX");
	int descriptor = mkstemp(path);
	ck_assert_int_ge(descriptor, 0);
	FILE *file = fdopen(descriptor, "w");
	ck_assert_ptr_nonnull(file);
	return file;
}

#endif
