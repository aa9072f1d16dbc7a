#include "nn/predict.h"

#include <string.h>

#include "base/alloc.h"
#include "nn/denormals.h"

struct rows {
	const struct flt_weights *weights;
	struct flt_pass *passes;
	const float *x;
	const uint32_t *numbers; /* (n) of the rows in x; NULL: its first n */
	size_t n;
	float *logit;
};

/* The n rows from `begin` on, as they lie or copied to the pass. */
static const float *rows_from(const struct rows *rows, size_t begin, size_t n, struct flt_pass *pass)
{
	size_t n_in = rows->weights->mlp->spec.n_in;
	if (!rows->numbers)
		return rows->x + begin * n_in;
	for (size_t i = 0; i < n; i++)
		memcpy(pass->x + i * n_in, rows->x + rows->numbers[begin + i] * n_in, n_in * sizeof *pass->x);
	return pass->x;
}

static void predict_tile(void *context, size_t tile, size_t worker)
{
	const struct rows *rows = context;
	struct flt_pass *pass = &rows->passes[worker];
	size_t begin = tile * FLT_TILE_ROWS;
	size_t n = rows->n - begin < FLT_TILE_ROWS ? rows->n - begin : FLT_TILE_ROWS;
	unsigned before = flt_denormals_flush();
	flt_pass_predict(pass, rows->weights, n, rows_from(rows, begin, n, pass));
	flt_denormals_restore(before);
	memcpy(rows->logit + begin, pass->logit, n * sizeof *rows->logit);
}

void flt_predict(const struct flt_weights *weights, struct flt_pool *pool, struct flt_pass *passes, const float *x,
                 const uint32_t *numbers, size_t n, float *logit)
{
	struct rows rows = {weights, passes, x, numbers, n, logit};
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

/* ---- several networks in turn ---- */

/* Rows of a pass: for a few, just as many. */
static size_t rows_of_pass(size_t max_rows)
{
	enum { ALIGNED_ROWS = 8 };
	size_t rounded = (max_rows + ALIGNED_ROWS - 1) / ALIGNED_ROWS * ALIGNED_ROWS;
	return max_rows < FLT_TILE_ROWS ? rounded : FLT_TILE_ROWS;
}

size_t flt_predictor_n_floats(const struct flt_mlp *mlp, size_t max_rows)
{
	return flt_pass_n_floats(mlp, rows_of_pass(max_rows), FLT_TO_PREDICT);
}

enum flt_status flt_predictor_init(struct flt_predictor *predictor, size_t n_floats, size_t max_rows,
                                   unsigned n_threads, struct flt_error *err)
{
	*predictor = (struct flt_predictor){0};
	FLT_TRY(flt_pool_new(max_rows <= FLT_TILE_ROWS ? 1 : n_threads, &predictor->pool, err));
	unsigned n = flt_pool_n_threads(predictor->pool);
	predictor->passes = flt_alloc_zero(n, sizeof *predictor->passes, err);
	FLT_TRY_MEMORY(predictor->passes);
	for (unsigned i = 0; i < n; i++)
		FLT_TRY(flt_pass_init_shared(&predictor->passes[i], n_floats, rows_of_pass(max_rows), err));
	return FLT_OK;
}

void flt_predictor_release(struct flt_predictor *predictor)
{
	if (predictor->pool)
		flt_passes_free(predictor->passes, flt_pool_n_threads(predictor->pool));
	flt_pool_free(predictor->pool);
	*predictor = (struct flt_predictor){0};
}

void flt_predictor_run(struct flt_predictor *predictor, const struct flt_weights *weights, const float *x, size_t n,
                       float *logit)
{
	for (unsigned i = 0; i < flt_pool_n_threads(predictor->pool); i++)
		flt_pass_turn_to(&predictor->passes[i], weights->mlp, FLT_TO_PREDICT);
	flt_predict(weights, predictor->pool, predictor->passes, x, NULL, n, logit);
}

enum flt_status flt_mlp_predict(const struct flt_mlp *mlp, const float *x, size_t n, unsigned n_threads, float *logit,
                                struct flt_error *err)
{
	struct flt_predictor predictor;
	struct flt_weights weights = {0};
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(flt_predictor_init(&predictor, flt_predictor_n_floats(mlp, n), n, n_threads, err));
	FLT_TRY_OUT(flt_weights_init(&weights, mlp, FLT_TO_PREDICT, err));
	flt_weights_set(&weights, mlp->params, predictor.pool);
	flt_predictor_run(&predictor, &weights, x, n, logit);
out:
	flt_weights_release(&weights);
	flt_predictor_release(&predictor);
	return status;
}
