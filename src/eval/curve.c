/* The precision-recall curve. */
#include "eval/metrics.h"

enum flt_status flt_pr_curve(const struct flt_scored *rows, struct flt_pr_point *points, size_t *n_points,
                             struct flt_error *err)
{
	struct flt_ranking ranking;
	*n_points = 0;
	FLT_TRY(flt_ranking_init(&ranking, rows->n, err));
	flt_ranking_sort(&ranking, rows->score, rows->n);
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
	flt_ranking_release(&ranking);
	return FLT_OK;
}
