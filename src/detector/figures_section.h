/* The section "figures" of a detector's file: one table, so that writing and reading cannot disagree. */
#ifndef DETECTOR_FIGURES_SECTION_H
#define DETECTOR_FIGURES_SECTION_H

#include <stdbool.h>
#include <stddef.h>

/* A figure of flt_figures: its name in the file and its place. */
struct flt_figure_field {
	const char *name;
	size_t offset;
	bool is_count; /* size_t, else double */
	bool is_added; /* files of earlier versions do not have it; it is then 0 */
};

extern const struct flt_figure_field flt_figure_fields[];
extern const size_t flt_n_figure_fields;

#endif
