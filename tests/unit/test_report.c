#include "report/report.h"

#include <jansson.h>
#include <math.h>

#include "base/alloc.h"
#include "fltrain/version.h"
#include "csv_file.h"
#include "report/layout.h"
#include "report/progress.h"
#include "report/terminal_stream.h"
#include "report/verdict_text.h"
#include "run_experiment.h"
#include "suite.h"

/* What a piece of code writes, as text. */
static char *written;
static size_t written_size;

static FILE *begin(void)
{
	FILE *stream = open_memstream(&written, &written_size);
	ck_assert_ptr_nonnull(stream);
	return stream;
}

static void expect(FILE *stream, const char *text)
{
	fclose(stream);
	ck_assert_str_eq(written, text);
	free(written);
}

START_TEST(figures_have_the_digits_that_count)
{
	ck_assert_str_eq(flt_significant(0.00213456, 3).text, "0.00213");
	ck_assert_str_eq(flt_significant(14.26, 3).text, "14.3");
	ck_assert_str_eq(flt_significant(1234.5, 2).text, "1234");
	ck_assert_str_eq(flt_significant(-0.5, 2).text, "-0.50");
	ck_assert_str_eq(flt_significant(3.14e-9, 2).text, "3.1e-09");
	ck_assert_str_eq(flt_significant(0, 2).text, "0");
	ck_assert_str_eq(flt_significant(NAN, 2).text, "-");
	ck_assert_str_eq(flt_significant(-INFINITY, 2).text, "-");
	ck_assert_str_eq(flt_share(0.005).text, "0.50 %");
	ck_assert_str_eq(flt_share(0.1414).text, "14.1 %");
	ck_assert_str_eq(flt_share(1).text, "100 %");
	ck_assert_str_eq(flt_fraction(0.58724, 3).text, "0.587");
	ck_assert_str_eq(flt_fraction(0.0056, 3).text, "0.0056");
	ck_assert_str_eq(flt_fraction(0.99957, 3).text, "0.99957");
	ck_assert_str_eq(flt_fraction(0.908, 2).text, "0.91");
	ck_assert_str_eq(flt_fraction(0.9967, 2).text, "0.997");
	ck_assert_str_eq(flt_fraction(0, 3).text, "0");
	ck_assert_str_eq(flt_fraction(1, 3).text, "1");
	ck_assert_str_eq(flt_fraction(-0.25, 3).text, "-0.250");
	ck_assert_str_eq(flt_fraction(1e-12, 3).text, "0.00000000");
	ck_assert_str_eq(flt_fraction(NAN, 3).text, "-");
	ck_assert_str_eq(flt_shown_interval(&(struct flt_interval){0.587, 0.43, 0.73}, "").text, "0.587 [0.43, 0.73]");
	ck_assert_str_eq(flt_shown_interval(&(struct flt_interval){0.587, 0.43, 1}, "*").text, "0.587* [0.43, 1]");
	ck_assert_str_eq(flt_shown_interval(&(struct flt_interval){0.1807, 0.1766, 0.1847}, "").text,
	                 "0.181 [0.177, 0.185]");
	ck_assert_str_eq(flt_shown_interval(&(struct flt_interval){0.012, 0.0088, 0.0149}, "").text,
	                 "0.012 [0.009, 0.015]");
	ck_assert_str_eq(flt_shown_interval(&(struct flt_interval){0.012, 0.004, 0.026}, "").text,
	                 "0.012 [0.004, 0.026]");
	ck_assert_str_eq(flt_shown_interval(&(struct flt_interval){0.0098889, 0.0098337, 0.0099444}, "").text,
	                 "0.0099 [0.0098, 0.0099]");
	ck_assert_str_eq(flt_shown_interval(&(struct flt_interval){0.607, 0.6051, 0.70}, "").text,
	                 "0.607 [0.605, 0.700]");
	ck_assert_str_eq(flt_shown_interval(&(struct flt_interval){0.9996, 0.93, 0.9999}, "").text,
	                 "0.9996 [0.930, 1.000]");
	ck_assert_str_eq(flt_shown_interval(&(struct flt_interval){0.99992, 0.9998, 0.99997}, "").text,
	                 "0.9999 [0.9998, 1.0000]");
	ck_assert_str_eq(flt_shown_interval(&(struct flt_interval){0.5, 0.5, 0.5}, "").text, "0.500 [0.50, 0.50]");
	ck_assert_str_eq(flt_shown_interval(&(struct flt_interval){-0.0004, -0.003, 0.021}, "").text,
	                 "0.000 [-0.003, 0.021]");
	ck_assert_str_eq(flt_shown_interval(&(struct flt_interval){NAN, NAN, NAN}, "").text, "-");
	ck_assert_str_eq(flt_shown_short(&(struct flt_interval){0.67, 0.53, 0.78}, "*").text, "0.67* [0.53, 0.78]");
	ck_assert_str_eq(flt_shown_short(&(struct flt_interval){0.96, 0.956, 0.9642}, "").text, "0.960 [0.956, 0.964]");
	ck_assert_str_eq(flt_shown_small(&(struct flt_interval){0.00167, -0.00033, 0.0037}, "").text,
	                 "0.0017 [-0.0003, 0.0037]");
	ck_assert_str_eq(flt_shown_small(&(struct flt_interval){0.012, 0.0087, 0.0151}, "").text,
	                 "0.012 [0.009, 0.015]");
	ck_assert_str_eq(flt_shown_small(&(struct flt_interval){12.3, 10.1, 14.7}, "").text, "12 [10, 15]");
	ck_assert_str_eq(flt_duration(1.904).text, "1.90 s");
	ck_assert_str_eq(flt_duration(12.34).text, "12.3 s");
	ck_assert_str_eq(flt_duration(119.7).text, "2 min 00 s");
}
END_TEST

