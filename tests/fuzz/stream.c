/*
 * Promised of the rows that predict reads: any bytes, under any options, go through a detector or are refused in a
 * sentence that names the line. Rows are numbered upward, a score is finite, and two threads hand out the same rows
 * with the same scores, records and ids.
 *
 * Input: a byte of options, then the file. The detector takes the columns a and b as numbers and c as a category.
 */
#include "fltrain/stream.h"

#include <math.h>

#include "base/alloc.h"
#include "base/sha256.h"
#include "harness.h"

static struct flt_detector *make_detector(void)
{
	static const char *const levels[] = {"web", "shop", "two words"};
	static const struct flt_prep_column columns[] = {
	        {.name = "a", .has_number = true, .has_mark = true, .median = 1, .center = 0.5, .factor = 2},
	        {.name = "b", .has_number = true, .median = -3, .center = 0, .factor = 1},
	        {.name = "c",
	         .type = FLT_CATEGORICAL,
	         .fate = FLT_USED_CATEGORICAL,
	         .levels = levels,
	         .n_levels = 3,
	         .has_other = true},
	};
	struct flt_detector *detector = flt_alloc_zero(1, sizeof *detector, NULL);
	PROMISE(detector);
	PROMISE(flt_prep_from_columns(FLT_SCALE_ROBUST, columns, 3, &detector->prep, NULL) == FLT_OK);
	struct flt_mlp_spec spec = {.n_in = flt_prep_n_features(detector->prep), .n_hidden = 1, .hidden = {4}};
	detector->nets = flt_alloc_zero(1, sizeof *detector->nets, NULL);
	PROMISE(detector->nets && flt_mlp_new(&spec, detector->nets, NULL) == FLT_OK);
	flt_mlp_init(detector->nets[0], 1, -2);
	detector->n_nets = 1;
	detector->map.slope = 1;
	detector->choice.threshold = 0.25;
	detector->target = flt_copy_text("y", 1, NULL);
	detector->input.id = flt_copy_text("id", 2, NULL);
	return detector;
}

/* What came out, as a digest, and the numbers of the rows. */
struct seen {
	struct flt_sha256 hash;
	size_t n, last_row;
};

static void see_text(struct seen *seen, const char *text)
{
	flt_sha256_add(&seen->hash, text, strlen(text) + 1);
}

static enum flt_status see_block(void *context, size_t n_parts, const struct flt_scored_rows *rows,
                                 struct flt_error *err)
{
	struct seen *seen = context;
	(void)n_parts;
	(void)err;
	for (size_t i = 0; i < rows->n; i++) {
		PROMISE(rows->row[i] > seen->last_row && isfinite(rows->score[i]));
		seen->last_row = rows->row[i];
		flt_sha256_add(&seen->hash, &rows->score[i], sizeof rows->score[i]);
		flt_sha256_add(&seen->hash, &rows->row[i], sizeof rows->row[i]);
		flt_sha256_add(&seen->hash, &rows->line[i], sizeof rows->line[i]);
		if (rows->id)
			see_text(seen, rows->id[i]);
		if (rows->target)
			see_text(seen, rows->target[i]);
		if (rows->record)
			flt_sha256_add(&seen->hash, rows->record[i], rows->record_length[i]);
	}
	seen->n += rows->n;
	return FLT_OK;
}

struct outcome {
	enum flt_status status;
	struct flt_error err;
	size_t n;
	char sha256[FLT_SHA256_TEXT];
};

static void run(const struct flt_detector *detector, const char *path, struct flt_stream_options *options,
                unsigned n_threads, struct outcome *outcome)
{
	struct seen seen = {0};
	struct flt_stream_visitor visitor = {.context = &seen, .on_block = see_block};
	struct flt_stream *stream;
	options->n_threads = n_threads;
	memset(outcome, 0, sizeof *outcome);
	outcome->status = flt_stream_open(detector, path, options, &stream, &outcome->err);
	for (int times = options->rewindable ? 2 : 1; times > 0 && !outcome->status; times--) {
		seen = (struct seen){0};
		flt_sha256_init(&seen.hash);
		outcome->status = flt_stream_run(stream, &visitor, &outcome->err);
		PROMISE(outcome->status || flt_stream_n_rows(stream) == seen.n);
		flt_sha256_end(&seen.hash, outcome->sha256);
	}
	outcome->n = seen.n;
	flt_stream_free(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct flt_detector *detector;
	static const char delimiters[] = {0, ';'};
	if (!detector)
		detector = make_detector();
	if (n == 0)
		return 0;
	const uint8_t flags = bytes[0];
	struct flt_stream_options options = {
	        .reading = {.delimiter = delimiters[flags & 1],
	                    .decimal = flags & 1 ? ',' : '\0',
	                    .header = flags & 2 ? FLT_HEADER_YES : FLT_HEADER_FIND,
	                    .skip_bad_rows = flags & 4,
	                    .numeric = flags & 8 ? "a" : NULL},
	        .keep_records = flags & 16,
	        .needs_target = flags & 32,
	        .rewindable = flags & 64,
	};
	struct outcome one, two;
	const char *path = path_of(bytes + 1, n - 1);
	run(detector, path, &options, 1, &one);
	if (one.status)
		promise_sentence(one.status, &one.err);
	if (flags & 128) {
		run(detector, path, &options, 2, &two);
		PROMISE(one.status == two.status && strcmp(one.err.text, two.err.text) == 0);
		PROMISE(one.status || (one.n == two.n && strcmp(one.sha256, two.sha256) == 0));
	}
	return 0;
}
