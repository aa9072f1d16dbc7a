/*
 * Everything worth knowing about a table before training on it (`check`): its columns, leaks, copies, what changed
 * between two files or along time, suspicious labels, and what more positive rows would bring.
 *
 * Some of it deserves a second look. The bars for that lie on sizes of effects, never on what chance makes of them, so
 * more rows of the same kind change no verdict.
 */
#ifndef PROTOCOL_CHECK_H
#define PROTOCOL_CHECK_H

#include "audit/copies.h"
#include "audit/drift.h"
#include "audit/leaks.h"
#include "audit/mixed_units.h"
#include "audit/summary.h"
#include "eval/gate.h"
#include "prep/prep.h"
#include "protocol/quick_look.h"

/* What can be required of a table. */
enum flt_check_figure {
	FLT_CHECK_ROWS,
	FLT_CHECK_POSITIVES,
	FLT_CHECK_PREVALENCE,
	FLT_CHECK_LEFT_OUT,       /* feature columns that nothing can be learnt from */
	FLT_CHECK_MISSING,        /* the largest share of missing cells in a feature column */
	FLT_CHECK_LEAKS,          /* columns */
	FLT_CHECK_ORDER,          /* 1: the order of the rows tells the class */
	FLT_CHECK_COPIES,         /* share of rows that repeat an earlier one */
	FLT_CHECK_CONTRADICTIONS, /* share of rows that no model can get right, since copies have another label */
	FLT_CHECK_UNITS,          /* columns in which a part of the rows is in another unit */
	FLT_CHECK_SHARED,         /* share of test rows that are in the table too */
	FLT_CHECK_DRIFT,          /* columns */
	FLT_CHECK_UNSEEN,         /* the largest share of cells with a text that old rows lack, in a column */
	FLT_CHECK_SUSPECTS,       /* share of rows whose label is probably wrong */
	FLT_N_CHECK_FIGURES
};
extern const char *const flt_check_figure_words[];

struct flt_check {
	const struct flt_table *table, *test_table; /* borrowed; test_table may be NULL */
	uint64_t seed;
	size_t n_columns, n_features, n_used;
	struct flt_column_summary *summary; /* (n_columns) */
	struct flt_strength *strength;      /* (n_columns) */
	struct flt_prep *prep;              /* of all rows: what is left out, and why */
	size_t *order;                      /* (n_features) columns: the strongest first, those left out last */
	struct flt_leaks leaks;
	struct flt_copies copies;
	struct flt_mixed_units *units; /* (n_columns) */
	size_t n_mixed_units;          /* used columns in which something was found */
	size_t n_shared;               /* test rows that are in the table too */
	bool has_drift;
	struct flt_drift drift;
	struct flt_quick_look look;
	double figure[FLT_N_CHECK_FIGURES]; /* NaN: not known without --test or --time, or nothing could be learnt */
	bool found[FLT_N_CHECK_FIGURES];    /* it deserves a second look */
	size_t n_found;
	bool stopped; /* by on_progress: nothing else is set */
};

struct flt_check_options {
	uint64_t seed;
	unsigned n_threads; /* 0: all; never changes a result */
};

/* test_table: read like table, or NULL. on_progress (may be NULL) is called after each step, with n_done 0,
 * and after each training that follows them. Freed by flt_check_free. */
enum flt_status flt_check_run(const struct flt_table *table, const struct flt_table *test_table,
                              const struct flt_check_options *options, flt_on_progress *on_progress, void *context,
                              struct flt_check **check, struct flt_error *err);
void flt_check_free(struct flt_check *check);

/* Gates on the figures of a check, "leaks=0,copies<=0.01": parsed before it runs, where FLT_ERR_USAGE also names a
 * figure that this check will not have; and applied after it (FLT_ERR_GATE). */
enum flt_status flt_check_gates_parse(const char *text, bool has_drift, bool has_test, struct flt_gates *gates,
                                      struct flt_error *err);
enum flt_status flt_check_gates_apply(const struct flt_gates *gates, const struct flt_check *check,
                                      struct flt_error *err);

#endif
