/*
 * The library from outside: calls every public function, and compares what it computes with what the program wrote, bit
 * by bit. Sees installed headers only. The case tests/cli/library builds and runs it in a folder with
 *
 *	rows.csv             the rows to score: order_id,amount,age,kind,day,label, with one bad record and one category
 *	                     that training did not have
 *	rows.safetensors     a detector of such rows, without order_id and day
 *	predicted.csv        fltrain predict --id order_id --bad-rows skip
 *	moved.csv            the same with --prior 0.3
 *	adapted.csv          the same with --prior estimate --threshold top:20
 *	good.csv, cents.csv  rows.csv without the bad record; that with amounts times 100
 *
 * Prints each check that fails, and how many there were.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fltrain/fltrain.h>

enum { MAX_ROWS = 1000, N_COLUMNS = 6, LINE_SIZE = 200 };

static unsigned n_checks, n_failed;

#define CHECK(condition) check((condition), #condition, __LINE__)

static void check(bool holds, const char *text, int line)
{
	n_checks++;
	if (holds)
		return;
	n_failed++;
	printf("embed.c:%d: does not hold: %s\n", line, text);
}

static bool is_text(const char *text, const char *expected)
{
	return text && strcmp(text, expected) == 0;
}

/* ---- what predict wrote ---- */

struct prediction {
	char id[LINE_SIZE], label[LINE_SIZE];
	double probability;
	float score;
};

static size_t read_predictions(const char *path, struct prediction *rows)
{
	char line[LINE_SIZE];
	size_t n = 0;
	FILE *file = fopen(path, "r");
	if (!file || !fgets(line, sizeof line, file) || !is_text(line, "order_id,probability,label,score\n"))
		return 0;
	while (n < MAX_ROWS && fgets(line, sizeof line, file)) {
		char probability[LINE_SIZE], score[LINE_SIZE];
		if (sscanf(line, "%[^,],%[^,],%[^,],%[^\n]", rows[n].id, probability, rows[n].label, score) != 4)
			break;
		rows[n].probability = strtod(probability, NULL);
		rows[n++].score = strtof(score, NULL);
	}
	fclose(file);
	return n;
}

static struct prediction predicted[MAX_ROWS], moved[MAX_ROWS], adapted[MAX_ROWS];
static size_t n_rows;

/* ---- streams ---- */

struct seen {
	const struct flt_detector *detector;
	const struct flt_stream *stream;
	size_t n_in_chunks[FLT_STREAM_MAX_CHUNKS], n, n_positive, n_different;
	double score[MAX_ROWS];
	unsigned char label[MAX_ROWS];
	char cells[MAX_ROWS][N_COLUMNS][LINE_SIZE];
};

static enum flt_status on_chunk(void *context, size_t chunk, const struct flt_scored_rows *rows, struct flt_error *err)
{
	struct seen *seen = context;
	(void)err;
	seen->n_in_chunks[chunk] = rows->n;
	return FLT_OK;
}

/* Cuts a record at its commas; no cell of the file has one. */
static void cut_record(const char *record, size_t length, char cells[N_COLUMNS][LINE_SIZE])
{
	size_t column = 0, n = 0;
	for (size_t i = 0; i < length && column < N_COLUMNS; i++) {
		if (record[i] != ',') {
			cells[column][n++] = record[i];
			continue;
		}
		cells[column++][n] = '\0';
		n = 0;
	}
	cells[N_COLUMNS - 1][n] = '\0';
}

static bool is_as_predicted(const struct seen *seen, const struct flt_scored_rows *rows, size_t i)
{
	const struct prediction *row = &predicted[seen->n];
	double probability = flt_detector_probability(seen->detector, rows->score[i]);
	bool positive = flt_detector_is_positive(seen->detector, probability);
	return (float)rows->score[i] == row->score && probability == row->probability &&
	       strcmp(rows->id[i], row->id) == 0 && strcmp(positive ? "yes" : "no", row->label) == 0;
}

