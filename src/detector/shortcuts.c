/* The short ways to a probability: one record, or one file that fits into memory. */
#include "base/alloc.h"
#include "detector/model.h"
#include "fltrain/stream.h"

enum flt_status flt_score_row(const struct flt_detector *detector, const char *const *names, const char *const *cells,
                              size_t n, double *probability, struct flt_error *err)
{
	struct flt_scorer *scorer;
	double score;
	FLT_TRY(flt_scorer_new(detector, names, n, NULL, &scorer, err));
	enum flt_status status = flt_scorer_score(scorer, cells, 1, &score, NULL, err);
	if (status == FLT_OK)
		*probability = flt_detector_probability(detector, score);
	flt_scorer_free(scorer);
	return status;
}

struct collected {
	double *score; /* (n) */
	size_t n, capacity;
};

static enum flt_status collect(void *context, size_t n_chunks, const struct flt_scored_rows *rows,
                               struct flt_error *err)
{
	struct collected *all = context;
	(void)n_chunks;
	FLT_TRY(flt_grow((void **)&all->score, &all->capacity, all->n + rows->n, sizeof *all->score, err));
	for (size_t i = 0; i < rows->n; i++)
		all->score[all->n++] = rows->score[i];
	return FLT_OK;
}

enum flt_status flt_stream_scores(struct flt_stream *stream, double **score, size_t *n, struct flt_error *err)
{
	struct collected all = {0};
	struct flt_stream_visitor visitor = {.context = &all, .on_block = collect};
	enum flt_status status = flt_stream_run(stream, &visitor, err);
	if (status != FLT_OK) {
		flt_free(all.score);
		all = (struct collected){0};
	}
	*score = all.score;
	*n = all.n;
	return status;
}

enum flt_status flt_score_file(const struct flt_detector *detector, const char *path, unsigned n_threads,
                               double **probability, size_t *n, struct flt_error *err)
{
	struct flt_stream_options options = {.n_threads = n_threads};
	struct flt_stream *stream;
	*probability = NULL;
	*n = 0;
	FLT_TRY(flt_stream_open(detector, path, &options, &stream, err));
	enum flt_status status = flt_stream_scores(stream, probability, n, err);
	for (size_t i = 0; i < *n; i++)
		(*probability)[i] = flt_detector_probability(detector, (*probability)[i]);
	flt_stream_free(stream);
	return status;
}
