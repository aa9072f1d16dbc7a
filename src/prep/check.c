/* What holds for every preparation. A model file may hold anything, and applying it relies on all of this. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "prep/contents.h"

static enum flt_status bad_column(const struct flt_prep_column *column, const char *what, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_MODEL, "the preparation's column \"%s\" %s", column->name, what);
}

static const char *wrong_with_quantiles(const struct flt_prep_column *column)
{
	if (column->n_quantiles < 2 || column->n_quantiles > FLT_PREP_MAX_QUANTILES || !column->quantiles)
		return "needs from 2 to 1000 quantiles";
	for (size_t i = 0; i < column->n_quantiles; i++)
		if (!isfinite(column->quantiles[i]) || (i > 0 && column->quantiles[i] < column->quantiles[i - 1]))
			return "has quantiles that are not finite or that fall";
	return column->quantiles[0] < column->quantiles[column->n_quantiles - 1]
	               ? NULL
	               : "has quantiles that are all the same";
}

static const char *wrong_with_steps(const struct flt_prep_column *column)
{
	if (column->n_steps > FLT_PREP_MAX_STEPS || (column->n_steps > 0 && (!column->steps || !column->has_number)))
		return "has more than 8 steps, or steps of no number";
	for (size_t i = 0; i < column->n_steps; i++)
		if (!isfinite(column->steps[i]) || (i > 0 && !(column->steps[i] > column->steps[i - 1])))
			return "has steps that are not finite or do not rise";
	return column->n_steps > 0 && column->is_passed_over ? "has steps but is passed over" : NULL;
}

static const char *wrong_with_number(enum flt_scale scale, const struct flt_prep_column *column)
{
	bool is_scaled = column->has_number && !flt_prep_is_silent(column, 0);
	bool has_factor = is_scaled && (scale == FLT_SCALE_ROBUST || scale == FLT_SCALE_STANDARD);
	if (column->type != FLT_NUMERIC)
		return "is used as a number but is not of that type";
	if (!column->has_number && !column->has_indicator)
		return "is used but gives neither a number nor a missing indicator";
	if (!isfinite(column->median))
		return "has a median that is not finite";
	if (has_factor && (!isfinite(column->center) || !isfinite(column->factor) || !(column->factor > 0)))
		return "has a center or factor that is not finite, or a factor that is not above 0";
	if (!isfinite(column->fences.low) || !isfinite(column->fences.high) || column->fences.low > column->fences.high)
		return "has fences that are not finite or in the wrong order";
	if (scale == FLT_SCALE_NONE && column->source && !isfinite(column->center))
		return "has a center that is not finite";
	if (wrong_with_steps(column))
		return wrong_with_steps(column);
	if (is_scaled && scale == FLT_SCALE_QUANTILE) {
		const char *wrong = wrong_with_quantiles(column);
		return wrong ? wrong : flt_profile_wrong(&column->profile, true, 0);
	}
	return column->n_quantiles == 0 ? flt_profile_wrong(&column->profile, true, 0)
	                                : "has quantiles that its scale does not use";
}

/* effects are NULL before they are learnt. */
static const char *wrong_with_effects(const struct flt_prep_column *column)
{
	for (size_t i = 0; column->effects && i < flt_prep_n_places(column); i++)
		if (!isfinite(column->effects[i]))
			return "has an effect of a level that is not finite";
	if (column->effects && (!isfinite(column->center) || !isfinite(column->factor) || !(column->factor > 0)))
		return "has a center or factor that is not finite, or a factor that is not above 0";
	return column->n_more > 0 && !column->has_effects ? "has levels without slots, but no effects" : NULL;
}

