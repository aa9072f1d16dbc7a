#include "protocol/labelled.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

struct reading {
	struct flt_labelled_rows *rows;
	const struct flt_detector *detector;
	const struct flt_stream *stream;
	bool drop_missing_target;
};

static struct flt_shown show(const char *text)
{
	return flt_shown(text, strlen(text));
}

static enum flt_status add_row(const struct reading *reading, double score, const char *text, size_t line,
                               struct flt_error *err)
{
	struct flt_labelled_rows *rows = reading->rows;
	const struct flt_detector *detector = reading->detector;
	const char *file = flt_stream_name(reading->stream);
	if (flt_stream_is_missing(reading->stream, text)) {
		rows->n_without_target++;
		if (reading->drop_missing_target)
			return FLT_OK;
		return flt_fail(err, FLT_ERR_DATA,
		                "%s:%zu: no value in target \"%s\": fill it in, or leave such rows out with "
		                "--missing-target drop",
		                file, line, show(detector->target).text);
	}
	enum flt_target_class class = flt_detector_class_of(detector, text);
	if (class == FLT_CLASS_UNKNOWN)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s:%zu: target \"%s\" holds \"%s\", but the model knows \"%s\" and \"%s\"; correct it",
		                file, line, show(detector->target).text, show(text).text, detector->negative,
		                detector->positive);
	rows->score[rows->n] = score;
	rows->label[rows->n++] = class == FLT_CLASS_POSITIVE;
	rows->n_positive += class == FLT_CLASS_POSITIVE;
	return FLT_OK;
}

static enum flt_status add_block(void *context, size_t n_chunks, const struct flt_scored_rows *scored,
                                 struct flt_error *err)
{
	const struct reading *reading = context;
	struct flt_labelled_rows *rows = reading->rows;
	size_t n = rows->n + scored->n;
	(void)n_chunks;
	FLT_TRY(flt_grow((void **)&rows->score, &rows->score_capacity, n, sizeof *rows->score, err));
	FLT_TRY(flt_grow((void **)&rows->label, &rows->label_capacity, n, sizeof *rows->label, err));
	for (size_t i = 0; i < scored->n; i++)
		FLT_TRY(add_row(reading, scored->score[i], scored->target[i], scored->line[i], err));
	return FLT_OK;
}

enum flt_status flt_labelled_rows_read(struct flt_labelled_rows *rows, const struct flt_detector *detector,
                                       struct flt_stream *stream, bool drop_missing_target, struct flt_error *err)
{
	struct reading reading = {rows, detector, stream, drop_missing_target};
	struct flt_stream_visitor visitor = {.context = &reading, .on_block = add_block};
	return flt_stream_run(stream, &visitor, err);
}

void flt_labelled_rows_release(struct flt_labelled_rows *rows)
{
	flt_free(rows->score);
	flt_free(rows->label);
	*rows = (struct flt_labelled_rows){0};
}

static enum flt_status check_classes(const struct flt_labelled_rows *rows, const struct flt_stream *stream,
                                     const struct flt_detector *detector, struct flt_error *err)
{
	const char *file = flt_stream_name(stream);
	if (rows->n == 0)
		return flt_fail(err, FLT_ERR_DATA, "%s: has no rows to evaluate; choose another file", file);
	if (rows->n_positive > 0 && rows->n_positive < rows->n)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: %zu of its %zu rows are \"%s\"; figures need rows of both classes, so choose another file",
	                file, rows->n_positive, rows->n, detector->positive);
}

enum flt_status flt_labelled_rows_evaluate(struct flt_labelled_rows *rows, const struct flt_stream *stream,
                                           struct flt_detector *detector, const struct flt_rule *rule,
                                           unsigned n_threads, struct flt_evaluation *evaluation, struct flt_error *err)
{
	const char *sha256 = flt_stream_sha256(stream);
	struct flt_labelled_rows taken = *rows;
	enum flt_status status = check_classes(&taken, stream, detector, err);
	*rows = (struct flt_labelled_rows){0};
	*evaluation = (struct flt_evaluation){0};
	if (status != FLT_OK) {
		flt_labelled_rows_release(&taken);
		return status;
	}
	FLT_TRY(flt_evaluation_of_file(detector, taken.score, taken.label, taken.n, sha256, n_threads, evaluation,
	                               err));
	if (rule)
		status = flt_evaluation_choose(evaluation, rule, sha256, n_threads, err);
	if (status != FLT_OK)
		flt_evaluation_release(evaluation);
	return status;
}
