#include "page/chart.h"
#include "page/page.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "markup.h"
#include "page/html.h"
#include "page/number.h"
#include "suite.h"

static const char *const REPORTS[] = {"train", "evaluate", "cv", "compare", "check", "explain"};
enum { N_REPORTS = sizeof REPORTS / sizeof *REPORTS };

/* A report that the program wrote. */
static json_t *sample(const char *name)
{
	char path[128];
	json_error_t why;
	snprintf(path, sizeof path, "tests/browser/reports/%s.json", name);
	json_t *report = json_load_file(path, 0, &why);
	ck_assert_msg(report != NULL, "%s: %s", path, why.text);
	return report;
}

/* The page of a text, checked; to be freed. NULL if it was refused. */
static char *page_of_text(const char *text, size_t length, struct flt_error *err)
{
	char *page = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&page, &n);
	enum flt_status status = flt_page_of_json(out, text, length, err);
	fclose(out);
	ck_assert(status == FLT_OK || n == 0);
	if (status) {
		ck_assert_int_eq(err->status, status);
		free(page);
		return NULL;
	}
	const char *flaw = markup_flaw(page, n);
	ck_assert_msg(!flaw, "%s", flaw);
	ck_assert_uint_le(n, FLT_PAGE_MOST);
	return page;
}

static char *page_of(const json_t *report)
{
	struct flt_error err = {.text = ""};
	char *text = json_dumps(report, 0), *page = page_of_text(text, strlen(text), &err);
	ck_assert_msg(page != NULL, "%s", err.text);
	free(text);
	return page;
}

static void expect_in(const char *page, const char *text)
{
	ck_assert_msg(strstr(page, text) != NULL, "not in the page: %s", text);
}

static int count_in(const char *page, const char *text)
{
	int n = 0;
	ck_assert_ptr_nonnull(page);
	while ((page = strstr(page, text))) {
		page++;
		n++;
	}
	return n;
}

/* What a kind that was not worth going on with weighs is a word, as in the text report. */
START_TEST(a_stopped_kind_is_called_so)
{
	json_t *report = sample("train"), *kinds = json_object_get(json_object_get(report, "training"), "kinds");
	json_t *kind = json_array_get(kinds, 0);
	json_object_set_new(kind, "weight", json_integer(0));
	char *page = page_of(report);
	ck_assert_ptr_null(strstr(page, ">stopped<"));
	free(page);
	json_object_set_new(kind, "stopped", json_true());
	page = page_of(report);
	expect_in(page, "<td data-value=\"0\">stopped</td>");
	ck_assert_ptr_null(strstr(page, ">optimum<"));
	ck_assert_int_eq(count_in(page, ">stopped<"), 2); /* in the picture, too */
	free(page);
	json_object_set_new(json_array_get(kinds, 5), "optimum", json_true());
	page = page_of(report);
	ck_assert_int_eq(count_in(page, ">optimum<"), 1);
	free(page);
	json_decref(report);
}
END_TEST

START_TEST(numbers_have_the_digits_of_the_text_report)
{
	ck_assert_str_eq(flt_page_count(6000).text, "6000");
	ck_assert_str_eq(flt_page_count(30000).text, "30,000");
	ck_assert_str_eq(flt_page_count(1234567).text, "1,234,567");
	ck_assert_str_eq(flt_page_count(123456).text, "123,456");
	ck_assert_str_eq(flt_page_count(12.5).text, "12.5");
	ck_assert_str_eq(flt_page_count(12345.5).text, "12345.5");
	ck_assert_str_eq(flt_page_count(1e300).text, "1e+300");
	ck_assert_str_eq(flt_page_count(NAN).text, "-");
	ck_assert_str_eq(flt_page_short(24.5).text, "24.5");
	ck_assert_str_eq(flt_page_short(10587.3).text, "10,587");
	ck_assert_str_eq(flt_page_short(-1234567.8).text, "-1,234,568");
	ck_assert_str_eq(flt_page_short(1e12).text, "1e+12");
	ck_assert_str_eq(flt_page_short(-INFINITY).text, "-");
	ck_assert_str_eq(flt_page_significant(0.00213456, 3).text, "0.00213");
	ck_assert_str_eq(flt_page_significant(-1e300, 3).text, "-1.00e+300");
	ck_assert_str_eq(flt_page_share(0.005).text, "0.50 %");
	ck_assert_str_eq(flt_page_share(0.1414).text, "14.1 %");
	ck_assert_str_eq(flt_page_fraction(0.99957, 3).text, "0.99957");
	ck_assert_str_eq(flt_page_fraction(0, 3).text, "0");
	ck_assert_str_eq(flt_page_fraction(12.5, 3).text, "12.5");
	ck_assert_str_eq(flt_page_range(&(struct flt_range){0.587, 0.43, 0.73}).text, "0.587 [0.43, 0.73]");
	ck_assert_str_eq(flt_page_range(&(struct flt_range){0.587, NAN, NAN}).text, "0.587");
	ck_assert_str_eq(flt_page_range(&(struct flt_range){0.012, 0.0088, 0.0149}).text, "0.012 [0.009, 0.015]");
	ck_assert_str_eq(flt_page_range(&(struct flt_range){1e300, 0, 1e301}).text, "1.00e+300");
	ck_assert_str_eq(flt_page_small(&(struct flt_range){0.012, 0.004, 0.026}).text, "0.012 [0.004, 0.026]");
	ck_assert_str_eq(flt_page_small(&(struct flt_range){NAN, 0, 1}).text, "-");
	ck_assert_str_eq(flt_page_difference(&(struct flt_range){0.012, -0.003, 0.027}).text,
	                 "+0.012 [-0.003, +0.027]");
	ck_assert_str_eq(flt_page_alarms(&(struct flt_range){36.7, 24.2, 55.4}).text, "37 [24, 55]");
	ck_assert_str_eq(flt_page_exact(0.1).text, "0.1");
	ck_assert_str_eq(flt_page_exact(NAN).text, "");
}
END_TEST

