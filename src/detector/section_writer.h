/* What the writers of sections share (file.h): texts, and tensors. */
#ifndef DETECTOR_SECTION_WRITER_H
#define DETECTOR_SECTION_WRITER_H

#include "detector/file.h"

void flt_section_put_text(struct flt_json *json, const char *key, const char *text);
void flt_section_put_texts(struct flt_json *json, const char *key, const char *const *texts, size_t n);

/* The tensor's name is the next of sections->names, written by the caller. */
void flt_section_add_tensor(struct flt_sections *sections, enum flt_dtype type, const void *data, size_t n_rows,
                            size_t n_cols);

/* The long sections. */
void flt_write_preparation(const struct flt_detector *detector, struct flt_json *json);
void flt_add_preparation(struct flt_sections *sections, const struct flt_detector *detector);
size_t flt_preparation_max_tensors(const struct flt_detector *detector);
void flt_write_figures(const struct flt_detector *detector, struct flt_json *json);

#endif
