#include "eval/fold_figures.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log_odds.h"

enum { N_PREDICTED = 1 << FLT_COMPARE_MAX_POINTS };

/* Sums of weights by class and by bits of `predicted`, and of weights times what probabilities cost. */
struct tally {
	double of[2][N_PREDICTED];
	double log_loss, brier;
	double excess[FLT_N_ECE_BINS]; /* probability - label */
};

/* ---- rows ---- */

/* Numbers the rank groups of a fold's rows. */
static enum flt_status number_groups(struct flt_fold_output *output, const struct flt_ranking *ranking,
                                     struct flt_error *err)
{
	struct flt_scored rows = {.n = output->fold->n_rows, .label = output->fold->label};
	struct flt_rank_groups groups;
	FLT_TRY(flt_rank_groups_init(&groups, ranking, &rows, err));
	for (size_t g = 0, rank = 0; g < groups.n; g++)
		for (; rank < groups.end[g]; rank++)
			output->group[ranking->row[rank]] = (uint32_t)g;
	output->n_groups = groups.n;
	flt_rank_groups_release(&groups);
	return FLT_OK;
}

static enum flt_status measure_losses(struct flt_fold_output *output, const double *log_odds, struct flt_error *err)
{
	const struct flt_compare_fold *fold = output->fold;
	const struct flt_scored rows = {
	        .n = fold->n_rows, .log_odds = log_odds, .label = fold->label, .weight = fold->weight};
	output->log_loss = flt_alloc(fold->n_rows, sizeof *output->log_loss, err);
	output->miss = flt_alloc(fold->n_rows, sizeof *output->miss, err);
	output->bin = flt_alloc(fold->n_rows, 1, err);
	FLT_TRY_MEMORY(output->log_loss && output->miss && output->bin);
	for (size_t i = 0; i < fold->n_rows; i++) {
		double against = fold->label[i] ? -log_odds[i] : log_odds[i];
		output->log_loss[i] = flt_softplus(against);
		output->miss[i] = flt_sigmoid(against);
	}
	return flt_ece_bins(&rows, output->bin, err);
}

enum flt_status flt_fold_output_init(struct flt_fold_output *output, const struct flt_compare_fold *fold,
                                     const struct flt_compare_entry *entry, struct flt_ranking *ranking,
                                     struct flt_error *err)
{
	*output = (struct flt_fold_output){.fold = fold, .predicted = entry->predicted};
	output->group = flt_alloc(fold->n_rows, sizeof *output->group, err);
	FLT_TRY_MEMORY(output->group);
	flt_ranking_sort(ranking, entry->score, fold->n_rows);
	FLT_TRY(number_groups(output, ranking, err));
	return entry->log_odds ? measure_losses(output, entry->log_odds, err) : FLT_OK;
}

void flt_fold_output_release(struct flt_fold_output *output)
{
	flt_free(output->group);
	flt_free(output->log_loss);
	flt_free(output->miss);
	flt_free(output->bin);
}

/* ---- figures ---- */

static struct flt_confusion confusion_at(const struct tally *tally, unsigned point)
{
	double called[2] = {0, 0}, all[2] = {0, 0};
	for (int y = 0; y < 2; y++) {
		for (unsigned bits = 0; bits < N_PREDICTED; bits++) {
			all[y] += tally->of[y][bits];
			called[y] += bits >> point & 1 ? tally->of[y][bits] : 0;
		}
	}
	return (struct flt_confusion){
	        .tp = called[1], .fp = called[0], .fn = all[1] - called[1], .tn = all[0] - called[0]};
}

static void add_losses(const struct flt_fold_output *output, size_t i, double weight, struct tally *tally)
{
	double miss = output->miss[i];
	tally->log_loss += weight * output->log_loss[i];
	tally->brier += weight * miss * miss;
	tally->excess[output->bin[i]] += output->fold->label[i] ? -weight * miss : weight * miss;
}

static void weigh(const struct flt_fold_output *output, const uint32_t *id, const double *weights,
                  struct flt_rank_group *group, struct tally *tally)
{
	const struct flt_compare_fold *fold = output->fold;
	memset(group, 0, output->n_groups * sizeof *group);
	*tally = (struct tally){0};
	for (size_t i = 0; i < fold->n_rows; i++) {
		double weight = weights ? weights[id[i]] : 1;
		if (weight == 0) /* more than a third of the rows of a resample */
			continue;
		weight *= fold->weight ? fold->weight[i] : 1;
		struct flt_rank_group *own = &group[output->group[i]];
		*(fold->label[i] ? &own->n_positive : &own->n_negative) += weight;
		tally->of[fold->label[i]][output->predicted ? output->predicted[i] : 0] += weight;
		if (output->miss)
			add_losses(output, i, weight, tally);
	}
}

static void find_losses(const struct tally *tally, double weight, double figures[FLT_N_COMPARED])
{
	double error = 0;
	for (size_t b = 0; b < FLT_N_ECE_BINS; b++)
		error += fabs(tally->excess[b]);
	figures[FLT_COMPARE_LOG_LOSS] = tally->log_loss / weight;
	figures[FLT_COMPARE_BRIER] = tally->brier / weight;
	figures[FLT_COMPARE_ECE] = error / weight;
}

static void find_point(const struct tally *tally, unsigned point, double *at)
{
	struct flt_confusion confusion = confusion_at(tally, point);
	at[FLT_AT_POINT_ACCURACY] = flt_accuracy(&confusion);
	at[FLT_AT_POINT_PRECISION] = flt_precision(&confusion);
	at[FLT_AT_POINT_RECALL] = flt_recall(&confusion);
	at[FLT_AT_POINT_F1] = flt_f1(&confusion);
	at[FLT_AT_POINT_MCC] = flt_mcc(&confusion);
}

bool flt_fold_figures(const struct flt_fold_output *output, const uint32_t *id, const double *weights,
                      const double min_precision[FLT_N_MIN_PRECISIONS], struct flt_rank_group *group,
                      double figures[FLT_N_COMPARED])
{
	struct tally tally;
	weigh(output, id, weights, group, &tally);
	struct flt_confusion all = confusion_at(&tally, 0);
	double n_positive = all.tp + all.fn, n_negative = all.fp + all.tn;
	if (n_positive <= 0 || n_negative <= 0)
		return false;
	figures[FLT_COMPARE_AP] = flt_rank_groups_average_precision(group, output->n_groups);
	figures[FLT_COMPARE_ROC_AUC] = flt_rank_groups_roc_auc(group, output->n_groups);
	find_losses(&tally, n_positive + n_negative, figures);
	for (int f = 0; f < FLT_N_MIN_PRECISIONS; f++)
		figures[FLT_COMPARE_RECALL_AT + f] =
		        flt_rank_groups_recall_at_precision(group, output->n_groups, min_precision[f]);
	for (unsigned c = 0; c < FLT_COMPARE_MAX_POINTS; c++)
		find_point(&tally, c, figures + FLT_COMPARE_AT_POINT((int)c));
	return true;
}
