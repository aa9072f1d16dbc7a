/* The short ways to a probability. */
#include "base/alloc.h"
#include "detector/stream.h"

enum flt_status flt_score_row(const struct flt_detector *detector, const char *const *names, const char *const *cells,
                              size_t n, double *probability, struct flt_error *err)
{
	struct flt_scorer *scorer;
	double score = 0;
	enum flt_status status = flt_scorer_new(detector, names, n, NULL, &scorer, err);
	if (status == FLT_OK)
		status = flt_scorer_score(scorer, cells, 1, &score, NULL, NULL, err);
	if (status == FLT_OK)
		*probability = flt_sigmoid(flt_detector_log_odds(detector, score));
	flt_scorer_free(scorer);
	return status;
}

struct collected {
	const struct flt_detector *detector;
	double *probability; /* (n) */
	size_t n, capacity;
};

static enum flt_status collect(void *context, size_t n_parts, const struct flt_scored_rows *rows, struct flt_error *err)
{
	struct collected *all = context;
	(void)n_parts;
	if (flt_grow((void **)&all->probability, &all->capacity, all->n + rows->n, sizeof *all->probability, err))
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < rows->n; i++)
		all->probability[all->n++] = flt_sigmoid(flt_detector_log_odds(all->detector, rows->score[i]));
	return FLT_OK;
}

enum flt_status flt_score_file(const struct flt_detector *detector, const char *path, unsigned n_threads,
                               double **probability, size_t *n, struct flt_error *err)
{
	struct collected all = {.detector = detector};
	struct flt_stream_options options = {.n_threads = n_threads, .skip_digest = true};
	struct flt_stream_visitor visitor = {.context = &all, .on_block = collect};
	struct flt_stream *stream;
	*probability = NULL;
	*n = 0;
	enum flt_status status = flt_stream_open(detector, path, &options, &stream, err);
	if (status == FLT_OK)
		status = flt_stream_run(stream, &visitor, err);
	flt_stream_free(stream);
	if (status != FLT_OK) {
		flt_free(all.probability);
		return status;
	}
	*probability = all.probability;
	*n = all.n;
	return FLT_OK;
}
