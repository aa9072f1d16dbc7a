#include "detector/change.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/number.h"
#include "base/text.h"
#include "detector/units.h"
#include "eval/metrics.h"

/* Intervals are four standard errors wide on each side: with hundreds of columns in a file, and files every day, even
 * a rare chance comes up. A change that only chance could deny has a smaller probability than RARE. */
#define WIDTH 4.0
#define RARE 1e-6

/* Fewer cells than this are never a change. */
enum { LEAST_CELLS = 8 };

/* ---- shares ---- */

static struct flt_interval wilson(size_t count, size_t n)
{
	return flt_wilson_of_width(n > 0 ? (double)count / (double)n : 0, (double)n, WIDTH);
}

static double at_least(size_t count, size_t n)
{
	return wilson(count, n).lo;
}

static double at_most(size_t count, size_t n)
{
	return wilson(count, n).hi;
}

/* Whether n cells that are all of a kind are out of the question where the share of that kind is `share`. */
static bool is_no_chance(double share, size_t n)
{
	return n >= LEAST_CELLS && (double)n * log(share) < log(RARE);
}

/* ---- texts ---- */

struct short_text {
	char text[FLT_NUMBER_SIZE];
};

/* Four digits. The round trip through printf is the same in every locale. */
static struct short_text number(double value)
{
	struct short_text shown = {""};
	char rounded[64];
	snprintf(rounded, sizeof rounded, "%.3e", value);
	flt_number_format(strtod(rounded, NULL), shown.text);
	return shown;
}

/* A share in percent, 0 % and 100 % only where they are exact. */
static struct short_text percent(size_t count, size_t n)
{
	struct short_text shown = {""};
	double share = n > 0 ? 100 * (double)count / (double)n : 0;
	bool is_fine = share < 10 || share > 90;
	double rounded = is_fine ? round(10 * share) / 10 : round(share);
	const char *than = "";
	if (rounded <= 0 && count > 0) {
		than = "under ";
		rounded = 0.1;
	} else if (rounded >= 100 && count < n) {
		than = "over ";
		rounded = 99.9;
	}
	char text[FLT_NUMBER_SIZE];
	flt_number_format(rounded, text);
	snprintf(shown.text, sizeof shown.text, "%s%.8s %%", than, text);
	return shown;
}

static struct flt_shown show(const char *text)
{
	return flt_shown(text, strlen(text));
}

static bool report(struct flt_change *change, enum flt_change_kind kind)
{
	change->kind = kind;
	return true;
}

#define SAY(change, ...) snprintf((change)->text, sizeof(change)->text, __VA_ARGS__)

const char *flt_change_name(const struct flt_prep_column *column)
{
	return column->source ? column->source : column->name;
}

/* ---- missing ---- */

/* Missing in a tenth of the rows is a change where it was almost unheard of; where it was common, it takes more. */
static bool is_missing_more(const struct flt_profile *profile, const struct flt_seen *seen)
{
	const double some = 0.1, much = 0.4;
	double now = at_least(seen->n_missing, seen->n_rows), before = at_most(profile->n_missing, profile->n_rows);
	if (seen->n_missing < LEAST_CELLS)
		return false;
	if (seen->n_missing == seen->n_rows && is_no_chance(before, seen->n_rows))
		return true;
	return now > before + much || (now > before + some && now > 3 * before);
}

/* Missing cells that became rare may have been filled in. */
static bool is_missing_less(const struct flt_profile *profile, const struct flt_seen *seen)
{
	const double some = 0.1, much = 0.4;
	double now = at_most(seen->n_missing, seen->n_rows), before = at_least(profile->n_missing, profile->n_rows);
	if (seen->n_missing == 0 && before > some && is_no_chance(1 - before, seen->n_rows))
		return true;
	return now < before - much;
}

