/* An explanation in the JSON of explain, train and evaluate. */
#ifndef REPORT_EXPLANATION_JSON_H
#define REPORT_EXPLANATION_JSON_H

#include "base/json.h"
#include "protocol/explain.h"

/* "explanation": an object, or null for NULL. */
void flt_put_explanation(struct flt_json *json, const struct flt_explanation *explanation);

#endif
