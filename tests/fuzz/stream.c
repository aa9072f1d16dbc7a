/*
 * Promised of the rows that predict reads: any bytes, under any options, go through a detector or are refused in a
 * sentence. Rows are numbered upward, a score is finite, and two threads hand out the same rows with the same scores,
 * records and ids, in blocks of a few bytes too. What predict writes of them, with their own columns or not, reads as
 * as many rows with the columns that it should have, the id, the label and numbers that are the same to the bit.
 *
 * Input: a byte of options, then the file. The detector takes the columns a and b as numbers and c as a category.
 */
#include <math.h>

#include "../unit/start_network.h"
#include "base/alloc.h"
#include "base/digest.h"
#include "base/log_odds.h"
#include "base/number.h"
#include "csv/reader.h"
#include "detector/model.h"
#include "report/predict_csv.h"
#include "harness.h"

static struct flt_detector *make_detector(void)
{
	static const char *const levels[] = {"web", "shop", "two words"};
	static const size_t level_rows[] = {50, 30, 10};
	static const struct flt_prep_column columns[] = {
	        {.name = "a",
	         .has_number = true,
	         .has_indicator = true,
	         .median = 1,
	         .center = 0.5,
	         .factor = 2,
	         .profile = {.n_rows = 1000, .n_missing = 9, .quantiles = {-2, 0, 0, 0.5, 1, 1.5, 3, 7, 1e9}}},
	        {.name = "b", .has_number = true, .median = -3, .center = 0, .factor = 1},
	        {.name = "c",
	         .type = FLT_CATEGORICAL,
	         .use = FLT_USED_CATEGORICAL,
	         .levels = levels,
	         .n_levels = 3,
	         .has_other = true,
	         .profile = {.n_rows = 100, .n_missing = 4, .level_rows = level_rows}},
	};
	struct flt_detector *detector = flt_alloc_zero(1, sizeof *detector, NULL);
	PROMISE(detector);
	PROMISE(flt_prep_from_columns(FLT_SCALE_ROBUST, columns, 3, &detector->prep, NULL) == FLT_OK);
	struct flt_mlp_spec spec = {.n_in = flt_prep_n_features(detector->prep), .n_hidden = 1, .hidden = {4}};
	detector->members = flt_alloc_zero(1, sizeof *detector->members, NULL);
	PROMISE(detector->members && flt_mlp_new(&spec, &detector->members[0].net, NULL) == FLT_OK);
	detector->members[0].weight = 1;
	start_network(detector->members[0].net, 1, -2);
	detector->n_members = 1;
	detector->map.slope = 1;
	detector->choice.threshold = 0.095;
	detector->target = flt_copy_text("y", 1, NULL);
	detector->positive = flt_copy_text("is: yes", 7, NULL);
	detector->negative = flt_copy_text("no", 2, NULL);
	detector->input.id = flt_copy_text("id", 2, NULL);
	return detector;
}

/* What came out: as a digest, as predict writes it, and what that should read as. */
struct seen {
	struct flt_digest digest;
	struct flt_predict_csv format;
	struct flt_text_buffer written;
	double *score;
	size_t n, capacity, last_row;
};

static void see_text(struct seen *seen, const char *text)
{
	flt_digest_add(&seen->digest, text, strlen(text) + 1);
}

static enum flt_status see_block(void *context, size_t n_chunks, const struct flt_scored_rows *rows,
                                 struct flt_error *err)
{
	struct seen *seen = context;
	(void)n_chunks;
	PROMISE(flt_grow((void **)&seen->score, &seen->capacity, seen->n + rows->n, sizeof *seen->score, err) ==
	        FLT_OK);
	memcpy(seen->score + seen->n, rows->score, rows->n * sizeof *seen->score);
	PROMISE(flt_predict_csv_lines(&seen->format, rows, &seen->written, err) == FLT_OK);
	for (size_t i = 0; i < rows->n; i++) {
		PROMISE(rows->row[i] > seen->last_row && isfinite(rows->score[i]));
		seen->last_row = rows->row[i];
		flt_digest_add(&seen->digest, &rows->score[i], sizeof rows->score[i]);
		flt_digest_add(&seen->digest, &rows->row[i], sizeof rows->row[i]);
		flt_digest_add(&seen->digest, &rows->line[i], sizeof rows->line[i]);
		if (rows->id)
			see_text(seen, rows->id[i]);
		if (rows->target)
			see_text(seen, rows->target[i]);
		if (rows->record)
			flt_digest_add(&seen->digest, rows->record[i], rows->record_length[i]);
	}
	seen->n += rows->n;
	return FLT_OK;
}

static void begin(struct seen *seen, const struct flt_detector *detector, const struct flt_stream *stream,
                  const struct flt_stream_options *options)
{
	bool keep = options->keep_records;
	*seen = (struct seen){.format = {.detector = detector,
	                                 .keep_records = keep,
	                                 .delimiter = keep ? flt_stream_delimiter(stream) : ',',
	                                 .decimal = keep ? flt_stream_decimal(stream) : '.'}};
	PROMISE(flt_predict_csv_header(&seen->format, stream, &seen->written, NULL) == FLT_OK);
}

static void end(struct seen *seen)
{
	flt_text_buffer_release(&seen->written);
	flt_free(seen->score);
}

