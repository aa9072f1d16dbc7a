#include "protocol/judge.h"

#include <math.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "eval/ensemble.h"
#include "eval/metrics.h"

/* The best epoch was chosen on the rows that judge it, and the last one was not. So it has to be better by so many
 * standard errors of the difference, which are wide where positives are few. Where epochs differ by luck alone, five
 * folds make the best ones seem better by about two. In test_judge.c, 2 keeps best epochs that are best by luck, which
 * costs nothing but honesty of the scores, in 21, 31, 25 and 24 of 40 trainings with 10, 30, 100 and 300 positives, and
 * those before networks went astray in 12, 30, 40 and 40 (2.5: 8, 20, 12, 10 and 4, 21, 40, 40). */
static const double BEST_MARGIN = 2;

/* ---- scores of kinds ---- */

static bool is_judged_by(const struct flt_left_out *left_out, const struct flt_judge *judge, size_t row)
{
	return !judge->is_bag || left_out->of[row] == left_out->fold;
}

/* ln(sum p) and ln(sum 1 - p) of the rows' scores so far. */
struct sums {
	double *log_p, *log_q; /* (n_rows) */
};

/* Adds what a member says of the rows that it is judged by. */
static void add_logits(const struct flt_judge *judge, size_t m, const float *logit, const struct sums *sums)
{
	const struct flt_loss *loss = &judge->roster->kinds[judge->kind_of[m]].train.loss;
	double ratio = log(loss->weight_positive / loss->weight_negative);
	struct flt_left_out left_out = {0};
	if (judge->is_bag)
		left_out = flt_bag_left_out(judge->folds, judge->turn_of[m]);
	for (size_t i = 0; logit && i < judge->n_rows; i++)
		if (is_judged_by(&left_out, judge, i))
			flt_mean_log_odds_add(&sums->log_p[i], &sums->log_q[i], 0,
			                      flt_focal_log_odds((double)*logit++, loss->gamma, ratio));
}

enum epoch { BEST, LAST };

/* log_odds (n_rows) of the kind; NaN for rows that none of its members was judged by. */
static enum flt_status score_kind(const struct flt_judge *judge, size_t kind, enum epoch epoch, double *log_odds,
                                  struct flt_error *err)
{
	struct sums sums = {log_odds, flt_alloc(judge->n_rows, sizeof *sums.log_q, err)};
	FLT_TRY_MEMORY(sums.log_q);
	for (size_t i = 0; i < judge->n_rows; i++)
		sums.log_p[i] = sums.log_q[i] = -HUGE_VAL;
	for (size_t m = 0; m < judge->roster->n_members; m++) {
		const struct flt_member *member = &judge->members[m];
		bool has_last = epoch == LAST && member->last_logit;
		if (judge->kind_of[m] == kind)
			add_logits(judge, m, has_last ? member->last_logit : member->logit, &sums);
	}
	for (size_t i = 0; i < judge->n_rows; i++)
		log_odds[i] = sums.log_p[i] - sums.log_q[i]; /* -inf - -inf is NaN */
	flt_free(sums.log_q);
	return FLT_OK;
}

/* Kinds by the rows that all of them have scores of. */
struct panel {
	size_t n_kinds, kinds[FLT_MAX_KINDS];
	double *log_odds[FLT_MAX_KINDS]; /* (rows.n) */
	uint8_t *label;
	double *weight;
	struct flt_scored rows;
};

static void panel_release(struct panel *panel)
{
	for (size_t k = 0; k < panel->n_kinds; k++)
		flt_free(panel->log_odds[k]);
	flt_free(panel->label);
	flt_free(panel->weight);
}

static bool is_scored_by_all(const struct panel *panel, size_t row)
{
	for (size_t k = 0; k < panel->n_kinds; k++)
		if (isnan(panel->log_odds[k][row]))
			return false;
	return true;
}

static void keep_common_rows(const struct flt_judge *judge, struct panel *panel)
{
	size_t n = 0;
	for (size_t i = 0; i < judge->n_rows; i++) {
		if (!is_scored_by_all(panel, i))
			continue;
		for (size_t k = 0; k < panel->n_kinds; k++)
			panel->log_odds[k][n] = panel->log_odds[k][i];
		panel->weight[n] = judge->weight ? (double)judge->weight[i] : 1;
		panel->label[n++] = judge->label[i];
	}
	panel->rows = (struct flt_scored){.n = n, .label = panel->label, .weight = panel->weight};
}

