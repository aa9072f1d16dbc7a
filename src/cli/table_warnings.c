#include "cli/table_warnings.h"

#include <stdio.h>

void warn_of_table(const struct flt_table *table)
{
	struct flt_table_notes notes = flt_table_notes(table);
	if (notes.n_bad_rows)
		fprintf(stderr, "fltrain: warning: %s: skipped %zu record%s with a wrong number of fields: %s\n",
		        flt_table_path(table), notes.n_bad_rows, notes.n_bad_rows == 1 ? "" : "s", notes.bad_rows);
	if (notes.n_without_target)
		fprintf(stderr, "fltrain: warning: %s: dropped %zu row%s without a target\n", flt_table_path(table),
		        notes.n_without_target, notes.n_without_target == 1 ? "" : "s");
	if (notes.n_without_time)
		fprintf(stderr, "fltrain: warning: %s: dropped %zu row%s without a time\n", flt_table_path(table),
		        notes.n_without_time, notes.n_without_time == 1 ? "" : "s");
}
