/* What came out, in words and counts. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "page/sections.h"

enum { MOST_SENTENCES = 12 };

/* Without sentences of the report: the counts alone. */
static void say_counts(struct flt_sheet *sheet, const json_t *report, const json_t *verdict)
{
	const char *positive = flt_read_text(flt_read_object(report, "data"), "positive");
	double flagged = flt_read_number(verdict, "flagged"), right = flt_read_number(verdict, "right");
	flt_html_print(&sheet->html, "<p>Of %s rows the model flagged %s as %s: %s were, %s were not. ",
	               flt_page_count(flt_read_number(verdict, "rows")).text, flt_page_count(flagged).text,
	               flt_shown_name(positive).text, flt_page_count(right).text, flt_page_count(flagged - right).text);
	flt_html_print(&sheet->html, "It missed %s of the %s that were.</p>\n",
	               flt_page_count(flt_read_number(verdict, "missed")).text,
	               flt_page_count(flt_read_number(verdict, "positives")).text);
}

static void say_sentences(struct flt_sheet *sheet, const json_t *report, const json_t *verdict)
{
	const json_t *text = flt_read_array(verdict, "text");
	size_t n = flt_read_size(text, MOST_SENTENCES);
	if (n == 0)
		say_counts(sheet, report, verdict);
	for (size_t i = 0; i < n; i++) {
		flt_html_print(&sheet->html, "<p>");
		flt_html_sentence(&sheet->html, json_string_value(json_array_get(text, i)));
		flt_html_print(&sheet->html, "</p>\n");
	}
}

/* ---- the picture of what was found and flagged ---- */

enum { LEFT = 0, WIDTH = 400, BAR = 18, HEIGHT = 116 };

static void draw_shares(struct flt_html *html, int top, double part, double whole, const char *class)
{
	double width = whole > 0 ? WIDTH * fmin(fmax(part / whole, 0), 1) : 0;
	flt_html_print(html, "<path class=\"bar rest\" d=\"M%d %dH%dv%dH%dz\"/>", LEFT, top, WIDTH, BAR, LEFT);
	if (width > 0)
		flt_html_print(html, "<path class=\"bar %s\" d=\"M%d %dH%.1fv%dH%dz\"/>", class, LEFT, top, width, BAR,
		               LEFT);
}

static void draw_outcome(struct flt_sheet *sheet, const json_t *verdict)
{
	enum { FIRST = 24, SECOND = 84 };
	struct flt_html *html = &sheet->html;
	double positives = flt_read_number(verdict, "positives"), right = flt_read_number(verdict, "right");
	double flagged = flt_read_number(verdict, "flagged");
	if (!(positives > 0) || !isfinite(right) || !isfinite(flagged))
		return;
	flt_html_print(
	        html,
	        "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s of %s positive rows found; ",
	        WIDTH, HEIGHT, flt_page_count(right).text, flt_page_count(positives).text);
	flt_html_print(html, "%s of %s flagged rows were positive\">\n", flt_page_count(right).text,
	               flt_page_count(flagged).text);
	flt_html_print(html, "<text class=\"name\" x=\"0\" y=\"%d\">found %s, missed %s</text>", FIRST - 8,
	               flt_page_count(right).text, flt_page_count(positives - right).text);
	flt_html_print(html, "<text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"end\">of %s positive</text>", WIDTH,
	               FIRST - 8, flt_page_count(positives).text);
	draw_shares(html, FIRST, right, positives, "pos");
	flt_html_print(html, "<text class=\"name\" x=\"0\" y=\"%d\">right %s, false alarms %s</text>", SECOND - 8,
	               flt_page_count(right).text, flt_page_count(flagged - right).text);
	flt_html_print(html, "<text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"end\">of %s flagged</text>", WIDTH,
	               SECOND - 8, flt_page_count(flagged).text);
	draw_shares(html, SECOND, right, flagged, "pos");
	flt_html_print(html, "</svg>\n");
}

/* ---- the figures that are asked for first ---- */

static void put_tile(struct flt_sheet *sheet, const char *term, const struct flt_range *range, const char *value,
                     const char *star, const char *about)
{
	if (!isfinite(range->value))
		return;
	flt_html_print(&sheet->html,
	               "<li><span class=\"term\">%s</span> <strong data-value=\"%s\">%s%s</strong> <span "
	               "class=\"about\">%s</span></li>\n",
	               term, flt_page_exact(range->value).text, value, star, about);
}

static void put_fraction(struct flt_sheet *sheet, const char *term, const json_t *figures, const char *key,
                         const char *star)
{
	struct flt_range range = flt_read_range(figures, key);
	char about[80] = "";
	if (isfinite(range.lo) && isfinite(range.hi))
		snprintf(about, sizeof about, "%.20s to %.20s", flt_page_fraction(range.lo, 2).text,
		         flt_page_fraction(range.hi, 2).text);
	put_tile(sheet, term, &range, flt_page_fraction(range.value, 3).text, star, about);
}

