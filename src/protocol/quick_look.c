/*
 * One cross-validation serves both questions: its variants learn from a quarter, half and all of the positive rows, and
 * the scores of the last are those that suspects are found by.
 *
 * The extrapolation assumes that a doubling of the positive rows gains at most as much as the one before, and at least
 * half of that: a power law k n^-c of the distance to the ceiling, with any exponent c in [0, 1].
 */
#include "protocol/quick_look.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"

const double flt_curve_shares[FLT_N_CURVE] = {0.25, 0.5, 1};

enum {
	FOLDS = 5,
	REPEATS = 2,        /* two scores of each row, and twice as many differences for the learning curve */
	MIN_POSITIVES = 20, /* rows of the rarer class */
	MIN_CURVE = 40,     /* with fewer, a quarter is too little to learn from */
	MAX_CELLS = 450000, /* a second or two of training on two cores */
	MIN_SAMPLE = 1000,
	MOST_TIMES = 4, /* as many cells as planned; with more, the table is too wide for a quick look */
};

void flt_quick_look_release(struct flt_quick_look *look)
{
	flt_free(look->rows);
	flt_free(look->judged);
	flt_suspects_release(&look->suspects);
	*look = (struct flt_quick_look){0};
}

/* ---- the rows to look at ---- */

/* How many rows of each class: half of them at most are of the rarer one, so that it is not thinned needlessly. */
static void plan_sample(const size_t n_class[2], size_t most, size_t n_kept[2])
{
	int rare = n_class[1] <= n_class[0];
	n_kept[rare] = n_class[rare] < most / 2 ? n_class[rare] : most / 2;
	n_kept[!rare] = n_class[!rare] < most - n_kept[rare] ? n_class[!rare] : most - n_kept[rare];
}

/* Sets keep (n_rows) for n_kept random rows of a class. shuffled is scratch. */
static void draw_class(const struct flt_table *table, int class, size_t n_kept, uint64_t seed, size_t *shuffled,
                       uint8_t *keep)
{
	const uint8_t *label = flt_table_labels(table);
	struct flt_random random;
	size_t n = 0;
	for (size_t row = 0; row < flt_table_n_rows(table); row++)
		if (label[row] == class)
			shuffled[n++] = row;
	flt_random_init(&random, seed, "check rows", (uint64_t) class);
	flt_random_shuffle(&random, shuffled, n);
	for (size_t i = 0; i < n_kept; i++)
		keep[shuffled[i]] = 1;
}

static size_t max_cells(const struct flt_quick_look_options *options)
{
	return options->max_cells ? options->max_cells : MAX_CELLS;
}

static enum flt_status choose_rows(const struct flt_table *table, size_t n_inputs,
                                   const struct flt_quick_look_options *options, struct flt_quick_look *look,
                                   struct flt_error *err)
{
	size_t n_rows = flt_table_n_rows(table), n_positive = flt_table_n_positive(table), n_kept[2];
	size_t most = max_cells(options) / n_inputs;
	uint8_t *keep = flt_alloc_zero(n_rows, 1, err);
	look->rows = flt_alloc(n_rows, sizeof *look->rows, err);
	if (keep && look->rows) {
		plan_sample((size_t[2]){n_rows - n_positive, n_positive}, most < MIN_SAMPLE ? MIN_SAMPLE : most,
		            n_kept);
		for (int class = 0; class < 2; class ++)
			draw_class(table, class, n_kept[class], options->seed, look->rows, keep);
		for (size_t row = 0; row < n_rows; row++)
			if (keep[row])
				look->rows[look->n_rows++] = row;
		look->n_positive = n_kept[1];
		look->is_sample = look->n_rows < n_rows;
	}
	flt_free(keep);
	FLT_TRY_MEMORY(keep && look->rows);
	return FLT_OK;
}

/* ---- suspects ---- */

