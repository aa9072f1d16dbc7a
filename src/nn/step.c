/*
 * A step: the shards' gradients, their sum, the update. If there are as many shards as threads, each thread takes whole
 * ones. If there are fewer, threads share a shard: first its rows, as far as the gradient by every layer's output, then
 * the parameters, each thread some of them over all rows, gradient and update in one go. So a step wakes the pool twice
 * either way.
 */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "nn/denormals.h"
#include "nn/trainer.h"

/* Shared by the tasks of one step. */
struct work {
	struct flt_trainer *trainer;
	const struct flt_step *step;
	struct flt_shard_run run;       /* of this process */
	struct flt_additions additions; /* that add_up makes */
	size_t n_parts, part_rows;      /* of each shard, where threads share shards */
	bool lacks_gradient;            /* its shards' are still to be made of their rows */
	double dropout;
	struct flt_update update;
};

/* Rows lie far apart in memory, and take longer to come from there than to be worked on. So each is asked for so many
 * rows ahead, in steps to come if need be: some microseconds. */
enum { ROWS_AHEAD = 24 };

/* Inlined early: gcc 12 takes a function that only prefetches for one that does nothing. */
__attribute__((always_inline)) static inline void ask_for(const struct flt_data *fit, uint32_t row)
{
	enum { LINE = 64, MOST_LINES = 8 };
	const char *x = (const char *)(fit->x + row * fit->n_in);
	size_t bytes = fit->n_in * sizeof *fit->x;
	for (size_t at = 0; at < bytes && at < (size_t)MOST_LINES * LINE; at += LINE)
		__builtin_prefetch(x + at);
	__builtin_prefetch(x + bytes - 1); /* which may lie on a line more */
	__builtin_prefetch(fit->label + row);
}

/* Copies rows (n, with n_behind to come) of fit into x (n, n_in), label (n) and weight (n; NULL: they have none). */
static void gather(const struct flt_data *fit, const uint32_t *rows, size_t n, size_t n_behind, float *x,
                   uint8_t *label, float *weight)
{
	for (size_t i = 0; i < n; i++, x += fit->n_in) {
		if (i + ROWS_AHEAD < n + n_behind)
			ask_for(fit, rows[i + ROWS_AHEAD]);
		memcpy(x, fit->x + rows[i] * fit->n_in, fit->n_in * sizeof *x);
		label[i] = fit->label[rows[i]];
	}
	for (size_t i = 0; weight && i < n; i++)
		weight[i] = fit->weight[rows[i]];
}

static uint64_t dropout_key(uint64_t seed, unsigned long step, size_t shard)
{
	struct flt_random random;
	flt_random_init(&random, seed, "dropout", (uint64_t)step * FLT_MAX_SHARDS + shard);
	return flt_random_next(&random);
}

/* The rows of a shard of the step, and the pass and the buffers that hold them. */
struct shard {
	size_t number, begin, n_rows;
	struct flt_pass *pass;
	uint8_t *label;
	float *weight; /* NULL: they have none */
	struct flt_pass_loss loss;
};

static struct shard shard_in(const struct work *work, size_t number, size_t buffer)
{
	struct flt_trainer *trainer = work->trainer;
	size_t begin = number * trainer->shard_rows, left = work->step->n_rows - begin,
	       at = buffer * trainer->shard_rows;
	struct shard shard = {.number = number,
	                      .begin = begin,
	                      .n_rows = left < trainer->shard_rows ? left : trainer->shard_rows,
	                      .pass = &trainer->passes[buffer],
	                      .label = trainer->labels + at,
	                      .weight = trainer->row_weights ? trainer->row_weights + at : NULL};
	shard.loss = (struct flt_pass_loss){
	        .label = shard.label,
	        .weight = shard.weight,
	        .focal = &trainer->epoch_focal,
	        .factor = (float)(trainer->visited / ((double)work->step->n_rows * trainer->mass.mean)),
	        .dropout.probability = work->dropout};
	if (work->dropout > 0)
		shard.loss.dropout.key = dropout_key(trainer->options->seed, work->step->number, number);
	return shard;
}

/* Fetches rows [begin, begin + n) of the shard. */
static void fetch(const struct work *work, const struct shard *shard, size_t begin, size_t n)
{
	const struct flt_data *fit = work->trainer->fit;
	size_t at = shard->begin + begin, n_behind = work->step->n_rows + work->step->n_next - at - n;
	gather(fit, work->step->rows + at, n, n_behind, shard->pass->x + begin * fit->n_in, shard->label + begin,
	       shard->weight ? shard->weight + begin : NULL);
}

static float *gradient_of(const struct flt_trainer *trainer, size_t shard)
{
	return trainer->gradients + shard * trainer->stride;
}

