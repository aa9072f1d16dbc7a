/* How true the probabilities are: what was said beside what was, and the scores of both classes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log_odds.h"
#include "page/sections.h"

enum { MOST_RANKED = 32, MOST_BINS = 96 };

/* ---- reliability ---- */

static void put_ranked(struct flt_sheet *sheet, const json_t *ranked)
{
	static const char *const titles[] = {"ranks", "rows", "said", "were"};
	flt_picture_table_begin(sheet, "Rows by rank: mean probability, and share that was positive with 95 % interval",
	                        titles, 4);
	for (size_t i = 0; i < flt_read_size(ranked, MOST_RANKED) && flt_sheet_has_room(sheet); i++) {
		const json_t *from = flt_read_item(ranked, i);
		struct flt_range were = flt_read_range(from, "were");
		char ranks[80];
		snprintf(ranks, sizeof ranks, "%.30s to %.30s %%",
		         flt_page_significant(100 * flt_read_number(from, "from"), 3).text,
		         flt_page_significant(100 * flt_read_number(from, "to"), 3).text);
		flt_row_begin(sheet, "");
		flt_head_name(sheet, ranks);
		flt_cell_count(sheet, flt_read_number(from, "rows"));
		flt_cell_number(sheet, flt_read_number(from, "said"),
		                flt_page_significant(flt_read_number(from, "said"), 3).text);
		flt_cell_range(sheet, &were, flt_page_range(&were).text);
		flt_row_end(sheet);
	}
	flt_picture_table_end(sheet);
}

/* Both axes are the same, so that truth is a diagonal; a share of 0 lies at their low end. */
static struct flt_axis axis_of(const struct flt_series *series, const struct flt_range *top_were, double top_said)
{
	struct flt_axis axis = {.scale = FLT_AXIS_LOG, .lo = 1, .hi = 0};
	for (size_t i = 0; i < series->n; i++) {
		flt_axis_include(&axis, series->x[i]);
		flt_axis_include(&axis, series->y[i]);
		flt_axis_include(&axis, series->hi[i]);
	}
	flt_axis_include(&axis, top_said);
	flt_axis_include(&axis, top_were->hi);
	axis.lo = fmax(axis.lo, 1e-6);
	flt_axis_close(&axis);
	return axis;
}

static void draw_reliability(struct flt_sheet *sheet, const json_t *figures, const json_t *ranked)
{
	const json_t *top = flt_read_object(figures, "top");
	struct flt_range top_were = flt_read_range(top, "were");
	double top_said = flt_read_number(top, "said");
	struct flt_series series = {0};
	for (size_t i = 0; i < flt_read_size(ranked, MOST_RANKED); i++) {
		const json_t *from = flt_read_item(ranked, i);
		struct flt_range were = flt_read_range(from, "were");
		flt_series_add(&series, flt_read_number(from, "said"), were.value, were.lo, were.hi);
	}
	if (series.n == 0)
		return;
	struct flt_axis axis = axis_of(&series, &top_were, top_said);
	struct flt_chart chart = {.x = axis, .y = axis};
	chart.x.title = "mean probability said";
	chart.y.title = "share that was positive";
	flt_picture_begin(sheet, "Probabilities beside what was");
	flt_chart_begin(
	        &chart, &sheet->html,
	        "Rows by rank: on the dashed diagonal, rows are positive as often as was said. The numbers are in "
	        "the table below.");
	flt_chart_diagonal(&chart);
	flt_chart_whiskers(&chart, &series, "pos");
	flt_chart_dots(&chart, &series, "pos");
	flt_chart_mark(&chart, top_said, top_were.value);
	flt_chart_end(&chart);
	flt_picture_caption(
	        sheet,
	        "Each dot: rows that follow each other in the ranking, with 95 %% interval; on the diagonal "
	        "probabilities are true. <span class=\"key mark\">&nbsp;</span>the top 1 %%: said %s%s, were %s.",
	        flt_page_significant(top_said, 3).text, sheet->star, flt_page_range(&top_were).text);
	put_ranked(sheet, ranked);
	flt_picture_end(sheet);
}

/* ---- histograms ---- */

struct histogram {
	size_t n;
	double lo, hi;                             /* log-odds */
	double edge[MOST_BINS + 1];                /* probabilities */
	double bin[2][MOST_BINS], sum[2], most[2]; /* rows of negatives, of positives */
};

static bool read_histogram(const json_t *scores, struct histogram *histogram)
{
	static const double FAR = 14;
	const json_t *bins[2] = {flt_read_array(scores, "negative"), flt_read_array(scores, "positive")};
	*histogram = (struct histogram){.lo = fmax(flt_read_number(scores, "lo"), -FAR),
	                                .hi = fmin(flt_read_number(scores, "hi"), FAR)};
	histogram->n = flt_read_size(bins[0], MOST_BINS);
	if (histogram->n == 0 || flt_read_size(bins[1], MOST_BINS) != histogram->n || !(histogram->lo < histogram->hi))
		return false;
	for (size_t i = 0; i <= histogram->n; i++) {
		double share = (double)i / (double)histogram->n;
		histogram->edge[i] = flt_sigmoid(histogram->lo + share * (histogram->hi - histogram->lo));
	}
	for (int class = 0; class < 2; class ++)
		for (size_t i = 0; i < histogram->n; i++) {
			double n = flt_read_number_at(bins[class], i);
			histogram->bin[class][i] = isfinite(n) && n > 0 ? n : 0;
			histogram->sum[class] += histogram->bin[class][i];
			histogram->most[class] = fmax(histogram->most[class], histogram->bin[class][i]);
		}
	return histogram->sum[0] > 0 && histogram->sum[1] > 0 && isfinite(histogram->sum[0] + histogram->sum[1]);
}