static bool report_missing(const struct flt_watched *watched, struct flt_change *change)
{
	const struct flt_profile *profile = &watched->column->profile;
	const struct flt_seen *seen = watched->seen;
	SAY(change, "\"%s\": missing in %s of the rows, %s in training", show(flt_change_name(watched->column)).text,
	    percent(seen->n_missing, seen->n_rows).text, percent(profile->n_missing, profile->n_rows).text);
	return report(change, FLT_CHANGE_MISSING);
}

/* ---- categories ---- */

/* Whether texts are equal but for case, and blanks around them. */
static bool is_alike(const char *left, const char *right)
{
	size_t n;
	left += strspn(left, " \t");
	right += strspn(right, " \t");
	for (n = 0; left[n] && tolower((unsigned char)left[n]) == tolower((unsigned char)right[n]); n++)
		;
	return left[n + strspn(left + n, " \t")] == '\0' && right[n + strspn(right + n, " \t")] == '\0';
}

static bool is_same_number(const char *left, const char *right)
{
	double a, b;
	return flt_text_to_number(left, strlen(left), &a) && flt_text_to_number(right, strlen(right), &b) && !(a < b) &&
	       !(a > b);
}

/* The level that the text is probably another spelling of; NULL if there is none. */
static const char *other_spelling(const struct flt_prep_column *column, const char *text)
{
	for (size_t i = 0; i < column->n_levels; i++)
		if (is_alike(column->levels[i], text) || is_same_number(column->levels[i], text))
			return column->levels[i];
	return NULL;
}

/* How much the share of unlearnt categories exceeds that of training, at least. */
static double unlearnt_excess(const struct flt_watched *watched)
{
	size_t n_levels = watched->column->n_levels;
	const struct flt_profile *profile = &watched->column->profile;
	const struct flt_seen *seen = watched->seen;
	return at_least(flt_seen_n_unlearnt(seen, n_levels), seen->n_rows - seen->n_missing) -
	       at_most(flt_profile_n_other(profile, n_levels), profile->n_rows - profile->n_missing);
}

/* Fresh rows have somewhat more of them than the rows that decided which levels are frequent. */
bool flt_unlearnt_is_usual(const struct flt_watched *watched)
{
	const double some = 0.1;
	const struct flt_profile *profile = &watched->column->profile;
	return profile->n_rows > 0 && flt_profile_n_other(profile, watched->column->n_levels) > 0 &&
	       unlearnt_excess(watched) <= some;
}

enum { MEANT_SIZE = 256 };

/* `; it has "shop"`: the level that was probably meant, if there is one. */
static void explain_unlearnt(const struct flt_prep_column *column, const char *text, char meant[MEANT_SIZE])
{
	const char *remedy, *spelling = other_spelling(column, text);
	meant[0] = '\0';
	if (spelling) {
		snprintf(meant, MEANT_SIZE, "; it has \"%s\"", show(spelling).text);
		return;
	}
	for (size_t i = 0; i < column->n_levels; i++) {
		remedy = flt_encoding_remedy(text, column->levels[i]);
		if (!remedy)
			continue;
		snprintf(meant, MEANT_SIZE, "; it has \"%s\", %s", show(column->levels[i]).text, remedy);
		return;
	}
}

static bool find_unlearnt(const struct flt_watched *watched, struct flt_change *change)
{
	const double much = 0.3;
	const struct flt_prep_column *column = watched->column;
	const struct flt_profile *profile = &column->profile;
	size_t n = watched->seen->n_rows - watched->seen->n_missing, n_fit = profile->n_rows - profile->n_missing;
	size_t n_unlearnt = flt_seen_n_unlearnt(watched->seen, column->n_levels);
	size_t n_other = flt_profile_n_other(profile, column->n_levels);
	if (n_unlearnt < LEAST_CELLS || !(unlearnt_excess(watched) > much))
		return false;
	char meant[MEANT_SIZE];
	explain_unlearnt(column, watched->first_unlearnt, meant);
	SAY(change, "\"%s\": %s of the values are categories that the model did not learn (\"%s\"%s), %s in training%s",
	    show(column->name).text, percent(n_unlearnt, n).text, show(watched->first_unlearnt).text,
	    n_unlearnt > 1 ? " ..." : "", percent(n_other, n_fit).text, meant);
	return report(change, FLT_CHANGE_UNLEARNT);
}

