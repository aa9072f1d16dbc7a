#include "protocol/judge.h"

#include <math.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "eval/calibrate.h"
#include "eval/ensemble.h"
#include "eval/metrics.h"

/* What is to count as better has to be so by more than a standard error, the rule of Breiman et al. (1984) for trees.
 * The best epoch was chosen on the rows that judge it, and the last one was not. Best epochs that are best by luck pass
 * it mostly; with 2 half of them do in test_judge.c, but of those before networks went astray fewer are kept. */
static const double MARGIN = 1;

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
	struct flt_left_out left_out = {0};
	if (judge->is_bag)
		left_out = flt_bag_left_out(judge->folds, judge->turn_of[m]);
	for (size_t i = 0; logit && i < judge->n_rows; i++)
		if (is_judged_by(&left_out, judge, i))
			flt_mean_log_odds_add(&sums->log_p[i], &sums->log_q[i], 0,
			                      flt_loss_log_odds(loss, (double)*logit++));
}

enum epoch { BEST, LAST };

/* log_odds (n_rows) of the kind by its members of the first turns; NaN for rows that none of them was judged by. */
static enum flt_status score_kind(const struct flt_judge *judge, size_t kind, size_t n_turns, enum epoch epoch,
                                  double *log_odds, struct flt_error *err)
{
	struct sums sums = {log_odds, flt_alloc(judge->n_rows, sizeof *sums.log_q, err)};
	FLT_TRY_MEMORY(sums.log_q);
	for (size_t i = 0; i < judge->n_rows; i++)
		sums.log_p[i] = sums.log_q[i] = -HUGE_VAL;
	for (size_t m = 0; m < judge->roster->n_members; m++) {
		const struct flt_member *member = &judge->members[m];
		bool has_last = epoch == LAST && member->last_logit;
		if (judge->kind_of[m] == kind && judge->turn_of[m] < n_turns)
			add_logits(judge, m, has_last ? member->last_logit : member->logit, &sums);
	}
	for (size_t i = 0; i < judge->n_rows; i++)
		log_odds[i] = sums.log_p[i] - sums.log_q[i]; /* -inf - -inf is NaN */
	flt_free(sums.log_q);
	return FLT_OK;
}

/* Kinds, by their best epochs unless it says otherwise, and the rows that all of them have scores of. A kind may be in
 * it twice. */
enum { MAX_ENTRIES = 2 * FLT_MAX_KINDS };

