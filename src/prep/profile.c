#include "prep/profile.h"

#include <math.h>

#include "base/alloc.h"
#include "prep/scale.h"

const unsigned flt_profile_percent[FLT_PROFILE_QUANTILES] = {0, 1, 5, 25, 50, 75, 95, 99, 100};

enum { PERCENT = 100 };

enum flt_status flt_profile_quantiles(double *values, size_t n, double quantiles[FLT_PROFILE_QUANTILES],
                                      struct flt_error *err)
{
	double all[PERCENT + 1];
	FLT_TRY(flt_quantiles(values, n, PERCENT, all, err));
	for (size_t i = 0; i < FLT_PROFILE_QUANTILES; i++)
		quantiles[i] = all[flt_profile_percent[i]];
	return FLT_OK;
}

static const char *wrong_with_quantiles(const struct flt_profile *profile)
{
	if (profile->n_missing == profile->n_rows)
		return "has a profile without a value";
	for (size_t i = 0; i < FLT_PROFILE_QUANTILES; i++)
		if (!isfinite(profile->quantiles[i]) || (i > 0 && profile->quantiles[i] < profile->quantiles[i - 1]))
			return "has a profile whose quantiles are not finite or fall";
	return NULL;
}

/* Counts are subtracted from the rows one by one, so that no sum can overflow. */
static const char *wrong_with_levels(const struct flt_profile *profile, size_t n_levels)
{
	size_t n_left = profile->n_rows - profile->n_missing;
	if (n_levels > 0 && !profile->level_rows)
		return "has a profile without the rows of its levels";
	for (size_t i = 0; i < n_levels; i++) {
		if (profile->level_rows[i] > n_left)
			return "has a profile whose levels have more rows than there were";
		n_left -= profile->level_rows[i];
	}
	return NULL;
}

const char *flt_profile_wrong(const struct flt_profile *profile, bool is_number, size_t n_levels)
{
	if (profile->n_rows == 0)
		return NULL;
	if (profile->n_missing > profile->n_rows)
		return "has a profile with more missing values than rows";
	return is_number ? wrong_with_quantiles(profile) : wrong_with_levels(profile, n_levels);
}

size_t flt_profile_n_other(const struct flt_profile *profile, size_t n_levels)
{
	size_t n = profile->n_rows - profile->n_missing;
	for (size_t i = 0; i < n_levels; i++)
		n -= profile->level_rows[i];
	return n;
}
