/* Counts at one threshold, and figures of them. */
#include <math.h>

#include "eval/decision.h"
#include "eval/metrics.h"

struct flt_confusion flt_confusion_at(const struct flt_scored *rows, double threshold)
{
	struct flt_confusion confusion = {0};
	for (size_t i = 0; i < rows->n; i++) {
		if (flt_is_positive(rows->log_odds[i], threshold))
			*(rows->label[i] ? &confusion.tp : &confusion.fp) += flt_row_weight(rows, i);
		else
			*(rows->label[i] ? &confusion.fn : &confusion.tn) += flt_row_weight(rows, i);
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