static enum flt_status on_block(void *context, size_t n_chunks, const struct flt_scored_rows *rows,
                                struct flt_error *err)
{
	struct seen *seen = context;
	size_t n = 0;
	(void)err;
	for (size_t i = 0; i < n_chunks; i++)
		n += seen->n_in_chunks[i];
	CHECK(n == rows->n);
	for (size_t i = 0; i < rows->n && seen->n < MAX_ROWS; i++, seen->n++) {
		seen->n_different += !is_as_predicted(seen, rows, i);
		seen->n_different += rows->line[i] != rows->row[i] + 1; /* behind the header, no record has two lines */
		seen->score[seen->n] = rows->score[i];
		seen->label[seen->n] = strcmp(rows->target[i], "yes") == 0;
		seen->n_positive += seen->label[seen->n];
		cut_record(rows->record[i], rows->record_length[i], seen->cells[seen->n]);
		seen->n_different += strcmp(seen->cells[seen->n][N_COLUMNS - 1], rows->target[i]) != 0;
	}
	return FLT_OK;
}

static enum flt_status refuse(void *context, size_t n_chunks, const struct flt_scored_rows *rows, struct flt_error *err)
{
	(void)context, (void)n_chunks, (void)rows;
	snprintf(err->text, sizeof err->text, "enough");
	return err->status = FLT_ERR_MACHINE;
}

static void look_at_file(const struct flt_stream *stream)
{
	size_t length;
	const char *header = flt_stream_header(stream, &length);
	CHECK(is_text(flt_stream_name(stream), "rows.csv"));
	CHECK(flt_stream_n_columns(stream) == N_COLUMNS);
	CHECK(is_text(flt_stream_column_name(stream, 5), "label"));
	CHECK(is_text(flt_stream_id_name(stream), "order_id"));
	CHECK(header && length == 34 && memcmp(header, "order_id,amount,age,kind,day,label", length) == 0);
	CHECK(flt_stream_delimiter(stream) == ',' && flt_stream_decimal(stream) == '.');
	CHECK(flt_stream_is_missing(stream, "") && flt_stream_is_missing(stream, "none"));
	CHECK(flt_stream_is_missing(stream, "NA") && !flt_stream_is_missing(stream, "other"));
}

static void look_at_run(const struct flt_stream *stream)
{
	const char *first, *sha256 = flt_stream_sha256(stream);
	CHECK(flt_stream_n_rows(stream) == n_rows);
	CHECK(flt_stream_n_skipped(stream) == 1);
	CHECK(is_text(flt_stream_skipped_lines(stream), "lines 3"));
	CHECK(sha256 && strlen(sha256) == FLT_SHA256_SIZE - 1);
	CHECK(flt_stream_n_unlearnt(stream, 3, &first) == 1 && is_text(first, "fax"));
	CHECK(flt_stream_n_unlearnt(stream, 1, &first) == 0 && !first);
	CHECK(!flt_stream_unlearnt_is_usual(stream, 3) && flt_stream_unlearnt_is_usual(stream, 1));
	CHECK(flt_stream_n_warnings(stream) == 0 && !flt_stream_warns_of(stream, 3));
}

/* Shares rise, and end with all. */
static void see_share(void *context, double share)
{
	double *last = context;
	CHECK(share >= *last && share <= 1);
	*last = share;
}

/* The rows of two files, one after the other. */
static void join_files(const struct flt_detector *detector, const struct seen *seen)
{
	static const char *const paths[] = {"good.csv", "cents.csv"};
	static const struct flt_stream_options options = {.reading = {.na = "none"}, .n_threads = 2};
	struct flt_error err;
	struct flt_stream *stream;
	double *score;
	size_t n;
	if (flt_stream_open_files(detector, paths, 2, &options, &stream, &err) != FLT_OK) {
		CHECK(!"the stream opens");
		return;
	}
	CHECK(flt_stream_n_files(stream) == 2 && is_text(flt_stream_file_name(stream, 1), "cents.csv"));
	CHECK(is_text(flt_stream_name(stream), "good.csv and 1 more file"));
	double share = 0;
	flt_stream_tell_share(stream, see_share, &share);
	CHECK(flt_stream_scores(stream, &score, &n, &err) == FLT_OK);
	CHECK(share == 1);
	CHECK(n == 2 * n_rows && memcmp(score, seen->score, n_rows * sizeof *score) == 0);
	CHECK(is_text(flt_stream_remark(stream, 0), "cents.csv: 1 line of comments above the table left out"));
	flt_release(score);
	flt_stream_free(stream);
}