/* panel has the kinds. Released by panel_release, also after a failure. */
static enum flt_status panel_make(const struct flt_judge *judge, struct panel *panel, struct flt_error *err)
{
	panel->label = flt_alloc(judge->n_rows, sizeof *panel->label, err);
	panel->weight = flt_alloc(judge->n_rows, sizeof *panel->weight, err);
	FLT_TRY_MEMORY(panel->label && panel->weight);
	for (size_t k = 0; k < panel->n_kinds; k++) {
		panel->log_odds[k] = flt_alloc(judge->n_rows, sizeof **panel->log_odds, err);
		FLT_TRY_MEMORY(panel->log_odds[k]);
		FLT_TRY(score_kind(judge, panel->kinds[k], BEST, panel->log_odds[k], err));
	}
	keep_common_rows(judge, panel);
	return FLT_OK;
}

/* Positive rows, as an effective number. */
static double count_positive(const struct flt_scored *rows)
{
	double sum = 0, squares = 0;
	for (size_t i = 0; i < rows->n; i++) {
		double weight = rows->label[i] ? flt_row_weight(rows, i) : 0;
		sum += weight;
		squares += weight * weight;
	}
	return sum > 0 ? sum * sum / squares : 0;
}

/* Whether all its members that began came to an end, and gave scores. */
static bool is_sound(const struct flt_judge *judge, size_t kind)
{
	size_t n_ended = 0;
	for (size_t m = 0; m < judge->roster->n_members; m++) {
		if (judge->kind_of[m] != kind || !judge->members[m].table)
			continue;
		if (judge->status[m] != FLT_OK || !judge->members[m].logit)
			return false;
		n_ended++;
	}
	return n_ended > 0;
}

static void list_sound(const struct flt_judge *judge, struct panel *panel)
{
	for (size_t k = 0; k < judge->roster->n_kinds; k++)
		if (!judge->is_stopped[k] && is_sound(judge, k))
			panel->kinds[panel->n_kinds++] = k;
}

/* ---- the best kinds ---- */

static void sort_by_share(const struct panel *panel, const double *share, size_t kinds[FLT_MAX_KINDS])
{
	double loss[FLT_MAX_KINDS];
	size_t order[FLT_MAX_KINDS];
	for (size_t k = 0; k < panel->n_kinds; k++) {
		size_t at = k;
		loss[k] = flt_ensemble_log_loss(&panel->rows, panel->log_odds[k]);
		for (; at > 0; at--) {
			size_t before = order[at - 1];
			if (share[before] > share[k] || (share[before] >= share[k] && loss[before] <= loss[k]))
				break;
			order[at] = before;
		}
		order[at] = k;
	}
	for (size_t k = 0; k < panel->n_kinds; k++)
		kinds[k] = panel->kinds[order[k]];
}

enum flt_status flt_judge_best(const struct flt_judge *judge, size_t n_kept, size_t kinds[FLT_MAX_KINDS],
                               size_t *n_found, struct flt_error *err)
{
	struct panel panel = {0};
	double share[FLT_MAX_KINDS];
	enum flt_status status = FLT_OK;
	*n_found = 0;
	list_sound(judge, &panel);
	if (panel.n_kinds == 0)
		return FLT_OK;
	FLT_TRY_OUT(panel_make(judge, &panel, err));
	FLT_TRY_OUT(flt_ensemble_choose(&panel.rows, (const double *const *)panel.log_odds, panel.n_kinds, share, err));
	sort_by_share(&panel, share, kinds);
	*n_found = panel.n_kinds < n_kept ? panel.n_kinds : n_kept;
out:
	panel_release(&panel);
	return status;
}

/* ---- best or last epoch ---- */

static double loss_of(const struct flt_judge *judge, size_t row, double log_odds)
{
	return flt_softplus(judge->label[row] ? -log_odds : log_odds);
}

/* Whether the best epochs are not better than the last by more than luck may be. Rows that have no score are NaN in
 * both. */
static bool is_last_as_good(const struct flt_judge *judge, const double *best, const double *last)
{
	double sum = 0, weights = 0, squares = 0;
	for (size_t i = 0; i < judge->n_rows; i++) {
		double weight = judge->weight ? (double)judge->weight[i] : 1;
		if (isnan(best[i]))
			continue;
		sum += weight * (loss_of(judge, i, last[i]) - loss_of(judge, i, best[i]));
		weights += weight;
	}
	double mean = sum / weights;
	for (size_t i = 0; i < judge->n_rows; i++) {
		double weight = judge->weight ? (double)judge->weight[i] : 1;
		if (isnan(best[i]))
			continue;
		double off = weight * (loss_of(judge, i, last[i]) - loss_of(judge, i, best[i]) - mean);
		squares += off * off;
	}
	return mean <= BEST_MARGIN * sqrt(squares) / weights;
}

