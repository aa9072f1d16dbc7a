/* The figures of all variants of compare, and the claims with their evidence. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "page/sections.h"
#include "page/study.h"

enum { MOST_VARIANTS = 24, MOST_CLAIMS = 32 };

/* ---- claims ---- */

/* What a claim says, in words. */
static const char *const CLAIMS[][2] = {
        {"lazy_after_few_epochs", "Lazy: textbook BCE misses more than half of the rare class after few epochs"},
        {"lazy_after_all_epochs", "Lazy: and still after all epochs"},
        {"attention_less_on_easy_rows", "Focus: focal takes less of its gradient from easy rows"},
        {"attention_more_on_rare_rows", "Focus: and more of it from the rare class"},
        {"better_ap", "Better: PR-AUC of focal against BCE"},
        {"better_recall_at_precision_0.5", "Better: recall at a precision of 0.5"},
        {"more_data_beats_focal", "Data: BCE on all positives against focal on half"},
        {"more_data_still_helps_focal", "Data: more positives still help focal"},
        {"no_slower", "Speed: no slower when finished"},
};

static const char *claim_text(const char *claim)
{
	for (size_t i = 0; claim && i < sizeof CLAIMS / sizeof *CLAIMS; i++)
		if (strcmp(claim, CLAIMS[i][0]) == 0)
			return CLAIMS[i][1];
	return claim;
}

static const char *class_of_verdict(const char *verdict)
{
	if (verdict && strcmp(verdict, "supported") == 0)
		return "met";
	return verdict && strcmp(verdict, "not supported") == 0 ? "bad" : "open";
}

static bool is_open(const struct flt_range *range)
{
	return range->lo <= 0 && range->hi >= 0;
}

static void put_claim(struct flt_sheet *sheet, const json_t *claim)
{
	const char *verdict = flt_read_text(claim, "verdict");
	const json_t *evidence = flt_read_object(claim, "evidence");
	struct flt_range range = flt_read_range(claim, "evidence");
	double detectable = flt_read_number(evidence, "detectable");
	flt_row_begin(sheet, "");
	flt_html_print(&sheet->html, "<th scope=\"row\">");
	flt_html_sentence(&sheet->html, claim_text(flt_read_text(claim, "claim")));
	flt_html_print(&sheet->html, "</th><td class=\"words\"><span class=\"pill %s\">%s</span></td>",
	               class_of_verdict(verdict), flt_shown_name(verdict).text);
	flt_cell_range(sheet, &range, flt_page_difference(&range).text);
	flt_cell_number(sheet, is_open(&range) ? detectable : (double)NAN, flt_page_significant(detectable, 2).text);
	flt_row_end(sheet);
}

void flt_section_claims(struct flt_sheet *sheet, const json_t *report)
{
	static const char *const titles[] = {"claim", ":verdict", "difference", "to tell"};
	const json_t *claims = flt_read_array(report, "claims");
	if (!claims)
		return;
	flt_section_begin(sheet, "claims", "The claims");
	flt_paragraph(sheet, "Each by its 95 %% interval; of 20 without effect one gets a verdict.");
	flt_table_begin(sheet, "claim-table", "Claims about focal loss, their verdict and the evidence", titles, 4);
	for (size_t i = 0; i < flt_read_size(claims, MOST_CLAIMS) && flt_sheet_has_room(sheet); i++)
		put_claim(sheet, flt_read_item(claims, i));
	flt_table_end(sheet);
	flt_paragraph(sheet,
	              "<em>To tell</em>: where the interval holds 0, the difference that these data would show four "
	              "times in five.");
	flt_section_end(sheet);
}

/* ---- variants ---- */

static void draw_variants(struct flt_sheet *sheet, const json_t *variants, const char *title, const char *key,
                          double reference)
{
	size_t n = flt_read_size(variants, MOST_VARIANTS);
	struct flt_rows_chart chart = {.x = {.lo = 0, .hi = 1, .title = "mean [95 %]"}, .n_rows = n};
	flt_picture_begin(sheet, title);
	flt_rows_begin(&chart, &sheet->html, reference,
	               "Means over folds, with 95 % intervals. The numbers are in the table below.");
	for (size_t i = 0; i < n; i++) {
		const json_t *variant = flt_read_item(variants, i);
		struct flt_range range = flt_study_figure_of(variant, NULL, key);
		flt_rows_add(&chart, flt_read_text(variant, "name"), range.value, range.lo, range.hi,
		             flt_page_range(&range).text);
	}
	flt_rows_end(&chart);
	flt_picture_caption(sheet, "Means over folds, with 95 %% intervals over test rows and trainings.");
	flt_picture_end(sheet);
}

static void put_gain(struct flt_sheet *sheet, const json_t *variant, const char *key)
{
	const json_t *differences = flt_read_object(variant, "difference");
	struct flt_range gain = flt_read_range(differences, key);
	double detectable = flt_read_number(flt_read_object(differences, key), "detectable");
	if (gain.value == 0 && gain.lo == 0 && gain.hi == 0) /* BCE itself */
		gain.value = (double)NAN;
	flt_cell_range(sheet, &gain, flt_page_difference(&gain).text);
	flt_cell_number(sheet, isfinite(gain.value) && is_open(&gain) ? detectable : (double)NAN,
	                flt_page_significant(detectable, 2).text);
}

