/*
 * Hot: each number of a table is looked at once and stored once. Numbers are looked at in runs, by loops without
 * branches, which the compiler turns into vector instructions; a run in which a number does not fit is looked at again,
 * number by number.
 */
#include "table/numbers.h"

#include <float.h>
#include <string.h>

#include "base/alloc.h"

/* More places than these are seldom, and would leave few digits before them. */
enum { MOST_PLACES = 9 };

static const double power[MOST_PLACES + 1] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

static uint64_t difference(double x, double y)
{
	uint64_t of_x, of_y;
	memcpy(&of_x, &x, sizeof of_x);
	memcpy(&of_y, &y, sizeof of_y);
	return of_x ^ of_y;
}

static bool same_bits(double x, double y)
{
	return difference(x, y) == 0;
}

/* Like rint, which is a call where the processor may be an old one. Numbers beyond 2^51 stay beyond INT32_MAX. */
static double nearest_whole(double number)
{
	const double shift = 0x1.8p52;
	return (number + shift) - shift;
}

/* Whether some whole number of 32 bits gives the number back when it is divided. */
static bool is_decimal(double number, double divisor)
{
	double nearest = nearest_whole(number * divisor); /* which is no -0 */
	return fabs(nearest) <= INT32_MAX && same_bits(nearest / divisor, number);
}

/* What the numbers seen so far allow. */
struct narrowing {
	bool are_floats, are_decimals;
	size_t n_places;
	double most; /* by size */
};

static void look_at(struct narrowing *so_far, double number)
{
	if (isnan(number))
		return;
	so_far->are_floats =
	        so_far->are_floats && fabs(number) <= (double)FLT_MAX && same_bits((double)(float)number, number);
	while (so_far->are_decimals && !is_decimal(number, power[so_far->n_places]))
		so_far->are_decimals = so_far->n_places++ < MOST_PLACES;
	so_far->most = fmax(so_far->most, fabs(number));
}

enum { RUN = 64, LANES = 4 };

/* What differs between numbers and what is got back of them; 0: nothing. */
struct differences {
	uint64_t of_floats[LANES], of_decimals[LANES];
	double most[LANES];
};

static struct differences compare_run(const double numbers[RUN], double divisor)
{
	struct differences found = {{0}, {0}, {0}};
	for (size_t i = 0; i < RUN; i += LANES)
		for (size_t lane = 0; lane < LANES; lane++) {
			double number = numbers[i + lane];
			number = isnan(number) ? 0 : number; /* a missing value fits everywhere, and so does 0 */
			double size = fabs(number);
			found.of_floats[lane] |= difference((double)(float)number, number);
			found.of_decimals[lane] |= difference(nearest_whole(number * divisor) / divisor, number);
			found.most[lane] = size > found.most[lane] ? size : found.most[lane];
		}
	return found;
}

/* Whether all numbers of the run are as those before, which is noted then. If they are too large for decimals, `most`
 * tells so in the end. */
static bool run_fits(struct narrowing *so_far, const double numbers[RUN])
{
	double divisor = power[so_far->are_decimals ? so_far->n_places : 0];
	struct differences found = compare_run(numbers, divisor);
	uint64_t of_floats = 0, of_decimals = 0;
	double most = 0;
	for (size_t lane = 0; lane < LANES; lane++) {
		of_floats |= found.of_floats[lane];
		of_decimals |= found.of_decimals[lane];
		most = fmax(most, found.most[lane]);
	}
	bool are_floats = of_floats == 0 && most <= (double)FLT_MAX;
	if ((so_far->are_floats && !are_floats) || (so_far->are_decimals && of_decimals != 0))
		return false;
	so_far->most = fmax(so_far->most, most);
	return true;
}

static struct narrowing look_at_all(const double *numbers, size_t n)
{
	struct narrowing seen = {.are_floats = true, .are_decimals = true};
	for (size_t row = 0; row < n && (seen.are_floats || seen.are_decimals);) {
		size_t n_run = n - row < RUN ? n - row : RUN;
		if (n_run < RUN || !run_fits(&seen, numbers + row))
			for (size_t i = 0; i < n_run; i++)
				look_at(&seen, numbers[row + i]);
		row += n_run;
	}
	return seen;
}

/* The numbers seen so far may be too large for places that came later. */
static enum flt_number_kind kind_of(struct narrowing *seen)
{
	if (seen->are_decimals) {
		double most = rint(seen->most * power[seen->n_places]);
		if (most <= INT8_MAX)
			return FLT_INTEGERS_8;
		if (most <= INT16_MAX)
			return FLT_INTEGERS_16;
		if (most <= INT32_MAX)
			return FLT_INTEGERS_32;
	}
	return seen->are_floats ? FLT_FLOATS : FLT_DOUBLES;
}

/* The lowest integer stands for a missing value. */
static int32_t integer_of(double number, double divisor, int32_t lowest)
{
	double nearest = nearest_whole((isnan(number) ? 0 : number) * divisor);
	return isnan(number) ? lowest : (int32_t)nearest;
}

static void store(const struct flt_numbers *made, void *cells, const double *numbers, size_t n)
{
	if (made->kind == FLT_FLOATS)
		for (size_t row = 0; row < n; row++)
			((float *)cells)[row] = (float)numbers[row];
	else if (made->kind == FLT_INTEGERS_32)
		for (size_t row = 0; row < n; row++)
			((int32_t *)cells)[row] = integer_of(numbers[row], made->divisor, INT32_MIN);
	else if (made->kind == FLT_INTEGERS_16)
		for (size_t row = 0; row < n; row++)
			((int16_t *)cells)[row] = (int16_t)integer_of(numbers[row], made->divisor, INT16_MIN);
	else
		for (size_t row = 0; row < n; row++)
			((int8_t *)cells)[row] = (int8_t)integer_of(numbers[row], made->divisor, INT8_MIN);
}

const size_t flt_number_size[FLT_N_NUMBER_KINDS] = {[FLT_DOUBLES] = sizeof(double),
                                                    [FLT_FLOATS] = sizeof(float),
                                                    [FLT_INTEGERS_32] = sizeof(int32_t),
                                                    [FLT_INTEGERS_16] = sizeof(int16_t),
                                                    [FLT_INTEGERS_8] = sizeof(int8_t)};

enum flt_status flt_numbers_narrow(const double *numbers, size_t n, struct flt_numbers *narrow, struct flt_error *err)
{
	struct narrowing seen = look_at_all(numbers, n);
	*narrow = (struct flt_numbers){0};
	struct flt_numbers made = {.kind = kind_of(&seen)};
	if (made.kind == FLT_DOUBLES)
		return FLT_OK;
	made.divisor = made.kind == FLT_FLOATS ? 1 : power[seen.n_places];
	void *cells = flt_alloc(n, flt_number_size[made.kind], err);
	FLT_TRY_MEMORY(cells);
	store(&made, cells, numbers, n);
	made.cells = cells;
	*narrow = made;
	return FLT_OK;
}

/* From 2^52 on each double is whole; below, adding 2^52 rounds. */
static bool is_not_whole(double number)
{
	const double shift = 0x1p52;
	double size = fabs(isnan(number) ? 0 : number), nearest = (size + shift) - shift;
	return (size < shift) & (nearest != size);
}

bool flt_numbers_are_whole(const double *numbers, size_t n)
{
	for (size_t row = 0; row < n; row += RUN) {
		size_t n_run = n - row < RUN ? n - row : RUN;
		uint64_t others = 0;
		for (size_t i = 0; i < n_run; i++)
			others |= is_not_whole(numbers[row + i]);
		if (others)
			return false;
	}
	return true;
}