static void put_alarms(struct flt_sheet *sheet, const json_t *figures)
{
	struct flt_range alarms = flt_read_range(figures, "alarms_per_10000");
	char about[80] = "";
	if (isfinite(alarms.lo) && isfinite(alarms.hi))
		snprintf(about, sizeof about, "%.20s to %.20s", flt_page_count(round(alarms.lo)).text,
		         flt_page_count(round(alarms.hi)).text);
	put_tile(sheet, "alarms per 10,000 rows", &alarms, flt_page_count(round(alarms.value)).text, sheet->point_star,
	         about);
}

static void put_tiles(struct flt_sheet *sheet, const json_t *figures)
{
	flt_html_print(&sheet->html, "<ul class=\"tiles\">\n");
	put_fraction(sheet, "precision at the threshold", figures, "precision", sheet->point_star);
	put_fraction(sheet, "recall at the threshold", figures, "recall", sheet->point_star);
	put_alarms(sheet, figures);
	put_fraction(sheet, "PR-AUC", figures, "ap", sheet->star);
	put_fraction(sheet, "ROC-AUC", figures, "roc_auc", sheet->star);
	put_fraction(sheet, "F1 at the threshold", figures, "f1", sheet->point_star);
	put_fraction(sheet, "MCC at the threshold", figures, "mcc", sheet->point_star);
	flt_html_print(&sheet->html, "</ul>\n<p class=\"caption\">Small figures are 95 %% intervals.</p>\n");
}

/* The requirements of --require. */
static void say_gates(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *gates = flt_read_object(report, "gates");
	const char *required = flt_read_text(gates, "require"), *failed = flt_read_text(gates, "failed");
	if (!required)
		return;
	flt_html_print(&sheet->html, "<p class=\"%s\">Required: ", failed ? "bad" : "met");
	flt_html_sentence(&sheet->html, required);
	if (failed) {
		flt_html_print(&sheet->html, ". Not met: ");
		flt_html_sentence(&sheet->html, failed);
	} else {
		flt_html_print(&sheet->html, ". All met.");
	}
	flt_html_print(&sheet->html, "</p>\n");
}

/* Figures may be of rows with another prevalence than those that were evaluated. */
static void say_prior(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *prior = flt_read_object(report, "prior");
	const char *source = flt_read_text(prior, "source");
	if (source && strcmp(source, "option") == 0)
		flt_paragraph(sheet,
		              "Figures are weighted to a prevalence of %s, <code>--prior</code>; counts are of the "
		              "rows as they stand.",
		              flt_page_share(flt_read_number(prior, "figures")).text);
}

/* What the figures are to be read beside: the trivial classifier, what is attainable. */
static void say_beside(struct flt_sheet *sheet, const json_t *report, const json_t *figures)
{
	const json_t *majority = flt_read_object(report, "majority");
	double accuracy = flt_read_number(majority, "accuracy"), attainable = flt_read_number(report, "attainable_ap");
	if (isfinite(accuracy))
		flt_paragraph(
		        sheet,
		        "Always predicting the commoner class: accuracy %s, recall %s; this model: accuracy %s%s, "
		        "recall %s%s.",
		        flt_page_fraction(accuracy, 3).text, flt_page_count(flt_read_number(majority, "recall")).text,
		        flt_page_fraction(flt_read_number(figures, "accuracy"), 3).text, sheet->point_star,
		        flt_page_fraction(flt_read_range(figures, "recall").value, 3).text, sheet->point_star);
	if (isfinite(attainable))
		flt_paragraph(sheet, "At best attainable on such data: PR-AUC %s.",
		              flt_page_fraction(attainable, 3).text);
}

void flt_section_verdict(struct flt_sheet *sheet, const json_t *report, const json_t *figures)
{
	const json_t *verdict = flt_read_object(figures, "verdict");
	if (!figures)
		return;
	flt_section_begin(sheet, "verdict", "Verdict");
	flt_html_print(&sheet->html, "<div class=\"verdict %s\">\n<div class=\"words\">\n",
	               flt_read_true(verdict, "ranks_better_than_guessing") ? "met" : "bad");
	if (verdict)
		say_sentences(sheet, report, verdict);
	say_gates(sheet, report);
	flt_html_print(&sheet->html, "</div>\n");
	if (verdict)
		draw_outcome(sheet, verdict);
	flt_html_print(&sheet->html, "</div>\n");
	say_prior(sheet, report);
	put_tiles(sheet, figures);
	say_beside(sheet, report, figures);
	flt_section_end(sheet);
}
