/* From the target's texts to labels. Which class is positive follows from --positive or from counts, never from the
 * alphabet. */
#ifndef TABLE_CLASSES_H
#define TABLE_CLASSES_H

#include "table/contents.h"

/* Labels the rows: positive is the option's value; NULL: the rarer of two classes is positive. may_have_header: nobody
 * has said that line 1 of the file, which was taken for a row, is none. */
enum flt_status flt_table_choose_positive(struct flt_table *table, const char *positive, bool may_have_header,
                                          struct flt_error *err);

/* Labels the rows by model's classes. Each class of the table must be one that model determines. */
enum flt_status flt_table_label_like(struct flt_table *table, const struct flt_table *model, struct flt_error *err);

/* Whether model determines the label of a class: it contains the class, or takes every class that is not positive as
 * negative. */
enum flt_status flt_table_knows_class(const struct flt_table *model, const char *text, size_t length, bool *is_known,
                                      struct flt_error *err);

#endif
