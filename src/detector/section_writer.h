/* Writing the sections of a detector's file (file.h). What fails is kept in json->status. */
#ifndef DETECTOR_SECTION_WRITER_H
#define DETECTOR_SECTION_WRITER_H

#include "base/json.h"
#include "detector/model.h"

/* Texts of the user's file may be in any encoding. One that is not UTF-8 becomes {"bytes": ...}, with each byte as the
 * character of that number. text NULL: null. */
void flt_section_put_text(struct flt_json *json, const char *key, const char *text);
void flt_section_put_texts(struct flt_json *json, const char *key, const char *const *texts, size_t n);

/* The long sections. */
void flt_write_preparation(const struct flt_detector *detector, struct flt_json *json);
void flt_write_figures(const struct flt_detector *detector, struct flt_json *json);

#endif
