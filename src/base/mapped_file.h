/* A whole file to read as memory, for files too large to be read into it. */
#ifndef BASE_MAPPED_FILE_H
#define BASE_MAPPED_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Valid as long as nobody shortens the file; replacing it, as base/atomic_file.h does, leaves it as it was. */
struct flt_mapped_file {
	uint8_t *bytes; /* (n_bytes) to read only; NULL: there is no such file, or it is empty */
	size_t n_bytes;
};

/* FLT_OK with no bytes if there is no such file. Other failures name the path. */
enum flt_status flt_mapped_file_open(const char *path, struct flt_mapped_file *file, struct flt_error *err);
void flt_mapped_file_close(struct flt_mapped_file *file);

#endif
