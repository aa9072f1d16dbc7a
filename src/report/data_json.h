/* "data" and parts of "split" in the JSON of train, cv and compare. Keys are a contract: they are added to, never
 * renamed. */
#ifndef REPORT_DATA_JSON_H
#define REPORT_DATA_JSON_H

#include "base/json.h"
#include "report/data_view.h"

/* The members of "data", without its braces. */
void flt_put_data(struct flt_json *json, const struct flt_data_view *data);

/* "weight": the column, what weight (n) comes to, of all rows and of positive ones by label (n), and how many rows of
 * weight 0 were left out. */
void flt_put_weights(struct flt_json *json, const char *column, const double *weight, const uint8_t *label, size_t n,
                     size_t n_zero);

/* "groups" and "positive_groups" */
void flt_put_groups(struct flt_json *json, const struct flt_group_counts *groups);

#endif