/* Each tick says where it is. */
/* Where there is no room for all labels, 0 has one. */
START_TEST(zero_is_labelled)
{
	for (int lo = 1; lo < 5; lo++) {
		struct flt_html html = {0};
		struct flt_rows_chart chart = {.x = {.lo = -0.1 * lo, .hi = 0.7 - 0.1 * lo}, .n_rows = 1};
		flt_rows_begin(&chart, &html, 0, "");
		flt_rows_end(&chart);
		expect_in(html.buffer.bytes, ">0</text>");
		ck_assert_int_ge(count_in(html.buffer.bytes, "class=\"tick\""), 3);
		flt_html_release(&html);
	}
}
END_TEST

START_TEST(ticks_of_large_and_small_values)
{
	static const struct {
		double most;
		const char *label;
	} axes[] = {{250000, ">150k<"},    {25000, ">15k<"},      {2.5e6, ">1.5M<"},
	            {2.5e-4, ">0.00015<"}, {2.5e-5, ">1.5e-05<"}, {2500, ">1500<"}};
	for (size_t i = 0; i < sizeof axes / sizeof *axes; i++) {
		struct flt_html html = {.n_ids = 1};
		struct flt_chart chart = {.x = {.lo = 0, .hi = axes[i].most}, .y = {.lo = 0, .hi = axes[i].most}};
		flt_chart_begin(&chart, &html, "");
		flt_chart_end(&chart);
		expect_in(html.buffer.bytes, axes[i].label);
		flt_html_release(&html);
	}
}
END_TEST

