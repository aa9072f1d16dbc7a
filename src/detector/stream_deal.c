#include "detector/stream_deal.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/siphash.h"
#include "detector/stream_batch.h"

/* What a letter begins with. Behind it stand the scores of its rank's rows, hashes and reasons if they are asked for,
 * and the counters of what the rows held; or the sentence of a failure, padded to words. */
enum { N_ROWS, CHECKSUM, STATUS, HEADER };

static const size_t at_the_end = SIZE_MAX; /* in place of N_ROWS */

void flt_stream_deal_over(struct flt_stream *stream, struct flt_ranks *ranks)
{
	stream->deal.ranks = flt_ranks_count(ranks) > 1 ? ranks : NULL;
	stream->deal.began = flt_clock_seconds();
	stream->deal.told_before = flt_ranks_met(ranks);
}

static struct flt_stream_part share_of(const struct flt_stream *stream, size_t rank)
{
	size_t n = stream->rows.n, n_ranks = flt_ranks_count(stream->deal.ranks);
	size_t begin = n * rank / n_ranks, end = n * (rank + 1) / n_ranks;
	return flt_stream_part_of(begin, end - begin);
}

/* ---- what a rank has read ---- */

/* Of the cells that scores are made of: ranks may be asked for other columns besides. */
static uint64_t checksum(const struct flt_stream *stream)
{
	static const struct flt_siphash_key key = {0};
	const struct flt_stream_file *file = stream->file;
	struct flt_siphash sum = flt_siphash_begin(&key);
	for (size_t row = 0; row < stream->rows.n; row++) {
		const char *const *cells = stream->rows.cells + row * file->n_columns;
		for (size_t c = 0; c < file->n_columns; c++) {
			if (!flt_scorer_uses(file->scorer, c))
				continue;
			size_t length = strlen(cells[c]);
			flt_siphash_add_words(&sum, cells[c], length);
			flt_siphash_add(&sum, flt_siphash_last(cells[c], length));
		}
	}
	return flt_siphash_end(&sum, 0);
}

/* ---- the arrays of a part ---- */

struct values {
	double *at;
	size_t n;
};

enum { SCORES, HASHES, PARTS, LEFT, RANGES, N_ARRAYS };

static void arrays_of(const struct flt_stream *stream, const struct flt_stream_part *part,
                      struct values arrays[N_ARRAYS])
{
	const struct flt_explained explained = flt_stream_explained(stream, part->first);
	size_t n_hashes = stream->options.needs_hashes ? part->n : 0, n_explained = explained.left ? part->n : 0;
	arrays[SCORES] = (struct values){stream->score + part->first, part->n};
	arrays[HASHES] = (struct values){n_hashes ? stream->hash + part->first : NULL, n_hashes};
	arrays[PARTS] = (struct values){explained.part, n_explained * stream->n_parts};
	arrays[LEFT] = (struct values){explained.left, n_explained};
	arrays[RANGES] = (struct values){explained.range, n_explained};
}

static size_t n_words_of(const struct flt_stream *stream, const struct flt_stream_part *part)
{
	struct values arrays[N_ARRAYS];
	size_t n = HEADER + flt_seen_n_words(stream->detector->prep);
	arrays_of(stream, part, arrays);
	for (size_t i = 0; i < N_ARRAYS; i++)
		n += arrays[i].n;
	return n;
}

/* ---- writing ---- */

static enum flt_status begin_letter(struct flt_stream_deal *deal, size_t n_words, struct flt_error *err)
{
	deal->n_words = n_words;
	return flt_grow((void **)&deal->letter, &deal->capacity, n_words, sizeof *deal->letter, err);
}

static enum flt_status write_failure(struct flt_stream *stream, const struct flt_stream_chunk *chunk,
                                     struct flt_error *err)
{
	struct flt_stream_deal *deal = &stream->deal;
	FLT_TRY(begin_letter(deal, HEADER + sizeof chunk->err.text / sizeof *deal->letter + 1, err));
	memset(deal->letter, 0, deal->n_words * sizeof *deal->letter);
	snprintf((char *)(deal->letter + HEADER), sizeof chunk->err.text, "%s", chunk->err.text);
	return FLT_OK;
}