START_TEST(names_from_the_data_cannot_move_the_cursor)
{
	ck_assert_str_eq(flt_quoted("amount").text, "\"amount\"");
	ck_assert_str_eq(flt_quoted("").text, "\"\"");
	ck_assert_str_eq(flt_quoted("a\033[2Jb\n").text, "\"a\\x1b[2Jb\\x0a\"");
	ck_assert_str_eq(flt_quoted("a\xc2\x9b"
	                            "b")
	                         .text,
	                 "\"a\\x9bb\"");
	ck_assert_str_eq(flt_quoted("a\xe2\x80\xae\xc2\xad").text, "\"a\\u202e\\xad\"");
	ck_assert_str_eq(flt_quoted("gr\xc3\xb6\xc3\x9f"
	                            "e")
	                         .text,
	                 "\"gr\xc3\xb6\xc3\x9f"
	                 "e\"");
	ck_assert_str_eq(flt_quoted("0123456789012345678901234567890123456789").text,
	                 "\"0123456789012345678901234567890123456789\"");
	ck_assert_str_eq(flt_quoted("01234567890123456789012345678901234567890").text,
	                 "\"0123456789012345678901234567890123456789...\"");
	char long_name[600];
	memset(long_name, 0x01, sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	ck_assert_uint_lt(strlen(flt_quoted(long_name).text), sizeof(struct quoted));
}
END_TEST

START_TEST(lines_wrap_at_their_separators)
{
	FILE *out = begin();
	struct flt_layout layout = {.out = out};
	flt_layout_heading(&layout, "data");
	flt_layout_item(&layout, "; ", "%050d", 1);
	flt_layout_item(&layout, "; ", "%018d", 2); /* would end in column 81 */
	flt_layout_item(&layout, "; ", "x");
	flt_layout_line(&layout, 2);
	flt_layout_item(&layout, "   ", "%040d", 3);
	flt_layout_item(&layout, "   ", "%025d", 4);
	flt_layout_end(&layout);
	expect(out, "data       00000000000000000000000000000000000000000000000001;\n"
	            "           000000000000000002; x\n"
	            "             0000000000000000000000000000000000000003\n"
	            "             0000000000000000000000004\n");
}
END_TEST

/* An item ends early enough for the mark that may follow it; "and" goes with what it joins. */
START_TEST(punctuation_has_room)
{
	FILE *out = begin();
	struct flt_layout layout = {.out = out};
	flt_layout_heading(&layout, "data");
	flt_layout_item(&layout, ", ", "%050d", 1);
	flt_layout_item(&layout, ", ", "%017d", 2); /* would end in column 80 */
	flt_layout_item(&layout, ", ", "%049d", 3); /* in column 79 */
	flt_layout_item(&layout, ", ", "%016d", 4);
	flt_layout_item(&layout, ", ", "%066d", 5);
	flt_layout_item(&layout, " and ", "x");
	flt_layout_end(&layout);
	expect(out, "data       00000000000000000000000000000000000000000000000001,\n"
	            "           00000000000000002, 0000000000000000000000000000000000000000000000003,\n"
	            "           0000000000000004,\n"
	            "           000000000000000000000000000000000000000000000000000000000000000005\n"
	            "           and x\n");
}
END_TEST

START_TEST(columns_of_a_table_are_characters)
{
	FILE *out = begin();
	flt_say_padded(out, "gr\u00fc\u00dfe\033", 8);
	flt_say_padded(out, "gr\u00fc\u00dfe", 3);
	flt_say_padded(out, "", 2);
	expect(out, "gr\u00fc\u00dfe?  gr\u00fc  ");
}
END_TEST

/* stdio cuts the stream's bytes where it likes; the first half of a character waits for the other. */
START_TEST(a_terminal_gets_no_control_characters)
{
	FILE *out = begin(), *stream;
	struct flt_error err;
	ck_assert_int_eq(flt_terminal_stream(out, &stream, &err), FLT_OK);
	setvbuf(stream, NULL, _IONBF, 0);
	const char *bytes = "gr\xc3\xb6\xc3\x9f\t\x9b\n\x9b"
	                    "e\033[2J\xe2\x80\xae\xc2\x9b\x9b\xe2\x82\xac\xe4\r\n\xa0\x80\x80\x80\x80\xe2\x82";
	for (; *bytes; bytes++)
		fputc(*bytes, stream);
	fclose(stream);
	expect(out, "gr\xc3\xb6\xc3\x9f\t?\n?e?[2J???\xe2\x82\xac\xe4?\n\xa0????\xe2?");
	flt_alloc_fail_at(1);
	ck_assert_int_eq(flt_terminal_stream(stdout, &stream, &err), FLT_ERR_MACHINE);
	flt_alloc_fail_at(0);
}
END_TEST

/* 80 columns for a file, those of a terminal, 40 to 120: width, and how many words of nine
 * letters then fit behind a heading. */
static const size_t widths[][2] = {{0, 7}, {20, 3}, {40, 3}, {60, 5}, {80, 7}, {90, 8}, {100, 9}, {120, 11}, {500, 11}};

START_TEST(lines_are_as_wide_as_the_terminal)
{
	FILE *out = begin();
	struct flt_layout layout = {.out = out, .style.width = widths[_i][0]};
	flt_layout_heading(&layout, "test");
	for (size_t i = 0; i < 5; i++)
		flt_layout_prose(&layout, "%s %s %s", "ninewords", "ninewords", "ninewords");
	flt_layout_end(&layout);
	fclose(out);
	ck_assert_uint_eq(strcspn(written, "\n"), 11 + 10 * widths[_i][1] - 1);
	ck_assert_int_eq(strncmp(strchr(written, '\n') + 1, "           ninewords ", 21), 0);
	free(written);
}
END_TEST

START_TEST(colours_are_only_added)
{
	FILE *out = begin();
	struct flt_layout layout = {.out = out, .style.colour = true};
	flt_layout_heading(&layout, "test");
	flt_layout_tone(&layout, FLT_TONE_GOOD);
	flt_layout_item(&layout, "", "x");
	flt_layout_tone(&layout, FLT_TONE_PLAIN);
	flt_layout_end(&layout);
	flt_say_warning(out, layout.style, "%s\n", "y\033[31m");
	layout.style.colour = false;
	flt_layout_tone(&layout, FLT_TONE_BAD);
	flt_say_warning(out, layout.style, "%s\n", "z");
	expect(out, "\033[1mtest\033[0m       \033[32mx\033[39m\nfltrain: \033[33mwarning:\033[39m y?[31m\n"
	            "fltrain: warning: z\n");
}
END_TEST

/* Names are padded and cut by what they take on a terminal, so that columns stand below each other. */
START_TEST(wide_names_stay_in_their_column)
{
	FILE *out = begin();
	flt_say_padded(out, "\346\227\245\346\234\254", 6);
	flt_say_padded(out, "\346\227\245\346\234\254\350\252\236", 5);
	flt_say_padded(out, "e\314\201", 3);
	fputs("|", out);
	expect(out, "\346\227\245\346\234\254  \346\227\245\346\234\254 e\314\201  |");
}
END_TEST

START_TEST(progress_is_one_line)
{
	FILE *out = begin();
	struct flt_progress bar = flt_progress_start(out, FLT_PROGRESS_BAR, "training");
	flt_report_progress(&bar, 0, NAN, NULL);
	flt_report_progress(&bar, 0.25, 5.2, "validation PR-AUC 0.512");
	flt_report_progress(&bar, 0.01, 198, NULL);
	flt_report_progress(&bar, 0.999, 7500, "3 of 15 trainings");
	flt_report_progress(&bar, 1, 0, NULL);
	flt_progress_turn(&bar, "evaluating");
	expect(out, "\rtraining   [>                       ]   0 %\033[K"
	            "\rtraining   [======>                 ]  25 %  6 s left  validation PR-AUC 0.512\033[K"
	            "\rtraining   [>                       ]   1 %  3 min 18 s left\033[K"
	            "\rtraining   [=======================>]  99 %  2 h 05 min left  3 of 15 trainings\033[K"
	            "\rtraining   [========================] 100 %  0 s left\033[K"
	            "\revaluating\033[K");
}
END_TEST

/* What wraps would not be redrawn in place. */
START_TEST(a_bar_keeps_within_its_terminal)
{
	const struct {
		size_t width;
		const char *shown;
	} terminals[] = {
	        {0, "\rtraining   [============>           ]  50 %  7 min 05 s left  3 of 15 trainings\033[K"},
	        {79, "\rtraining   [============>           ]  50 %  7 min 05 s left\033[K"},
	        {50, "\rtraining   [======>      ]  50 %  7 min 05 s left\033[K"},
	        {41, "\rtraining   [==> ]  50 %  7 min 05 s left\033[K"},
	        {32, "\rtraining    50 %  7 min 05 s left\033[K"},
	};
	for (size_t i = 0; i < sizeof terminals / sizeof *terminals; i++) {
		FILE *out = begin();
		struct flt_progress bar = flt_progress_start(out, FLT_PROGRESS_BAR, "training");
		bar.width = terminals[i].width;
		flt_report_progress(&bar, 0.5, 425, "3 of 15 trainings");
		expect(out, terminals[i].shown);
	}
}
END_TEST

START_TEST(progress_is_a_line_of_words_or_of_json)
{
	FILE *out = begin();
	struct flt_progress lines = flt_progress_start(out, FLT_PROGRESS_LINES, "training");
	struct flt_progress json = flt_progress_start(out, FLT_PROGRESS_JSON, "training");
	flt_progress_show(&lines, 0, NAN, NULL); /* too soon */
	lines.shown -= 10;
	flt_progress_show(&lines, 0.256, 130, "3 of 15 trainings");
	lines.shown -= 10;
	flt_progress_show(&lines, NAN, NAN, "");
	flt_progress_turn(&lines, "evaluating");
	flt_progress_clear(&lines);
	flt_progress_show(&json, 0.25, 12.34, NULL);
	flt_progress_show(&json, 0.5, 8, NULL); /* too soon */
	json.shown -= 1;
	flt_progress_show(&json, 0.75, 4, "3 of 15 trainings");
	flt_progress_turn(&json, "evaluating");
	flt_progress_clear(&json);
	expect(out, "fltrain: training: 25 %, 2 min 10 s left, 3 of 15 trainings\n"
	            "fltrain: training\n"
	            "{\"doing\":\"training\",\"share\":0.2500,\"seconds_left\":12.3,\"note\":null}\n"
	            "{\"doing\":\"training\",\"share\":0.7500,\"seconds_left\":4.0,\"note\":\"3 of 15 trainings\"}\n"
	            "{\"doing\":\"evaluating\",\"share\":null,\"seconds_left\":null,\"note\":null}\n");
}
END_TEST

START_TEST(progress_is_redrawn_now_and_then)
{
	FILE *out = begin();
	struct flt_progress progress = flt_progress_start(out, FLT_PROGRESS_BAR, "reading");
	flt_progress_show(&progress, 0, NAN, NULL);
	ck_assert(!flt_progress_is_due(&progress));
	flt_progress_show(&progress, 0.5, 1, NULL); /* too soon */
	progress.shown -= 1;
	ck_assert(flt_progress_is_due(&progress));
	flt_progress_show(&progress, 0, NAN, "late");
	flt_progress_show(&progress, 1, 0, NULL); /* the last is always drawn, as is what has no length */
	flt_progress_turn(&progress, "waiting");
	flt_progress_clear(&progress);
	expect(out, "\rreading    [>                       ]   0 %\033[K"
	            "\rreading    [>                       ]   0 %  late\033[K"
	            "\rreading    [========================] 100 %  0 s left\033[K"
	            "\rwaiting\033[K"
	            "\r\033[K");
	struct flt_progress hidden = flt_progress_start(NULL, FLT_PROGRESS_NONE, "reading");
	flt_progress_show(&hidden, 1, 0, NULL);
	ck_assert(!flt_progress_is_due(&hidden));
	flt_progress_clear(&hidden);
}
END_TEST

START_TEST(time_left_follows_what_was_done_since_the_start)
{
	ck_assert_double_eq_tol(flt_seconds_left(10, 0.25, 0), 30, 1e-9);
	ck_assert_double_eq_tol(flt_seconds_left(10, 0.75, 0.5), 10, 1e-9); /* a checkpoint had half of it */
	ck_assert(flt_seconds_left(10, 1, 0) == 0);
	ck_assert(isnan(flt_seconds_left(10, 0, 0)) && isnan(flt_seconds_left(10, 0.5, 0.5)));
	struct flt_progress progress = flt_progress_start(NULL, FLT_PROGRESS_NONE, "training");
	progress.started -= 100;
	ck_assert_double_eq_tol(flt_progress_left(&progress, 0.5, 0), 100, 5);
}
END_TEST

/* One experiment on a table with an id, for all that follows. */
static struct flt_table *table;
static struct flt_experiment *experiment;

static void make_experiment(void)
{
	static struct csv_file file;
	csv_simulate(&file, 1);
	struct flt_table_options reading = {.id = "customer", .drop = "day"};
	table = csv_read(&file, &reading);
	struct flt_fit_options options;
	flt_fit_options_init(&options);
	options.train.n_hidden = 1;
	options.train.hidden[0] = 4;
	options.train.epochs = 2;
	struct flt_split_options split = {.test_fraction = 0.2, .validation_fraction = 0.2, .seed = 1};
	struct flt_error err = {0};
	ck_assert_int_eq(run_experiment(table, NULL, &split, &options, NULL, &experiment, &err), FLT_OK);
}

static void free_experiment(void)
{
	flt_experiment_free(experiment);
	flt_table_free(table);
}

static json_t *report_as_json(void)
{
	struct flt_report_about about = {.seconds_total = 1, .command = "fltrain --seed 1 'my file.csv'"};
	struct flt_error err = {0};
	char *text;
	ck_assert_int_eq(flt_report_train_json(experiment, &about, &text, &err), FLT_OK);
	json_error_t problem;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
	ck_assert_msg(root != NULL, "%s at %d: %s", problem.text, problem.position, text);
	flt_free(text);
	return root;
}

/* What the text report opens with, word for word: its lines up to the table of thresholds, without their breaks. */
START_TEST(the_verdict_has_the_words_of_the_text)
{
	char joined[2000] = "", shown[2000] = "";
	json_t *root = report_as_json(), *sentence;
	size_t i;
	json_array_foreach(json_object_get(json_object_get(json_object_get(root, "test"), "verdict"), "text"), i,
	                   sentence)
	{
		const char *text = json_string_value(sentence);
		ck_assert_ptr_nonnull(text);
		ck_assert(strchr(".)", text[strlen(text) - 1]));
		snprintf(joined + strlen(joined), sizeof joined - strlen(joined), " %s", text);
	}
	ck_assert_uint_ge(i, 3);
	struct flt_report_about about = {.seconds_total = 1};
	FILE *out = begin();
	flt_report_train_text(out, experiment, &about);
	fclose(out);
	char *rest = strstr(written, "\ntest ") + strlen("\ntest "), *end = strstr(rest, "\nthresholds");
	ck_assert_ptr_nonnull(end);
	*end = '\0';
	for (char *word; (word = strtok_r(rest, " \n", &rest));)
		snprintf(shown + strlen(shown), sizeof shown - strlen(shown), " %s", word);
	ck_assert_str_eq(joined, shown);
	free(written);
	json_decref(root);
}
END_TEST

START_TEST(json_says_how_it_came_about)
{
	json_t *root = report_as_json(), *reproduce = json_object_get(root, "reproduce");
	ck_assert_str_eq(json_string_value(json_object_get(reproduce, "command")), "fltrain --seed 1 'my file.csv'");
	ck_assert_str_eq(json_string_value(json_object_get(reproduce, "version")), flt_version());
	ck_assert_str_eq(json_string_value(json_object_get(reproduce, "data_sha256")), flt_table_sha256(table));
	ck_assert(json_is_null(json_object_get(reproduce, "test_sha256")));
	ck_assert(json_is_null(json_object_get(reproduce, "model_sha256"))); /* none was written */
	json_decref(root);
}
END_TEST

START_TEST(json_reads_back_exactly)
{
	json_t *root = report_as_json();
	json_t *test = json_object_get(root, "test");
	ck_assert_str_eq(json_string_value(json_object_get(root, "schema")), "fltrain.train/1");
	ck_assert_double_eq(json_number_value(json_object_get(json_object_get(test, "ap"), "value")),
	                    experiment->evaluation.figures.ap.value);
	ck_assert_double_eq(json_number_value(json_object_get(test, "log_loss")),
	                    experiment->evaluation.figures.log_loss);
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(test, "confusion"), "tn")),
	                 (json_int_t)experiment->evaluation.figures.chosen.confusion.tn);
	ck_assert(json_is_null(json_object_get(json_object_get(test, "ap"), "unseen")));
	json_decref(root);
}
END_TEST