static void put_bins(struct flt_sheet *sheet, const struct histogram *histogram)
{
	static const char *const titles[] = {"probability from", "positive rows", "negative rows"};
	flt_picture_table_begin(sheet, "Rows of each class by probability", titles, 3);
	for (size_t i = 0; i < histogram->n && flt_sheet_has_room(sheet); i++) {
		flt_row_begin(sheet, "");
		flt_head_number(sheet, histogram->edge[i], flt_page_significant(histogram->edge[i], 3).text);
		flt_cell_count(sheet, histogram->bin[1][i]);
		flt_cell_count(sheet, histogram->bin[0][i]);
		flt_row_end(sheet);
	}
	flt_picture_table_end(sheet);
}

/* Shares of each class: the positives up, the negatives down. */
static void draw_histogram(struct flt_sheet *sheet, const json_t *figures)
{
	struct histogram histogram;
	if (!read_histogram(flt_read_object(flt_read_object(figures, "curves"), "scores"), &histogram))
		return;
	struct flt_chart chart = {
	        .x = {.scale = FLT_AXIS_LOGIT,
	              .lo = histogram.edge[0],
	              .hi = histogram.edge[histogram.n],
	              .title = "probability"},
	        .y = {.lo = -histogram.most[0] / histogram.sum[0],
	              .hi = histogram.most[1] / histogram.sum[1],
	              .title = "share of the class",
	              .is_mirrored = true},
	};
	flt_picture_begin(sheet, "Scores of both classes");
	flt_chart_begin(
	        &chart, &sheet->html,
	        "Histograms of the probabilities: positive rows upwards, negative rows downwards. The numbers are in "
	        "the table below.");
	for (size_t i = 0; i < histogram.n; i++)
		for (int class = 0; class < 2; class ++) {
			double share = histogram.bin[class][i] / histogram.sum[class];
			if (share > 0)
				flt_chart_bar(&chart, histogram.edge[i], histogram.edge[i + 1], 0,
				              class ? share : -share, class ? "pos" : "neg");
		}
	flt_chart_level(&chart, 0, "axis");
	flt_chart_upright(&chart, flt_read_number(flt_read_object(figures, "threshold"), "probability"), "chosen");
	flt_chart_end(&chart);
	flt_picture_caption(sheet, "<span class=\"key bar pos\">&nbsp;</span>positive rows, up; <span class=\"key bar "
	                           "neg\">&nbsp;</span>negative "
	                           "rows, down; <span class=\"key chosen\">&nbsp;</span>the chosen threshold.");
	put_bins(sheet, &histogram);
	flt_picture_end(sheet);
}

/* ---- figures ---- */

static void put_loss(struct flt_sheet *sheet, const char *term, const json_t *figures, const char *key, int digits)
{
	double value = flt_read_number(figures, key);
	if (isfinite(value))
		flt_fact(sheet, term, "<span data-value=\"%s\">%s%s</span>", flt_page_exact(value).text,
		         flt_page_significant(value, digits).text, sheet->star);
}

/* NULL: a probability is the score's sigmoid. */
static const char *calibration_in_words(const char *name)
{
	static const char *const words[][2] = {{"map", "the loss inverted"},
	                                       {"platt", "Platt's line, fitted on held-out rows"},
	                                       {"isotonic", "isotonic, fitted on held-out rows"}};
	for (size_t i = 0; name && i < sizeof words / sizeof *words; i++)
		if (strcmp(name, words[i][0]) == 0)
			return words[i][1];
	return NULL;
}

static void put_facts(struct flt_sheet *sheet, const json_t *figures)
{
	double ece_null = flt_read_number(figures, "ece_null"), observed = flt_read_number(figures, "observed");
	const char *calibration = calibration_in_words(flt_read_text(figures, "calibration"));
	flt_facts_begin(sheet);
	put_loss(sheet, "log-loss", figures, "log_loss", 3);
	put_loss(sheet, "Brier", figures, "brier", 3);
	put_loss(sheet, "ECE", figures, "ece", 2);
	if (isfinite(ece_null))
		flt_fact(sheet, "ECE of a perfect model", "%s", flt_page_significant(ece_null, 2).text);
	put_loss(sheet, "mean probability", figures, "mean_probability", 3);
	if (isfinite(observed))
		flt_fact(sheet, "observed", "<span data-value=\"%s\">%s</span>", flt_page_exact(observed).text,
		         flt_page_significant(observed, 3).text);
	if (calibration)
		flt_fact(sheet, "calibration", "%s", calibration);
	flt_facts_end(sheet);
}

void flt_section_probabilities(struct flt_sheet *sheet, const json_t *figures)
{
	const json_t *ranked = flt_read_array(flt_read_object(figures, "curves"), "ranked");
	if (!isfinite(flt_read_number(figures, "log_loss")) && !ranked)
		return;
	flt_section_begin(sheet, "probabilities", "How true its probabilities are");
	if (flt_sheet_has_room(sheet)) {
		flt_pictures_begin(sheet);
		draw_reliability(sheet, figures, ranked);
		draw_histogram(sheet, figures);
		flt_pictures_end(sheet);
	}
	put_facts(sheet, figures);
	flt_section_end(sheet);
}
