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
	bool is_rough = explained->largest_left > FLT_REASONS_TOLERANCE;
	flt_say(out, "fltrain: reasons start at %s (%zu training row%s); +0.7 doubles the odds\n",
	        flt_share(flt_sigmoid(base)).text, n, flt_plural(n));
	flt_say(out, "fltrain: %sthey add up to each row's own log-odds, within %.2f %%\n", is_rough ? "warning: " : "",
	        100 * explained->largest_left);
}
