/* What the sections of cv and compare share: figures of a variant over its folds. */
#ifndef PAGE_STUDY_H
#define PAGE_STUDY_H

#include "page/parts.h"

/* A figure of a variant, by its key; of an operating point, if one is named. */
struct flt_range flt_study_figure_of(const json_t *variant, const char *point, const char *key);

/* Mean precision by recall of at most 4 variants; nothing if there are none. */
void flt_study_curves(struct flt_sheet *sheet, const json_t *report, const json_t *const *variants, size_t n);

#endif
