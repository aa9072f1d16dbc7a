#include "base/nearest.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/powers_of_five.h"

__extension__ typedef unsigned __int128 flt_u128;

const double flt_power_of_ten[2][FLT_EXACT_POWERS + 1] = {
        {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
         1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22},
        {-1e0,  -1e1,  -1e2,  -1e3,  -1e4,  -1e5,  -1e6,  -1e7,  -1e8,  -1e9,  -1e10, -1e11,
         -1e12, -1e13, -1e14, -1e15, -1e16, -1e17, -1e18, -1e19, -1e20, -1e21, -1e22}};

enum {
	FRACTION_BITS = DBL_MANT_DIG - 1, /* which a double stores */
	KEPT_BITS = DBL_MANT_DIG + 1,     /* of the product: one to round by, and one that it may lack at the top */
	BIAS = DBL_MAX_EXP - 1,
	INFINITE = 2 * DBL_MAX_EXP - 1, /* as a stored exponent */
};

struct product {
	uint64_t high, low;
};

/* The first 128 bits of digits * 5^exponent, where digits have their highest bit set. The lower half of the power is
 * needed only where the bits below those that are kept are all set, so that it could carry into these. */
static struct product multiply(uint64_t digits, int64_t exponent)
{
	const uint64_t below = UINT64_MAX >> (KEPT_BITS + 1);
	const uint64_t *power = flt_powers_of_five[exponent - FLT_LEAST_POWER];
	flt_u128 product = (flt_u128)digits * power[0];
	if (((uint64_t)(product >> 64) & below) == below)
		product += (flt_u128)digits * power[1] >> 64;
	return (struct product){(uint64_t)(product >> 64), (uint64_t)product};
}

/* floor(log2(10^exponent)), by a fraction that is exact enough for all exponents in the table. */
static int64_t power_of_two(int64_t exponent)
{
	return (217706 * exponent) >> 16;
}

/* Rounds mantissa, which has one bit too many, and puts the exponent above it. A carry goes up into the exponent, which
 * is right: from the largest subnormal to the least normal double, and from the largest to infinity. */
static double assemble(uint64_t mantissa, uint64_t exponent)
{
	double value;
	uint64_t bits = ((mantissa + (mantissa & 1)) >> 1) + (exponent << FRACTION_BITS);
	memcpy(&value, &bits, sizeof value);
	return value;
}

double flt_nearest_by_product(uint64_t digits, int64_t exponent)
{
	if (digits == 0 || exponent < FLT_LEAST_POWER)
		return 0;
	if (exponent > FLT_MOST_POWER)
		return HUGE_VAL;
	int up = __builtin_clzll(digits);
	struct product product = multiply(digits << up, exponent);
	int top = (int)(product.high >> 63), shift = top + 64 - KEPT_BITS - 1;
	uint64_t mantissa = product.high >> shift;
	int64_t stored = power_of_two(exponent) + 63 + top - up + BIAS;
	if (stored >= INFINITE)
		return HUGE_VAL;
	if (stored <= 0) /* no point half way between two subnormals has as few digits as these */
		return stored <= -63 ? 0 : assemble(mantissa >> (1 - stored), 0);
	/* A point half way, which is exact, goes to the even one of its neighbours. */
	bool may_be_half = product.low <= 1 && exponent >= -4 && exponent <= 23 && (mantissa & 3) == 1;
	if (may_be_half && mantissa << shift == product.high)
		mantissa--;
	return assemble(mantissa, (uint64_t)stored - 1); /* which has the highest bit of mantissa added to it */
}
