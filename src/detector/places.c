#include "detector/places.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

void flt_places_release(struct flt_places *places)
{
	flt_free(places->names);
	flt_free(places->made);
	*places = (struct flt_places){0};
}

/* Names the columns as in training, where the target stood before the column of this index. */
static enum flt_status name_around(struct flt_places *places, size_t target, struct flt_error *err)
{
	places->made = flt_alloc(places->n_columns, sizeof *places->made, err);
	FLT_TRY_MEMORY(places->made);
	for (size_t i = 0; i < places->n_columns; i++) {
		snprintf(places->made[i], sizeof *places->made, "c%zu", i + 1 + (i >= target));
		places->names[i] = places->made[i];
	}
	return FLT_OK;
}

enum flt_status flt_places_find(struct flt_places *places, const struct flt_detector *detector,
                                const struct flt_csv *csv, struct flt_error *err)
{
	size_t n = flt_csv_n_columns(csv), n_known = detector->input.n_file_columns,
	       target = detector->input.file_target;
	*places = (struct flt_places){.n_columns = n};
	places->names = flt_alloc(n, sizeof *places->names, err);
	FLT_TRY_MEMORY(places->names);
	for (size_t i = 0; i < n; i++)
		places->names[i] = flt_csv_column_name(csv, i);
	if (n_known == 0 || flt_csv_has_header(csv))
		return FLT_OK;
	places->may_end_empty = n == n_known && target + 1 < n;
	if (n == n_known)
		return FLT_OK;
	if (n + 1 == n_known)
		return name_around(places, target, err);
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s: %zu column%s and no header, but the model learnt from a file of %zu columns without one, in "
	        "which column %zu was the target: give all %zu columns in that order, or all but the target",
	        flt_csv_name(csv), n, n == 1 ? "" : "s", n_known, target + 1, n_known);
}

const char *flt_places_header_remedy(const struct flt_detector *detector, const struct flt_csv *csv)
{
	bool has_header = flt_csv_has_header(csv), learnt_places = detector->input.n_file_columns > 0;
	if (has_header && learnt_places)
		return "; the model learnt from a file without a header: say --header no if this one has none either, "
		       "else "
		       "call its columns c1, c2, ...";
	if (!has_header && !learnt_places)
		return "; no header was found: say --header yes if the first line is one, else add a line with the "
		       "names";
	return "";
}

enum flt_status flt_places_check_last(const struct flt_places *places, const struct flt_detector *detector,
                                      const char *file, size_t n_rows, struct flt_error *err)
{
	const double unlikely = 1e-3;
	size_t n_missing = 0, n_fit = 0;
	for (size_t i = 0; i < flt_prep_n_columns(detector->prep); i++) {
		struct flt_prep_column column = flt_prep_column(detector->prep, i);
		if (strcmp(column.name, places->names[places->n_columns - 1]) != 0)
			continue;
		n_missing = column.profile.n_missing;
		n_fit = column.profile.n_rows;
	}
	/* The chance by the rule of succession, which is a half where nothing is known of the column. */
	double share = ((double)n_missing + 1) / ((double)n_fit + 2);
	if (!places->may_end_empty || pow(share, (double)n_rows) >= unlikely)
		return FLT_OK;
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s: a delimiter ends each line, so that the last of %zu columns would be empty: remove it, as by "
	        "sed 's/.$//', or, if that column is empty, add a line with the names c1 to c%zu",
	        file, places->n_columns, places->n_columns);
}