static const char *wrong_with_category(const struct flt_prep_column *column)
{
	if (column->type != FLT_CATEGORICAL)
		return "is used as a category but is not of that type";
	if (column->n_levels > FLT_PREP_MAX_LEVELS || (column->n_levels > 0 && !column->levels))
		return "has more than 32 levels";
	if (column->n_more > FLT_PREP_MAX_KNOWN - column->n_levels)
		return "has more than 1000 levels";
	if (flt_prep_n_slots(column) < 2)
		return "is used but has fewer than two slots";
	for (size_t i = 0; i < column->n_levels + column->n_more; i++)
		if (!column->levels[i])
			return "has a level without text";
	if (wrong_with_effects(column))
		return wrong_with_effects(column);
	return flt_profile_wrong(&column->profile, false, column->n_levels);
}

static const char *wrong_with_source(const struct flt_prep_column *column)
{
	bool has_order = column->date.shape >= FLT_DATE_POINTS && column->date.shape <= FLT_DATE_SHORT_DASHES;
	if (column->type != FLT_NUMERIC || column->use == FLT_USED_CATEGORICAL)
		return "is part of a date but no number";
	return (column->date.order != FLT_DATE_ORDER_FIND) == has_order ? NULL : "has dates of an unknown order";
}

static const char *wrong_with_column(enum flt_scale scale, const struct flt_prep_column *column)
{
	if (column->type != FLT_NUMERIC && column->type != FLT_CATEGORICAL)
		return "is of an unknown type";
	if (column->source && wrong_with_source(column))
		return wrong_with_source(column);
	if (column->n_levels <= FLT_PREP_MAX_LEVELS && column->n_steps <= FLT_PREP_MAX_STEPS &&
	    !column->is_passed_over && column->silent >> flt_prep_width(column))
		return "has a silent feature beyond those that it gives";
	switch (column->use) {
	case FLT_USED_NUMERIC:
		return wrong_with_number(scale, column);
	case FLT_USED_CATEGORICAL:
		return wrong_with_category(column);
	case FLT_CONSTANT:
	case FLT_RARE:
	case FLT_ALL_MISSING:
	case FLT_ID_LIKE:
	case FLT_DATES:
	case FLT_NOT_A_FEATURE:
		return NULL;
	case FLT_N_COLUMN_USES:
		break;
	}
	return "has an unknown use";
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum flt_status check_names(const struct flt_prep_column *columns, size_t n_columns, struct flt_error *err)
{
	for (size_t c = 0; c < n_columns; c++)
		if (!columns[c].name)
			return flt_fail(err, FLT_ERR_MODEL, "the preparation's column %zu has no name", c + 1);
	const char **names = flt_alloc(n_columns, sizeof *names, err);
	FLT_TRY_MEMORY(names);
	for (size_t c = 0; c < n_columns; c++)
		names[c] = columns[c].name;
	qsort(names, n_columns, sizeof *names, compare_names);
	const char *twice = NULL;
	for (size_t c = 1; c < n_columns; c++)
		if (strcmp(names[c - 1], names[c]) == 0)
			twice = names[c];
	flt_free(names);
	return twice ? flt_fail(err, FLT_ERR_MODEL, "the preparation has two columns \"%s\"", twice) : FLT_OK;
}

enum flt_status flt_prep_check(enum flt_scale scale, const struct flt_prep_column *columns, size_t n_columns,
                               struct flt_error *err)
{
	if (scale != FLT_SCALE_ROBUST && scale != FLT_SCALE_STANDARD && scale != FLT_SCALE_QUANTILE &&
	    scale != FLT_SCALE_NONE)
		return flt_fail(err, FLT_ERR_MODEL, "the preparation's scale is unknown");
	FLT_TRY(check_names(columns, n_columns, err));
	size_t n_features = 0;
	for (size_t c = 0; c < n_columns; c++) {
		const char *wrong = wrong_with_column(scale, &columns[c]);
		if (wrong)
			return bad_column(&columns[c], wrong, err);
		n_features += flt_prep_width(&columns[c]);
	}
	return n_features ? FLT_OK : flt_fail(err, FLT_ERR_MODEL, "the preparation uses no column");
}
