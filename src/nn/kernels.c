#include "nn/kernels.h"

#include <math.h>

#include "nn/kernels_all.h"

const struct flt_kernels *flt_kernels_number(size_t i)
{
	const struct flt_kernels *found[4] = {&flt_kernels_plain};
	size_t n = 1;
#ifdef FLT_HAVE_X86
	if (__builtin_cpu_supports("avx2"))
		found[n++] = &flt_kernels_avx2;
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
	    __builtin_cpu_supports("avx512dq"))
		found[n++] = &flt_kernels_avx512;
#endif
	return i < n ? found[i] : NULL;
}

const struct flt_kernels *flt_kernels(void)
{
	size_t i = 0;
	while (flt_kernels_number(i + 1))
		i++;
	return flt_kernels_number(i);
}

struct flt_focal flt_focal_of(double gamma, double weight_positive, double weight_negative)
{
	double whole = floor(gamma), rest = gamma - whole;
	int half = rest >= 0.5;
	return (struct flt_focal){.gamma = (float)gamma,
	                          .whole = (unsigned long)whole,
	                          .rest = (float)(half ? rest - 0.5 : rest),
	                          .half = half,
	                          .weight_positive = (float)weight_positive,
	                          .weight_negative = (float)weight_negative};
}

void flt_loss_sums_add(struct flt_loss_sums *total, const struct flt_loss_sums *sums)
{
	total->loss += sums->loss;
	total->total += sums->total;
	total->easy += sums->easy;
	total->positive += sums->positive;
}
