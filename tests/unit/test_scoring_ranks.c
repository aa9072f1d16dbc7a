/* Rows of a stream scored by several ranks, which are threads here: each sees what one process sees. */
#include <stdio.h>
#include <unistd.h>

#include "base/random.h"
#include "detector/stream_deal.h"
#include "protocol/experiment.h"
#include "protocol/scoring_ranks.h"
#include "rank_threads.h"
#include "run_experiment.h"
#include "scratch.h"
#include "small_table.h"

enum { N_TRAIN = 300, N_ROWS = 4000, BLOCK = 2000 };

/* What all ranks work with; set before they begin. */
static struct flt_experiment *experiment;
static struct flt_table *table;
static struct text expected[2]; /* of each run: the first without reasons */
static const char *paths[MOST_RANKS][2];

/* From `late` on, numbers are in another unit, and there are kinds that training did not see. */
static struct text rows_of(size_t n, size_t late, const char *name, size_t row_of_cell, const char *cell)
{
	static const char *const kinds[] = {"web", "\"in, shop\"", "phone", ""};
	struct text text = {0};
	struct flt_random random;
	flt_random_init(&random, 3, name, 0);
	text_add(&text, "id,a,b,kind,y\n");
	for (size_t i = 0; i < n; i++) {
		double a = flt_random_normal(&random) + 2 * (i % 6 == 0);
		size_t kind = flt_random_below(&random, 4);
		text_add(&text, "no %zu,", i);
		if (i == row_of_cell)
			text_add(&text, "%s", cell);
		else
			text_add(&text, "%.5f", i >= late ? 1000 * a : a);
		text_add(&text, ",%.4f,%s%s,%d\n", flt_random_normal(&random), kinds[kind],
		         i >= late && i % 3 == 0 && kind % 2 == 0 ? "!" : "", i % 6 == 0);
	}
	return text;
}

static void write_rows(const char *file, size_t n, const char *name, size_t row_of_cell, const char *cell)
{
	struct text text = rows_of(n, n / 10, name, row_of_cell, cell);
	scratch_write(file, text.bytes, text.length);
	free(text.bytes);
}

static void set_up(void)
{
	struct flt_split_options split = {.test_fraction = 0.2, .seed = 1};
	const struct flt_fit_options options = three_small_networks();
	struct text text = rows_of(N_TRAIN, N_TRAIN, "training", N_TRAIN, "");
	scratch_enter();
	const struct flt_table_options reading = {.target = "y", .id = "id"};
	table = table_of(&text, reading);
	ck_assert_int_eq(run_experiment(table, NULL, &split, &options, NULL, &experiment, NULL), FLT_OK);
	ck_assert_int_eq(flt_experiment_describe(experiment, &reading, "", NULL), FLT_OK);
	write_rows("first", N_ROWS, "first", N_ROWS, "");
	write_rows("second", N_ROWS / 3, "second", N_ROWS, "");
	for (size_t rank = 0; rank < MOST_RANKS; rank++) {
		paths[rank][0] = "first";
		paths[rank][1] = "second";
	}
}

static void tear_down(void)
{
	flt_experiment_free(experiment);
	flt_table_free(table);
	scratch_leave();
}

/* ---- what is seen of a run, as text ---- */

static enum flt_status see_block(void *context, size_t n_chunks, const struct flt_scored_rows *rows,
                                 struct flt_error *err)
{
	struct text *seen = context;
	(void)n_chunks, (void)err;
	for (size_t i = 0; i < rows->n; i++)
		text_add(seen, "%zu: row %zu (%zu) %s %s: %a %a %a %a %a %s\n", rows->line[i], rows->row[i],
		         rows->n_before, rows->id[i], rows->target[i], rows->score[i], rows->hash[i],
		         rows->part ? rows->part[3 * i + 2] : 0, rows->left ? rows->left[i] : 0,
		         rows->range ? rows->range[i] : 0, rows->cell ? rows->cell[3 * i] : "");
	return FLT_OK;
}

static void see_facts(const struct flt_stream *stream, struct text *seen)
{
	text_add(seen, "%zu rows, %zu skipped\n", flt_stream_n_rows(stream), flt_stream_n_skipped(stream));
	for (size_t i = 0; i < flt_stream_n_warnings(stream); i++)
		text_add(seen, "%s\n", flt_stream_warning(stream, i));
	for (size_t c = 0; c < flt_stream_n_columns(stream); c++) {
		const char *first;
		size_t n = flt_stream_n_unlearnt(stream, c, &first);
		text_add(seen, "column %zu: %zu unlearnt, first %s\n", c, n, first ? first : "none");
	}
}