START_TEST(foreign_text_is_inert)
{
	char longest[400], shown[400];
	ck_assert_str_eq(flt_shown_text("<b>&\"'").text, "&lt;b&gt;&amp;&quot;&#39;");
	ck_assert_str_eq(flt_shown_text("a\xe2\x80\xae"
	                                "b\x01\n")
	                         .text,
	                 "a\\u202eb\\x01\\x0a");
	ck_assert_str_eq(flt_shown_text("\xff\xc3").text, "\xef\xbf\xbd\xef\xbf\xbd");
	ck_assert_str_eq(flt_shown_text(NULL).text, "");
	ck_assert_str_eq(flt_shown_name("\xd7\x90").text, "<bdi>\xd7\x90</bdi>");
	ck_assert_str_eq(flt_shown_name("").text, "<bdi>(empty)</bdi>");
	memset(longest, '"', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	for (int i = 0; i < FLT_NAME_MOST; i++)
		memcpy(shown + 6 * i, "&quot;", 7);
	strcat(shown, "…");
	ck_assert_str_eq(flt_shown_text(longest).text, shown);
	ck_assert_uint_eq(strlen(flt_shown_name(longest).text), strlen(shown) + strlen("<bdi></bdi>"));
}
END_TEST

/* The name of a slice is made of two names, each of which may be cut: at a character, not in it. */
START_TEST(foreign_names_are_cut_between_characters)
{
	json_t *report = sample("evaluate"), *slice = json_array_get(json_object_get(report, "slices"), 0);
	for (int at = 0; at < 4; at++) {
		char name[400] = "", *end = name + sprintf(name, "%.*s", at, "xyz");
		while (end + 4 < name + sizeof name)
			end = stpcpy(end, "\xf0\x9f\x98\x80");
		json_object_set_new(slice, "column", json_string(name));
		char *page = page_of(report);
		ck_assert_ptr_null(strstr(page, "\xef\xbf\xbd"));
		expect_in(page, "\xf0\x9f\x98\x80: A<");
		free(page);
	}
	json_decref(report);
}
END_TEST

START_TEST(a_page_holds_what_the_report_does)
{
	json_t *report = sample("train");
	char *page = page_of(report);
	const json_t *verdict = json_object_get(json_object_get(report, "test"), "verdict");
	const char *sentence = json_string_value(json_array_get(json_object_get(verdict, "text"), 0));
	char *shown = malloc(6 * strlen(sentence) + 1), *end = shown;
	for (const char *c = sentence; *c; c++)
		end += sprintf(end, *c == '"' ? "&quot;" : "%c", *c);
	expect_in(page, shown);
	free(shown);
	for (size_t i = 0; i < 8; i++)
		expect_in(page, ((const char *[]){"id=\"verdict\"", "id=\"ranking\"", "id=\"thresholds\"",
		                                  "id=\"stop\"", "id=\"probabilities\"", "id=\"training\"",
		                                  "id=\"data\"", "id=\"reproduce\""})[i]);
	expect_in(page, "Content-Security-Policy");
	expect_in(page, "<meta name=\"generator\" content=\"fltrain ");
	free(page);
	json_decref(report);
}
END_TEST

/* With a prior, figures are of other rows than the counts are. */
START_TEST(chance_is_the_prevalence_of_the_figures)
{
	json_t *report = sample("train");
	json_object_set_new(json_object_get(report, "prior"), "figures", json_real(0.5));
	char *page = page_of(report);
	expect_in(page, "<path class=\"chance\" d=\"M46 130.0H390\"/>"); /* between 26 (1) and 234 (0) */
	free(page);
	json_object_del(report, "prior");
	page = page_of(report);
	expect_in(page, "<path class=\"chance\" d=\"M46 231.7H390\"/>"); /* 26 of 2400 rows */
	free(page);
	json_decref(report);
}
END_TEST

/* Only a rule that needs rows is chosen on some. */
START_TEST(a_threshold_says_where_it_comes_from)
{
	static const char *const rules[][2] = {
	        {"f1", "</strong>, by the rule <code>f1</code>, chosen on validation rows.</p>"},
	        {"cost:1:5", ", by the rule <code>cost:1:5</code>, what a false alarm costs and what a miss.</p>"},
	        {"0.3", "</strong>, as given.</p>"},
	};
	json_t *report = sample("train"), *figures = json_object_get(report, "test");
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		json_object_set_new(json_object_get(figures, "threshold"), "rule", json_string(rules[i][0]));
		char *page = page_of(report);
		expect_in(page, rules[i][1]);
		free(page);
	}
	json_decref(report);
}
END_TEST

/* Titles of starred figures have the star of the text report; at a threshold that was chosen here, only its own. */
START_TEST(stars_are_those_of_the_report)
{
	json_t *report = sample("train"), *figures = json_object_get(report, "test");
	const char *titles = "What each threshold would give*", *foot = "* measured on rows that had a part";
	const char *of_curves = "Thresholds of the curves*, with", *point = "* [";
	char *page = page_of(report);
	ck_assert(!strstr(page, titles) && !strstr(page, of_curves) && !strstr(page, point) && !strstr(page, foot));
	free(page);
	json_object_set_new(figures, "chosen_here", json_true());
	page = page_of(report);
	ck_assert(!strstr(page, titles) && !strstr(page, of_curves) && strstr(page, foot));
	ck_assert_int_eq(count_in(strstr(page, "<table id=\"points\""), point), 6); /* in both tables */
	free(page);
	json_object_set_new(figures, "starred", json_true());
	page = page_of(report);
	ck_assert(strstr(page, titles) && strstr(page, of_curves) && strstr(page, foot));
	ck_assert_ptr_null(strstr(strstr(page, "<table id=\"points\""), point));
	free(page);
	json_object_set_new(figures, "starred", json_false());
	json_object_set_new(figures, "chosen_here", json_false());
	json_object_set_new(json_object_get(figures, "threshold"), "starred", json_true());
	page = page_of(report);
	ck_assert(!strstr(page, titles) && !strstr(page, point) && strstr(page, foot));
	expect_in(page, "whose probability is at least <strong>0.024*</strong>");
	free(page);
	json_decref(report);
}
END_TEST