/* A value that at most half of the fit rows had is in all rows. */
static bool find_constant_level(const struct flt_watched *watched, struct flt_change *change)
{
	const struct flt_prep_column *column = watched->column;
	const struct flt_profile *profile = &column->profile;
	size_t n = watched->seen->n_rows - watched->seen->n_missing;
	for (size_t i = 0; i < column->n_levels; i++) {
		double before = at_most(profile->level_rows[i], profile->n_rows - profile->n_missing);
		if (watched->seen->levels[i] < n || before > 0.5 || !is_no_chance(before, n))
			continue;
		SAY(change, "\"%s\": always \"%s\", which %s of the values were in training", show(column->name).text,
		    show(column->levels[i]).text,
		    percent(profile->level_rows[i], profile->n_rows - profile->n_missing).text);
		return report(change, FLT_CHANGE_CONSTANT);
	}
	return false;
}

/* ---- numbers ---- */

/* Quantiles from few fit rows are rough: of n such rows, a share of about 2/n of all others lies outside their range.
 */
static double roughness(const struct flt_profile *profile)
{
	return 10 / (double)(profile->n_rows - profile->n_missing);
}

static bool is_outside(const struct flt_profile *profile, const struct flt_seen *seen)
{
	const double most_beyond = 0.1, most_outside = 0.3;
	size_t n = seen->n_rows - seen->n_missing, n_beyond = seen->n_below + seen->n_above;
	size_t n_outside = seen->n_low + seen->n_high;
	return n_outside >= LEAST_CELLS && (at_least(n_beyond, n) > most_beyond + roughness(profile) ||
	                                    at_least(n_outside, n) > most_outside + roughness(profile));
}

/* Whether the values are distributed otherwise, wherever they lie. */
static bool is_distant(const struct flt_watched *watched)
{
	const double far = 0.4;
	static const struct flt_unit_change none = {.factor = 1};
	const struct flt_profile *profile = &watched->column->profile;
	if (watched->n_values < LEAST_CELLS)
		return false;
	double noise = WIDTH / 2 / sqrt((double)watched->n_values) +
	               WIDTH / 2 / sqrt((double)(profile->n_rows - profile->n_missing));
	return flt_unit_distance(profile->quantiles, watched->values, watched->n_values, &none) > far + noise;
}

enum { MOVED_SIZE = 160 };

/* "about 100 times the values of training", or what it is where one of the two numbers says nothing. */
static void describe_unit(const struct flt_unit_change *unit, char text[MOVED_SIZE])
{
	char offset[60] = "";
	bool is_one = unit->factor >= 1 && unit->factor <= 1, is_minus = unit->factor >= -1 && unit->factor <= -1;
	if (unit->offset < 0 || unit->offset > 0)
		snprintf(offset, sizeof offset, " %s %s", unit->offset < 0 ? "minus" : "plus",
		         number(fabs(unit->offset)).text);
	if (is_one || is_minus)
		snprintf(text, MOVED_SIZE, "the values of training%s%s", is_minus ? " with another sign" : "", offset);
	else
		snprintf(text, MOVED_SIZE, "about %s times the values of training%s", number(unit->factor).text,
		         offset);
}

static void say_scaled(const struct flt_watched *watched, const struct flt_unit_change *unit, struct flt_change *change)
{
	char what[MOVED_SIZE], units[80] = "";
	describe_unit(unit, what);
	if (unit->now)
		snprintf(units, sizeof units, ", perhaps %s instead of %s", unit->now, unit->before);
	SAY(change, "\"%s\": %s%s (median %s, in training %s)", show(watched->column->name).text, what, units,
	    number(watched->quantiles[FLT_PERCENT_50]).text,
	    number(watched->column->profile.quantiles[FLT_PERCENT_50]).text);
}

