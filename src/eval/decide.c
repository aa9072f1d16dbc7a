#include "fltrain/decision.h"

#include "fltrain/calibrate.h"

bool flt_is_positive(double log_odds, double threshold)
{
	return flt_sigmoid(log_odds) >= threshold;
}
