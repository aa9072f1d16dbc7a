/*
 * The sections of a page, each of the part of a report that it is about. A section that finds nothing of its part
 * writes nothing.
 */
#ifndef PAGE_SECTIONS_H
#define PAGE_SECTIONS_H

#include "page/parts.h"

/* Of the figures of an evaluation ("test", or the rows that stand for it). */
void flt_section_verdict(struct flt_sheet *sheet, const json_t *report, const json_t *figures);
void flt_section_ranking(struct flt_sheet *sheet, const json_t *report, const json_t *figures);
void flt_section_thresholds(struct flt_sheet *sheet, const json_t *figures);
void flt_section_probabilities(struct flt_sheet *sheet, const json_t *figures);

/* Of the whole report. */
void flt_section_explanation(struct flt_sheet *sheet, const json_t *report);
void flt_section_slices(struct flt_sheet *sheet, const json_t *report);
void flt_section_training(struct flt_sheet *sheet, const json_t *report);
void flt_section_cv(struct flt_sheet *sheet, const json_t *report);
void flt_section_compare(struct flt_sheet *sheet, const json_t *report);
void flt_section_claims(struct flt_sheet *sheet, const json_t *report);
void flt_section_check(struct flt_sheet *sheet, const json_t *report);
void flt_section_drift(struct flt_sheet *sheet, const json_t *report);
void flt_section_labels(struct flt_sheet *sheet, const json_t *report);
void flt_section_more_data(struct flt_sheet *sheet, const json_t *report);
void flt_section_data(struct flt_sheet *sheet, const json_t *report);
void flt_section_reproduce(struct flt_sheet *sheet, const json_t *report);

/* A picture of the section of explanations: the pair of columns that acts together most. */
void flt_picture_together(struct flt_sheet *sheet, const json_t *explanation);

#endif
