/* How well the model ranks rows: the precision-recall curve and the ROC curve. */
#include <math.h>
#include <stdio.h>

#include "page/sections.h"
#include "page/stops.h"

/* From recall 0 on, where the highest threshold that finds any row decides. */
static void add_precision(struct flt_series *series, const struct flt_stop *stop)
{
	const struct flt_range *precision = &stop->precision;
	if (series->n == 0)
		flt_series_add(series, 0, precision->value, precision->lo, precision->hi);
	flt_series_add(series, stop->recall.value, precision->value, precision->lo, precision->hi);
}

static void put_legend_of_marks(struct flt_sheet *sheet)
{
	flt_html_print(&sheet->html, "<p class=\"caption\"><span class=\"key mark\">&nbsp;</span>the chosen threshold");
	flt_html_print(&sheet->html,
	               "<span class=\"scripted\" hidden>, <span class=\"key ring\">&nbsp;</span>that of the "
	               "slider</span>.</p>\n");
}

/* The curve with the thresholds that are marked on it, and the end of the chart. key: of what the slider moves. */
static void draw_curve(struct flt_chart *chart, const struct flt_series *series, bool is_stepped,
                       const struct flt_stops *stops, enum flt_mark mark, const char *key)
{
	flt_chart_line(chart, series, is_stepped, "pos");
	flt_stops_mark(chart, stops, mark);
	flt_chart_follow_ring(chart, key);
	flt_chart_end(chart);
}

static void put_precision_recall(struct flt_sheet *sheet, const json_t *figures, const struct flt_stops *stops,
                                 double prevalence)
{
	struct flt_chart chart = {.x = {.lo = 0, .hi = 1, .title = "recall"},
	                          .y = {.lo = 0, .hi = 1, .title = "precision"}};
	struct flt_series series = {0};
	const json_t *ap = flt_read_object(figures, "ap");
	struct flt_range area = flt_read_range(figures, "ap");
	double chance = flt_read_number(ap, "chance");
	char about[256];
	for (size_t i = 0; i < stops->n; i++)
		if (stops->stop[i].precision.value >= 0)
			add_precision(&series, &stops->stop[i]);
	flt_picture_begin(sheet, "Precision by recall");
	snprintf(about, sizeof about, "PR-AUC %s%s, chance %s.", flt_page_range(&area).text, sheet->star,
	         flt_page_fraction(chance, 3).text);
	flt_chart_begin(&chart, &sheet->html, about);
	flt_chart_band(&chart, &series, true);
	flt_chart_level(&chart, prevalence, "chance");
	draw_curve(&chart, &series, true, stops, FLT_MARK_PRECISION, "pr");
	flt_picture_caption(sheet,
	                    "PR-AUC (average precision) %s%s; chance %s, and 95 %% of random rankings stay below %s. "
	                    "Band: 95 %% intervals of precision; dashed: flagging rows at random.",
	                    flt_page_range(&area).text, sheet->star, flt_page_fraction(chance, 3).text,
	                    flt_page_fraction(flt_read_number(ap, "chance95"), 3).text);
	put_legend_of_marks(sheet);
	flt_picture_end(sheet);
}

static void put_roc(struct flt_sheet *sheet, const json_t *figures, const struct flt_stops *stops)
{
	struct flt_chart chart = {.x = {.lo = 0, .hi = 1, .title = "false positive rate"},
	                          .y = {.lo = 0, .hi = 1, .title = "recall"}};
	struct flt_series series = {0};
	struct flt_range area = flt_read_range(figures, "roc_auc");
	char about[160];
	flt_series_add(&series, 0, 0, 0, 0);
	for (size_t i = 0; i < stops->n; i++) {
		const struct flt_stop *stop = &stops->stop[i];
		flt_series_add(&series, stop->false_positive_rate, stop->recall.value, stop->recall.lo,
		               stop->recall.hi);
	}
	flt_series_add(&series, 1, 1, 1, 1);
	flt_picture_begin(sheet, "ROC curve");
	snprintf(about, sizeof about, "ROC-AUC %s%s; 0.5 is chance.", flt_page_range(&area).text, sheet->star);
	flt_chart_begin(&chart, &sheet->html, about);
	flt_chart_band(&chart, &series, false);
	flt_chart_diagonal(&chart);
	draw_curve(&chart, &series, false, stops, FLT_MARK_ROC, "roc");
	flt_picture_caption(sheet,
	                    "ROC-AUC %s%s: how often a positive row ranks above another. Band: 95 %% intervals of "
	                    "recall; dashed: chance, 0.5. Where positives are rare, precision tells more.",
	                    flt_page_range(&area).text, sheet->star);
	put_legend_of_marks(sheet);
	flt_picture_end(sheet);
}

/* How good the top of the ranking is, and how much of the class comes with a given precision. */
static void put_facts(struct flt_sheet *sheet, const json_t *figures)
{
	enum { MOST = 8 };
	const json_t *at_k = flt_read_array(figures, "precision_at_k");
	const json_t *at_precision = flt_read_array(figures, "recall_at_precision");
	char term[128];
	flt_facts_begin(sheet);
	for (size_t i = 0; i < flt_read_size(at_k, MOST); i++) {
		const json_t *at = flt_read_item(at_k, i);
		snprintf(term, sizeof term, "precision of the top %s", flt_page_count(flt_read_number(at, "k")).text);
		flt_fact_number(sheet, term, flt_read_number(at, "precision"));
	}
	for (size_t i = 0; i < flt_read_size(at_precision, MOST); i++) {
		const json_t *at = flt_read_item(at_precision, i);
		snprintf(term, sizeof term, "recall at precision %s",
		         flt_page_short(flt_read_number(at, "precision")).text);
		flt_fact_number(sheet, term, flt_read_number(at, "recall"));
	}
	flt_facts_end(sheet);
}

/* Test rows that occur among the others, too, may flatter. */
static void say_seen(struct flt_sheet *sheet, const json_t *figures)
{
	double seen = flt_read_number(figures, "seen"),
	       unseen = flt_read_number(flt_read_object(figures, "ap"), "unseen");
	if (seen > 0)
		flt_paragraph(sheet, "%s of the test rows also occur among the other rows%s%s.",
		              flt_page_count(seen).text, isfinite(unseen) ? "; without them PR-AUC is " : "",
		              isfinite(unseen) ? flt_page_fraction(unseen, 3).text : "");
}

/* The numbers of both curves stand in the table of thresholds. */
void flt_section_ranking(struct flt_sheet *sheet, const json_t *report, const json_t *figures)
{
	struct flt_stops stops;
	if (flt_stops_read(figures, &stops) < 2 || !flt_sheet_has_room(sheet))
		return;
	flt_section_begin(sheet, "ranking", "How well it ranks");
	flt_pictures_begin(sheet);
	put_precision_recall(sheet, figures, &stops, flt_prevalence_of(report, figures));
	put_roc(sheet, figures, &stops);
	flt_pictures_end(sheet);
	flt_paragraph(sheet, "The numbers of both curves are in <a href=\"#stops\">the table of thresholds</a>.");
	say_seen(sheet, figures);
	put_facts(sheet, figures);
	flt_section_end(sheet);
}