/* In cents.csv, below a comment, the amounts are those of good.csv times 100. */
static void watch_file(const struct flt_detector *detector)
{
	static const struct flt_stream_visitor visitor;
	static const struct flt_stream_options options = {.reading = {.na = "none"}};
	struct flt_error err;
	struct flt_stream *stream;
	if (flt_stream_open(detector, "cents.csv", &options, &stream, &err) != FLT_OK) {
		CHECK(!"the stream opens");
		return;
	}
	CHECK(flt_stream_n_warnings(stream) == 0);
	CHECK(flt_stream_run(stream, &visitor, &err) == FLT_OK);
	CHECK(flt_stream_n_warnings(stream) == 1 && flt_stream_warns_of(stream, 1) && !flt_stream_warns_of(stream, 2));
	CHECK(strncmp(flt_stream_warning(stream, 0), "\"amount\": about 100 times", 25) == 0);
	CHECK(flt_stream_n_remarks(stream) == 1);
	CHECK(is_text(flt_stream_remark(stream, 0), "1 line of comments above the table left out"));
	flt_stream_free(stream);
}

static void stream_file(const struct flt_detector *detector, struct seen *seen)
{
	struct flt_error err;
	struct flt_stream *stream;
	struct flt_stream_options options = {
	        .reading = {.na = "none", .id = "order_id", .header = FLT_HEADER_YES, .skip_bad_rows = true},
	        .keep_records = true,
	        .needs_target = true,
	        .rewindable = true,
	        .needs_sha256 = true,
	        .n_threads = 2,
	        .block_size = 4096,
	};
	CHECK(flt_stream_open(detector, "missing.csv", &options, &stream, &err) == FLT_ERR_DATA && !stream);
	if (flt_stream_open(detector, "rows.csv", &options, &stream, &err) != FLT_OK) {
		CHECK(!"the stream opens");
		return;
	}
	look_at_file(stream);
	struct flt_stream_visitor visitor = {.context = seen, .on_chunk = on_chunk, .on_block = on_block};
	struct flt_stream_visitor refusing = {.on_block = refuse};
	*seen = (struct seen){.detector = detector, .stream = stream};
	CHECK(flt_stream_run(stream, &visitor, &err) == FLT_OK);
	CHECK(seen->n == n_rows && seen->n_different == 0 && seen->n_positive > 0);
	look_at_run(stream);

	double *score;
	size_t n;
	CHECK(flt_stream_scores(stream, &score, &n, &err) == FLT_OK);
	CHECK(n == n_rows && memcmp(score, seen->score, n * sizeof *score) == 0);
	flt_release(score);
	look_at_run(stream);
	CHECK(flt_stream_run(stream, &refusing, &err) == FLT_ERR_MACHINE && is_text(err.text, "enough"));
	flt_stream_free(stream);
	flt_stream_free(NULL);
}

/* ---- reasons ---- */

/* A stream's and a scorer's are the same, and they make up the log-odds. */
struct explained {
	const struct flt_detector *detector;
	const struct flt_reasons *reasons;
	const struct flt_scorer *scorer;
	size_t n, n_different, n_incomplete;
};