static void put_gains(struct flt_sheet *sheet, const json_t *variants)
{
	static const char *const titles[] = {"variant", "PR-AUC",      "against BCE", "to tell",
	                                     "ROC-AUC", "against BCE", "to tell"};
	flt_table_begin(sheet, "variants",
	                "Means over folds, and what each variant gains over BCE, with 95 % intervals", titles, 7);
	for (size_t i = 0; i < flt_read_size(variants, MOST_VARIANTS) && flt_sheet_has_room(sheet); i++) {
		const json_t *variant = flt_read_item(variants, i);
		struct flt_range ap = flt_study_figure_of(variant, NULL, "ap");
		struct flt_range auc = flt_study_figure_of(variant, NULL, "roc_auc");
		flt_row_begin(sheet, "");
		flt_head_name(sheet, flt_read_text(variant, "name"));
		flt_cell_range(sheet, &ap, flt_page_range(&ap).text);
		put_gain(sheet, variant, "ap");
		flt_cell_range(sheet, &auc, flt_page_range(&auc).text);
		put_gain(sheet, variant, "roc_auc");
		flt_row_end(sheet);
	}
	flt_table_end(sheet);
}

static void put_point(struct flt_sheet *sheet, const json_t *variants, const char *point, const char *caption)
{
	static const char *const titles[] = {"variant", "accuracy", "precision", "recall", "F1", "MCC"};
	static const char *const keys[] = {"accuracy", "precision", "recall", "f1", "mcc"};
	flt_table_begin(sheet, NULL, caption, titles, 6);
	for (size_t i = 0; i < flt_read_size(variants, MOST_VARIANTS) && flt_sheet_has_room(sheet); i++) {
		const json_t *variant = flt_read_item(variants, i);
		flt_row_begin(sheet, "");
		flt_head_name(sheet, flt_read_text(variant, "name"));
		for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
			double mean = flt_study_figure_of(variant, point, keys[k]).value;
			flt_cell_number(sheet, mean, flt_page_fraction(mean, k == 0 ? 4 : 3).text);
		}
		flt_row_end(sheet);
	}
	flt_table_end(sheet);
}

static void put_effort(struct flt_sheet *sheet, const json_t *variants)
{
	static const char *const titles[] = {"variant", "from easy rows", "from the rare class", "training, s"};
	flt_table_begin(sheet, "effort", "Where the gradient of each variant comes from, and what it took", titles, 4);
	for (size_t i = 0; i < flt_read_size(variants, MOST_VARIANTS) && flt_sheet_has_room(sheet); i++) {
		const json_t *variant = flt_read_item(variants, i);
		double easy = flt_read_number(variant, "gradient_from_easy_rows");
		double positive = flt_read_number(variant, "gradient_from_positives");
		double seconds = flt_read_number(flt_read_object(variant, "seconds"), "train");
		flt_row_begin(sheet, "");
		flt_head_name(sheet, flt_read_text(variant, "name"));
		flt_cell_number(sheet, easy, flt_page_share(easy).text);
		flt_cell_number(sheet, positive, flt_page_share(positive).text);
		flt_cell_number(sheet, seconds, flt_page_significant(seconds, 3).text);
		flt_row_end(sheet);
	}
	flt_table_end(sheet);
}

/* The curves of the two losses that the claims are about. */
static void draw_curves(struct flt_sheet *sheet, const json_t *report, const json_t *variants)
{
	static const char *const names[] = {"BCE", "focal"};
	const json_t *drawn[2];
	size_t n = 0;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < flt_read_size(variants, MOST_VARIANTS) && n <= k; i++) {
			const json_t *variant = flt_read_item(variants, i);
			const char *name = flt_read_text(variant, "name");
			if (name && strcmp(name, names[k]) == 0)
				drawn[n++] = variant;
		}
	flt_study_curves(sheet, report, drawn, n);
}

void flt_section_compare(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *variants = flt_read_array(report, "variants");
	if (!variants)
		return;
	flt_section_begin(sheet, "compare", "The variants");
	flt_pictures_begin(sheet);
	draw_variants(sheet, variants, "PR-AUC (average precision)", "ap", flt_read_number(report, "attainable_ap"));
	draw_variants(sheet, variants, "ROC-AUC", "roc_auc", 0.5);
	draw_curves(sheet, report, variants);
	flt_pictures_end(sheet);
	put_gains(sheet, variants);
	put_point(sheet, variants, "at_chosen", "At the threshold chosen on held-out rows: means over folds");
	put_point(sheet, variants, "at_half", "At probability &gt;= 0.5: means over folds");
	put_point(sheet, variants, "at_raw_half",
	          "At raw sigmoid &gt;= 0.5, as focal loss is usually used: means over folds");
	put_effort(sheet, variants);
	flt_section_end(sheet);
}