static struct flt_stream *open_stream(const char *const *files)
{
	const struct flt_stream_options options = {
	        .needs_target = true, .needs_hashes = true, .rewindable = true, .n_threads = 2, .block_size = BLOCK};
	struct flt_stream *stream;
	ck_assert_int_eq(flt_stream_open_files(experiment->detector, files, 2, &options, &stream, NULL), FLT_OK);
	return stream;
}

/* With reasons or without. */
static enum flt_status run(struct flt_stream *stream, bool explains, struct text *seen, struct flt_error *err)
{
	struct flt_reasons *reasons;
	ck_assert_int_eq(flt_reasons_new(experiment->detector, &reasons, NULL), FLT_OK);
	const struct flt_stream_visitor visitor = {
	        .context = seen, .on_block = see_block, .reasons = explains ? reasons : NULL};
	enum flt_status status = flt_stream_run(stream, &visitor, err);
	if (status == FLT_OK)
		see_facts(stream, seen);
	flt_reasons_free(reasons);
	return status;
}

static struct flt_scoring_ranks scoring_of(struct flt_ranks *ranks)
{
	return (struct flt_scoring_ranks){.ranks = ranks};
}

/* ---- the same as one process ---- */

/* Of scores and reasons, each rank sends its own rows' to each other rank. */
static void check_trades(const struct flt_stream *stream, struct flt_ranks *ranks)
{
	const struct flt_scoring_trades trades = flt_scoring_trades(stream, ranks);
	ck_assert_uint_eq(trades.n_ranks, flt_ranks_count(ranks));
	ck_assert_double_gt(trades.seconds, 0);
	ck_assert_double_gt(trades.share, 0);
	ck_assert_double_gt(trades.scoring_share, 0);
	ck_assert_double_le(trades.share + trades.scoring_share, 1 + 1e-9);
	double n_others = (double)(trades.n_ranks - 1);
	ck_assert_double_ge(trades.n_messages, n_others);
	ck_assert_double_lt(trades.n_messages, 2 * n_others); /* the end of a run is told, too */
	ck_assert_double_ge(trades.n_bytes, n_others * 3 * sizeof(uint64_t));
	ck_assert_double_lt(trades.n_bytes, n_others * 1e5);
}

static void run_twice(struct flt_ranks *ranks, size_t number)
{
	struct flt_stream *stream = open_stream(paths[number]);
	struct flt_scoring_ranks scoring = scoring_of(ranks);
	struct flt_error err = {0};
	ck_assert_int_eq(flt_scoring_ranks_join(&scoring, experiment->detector, stream, NULL), FLT_OK);
	ck_assert_str_eq(scoring.odd_kernels, "");
	for (int i = 0; i < 2; i++) {
		struct text seen = {0};
		ck_assert_msg(run(stream, i == 1, &seen, &err) == FLT_OK, "%s", err.text);
		ck_assert_uint_eq(seen.length, expected[i].length);
		ck_assert_str_eq(seen.bytes, expected[i].bytes);
		free(seen.bytes);
	}
	check_trades(stream, ranks);
	ck_assert_int_eq(flt_ranks_end(ranks, FLT_OK, NULL), FLT_OK);
	flt_stream_free(stream);
}

START_TEST(every_rank_sees_what_one_process_sees)
{
	struct flt_stream *stream = open_stream(paths[0]);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(run(stream, i == 1, &expected[i], NULL), FLT_OK);
	ck_assert_ptr_nonnull(strstr(expected[0].bytes, "5333 rows, 0 skipped\n"));
	ck_assert_ptr_nonnull(
	        strstr(expected[0].bytes, "times the values of training")); /* what is not as in training, and so on */
	ck_assert_ptr_null(strstr(expected[0].bytes, "column 3: 0 unlearnt"));
	ck_assert_double_eq(flt_scoring_trades(stream, NULL).seconds, 0);
	flt_stream_free(stream);
	run_all((size_t)_i, run_twice);
	for (int i = 0; i < 2; i++) {
		free(expected[i].bytes);
		expected[i] = (struct text){0};
	}
}
END_TEST

START_TEST(advice_weighs_scoring_against_trading)
{
	struct flt_scoring_trades trades = {.n_ranks = 2, .seconds = 1, .share = 0.1, .scoring_share = 0.8};
	ck_assert_int_eq(flt_scoring_advice(&trades), FLT_MORE_RANKS_MAY_HELP);
	trades.scoring_share = 0.2;
	ck_assert_int_eq(flt_scoring_advice(&trades), FLT_MORE_RANKS_WILL_NOT);
	trades.share = 0.3;
	ck_assert_int_eq(flt_scoring_advice(&trades), FLT_ONE_PROCESS_IS_FASTER);
	trades.n_ranks = 3; /* of which each scores as much */
	ck_assert_int_eq(flt_scoring_advice(&trades), FLT_MORE_RANKS_WILL_NOT);
}
END_TEST

/* ---- failures ---- */

static const char *failure; /* that all ranks end with */
static struct text before;  /* what one process sees before it */
static bool may_see_less;   /* of that */