static enum flt_status check_reasons(void *context, size_t n_chunks, const struct flt_scored_rows *rows,
                                     struct flt_error *err)
{
	struct explained *explained = context;
	size_t n = flt_reasons_n_columns(explained->reasons);
	double part[N_COLUMNS], left, range;
	(void)n_chunks;
	for (size_t i = 0; i < rows->n; i++, explained->n++) {
		const double *of_row = rows->part + i * n;
		double sum = flt_reasons_base(explained->reasons);
		if (flt_reasons_explain(explained->reasons, explained->scorer, rows->cell + i * n, 1, part, &left,
		                        &range, NULL, err) != FLT_OK)
			return err->status;
		for (size_t c = 0; c < n; c++)
			sum += of_row[c];
		double off = flt_detector_log_odds(explained->detector, rows->score[i]) - sum - left;
		explained->n_different +=
		        memcmp(part, of_row, n * sizeof *part) != 0 || left != rows->left[i] || range != rows->range[i];
		explained->n_incomplete +=
		        !(off < 1e-9 && off > -1e-9) || !(left * left <= 1.001e-4 * range * range + 1e-12);
	}
	return FLT_OK;
}

static void explain_file(const struct flt_detector *detector)
{
	struct flt_stream *stream;
	struct flt_error err;
	struct flt_reasons *reasons;
	struct flt_scorer *scorer;
	const char *names[N_COLUMNS];
	struct flt_stream_options options = {.n_threads = 2, .block_size = 4096};
	CHECK(flt_reasons_new(detector, &reasons, &err) == FLT_OK);
	CHECK(flt_reasons_n_background(reasons) == 32 &&
	      flt_reasons_n_columns(reasons) == flt_detector_n_columns(detector));
	for (size_t c = 0; c < flt_reasons_n_columns(reasons); c++)
		CHECK(is_text(names[c] = flt_reasons_column_name(reasons, c), flt_detector_column_name(detector, c)));
	CHECK(flt_scorer_new(detector, names, flt_reasons_n_columns(reasons), NULL, &scorer, &err) == FLT_OK);
	struct explained explained = {.detector = detector, .reasons = reasons, .scorer = scorer};
	struct flt_stream_visitor visitor = {.context = &explained, .on_block = check_reasons, .reasons = reasons};
	CHECK(flt_stream_open(detector, "good.csv", &options, &stream, &err) == FLT_OK);
	CHECK(flt_stream_run(stream, &visitor, &err) == FLT_OK);
	CHECK(explained.n == n_rows && explained.n_different == 0 && explained.n_incomplete == 0);
	flt_stream_free(stream);
	flt_scorer_free(scorer);
	flt_reasons_free(reasons);
	flt_reasons_free(NULL);
}

/* A followed record that is broken comes with its error, and with nothing of the row before. */
static enum flt_status check_followed(void *context, size_t n_chunks, const struct flt_scored_rows *rows,
                                      struct flt_error *err)
{
	size_t *n_broken = context;
	bool is_broken = rows->error[0] != NULL;
	(void)n_chunks, (void)err;
	CHECK(rows->n == 1 && is_broken == (rows->row[0] == 2));
	CHECK(!rows->part == is_broken && !rows->left == is_broken && !rows->range == is_broken);
	CHECK(!rows->cell == is_broken && !rows->hash == is_broken);
	*n_broken += is_broken;
	return FLT_OK;
}

static void follow_file(const struct flt_detector *detector)
{
	struct flt_stream *stream;
	struct flt_error err;
	struct flt_reasons *reasons;
	size_t n_broken = 0;
	const struct flt_stream_options options = {.follow = true, .needs_hashes = true};
	CHECK(flt_reasons_new(detector, &reasons, &err) == FLT_OK);
	const struct flt_stream_visitor visitor = {
	        .context = &n_broken, .on_block = check_followed, .reasons = reasons};
	CHECK(flt_stream_open(detector, "rows.csv", &options, &stream, &err) == FLT_OK);
	CHECK(flt_stream_run(stream, &visitor, &err) == FLT_OK);
	CHECK(n_broken == 1);
	flt_stream_free(stream);
	flt_reasons_free(reasons);
}