static enum flt_status choose_epoch(const struct flt_judge *judge, size_t kind, bool *keeps_last, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	double *best = flt_alloc(judge->n_rows, sizeof *best, err);
	double *last = flt_alloc(judge->n_rows, sizeof *last, err);
	FLT_TRY_MEMORY_OUT(best && last);
	FLT_TRY_OUT(score_kind(judge, kind, BEST, best, err));
	FLT_TRY_OUT(score_kind(judge, kind, LAST, last, err));
	*keeps_last = is_last_as_good(judge, best, last);
	for (size_t m = 0; m < judge->roster->n_members; m++)
		if (*keeps_last && judge->kind_of[m] == kind)
			flt_member_keep_last(&judge->members[m]);
out:
	flt_free(best);
	flt_free(last);
	return status;
}

/* Some of its members may have a last epoch that is not the best one. */
static bool has_choice(const struct flt_judge *judge, size_t kind)
{
	for (size_t m = 0; m < judge->roster->n_members; m++)
		if (judge->kind_of[m] == kind && judge->members[m].last_logit)
			return true;
	return false;
}

/* ---- weights ---- */

static enum flt_status weigh_sound(const struct flt_judge *judge, struct panel *panel,
                                   struct flt_kind_result results[FLT_MAX_KINDS], struct flt_error *err)
{
	double share[FLT_MAX_KINDS];
	for (size_t k = 0; k < panel->n_kinds; k++)
		if (has_choice(judge, panel->kinds[k]))
			FLT_TRY(choose_epoch(judge, panel->kinds[k], &results[panel->kinds[k]].keeps_last, err));
	FLT_TRY(panel_make(judge, panel, err));
	FLT_TRY(flt_ensemble_choose(&panel->rows, (const double *const *)panel->log_odds, panel->n_kinds, share, err));
	flt_ensemble_shrink(share, panel->n_kinds, count_positive(&panel->rows));
	for (size_t k = 0; k < panel->n_kinds; k++)
		results[panel->kinds[k]].weight = share[k];
	return FLT_OK;
}

static enum flt_status measure_kind(const struct flt_judge *judge, size_t kind, struct flt_kind_result *result,
                                    struct flt_error *err)
{
	struct panel panel = {.n_kinds = 1, .kinds = {kind}};
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(panel_make(judge, &panel, err));
	panel.rows.score = panel.log_odds[0];
	if (count_positive(&panel.rows) == 0)
		goto out;
	result->log_loss = flt_ensemble_log_loss(&panel.rows, panel.log_odds[0]);
	FLT_TRY_OUT(flt_average_precision(&panel.rows, &result->ap, err));
out:
	panel_release(&panel);
	return status;
}

static bool has_network(const struct flt_judge *judge, size_t kind)
{
	for (size_t m = 0; m < judge->roster->n_members; m++)
		if (judge->kind_of[m] == kind && judge->members[m].net)
			return true;
	return false;
}

/* Where nothing tells the kinds apart. */
static void weigh_equally(const struct flt_judge *judge, struct flt_kind_result results[FLT_MAX_KINDS])
{
	size_t n = 0;
	for (size_t k = 0; k < judge->roster->n_kinds; k++)
		n += !judge->is_stopped[k] && has_network(judge, k);
	for (size_t k = 0; k < judge->roster->n_kinds; k++)
		if (!judge->is_stopped[k] && has_network(judge, k))
			results[k].weight = 1 / (double)n;
}

enum flt_status flt_judge_weigh(const struct flt_judge *judge, struct flt_kind_result results[FLT_MAX_KINDS],
                                struct flt_error *err)
{
	struct panel panel = {0};
	enum flt_status status = FLT_OK;
	for (size_t k = 0; k < judge->roster->n_kinds; k++)
		results[k] = (struct flt_kind_result){.log_loss = NAN, .ap = NAN};
	for (size_t m = 0; m < judge->roster->n_members; m++)
		if (judge->members[m].net)
			results[judge->kind_of[m]].n_networks++;
	if (judge->n_rows > 0)
		list_sound(judge, &panel);
	if (panel.n_kinds > 0)
		FLT_TRY_OUT(weigh_sound(judge, &panel, results, err));
	else
		weigh_equally(judge, results);
	for (size_t k = 0; judge->n_rows > 0 && k < judge->roster->n_kinds; k++)
		FLT_TRY_OUT(measure_kind(judge, k, &results[k], err));
out:
	panel_release(&panel);
	return status;
}
