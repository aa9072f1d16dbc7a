#include "eval/rank_groups.h"

#include <math.h>

#include "base/alloc.h"

/* Adds up the rows tied with the one at rank *i, and moves *i past them. */
static struct flt_rank_group tie_group(const struct flt_ranking *ranking, const struct flt_scored *rows, size_t *i)
{
	struct flt_rank_group group = {0, 0};
	uint64_t key = ranking->key[*i];
	for (; *i < ranking->n && ranking->key[*i] == key; ++*i) {
		size_t row = ranking->row[*i];
		if (rows->label[row])
			group.n_positive += flt_row_weight(rows, row);
		else
			group.n_negative += flt_row_weight(rows, row);
	}
	return group;
}

enum flt_status flt_rank_groups_init(struct flt_rank_groups *groups, const struct flt_ranking *ranking,
                                     const struct flt_scored *rows, struct flt_error *err)
{
	*groups = (struct flt_rank_groups){.n_rows = ranking->n};
	for (size_t i = 0; i < ranking->n; i++)
		groups->n_positive += rows->label[i];
	enum flt_status status = FLT_OK;
	groups->group = flt_alloc(2 * groups->n_positive + 1, sizeof *groups->group, err);
	groups->end = flt_alloc(2 * groups->n_positive + 1, sizeof *groups->end, err);
	FLT_TRY_MEMORY_OUT(groups->group && groups->end);
	for (size_t i = 0; i < ranking->n;) {
		struct flt_rank_group group = tie_group(ranking, rows, &i);
		struct flt_rank_group *last = groups->n ? &groups->group[groups->n - 1] : NULL;
		if (last && last->n_positive == 0 && group.n_positive == 0)
			last->n_negative += group.n_negative;
		else
			groups->group[groups->n++] = group;
		groups->end[groups->n - 1] = i;
	}
	return FLT_OK;
out:
	flt_rank_groups_release(groups);
	return status;
}

void flt_rank_groups_release(struct flt_rank_groups *groups)
{
	flt_free(groups->group);
	flt_free(groups->end);
	*groups = (struct flt_rank_groups){0};
}

double flt_rank_groups_average_precision(const struct flt_rank_group *group, size_t n)
{
	double tp = 0, rows = 0, sum = 0;
	for (size_t i = 0; i < n; i++) {
		tp += group[i].n_positive;
		rows += group[i].n_positive + group[i].n_negative;
		if (group[i].n_positive > 0)
			sum += group[i].n_positive * (tp / rows);
	}
	return tp > 0 ? sum / tp : 0;
}

double flt_rank_groups_roc_auc(const struct flt_rank_group *group, size_t n)
{
	/* Mann and Whitney: count the negatives ranked above each positive, ties as halves. */
	double tp = 0, fp = 0, above = 0;
	for (size_t i = 0; i < n; i++) {
		above += group[i].n_positive * (fp + 0.5 * group[i].n_negative);
		tp += group[i].n_positive;
		fp += group[i].n_negative;
	}
	return 1 - above / (tp * fp);
}

/* The integral of precision over tp between two points of the curve, where fp grows by h per true positive (Davis and
 * Goadrich 2006): x / ((1 + h) x + c) with c = fp - h tp at the first point. */
static double davis_goadrich_step(double tp, double fp, const struct flt_rank_group *group)
{
	double dtp = group->n_positive, dfp = group->n_negative, slope = 1 + dfp / dtp;
	double c = (fp * dtp - dfp * tp) / dtp;
	if (c == 0)
		return dtp / slope;
	/* ln of (rows after / rows before); c is not 0, so rows before is not 0. */
	return dtp / slope - c / (slope * slope) * log1p((dtp + dfp) / (tp + fp));
}

double flt_rank_groups_davis_goadrich(const struct flt_rank_group *group, size_t n)
{
	double tp = 0, fp = 0, area = 0;
	for (size_t i = 0; i < n; i++) {
		if (group[i].n_positive > 0)
			area += davis_goadrich_step(tp, fp, &group[i]);
		tp += group[i].n_positive;
		fp += group[i].n_negative;
	}
	return area / tp;
}

double flt_rank_groups_trapezoid(const struct flt_rank_group *group, size_t n)
{
	double tp = 0, rows = 0, area = 0, before = 1; /* the curve starts at precision 1 */
	for (size_t i = 0; i < n; i++) {
		tp += group[i].n_positive;
		rows += group[i].n_positive + group[i].n_negative;
		if (rows > 0) {
			double precision = tp / rows;
			area += group[i].n_positive * (precision + before) / 2;
			before = precision;
		}
	}
	return area / tp;
}

double flt_rank_groups_recall_at_precision(const struct flt_rank_group *group, size_t n, double precision)
{
	double tp = 0, rows = 0, best = 0;
	for (size_t i = 0; i < n; i++) {
		tp += group[i].n_positive;
		rows += group[i].n_positive + group[i].n_negative;
		if (group[i].n_positive > 0 && tp / rows >= precision)
			best = tp;
	}
	return tp > 0 ? best / tp : 0;
}

double flt_rank_groups_hits_at_k(const struct flt_rank_group *group, size_t n, double k)
{
	double hits = 0, left = k;
	for (size_t i = 0; i < n && left > 0; i++) {
		double rows = group[i].n_positive + group[i].n_negative;
		double taken = rows < left ? rows : left;
		if (rows > 0)
			hits += group[i].n_positive * (taken / rows);
		left -= taken;
	}
	return hits;
}