/* skip_bad_rows is not to be had here, so the file with a bad record is refused, by its line. */
static void score_files(const struct flt_detector *detector)
{
	double *probability;
	size_t n, n_different = 0;
	struct flt_error err;
	CHECK(flt_score_file(detector, "rows.csv", 0, &probability, &n, &err) == FLT_ERR_DATA && !probability &&
	      n == 0);
	CHECK(strncmp(err.text, "rows.csv:3: ", 12) == 0);
	CHECK(flt_score_file(detector, "good.csv", 0, &probability, &n, &err) == FLT_OK && n == n_rows);
	for (size_t i = 0; i < n; i++)
		n_different += probability[i] != predicted[i].probability;
	CHECK(n_different == 0);
	flt_release(probability);
	flt_release(NULL);
}

/* ---- records ---- */

static const char *const names[N_COLUMNS] = {"order_id", "amount", "age", "kind", "day", "label"};

struct task {
	const struct flt_scorer *scorer;
	const char *const *cells;
	double score[MAX_ROWS];
};

static void *score_records(void *context)
{
	struct task *task = context;
	struct flt_error err;
	return flt_scorer_score(task->scorer, task->cells, n_rows, task->score, NULL, &err) == FLT_OK ? task : NULL;
}

/* Two threads share one scorer. */
static void score_on_threads(const struct flt_scorer *scorer, const struct seen *seen, const char *const *cells)
{
	static struct task tasks[2];
	pthread_t threads[2];
	for (size_t i = 0; i < 2; i++) {
		tasks[i] = (struct task){.scorer = scorer, .cells = cells};
		CHECK(pthread_create(&threads[i], NULL, score_records, &tasks[i]) == 0);
	}
	for (size_t i = 0; i < 2; i++) {
		void *done;
		CHECK(pthread_join(threads[i], &done) == 0 && done);
		CHECK(memcmp(tasks[i].score, seen->score, n_rows * sizeof *seen->score) == 0);
	}
}

/* Numbers as numbers, not as texts. */
static void score_columns(const struct flt_detector *detector, const struct flt_scorer *scorer, const struct seen *seen)
{
	static double amount[MAX_ROWS], age[MAX_ROWS], score[MAX_ROWS];
	static const char *kind[MAX_ROWS];
	struct flt_cells columns[N_COLUMNS] = {[1] = {.number = amount}, [2] = {.number = age}, [3] = {.text = kind}};
	struct flt_error err;
	size_t bad_row = 0;
	for (size_t row = 0; row < n_rows; row++) {
		amount[row] = strtod(*seen->cells[row][1] ? seen->cells[row][1] : "nan", NULL);
		age[row] = strtod(*seen->cells[row][2] ? seen->cells[row][2] : "nan", NULL);
		kind[row] = seen->cells[row][3];
	}
	CHECK(flt_scorer_score_columns(scorer, columns, n_rows, score, NULL, &err) == FLT_OK);
	CHECK(memcmp(score, seen->score, n_rows * sizeof *score) == 0);
	flt_detector_probabilities(detector, score, n_rows, score);
	for (size_t row = 0; row < n_rows; row++)
		CHECK(score[row] == predicted[row].probability);
	amount[7] = strtod("inf", NULL);
	CHECK(flt_scorer_score_columns(scorer, columns, n_rows, score, &bad_row, &err) == FLT_ERR_DATA && bad_row == 7);
}

static void score_cells(const struct flt_detector *detector, const struct seen *seen)
{
	static const char *cells[MAX_ROWS][N_COLUMNS];
	static const struct flt_reading_options reading = {.na = "none", .numeric = "", .decimal = '.'};
	struct flt_scorer *scorer;
	struct flt_error err;
	double probability, score[3];
	size_t bad_row = 0;
	for (size_t row = 0; row < n_rows; row++)
		for (size_t column = 0; column < N_COLUMNS; column++)
			cells[row][column] = seen->cells[row][column];

	CHECK(flt_score_row(detector, names, cells[0], N_COLUMNS, &probability, &err) == FLT_OK);
	CHECK(probability == predicted[0].probability);
	CHECK(flt_score_row(detector, names, cells[0], 2, &probability, &err) == FLT_ERR_DATA);

	CHECK(flt_scorer_new(detector, names, 2, NULL, &scorer, &err) == FLT_ERR_DATA && !scorer);
	if (flt_scorer_new(detector, names, N_COLUMNS, &reading, &scorer, &err) != FLT_OK) {
		CHECK(!"the scorer is made");
		return;
	}
	CHECK(!flt_scorer_uses(scorer, 0) && flt_scorer_uses(scorer, 1) && flt_scorer_uses(scorer, 3));
	for (size_t row = 0; row < n_rows; row++)
		cells[row][0] = cells[row][4] = cells[row][5] = NULL; /* not used */
	score_on_threads(scorer, seen, &cells[0][0]);
	score_columns(detector, scorer, seen);
	cells[1][1] = "much";
	CHECK(flt_scorer_score(scorer, &cells[0][0], 3, score, &bad_row, &err) == FLT_ERR_DATA && bad_row == 1);
	flt_scorer_free(scorer);
	flt_scorer_free(NULL);
}

