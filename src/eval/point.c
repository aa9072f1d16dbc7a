/*
 * The figures at one threshold. Recall is a share of the positive rows, the false alarm rate one of the negative rows,
 * and with the share of positive rows, the prevalence, they give every other figure. Precision, alarms and F1 have
 * their own share of rows to be known by; the intervals of the others are put together from those of the three.
 */
#include <math.h>

#include "eval/drawn.h"

enum { TP = 1 << FLT_TP, FP = 1 << FLT_FP, FN = 1 << FLT_FN, TN = 1 << FLT_TN };

/* Wilson's, each end from the share with what may be unseen on that side. */
static struct flt_interval wilson_of(struct flt_share share, double n)
{
	return (struct flt_interval){share.value, flt_wilson_of_share(share.low, n).lo,
	                             flt_wilson_of_share(share.high, n).hi};
}

static struct flt_interval wilson(struct flt_share share)
{
	return wilson_of(share, share.n);
}

/* For a rate that is one of several: with one row less, as in a variance around a mean that was itself estimated. With
 * few rows the figure would else miss its truth too often. */
static struct flt_interval rate_of(struct flt_share share)
{
	return wilson_of(share, share.n > 1.5 ? share.n - 1 : share.n / 3);
}

struct rates {
	struct flt_interval recall, false_alarm, prevalence;
};

/* A figure as a function of the rates, as if of one row. */
typedef double figure_of(const struct flt_confusion *confusion);

static double at_rates(figure_of *figure, double recall, double false_alarm, double prevalence)
{
	struct flt_confusion confusion = {.tp = prevalence * recall,
	                                  .fp = (1 - prevalence) * false_alarm,
	                                  .fn = prevalence * (1 - recall),
	                                  .tn = (1 - prevalence) * (1 - false_alarm)};
	return figure(&confusion);
}

/* Zou and Donner 2008, "Construction of confidence limits about effect measures": each rate in turn moves to the end of
 * its interval, and the squares of what the figure moves by are added up. Every figure rises with the recall and falls
 * with the false alarm rate, but for alarms, where `rises` is 1. */
static struct flt_interval from_rates(figure_of *figure, const struct rates *rates, double least, int rises)
{
	double r = rates->recall.value, f = rates->false_alarm.value, p = rates->prevalence.value;
	double value = at_rates(figure, r, f, p);
	double f_low = rises ? rates->false_alarm.lo : rates->false_alarm.hi,
	       f_high = rises ? rates->false_alarm.hi : rates->false_alarm.lo;
	double p_one = at_rates(figure, r, f, rates->prevalence.lo),
	       p_two = at_rates(figure, r, f, rates->prevalence.hi);
	const double lower[] = {at_rates(figure, rates->recall.lo, f, p), at_rates(figure, r, f_low, p),
	                        fmin(p_one, p_two)};
	const double higher[] = {at_rates(figure, rates->recall.hi, f, p), at_rates(figure, r, f_high, p),
	                         fmax(p_one, p_two)};
	double below = 0, above = 0;
	for (int i = 0; i < 3; i++) {
		below += lower[i] < value ? (value - lower[i]) * (value - lower[i]) : 0;
		above += higher[i] > value ? (higher[i] - value) * (higher[i] - value) : 0;
	}
	return (struct flt_interval){value, fmax(value - sqrt(below), least), fmin(value + sqrt(above), 1)};
}

static double alarms(const struct flt_confusion *confusion)
{
	return confusion->tp + confusion->fp;
}

/* F1 = 2 J / (1 + J), where J is the share of hits among the rows that are positive, called so, or both. */
static struct flt_interval f1_interval(const struct flt_outcomes *outcomes)
{
	struct flt_interval j = wilson(flt_outcome_share(outcomes, TP, TP | FP | FN));
	return (struct flt_interval){2 * j.value / (1 + j.value), 2 * j.lo / (1 + j.lo), 2 * j.hi / (1 + j.hi)};
}

static struct flt_interval per_10000(struct flt_interval share)
{
	return (struct flt_interval){share.value * 10000, share.lo * 10000, share.hi * 10000};
}

enum flt_status flt_point_at(const struct flt_scored *rows, double threshold, double prior, struct flt_point *point,
                             struct flt_error *err)
{
	struct flt_outcomes outcomes;
	FLT_TRY(flt_outcomes_at(rows, threshold, &outcomes, err));
	struct rates rates = {.recall = rate_of(flt_outcome_share(&outcomes, TP, TP | FN)),
	                      .false_alarm = rate_of(flt_outcome_share(&outcomes, FP, FP | TN)),
	                      .prevalence = rate_of(flt_outcome_share(&outcomes, TP | FN, TP | FP | FN | TN))};
	if (prior > 0)
		rates.prevalence = (struct flt_interval){prior, prior, prior};
	*point = (struct flt_point){
	        .probability = threshold,
	        .confusion = {outcomes.sum[FLT_TP], outcomes.sum[FLT_FP], outcomes.sum[FLT_FN], outcomes.sum[FLT_TN]},
	        .recall = wilson(flt_outcome_share(&outcomes, TP, TP | FN)),
	        .mcc = from_rates(flt_mcc, &rates, -1, 0),
	        .accuracy = at_rates(flt_accuracy, rates.recall.value, rates.false_alarm.value, rates.prevalence.value),
	};
	point->precision =
	        prior > 0 ? from_rates(flt_precision, &rates, 0, 0) : wilson(flt_outcome_share(&outcomes, TP, TP | FP));
	point->f1 = prior > 0 ? from_rates(flt_f1, &rates, 0, 0) : f1_interval(&outcomes);
	point->alarms_per_10000 =
	        per_10000(prior > 0 ? from_rates(alarms, &rates, 0, 1)
	                            : wilson(flt_outcome_share(&outcomes, TP | FP, TP | FP | FN | TN)));
	return FLT_OK;
}
