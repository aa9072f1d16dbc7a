/* Which sections the page of each schema has, in which order, and the frame around them. */
#include "page/page.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "fltrain/version.h"
#include "page/assets.h"
#include "page/sections.h"

/* ---- what a report is ---- */

enum { MOST_DEPTH = 32, MOST_VALUES = 2000000 };

struct schema {
	const char *name, *kind;
	void (*put)(struct flt_sheet *sheet, const json_t *report);
};

static const char *const EVALUATED[] = {"test", "validation", "left_out", "fit"};

/* The figures of an evaluation: on test rows, or on those that stand for them. */
static const json_t *figures_of(const json_t *report)
{
	for (size_t i = 0; i < sizeof EVALUATED / sizeof *EVALUATED; i++)
		if (flt_read_object(report, EVALUATED[i]))
			return flt_read_object(report, EVALUATED[i]);
	return NULL;
}

/* The stars of the report in text. */
static void set_stars(struct flt_sheet *sheet, const json_t *figures)
{
	sheet->star = flt_read_true(figures, "starred") ? "*" : "";
	sheet->point_star = flt_read_true(figures, "chosen_here") ? "*" : "";
	sheet->threshold_star = flt_read_true(flt_read_object(figures, "threshold"), "starred") ? "*" : "";
}

static void put_evaluation(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *figures = figures_of(report);
	flt_section_verdict(sheet, report, figures);
	flt_section_ranking(sheet, report, figures);
	flt_section_thresholds(sheet, figures);
	flt_section_probabilities(sheet, figures);
	flt_section_slices(sheet, report);
	flt_section_explanation(sheet, report);
	flt_section_training(sheet, report);
	flt_section_data(sheet, report);
}

static void put_cv(struct flt_sheet *sheet, const json_t *report)
{
	flt_section_cv(sheet, report);
	flt_section_data(sheet, report);
}

static void put_compare(struct flt_sheet *sheet, const json_t *report)
{
	flt_section_claims(sheet, report);
	flt_section_compare(sheet, report);
	flt_section_data(sheet, report);
}

static void put_check(struct flt_sheet *sheet, const json_t *report)
{
	flt_section_check(sheet, report);
	flt_section_drift(sheet, report);
	flt_section_labels(sheet, report);
	flt_section_more_data(sheet, report);
	flt_section_data(sheet, report);
}

static void put_explain(struct flt_sheet *sheet, const json_t *report)
{
	flt_section_explanation(sheet, report);
	flt_section_data(sheet, report);
}

static const struct schema SCHEMAS[] = {
        {"fltrain.train/1", "Training report", put_evaluation},
        {"fltrain.evaluate/1", "Evaluation report", put_evaluation},
        {"fltrain.cv/1", "Cross-validation report", put_cv},
        {"fltrain.compare/1", "Comparison report", put_compare},
        {"fltrain.check/1", "Check of the data", put_check},
        {"fltrain.explain/1", "Explanation report", put_explain},
};
enum { N_SCHEMAS = sizeof SCHEMAS / sizeof *SCHEMAS };

static enum flt_status find_schema(const json_t *report, const struct schema **schema, struct flt_error *err)
{
	const char *name = flt_read_text(report, "schema");
	for (size_t i = 0; name && i < N_SCHEMAS; i++)
		if (strcmp(name, SCHEMAS[i].name) == 0) {
			*schema = &SCHEMAS[i];
			return FLT_OK;
		}
	if (!name)
		return flt_fail(err, FLT_ERR_DATA,
		                "holds no \"schema\", so it is no report; give a file that --json wrote");
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "is of schema \"%s\", which has no page; give a report of train, evaluate, cv, compare, check or "
	        "explain (fltrain.train/1 and so on)",
	        flt_shown(name, strlen(name)).text);
}

static enum flt_status parse(const char *text, size_t length, json_t **report, size_t *n_counted, struct flt_error *err)
{
	json_error_t why;
	if (!flt_json_is_modest(text, length, MOST_DEPTH, MOST_VALUES))
		return flt_fail(err, FLT_ERR_DATA,
		                "nests too deep or holds too many values for a report; give a file that "
		                "--json wrote");
	enum flt_status status = flt_json_parse(text, length, report, n_counted, &why, err);
	if (status == FLT_ERR_MODEL)
		return flt_fail(err, FLT_ERR_DATA, "line %d is not JSON (%s); give a file that --json wrote", why.line,
		                flt_shown(why.text, strlen(why.text)).text);
	return status;
}

/* ---- the frame ---- */

enum { DIGEST_BYTES = 32, BASE64_SIZE = 45 };

