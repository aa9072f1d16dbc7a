#include "eval/importance.h"

#include <math.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "eval/areas.h"

struct losing {
	const struct flt_shuffled *shuffled;
	const struct flt_scored *rows;
	size_t n, n_repeats;
	struct flt_ranking ranking;
	double *base; /* (n) what each row adds to a figure of the rows as they are */
	double *term; /* (n_repeats, n) what it adds to the difference */
};

/* ---- average precision ---- */

static enum flt_status spread_influence(const struct flt_scored *rows, const struct flt_ranking *ranking,
                                        const struct flt_rank_groups *groups, double ap, double *of_row,
                                        struct flt_error *err)
{
	double *add = flt_alloc(2 * groups->n, sizeof *add, err);
	FLT_TRY_MEMORY(add);
	double *const by_class[2] = {add, add + groups->n};
	flt_ap_influence(groups, ap, by_class);
	for (size_t g = 0, rank = 0; g < groups->n; g++)
		for (; rank < groups->end[g]; rank++) {
			size_t row = ranking->row[rank];
			of_row[row] = flt_row_weight(rows, row) * by_class[rows->label[row]][g];
		}
	flt_free(add);
	return FLT_OK;
}

/* The average precision of the rows by this score, and what each adds to it. */
static enum flt_status rank_rows(struct losing *losing, const double *score, double *of_row, double *ap,
                                 struct flt_error *err)
{
	struct flt_rank_groups groups;
	flt_ranking_sort(&losing->ranking, score, losing->n);
	FLT_TRY(flt_rank_groups_init(&groups, &losing->ranking, losing->rows, err));
	*ap = flt_rank_groups_average_precision(groups.group, groups.n);
	enum flt_status status = spread_influence(losing->rows, &losing->ranking, &groups, *ap, of_row, err);
	flt_rank_groups_release(&groups);
	return status;
}

static enum flt_status lose_ap(struct losing *losing, struct flt_interval *lost, struct flt_error *err)
{
	double ap, shuffled_ap, sum = 0;
	FLT_TRY(rank_rows(losing, losing->rows->score, losing->base, &ap, err));
	for (size_t r = 0; r < losing->n_repeats; r++) {
		double *term = losing->term + r * losing->n;
		FLT_TRY(rank_rows(losing, losing->shuffled->score + r * losing->n, term, &shuffled_ap, err));
		for (size_t i = 0; i < losing->n; i++)
			term[i] = losing->base[i] - term[i];
		sum += ap - shuffled_ap;
	}
	return flt_pairs_interval(&losing->shuffled->pairs, sum / (double)losing->n_repeats, losing->term, lost, err);
}

/* ---- log-loss ---- */

static double loss_of(const struct losing *losing, size_t row, double log_odds)
{
	return flt_softplus(losing->rows->label[row] ? -log_odds : log_odds);
}

static enum flt_status lose_log_loss(struct losing *losing, struct flt_interval *lost, struct flt_error *err)
{
	double all = 0, sum = 0;
	for (size_t i = 0; i < losing->n; i++)
		all += flt_row_weight(losing->rows, i);
	for (size_t p = 0; p < losing->n_repeats * losing->n; p++) {
		size_t row = p % losing->n;
		double gained = loss_of(losing, row, losing->shuffled->log_odds[p]) -
		                loss_of(losing, row, losing->rows->log_odds[row]);
		losing->term[p] = flt_row_weight(losing->rows, row) / all * gained;
		sum += losing->term[p];
	}
	double mean = sum / (double)losing->n_repeats;
	*lost = (struct flt_interval){(double)NAN, (double)NAN, (double)NAN};
	if (!isfinite(mean))
		return FLT_OK;
	for (size_t p = 0; p < losing->n_repeats * losing->n; p++)
		losing->term[p] -= flt_row_weight(losing->rows, p % losing->n) / all * mean;
	return flt_pairs_interval(&losing->shuffled->pairs, mean, losing->term, lost, err);
}

static enum flt_status find_moves(struct losing *losing, struct flt_interval *moves, struct flt_error *err)
{
	const struct flt_shuffled *shuffled = losing->shuffled;
	for (size_t p = 0; p < losing->n_repeats * losing->n; p++) {
		double moved = shuffled->after[p] - shuffled->before[p % losing->n];
		losing->term[p] = moved * moved / 2;
	}
	return flt_pairs_root(&shuffled->pairs, losing->term, moves, err);
}

static bool has_both_classes(const struct flt_scored *rows)
{
	size_t n_positive = 0;
	for (size_t i = 0; rows->label && i < rows->n; i++)
		n_positive += rows->label[i];
	return n_positive > 0 && n_positive < rows->n;
}

enum flt_status flt_importance_find(const struct flt_shuffled *shuffled, struct flt_importance *importance,
                                    struct flt_error *err)
{
	const struct flt_scored *rows = shuffled->pairs.rows;
	struct losing losing = {
	        .shuffled = shuffled, .rows = rows, .n = rows->n, .n_repeats = shuffled->pairs.n_repeats};
	enum flt_status status;
	importance->ap = importance->log_loss = (struct flt_interval){(double)NAN, (double)NAN, (double)NAN};
	FLT_TRY_OUT(flt_ranking_init(&losing.ranking, losing.n, err));
	losing.base = flt_alloc(losing.n, sizeof *losing.base, err);
	losing.term = flt_alloc(losing.n_repeats, losing.n * sizeof *losing.term, err);
	FLT_TRY_MEMORY_OUT(losing.base && losing.term);
	FLT_TRY_OUT(find_moves(&losing, &importance->moves, err));
	if (!has_both_classes(rows))
		goto out;
	FLT_TRY_OUT(lose_ap(&losing, &importance->ap, err));
	status = lose_log_loss(&losing, &importance->log_loss, err);
out:
	flt_ranking_release(&losing.ranking);
	flt_free(losing.base);
	flt_free(losing.term);
	return status;
}
