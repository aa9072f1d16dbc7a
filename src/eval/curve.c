/* The precision-recall curve. */
#include "eval/metrics.h"

enum flt_status flt_pr_curve(const struct flt_scored *rows, struct flt_pr_point *points, size_t *n_points,
                             struct flt_error *err)
{
	struct flt_ranking ranking;
	*n_points = 0;
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(flt_ranking_make(&ranking, rows->score, rows->n, NULL, err));
	double tp = 0, fp = 0;
	for (size_t i = 0; i < rows->n;) {
		double before = tp;
		uint64_t key = ranking.key[i];
		uint32_t row = ranking.row[i];
		for (; i < rows->n && ranking.key[i] == key; i++)
			*(rows->label[ranking.row[i]] ? &tp : &fp) += flt_row_weight(rows, ranking.row[i]);
		if (tp > before)
			points[(*n_points)++] = (struct flt_pr_point){row, tp, fp};
	}
out:
	flt_ranking_release(&ranking);
	return status;
}