/* The digest of a text as a policy names it. */
static void base64_digest_of(const char *text, char out[BASE64_SIZE])
{
	static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char bytes[DIGEST_BYTES + 1] = {0};
	size_t n = 0;
	SHA256((const unsigned char *)text, strlen(text), bytes);
	for (size_t i = 0; i < DIGEST_BYTES; i += 3) {
		unsigned long three = (unsigned long)bytes[i] << 16 | (unsigned long)bytes[i + 1] << 8 |
		                      (i + 2 < DIGEST_BYTES ? bytes[i + 2] : 0);
		for (int shift = 18; shift >= 0; shift -= 6)
			out[n++] = DIGITS[three >> shift & 63];
	}
	out[BASE64_SIZE - 2] = '=';
	out[BASE64_SIZE - 1] = '\0';
}

static void put_head(struct flt_html *html, const char *kind, const char *file)
{
	char style[BASE64_SIZE], script[BASE64_SIZE];
	base64_digest_of(flt_page_style, style);
	base64_digest_of(flt_page_script, script);
	flt_html_print(html,
	               "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	               "<meta name=\"generator\" content=\"fltrain %s\">\n",
	               flt_version());
	flt_html_print(
	        html,
	        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
	        "'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n",
	        style, script);
	flt_html_print(html,
	               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	               "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n");
	flt_html_print(html, "<title>%s%s%s - fltrain</title>\n<style>", kind, file ? ": " : "",
	               flt_shown_text(file).text);
	flt_html_literal(html, flt_page_style);
	flt_html_print(html, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">To the report</a>\n");
}

static const char *file_of(const json_t *report)
{
	const char *file = flt_read_text(flt_read_object(report, "data"), "file");
	return file ? file : flt_read_text(report, "file");
}

static void put_subtitle(struct flt_html *html, const json_t *report)
{
	const json_t *data = flt_read_object(report, "data");
	double rows = flt_read_number(data, "rows"), positives = flt_read_number(data, "positives");
	const char *target = flt_read_text(data, "target"), *positive = flt_read_text(data, "positive");
	if (!isfinite(rows))
		return;
	flt_html_print(html, "<p>%s rows", flt_page_count(rows).text);
	if (isfinite(positives))
		flt_html_print(html, ", %s positive (%s)", flt_page_count(positives).text,
		               flt_page_share(positives / rows).text);
	if (target && positive)
		flt_html_print(html, "; target %s, positive class %s", flt_shown_name(target).text,
		               flt_shown_name(positive).text);
	flt_html_print(html, "</p>\n");
}

/* The whole page; the sections are made already, since links to them stand before. */
static void put_page(struct flt_html *page, const json_t *report, const struct schema *schema,
                     const struct flt_sheet *sheet)
{
	const char *file = file_of(report);
	put_head(page, schema->kind, file);
	flt_html_print(page, "<header>\n<p class=\"kind\">%s</p>\n<h1>%s</h1>\n", schema->kind,
	               file ? flt_shown_name(file).text : schema->kind);
	put_subtitle(page, report);
	flt_html_print(page, "<nav aria-label=\"Sections\"><ul>\n");
	flt_html_append(page, &sheet->contents);
	flt_html_print(page, "</ul></nav>\n</header>\n<main id=\"main\">\n");
	flt_html_append(page, &sheet->html);
	flt_html_print(page, "</main>\n<footer><p>");
	if (sheet->star[0] || sheet->point_star[0] || sheet->threshold_star[0])
		flt_html_print(page, "* measured on rows that had a part in choosing what is measured. ");
	flt_html_print(page,
	               "Made by fltrain %s from a report in JSON, which holds all of these numbers.</p></footer>\n"
	               "<script>",
	               flt_version());
	flt_html_literal(page, flt_page_script);
	flt_html_print(page, "</script>\n</body>\n</html>\n");
}

enum flt_status flt_page_of_json(FILE *out, const char *text, size_t length, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_sheet sheet = {.html.err = err, .contents.err = err};
	struct flt_html page = {.err = err};
	const struct schema *schema = SCHEMAS;
	json_t *report = NULL;
	size_t n_counted = 0;
	FLT_TRY_OUT(parse(text, length, &report, &n_counted, err));
	FLT_TRY_OUT(find_schema(report, &schema, err));
	set_stars(&sheet, figures_of(report));
	schema->put(&sheet, report);
	flt_section_reproduce(&sheet, report);
	put_page(&page, report, schema, &sheet);
	FLT_TRY_OUT(page.status);
	fwrite(page.buffer.bytes, 1, page.buffer.length, out);
out:
	json_decref(report);
	flt_alloc_uncount(n_counted);
	flt_html_release(&page);
	flt_html_release(&sheet.html);
	flt_html_release(&sheet.contents);
	return status;
}
