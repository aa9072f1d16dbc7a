/* What text reports say before training: how the data were understood, and what will be trained on them. */
#ifndef REPORT_DATA_TEXT_H
#define REPORT_DATA_TEXT_H

#include "report/data_view.h"
#include "report/layout.h"

/* "data": rows, target, classes, and each column that is left out or was understood in an unusual way. */
void flt_say_data(struct flt_layout *layout, const struct flt_data_view *data);

/* Lines on the columns that are not used, and why; none if there are none. */
void flt_say_unused(struct flt_layout *layout, const struct flt_data_view *data);

/* `weights from column "w": 480 rows stand for 1374, and tell as much as 374 of equal weight (positive rows: as much as
 * 83)`, on a new line. weight (n), label (n) */
void flt_say_weights(struct flt_layout *layout, const char *column, const double *weight, const uint8_t *label,
                     size_t n);

/* "model": shape, loss and start of the planned networks. */
void flt_say_model(struct flt_layout *layout, const struct flt_fit_plan *plan);

#endif