static void run_shard(void *context, size_t task, size_t worker)
{
	const struct work *work = context;
	struct flt_trainer *trainer = work->trainer;
	struct shard shard = shard_in(work, work->run.begin + task, worker);
	fetch(work, &shard, 0, shard.n_rows);
	trainer->sums[shard.number] = (struct flt_loss_sums){0};
	unsigned before = flt_denormals_flush();
	flt_pass_gradient(shard.pass, &trainer->weights, shard.n_rows, &shard.loss, gradient_of(trainer, shard.number),
	                  &trainer->sums[shard.number]);
	flt_denormals_restore(before);
}

/* ---- threads that share shards ---- */

/* Whether the threads are to share shards, since there are fewer of these: then sets how the rows are cut. What a row
 * and a parameter come to does not depend on that. */
static bool divide(struct work *work)
{
	enum { GRAIN = 16 }; /* fewer rows are slow to multiply; numbers of so many fill a cache line */
	const struct flt_trainer *trainer = work->trainer;
	size_t n_shards = work->run.end - work->run.begin, n_workers = trainer->n_workers;
	if (n_shards == 0 || n_shards >= n_workers || !flt_pass_is_divisible(trainer->passes, trainer->mlp))
		return false;
	size_t n_rows = work->step->n_rows < trainer->shard_rows ? work->step->n_rows : trainer->shard_rows;
	size_t most = n_workers / n_shards;
	work->part_rows = ((n_rows + most - 1) / most + GRAIN - 1) / GRAIN * GRAIN;
	work->n_parts = (n_rows + work->part_rows - 1) / work->part_rows;
	return true;
}

static void run_part(void *context, size_t task, size_t worker)
{
	(void)worker;
	const struct work *work = context;
	size_t buffer = task / work->n_parts, begin = task % work->n_parts * work->part_rows;
	struct shard shard = shard_in(work, work->run.begin + buffer, buffer);
	if (begin >= shard.n_rows)
		return;
	size_t left = shard.n_rows - begin, n = left < work->part_rows ? left : work->part_rows;
	fetch(work, &shard, begin, n);
	unsigned before = flt_denormals_flush();
	flt_pass_some_rows(shard.pass, &work->trainer->weights, begin, n, &shard.loss);
	flt_denormals_restore(before);
}

/* All rows of the own run, and its loss. */
static void share_rows(struct work *work)
{
	struct flt_trainer *trainer = work->trainer;
	size_t n_shards = work->run.end - work->run.begin;
	flt_pool_run(trainer->pool, n_shards * work->n_parts, run_part, work);
	unsigned before = flt_denormals_flush();
	for (size_t i = 0; i < n_shards; i++) {
		struct shard shard = shard_in(work, work->run.begin + i, i);
		trainer->sums[shard.number] = (struct flt_loss_sums){0};
		flt_pass_sum_loss(shard.pass, shard.n_rows, &shard.loss, &trainer->sums[shard.number]);
	}
	flt_denormals_restore(before);
	work->lacks_gradient = true;
}

/* The gradients of the parameters [begin, end), of each shard of the own run. */
static void find_gradient(const struct work *work, size_t begin, size_t end)
{
	const struct flt_trainer *trainer = work->trainer;
	unsigned before = flt_denormals_flush();
	for (size_t i = 0; work->run.begin + i < work->run.end; i++) {
		struct shard shard = shard_in(work, work->run.begin + i, i);
		flt_pass_some_gradient(shard.pass, trainer->mlp, shard.n_rows, begin, end,
		                       gradient_of(trainer, shard.number));
	}
	flt_denormals_restore(before);
}

static void run_gradient(void *context, size_t slice, size_t worker)
{
	(void)worker;
	const struct work *work = context;
	find_gradient(work, work->trainer->slice_begins[slice], work->trainer->slice_begins[slice + 1]);
}

/* The whole gradient, where it has to be known before the update. */
static void share_gradient(struct work *work)
{
	if (work->lacks_gradient)
		flt_pool_run(work->trainer->pool, work->trainer->n_slices, run_gradient, work);
	work->lacks_gradient = false;
}

/* ---- sums and update ---- */

static void add_up(const struct work *work, size_t begin, size_t end)
{
	const struct flt_trainer *trainer = work->trainer;
	const struct flt_additions *additions = &work->additions;
	float *gradients = trainer->gradients + begin;
	for (size_t i = 0; i < additions->n; i++)
		trainer->optimizer.kernels->add(end - begin, gradients + additions->pair[i].from * trainer->stride,
		                                gradients + additions->pair[i].to * trainer->stride);
}

/* Updates the parameters [begin, end), their packed copies and their running average. */
static void move(const struct work *work, size_t begin, size_t end)
{
	struct flt_trainer *trainer = work->trainer;
	unsigned before = flt_denormals_flush();
	flt_optimizer_step(&trainer->optimizer, &work->update, begin, end, trainer->gradients, trainer->mlp->params);
	flt_weights_renew(&trainer->weights, begin, end);
	if (trainer->mean) {
		/* The decay grows over the first steps, so that the start does not linger (as TensorFlow's
		 * num_updates). */
		double t = (double)trainer->optimizer.n_steps, keep = (1 + t) / (10 + t);
		if (keep > trainer->options->ema)
			keep = trainer->options->ema;
		trainer->optimizer.kernels->average(end - begin, (float)keep, trainer->mlp->params + begin,
		                                    trainer->mean + begin);
	}
	flt_denormals_restore(before);
}