START_TEST(json_holds_the_keys_of_the_contract)
{
	static const char *const paths[][3] = {
	        {"data", "rows"},
	        {"data", "columns"},
	        {"data", "target"},
	        {"data", "positive"},
	        {"data", "positives"},
	        {"data", "prevalence"},
	        {"data", "missing"},
	        {"data", "identical"},
	        {"split", "fit", "rows"},
	        {"split", "validation", "positives"},
	        {"split", "test", "rows"},
	        {"model"},
	        {"training", "epochs"},
	        {"training", "best_epoch"},
	        {"test", "rows"},
	        {"test", "positives"},
	        {"test", "verdict", "ranks_better_than_guessing"},
	        {"test", "verdict", "flags_better_than_guessing"},
	        {"test", "verdict", "few_positives"},
	        {"test", "operating_points"},
	        {"test", "ap", "value"},
	        {"test", "ap", "lo"},
	        {"test", "ap", "hi"},
	        {"test", "ap", "chance"},
	        {"test", "ap", "chance95"},
	        {"test", "roc_auc"},
	        {"test", "threshold", "rule"},
	        {"test", "threshold", "score"},
	        {"test", "threshold", "probability"},
	        {"test", "confusion", "tp"},
	        {"test", "confusion", "fp"},
	        {"test", "confusion", "fn"},
	        {"test", "confusion", "tn"},
	        {"test", "precision"},
	        {"test", "recall"},
	        {"test", "f1"},
	        {"test", "mcc"},
	        {"test", "accuracy"},
	        {"test", "log_loss"},
	        {"test", "brier"},
	        {"test", "ece"},
	        {"test", "at_half", "precision"},
	        {"test", "pr_auc", "davis_goadrich"},
	        {"test", "pr_auc", "trapezoid"},
	        {"test", "precision_at_k"},
	        {"test", "recall_at_precision"},
	        {"majority", "accuracy"},
	        {"majority", "recall"},
	        {"seconds", "read"},
	        {"seconds", "prepare"},
	        {"seconds", "train"},
	        {"seconds", "evaluate"},
	        {"seconds", "total"},
	};
	json_t *root = report_as_json();
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		json_t *value = root;
		for (size_t k = 0; k < 3 && paths[i][k]; k++) {
			value = json_object_get(value, paths[i][k]);
			ck_assert_msg(value != NULL, "%s of %s is missing", paths[i][k], paths[i][0]);
		}
	}
	json_decref(root);
}
END_TEST

