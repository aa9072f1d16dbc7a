/* The axes of pictures: what they reach from and to, where a value lies on them, and their ticks. */
#ifndef PAGE_AXIS_H
#define PAGE_AXIS_H

#include <stdbool.h>
#include <stddef.h>

enum flt_axis_scale { FLT_AXIS_LINEAR, FLT_AXIS_LOG, FLT_AXIS_LOGIT };

struct flt_axis {
	enum flt_axis_scale scale;
	double lo, hi;     /* values at its ends, lo < hi; above 0 (LOG), within (0, 1) (LOGIT) */
	const char *title; /* made inert */
	bool is_mirrored;  /* ticks below 0 are shown without their sign */
};

/* Makes the axis contain the value, as far as its scale allows; an axis with lo > hi has none yet. */
void flt_axis_include(struct flt_axis *axis, double value);
void flt_axis_close(struct flt_axis *axis); /* gives it ends that differ */

/* The place of a value, from 0 to 1; values without one are at the end that is nearer. */
double flt_axis_place(const struct flt_axis *axis, double value);

/* Values for ticks, rising, between the ends; returns how many. */
enum { FLT_TICKS_MOST = 24 };
size_t flt_axis_ticks(const struct flt_axis *axis, double tick[FLT_TICKS_MOST]);

/* There is room for about six characters: "250k", "1.25M", "5e-05". */
struct flt_axis_label {
	char text[24];
};
struct flt_axis_label flt_axis_label(double value);

#endif
