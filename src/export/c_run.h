/* Compiles the C file with $CC or cc, in a temporary folder, and scores rows with it. */
#ifndef EXPORT_C_RUN_H
#define EXPORT_C_RUN_H

#include "export/target.h"

/* As flt_export_target.score. FLT_ERR_MACHINE without a compiler, or where it refuses the file. */
enum flt_status flt_c_score(const struct flt_view *view, const struct flt_export_options *options,
                            const struct flt_text_buffer *body, const struct flt_text_buffer *header,
                            const struct flt_export_rows *rows, double *log_odds, unsigned char *is_positive,
                            struct flt_error *err);

#endif
