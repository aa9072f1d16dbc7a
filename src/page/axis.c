#include "page/axis.h"

#include <math.h>
#include <stdio.h>

static bool has_place(const struct flt_axis *axis, double value)
{
	if (axis->scale == FLT_AXIS_LOG)
		return isfinite(value) && value > 0;
	if (axis->scale == FLT_AXIS_LOGIT)
		return value > 0 && value < 1;
	return isfinite(value);
}

void flt_axis_include(struct flt_axis *axis, double value)
{
	if (!has_place(axis, value))
		return;
	bool is_first = axis->lo > axis->hi;
	axis->lo = is_first ? value : fmin(axis->lo, value);
	axis->hi = is_first ? value : fmax(axis->hi, value);
}

static double stretched(const struct flt_axis *axis, double value)
{
	if (axis->scale == FLT_AXIS_LOG)
		return log10(value);
	if (axis->scale == FLT_AXIS_LOGIT)
		return log(value) - log1p(-value);
	return value;
}

void flt_axis_close(struct flt_axis *axis)
{
	static const double lo[] = {[FLT_AXIS_LINEAR] = 0, [FLT_AXIS_LOG] = 0.1, [FLT_AXIS_LOGIT] = 0.01};
	static const double hi[] = {[FLT_AXIS_LINEAR] = 1, [FLT_AXIS_LOG] = 1, [FLT_AXIS_LOGIT] = 0.99};
	bool is_wide = axis->lo < axis->hi && isfinite(axis->hi - axis->lo) &&
	               stretched(axis, axis->hi) - stretched(axis, axis->lo) > 1e-9 * fabs(stretched(axis, axis->hi));
	if (is_wide)
		return;
	double only = axis->lo <= axis->hi && fabs(axis->lo) < 1e300 ? axis->lo : (double)NAN;
	if (isnan(only) || axis->scale != FLT_AXIS_LINEAR) {
		axis->lo = lo[axis->scale];
		axis->hi = hi[axis->scale];
	} else {
		axis->lo = only - (only == 0 ? 1 : 0.5 * fabs(only));
		axis->hi = only + (only == 0 ? 1 : 0.5 * fabs(only));
	}
}

double flt_axis_place(const struct flt_axis *axis, double value)
{
	if (!has_place(axis, value))
		return value > 0.5 ? 1 : 0;
	double lo = stretched(axis, axis->lo), hi = stretched(axis, axis->hi);
	return fmin(fmax((stretched(axis, value) - lo) / (hi - lo), 0), 1);
}

/* ---- ticks ---- */

static size_t linear_ticks(const struct flt_axis *axis, double tick[FLT_TICKS_MOST])
{
	enum { ABOUT = 5 };
	double raw = (axis->hi - axis->lo) / ABOUT, power = pow(10, floor(log10(raw)));
	double step = power * (raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7.5 ? 5 : 10);
	size_t n = 0;
	double first = ceil(axis->lo / step - 1e-9);
	for (size_t i = 0; n < FLT_TICKS_MOST; i++) {
		double value = (first + (double)i) * step;
		if (!(value <= axis->hi + 1e-9 * step))
			break;
		tick[n++] = fabs(value) < 1e-9 * step ? 0 : value;
	}
	return n;
}

static size_t log_ticks(const struct flt_axis *axis, double tick[FLT_TICKS_MOST])
{
	double lo = floor(log10(axis->lo)), hi = ceil(log10(axis->hi)), every = ceil((hi - lo) / 7);
	bool is_fine = hi - lo <= 3;
	size_t n = 0;
	for (double power = lo; power <= hi && n + 3 < FLT_TICKS_MOST; power += every)
		for (int i = 0; i < (is_fine ? 3 : 1); i++) {
			double value = pow(10, power) * (double[]){1, 2, 5}[i];
			if (value >= axis->lo * (1 - 1e-9) && value <= axis->hi * (1 + 1e-9))
				tick[n++] = value;
		}
	return n;
}

static size_t logit_ticks(const struct flt_axis *axis, double tick[FLT_TICKS_MOST])
{
	static const double all[] = {1e-6, 1e-5, 0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999};
	size_t n = 0;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i] >= axis->lo && all[i] <= axis->hi)
			tick[n++] = all[i];
	if (n < 2) {
		tick[0] = axis->lo;
		tick[1] = axis->hi;
		n = 2;
	}
	return n;
}

size_t flt_axis_ticks(const struct flt_axis *axis, double tick[FLT_TICKS_MOST])
{
	if (axis->scale == FLT_AXIS_LOG)
		return log_ticks(axis, tick);
	return axis->scale == FLT_AXIS_LOGIT ? logit_ticks(axis, tick) : linear_ticks(axis, tick);
}

struct flt_axis_label flt_axis_label(double value)
{
	struct flt_axis_label label;
	double size = fabs(value);
	if (size >= 1e4 && size < 1e9)
		snprintf(label.text, sizeof label.text, "%.4g%c", value / (size < 1e6 ? 1e3 : 1e6),
		         size < 1e6 ? 'k' : 'M');
	else
		snprintf(label.text, sizeof label.text, size >= 1e9 || size < 1e-4 ? "%.3g" : "%.4g", value);
	return label;
}
