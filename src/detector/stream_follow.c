/* A row goes the way of a batch of one, on the caller's thread: nothing waits for another row or for a thread. */
#include "detector/stream_follow.h"

#include <math.h>
#include <stdio.h>

#include "detector/stream_batch.h"

/* The sentence is copied: a visitor may make it the error of the chunk, where it may come from. */
static void set_error(struct flt_stream *stream, const char *text)
{
	snprintf(stream->why.text, sizeof stream->why.text, "%s", text);
	stream->row_error = stream->why.text;
	stream->score[0] = NAN;
	stream->chunks[0].status = FLT_OK;
}

static enum flt_status hand_out(struct flt_stream *stream, struct flt_error *err)
{
	flt_stream_batch_show(stream, 0);
	FLT_TRY(flt_stream_batch_hand_out(stream, err));
	stream->n_rows++;
	return FLT_OK;
}

static enum flt_status answer(struct flt_stream *stream, const struct flt_csv_record *record, struct flt_error *err)
{
	const struct flt_stream_chunk *chunk = &stream->chunks[0];
	FLT_TRY(flt_stream_rows_add(&stream->rows, stream->file, record, stream->options.keep_records,
	                            flt_stream_delimiter(stream), err));
	stream->rows.row[0] = flt_csv_n_records(stream->file->csv);
	FLT_TRY(flt_stream_batch_prepare(stream, err));
	stream->row_error = NULL;
	flt_stream_batch_score(stream, 0);
	if (chunk->status == FLT_ERR_DATA)
		set_error(stream, chunk->err.text);
	return hand_out(stream, err);
}

static enum flt_status answer_broken(struct flt_stream *stream, const char *why, struct flt_error *err)
{
	FLT_TRY(flt_stream_rows_add_broken(&stream->rows, stream->file, flt_stream_delimiter(stream), err));
	stream->rows.row[0] = flt_csv_n_records(stream->file->csv);
	FLT_TRY(flt_stream_batch_prepare(stream, err));
	set_error(stream, why);
	return hand_out(stream, err);
}

static enum flt_status follow_row(struct flt_stream *stream, bool *is_end, struct flt_error *err)
{
	struct flt_csv_record record;
	struct flt_error why;
	flt_stream_rows_clear(&stream->rows);
	enum flt_status status = flt_csv_next(stream->file->csv, &record, is_end, &why);
	if (status == FLT_ERR_DATA && flt_csv_pass_record(stream->file->csv))
		return answer_broken(stream, why.text, err);
	if (status != FLT_OK)
		return flt_fail(err, status, "%s", why.text);
	return *is_end ? FLT_OK : answer(stream, &record, err);
}

enum flt_status flt_stream_follow(struct flt_stream *stream, struct flt_error *err)
{
	bool is_end = false;
	stream->n_blank = 0;
	while (!is_end)
		FLT_TRY(follow_row(stream, &is_end, err));
	flt_stream_rows_clear(&stream->rows);
	return FLT_OK;
}