struct panel {
	size_t n_turns; /* only members of the first turns have a say; 0: all */
	size_t n_kinds, kinds[MAX_ENTRIES];
	enum epoch epochs[MAX_ENTRIES];
	double *log_odds[MAX_ENTRIES]; /* (rows.n) */
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
	size_t n_turns = panel->n_turns ? panel->n_turns : SIZE_MAX;
	panel->label = flt_alloc(judge->n_rows, sizeof *panel->label, err);
	panel->weight = flt_alloc(judge->n_rows, sizeof *panel->weight, err);
	FLT_TRY_MEMORY(panel->label && panel->weight);
	for (size_t k = 0; k < panel->n_kinds; k++) {
		panel->log_odds[k] = flt_alloc(judge->n_rows, sizeof **panel->log_odds, err);
		FLT_TRY_MEMORY(panel->log_odds[k]);
		FLT_TRY(score_kind(judge, panel->kinds[k], n_turns, panel->epochs[k], panel->log_odds[k], err));
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

/* ---- best or last epoch ----
 *
 * What counts is the mean of all kinds. Networks that go on learn more and err more each by itself, which the mean
 * evens out. So a kind's last epochs are tried in the mean of the other kinds' best ones. They are too sure, which the
 * detector's map mends: so the loss is that after Platt's map. tests/bench/README.md has what this rule and others
 * gave.
 */

/* Some of its members may have a last epoch that is not the best one. */
static bool has_choice(const struct flt_judge *judge, size_t kind)
{
	for (size_t m = 0; m < judge->roster->n_members; m++)
		if (judge->kind_of[m] == kind && judge->members[m].last_logit)
			return true;
	return false;
}

/* The loss of each row by the equal mean of the best epochs of n kinds, the first of the panel, but with entry `last`
 * in place of the best epochs of its kind; SIZE_MAX: as they are. */
static enum flt_status measure_mean(const struct panel *panel, size_t n, size_t last, double *loss,
                                    struct flt_error *err)
{
	struct flt_scored scored = panel->rows;
	struct flt_map map;
	for (size_t i = 0; i < scored.n; i++) {
		double log_p = -HUGE_VAL, log_q = -HUGE_VAL;
		for (size_t k = 0; k < n; k++) {
			size_t entry = last < panel->n_kinds && panel->kinds[last] == panel->kinds[k] ? last : k;
			flt_mean_log_odds_add(&log_p, &log_q, 0, panel->log_odds[entry][i]);
		}
		loss[i] = log_p - log_q;
	}
	flt_map_init(&map);
	scored.score = loss;
	enum flt_status status = flt_map_fit(&map, FLT_CALIBRATE_PLATT, &scored, err);
	for (size_t i = 0; i < scored.n; i++) {
		double log_odds = flt_map_log_odds(&map, loss[i]);
		loss[i] = flt_softplus(panel->label[i] ? -log_odds : log_odds);
	}
	flt_map_release(&map);
	return status;
}

/* Whether the losses of the rows (rows.n) are not above these others by more than luck may be. */
static bool is_no_worse(const struct panel *panel, const double *loss, const double *than)
{
	double sum = 0, weights = 0, squares = 0;
	for (size_t i = 0; i < panel->rows.n; i++) {
		sum += panel->weight[i] * (loss[i] - than[i]);
		weights += panel->weight[i];
	}
	double mean = sum / weights;
	for (size_t i = 0; i < panel->rows.n; i++) {
		double off = panel->weight[i] * (loss[i] - than[i] - mean);
		squares += off * off;
	}
	return mean <= MARGIN * sqrt(squares) / weights;
}

/* Decides for the panel's last entries, behind those of n kinds. */
static enum flt_status try_last(const struct panel *panel, size_t n, struct flt_kind_result results[FLT_MAX_KINDS],
                                struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	double *best = flt_alloc(panel->rows.n, sizeof *best, err), *last = flt_alloc(panel->rows.n, sizeof *last, err);
	FLT_TRY_MEMORY_OUT(best && last);
	FLT_TRY_OUT(measure_mean(panel, n, SIZE_MAX, best, err));
	for (size_t entry = n; entry < panel->n_kinds; entry++) {
		FLT_TRY_OUT(measure_mean(panel, n, entry, last, err));
		results[panel->kinds[entry]].keeps_last = is_no_worse(panel, last, best);
	}
out:
	flt_free(best);
	flt_free(last);
	return status;
}

static enum flt_status choose_epochs(const struct flt_judge *judge, const struct panel *sound,
                                     struct flt_kind_result results[FLT_MAX_KINDS], struct flt_error *err)
{
	struct panel panel = *sound;
	enum flt_status status = FLT_OK;
	for (size_t k = 0; k < sound->n_kinds; k++)
		if (has_choice(judge, sound->kinds[k])) {
			panel.epochs[panel.n_kinds] = LAST;
			panel.kinds[panel.n_kinds++] = sound->kinds[k];
		}
	if (panel.n_kinds == sound->n_kinds)
		return FLT_OK;
	FLT_TRY_OUT(panel_make(judge, &panel, err));
	if (count_positive(&panel.rows) > 0)
		FLT_TRY_OUT(try_last(&panel, sound->n_kinds, results, err));
	for (size_t m = 0; m < judge->roster->n_members; m++)
		if (judge->kind_of[m] < judge->roster->n_kinds && results[judge->kind_of[m]].keeps_last)
			flt_member_keep_last(&judge->members[m]);
out:
	panel_release(&panel);
	return status;
}

/* ---- more networks ---- */

/* Both panels have the same kinds. */
static enum flt_status compare_means(const struct panel *before, const struct panel *now, bool *helped,
                                     struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	double *old = flt_alloc(before->rows.n, sizeof *old, err), *new = flt_alloc(now->rows.n, sizeof *new, err);
	FLT_TRY_MEMORY_OUT(old && new);
	FLT_TRY_OUT(measure_mean(before, before->n_kinds, SIZE_MAX, old, err));
	FLT_TRY_OUT(measure_mean(now, now->n_kinds, SIZE_MAX, new, err));
	*helped = !is_no_worse(now, old, new);
out:
	flt_free(old);
	flt_free(new);
	return status;
}

enum flt_status flt_judge_helped(const struct flt_judge *judge, size_t n_turns, bool *helped, struct flt_error *err)
{
	struct panel now = {0};
	enum flt_status status = FLT_OK;
	*helped = false;
	list_sound(judge, &now);
	if (judge->n_rows == 0 || now.n_kinds == 0)
		return FLT_OK;
	struct panel before = now;
	before.n_turns = n_turns;
	FLT_TRY_OUT(panel_make(judge, &before, err));
	FLT_TRY_OUT(panel_make(judge, &now, err));
	*helped = before.rows.n < now.rows.n;
	if (!*helped && count_positive(&now.rows) > 0)
		FLT_TRY_OUT(compare_means(&before, &now, helped, err));
out:
	panel_release(&before);
	panel_release(&now);
	return status;
}

/* ---- weights ---- */

static enum flt_status weigh_sound(const struct flt_judge *judge, struct panel *panel,
                                   struct flt_kind_result results[FLT_MAX_KINDS], struct flt_error *err)
{
	double share[FLT_MAX_KINDS];
	FLT_TRY(choose_epochs(judge, panel, results, err));
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
