/*
 * Making an export: the model is read, made smaller if that is asked for, and written into memory.
 */
#ifndef EXPORT_MAKE_H
#define EXPORT_MAKE_H

#include "export/target.h"

struct flt_made {
	struct flt_detector *original; /* as in the file */
	struct flt_detector *written;  /* the same, or one that was made smaller */
	struct flt_view *view;         /* of written */
	struct flt_text_buffer body, header;
	size_t n_bytes; /* as flt_export_target.write counts them */
};

/* Takes the detector, also on failure; path is its file, which is read again where the model is made smaller. max_size:
 * as many members as fit into so many bytes, those that weigh most; 0: all. FLT_ERR_USAGE if not even one does, or if
 * the target has no such precision. Zero-initialised before; end it by flt_made_release, after a failure, too. */
enum flt_status flt_export_make(struct flt_detector *detector, const char *path, const struct flt_export_target *target,
                                const struct flt_export_options *options, size_t max_size, struct flt_made *made,
                                struct flt_error *err);
void flt_made_release(struct flt_made *made);

#endif