static enum flt_status write_shares(struct flt_stream *stream, struct flt_error *err)
{
	struct flt_stream_deal *deal = &stream->deal;
	struct values arrays[N_ARRAYS];
	FLT_TRY(begin_letter(deal, n_words_of(stream, &stream->scored), err));
	arrays_of(stream, &stream->scored, arrays);
	uint64_t *at = deal->letter + HEADER;
	for (size_t i = 0; i < N_ARRAYS; i++) {
		if (arrays[i].n > 0)
			memcpy(at, arrays[i].at, arrays[i].n * sizeof *at);
		at += arrays[i].n;
	}
	size_t n_chunks = stream->scored.n_chunks;
	const struct flt_seen *seen =
	        n_chunks ? flt_watch_join(stream->watch, n_chunks) : flt_watch_chunk(stream->watch, 0);
	flt_seen_to_words(stream->detector->prep, seen, at);
	return FLT_OK;
}

/* Of the first chunk that failed, or of all. */
static enum flt_status write_letter(struct flt_stream *stream, struct flt_error *err)
{
	enum flt_status failed = FLT_OK;
	for (size_t i = 0; i < stream->scored.n_chunks && failed == FLT_OK; i++) {
		const struct flt_stream_chunk *chunk = &stream->chunks[i];
		failed = chunk->status;
		if (failed == FLT_ERR_MACHINE) /* it is this rank's alone */
			return flt_fail(err, failed, "%s", chunk->err.text);
		if (failed != FLT_OK)
			FLT_TRY(write_failure(stream, chunk, err));
	}
	if (failed == FLT_OK)
		FLT_TRY(write_shares(stream, err));
	stream->deal.letter[N_ROWS] = stream->rows.n;
	stream->deal.letter[CHECKSUM] = checksum(stream);
	stream->deal.letter[STATUS] = (uint64_t)failed;
	return FLT_OK;
}

/* ---- reading ---- */

static enum flt_status fail_other_data(size_t rank, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_DATA, "rank %zu has read other data; give all ranks the same files", rank);
}

static void read_failure(struct flt_stream_deal *deal, const uint64_t *letter, size_t n_words)
{
	size_t n = (n_words - HEADER) * sizeof *letter;
	const char *text = (const char *)(letter + HEADER);
	if (deal->failure.status == FLT_OK)
		flt_fail(&deal->failure, (enum flt_status)letter[STATUS], "%.*s", (int)strnlen(text, n), text);
}

static enum flt_status read_shares(struct flt_stream *stream, size_t rank, const uint64_t *letter,
                                   struct flt_error *err)
{
	const struct flt_stream_part part = share_of(stream, rank);
	size_t n_columns = stream->file->n_columns;
	struct values arrays[N_ARRAYS];
	arrays_of(stream, &part, arrays);
	letter += HEADER;
	for (size_t i = 0; i < N_ARRAYS; i++) {
		if (arrays[i].n > 0)
			memcpy(arrays[i].at, letter, arrays[i].n * sizeof *letter);
		letter += arrays[i].n;
	}
	if (!flt_seen_from_words(stream->detector->prep, letter, part.n, flt_watch_chunk(stream->watch, 0)))
		return fail_other_data(rank, err);
	return flt_watch_take(stream->watch, stream->file->scorer, 0, stream->rows.cells + part.first * n_columns,
	                      n_columns, part.n, err);
}

/* In the order of ranks, which is that of the rows. */
static enum flt_status read_letter(struct flt_stream *stream, size_t rank, const uint64_t *letter, size_t n_words,
                                   struct flt_error *err)
{
	struct flt_stream_deal *deal = &stream->deal;
	deal->n_taken++;
	if (n_words < HEADER || letter[N_ROWS] != deal->letter[N_ROWS] || letter[CHECKSUM] != deal->letter[CHECKSUM])
		return fail_other_data(rank, err);
	if (letter[STATUS] != FLT_OK)
		read_failure(deal, letter, n_words);
	if (letter[STATUS] != FLT_OK || letter[N_ROWS] == at_the_end)
		return FLT_OK;
	const struct flt_stream_part part = share_of(stream, rank);
	return n_words == n_words_of(stream, &part) ? read_shares(stream, rank, letter, err)
	                                            : fail_other_data(rank, err);
}