/* The value under keys separated by blanks. */
static json_t *value_at(json_t *root, const char *path)
{
	char text[100], *rest = text;
	json_t *value = root;
	snprintf(text, sizeof text, "%s", path);
	for (char *key; (key = strtok_r(rest, " ", &rest));)
		value = json_object_get(value, key);
	ck_assert_msg(value != NULL, "%s is missing", path);
	return value;
}

START_TEST(json_holds_the_figures_of_the_experiment)
{
	const struct flt_figures *figures = &experiment->evaluation.figures;
	const struct flt_split *split = &experiment->split;
	const struct flt_train_result *trained = &experiment->fit.train[0];
	const struct {
		const char *path;
		double value;
	} numbers[] = {
	        {"data rows", (double)flt_table_n_rows(table)},
	        {"data positives", (double)flt_table_n_positive(table)},
	        {"data missing", (double)flt_table_n_missing(table)},
	        {"split fit rows", (double)split->n_rows[FLT_FIT]},
	        {"split fit positives", (double)split->n_positive[FLT_FIT]},
	        {"split validation rows", (double)split->n_rows[FLT_VALIDATION]},
	        {"split test rows", (double)split->n_rows[FLT_TEST]},
	        {"training best_epoch", (double)trained->best_epoch},
	        {"training loss", trained->best.loss},
	        {"training validation_loss", trained->best.validation_loss},
	        {"training validation_ap", trained->best.validation_ap},
	        {"test verdict rows", (double)split->n_rows[FLT_TEST]},
	        {"test verdict flagged", figures->chosen.confusion.tp + figures->chosen.confusion.fp},
	        {"test verdict right", figures->chosen.confusion.tp},
	        {"test verdict missed", figures->chosen.confusion.fn},
	        {"test ap lo", figures->ap.lo},
	        {"test ap hi", figures->ap.hi},
	        {"test ap chance", figures->chance},
	        {"test ap chance95", figures->chance95},
	        {"test roc_auc value", figures->roc_auc.value},
	        {"test confusion tp", (double)figures->chosen.confusion.tp},
	        {"test confusion fp", (double)figures->chosen.confusion.fp},
	        {"test confusion fn", (double)figures->chosen.confusion.fn},
	        {"test precision value", figures->chosen.precision.value},
	        {"test recall value", figures->chosen.recall.value},
	        {"test f1 value", figures->chosen.f1.value},
	        {"test mcc value", figures->chosen.mcc.value},
	        {"test accuracy", figures->chosen.accuracy},
	        {"test at_half recall value", figures->at_half.recall.value},
	        {"test brier", figures->brier},
	        {"test ece", figures->ece},
	        {"test mean_probability", figures->mean_probability},
	        {"test threshold probability", experiment->detector->choice.threshold},
	        {"test threshold score", experiment->evaluation.threshold_score},
	        {"majority accuracy", figures->majority_accuracy},
	        {"majority recall", 0}, /* positives are the rarer class */
	};
	json_t *root = report_as_json();
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		json_t *value = value_at(root, numbers[i].path);
		bool is_nan = isnan(numbers[i].value);
		ck_assert_msg(is_nan ? json_is_null(value) : json_number_value(value) == numbers[i].value,
		              "%s is not %.17g", numbers[i].path, numbers[i].value);
	}
	ck_assert_str_eq(json_string_value(value_at(root, "test threshold chosen_on")), "validation");
	ck_assert(json_is_null(value_at(root, "attainable_ap")));
	json_decref(root);
}
END_TEST

