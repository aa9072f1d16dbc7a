/* Columns of an explained file that have no part in the explanation. */
#ifndef REPORT_UNUSED_H
#define REPORT_UNUSED_H

#include "report/report.h"

/* Whether the model does not use the column, from 0, of the (first) file, though it is a column like others: neither
 * the target nor an id, a weight or a group. */
bool flt_column_is_unused(const struct flt_report_explanation *about, size_t column);

#endif