static double number_of(const struct flt_csv_field *field, char decimal)
{
	double value = 0;
	PROMISE(flt_number_parse(field->text, field->length, decimal, &value) == FLT_NUMBER);
	return value;
}

static void check_record(const struct seen *seen, const struct flt_csv_record *record, size_t n_columns, double score)
{
	const struct flt_detector *detector = seen->format.detector;
	const struct flt_csv_field *added = record->fields + n_columns - 3;
	double probability = flt_sigmoid(flt_detector_log_odds(detector, score));
	bool positive = flt_detector_is_positive(detector, probability);
	PROMISE(number_of(&added[0], seen->format.decimal) == probability);
	PROMISE(strcmp(added[1].text, positive ? detector->positive : detector->negative) == 0);
	PROMISE((double)(float)number_of(&added[2], seen->format.decimal) == score);
}

/* Reads again what was written. */
static void check_written(const struct seen *seen, size_t n_columns)
{
	struct flt_csv_options options = {
	        .delimiter = seen->format.delimiter, .decimal = seen->format.decimal, .header = FLT_HEADER_YES};
	struct flt_csv *csv;
	struct flt_csv_record record;
	bool is_end = false;
	const char *path = path_of((const uint8_t *)seen->written.bytes, seen->written.length);
	PROMISE(flt_csv_open(path, &options, &csv, NULL) == FLT_OK);
	PROMISE(flt_csv_n_columns(csv) == n_columns);
	for (size_t i = 0; i < seen->n; i++) {
		PROMISE(flt_csv_next(csv, &record, &is_end, NULL) == FLT_OK && !is_end);
		check_record(seen, &record, n_columns, seen->score[i]);
	}
	PROMISE(flt_csv_next(csv, &record, &is_end, NULL) == FLT_OK && is_end);
	flt_csv_free(csv);
}

static void check_unlearnt(const struct flt_stream *stream)
{
	for (size_t i = 0; i < flt_stream_n_columns(stream); i++) {
		const char *first = NULL;
		PROMISE(flt_stream_n_unlearnt(stream, i, &first) == 0 || first);
	}
}

/* Each warning is a sentence on a column of the file. */
static size_t check_warnings(const struct flt_stream *stream)
{
	size_t n = 0;
	for (size_t i = 0; i < flt_stream_n_warnings(stream); i++)
		PROMISE(flt_stream_warning(stream, i)[0] == '"' && strstr(flt_stream_warning(stream, i), "training"));
	for (size_t i = 0; i < flt_stream_n_columns(stream); i++)
		n += flt_stream_warns_of(stream, i);
	PROMISE(n == flt_stream_n_warnings(stream));
	return n;
}

struct outcome {
	enum flt_status status;
	struct flt_error err;
	size_t n, n_warnings;
	char sha256[FLT_SHA256_TEXT];
};

/* With `read_back` the file is another one afterwards. */
static void run(const struct flt_detector *detector, const char *path, struct flt_stream_options *options,
                unsigned n_threads, bool read_back, struct outcome *outcome)
{
	struct seen seen = {0};
	struct flt_stream_visitor visitor = {.context = &seen, .on_block = see_block};
	struct flt_stream *stream;
	options->n_threads = n_threads;
	memset(outcome, 0, sizeof *outcome);
	outcome->status = flt_stream_open(detector, path, options, &stream, &outcome->err);
	for (int times = options->rewindable ? 2 : 1; times > 0 && !outcome->status; times--) {
		end(&seen);
		begin(&seen, detector, stream, options);
		outcome->status = flt_stream_run(stream, &visitor, &outcome->err);
		PROMISE(outcome->status || flt_stream_n_rows(stream) == seen.n);
		flt_digest_end(&seen.digest, outcome->sha256);
	}
	outcome->n = seen.n;
	if (!outcome->status) {
		check_unlearnt(stream);
		outcome->n_warnings = check_warnings(stream);
		if (read_back)
			check_written(&seen, 3 + (options->keep_records ? flt_stream_n_columns(stream) : 1));
	}
	end(&seen);
	flt_stream_free(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct flt_detector *detector;
	if (!detector)
		detector = make_detector();
	if (n == 0)
		return 0;
	const uint8_t flags = bytes[0];
	struct flt_stream_options options = {
	        .reading = {.delimiter = flags & 1 ? ':' : '\0',
	                    .decimal = flags & 1 ? ',' : '\0',
	                    .header = flags & 2 ? FLT_HEADER_YES : FLT_HEADER_FIND,
	                    .skip_bad_rows = flags & 4,
	                    .numeric = flags & 8 ? "a" : NULL},
	        .keep_records = flags & 16,
	        .needs_target = flags & 32,
	        .rewindable = flags & 64,
	};
	struct outcome one, two;
	bool with_threads = flags & 128;
	const char *path = path_of(bytes + 1, n - 1);
	run(detector, path, &options, 1, !with_threads, &one);
	if (one.status)
		promise_sentence(one.status, &one.err);
	if (with_threads) {
		options.block_size = 1 + n % 61;
		run(detector, path, &options, 2, true, &two);
		PROMISE(one.status == two.status && strcmp(one.err.text, two.err.text) == 0);
		PROMISE(one.status || (one.n == two.n && one.n_warnings == two.n_warnings));
		PROMISE(one.status || strcmp(one.sha256, two.sha256) == 0);
	}
	return 0;
}