START_TEST(what_is_known_of_the_data_is_reported)
{
	struct flt_report_about about = {.attainable_ap = 0.75};
	struct flt_error err;
	char *text;
	ck_assert_int_eq(flt_report_train_json(experiment, &about, &text, &err), FLT_OK);
	ck_assert_ptr_nonnull(strstr(text, "\"attainable_ap\":0.75,"));
	flt_free(text);
	FILE *out = begin();
	flt_report_train_text(out, experiment, &about);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(written, "at best attainable 0.750"));
	free(written);
}
END_TEST

START_TEST(each_kind_of_network_tells_its_settings)
{
	struct flt_report_about about = {.verbose = true};
	struct flt_fit_result *fit = &experiment->fit;
	fit->roster.n_kinds = 2;
	fit->roster.kinds[1].train = fit->roster.kinds[0].train;
	fit->roster.kinds[0].train.batch = 64;
	fit->roster.kinds[1].train.batch = 96;
	FILE *out = begin();
	flt_report_train_text(out, experiment, &about);
	fclose(out);
	fit->roster.n_kinds = 1;
	ck_assert_ptr_nonnull(strstr(written, "batch 64"));
	ck_assert_ptr_nonnull(strstr(written, "batch 96"));
	free(written);
}
END_TEST

START_TEST(epoch_log_has_a_line_for_each_epoch)
{
	struct flt_epoch epochs[] = {{.member = 0,
	                              .epoch = 1,
	                              .lr = 0.5,
	                              .loss = 0.25,
	                              .validation_loss = NAN,
	                              .validation_ap = NAN,
	                              .gradient_total = 3,
	                              .gradient_easy = 1},
	                             {.member = 1,
	                              .epoch = 2,
	                              .lr = 0.125,
	                              .validation_loss = 2,
	                              .validation_ap = 0.75,
	                              .gradient_positive = 4,
	                              .best = true}};
	struct flt_epoch_log log = {.epochs = epochs, .n = 2};
	struct flt_error err;
	FILE *out = begin();
	ck_assert_int_eq(flt_report_epoch_log(out, &log, &err), FLT_OK);
	expect(out,
	       "{\"member\":1,\"epoch\":1,\"lr\":0.5,\"loss\":0.25,\"validation_loss\":null,\"validation_ap\":null,"
	       "\"gradient_total\":3,\"gradient_easy\":1,\"gradient_positive\":0,\"best\":false}\n"
	       "{\"member\":2,\"epoch\":2,\"lr\":0.125,\"loss\":0,\"validation_loss\":2,\"validation_ap\":0.75,"
	       "\"gradient_total\":0,\"gradient_easy\":0,\"gradient_positive\":4,\"best\":true}\n");
}
END_TEST

