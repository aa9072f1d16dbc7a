/* Files around a page: the report that it is made of, and pages themselves. Both may be anybody's. */
#ifndef PAGE_FILES_H
#define PAGE_FILES_H

#include <stdbool.h>

#include "base/text.h"

/* A check of ten thousand columns writes 6 MB. */
enum { FLT_LARGEST_REPORT = 64 << 20 };

/* Appends a JSON report, of at most so many bytes: a file, or stdin for "-". FLT_ERR_DATA if there is none, if it is
 * empty or too large, or holds what cannot be one JSON text: NUL bytes, or an object a line, as --log writes. */
enum flt_status flt_report_read(const char *path, struct flt_text_buffer *text, struct flt_error *err);

/* Whether the file is a page of fltrain's, or empty: it can be replaced without losing anything else. False if there is
 * no such file; FLT_ERR_DATA or FLT_ERR_MACHINE if it cannot be read. */
enum flt_status flt_page_is_file(const char *path, bool *is_one, struct flt_error *err);

#endif