/* ---- the detector ---- */

static void look_at_detector(const struct flt_detector *detector)
{
	static const char *const needed[] = {"amount", "age", "kind"};
	char rule[FLT_RULE_TEXT];
	double threshold = flt_detector_threshold(detector), prevalence = flt_detector_prevalence(detector);
	flt_detector_rule(detector, rule);
	CHECK(is_text(rule, "f1"));
	CHECK(threshold > 0 && threshold < 1 && prevalence > 0 && prevalence < 1);
	CHECK(flt_detector_is_positive(detector, threshold) && !flt_detector_is_positive(detector, threshold - 1e-9));
	CHECK(is_text(flt_detector_target(detector), "label"));
	CHECK(is_text(flt_detector_positive(detector), "yes") && is_text(flt_detector_negative(detector), "no"));
	CHECK(flt_detector_n_columns(detector) == 3 && flt_detector_has_profile(detector));
	for (size_t i = 0; i < 3; i++) {
		CHECK(is_text(flt_detector_column_name(detector, i), needed[i]));
		CHECK(flt_detector_column_is_numeric(detector, i) == (i < 2));
		CHECK(!flt_detector_column_is_date(detector, i));
	}
}

static size_t count_different(const struct flt_detector *detector, const struct seen *seen,
                              const struct prediction *expected)
{
	size_t n = 0;
	for (size_t i = 0; i < n_rows; i++) {
		double probability = flt_detector_probability(detector, seen->score[i]);
		bool positive = flt_detector_is_positive_row(detector, seen->score[i], i);
		n += probability != expected[i].probability || strcmp(positive ? "yes" : "no", expected[i].label) != 0;
	}
	return n;
}

static void adapt(struct flt_detector *detector, const struct seen *seen)
{
	struct flt_error err;
	char rule[FLT_RULE_TEXT];
	struct flt_prior judged;
	double prior, before = flt_detector_threshold(detector);
	CHECK(flt_detector_set_prior(detector, 1, &err) == FLT_ERR_USAGE);
	CHECK(count_different(detector, seen, predicted) == 0);
	CHECK(flt_detector_rule_under_prior(detector) == FLT_RULE_IS_CHOSEN_ANEW); /* f1 */
	CHECK(flt_detector_set_prior(detector, 0.3, &err) == FLT_OK);
	CHECK(count_different(detector, seen, moved) == 0);
	CHECK(flt_detector_prior(detector) == 0.3 && flt_detector_threshold(detector) != before);
	before = flt_detector_threshold(detector);
	CHECK(flt_detector_log_odds(detector, 1) > flt_detector_log_odds(detector, 0));

	CHECK(flt_detector_choose_threshold(detector, "recall>=0.7", seen->score, NULL, n_rows, &err) == FLT_ERR_USAGE);
	CHECK(flt_detector_choose_threshold(detector, "recall>=7", seen->score, seen->label, n_rows, &err) ==
	      FLT_ERR_USAGE);
	CHECK(flt_detector_choose_threshold(detector, "f1", NULL, NULL, 0, &err) == FLT_ERR_DATA);
	CHECK(flt_detector_threshold(detector) == before);
	CHECK(flt_detector_choose_threshold(detector, "recall>=1", seen->score, seen->label, n_rows, &err) == FLT_OK);
	for (size_t i = 0; i < n_rows; i++) {
		double probability = flt_detector_probability(detector, seen->score[i]);
		if (seen->label[i] && !flt_detector_is_positive(detector, probability))
			CHECK(!"every positive row is found");
	}

	/* So few rows were held out that no prior can be estimated: the detector's own stays. */
	CHECK(flt_detector_set_prior(detector, flt_detector_prevalence(detector), &err) == FLT_OK);
	CHECK(flt_detector_estimate_prior(detector, seen->score, 0, &prior, &err) == FLT_ERR_DATA);
	CHECK(flt_detector_judge_prior(detector, seen->score, n_rows, 1, &judged, &err) == FLT_OK);
	CHECK(!judged.moves && strstr(judged.why, "positive row"));
	CHECK(flt_detector_estimate_prior(detector, seen->score, n_rows, &prior, &err) == FLT_OK);
	CHECK(prior == judged.value && prior == flt_detector_prevalence(detector));
	CHECK(flt_detector_set_prior(detector, prior, &err) == FLT_OK);
	CHECK(flt_detector_choose_threshold(detector, "top:20", seen->score, NULL, n_rows, &err) == FLT_OK);
	CHECK(count_different(detector, seen, adapted) == 0);
	flt_detector_rule(detector, rule);
	CHECK(is_text(rule, "top:20"));
}