/* What inspect says under a heading, in one line; next: the heading that follows. */
static const char *inspect_line(const char *heading, const char *next)
{
	static char line[2000];
	struct flt_report_about about = {0};
	FILE *out = begin();
	flt_report_inspect_text(out, "x", experiment->detector, &about);
	fclose(out);
	const char *start = strstr(written, heading), *end = strstr(written, next);
	ck_assert(start && end && end - start < (long)sizeof line);
	size_t length = 0;
	for (const char *at = start + strlen(heading); at < end; at++)
		if (length == 0 || line[length - 1] != ' ' || (*at != ' ' && *at != '\n'))
			line[length++] = *at == '\n' ? ' ' : *at;
	line[length] = '\0';
	free(written);
	return line + strspn(line, " ");
}

static const char *map_line(void)
{
	return inspect_line("\nmap ", "\nrule ");
}

/* Three members of two kinds. Whoever changes them puts them back. */
static struct flt_detector pool_of(struct flt_detector_member members[3])
{
	struct flt_detector pool = *experiment->detector;
	for (size_t i = 0; i < 3; i++) {
		members[i] = experiment->detector->members[0];
		members[i].kind = (char *[]){"plain", "linear\x1b", "plain"}[i];
		members[i].weight = (double[]){1e308, 1.5e308, 0.5e308}[i];
	}
	pool.members = members;
	pool.n_members = 3;
	return pool;
}

START_TEST(inspect_tells_kinds_and_how_much_they_count)
{
	struct flt_detector_member members[3];
	struct flt_detector *detector = experiment->detector, pool = pool_of(members);
	ck_assert_double_eq_tol(flt_detector_share(&pool, 1), 0.5, 1e-15);
	experiment->detector = &pool;
	const char *line = inspect_line("\nnetwork ", "\nmap ");
	ck_assert_msg(strncmp(line, "weighted mean of 3 networks, ", 29) == 0, "%s", line);
	ck_assert_msg(strstr(line, "plain counts 50 %, 2 networks linear? counts 50 %, 1 network"), "%s", line);
	ck_assert_ptr_nonnull(strstr(map_line(), "the weighted mean probability"));
	for (size_t i = 0; i < 3; i++)
		members[i].weight = 0.1;
	ck_assert(strncmp(inspect_line("\nnetwork ", "\nmap "), "mean of 3 networks, ", 20) == 0);
	experiment->detector = detector;
}
END_TEST

START_TEST(inspect_tells_the_scales_of_all_members)
{
	struct flt_detector_member members[3];
	struct flt_detector *detector = experiment->detector, pool = pool_of(members);
	struct flt_prep_options options = {.scale = FLT_SCALE_QUANTILE};
	static const size_t rows[] = {0, 1, 2, 3, 4, 5, 6, 7};
	struct flt_prep *quantile;
	ck_assert_int_eq(flt_prep_refit(detector->prep, table, rows, 8, &options, &quantile, NULL), FLT_OK);
	members[1].prep = quantile;
	experiment->detector = &pool;
	ck_assert_ptr_nonnull(strstr(inspect_line("\nfrom ", "\nnetwork "), "; robust and quantile scale "));
	experiment->detector = detector;
	flt_prep_free(quantile);
}
END_TEST

START_TEST(inspect_tells_how_a_score_becomes_a_probability)
{
	struct flt_map *map = &experiment->detector->map, before = *map;
	*map = (struct flt_map){.slope = 1};
	ck_assert_str_eq(map_line(), "probability = sigmoid of the score");
	map->gamma = 2;
	map->log_weight_ratio = log(9);
	map->slope = 1.5;
	map->intercept = -0.25;
	map->prior_shift = 0.5;
	ck_assert_str_eq(map_line(), "probability = sigmoid of the score, after inverting focal loss with gamma 2, "
	                             "after removing class weights (9 : 1), then Platt: 1.5 x - 0.25, "
	                             "shifted to a prevalence of 16.7 % by +0.5 in log-odds");
	map->intercept = 0.25;
	ck_assert_ptr_nonnull(strstr(map_line(), "then Platt: 1.5 x + 0.25"));
	*map = before;
}
END_TEST

START_TEST(inspect_tells_the_map_of_the_members_of_a_bag)
{
	struct flt_detector *detector = experiment->detector, bag = *detector;
	struct flt_detector_member members[] = {detector->members[0], detector->members[0]};
	bag.members = members;
	bag.n_members = 2;
	bag.map = (struct flt_map){.slope = 1};
	bag.member_gamma = 1;
	bag.member_log_weight_ratio = log(4);
	experiment->detector = &bag;
	const char *line = map_line();
	experiment->detector = detector;
	ck_assert_str_eq(line,
	                 "score = log-odds of the mean probability of the networks, each after inverting focal loss "
	                 "with gamma 1, after removing class weights (4 : 1); probability = sigmoid of the score");
}
END_TEST