/* The mean score of each row by all repeats: by networks of the last variant that have not seen it. */
static void place_scores(const struct flt_cv *cv, double *score, uint8_t *is_judged)
{
	for (size_t f = 0; f < cv->n_all_folds; f++) {
		const struct flt_cv_trial *trial = flt_cv_trial(cv, cv->n_variants - 1, f);
		const struct flt_cv_fold *fold = &cv->folds[f];
		for (size_t i = 0; i < fold->n_test; i++) {
			score[fold->test[i]] += trial->log_odds[i] / (double)cv->n_repeats;
			is_judged[fold->test[i]] = 1;
		}
	}
}

/* score and is_judged (n_rows of the table), label scratch of the same size. */
static enum flt_status judge(const struct flt_table *table, struct flt_quick_look *look, double *score,
                             const uint8_t *is_judged, uint8_t *label, struct flt_error *err)
{
	look->judged = flt_alloc(look->n_rows, sizeof *look->judged, err);
	FLT_TRY_MEMORY(look->judged);
	for (size_t i = 0; i < look->n_rows; i++) {
		size_t row = look->rows[i];
		if (!is_judged[row])
			continue;
		score[look->n_judged] = score[row]; /* n_judged <= row */
		label[look->n_judged] = flt_table_labels(table)[row];
		look->judged[look->n_judged++] = row;
	}
	FLT_TRY(flt_suspects_find(score, label, look->n_judged, &look->suspects, err));
	for (size_t i = 0; i < look->suspects.n; i++)
		look->suspects.all[i].row = look->judged[look->suspects.all[i].row];
	return FLT_OK;
}

static enum flt_status find_suspects(const struct flt_table *table, const struct flt_cv *cv,
                                     struct flt_quick_look *look, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_rows = flt_table_n_rows(table);
	double *score = flt_alloc_zero(n_rows, sizeof *score, err);
	uint8_t *is_judged = flt_alloc_zero(n_rows, 1, err), *label = flt_alloc(n_rows, 1, err);
	FLT_TRY_MEMORY_OUT(score && is_judged && label);
	place_scores(cv, score, is_judged);
	status = judge(table, look, score, is_judged, label, err);
out:
	flt_free(score);
	flt_free(is_judged);
	flt_free(label);
	return status;
}

/* ---- the learning curve ---- */

static double within_one(double value)
{
	return fmin(fmax(value, 0), 1);
}

static void extrapolate(struct flt_curve *curve)
{
	const double least = 0.5;
	const struct flt_spread *gain = &curve->last_gain;
	double before = curve->ap[1].value - curve->ap[0].value, now = curve->ap[2].value;
	double ratio = before > 0 && gain->mean > 0 ? gain->mean / before : 1;
	curve->shrinking = fmin(fmax(ratio, least), 1);
	/* A gain is worth least if it shrinks most; a loss counts in full. */
	double lo = gain->lo * (gain->lo > 0 ? least : 1), hi = gain->hi * (gain->hi > 0 ? 1 : least);
	curve->twice = (struct flt_interval){within_one(now + curve->shrinking * gain->mean), within_one(now + lo),
	                                     within_one(now + hi)};
	curve->gains = lo > 0;
}

/* The positive rows that a fold learns from. */
static size_t count_learnt(const struct flt_cv *cv, const struct flt_cv_fold *fold)
{
	const uint8_t *label = flt_table_labels(cv->table);
	size_t n = 0;
	for (size_t i = 0; i < fold->n_fit; i++)
		n += label[fold->fit[i]];
	return n;
}

static void fill_curve(const struct flt_cv *cv, const struct flt_comparison *comparison, struct flt_curve *curve)
{
	size_t n_learnt = 0;
	assert(cv->n_folds > 0);
	for (size_t v = 0; v < FLT_N_CURVE; v++) {
		struct flt_spread spread = flt_comparison_figure(comparison, v, FLT_COMPARE_AP);
		curve->ap[v] = (struct flt_interval){spread.mean, spread.lo, spread.hi};
	}
	curve->last_gain = flt_comparison_difference(comparison, 2, 1, FLT_COMPARE_AP);
	for (size_t f = 0; f < cv->n_folds; f++)
		n_learnt += count_learnt(cv, &cv->folds[f]);
	curve->n_positive = n_learnt / cv->n_folds;
	curve->is_known = true;
	extrapolate(curve);
}

