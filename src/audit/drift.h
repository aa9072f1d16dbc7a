/*
 * What changed between old rows and new ones: those of two files, or the earlier and the later of one.
 *
 * A column drifts if it alone tells old rows from new: by the same small model, out of fold, that measures how well a
 * column tells the classes apart (audit/strength.h). The bar lies on the size of the effect; with more rows the
 * interval narrows, but no difference too small to matter becomes one that does.
 */
#ifndef AUDIT_DRIFT_H
#define AUDIT_DRIFT_H

#include "audit/strength.h"

struct flt_drift_column {
	struct flt_strength strength; /* of telling new rows (1) from old (0); not measured: the column was left out */
	bool drifts;                  /* strength.roc_auc.lo >= flt_drift_bar */
	size_t n_missing[2];          /* old, new */
	double median[2];             /* of numbers; NaN: there are none */
	const char *level;            /* of text: the one whose share changed most; NULL: there is none */
	size_t n_level[2];            /* rows with it */
	size_t n_unseen;              /* new rows whose text no old row has */
};

struct flt_drift {
	bool by_time;
	size_t n_rows[2], n_positive[2]; /* old, new */
	size_t n_columns, n_drifting;
	struct flt_drift_column *columns; /* (n_columns) of the old rows' table */
};

/* A ROC-AUC of 0.6 is that of two bell curves whose means lie 0.36 standard deviations apart. */
extern const double flt_drift_bar;

/* The rows of two files; the second was read like the first (flt_table_read_like). Release by flt_drift_release. */
enum flt_status flt_drift_between(const struct flt_table *old, const struct flt_table *new, unsigned n_threads,
                                  struct flt_drift *drift, struct flt_error *err);

/* The latest rows of a table with a time column, a share of them all, and those before. Equal times stay together. */
enum flt_status flt_drift_along_time(const struct flt_table *table, double latest, unsigned n_threads,
                                     struct flt_drift *drift, struct flt_error *err);

void flt_drift_release(struct flt_drift *drift);

#endif
