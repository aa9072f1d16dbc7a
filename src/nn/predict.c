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

static void predict_block(void *context, size_t block, size_t worker)
{
	const struct rows *rows = context;
	struct flt_pass *pass = &rows->passes[worker];
	size_t begin = block * FLT_BLOCK_ROWS;
	size_t n = rows->n - begin < FLT_BLOCK_ROWS ? rows->n - begin : FLT_BLOCK_ROWS;
	unsigned before = flt_denormals_flush();
	flt_pass_predict(pass, rows->weights, n, rows->x + begin * rows->weights->mlp->spec.n_in);
	flt_denormals_restore(before);
	memcpy(rows->logit + begin, pass->logit, n * sizeof *rows->logit);
}

void flt_predict(const struct flt_weights *weights, struct flt_pool *pool, struct flt_pass *passes, const float *x,
                 size_t n, float *logit)
{
	struct rows rows = {weights, passes, x, n, logit};
	flt_pool_run(pool, (n + FLT_BLOCK_ROWS - 1) / FLT_BLOCK_ROWS, predict_block, &rows);
}

enum flt_status flt_passes_new(const struct flt_mlp *mlp, size_t n, size_t max_rows, bool backward,
                               struct flt_pass **out, struct flt_error *err)
{
	*out = flt_alloc_zero(n, sizeof **out, err);
	if (!*out)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < n; i++)
		if (flt_pass_init(&(*out)[i], mlp, max_rows, backward, err)) {
			flt_passes_free(*out, n);
			*out = NULL;
			return FLT_ERR_MACHINE;
		}
	return FLT_OK;
}

void flt_passes_free(struct flt_pass *passes, size_t n)
{
	for (size_t i = 0; passes && i < n; i++)
		flt_pass_release(&passes[i]);
	flt_free(passes);
}

enum flt_status flt_mlp_predict(const struct flt_mlp *mlp, const float *x, size_t n, unsigned n_threads, float *logit,
                                struct flt_error *err)
{
	struct flt_pool *pool = NULL;
	struct flt_pass *passes = NULL;
	struct flt_weights weights = {0};
	enum flt_status status = flt_pool_new(n <= FLT_BLOCK_ROWS ? 1 : n_threads, &pool, err);
	if (status)
		return status;
	size_t n_passes = flt_pool_n_threads(pool);
	status = flt_passes_new(mlp, n_passes, FLT_BLOCK_ROWS, false, &passes, err);
	if (!status)
		status = flt_weights_init(&weights, mlp, false, err);
	if (!status) {
		flt_weights_set(&weights, mlp->params, pool);
		flt_predict(&weights, pool, passes, x, n, logit);
	}
	flt_weights_release(&weights);
	flt_passes_free(passes, n_passes);
	flt_pool_free(pool);
	return status;
}
