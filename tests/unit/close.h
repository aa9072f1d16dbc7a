/* For tests: numbers that agree to a relative error; zeros, to 1e-15. */
#ifndef CLOSE_H
#define CLOSE_H

#include <check.h>
#include <math.h>

static inline void assert_close(double got, double wanted, double rtol)
{
	ck_assert_msg(fabs(got - wanted) <= rtol * fabs(wanted) + 1e-15, "%.17g is not %.17g", got, wanted);
}

#endif
