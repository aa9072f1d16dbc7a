/* From the target's texts to labels. Which class is positive follows from --positive or from counts, never from the
 * alphabet. */
#ifndef TABLE_CLASSES_H
#define TABLE_CLASSES_H

#include "table/contents.h"

/* Labels the rows: positive is the option's value; NULL: the rarer of two classes is positive. */
enum flt_status flt_table_choose_positive(struct flt_table *table, const char *positive, struct flt_error *err);

/* Labels the rows by model's classes. Each class of the table must be one that model knows. */
enum flt_status flt_table_label_like(struct flt_table *table, const struct flt_table *model, struct flt_error *err);

/* Whether model determines the label of a class: it contains the class, or takes every class that is not positive as
 * negative. */
bool flt_table_knows_class(const struct flt_table *model, const char *text, size_t length);

#endif