START_TEST(inspect_stars_what_was_measured_on_choosing_rows)
{
	struct flt_report_about about = {0};
	struct flt_provenance *made = &experiment->detector->provenance;
	made->figures = experiment->evaluation.figures;
	for (int marked = 0; marked <= 1; marked++) {
		size_t n_stars = 0;
		made->marked = marked;
		FILE *out = begin();
		flt_report_inspect_text(out, "x", experiment->detector, &about);
		fclose(out);
		for (const char *at = written; (at = strchr(at, '*')); at++)
			n_stars++;
		ck_assert_uint_eq(n_stars, marked ? 2 + 3 + 1 : 0); /* AP, ROC-AUC; precision, recall, F1; the note */
		free(written);
	}
	made->figures = (struct flt_figures){0};
	made->marked = false;
}
END_TEST

START_TEST(predictions_read_back_exactly)
{
	char *line, *rest;
	size_t n_lines = 0;
	FILE *out = begin();
	flt_report_predictions(out, experiment);
	fclose(out);
	for (line = strtok_r(written, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), n_lines++) {
		if (n_lines == 0) {
			ck_assert_str_eq(line, "row,customer,target,probability,label,score");
			continue;
		}
		size_t i = n_lines - 1, row;
		char id[16];
		int target, label;
		double score, probability;
		ck_assert_int_eq(
		        sscanf(line, "%zu,%15[^,],%d,%lf,%d,%lf", &row, id, &target, &probability, &label, &score), 6);
		ck_assert_uint_eq(row, experiment->evaluation.rows[i] + 1);
		ck_assert_str_eq(id, flt_table_id_text(table, row - 1));
		ck_assert_int_eq(target, experiment->evaluation.label[i]);
		ck_assert_float_eq((float)score, (float)experiment->evaluation.score[i]);
		ck_assert_double_eq(probability, flt_sigmoid(experiment->evaluation.log_odds[i]));
		ck_assert_int_eq(label, probability >= experiment->detector->choice.threshold);
	}
	free(written);
	ck_assert_uint_eq(n_lines, experiment->evaluation.n_rows + 1);
}
END_TEST

/* What the report says of the experiment's evaluation, on one line. */
static char *train_text(void)
{
	struct flt_report_about about = {.seconds_total = 1};
	FILE *out = begin();
	flt_report_train_text(out, experiment, &about);
	fclose(out);
	char *to = written;
	for (const char *from = written; *from; from++)
		if (!((*from == ' ' || *from == '\n') && to > written && to[-1] == ' '))
			*to++ = (char)(*from == '\n' ? ' ' : *from);
	*to = '\0';
	return written;
}

static size_t count(const char *text, char c)
{
	size_t n = 0;
	for (; *text; text++)
		n += *text == c;
	return n;
}

/* Whatever was measured on rows that chose it carries a star; with a test nothing does. */
START_TEST(stars_mark_what_was_chosen_on_its_own_rows)
{
	struct flt_evaluation was = experiment->evaluation;
	ck_assert_ptr_null(strchr(train_text(), '*'));
	free(written);
	experiment->evaluation.evaluated_on = FLT_EVALUATED_VALIDATION;
	experiment->evaluation.is_starred = experiment->evaluation.point_is_starred = true;
	const char *text = train_text();
	ck_assert_ptr_nonnull(strstr(text, "These rows chose epoch and threshold (*): expect less on new rows."));
	ck_assert_ptr_nonnull(strstr(text, "it would at best find "));
	ck_assert_ptr_nonnull(strstr(text, " alarms per 10,000* recall* precision* "));
	/* the note, titles; intervals; counts; losses and mean; accuracy, recall */
	ck_assert_uint_eq(count(text, '*'), 1 + 3 + 6 + 5 + 4 + 2 + 2);
	free(written);
	experiment->evaluation.evaluated_on = FLT_EVALUATED_TEST;
	experiment->evaluation.is_starred = false;
	experiment->evaluation.threshold_chosen_on = FLT_CHOSEN_ON_EVALUATED;
	text = train_text();
	ck_assert_ptr_nonnull(strstr(text, "The threshold was chosen on these rows (*): expect slightly less"));
	ck_assert_uint_eq(count(text, '*'), 1 + 3 + 4 + 5 + 2); /* the note; the chosen row; its figures; the last */
	free(written);
	experiment->evaluation = was;
}
END_TEST

static struct flt_outcome outcome_of(size_t n_positive, size_t n_called, size_t n_right, bool ranks_better)
{
	double by_chance = (double)n_called * (double)n_positive / 1000;
	return (struct flt_outcome){1000, n_positive, n_called, n_right, by_chance, ranks_better, n_right > by_chance};
}

