/* What the values of a column teach, and learning all columns side by side: shared by flt_prep_fit and flt_prep_refit.
 */
#ifndef PREP_LEARN_H
#define PREP_LEARN_H

#include "prep/contents.h"

struct flt_learner {
	const struct flt_table *table;
	const size_t *rows; /* (n_rows) the only rows whose cells are looked at */
	size_t n_rows;
	enum flt_scale scale;
	const struct flt_prep *base;      /* of a refit, or NULL */
	const struct flt_column *columns; /* of a refit: those of the table in the order of base */
	double *present;                  /* (n_rows) the worker's scratch: the present values of a column */
};

/* Fills learner->present and returns the number of present values. */
size_t flt_learn_present(const struct flt_learner *learner, const struct flt_numbers *numbers, bool *is_constant);

/* The median and the scale of numbers, whose n present values are not all the same; learner->present holds them in any
 * order, quantiles (FLT_PROFILE_QUANTILES) are theirs. Reorders the present values. */
enum flt_status flt_learn_scale(const struct flt_learner *learner, const struct flt_numbers *numbers, size_t n,
                                const double *quantiles, struct flt_prep_column *to, struct flt_error *err);

/* Learns one column. Only memory may run out. */
typedef enum flt_status flt_learn_column(const struct flt_learner *learner, size_t column, struct flt_prep_column *to,
                                         struct flt_error *err);

/* Learns all columns (n_columns), which workers take one by one. n_threads (0: one per processor) changes no result. */
enum flt_status flt_learn_columns(const struct flt_learner *learner, flt_learn_column *learn, unsigned n_threads,
                                  struct flt_prep_column *columns, size_t n_columns, struct flt_error *err);

/* Builds the preparation of columns (n_columns), which have learnt all that values teach; from (n_columns) are those of
 * the table in their order. Of labels it learns steps and the effects of levels. The caller frees columns[].steps. */
enum flt_status flt_learn_from_labels(const struct flt_learner *learner, const struct flt_prep_options *options,
                                      struct flt_prep_column *columns, const struct flt_column *from, size_t n_columns,
                                      struct flt_prep **prep, struct flt_error *err);

#endif