static void run_and_fail(struct flt_ranks *ranks, size_t number)
{
	struct flt_stream *stream = open_stream(paths[number]);
	struct flt_scoring_ranks scoring = scoring_of(ranks);
	struct flt_error err = {0};
	struct text seen = {0};
	ck_assert_int_eq(flt_scoring_ranks_join(&scoring, experiment->detector, stream, NULL), FLT_OK);
	enum flt_status status = run(stream, false, &seen, &err);
	ck_assert_int_eq(status, FLT_ERR_DATA);
	ck_assert_int_eq(flt_ranks_end(ranks, status, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, failure);
	ck_assert_uint_le(seen.length, before.length);
	if (!may_see_less)
		ck_assert_uint_eq(seen.length, before.length);
	ck_assert_mem_eq(seen.bytes, before.bytes, seen.length);
	free(seen.bytes);
	flt_stream_free(stream);
}

/* In whichever rank's share of a batch it is, and whether it is the scorer or the reader that finds it. */
START_TEST(a_bad_row_ends_all_ranks_where_it_ends_one)
{
	static const char *const cells[] = {"x", "1e999", "1,2", "\"1"};
	const size_t row = 1000 + 97 * (size_t)_i;
	struct flt_error err = {0};
	write_rows("first", N_ROWS, "first", row, cells[_i % 4]);
	struct flt_stream *stream = open_stream(paths[0]);
	ck_assert_int_eq(run(stream, false, &before, &err), FLT_ERR_DATA);
	flt_stream_free(stream);
	failure = err.text;
	char place[32];
	snprintf(place, sizeof place, "first:%zu: ", row + 2);
	ck_assert_ptr_nonnull(strstr(failure, place));
	may_see_less = false;
	run_all(3, run_and_fail);
	free(before.bytes);
	before = (struct text){0};
}
END_TEST

/* One cell in the middle, a row more at the end, a file less: what rank 0 has seen by then is right. */
START_TEST(ranks_with_other_files_are_refused)
{
	static const size_t lengths[] = {N_ROWS, N_ROWS + 1, N_ROWS / 2};
	struct flt_stream *stream = open_stream(paths[0]);
	ck_assert_int_eq(run(stream, false, &before, NULL), FLT_OK);
	flt_stream_free(stream);
	write_rows("other", lengths[_i], "first", _i == 0 ? 2000 : N_ROWS + 1, "0");
	paths[2][0] = "other";
	failure = "rank 2 has read other data; give all ranks the same files";
	may_see_less = true;
	run_all(4, run_and_fail);
	free(before.bytes);
	before = (struct text){0};
}
END_TEST

START_TEST(the_end_is_compared_too)
{
	struct flt_stream *stream = open_stream(paths[0]);
	ck_assert_int_eq(run(stream, false, &before, NULL), FLT_OK);
	flt_stream_free(stream);
	write_rows("other", 0, "second", N_ROWS, "");
	paths[1][1] = "other";
	failure = "rank 1 has read other data; give all ranks the same files";
	may_see_less = true;
	run_all(2, run_and_fail);
	free(before.bytes);
	before = (struct text){0};
}
END_TEST

/* ---- joining ---- */

static void join_with_another_model(struct flt_ranks *ranks, size_t number)
{
	struct flt_detector other = *experiment->detector;
	struct flt_scoring_ranks scoring = scoring_of(ranks);
	struct flt_error err = {0};
	strcpy(other.file_sha256, number == 2 ? "b" : "a");
	ck_assert_int_eq(flt_scoring_ranks_join(&scoring, &other, NULL, &err), FLT_ERR_MODEL);
	ck_assert_str_eq(err.text, "rank 2 has another model; give all ranks the same file");
	ck_assert_int_eq(flt_ranks_end(ranks, err.status, &err), FLT_ERR_MODEL);
}

START_TEST(ranks_with_another_model_do_not_join)
{
	run_all(4, join_with_another_model);
}
END_TEST

Suite *test_suite(void)
{
	static const int counts[] = {2, 3, 7, MOST_RANKS};
	Suite *suite = suite_create("scoring ranks");
	TCase *tcase = tcase_create("scoring ranks");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		tcase_add_loop_test(tcase, every_rank_sees_what_one_process_sees, counts[i], counts[i] + 1);
	tcase_add_test(tcase, advice_weighs_scoring_against_trading);
	tcase_add_loop_test(tcase, a_bad_row_ends_all_ranks_where_it_ends_one, 0, 8);
	tcase_add_loop_test(tcase, ranks_with_other_files_are_refused, 0, 3);
	tcase_add_test(tcase, the_end_is_compared_too);
	tcase_add_test(tcase, ranks_with_another_model_do_not_join);
	suite_add_tcase(suite, tcase);
	return suite;
}
