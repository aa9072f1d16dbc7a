/* The regularised incomplete beta function, which gives the tails of Student's t and of binomial counts. */
#ifndef EVAL_BETA_H
#define EVAL_BETA_H

/* I_x(a, b) for a, b > 0, given x and rest = 1 - x, each to full relative accuracy. For whole numbers it is the chance
 * of at least a successes in a + b - 1 trials that succeed with probability x each. */
double flt_incomplete_beta(double a, double b, double x, double rest);

#endif
