#include "nn/predict.h"

#include <string.h>

#include "base/alloc.h"
#include "nn/denormals.h"

struct rows {
	const struct flt_weights *weights;
	struct flt_pass *passes;
	const float *x;
	size_t n;
	float *logit;
};

static void predict_tile(void *context, size_t tile, size_t worker)
{
	const struct rows *rows = context;
	struct flt_pass *pass = &rows->passes[worker];
	size_t begin = tile * FLT_TILE_ROWS;
	size_t n = rows->n - begin < FLT_TILE_ROWS ? rows->n - begin : FLT_TILE_ROWS;
	unsigned before = flt_denormals_flush();
	flt_pass_predict(pass, rows->weights, n, rows->x + begin * rows->weights->mlp->spec.n_in);
	flt_denormals_restore(before);
	memcpy(rows->logit + begin, pass->logit, n * sizeof *rows->logit);
}

void flt_predict(const struct flt_weights *weights, struct flt_pool *pool, struct flt_pass *passes, const float *x,
                 size_t n, float *logit)
{
	struct rows rows = {weights, passes, x, n, logit};
	flt_pool_run(pool, (n + FLT_TILE_ROWS - 1) / FLT_TILE_ROWS, predict_tile, &rows);
}

enum flt_status flt_passes_new(const struct flt_mlp *mlp, size_t n, size_t max_rows, enum flt_use use,
                               struct flt_pass **made, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	*made = NULL;
	struct flt_pass *passes = flt_alloc_zero(n, sizeof *passes, err);
	FLT_TRY_MEMORY(passes);
	for (size_t i = 0; i < n; i++)
		FLT_TRY_OUT(flt_pass_init(&passes[i], mlp, max_rows, use, err));
	*made = passes;
out:
	if (status != FLT_OK)
		flt_passes_free(passes, n);
	return status;
}

void flt_passes_free(struct flt_pass *passes, size_t n)
{
	for (size_t i = 0; passes && i < n; i++)
		flt_pass_release(&passes[i]);
	flt_free(passes);
}

/* For a few rows, passes of just as many: zeroing more would take longer than the rows. */
enum flt_status flt_predict_packed(const struct flt_weights *weights, const float *x, size_t n, unsigned n_threads,
                                   float *logit, struct flt_error *err)
{
	struct flt_pool *pool = NULL;
	struct flt_pass *passes = NULL;
	enum flt_status status = FLT_OK;
	FLT_TRY(flt_pool_new(n <= FLT_TILE_ROWS ? 1 : n_threads, &pool, err));
	size_t n_passes = flt_pool_n_threads(pool), max_rows = n < FLT_TILE_ROWS ? (n + 8) / 8 * 8 : FLT_TILE_ROWS;
	FLT_TRY_OUT(flt_passes_new(weights->mlp, n_passes, max_rows, FLT_TO_PREDICT, &passes, err));
	flt_predict(weights, pool, passes, x, n, logit);
out:
	flt_passes_free(passes, n_passes);
	flt_pool_free(pool);
	return status;
}

enum flt_status flt_mlp_predict(const struct flt_mlp *mlp, const float *x, size_t n, unsigned n_threads, float *logit,
                                struct flt_error *err)
{
	struct flt_pool *pool = NULL;
	struct flt_weights weights = {0};
	enum flt_status status = FLT_OK;
	FLT_TRY(flt_pool_new(1, &pool, err));
	FLT_TRY_OUT(flt_weights_init(&weights, mlp, FLT_TO_PREDICT, err));
	flt_weights_set(&weights, mlp->params, pool);
	FLT_TRY_OUT(flt_predict_packed(&weights, x, n, n_threads, logit, err));
out:
	flt_weights_release(&weights);
	flt_pool_free(pool);
	return status;
}
