/* The part of the report of `explain` that says how the probability moves along columns. */
#ifndef REPORT_EFFECTS_TEXT_H
#define REPORT_EFFECTS_TEXT_H

#include "protocol/explain.h"
#include "report/layout.h"

/* A line for each column that matters, but at least three; is_verbose: for each that has an effect. */
void flt_say_effects(struct flt_layout *layout, const struct flt_explanation *explanation, bool is_verbose);

/* The effect of one column at each part of another, a line each; goes on in the section that is open. */
void flt_say_together(struct flt_layout *layout, const struct flt_explained_together *together);

#endif
