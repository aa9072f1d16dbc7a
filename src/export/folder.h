/* A temporary folder that only this user sees, under $TMPDIR or /tmp. */
#ifndef EXPORT_FOLDER_H
#define EXPORT_FOLDER_H

#include "base/text.h"

enum { FLT_FOLDER_PATH = 4096 };

struct flt_folder {
	char path[FLT_FOLDER_PATH]; /* "": there is none */
};

/* Errors are FLT_ERR_MACHINE. Zero-initialised before; removed by flt_folder_remove, with all files in it. */
enum flt_status flt_folder_new(struct flt_folder *folder, struct flt_error *err);
void flt_folder_remove(struct flt_folder *folder);

/* The path of a file in it. False where it is too long. */
bool flt_folder_file(const struct flt_folder *folder, const char *name, char path[FLT_FOLDER_PATH]);

enum flt_status flt_folder_write(const struct flt_folder *folder, const char *name, const char *bytes, size_t n,
                                 struct flt_error *err);

/* Appends all bytes of a file. */
enum flt_status flt_folder_read(const struct flt_folder *folder, const char *name, struct flt_text_buffer *bytes,
                                struct flt_error *err);

#endif