/* The chosen threshold is among the stops of the slider, which begins there. */
START_TEST(the_slider_begins_at_the_chosen_threshold)
{
	json_t *report = sample("train");
	char *page = page_of(report), *stops = strstr(page, "<table id=\"stops\""),
	     *row = strstr(stops, " class=\"chosen\"");
	ck_assert_ptr_nonnull(row);
	size_t n_before = 0, n_after = 0;
	const char *end = strstr(stops, "</table>");
	for (const char *tr = strstr(stops, "<tbody>"); (tr = strstr(tr + 1, "<tr")) && tr < end;)
		*(tr < row - 3 ? &n_before : &n_after) += 1;
	char slider[64];
	snprintf(slider, sizeof slider, "max=\"%zu\" step=\"1\" value=\"%zu\"", n_before + n_after - 1, n_after - 1);
	expect_in(page, slider);
	free(page);
	json_decref(report);
}
END_TEST

START_TEST(each_schema_has_a_page)
{
	json_t *report = sample(REPORTS[_i]), *bare = json_pack("{sO}", "schema", json_object_get(report, "schema"));
	char *page = page_of(report), *bare_page = page_of(bare);
	ck_assert_uint_gt(strlen(page), strlen(bare_page) + 2000);
	free(page);
	free(bare_page);
	json_decref(bare);
	json_decref(report);
}
END_TEST

/* ---- reports that are not as they should be ---- */

static json_t *replacement(int how)
{
	switch (how) {
	case 0:
		return json_null();
	case 1:
		return json_string("</script><script>alert(1)</script>");
	case 2:
		return json_real(-1e308);
	case 3:
		return json_object();
	case 4:
		return json_pack("[n, f, s, {}]", 1e308, "x");
	case 5:
		return json_real(5e-324);
	default:
		return json_true();
	}
}

enum { N_REPLACEMENTS = 7 };

static size_t n_replaced;

/* Renders the report with null, and with one of the other replacements, where `put` put them. */
#define RENDER_REPLACED(report, put)                                                                                   \
	do {                                                                                                           \
		json_t *value_put = json_null();                                                                       \
		put;                                                                                                   \
		free(page_of(report));                                                                                 \
		value_put = replacement((int)(n_replaced++ % (N_REPLACEMENTS - 1)) + 1);                               \
		put;                                                                                                   \
		free(page_of(report));                                                                                 \
	} while (0)

/* Replaces each value within this one in turn. */
static void render_without(json_t *report, json_t *value)
{
	const char *key;
	json_t *child;
	void *next;
	if (json_is_object(value))
		json_object_foreach_safe(value, next, key, child)
		{
			if (strcmp(key, "schema") == 0)
				continue;
			json_incref(child);
			RENDER_REPLACED(report, json_object_set_new(value, key, value_put));
			json_object_set(value, key, child);
			render_without(report, child);
			json_decref(child);
		}
	for (size_t i = 0; i < json_array_size(value); i++) {
		child = json_incref(json_array_get(value, i));
		RENDER_REPLACED(report, json_array_set_new(value, i, value_put));
		json_array_set(value, i, child);
		render_without(report, child);
		json_decref(child);
	}
}

/* Leaves two items of each array, so that there are not too many pages to make. */
static void thin(json_t *value)
{
	const char *key;
	json_t *child;
	size_t i;
	if (json_is_object(value))
		json_object_foreach(value, key, child) thin(child);
	while (json_array_size(value) > 2)
		json_array_remove(value, 2);
	for (i = 0; i < json_array_size(value); i++)
		thin(json_array_get(value, i));
}

START_TEST(what_a_report_lacks_is_left_out)
{
	json_t *report = sample(REPORTS[_i]);
	thin(report);
	render_without(report, report);
	ck_assert_uint_gt(n_replaced, 100);
	json_decref(report);
}
END_TEST

static const char HOSTILE[] =
        "\"'><script>alert(1)</script>&\xe2\x80\xae\xd7\x90\xf0\x9f\x98\x80 <img src=x onerror=1>";

