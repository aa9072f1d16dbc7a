/*
 * The target that is taken unless --target names one: a column called class, label, target or y (but not a y beside an
 * x, which is a coordinate), else the last one. It is a guess, so each error that follows from it says so and names
 * --target first.
 */
#ifndef TABLE_TARGET_GUESS_H
#define TABLE_TARGET_GUESS_H

#include "table/contents.h"

/* Gives a feature the role of the target. A column that --drop names, and that would be the target otherwise, is
 * FLT_ERR_USAGE: no other is taken in its place. */
enum flt_status flt_table_guess_target(struct flt_table *table, struct flt_error *err);

/* Remarks on other columns that look like the target. After the rows are read. */
enum flt_status flt_table_remark_on_guess(struct flt_table *table, struct flt_error *err);

/* For messages. The target was guessed, else these are as if --target had named it. */
enum { FLT_GUESS_SIZE = 320 };
struct flt_guess_text {
	/* `target "x"`; guessed: `the target is taken to be the last column, "x"` */
	char subject[FLT_GUESS_SIZE];
	/* ""; guessed: `name the target with --target (did you mean "a" or "b"?), or `, with columns that have two
	 * values and a name for a target, or, if there are none, just two values */
	char remedy[FLT_GUESS_SIZE];
};
struct flt_guess_text flt_table_guess_text(const struct flt_table *table);

#endif
