#include "eval/band.h"

#include <math.h>

#include "eval/student.h"

double flt_band_reach(const double *unit, size_t n)
{
	static const double LEAST = 3, MOST = 1000; /* degrees of freedom; as good as infinitely many */
	double sum = 0, fourth = 0;
	for (size_t u = 0; u < n; u++) {
		double square = unit[u] * unit[u];
		sum += square;
		fourth += square * square;
	}
	double freedom = fourth > 0 ? fmin(fmax(3 * sum * sum / fourth - 1, LEAST), MOST) : MOST;
	return flt_student_quantile(0.975, freedom) * sqrt(sum);
}