/* Each text becomes a hostile one of about so many bytes, and each array has so many times its items. */
static void make_hostile(json_t *value, size_t n_bytes, size_t times)
{
	static char hostile[10001];
	const char *key;
	json_t *child;
	size_t i, n = json_array_size(value);
	hostile[0] = '\0';
	for (i = 0; i + sizeof HOSTILE <= n_bytes; i += sizeof HOSTILE - 1)
		memcpy(hostile + i, HOSTILE, sizeof HOSTILE);
	if (json_is_object(value))
		json_object_foreach(value, key, child)
		{
			if (json_is_string(child) && strcmp(key, "schema") != 0)
				json_string_set(child, hostile);
			make_hostile(child, n_bytes, times);
		}
	for (i = 0; i < n; i++) {
		child = json_array_get(value, i);
		if (json_is_string(child))
			json_string_set(child, hostile);
		make_hostile(child, n_bytes, times);
	}
	for (i = 0; i < n * (times - 1); i++)
		json_array_append(value, json_array_get(value, i % n));
}

/* With texts of 10,000 bytes; with more items in each list; with many more of the same two. */
START_TEST(no_report_makes_a_page_too_large)
{
	static const size_t bytes[] = {10000, 400, 400}, times[] = {1, 4, 20};
	int how = _i % 3;
	json_t *report = sample(REPORTS[_i / 3]);
	if (how == 2)
		thin(report);
	make_hostile(report, bytes[how], times[how]);
	char *page = page_of(report);
	ck_assert_ptr_null(strstr(page, "<img"));
	ck_assert_ptr_null(strstr(page, "\xe2\x80\xae"));
	free(page);
	json_decref(report);
}
END_TEST

static void expect_refused(const char *text, const char *sentence)
{
	struct flt_error err = {.text = ""};
	char *page = page_of_text(text, strlen(text), &err);
	ck_assert_ptr_null(page);
	ck_assert_int_eq(err.status, FLT_ERR_DATA);
	ck_assert_str_eq(err.text, sentence);
}

START_TEST(what_is_no_report_is_refused)
{
	char deep[200];
	expect_refused("{\"schema\": \"fltrain.predict/1\"}",
	               "is of schema \"fltrain.predict/1\", which has no page; give a report of train, evaluate, cv, "
	               "compare, check or explain (fltrain.train/1 and so on)");
	expect_refused("{\"schema\": 1}", "holds no \"schema\", so it is no report; give a file that --json wrote");
	expect_refused("[]", "holds no \"schema\", so it is no report; give a file that --json wrote");
	expect_refused("{\"a\": 1,\n \"b\" 2}",
	               "line 2 is not JSON (':' expected near '2'); give a file that --json wrote");
	expect_refused("", "line 1 is not JSON ('[' or '{' expected near end of file); give a file that --json wrote");
	memset(deep, '[', sizeof deep);
	deep[sizeof deep - 1] = '\0';
	expect_refused(deep, "nests too deep or holds too many values for a report; give a file that --json wrote");
}
END_TEST

START_TEST(a_failed_allocation_is_said)
{
	json_t *report = sample(REPORTS[_i]);
	char *text = json_dumps(report, 0), *page = NULL;
	size_t live = flt_alloc_live();
	for (unsigned long k = 1; !page; k++) {
		struct flt_error err = {.text = ""};
		flt_alloc_fail_at(k);
		page = page_of_text(text, strlen(text), &err);
		flt_alloc_fail_at(0);
		ck_assert(page || err.status == FLT_ERR_MACHINE);
		ck_assert_uint_eq(flt_alloc_live(), live);
		ck_assert_uint_lt(k, 1000);
	}
	free(page);
	free(text);
	json_decref(report);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("page");
	TCase *tests = tcase_create("page");
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, numbers_have_the_digits_of_the_text_report);
	tcase_add_test(tests, zero_is_labelled);
	tcase_add_test(tests, ticks_of_large_and_small_values);
	tcase_add_test(tests, foreign_text_is_inert);
	tcase_add_test(tests, foreign_names_are_cut_between_characters);
	tcase_add_test(tests, a_page_holds_what_the_report_does);
	tcase_add_test(tests, chance_is_the_prevalence_of_the_figures);
	tcase_add_test(tests, a_threshold_says_where_it_comes_from);
	tcase_add_test(tests, a_stopped_kind_is_called_so);
	tcase_add_test(tests, stars_are_those_of_the_report);
	tcase_add_test(tests, the_slider_begins_at_the_chosen_threshold);
	tcase_add_loop_test(tests, each_schema_has_a_page, 0, N_REPORTS);
	tcase_add_loop_test(tests, what_a_report_lacks_is_left_out, 0, N_REPORTS);
	tcase_add_loop_test(tests, no_report_makes_a_page_too_large, 0, 3 * N_REPORTS);
	tcase_add_test(tests, what_is_no_report_is_refused);
	tcase_add_loop_test(tests, a_failed_allocation_is_said, 0, N_REPORTS);
	suite_add_tcase(suite, tests);
	return suite;
}
