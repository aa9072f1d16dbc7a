#include "nn/trainer.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/order.h"
#include "nn/predict.h"

enum {
	/* Measured: smaller shards lose more in the matrix products than threads gain. Every shard has a gradient of
	 * its own to add up, so large batches are cut into larger shards. */
	MIN_SHARD_ROWS = 128,
	WIDE_SHARD_ROWS = 256,
	SHARD_GRAIN = 64,   /* shards are multiples of this */
	SLICES = 8,         /* about as many as an update is cut into, within the bounds below; no result depends */
	MIN_SLICE = 1 << 9, /* on how it is cut */
	MAX_SLICE = 1 << 14,
};

/* Depends on the batch alone, so that results do not depend on the number of threads. */
static size_t choose_shard_rows(size_t batch)
{
	size_t rows = (batch + FLT_MAX_SHARDS - 1) / FLT_MAX_SHARDS;
	size_t least = batch / 4 < WIDE_SHARD_ROWS ? MIN_SHARD_ROWS : WIDE_SHARD_ROWS;
	rows = (rows + SHARD_GRAIN - 1) / SHARD_GRAIN * SHARD_GRAIN;
	return rows < least ? least : rows;
}

/* The first parameter of each slice of an update, and the end of the last. Slices hold whole groups of a layer's rows,
 * so that no two write the same cache line of the packed weights. begins NULL: only counts the slices. */
static size_t cut_slices(const struct flt_mlp *mlp, size_t *begins)
{
	size_t least = mlp->n_params / SLICES, last = 0, n = 1;
	least = least < MIN_SLICE ? MIN_SLICE : least > MAX_SLICE ? MAX_SLICE : least;
	for (size_t i = 0; i < mlp->n_tensors; i++)
		for (size_t row = 0; row < mlp->tensor[i].n_rows; row += FLT_ROWS_A_LINE) {
			size_t at = mlp->tensor[i].offset + row * mlp->tensor[i].n_cols;
			if (at - last < least)
				continue;
			last = at;
			if (begins)
				begins[n] = at;
			n++;
		}
	if (begins) {
		begins[0] = 0;
		begins[n] = mlp->n_params;
	}
	return n;
}

size_t flt_data_count_positive(const struct flt_data *data)
{
	size_t n = 0;
	for (size_t i = 0; i < data->n_rows; i++)
		n += data->label[data->rows ? data->rows[i] : i];
	return n;
}

struct flt_data_mass flt_data_mass(const struct flt_data *data)
{
	double all = 0, positive = 0;
	for (size_t i = 0; i < data->n_rows; i++) {
		size_t row = data->rows ? data->rows[i] : i;
		double weight = data->weight ? data->weight[row] : 1;
		all += weight;
		positive += data->label[row] ? weight : 0;
	}
	return (struct flt_data_mass){.mean = all / (double)data->n_rows, .prevalence = positive / all};
}

struct flt_mlp_spec flt_trainer_spec(const struct flt_train_options *options, const struct flt_data *fit)
{
	struct flt_mlp_spec spec = {.n_in = fit->n_in,
	                            .n_hidden = options->n_hidden,
	                            .activation = options->activation,
	                            .front_scale = options->front_scale,
	                            .embedding = options->embedding,
	                            .n_frequencies = options->n_frequencies,
	                            .n_embedded = options->n_embedded,
	                            .numeric = fit->numeric};
	memcpy(spec.hidden, options->hidden, sizeof spec.hidden);
	return spec;
}

static enum flt_status make_mlp(struct flt_trainer *trainer, struct flt_error *err)
{
	const struct flt_train_options *options = trainer->options;
	struct flt_mlp_spec spec = flt_trainer_spec(options, trainer->fit);
	FLT_TRY(flt_mlp_new(&spec, &trainer->mlp, err));
	double bias = options->zero_output_bias ? 0 : flt_loss_optimal_bias(&options->loss, trainer->mass.prevalence);
	struct flt_start start = {.seed = options->seed,
	                          .output_bias = (float)bias,
	                          .zero_output_weight = options->zero_output_weight,
	                          .ntp = options->ntp,
	                          .frequency_sigma = options->frequency_sigma};
	flt_mlp_start(trainer->mlp, &start);
	return FLT_OK;
}

static enum flt_status make_buffers(struct flt_trainer *trainer, struct flt_error *err)
{
	size_t n_params = trainer->mlp->n_params;
	trainer->stride = (n_params + 15) / 16 * 16;
	trainer->n_chunks = (n_params + FLT_CHUNK_PARAMS - 1) / FLT_CHUNK_PARAMS;
	trainer->n_slices = cut_slices(trainer->mlp, NULL);
	trainer->slice_begins = flt_alloc(trainer->n_slices + 1, sizeof *trainer->slice_begins, err);
	FLT_TRY_MEMORY(trainer->slice_begins);
	cut_slices(trainer->mlp, trainer->slice_begins);
	trainer->gradients = flt_alloc_aligned(trainer->n_shards * trainer->stride, sizeof(float), err);
	trainer->labels = flt_alloc_zero(trainer->n_workers * trainer->shard_rows, sizeof *trainer->labels, err);
	trainer->sums = flt_alloc_zero(trainer->n_shards, sizeof *trainer->sums, err);
	trainer->squares = flt_alloc_zero(trainer->n_chunks, sizeof *trainer->squares, err);
	FLT_TRY_MEMORY(trainer->gradients && trainer->labels && trainer->sums && trainer->squares);
	if (trainer->fit->weight) {
		trainer->row_weights =
		        flt_alloc_zero(trainer->n_workers * trainer->shard_rows, sizeof *trainer->row_weights, err);
		FLT_TRY_MEMORY(trainer->row_weights);
	}
	if (trainer->options->ema > 0) {
		trainer->mean = flt_alloc_aligned(n_params, sizeof *trainer->mean, err);
		FLT_TRY_MEMORY(trainer->mean);
		memcpy(trainer->mean, trainer->mlp->params, n_params * sizeof *trainer->mean);
	}
	return FLT_OK;
}

