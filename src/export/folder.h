/* A temporary folder that only this user sees, under $TMPDIR or /tmp. */
#ifndef EXPORT_FOLDER_H
#define EXPORT_FOLDER_H

#include "base/text.h"

enum { FLT_FOLDER_PATH = 4096, FLT_FOLDER_FILES = 8, FLT_FOLDER_NAME = 192 };

struct flt_folder {
	char path[FLT_FOLDER_PATH];                    /* "": there is none */
	char names[FLT_FOLDER_FILES][FLT_FOLDER_NAME]; /* (n_names) of files that may be in it */
	size_t n_names;
};

/* Errors are FLT_ERR_MACHINE. Zero-initialised before; removed by flt_folder_remove, with all files in it. */
enum flt_status flt_folder_new(struct flt_folder *folder, struct flt_error *err);
void flt_folder_remove(struct flt_folder *folder);

/* For a signal handler, which must then end the process: removes the last folder that was made and is still there, with
 * the files that flt_folder_file named. Async-signal-safe. */
void flt_folder_abandon(void);

/* The path of a file in it, at most FLT_FOLDER_FILES different ones. False where it is too long. */
bool flt_folder_file(struct flt_folder *folder, const char *name, char path[FLT_FOLDER_PATH]);

enum flt_status flt_folder_write(struct flt_folder *folder, const char *name, const char *bytes, size_t n,
                                 struct flt_error *err);

/* Appends all bytes of a file. */
enum flt_status flt_folder_read(struct flt_folder *folder, const char *name, struct flt_text_buffer *bytes,
                                struct flt_error *err);

#endif
