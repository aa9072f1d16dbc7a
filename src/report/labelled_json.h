/* Labelled rows of a file in the JSON of evaluate and explain. */
#ifndef REPORT_LABELLED_JSON_H
#define REPORT_LABELLED_JSON_H

#include "base/json.h"
#include "protocol/labelled.h"

/* "new_labels": the classes that training did not see. labels may be NULL. */
void flt_put_new_labels(struct flt_json *json, const struct flt_labelled_rows *labels);

/* "used_in_training": the rows that were looked up among those that made the model, and those found there. */
void flt_put_overlap(struct flt_json *json, const struct flt_overlap *overlap);

#endif