/* The sentences for what can happen. */
START_TEST(the_verdict_is_in_words)
{
	struct flt_evaluation was = experiment->evaluation, *shown = &experiment->evaluation;
	shown->figures.ap.value = 0.0123;
	shown->figures.chance95 = 0.0456;
	shown->figures.n_positive = 60;
	shown->figures.chosen.recall = (struct flt_interval){0.5, 0.361, 0.698};
	shown->figures.chosen.precision = (struct flt_interval){0.005, 0.0021, 0.0119};
	const struct {
		struct flt_outcome outcome;
		const char *says[3];
	} cases[] = {
	        {outcome_of(60, 24, 16, true),
	         {"Of 1000 test rows the model flagged 24 as \"1\": 16 were, 8 were not. It missed 44 of the 60 that "
	          "were \"1\". ",
	          "That is better than guessing: 24 rows drawn at random would hold 1.4 of them. ",
	          "With 60 such rows to judge by, it would find 36 to 70 of 100 new ones, and 2 to 12 of 1000 flagged "
	          "rows would be right (95 % intervals). thresholds "}},
	        {outcome_of(60, 0, 0, true),
	         {"Of 1000 test rows the model flagged none as \"1\", and missed all 60. ",
	          "It ranks rows better than guessing, but its threshold is above all of them. ",
	          "it would find 36 to 70 of 100 new ones (95 % interval). thresholds "}},
	        {outcome_of(60, 1, 1, true),
	         {"flagged 1 as \"1\": it was. ", "1 row drawn at random would hold 0.060 "}},
	        {outcome_of(60, 1, 0, true),
	         {"flagged 1 as \"1\": it was not. ",
	          "It ranks rows better than guessing, but does no better at this threshold: 1 row drawn "}},
	        {outcome_of(60, 60, 60, true), {"60 as \"1\": all were. It missed none of the 60 that were \"1\". "}},
	        {outcome_of(60, 9, 0, false),
	         {"9 as \"1\": none was. ",
	          "This is no better than guessing: its PR-AUC is 0.012, and of random rankings 5 % reach 0.046. "
	          "thresholds "}},
	        {outcome_of(60, 2, 1, true), {": 1 was, 1 was not. "}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		shown->outcome = cases[i].outcome;
		const char *text = train_text();
		for (size_t k = 0; k < 3 && cases[i].says[k]; k++)
			ck_assert_msg(strstr(text, cases[i].says[k]), "case %zu: \"%s\" is not in %s", i,
			              cases[i].says[k], text);
		free(written);
	}
	experiment->evaluation = was;
}
END_TEST

/* How few positives there are is said; and nothing is promised of rows that the network has learnt. */
START_TEST(the_verdict_says_what_it_cannot_know)
{
	struct flt_evaluation was = experiment->evaluation, *shown = &experiment->evaluation;
	shown->outcome = outcome_of(12, 9, 0, false);
	shown->figures.n_positive = 12;
	const char *text = train_text();
	ck_assert_ptr_nonnull(strstr(text, "With 12 positives to judge by, only a strong signal would show."));
	ck_assert_ptr_nonnull(strstr(text, "Positives are few: see `fltrain cv` for tighter figures."));
	free(written);
	shown->figures.n_positive = 9;
	text = train_text();
	ck_assert_ptr_nonnull(strstr(text, "With fewer than 10 positives only the counts are reliable"));
	free(written);
	shown->evaluated_on = FLT_EVALUATED_FIT;
	shown->is_starred = shown->point_is_starred = true;
	text = train_text();
	ck_assert_ptr_nonnull(strstr(text, "The model learnt from these rows (*): this says nothing about new rows. "
	                                   "thresholds"));
	free(written);
	experiment->evaluation = was;
}
END_TEST

START_TEST(neighbouring_thresholds_look_different)
{
	static const double probability[] = {0.5, 0.00277, 0.00276, 0.00226};
	struct flt_evaluation evaluation = {.points = {.n = 4, .chosen = 3}};
	for (size_t i = 0; i < 4; i++)
		evaluation.points.point[i].probability = probability[i];
	FILE *stream = begin();
	struct flt_layout layout = {.out = stream, .style = {.width = 80}};
	flt_say_operating_points(&layout, &evaluation);
	flt_layout_end(&layout);
	fclose(stream);
	ck_assert_ptr_nonnull(strstr(written, "  0.500 "));
	ck_assert_ptr_nonnull(strstr(written, "  0.00277 "));
	ck_assert_ptr_nonnull(strstr(written, "  0.00276 "));
	ck_assert_ptr_nonnull(strstr(written, "> 0.0023 "));
	free(written);
}
END_TEST

START_TEST(report_without_memory_is_an_error)
{
	struct flt_report_about about = {.seconds_total = 1};
	struct flt_error err;
	enum flt_status status;
	unsigned long k = 0;
	char *text;
	do {
		flt_alloc_fail_at(++k);
		status = flt_report_train_json(experiment, &about, &text, &err);
		flt_alloc_fail_at(0);
		ck_assert((status == FLT_OK) == (text != NULL));
		flt_free(text);
	} while (status != FLT_OK);
	ck_assert_uint_gt(k, 3);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("report");
	TCase *pieces = tcase_create("pieces");
	tcase_add_test(pieces, figures_have_the_digits_that_count);
	tcase_add_test(pieces, names_from_the_data_cannot_move_the_cursor);
	tcase_add_test(pieces, lines_wrap_at_their_separators);
	tcase_add_test(pieces, punctuation_has_room);
	tcase_add_test(pieces, columns_of_a_table_are_characters);
	tcase_add_test(pieces, a_terminal_gets_no_control_characters);
	tcase_add_loop_test(pieces, lines_are_as_wide_as_the_terminal, 0, sizeof widths / sizeof *widths);
	tcase_add_test(pieces, colours_are_only_added);
	tcase_add_test(pieces, wide_names_stay_in_their_column);
	tcase_add_test(pieces, progress_is_one_line);
	tcase_add_test(pieces, a_bar_keeps_within_its_terminal);
	tcase_add_test(pieces, progress_is_redrawn_now_and_then);
	tcase_add_test(pieces, progress_is_a_line_of_words_or_of_json);
	tcase_add_test(pieces, time_left_follows_what_was_done_since_the_start);
	suite_add_tcase(suite, pieces);
	TCase *reports = tcase_create("reports");
	tcase_set_timeout(reports, 60);
	tcase_add_unchecked_fixture(reports, make_experiment, free_experiment);
	tcase_add_test(reports, json_reads_back_exactly);
	tcase_add_test(reports, the_verdict_has_the_words_of_the_text);
	tcase_add_test(reports, json_says_how_it_came_about);
	tcase_add_test(reports, json_holds_the_keys_of_the_contract);
	tcase_add_test(reports, json_holds_the_figures_of_the_experiment);
	tcase_add_test(reports, what_is_known_of_the_data_is_reported);
	tcase_add_test(reports, each_kind_of_network_tells_its_settings);
	tcase_add_test(reports, epoch_log_has_a_line_for_each_epoch);
	tcase_add_test(reports, inspect_tells_how_a_score_becomes_a_probability);
	tcase_add_test(reports, inspect_tells_the_map_of_the_members_of_a_bag);
	tcase_add_test(reports, inspect_tells_kinds_and_how_much_they_count);
	tcase_add_test(reports, inspect_tells_the_scales_of_all_members);
	tcase_add_test(reports, inspect_stars_what_was_measured_on_choosing_rows);
	tcase_add_test(reports, predictions_read_back_exactly);
	tcase_add_test(reports, stars_mark_what_was_chosen_on_its_own_rows);
	tcase_add_test(reports, the_verdict_is_in_words);
	tcase_add_test(reports, the_verdict_says_what_it_cannot_know);
	tcase_add_test(reports, neighbouring_thresholds_look_different);
	tcase_add_test(reports, report_without_memory_is_an_error);
	suite_add_tcase(suite, reports);
	return suite;
}