static void save_and_load(const struct flt_detector *detector, const struct seen *seen)
{
	struct flt_error err;
	struct flt_detector *again;
	unsigned char *bytes;
	size_t n_bytes;
	char of_file[FLT_SHA256_SIZE], of_bytes[FLT_SHA256_SIZE];
	bool is_one = false;
	CHECK(flt_detector_save(detector, "adapted.safetensors", of_file, &err) == FLT_OK);
	CHECK(flt_detector_save(detector, "missing/adapted.safetensors", NULL, &err) != FLT_OK);
	CHECK(flt_detector_is_file("adapted.safetensors", &is_one, &err) == FLT_OK && is_one);
	CHECK(flt_detector_is_file("rows.csv", &is_one, &err) == FLT_OK && !is_one);
	CHECK(flt_detector_to_bytes(detector, &bytes, &n_bytes, of_bytes, &err) == FLT_OK);
	CHECK(is_text(of_file, of_bytes));
	CHECK(flt_detector_from_bytes(bytes, n_bytes - 1, &again, &err) == FLT_ERR_MODEL && !again);
	CHECK(flt_detector_from_bytes(bytes, n_bytes, &again, &err) == FLT_OK);
	CHECK(count_different(again, seen, adapted) == 0);
	flt_detector_free(again);
	flt_detector_free(NULL);
	flt_release(bytes);
}

int main(void)
{
	static struct seen seen;
	struct flt_error err;
	struct flt_detector *detector;
	CHECK(strchr(flt_version(), '.') && strlen(flt_blas_core()) > 0 && strstr(flt_blas_config(), "OpenBLAS"));
	n_rows = read_predictions("predicted.csv", predicted);
	CHECK(n_rows > 200);
	CHECK(read_predictions("moved.csv", moved) == n_rows && read_predictions("adapted.csv", adapted) == n_rows);
	CHECK(flt_detector_load("missing.safetensors", &detector, &err) == FLT_ERR_DATA && !detector);
	CHECK(flt_detector_load("rows.csv", &detector, &err) == FLT_ERR_MODEL && !detector);
	if (flt_detector_load("rows.safetensors", &detector, &err) != FLT_OK) {
		printf("%s\n", err.text);
		return 1;
	}
	look_at_detector(detector);
	stream_file(detector, &seen);
	score_files(detector);
	explain_file(detector);
	follow_file(detector);
	score_cells(detector, &seen);
	watch_file(detector);
	join_files(detector, &seen);
	adapt(detector, &seen);
	save_and_load(detector, &seen);
	flt_detector_free(detector);
	printf("embed: %u checks, %u failed\n", n_checks, n_failed);
	return n_failed > 0;
}