/* Sets how a batch is cut into shards. */
static void choose_shards(struct flt_trainer *trainer)
{
	size_t n_rows = trainer->fit->n_rows, batch = trainer->options->batch;
	trainer->batch = batch < n_rows ? batch : n_rows;
	trainer->shard_rows = choose_shard_rows(trainer->batch);
	trainer->n_shards = (trainer->batch + trainer->shard_rows - 1) / trainer->shard_rows;
}

size_t flt_train_n_shards(const struct flt_train_options *options, size_t n_rows)
{
	const struct flt_data fit = {.n_rows = n_rows};
	struct flt_trainer trainer = {.options = options, .fit = &fit};
	choose_shards(&trainer);
	return trainer.n_shards;
}

static size_t rows_of_pass(const struct flt_trainer *trainer)
{
	return trainer->shard_rows < FLT_TILE_ROWS ? FLT_TILE_ROWS : trainer->shard_rows;
}

double flt_trainer_memory(const struct flt_train_options *options, const struct flt_data *fit,
                          const struct flt_mlp *mlp)
{
	struct flt_trainer trainer = {.options = options, .fit = fit};
	unsigned n_threads = flt_pool_size(options->n_threads);
	choose_shards(&trainer);
	/* Vectors of parameters: weights, the optimizer's one or two, each shard's gradient, the running average. */
	double n_vectors = 2 + (options->optimizer != FLT_SGD) + (double)trainer.n_shards + (options->ema > 0);
	double pass = (double)flt_pass_n_floats(mlp, rows_of_pass(&trainer), FLT_TO_TRAIN);
	double weights = (double)flt_weights_n_floats(mlp, FLT_TO_TRAIN);
	return sizeof(float) * (n_vectors * (double)mlp->n_params + n_threads * pass + weights);
}

static void set_loss(struct flt_trainer *trainer)
{
	const struct flt_loss *loss = &trainer->options->loss;
	const struct flt_data *fit = trainer->fit;
	struct flt_epoch_rows rows = flt_epoch_rows(trainer->options, fit->n_rows, flt_data_count_positive(fit));
	trainer->visited = (double)rows.n / (double)fit->n_rows;
	trainer->focal = flt_focal_of(loss->gamma, loss->weight_positive, loss->weight_negative);
	trainer->epoch_focal = flt_focal_of(loss->gamma, loss->weight_positive, rows.stand_for * loss->weight_negative);
}

enum flt_status flt_trainer_new(const struct flt_train_options *options, const struct flt_data *fit,
                                struct flt_trainer **made, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	*made = NULL;
	struct flt_trainer *trainer = flt_alloc_zero(1, sizeof *trainer, err);
	FLT_TRY_MEMORY(trainer);
	trainer->options = options;
	trainer->fit = fit;
	trainer->mass = flt_data_mass(fit);
	set_loss(trainer);
	choose_shards(trainer);
	FLT_TRY_OUT(make_mlp(trainer, err));
	FLT_TRY_OUT(flt_optimizer_init(&trainer->optimizer, options, trainer->mlp, err));
	FLT_TRY_OUT(flt_pool_new(options->n_threads, &trainer->pool, err));
	trainer->n_workers = flt_pool_n_threads(trainer->pool);
	FLT_TRY_OUT(flt_passes_new(trainer->mlp, trainer->n_workers, rows_of_pass(trainer), FLT_TO_TRAIN,
	                           &trainer->passes, err));
	FLT_TRY_OUT(flt_weights_init(&trainer->weights, trainer->mlp, FLT_TO_TRAIN, err));
	FLT_TRY_OUT(make_buffers(trainer, err));
	*made = trainer;
out:
	if (status != FLT_OK)
		flt_trainer_free(trainer);
	return status;
}

enum flt_status flt_trainer_join(struct flt_trainer *trainer, const struct flt_team *team, struct flt_error *err)
{
	trainer->team = team;
	return flt_team_post_init(&trainer->post, team, trainer->n_shards, trainer->mlp->n_params, err);
}

void flt_trainer_free(struct flt_trainer *trainer)
{
	if (!trainer)
		return;
	flt_team_post_release(&trainer->post);
	flt_passes_free(trainer->passes, trainer->n_workers);
	flt_weights_release(&trainer->weights);
	flt_pool_free(trainer->pool);
	flt_optimizer_release(&trainer->optimizer);
	flt_mlp_free(trainer->mlp);
	flt_free(trainer->labels);
	flt_free(trainer->row_weights);
	flt_free(trainer->gradients);
	flt_free(trainer->sums);
	flt_free(trainer->squares);
	flt_free(trainer->slice_begins);
	flt_free(trainer->mean);
	flt_free(trainer);
}

void flt_trainer_predict(struct flt_trainer *trainer, const float *x, const uint32_t *rows, size_t n, float *logit)
{
	const struct flt_team *team = trainer->team;
	struct flt_slice own = flt_slice_of(n, FLT_TILE_ROWS, team ? team->n : 1, team ? team->own : 0);
	flt_predict(&trainer->weights, trainer->pool, trainer->passes,
	            rows ? x : x + own.begin * trainer->mlp->spec.n_in, rows ? rows + own.begin : NULL,
	            own.end - own.begin, logit + own.begin);
	if (team)
		flt_team_gather(&trainer->post, logit, n, FLT_TILE_ROWS);
}
