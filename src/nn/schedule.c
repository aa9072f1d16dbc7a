#include <assert.h>
#include <math.h>

#include "nn/train.h"

static const double pi = 3.14159265358979323846;

static double half_cosine(double t)
{
	return 0.5 + 0.5 * cos(pi * t);
}

double flt_schedule_factor(enum flt_schedule schedule, double t)
{
	assert((unsigned)schedule < FLT_N_SCHEDULES);
	switch (schedule) {
	case FLT_CONSTANT_RATE:
	case FLT_N_SCHEDULES:
		break;
	case FLT_COSINE:
		return half_cosine(t);
	case FLT_COSLOG4:
		return 0.5 - 0.5 * cos(2 * pi * log2(1 + 15 * t));
	case FLT_FLAT_COS:
		return t < 0.5 ? 1 : half_cosine(2 * t - 1);
	}
	return 1;
}