static void run_additions(void *context, size_t slice, size_t worker)
{
	(void)worker;
	const struct work *work = context;
	const size_t *begins = work->trainer->slice_begins;
	add_up(work, begins[slice], begins[slice + 1]);
}

static void run_update(void *context, size_t slice, size_t worker)
{
	(void)worker;
	const struct work *work = context;
	const size_t *begins = work->trainer->slice_begins;
	if (work->lacks_gradient)
		find_gradient(work, begins[slice], begins[slice + 1]);
	add_up(work, begins[slice], begins[slice + 1]);
	move(work, begins[slice], begins[slice + 1]);
}

static void run_add_up(void *context, size_t chunk, size_t worker)
{
	(void)worker;
	const struct work *work = context;
	struct flt_trainer *trainer = work->trainer;
	size_t begin = chunk * FLT_CHUNK_PARAMS, left = trainer->mlp->n_params - begin;
	size_t end = begin + (left < FLT_CHUNK_PARAMS ? left : FLT_CHUNK_PARAMS);
	add_up(work, begin, end);
	trainer->squares[chunk] = trainer->optimizer.kernels->sum_of_squares(end - begin, trainer->gradients + begin);
}

static void run_move(void *context, size_t slice, size_t worker)
{
	(void)worker;
	const struct work *work = context;
	move(work, work->trainer->slice_begins[slice], work->trainer->slice_begins[slice + 1]);
}

/* As PyTorch's clip_grad_norm_. */
static double clip_factor(const struct flt_trainer *trainer)
{
	double square = 0;
	for (size_t i = 0; i < trainer->n_chunks; i++)
		square += trainer->squares[i];
	double factor = trainer->options->clip / (sqrt(square) + 1e-6);
	return factor < 1 ? factor : 1;
}

static void update(struct work *work)
{
	struct flt_trainer *trainer = work->trainer;
	flt_optimizer_begin(&trainer->optimizer);
	if (trainer->options->clip > 0) {
		flt_pool_run(trainer->pool, trainer->n_chunks, run_add_up, work);
		work->update.gradient_factor = clip_factor(trainer);
		flt_pool_run(trainer->pool, trainer->n_slices, run_move, work);
	} else {
		flt_pool_run(trainer->pool, trainer->n_slices, run_update, work);
	}
}

/* Adds up the losses of the own run. */
static void add_up_losses(struct work *work)
{
	struct flt_loss_sums *sums = work->trainer->sums;
	for (size_t i = 0; i < work->additions.n; i++)
		flt_loss_sums_add(&sums[work->additions.pair[i].to], &sums[work->additions.pair[i].from]);
}

/* Finishes the gradient with the others; nothing is left to be added up then. */
static void add_up_in_team(struct work *work, size_t n_shards)
{
	struct flt_trainer *trainer = work->trainer;
	const struct flt_step_sums sums = {.n_shards = n_shards,
	                                   .gradients = trainer->gradients,
	                                   .stride = trainer->stride,
	                                   .losses = trainer->sums};
	flt_pool_run(trainer->pool, trainer->n_slices, run_additions, work);
	work->additions.n = 0;
	trainer->has_stopped =
	        flt_team_add_up(&trainer->post, &sums, trainer->optimizer.kernels, work->step->wants_stop);
}

bool flt_trainer_step(struct flt_trainer *trainer, const struct flt_step *step, struct flt_loss_sums *sums)
{
	const struct flt_train_options *options = trainer->options;
	size_t n_shards = (step->n_rows + trainer->shard_rows - 1) / trainer->shard_rows;
	struct work work = {
	        .trainer = trainer,
	        .step = step,
	        .run = flt_team_run(trainer->team, n_shards),
	        .dropout = options->dropout * flt_schedule_factor(options->dropout_schedule, step->t),
	        .update = {.lr = options->lr * flt_schedule_factor(options->schedule, step->t),
	                   .decay = options->weight_decay * flt_schedule_factor(options->decay_schedule, step->t),
	                   .gradient_factor = 1}};
	work.additions = work.run.additions;
	if (trainer->weights.params != trainer->mlp->params) /* the first step, or one after the mean was measured */
		flt_weights_set(&trainer->weights, trainer->mlp->params, trainer->pool);
	if (divide(&work))
		share_rows(&work);
	else
		flt_pool_run(trainer->pool, work.run.end - work.run.begin, run_shard, &work);
	add_up_losses(&work);
	if (trainer->team || options->clip > 0)
		share_gradient(&work);
	if (trainer->team)
		add_up_in_team(&work, n_shards);
	*sums = trainer->sums[0];
	if (trainer->has_stopped)
		return true;
	if (!isfinite(sums->loss) || !isfinite(sums->total))
		return false;
	update(&work);
	return true;
}
