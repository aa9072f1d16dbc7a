/*
 * Fuzzing harnesses. Each file of this folder that defines LLVMFuzzerTestOneInput is one, and says at its head what is
 * promised of foreign bytes; a broken promise ends the process, which libFuzzer takes for a crash. Built with clang
 * they look for new inputs (make fuzz); built with any compiler beside replay.c they walk the inputs that lie in the
 * folder of their name (make check-corpus).
 */
#ifndef FUZZ_HARNESS_H
#define FUZZ_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#define PROMISE(what)                                                                                                  \
	do {                                                                                                           \
		if (!(what)) {                                                                                         \
			fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #what);                     \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* An error is one of those that foreign bytes may cause, and one sentence that a terminal can be shown. */
static inline void promise_sentence(enum flt_status status, const struct flt_error *err)
{
	PROMISE(status == err->status);
	PROMISE(status == FLT_ERR_USAGE || status == FLT_ERR_DATA || status == FLT_ERR_MODEL || status == FLT_ERR_GATE);
	PROMISE(err->text[0] && memchr(err->text, '\0', sizeof err->text));
	for (const char *c = err->text; *c; c++)
		PROMISE((unsigned char)*c >= 0x20 && *c != 0x7f);
}

/* Bytes as a text: a copy that ends with NUL where it is no longer ours. To be freed. */
static inline char *text_of(const uint8_t *bytes, size_t n)
{
	char *text = malloc(n + 1);
	PROMISE(text);
	if (n > 0)
		memcpy(text, bytes, n);
	text[n] = '\0';
	return text;
}

/* The path of a file that holds the bytes, until the next call; it lies in memory. */
static inline const char *path_of(const uint8_t *bytes, size_t n)
{
	static int file = -1;
	static char path[64];
	if (file < 0) {
		file = memfd_create("input", 0);
		PROMISE(file >= 0);
		snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	}
	PROMISE(ftruncate(file, 0) == 0);
	PROMISE(n == 0 || pwrite(file, bytes, n, 0) == (ssize_t)n);
	return path;
}

#endif