static enum flt_status read_own(struct flt_stream *stream, struct flt_error *err)
{
	return read_letter(stream, stream->deal.n_taken, stream->deal.letter, stream->deal.n_words, err);
}

static enum flt_status take_letter(void *context, size_t rank, const uint8_t *bytes, size_t n_bytes,
                                   struct flt_error *err)
{
	struct flt_stream *stream = context;
	if (stream->deal.n_taken == flt_ranks_own(stream->deal.ranks))
		FLT_TRY(read_own(stream, err));
	return read_letter(stream, rank, (const uint64_t *)(const void *)bytes, n_bytes / sizeof(uint64_t), err);
}

/* Where several ranks have read other data, rank 0 names the lowest of them. */
static enum flt_status share_letters(struct flt_stream *stream, struct flt_error *err)
{
	struct flt_stream_deal *deal = &stream->deal;
	deal->n_taken = 0;
	deal->failure.status = FLT_OK;
	FLT_TRY(flt_ranks_share(deal->ranks, (const uint8_t *)deal->letter, deal->n_words * sizeof *deal->letter,
	                        take_letter, stream, err));
	if (deal->n_taken == flt_ranks_own(deal->ranks))
		FLT_TRY(read_own(stream, err));
	if (deal->failure.status != FLT_OK)
		return flt_fail(err, deal->failure.status, "%s", deal->failure.text);
	return FLT_OK;
}

/* ---- a batch ---- */

static void score(void *context, size_t task, size_t worker)
{
	(void)worker;
	flt_stream_batch_score(context, task);
}

static void show(void *context, size_t task, size_t worker)
{
	(void)worker;
	flt_stream_batch_show(context, task);
}

static enum flt_status score_share(struct flt_stream *stream, struct flt_csv_batches *batches, struct flt_error *err)
{
	struct flt_stream_deal *deal = &stream->deal;
	double began = flt_clock_seconds();
	stream->scored = share_of(stream, flt_ranks_own(deal->ranks));
	enum flt_status status = flt_csv_run_tasks(batches, stream->scored.n_chunks, score, stream, err);
	deal->dealt.seconds_scoring += flt_clock_seconds() - began;
	deal->dealt.n_batches++;
	return status;
}

enum flt_status flt_stream_deal_batch(struct flt_stream *stream, struct flt_csv_batches *batches, struct flt_error *err)
{
	const struct flt_stream_visitor *visitor = stream->visitor;
	FLT_TRY(score_share(stream, batches, err));
	FLT_TRY(write_letter(stream, err));
	FLT_TRY(share_letters(stream, err));
	for (size_t i = 0; i < stream->shown.n_chunks; i++)
		stream->chunks[i].status = FLT_OK;
	if (!visitor->on_chunk && !visitor->on_block)
		return FLT_OK;
	return flt_csv_run_tasks(batches, stream->shown.n_chunks, show, stream, err);
}

/* ---- the end of a run ---- */

static void count_seconds(struct flt_stream_deal *deal)
{
	struct flt_traded told = flt_ranks_met(deal->ranks);
	deal->dealt.seconds = flt_clock_seconds() - deal->began;
	deal->dealt.told = (struct flt_traded){.n_messages = told.n_messages - deal->told_before.n_messages,
	                                       .n_bytes = told.n_bytes - deal->told_before.n_bytes,
	                                       .seconds = told.seconds - deal->told_before.seconds};
}

struct flt_stream_dealt flt_stream_dealt(const struct flt_stream *stream)
{
	return stream->deal.dealt;
}

enum flt_status flt_stream_deal_end(struct flt_stream *stream, struct flt_error *err)
{
	if (!stream->deal.ranks)
		return FLT_OK;
	FLT_TRY(begin_letter(&stream->deal, HEADER, err));
	stream->deal.letter[N_ROWS] = at_the_end;
	stream->deal.letter[CHECKSUM] = stream->n_rows;
	stream->deal.letter[STATUS] = FLT_OK;
	FLT_TRY(share_letters(stream, err));
	count_seconds(&stream->deal);
	return FLT_OK;
}
