/*
 * Random draws and the few functions of mathematics that the simulations need, the same bits on every machine.
 *
 * A value that decides a byte of a data file must not depend on the last bit of a library's exp or log, which differ
 * between versions and machines. So these are built from + - * / and sqrt on doubles, which IEEE 754 fixes to the
 * bit. That holds with -ffp-contract=off (no fused multiply-add) and without -ffast-math. One draw a statement: C
 * leaves open which of two calls in one expression comes first.
 */
#ifndef DATA_DRAW_H
#define DATA_DRAW_H

#include <stddef.h>
#include <stdint.h>

struct source {
	uint64_t state;
};

struct source source_open(uint64_t seed, uint64_t stream);
double draw_uniform(struct source *source); /* inside (0, 1) */
double draw_between(struct source *source, double low, double high);
unsigned draw_below(struct source *source, unsigned n); /* 0 ... n - 1 */
double draw_normal(struct source *source);
double draw_exponential(struct source *source, double mean);
unsigned draw_count(struct source *source, double mean);                    /* Poisson */
unsigned draw_kind(struct source *source, const double *share, unsigned n); /* k with probability share[k] */

double exact_exp(double x);
double exact_log(double x); /* x > 0 */
double exact_normal_quantile(double p);
double exact_normal_cdf(double x);

double logistic(double x);
double step(double x, double at, double width); /* 0 well below `at`, 1 well above, smooth over about `width` */
double bell(double x, double at, double width); /* 1 at `at`, falling to 0 on both sides */
double either(double p, double q);              /* at least one of two independent causes acts */

#endif
