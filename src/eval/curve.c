/* The precision-recall curve. */
#include "eval/metrics.h"

enum flt_status flt_pr_curve(const double *score, const uint8_t *label, size_t n, struct flt_pr_point *points,
                             size_t *n_points, struct flt_error *err)
{
	struct flt_ranking ranking;
	*n_points = 0;
	FLT_TRY(flt_ranking_init(&ranking, n, err));
	flt_ranking_sort(&ranking, score, n);
	size_t tp = 0;
	for (size_t i = 0; i < n;) {
		size_t before = tp;
		uint64_t key = ranking.key[i];
		uint32_t row = ranking.row[i];
		for (; i < n && ranking.key[i] == key; i++)
			tp += label[ranking.row[i]];
		if (tp > before)
			points[(*n_points)++] = (struct flt_pr_point){row, tp, i - tp};
	}
	flt_ranking_release(&ranking);
	return FLT_OK;
}
