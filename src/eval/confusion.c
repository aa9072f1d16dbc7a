/* Counts at one threshold, figures of them, and intervals in closed form. */
#include <math.h>

#include "eval/calibrate.h"
#include "eval/decision.h"
#include "eval/metrics.h"

static const double NORMAL_975 = 1.959963984540054; /* the 97.5th percentile of the standard normal */

struct flt_confusion flt_confusion_at(const double *log_odds, const uint8_t *label, size_t n, double threshold)
{
	struct flt_confusion confusion = {0};
	for (size_t i = 0; i < n; i++) {
		if (flt_is_positive(log_odds[i], threshold))
			*(label[i] ? &confusion.tp : &confusion.fp) += 1;
		else
			*(label[i] ? &confusion.fn : &confusion.tn) += 1;
	}
	return confusion;
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

double flt_precision(const struct flt_confusion *confusion)
{
	return ratio(confusion->tp, confusion->tp + confusion->fp);
}

double flt_recall(const struct flt_confusion *confusion)
{
	return ratio(confusion->tp, confusion->tp + confusion->fn);
}

double flt_f1(const struct flt_confusion *confusion)
{
	return ratio(2 * confusion->tp, 2 * confusion->tp + confusion->fp + confusion->fn);
}

double flt_accuracy(const struct flt_confusion *confusion)
{
	double right = confusion->tp + confusion->tn;
	return ratio(right, right + confusion->fp + confusion->fn);
}

double flt_mcc(const struct flt_confusion *confusion)
{
	double tp = confusion->tp, fp = confusion->fp, fn = confusion->fn, tn = confusion->tn;
	double product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn);
	return product > 0 ? (tp * tn - fp * fn) / sqrt(product) : 0;
}

struct flt_interval flt_wilson(size_t count, size_t n)
{
	if (n == 0)
		return (struct flt_interval){0, 0, 1};
	double total = (double)n, share = (double)count / total, z2 = NORMAL_975 * NORMAL_975;
	double centre = (share + z2 / (2 * total)) / (1 + z2 / total);
	double half = NORMAL_975 * sqrt(share * (1 - share) / total + z2 / (4 * total * total)) / (1 + z2 / total);
	/* At the ends the interval touches 0 or 1 exactly, which rounding would miss. */
	return (struct flt_interval){share, count ? centre - half : 0, count < n ? centre + half : 1};
}

struct flt_interval flt_ap_logit_interval(double ap, size_t n_positive)
{
	double n = (double)n_positive, edge = 1 / (2 * n);
	double inside = fmin(fmax(ap, edge), 1 - edge);
	double half = NORMAL_975 / sqrt(n * inside * (1 - inside)), centre = flt_logit(inside);
	return (struct flt_interval){ap, flt_sigmoid(centre - half), flt_sigmoid(centre + half)};
}
