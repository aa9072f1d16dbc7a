/* Student's t distribution with df > 0 degrees of freedom, to eleven digits up to df = 1,000. */
#ifndef EVAL_STUDENT_H
#define EVAL_STUDENT_H

double flt_student_two_sided(double t, double df); /* P(|T| > |t|) */
double flt_student_quantile(double p, double df);  /* the t with P(T <= t) = p, for 0.5 <= p < 1 */

#endif
