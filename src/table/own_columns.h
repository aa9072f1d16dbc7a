/* The columns that fltrain itself writes: a table that holds them was scored before. */
#ifndef TABLE_OWN_COLUMNS_H
#define TABLE_OWN_COLUMNS_H

#include "table/table.h"

enum flt_own_column { FLT_OWN_PROBABILITY, FLT_OWN_LABEL, FLT_OWN_SCORE, FLT_N_OWN_COLUMNS };

/* The name of a column in the scoring of that number, from 0: probability, fltrain_probability, fltrain_probability_2
 * and so on. */
enum { FLT_OWN_NAME_SIZE = 48 };
void flt_own_column_name(enum flt_own_column which, size_t scoring, char name[FLT_OWN_NAME_SIZE]);

/* The names of what stands behind these three and explains a row: reason_1, value_1, log_odds_1, reason_2 ... and why,
 * with the same prefix and number. */
enum flt_own_reason { FLT_OWN_REASON, FLT_OWN_VALUE, FLT_OWN_LOG_ODDS, FLT_OWN_WHY, FLT_N_OWN_REASONS };
void flt_own_reason_name(enum flt_own_reason which, size_t rank, size_t scoring, char name[FLT_OWN_NAME_SIZE]);

/* The name of what stands last in the answers of `predict --follow`: why a row has no prediction. */
void flt_own_error_name(size_t scoring, char name[FLT_OWN_NAME_SIZE]);

/* Leaves out the columns of `predict --keep-all` and of `--predictions`, unless an option gave them a role: where
 * probability, label and score stand side by side, these, the reasons and the error behind them, `row`, and `repeat`
 * with `fold`. */
enum flt_status flt_table_leave_out_own(struct flt_table *table, struct flt_error *err);

#endif
