/* What `predict --reasons` says of all rows: the base, and what was left over. */
#include <math.h>

#include "base/log_odds.h"
#include "report/layout.h"
#include "report/report.h"

void flt_report_reasons_see(struct flt_report_reasons *explained, const struct flt_scored_rows *rows)
{
	for (size_t i = 0; rows->left && i < rows->n; i++) {
		double share = rows->range[i] > 0 ? fabs(rows->left[i]) / rows->range[i] : 0;
		explained->largest_left = fmax(explained->largest_left, share);
	}
	explained->n_rows += rows->n;
}

void flt_report_reasons_text(FILE *out, const struct flt_reasons *reasons, const struct flt_report_reasons *explained)
{
	double base = flt_reasons_base(reasons);
	size_t n = flt_reasons_n_background(reasons);
	if (explained->n_rows == 0)
		return;
	flt_say(out,
	        "fltrain: %sreasons: in log-odds, from a base of %.2f, the mean of %zu background row%s (a probability "
	        "of "
	        "%s); all columns and the base make up each row's log-odds but for at most %.2f %% of their range\n",
	        explained->largest_left > FLT_REASONS_TOLERANCE ? "warning: " : "", base, n, n == 1 ? "" : "s",
	        flt_share(flt_sigmoid(base)).text, 100 * explained->largest_left);
}