static void say_shifted(const struct flt_watched *watched, struct flt_change *change)
{
	const struct flt_seen *seen = watched->seen;
	const double *before = watched->column->profile.quantiles;
	SAY(change, "\"%s\": %s of the values lie outside %s to %s, where 98 %% of training lay; now it is %s to %s",
	    show(watched->column->name).text, percent(seen->n_low + seen->n_high, seen->n_rows - seen->n_missing).text,
	    number(before[FLT_PERCENT_1]).text, number(before[FLT_PERCENT_99]).text,
	    number(watched->quantiles[FLT_PERCENT_1]).text, number(watched->quantiles[FLT_PERCENT_99]).text);
}

static bool find_moved(const struct flt_watched *watched, struct flt_change *change)
{
	struct flt_unit_change unit;
	const struct flt_profile *profile = &watched->column->profile;
	bool outside = is_outside(profile, watched->seen);
	if (watched->n_values == 0 || (!outside && !is_distant(watched)))
		return false;
	if (flt_find_unit_change(profile->quantiles, profile->n_rows - profile->n_missing, watched->values,
	                         watched->n_values, watched->quantiles, &unit)) {
		say_scaled(watched, &unit, change);
		return report(change, FLT_CHANGE_SCALED);
	}
	if (!outside)
		return false;
	say_shifted(watched, change);
	return report(change, FLT_CHANGE_SHIFTED);
}

/* The most that the fit rows can have held of a value, by the quantiles around it. */
static double most_of_value(const struct flt_profile *profile, double value)
{
	unsigned below = 0, above = 100;
	for (size_t i = 0; i < FLT_PROFILE_QUANTILES; i++) {
		if (profile->quantiles[i] < value)
			below = flt_profile_percent[i];
		if (profile->quantiles[i] > value && above == 100)
			above = flt_profile_percent[i];
	}
	return (above - below) / 100.0;
}

static bool find_constant_number(const struct flt_watched *watched, struct flt_change *change)
{
	const struct flt_seen *seen = watched->seen;
	const struct flt_profile *profile = &watched->column->profile;
	size_t n = seen->n_rows - seen->n_missing;
	if (n == 0 || seen->varies)
		return false;
	double before = most_of_value(profile, seen->first_value);
	if (before > 0.5 || !is_no_chance(before, n))
		return false;
	SAY(change, "\"%s\": always %s; in training 98 %% lay in %s to %s", show(watched->column->name).text,
	    number(seen->first_value).text, number(profile->quantiles[FLT_PERCENT_1]).text,
	    number(profile->quantiles[FLT_PERCENT_99]).text);
	return report(change, FLT_CHANGE_CONSTANT);
}

/* What changed in the values themselves. Of a number that was constant, only whether it is missing is used. */
static bool find_in_values(const struct flt_watched *watched, struct flt_change *change)
{
	const struct flt_prep_column *column = watched->column;
	if (column->source)
		return false;
	if (column->use == FLT_USED_CATEGORICAL)
		return find_unlearnt(watched, change) || find_constant_level(watched, change);
	return column->has_number && (find_moved(watched, change) || find_constant_number(watched, change));
}

bool flt_change_find(const struct flt_watched *watched, struct flt_change *change)
{
	const struct flt_profile *profile = &watched->column->profile;
	if (profile->n_rows == 0 || watched->seen->n_rows == 0)
		return false;
	if (is_missing_more(profile, watched->seen))
		return report_missing(watched, change);
	/* What missing cells were filled with says more than that they were. */
	if (find_in_values(watched, change))
		return true;
	return is_missing_less(profile, watched->seen) && report_missing(watched, change);
}