static enum flt_status find_curve(const struct flt_cv *cv, struct flt_curve *curve, struct flt_error *err)
{
	struct flt_comparison comparison;
	if (cv->n_variants < FLT_N_CURVE)
		return FLT_OK;
	FLT_TRY(flt_cv_compare(cv, cv->options.seed, cv->options.n_threads, &comparison, err));
	fill_curve(cv, &comparison, curve);
	flt_comparison_release(&comparison);
	return FLT_OK;
}

/* ---- the run ---- */

static void set_variant(struct flt_variant *variant, double share)
{
	*variant = (struct flt_variant){.name = "a quick look", .positives_kept = share};
	flt_fit_options_init(&variant->options);
	variant->options.preset = FLT_PRESET_FAST;
	variant->options.recipe = FLT_RECIPE_PLAIN;
	variant->options.fixed = FLT_FIX_HIDDEN;
	variant->options.n_members = 1;
	variant->options.train.n_hidden = 1;
	variant->options.train.hidden[0] = 64;
	variant->options.prep.scale = FLT_SCALE_STANDARD;
	variant->options.calibrate = FLT_CALIBRATE_MAP;
}

static enum flt_status run(const struct flt_table *table, const struct flt_quick_look_options *options,
                           flt_on_progress *on_progress, void *context, struct flt_quick_look *look,
                           struct flt_error *err)
{
	struct flt_variant variants[FLT_N_CURVE];
	size_t n_rare = look->n_positive < look->n_rows / 2 ? look->n_positive : look->n_rows - look->n_positive;
	size_t n_variants = n_rare < MIN_CURVE ? 1 : FLT_N_CURVE;
	struct flt_cv_options cv_options = {.n_folds = FOLDS,
	                                    .n_repeats = REPEATS,
	                                    .seed = options->seed,
	                                    .rows = look->rows,
	                                    .n_rows = look->n_rows,
	                                    .n_threads = options->n_threads};
	for (size_t i = 0; i < n_variants; i++)
		set_variant(&variants[i], flt_curve_shares[FLT_N_CURVE - n_variants + i]);
	struct flt_cv_hooks hooks = {.on_progress = on_progress, .context = context};
	enum flt_status status = FLT_OK;
	struct flt_cv *cv;
	FLT_TRY(flt_cv_plan(table, variants, n_variants, n_variants - 1, &cv_options, &cv, err));
	FLT_TRY_OUT(flt_cv_run(cv, &hooks, err));
	look->stopped = cv->stopped;
	look->n_never_tested = cv->n_never_tested;
	if (!look->stopped) {
		FLT_TRY_OUT(find_suspects(table, cv, look, err));
		FLT_TRY_OUT(find_curve(cv, &look->curve, err));
	}
out:
	flt_cv_free(cv);
	return status;
}

enum flt_status flt_quick_look_run(const struct flt_table *table, size_t n_inputs,
                                   const struct flt_quick_look_options *options, flt_on_progress *on_progress,
                                   void *context, struct flt_quick_look *look, struct flt_error *err)
{
	struct flt_error why = {0};
	*look = (struct flt_quick_look){0};
	FLT_TRY(choose_rows(table, n_inputs, options, look, err));
	if (look->n_positive < MIN_POSITIVES || look->n_rows - look->n_positive < MIN_POSITIVES)
		look->why_not = "a class has fewer than 20 rows";
	else if (look->n_rows > MOST_TIMES * max_cells(options) / n_inputs)
		look->why_not = "there are too many columns and categories for a quick look; see --drop";
	if (look->why_not)
		return FLT_OK;
	enum flt_status status = run(table, options, on_progress, context, look, &why);
	/* The rows of a class may lie in too few groups of --group or of identical rows, or nothing may be left to
	 * learn from in some fold. */
	if (status == FLT_ERR_DATA || status == FLT_ERR_DIVERGED)
		look->why_not = status == FLT_ERR_DATA ? "the rows cannot be divided into five folds with both classes"
		                                       : "training diverged";
	else if (status != FLT_OK)
		return flt_fail(err, status, "%s", why.text);
	return FLT_OK;
}
