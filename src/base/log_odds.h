/*
 * Probabilities, log-odds, and psi: the exact inverse of what focal loss does to them. All in double.
 */
#ifndef BASE_LOG_ODDS_H
#define BASE_LOG_ODDS_H

double flt_sigmoid(double log_odds);
double flt_logit(double probability);
double flt_softplus(double x);

/* The log-odds behind the logit z of a network trained with focal loss: Charoenphakdee et al. 2021 with weights,
 *   psi(z) = gamma z + ln[(gamma q softplus(z) + p) / (gamma p softplus(-z) + q)] - log_weight_ratio,
 * p = sigmoid(z), q = sigmoid(-z), log_weight_ratio = ln(weight of a positive row / weight of a negative row).
 * Strictly increasing in z for every gamma >= 0. */
double flt_focal_log_odds(double z, double gamma, double log_weight_ratio);

/* Its derivative by z: 1 without gamma, and 1 + gamma far from 0. */
double flt_focal_slope(double z, double gamma);

/* Its inverse: the logit z with psi(z) = log_odds, by bisection to the last bit. The loss's own optimal constant for a
 * prevalence pi is flt_focal_logit(flt_logit(pi), ...). */
double flt_focal_logit(double log_odds, double gamma, double log_weight_ratio);

/* The weighted mean of probabilities, as log-odds. *log_p and *log_q hold ln(sum w p) and ln(sum w (1 - p)), both
 * -HUGE_VAL before the first; *log_p - *log_q is the log-odds of the mean, exact also where probabilities are 0 or 1 in
 * double. log_weight is ln(w), 0 where all count alike. */
void flt_mean_log_odds_add(double *log_p, double *log_q, double log_weight, double log_odds);

#endif
