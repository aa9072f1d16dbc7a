/* How the probability moves between the categories of a column (eval/category_effects.h). */
#ifndef PROTOCOL_EXPLAIN_CATEGORIES_H
#define PROTOCOL_EXPLAIN_CATEGORIES_H

#include "protocol/explain_effects.h"

enum { FLT_MOST_EXPLAINED_CATEGORIES = 20 };

/* As flt_explain_effect, of a categorical column. The points are its categories by falling weight, missing and those
 * that were not learnt among them. All rows are scored with each. */
enum flt_status flt_explain_categories(const struct flt_detector *detector, const struct flt_explain_rows *rows,
                                       size_t column, unsigned n_threads, struct flt_explained_effect *effect,
                                       struct flt_error *err);

/* Of a column of either kind. */
enum flt_status flt_explain_column(const struct flt_detector *detector, const struct flt_explain_rows *rows,
                                   size_t column, unsigned n_threads, struct flt_explained_effect *effect,
                                   struct flt_error *err);

#endif
