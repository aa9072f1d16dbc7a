#ifndef REPORT_SLICES_H
#define REPORT_SLICES_H

#include "base/json.h"
#include "protocol/slices.h"
#include "report/layout.h"

/* The figures of each slice, and which slices differ from the rest. is_starred: the evaluation is. */
void flt_say_slices(struct flt_layout *layout, const struct flt_slices *slices, bool is_starred);

/* "slices": [...] and "slice_comparisons". slices NULL: both null. */
void flt_put_slices(struct flt_json *json, const struct flt_slices *slices);

#endif
