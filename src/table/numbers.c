#include "table/numbers.h"

#include <float.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"

/* More places than these are seldom, and would leave few digits before them. */
enum { MOST_PLACES = 9 };

static const double power[MOST_PLACES + 1] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

static bool same_bits(double x, double y)
{
	uint64_t of_x, of_y;
	memcpy(&of_x, &x, sizeof of_x);
	memcpy(&of_y, &y, sizeof of_y);
	return of_x == of_y;
}

/* The integer that gives the number back when it is divided; INT32_MIN if there is none. */
static int32_t integer_of(double number, double divisor)
{
	double nearest = rint(number * divisor);
	if (!(fabs(nearest) <= INT32_MAX))
		return INT32_MIN;
	int32_t integer = (int32_t)nearest; /* which has no -0 */
	return same_bits((double)integer / divisor, number) ? integer : INT32_MIN;
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
	while (so_far->are_decimals && integer_of(number, power[so_far->n_places]) == INT32_MIN)
		so_far->are_decimals = so_far->n_places++ < MOST_PLACES;
	so_far->most = fmax(so_far->most, fabs(number));
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

static void store(const struct flt_numbers *numbers, void *cells, size_t row, double number)
{
	int32_t integer = INT32_MIN;
	if (numbers->kind != FLT_FLOATS && !isnan(number))
		integer = (int32_t)rint(number * numbers->divisor);
	if (numbers->kind == FLT_FLOATS)
		((float *)cells)[row] = (float)number;
	else if (numbers->kind == FLT_INTEGERS_32)
		((int32_t *)cells)[row] = integer;
	else if (numbers->kind == FLT_INTEGERS_16)
		((int16_t *)cells)[row] = integer == INT32_MIN ? INT16_MIN : (int16_t)integer;
	else
		((int8_t *)cells)[row] = integer == INT32_MIN ? INT8_MIN : (int8_t)integer;
}

const size_t flt_number_size[FLT_N_NUMBER_KINDS] = {[FLT_DOUBLES] = sizeof(double),
                                                    [FLT_FLOATS] = sizeof(float),
                                                    [FLT_INTEGERS_32] = sizeof(int32_t),
                                                    [FLT_INTEGERS_16] = sizeof(int16_t),
                                                    [FLT_INTEGERS_8] = sizeof(int8_t)};

enum flt_status flt_numbers_narrow(const double *numbers, size_t n, struct flt_numbers *narrow, struct flt_error *err)
{
	struct narrowing seen = {.are_floats = true, .are_decimals = true};
	*narrow = (struct flt_numbers){0};
	for (size_t row = 0; row < n && (seen.are_floats || seen.are_decimals); row++)
		look_at(&seen, numbers[row]);
	struct flt_numbers made = {.kind = kind_of(&seen)};
	if (made.kind == FLT_DOUBLES)
		return FLT_OK;
	made.divisor = made.kind == FLT_FLOATS ? 1 : power[seen.n_places];
	void *cells = flt_alloc(n, flt_number_size[made.kind], err);
	FLT_TRY_MEMORY(cells);
	for (size_t row = 0; row < n; row++)
		store(&made, cells, row, numbers[row]);
	made.cells = cells;
	*narrow = made;
	return FLT_OK;
}
