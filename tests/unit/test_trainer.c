/* Single steps: whole runs of PyTorch from the same start over the same batches, and clipping, dropout and averaging.
 */
#include <float.h>
#include <math.h>

#include "base/alloc.h"
#include "base/random.h"
#include "double_network.h"
#include "nn/order.h"
#include "nn/trainer.h"
#include "reference_csv.h"
#include "start_network.h"
#include "suite.h"

enum { N_ROWS = 256, N_IN = 10, N_PARAMS = 321, N_RECIPE = 707, N_RUNS = 7, N_STEPS = 50, BATCH = 64 };

/* What gen_torch_reference.py stores. */
static float x[N_ROWS * N_IN];
static uint8_t label[N_ROWS];
static double weights[N_RUNS][N_PARAMS]; /* the first: at the start */
static const struct flt_data rows = {.x = x, .label = label, .n_rows = N_ROWS, .n_in = N_IN};

static void load_reference(void)
{
	struct reference_csv csv;
	size_t n = 0;
	reference_csv_open(&csv, "tests/reference/torch_rows.csv");
	for (; reference_csv_next(&csv); n++) {
		for (size_t i = 0; i < N_IN; i++)
			x[n * N_IN + i] = (float)reference_csv_number(&csv, i) / 32;
		label[n] = (uint8_t)reference_csv_number(&csv, N_IN);
	}
	ck_assert_uint_eq(n, N_ROWS);
	reference_csv_open(&csv, "tests/reference/torch_weights.csv");
	for (n = 0; reference_csv_next(&csv); n++)
		for (size_t i = 0; i < N_RUNS; i++)
			weights[i][n] = reference_csv_number(&csv, i);
	ck_assert_uint_eq(n, N_PARAMS);
}

static struct flt_train_options plain_options(void)
{
	struct flt_train_options options;
	flt_train_options_init(&options);
	options.n_hidden = 2;
	options.hidden[0] = 16;
	options.hidden[1] = 8;
	options.batch = BATCH;
	options.schedule = FLT_CONSTANT_RATE;
	options.weight_decay = 0;
	options.n_threads = 1;
	return options;
}

static struct flt_trainer *new_trainer(const struct flt_train_options *options)
{
	struct flt_trainer *trainer;
	struct flt_error err = {0};
	ck_assert_msg(flt_trainer_new(options, &rows, &trainer, &err) == FLT_OK, "%s", err.text);
	ck_assert_uint_eq(trainer->mlp->n_params, N_PARAMS);
	for (size_t i = 0; i < N_PARAMS; i++)
		trainer->mlp->params[i] = (float)weights[0][i];
	return trainer;
}

/* Batch b holds the rows (53 i + 17 b) mod 256. */
static void run_batches(struct flt_trainer *trainer, size_t n_steps)
{
	for (size_t b = 0; b < n_steps; b++) {
		uint32_t order[BATCH];
		struct flt_loss_sums sums;
		for (size_t i = 0; i < BATCH; i++)
			order[i] = (53 * i + 17 * b) % N_ROWS;
		struct flt_step step = {.rows = order, .n_rows = BATCH, .number = b, .t = (double)b / N_STEPS};
		ck_assert(flt_trainer_step(trainer, &step, &sums));
	}
}

START_TEST(runs_agree_with_pytorch)
{
	struct flt_train_options run[N_RUNS];
	load_reference();
	for (size_t i = 0; i < N_RUNS; i++)
		run[i] = plain_options();
	run[1].optimizer = FLT_SGD;
	run[1].lr = 0.01;
	run[1].momentum = 0.9;
	run[2].weight_decay = 0.01;
	run[3].activation = FLT_MISH;
	run[3].beta2 = 0.95;
	run[3].weight_decay = 0.1;
	run[3].loss = (struct flt_loss){2, 3, 1};
	run[4].activation = FLT_SELU;
	run[4].optimizer = FLT_SGD;
	run[4].lr = 0.01;
	run[4].momentum = 0.9;
	run[4].nesterov = true;
	run[4].weight_decay = 0.01;
	run[4].clip = 0.1;
	run[5].activation = FLT_SILU;
	run[5].optimizer = FLT_ADAM;
	run[5].weight_decay = 0.01;
	run[5].loss.gamma = 0.5;
	run[6].activation = FLT_TANH;
	run[6].loss.gamma = 1;
	for (size_t r = 1; r < N_RUNS; r++) {
		struct flt_trainer *trainer = new_trainer(&run[r]);
		double farthest = 0, moved = 0;
		run_batches(trainer, N_STEPS);
		for (size_t i = 0; i < N_PARAMS; i++) {
			farthest = fmax(farthest, fabs((double)trainer->mlp->params[i] - weights[r][i]));
			moved = fmax(moved, fabs(weights[r][i] - weights[0][i]));
		}
		ck_assert_msg(farthest <= 1e-5, "run %zu: %g apart", r, farthest);
		ck_assert(moved > 0.04);
		flt_trainer_free(trainer);
	}
}
END_TEST

/* Embeddings, front scale, NTP, rates and decay by group, schedules and the running average, all in one run. */
START_TEST(all_options_together_agree_with_pytorch)
{
	static const bool numeric[N_IN] = {[0] = true, [2] = true, [3] = true, [7] = true};
	double start[N_RECIPE], expected[N_RECIPE], average[N_RECIPE], farthest = 0, moved = 0;
	struct flt_train_options options = plain_options();
	struct flt_data data = rows;
	struct flt_trainer *trainer;
	struct reference_csv csv;
	size_t n = 0;
	load_reference();
	reference_csv_open(&csv, "tests/reference/torch_recipe.csv");
	for (; reference_csv_next(&csv); n++) {
		ck_assert(n < N_RECIPE);
		start[n] = reference_csv_number(&csv, 0);
		expected[n] = reference_csv_number(&csv, 1);
		average[n] = reference_csv_number(&csv, 2);
	}
	ck_assert_uint_eq(n, N_RECIPE);
	data.numeric = numeric;
	options.activation = FLT_MISH;
	options.embedding = FLT_EMBEDDING_PBLD;
	options.n_frequencies = 8;
	options.n_embedded = 4;
	options.front_scale = options.ntp = true;
	options.loss = (struct flt_loss){1, 2, 1};
	options.lr = 0.01;
	options.beta2 = 0.95;
	options.weight_decay = 0.5;
	options.schedule = FLT_COSLOG4;
	options.decay_schedule = FLT_FLAT_COS;
	options.ema = 0.9;
	options.lr_factor[FLT_GROUP_EMBEDDING] = options.lr_factor[FLT_GROUP_BIAS] = 0.1;
	options.lr_factor[FLT_GROUP_OUTPUT_BIAS] = 0.1;
	options.lr_factor[FLT_GROUP_SCALE] = 6;
	options.lr_factor[FLT_GROUP_OUTPUT_WEIGHT] = 2;
	ck_assert_int_eq(flt_trainer_new(&options, &data, &trainer, NULL), FLT_OK);
	ck_assert_uint_eq(trainer->mlp->n_params, N_RECIPE);
	for (size_t i = 0; i < N_RECIPE; i++)
		trainer->mlp->params[i] = trainer->mean[i] = (float)start[i];
	run_batches(trainer, N_STEPS);
	for (size_t i = 0; i < N_RECIPE; i++) {
		farthest = fmax(farthest, fabs((double)trainer->mlp->params[i] - expected[i]));
		farthest = fmax(farthest, fabs((double)trainer->mean[i] - average[i]));
		moved = fmax(moved, fabs(expected[i] - start[i]));
	}
	ck_assert_msg(farthest <= 1e-5, "%g apart", farthest);
	ck_assert(moved > 0.1);
	flt_trainer_free(trainer);
}
END_TEST

/* A plain step of SGD moves by -lr times the gradient, so the move shows the gradient's norm. */
static double norm_of_move(double clip)
{
	struct flt_train_options options = plain_options();
	options.optimizer = FLT_SGD;
	options.lr = 1;
	options.clip = clip;
	struct flt_trainer *trainer = new_trainer(&options);
	double sum = 0;
	run_batches(trainer, 1);
	for (size_t i = 0; i < N_PARAMS; i++)
		sum += pow((double)trainer->mlp->params[i] - (double)(float)weights[0][i], 2);
	flt_trainer_free(trainer);
	return sqrt(sum);
}

START_TEST(clipping_shortens_long_gradients_only)
{
	load_reference();
	double free_norm = norm_of_move(0);
	ck_assert(free_norm > 0.1);
	ck_assert(fabs(norm_of_move(free_norm / 3) - free_norm / 3) < 1e-4 * free_norm);
	ck_assert(norm_of_move(free_norm * 1.01) == free_norm);
}
END_TEST

/* PyTorch divides by the norm + 1e-6, which shows where the gradient is as short as that. */
START_TEST(clipping_of_short_gradients_is_that_of_pytorch)
{
	load_reference();
	double norm[2] = {0};
	for (int clipped = 0; clipped < 2; clipped++) {
		struct flt_train_options options = plain_options();
		options.loss.weight_positive = options.loss.weight_negative = 2e-6;
		options.optimizer = FLT_SGD;
		options.lr = 1e5; /* so that the move shows beside the weights */
		options.clip = clipped ? norm[0] / 10 : 0;
		struct flt_trainer *trainer = new_trainer(&options);
		run_batches(trainer, 1);
		for (size_t i = 0; i < N_PARAMS; i++)
			norm[clipped] += pow((double)trainer->mlp->params[i] - (double)(float)weights[0][i], 2);
		norm[clipped] = sqrt(norm[clipped]) / options.lr;
		flt_trainer_free(trainer);
	}
	ck_assert(norm[0] > 1e-7 && norm[0] < 2e-5);
	ck_assert_double_eq_tol(norm[1], norm[0] * (norm[0] / 10) / (norm[0] + 1e-6), 1e-3 * norm[1]);
}
END_TEST

/* More parameters than one task adds up the squares of, on several threads. */
START_TEST(clipping_counts_every_parameter)
{
	enum { N_ALL = 10 * 300 + 300 + 300 * 70 + 70 + 71 };
	static float before[N_ALL];
	double norm[2] = {0};
	uint32_t order[BATCH];
	load_reference();
	for (size_t i = 0; i < BATCH; i++)
		order[i] = (uint32_t)i;
	for (int clipped = 0; clipped < 2; clipped++) {
		struct flt_train_options options = plain_options();
		struct flt_trainer *trainer;
		struct flt_loss_sums sums;
		options.hidden[0] = 300;
		options.hidden[1] = 70;
		options.optimizer = FLT_SGD;
		options.lr = 1;
		options.n_threads = 2;
		options.clip = clipped ? norm[0] / 4 : 0;
		ck_assert_int_eq(flt_trainer_new(&options, &rows, &trainer, NULL), FLT_OK);
		ck_assert_uint_eq(trainer->mlp->n_params, N_ALL);
		ck_assert_uint_gt(trainer->n_chunks, 1);
		memcpy(before, trainer->mlp->params, sizeof before);
		struct flt_step step = {.rows = order, .n_rows = BATCH};
		ck_assert(flt_trainer_step(trainer, &step, &sums));
		for (size_t i = 0; i < N_ALL; i++)
			norm[clipped] += pow((double)trainer->mlp->params[i] - (double)before[i], 2);
		norm[clipped] = sqrt(norm[clipped]);
		flt_trainer_free(trainer);
	}
	ck_assert_double_gt(norm[0], 0.1);
	ck_assert_double_eq_tol(norm[1], norm[0] / 4, 1e-4 * norm[0]);
}
END_TEST

/* All rows at once are several shards; their gradients must add up to that of the whole. */
START_TEST(shards_add_up_to_the_whole_gradient)
{
	static double params[N_PARAMS], gradient[N_PARAMS];
	struct flt_train_options options = plain_options();
	struct flt_loss_sums sums;
	uint32_t order[N_ROWS];
	double apart = 0, norm = 0;
	load_reference();
	options.optimizer = FLT_SGD;
	options.lr = 1;
	options.batch = N_ROWS;
	options.activation = FLT_TANH;
	struct flt_trainer *trainer = new_trainer(&options);
	ck_assert_uint_gt(trainer->n_shards, 1);
	for (size_t i = 0; i < N_PARAMS; i++)
		params[i] = (double)trainer->mlp->params[i];
	for (size_t i = 0; i < N_ROWS; i++)
		order[i] = (uint32_t)i;
	struct double_network net = {.mlp = trainer->mlp, .params = params, .loss = &options.loss};
	double loss = dn_loss(&net, x, label, N_ROWS, gradient);
	struct flt_step step = {.rows = order, .n_rows = N_ROWS};
	ck_assert(flt_trainer_step(trainer, &step, &sums));
	for (size_t i = 0; i < N_PARAMS; i++) {
		apart += pow(params[i] - gradient[i] - (double)trainer->mlp->params[i], 2);
		norm += pow(gradient[i], 2);
	}
	ck_assert(fabs(sums.loss / N_ROWS - loss) < 1e-6);
	ck_assert_msg(norm > 1e-4 && apart <= 1e-10 * norm, "%g of %g", sqrt(apart), sqrt(norm));
	flt_trainer_free(trainer);
}
END_TEST

/* How batches are cut must not change: the bits of every result depend on it. */
START_TEST(batches_are_cut_into_shards_by_their_size_alone)
{
	enum { N_MANY = 20000 };
	static const size_t cases[][3] = {{1, 128, 1},       {128, 128, 1},    {129, 128, 2},   {1023, 128, 8},
	                                  {1024, 256, 4},    {4096, 256, 16},  {4097, 320, 13}, {10000, 640, 16},
	                                  {20000, 1280, 16}, {99999, 1280, 16}};
	static uint8_t labels[N_MANY] = {1};
	const struct flt_data many = {.label = labels, .n_rows = N_MANY, .n_in = N_IN};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
		for (unsigned n_threads = 1; n_threads <= 3; n_threads += 2) {
			struct flt_train_options options = plain_options();
			struct flt_trainer *trainer;
			options.batch = cases[c][0];
			options.n_threads = n_threads;
			ck_assert_int_eq(flt_trainer_new(&options, &many, &trainer, NULL), FLT_OK);
			ck_assert_uint_eq(trainer->batch, cases[c][0] < N_MANY ? cases[c][0] : N_MANY);
			ck_assert_uint_eq(trainer->shard_rows, cases[c][1]);
			ck_assert_uint_eq(trainer->n_shards, cases[c][2]);
			flt_trainer_free(trainer);
		}
}
END_TEST

/* An update's slices cover all parameters once, and begin where a group of packed rows does. */
START_TEST(slices_of_an_update_hold_whole_groups_of_rows)
{
	static const size_t widths[][2] = {{16, 8}, {300, 70}, {700, 300}};
	load_reference();
	for (size_t w = 0; w < 3; w++) {
		struct flt_train_options options = plain_options();
		struct flt_trainer *trainer;
		options.hidden[0] = widths[w][0];
		options.hidden[1] = widths[w][1];
		ck_assert_int_eq(flt_trainer_new(&options, &rows, &trainer, NULL), FLT_OK);
		const struct flt_mlp *mlp = trainer->mlp;
		ck_assert_uint_eq(trainer->slice_begins[0], 0);
		ck_assert_uint_eq(trainer->slice_begins[trainer->n_slices], mlp->n_params);
		ck_assert(w == 0 ? trainer->n_slices == 1 : trainer->n_slices > 3);
		for (size_t s = 1; s < trainer->n_slices; s++) {
			size_t at = trainer->slice_begins[s], t = 0;
			ck_assert_uint_gt(at, trainer->slice_begins[s - 1]);
			while (t + 1 < mlp->n_tensors && mlp->tensor[t + 1].offset <= at)
				t++;
			ck_assert_uint_eq((at - mlp->tensor[t].offset) % (FLT_ROWS_A_LINE * mlp->tensor[t].n_cols), 0);
		}
		flt_trainer_free(trainer);
	}
}
END_TEST

/* The estimate is what a new trainer has allocated, but for what is small beside a vector of parameters. */
START_TEST(memory_estimate_is_what_a_trainer_allocates)
{
	load_reference();
	for (int i = 0; i < 8; i++) {
		struct flt_train_options options = plain_options();
		struct flt_trainer *trainer;
		options.hidden[0] = 400;
		options.hidden[1] = i == 6 ? 900 : 300;
		options.optimizer = i == 1 ? FLT_SGD : i == 2 ? FLT_ADAM : FLT_ADAMW;
		options.ema = i == 3 ? 0.9 : 0;
		options.batch = i == 4 ? N_ROWS : BATCH;
		options.n_threads = i == 5 ? 3 : 1;
		options.activation = i == 6 ? FLT_TANH : FLT_RELU;
		options.embedding = i == 7 ? FLT_EMBEDDING_PBLD : FLT_EMBEDDING_NONE;
		options.front_scale = i == 7;
		size_t before = flt_alloc_live();
		ck_assert_int_eq(flt_trainer_new(&options, &rows, &trainer, NULL), FLT_OK);
		double live = (double)(flt_alloc_live() - before);
		double estimate = flt_trainer_memory(&options, &rows, trainer->mlp);
		ck_assert_msg(live >= estimate && live < estimate + 40e3, "%d: %g bytes, estimated %g", i, live,
		              estimate);
		flt_trainer_free(trainer);
	}
}
END_TEST

/* Each shard of each step has its own dropout masks, from a stream that its number names: the gradient of a step is
 * the sum of its shards'. */
START_TEST(each_shard_of_a_step_has_its_own_dropout)
{
	enum { N_SHARDS = 2, SHARD = N_ROWS / N_SHARDS, NUMBER = 5 };
	struct flt_train_options options = plain_options();
	struct flt_focal focal = flt_focal_of(0, 1, 1);
	struct flt_loss_sums sums = {0};
	double gradient[N_PARAMS] = {0};
	uint32_t order[N_ROWS];
	load_reference();
	options.optimizer = FLT_SGD;
	options.lr = 1;
	options.dropout = 0.4;
	options.batch = N_ROWS;
	struct flt_trainer *trainer = new_trainer(&options);
	ck_assert_uint_eq(trainer->n_shards, N_SHARDS);
	for (size_t i = 0; i < N_ROWS; i++)
		order[i] = (uint32_t)i;
	flt_weights_set(&trainer->weights, trainer->mlp->params, trainer->pool);
	for (size_t shard = 0; shard < N_SHARDS; shard++) {
		struct flt_random random;
		float part[N_PARAMS];
		flt_random_init(&random, options.seed, "dropout", NUMBER * 16 + shard);
		const struct flt_pass_loss loss = {.label = label + shard * SHARD,
		                                   .focal = &focal,
		                                   .factor = 1.0f / N_ROWS,
		                                   .dropout = {.key = flt_random_next(&random), .probability = 0.4}};
		memcpy(trainer->passes->x, x + shard * SHARD * N_IN, SHARD * N_IN * sizeof *x);
		flt_pass_gradient(trainer->passes, &trainer->weights, SHARD, &loss, part, &sums);
		for (size_t i = 0; i < N_PARAMS; i++)
			gradient[i] += (double)part[i];
	}
	struct flt_step step = {.rows = order, .n_rows = N_ROWS, .number = NUMBER};
	ck_assert(flt_trainer_step(trainer, &step, &sums));
	for (size_t i = 0; i < N_PARAMS; i++)
		ck_assert_double_eq_tol((double)trainer->mlp->params[i], (double)(float)weights[0][i] - gradient[i],
		                        1e-6);
	flt_trainer_free(trainer);
}
END_TEST

/* After t steps the mean keeps min(ema, (1 + t) / (10 + t)) of itself. */
START_TEST(running_average_follows_the_weights)
{
	struct flt_train_options options = plain_options();
	double mean[N_PARAMS];
	load_reference();
	options.ema = 0.3;
	struct flt_trainer *trainer;
	ck_assert_int_eq(flt_trainer_new(&options, &rows, &trainer, NULL), FLT_OK);
	ck_assert_mem_eq(trainer->mean, trainer->mlp->params, sizeof(float) * N_PARAMS);
	flt_trainer_free(trainer);
	trainer = new_trainer(&options);
	memcpy(trainer->mean, trainer->mlp->params, sizeof(float) * N_PARAMS);
	for (size_t i = 0; i < N_PARAMS; i++)
		mean[i] = (double)trainer->mean[i];
	for (int t = 1; t <= 6; t++) {
		double keep = fmin(0.3, (1.0 + t) / (10.0 + t));
		run_batches(trainer, 1);
		for (size_t i = 0; i < N_PARAMS; i++)
			mean[i] = keep * mean[i] + (1 - keep) * (double)trainer->mlp->params[i];
	}
	for (size_t i = 0; i < N_PARAMS; i++)
		if (!(fabs(mean[i] - (double)trainer->mean[i]) < 1e-6))
			ck_abort_msg("%g, not %g", (double)trainer->mean[i], mean[i]);
	flt_trainer_free(trainer);
}
END_TEST

/* The mean of a batch is over its own rows, also where it is the smaller last one. */
START_TEST(a_partial_batch_is_a_batch)
{
	enum { N_PART = 10 };
	struct flt_train_options options = plain_options();
	struct flt_loss_sums sums;
	uint32_t order[N_PART];
	load_reference();
	options.optimizer = FLT_SGD; /* Adam would hide a factor */
	struct flt_trainer *part = new_trainer(&options);
	options.batch = N_PART;
	struct flt_trainer *whole = new_trainer(&options);
	for (size_t i = 0; i < N_PART; i++)
		order[i] = (uint32_t)(3 * i);
	struct flt_step step = {.rows = order, .n_rows = N_PART};
	ck_assert(flt_trainer_step(part, &step, &sums) && flt_trainer_step(whole, &step, &sums));
	ck_assert_mem_eq(part->mlp->params, whole->mlp->params, N_PARAMS * sizeof(float));
	flt_trainer_free(part);
	flt_trainer_free(whole);
}
END_TEST

static void step_once(const struct flt_train_options *options, unsigned long number, double t, float *params)
{
	struct flt_trainer *trainer = new_trainer(options);
	struct flt_loss_sums sums;
	uint32_t order[BATCH];
	for (size_t i = 0; i < BATCH; i++)
		order[i] = (uint32_t)i;
	struct flt_step step = {.rows = order, .n_rows = BATCH, .number = number, .t = t};
	ck_assert(flt_trainer_step(trainer, &step, &sums));
	memcpy(params, trainer->mlp->params, N_PARAMS * sizeof *params);
	flt_trainer_free(trainer);
}

/* Masks go by the step's number and the seed; the schedule turns dropout off towards the end. */
START_TEST(dropout_goes_by_step_and_schedule)
{
	float none[N_PARAMS], one[N_PARAMS], again[N_PARAMS], other[N_PARAMS], late[N_PARAMS];
	struct flt_train_options options = plain_options();
	load_reference();
	step_once(&options, 0, 0, none);
	options.dropout = 0.5;
	options.dropout_schedule = FLT_FLAT_COS;
	step_once(&options, 3, 0, one);
	step_once(&options, 3, 0.2, again);
	step_once(&options, 4, 0, other);
	step_once(&options, 3, 1, late);
	ck_assert_mem_eq(one, again, sizeof one);
	ck_assert_mem_ne(one, other, sizeof one);
	ck_assert_mem_ne(one, none, sizeof one);
	ck_assert_mem_eq(late, none, sizeof one);
}
END_TEST

START_TEST(schedules_scale_rate_and_decay)
{
	float half[N_PARAMS], plain[N_PARAMS];
	struct flt_train_options options = plain_options();
	load_reference();
	options.weight_decay = 0.5;
	options.lr = 0.01;
	options.schedule = FLT_COSINE;
	options.decay_schedule = FLT_FLAT_COS;
	step_once(&options, 0, 0.75, half);
	options.schedule = options.decay_schedule = FLT_CONSTANT_RATE;
	options.weight_decay *= flt_schedule_factor(FLT_FLAT_COS, 0.75);
	options.lr *= flt_schedule_factor(FLT_COSINE, 0.75);
	step_once(&options, 0, 0.75, plain);
	ck_assert_mem_eq(half, plain, sizeof half);
}
END_TEST

/* Where a column is always 0, Adam's means of its weights' gradients decay: to 0, never to denormals. The caller's
 * arithmetic stays as it was. */
START_TEST(denormals_are_flushed_to_zero)
{
	struct flt_train_options options = plain_options();
	load_reference();
	struct flt_trainer *trainer = new_trainer(&options);
	volatile float tiny = 1e-39f;
	for (size_t i = 0; i < N_PARAMS; i++)
		trainer->optimizer.first[i] = 1e-37f;
	for (size_t i = 0; i < N_ROWS; i++)
		x[i * N_IN] = 0;
	run_batches(trainer, 60);
	for (size_t i = 0; i < 16; i++)
		ck_assert(trainer->optimizer.first[i * N_IN] == 0);
	ck_assert(tiny * 1.0f > 0);
	flt_trainer_free(trainer);
}
END_TEST

START_TEST(a_step_that_is_not_finite_leaves_the_weights)
{
	struct flt_train_options options = plain_options();
	struct flt_loss_sums sums;
	uint32_t order[2] = {0, 4};
	float before[N_PARAMS];
	load_reference();
	struct flt_trainer *trainer = new_trainer(&options);
	trainer->mlp->params[N_PARAMS - 1] = NAN;
	memcpy(before, trainer->mlp->params, sizeof before);
	struct flt_step step = {.rows = order, .n_rows = 2};
	ck_assert(!flt_trainer_step(trainer, &step, &sums));
	ck_assert_mem_eq(before, trainer->mlp->params, sizeof before);
	flt_trainer_free(trainer);
}
END_TEST

START_TEST(survives_failing_allocations)
{
	struct flt_train_options options = plain_options();
	enum flt_status status = FLT_ERR_MACHINE;
	load_reference();
	options.ema = 0.9;
	options.n_threads = 2;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		struct flt_trainer *trainer;
		struct flt_error err = {0};
		ck_assert(k < 60);
		flt_alloc_fail_at(k);
		status = flt_trainer_new(&options, &rows, &trainer, &err);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK ? trainer != NULL : trainer == NULL && strstr(err.text, "memory"));
		flt_trainer_free(trainer);
	}
}
END_TEST

/* The floats that both copies of the hidden layers hold, by the obvious way to each. */
static void check_packed(const struct flt_weights *packed, const float *params)
{
	for (size_t layer = 0; layer < packed->mlp->spec.n_hidden; layer++) {
		const struct flt_linear *linear = &packed->mlp->linear[layer];
		for (size_t j = 0; j < linear->n_out; j++)
			for (size_t i = 0; i < linear->n_in; i++) {
				float w = params[linear->weight + j * linear->n_in + i];
				size_t up = (j / FLT_PANEL * linear->n_in + i) * FLT_PANEL + j % FLT_PANEL;
				size_t down = (i / FLT_PANEL * linear->n_out + j) * FLT_PANEL + i % FLT_PANEL;
				ck_assert(packed->forward[layer][up] == w);
				ck_assert(!packed->backward[layer] || packed->backward[layer][down] == w);
			}
		/* The padding of the last panel stays 0. */
		for (size_t j = linear->n_out; j % FLT_PANEL; j++)
			for (size_t i = 0; i < linear->n_in; i++)
				ck_assert(packed->forward[layer][(j / FLT_PANEL * linear->n_in + i) * FLT_PANEL +
				                                 j % FLT_PANEL] == 0);
	}
}

/* The end of a piece of about n parameters from `begin` on: the end of a row, if it falls into a layer's weights. */
static size_t end_of_piece(const struct flt_mlp *mlp, size_t begin, size_t n)
{
	size_t end = begin + n < mlp->n_params ? begin + n : mlp->n_params;
	for (size_t i = 0; i < mlp->spec.n_hidden; i++) {
		const struct flt_linear *linear = &mlp->linear[i];
		if (end > linear->weight && end < linear->weight + linear->n_in * linear->n_out)
			end += (linear->n_in - (end - linear->weight) % linear->n_in) % linear->n_in;
	}
	return end;
}

/* Also pieces of a few rows, and those that hold parts of several layers. */
START_TEST(packed_weights_follow_partial_updates)
{
	struct flt_mlp_spec spec = {.n_in = 90, .n_hidden = 3, .hidden = {70, 33, 64}};
	struct flt_mlp *mlp;
	struct flt_weights packed;
	struct flt_pool *pool;
	struct flt_random random;
	ck_assert_int_eq(flt_mlp_new(&spec, &mlp, NULL), FLT_OK);
	start_network(mlp, 1, 0);
	ck_assert_int_eq(flt_weights_init(&packed, mlp, FLT_TO_TRAIN, NULL), FLT_OK);
	ck_assert_int_eq(flt_pool_new(2, &pool, NULL), FLT_OK);
	flt_weights_set(&packed, mlp->params, pool);
	check_packed(&packed, mlp->params);
	flt_random_init(&random, 1, "test", 0);
	for (int round = 0; round < 20; round++) {
		start_network(mlp, 2 + (uint64_t)round, 0);
		for (size_t begin = 0, end; begin < mlp->n_params; begin = end) {
			end = end_of_piece(mlp, begin, 1 + flt_random_below(&random, round % 2 ? 100 : 4000));
			flt_weights_renew(&packed, begin, end);
		}
		check_packed(&packed, mlp->params);
	}
	flt_weights_release(&packed);
	flt_pool_free(pool);
	flt_mlp_free(mlp);
}
END_TEST

/* Steps of so many rows by threads that outnumber shards, so that they share them, or do not. */
struct sharing {
	size_t batch;
	enum flt_activation activation;
	double dropout, clip, ema;
	bool has_weights;
};

static void train_on_threads(const struct sharing *of, unsigned n_threads, float *params, struct flt_loss_sums *sums)
{
	float row_weights[N_ROWS];
	struct flt_train_options options = plain_options();
	struct flt_data fit = rows;
	struct flt_trainer *trainer;
	options.n_threads = n_threads;
	options.batch = of->batch;
	options.activation = of->activation;
	options.dropout = of->dropout;
	options.dropout_schedule = FLT_CONSTANT_RATE;
	options.clip = of->clip;
	options.ema = of->ema;
	for (size_t i = 0; i < N_ROWS; i++)
		row_weights[i] = 0.5f + 0.25f * (float)(i % 7);
	if (of->has_weights)
		fit.weight = row_weights;
	ck_assert_int_eq(flt_trainer_new(&options, &fit, &trainer, NULL), FLT_OK);
	for (size_t b = 0; b < 20; b++) {
		uint32_t order[2 * N_ROWS];
		for (size_t i = 0; i < of->batch; i++)
			order[i] = (uint32_t)((53 * i + 17 * b) % N_ROWS);
		struct flt_step step = {.rows = order, .n_rows = of->batch - b % 3, .number = b, .n_next = b % 3};
		if (!flt_trainer_step(trainer, &step, sums))
			ck_abort_msg("batch %zu on %u threads: step %zu gives %g", of->batch, n_threads, b, sums->loss);
	}
	memcpy(params, trainer->mlp->params, N_PARAMS * sizeof *params);
	if (trainer->mean)
		memcpy(params + N_PARAMS, trainer->mean, N_PARAMS * sizeof *params);
	flt_trainer_free(trainer);
}

/* The gradient of all rows of an epoch, at weights that hardly move: the sum of mean[] and of its squares. */
static void add_gradient(struct flt_trainer *trainer, struct flt_row_order *order, size_t epoch, double *sum,
                         double *squares, double *loss)
{
	struct flt_loss_sums sums;
	flt_row_order_shuffle(order, epoch);
	struct flt_step step = {.rows = order->rows, .n_rows = order->visited.n, .number = epoch};
	ck_assert(flt_trainer_step(trainer, &step, &sums));
	*loss += sums.loss;
	for (size_t i = 0; i < N_PARAMS; i++) {
		double gradient = trainer->gradients[i];
		sum[i] += gradient;
		squares[i] += gradient * gradient;
	}
}

/* Every other draw of negative rows has another gradient; in the mean it is that of all rows, and so is the loss. */
START_TEST(drawn_negative_rows_stand_for_all)
{
	enum { N_DRAWS = 4000 };
	struct flt_train_options options = plain_options();
	struct flt_data fit = rows;
	uint8_t rare[N_ROWS];
	float row_weights[N_ROWS];
	double whole[N_PARAMS] = {0}, sum[N_PARAMS] = {0}, squares[N_PARAMS] = {0}, unused[N_PARAMS] = {0},
	       losses[2] = {0};
	load_reference();
	for (size_t i = 0; i < N_ROWS; i++) {
		rare[i] = i % 32 == 3;
		row_weights[i] = 0.5f + 0.25f * (float)(i % 7);
	}
	fit.label = rare;
	fit.weight = _i ? row_weights : NULL;
	options.optimizer = FLT_SGD;
	options.lr = 1e-30;
	options.batch = N_ROWS;
	options.loss = (struct flt_loss){.gamma = 2, .weight_positive = 3, .weight_negative = 0.5};
	for (int draws = 0; draws < 2; draws++) {
		struct flt_trainer *trainer;
		struct flt_row_order order;
		options.negatives = draws ? 10 : 0;
		ck_assert_int_eq(flt_trainer_new(&options, &fit, &trainer, NULL), FLT_OK);
		for (size_t i = 0; i < N_PARAMS; i++)
			trainer->mlp->params[i] = (float)weights[0][i];
		ck_assert_int_eq(flt_row_order_init(&order, &options, &fit, NULL), FLT_OK);
		ck_assert_uint_eq(order.visited.n, draws ? 8 + 80 : N_ROWS);
		for (size_t epoch = 1; epoch <= (draws ? N_DRAWS : 1); epoch++)
			add_gradient(trainer, &order, epoch, draws ? sum : whole, draws ? squares : unused,
			             &losses[draws]);
		flt_row_order_release(&order);
		flt_trainer_free(trainer);
	}
	ck_assert_double_eq_tol(losses[1] / N_DRAWS, losses[0], 0.003 * losses[0]);
	for (size_t i = 0; i < N_PARAMS; i++) {
		double mean = sum[i] / N_DRAWS, variance = fmax(0, squares[i] / N_DRAWS - mean * mean);
		ck_assert_double_eq_tol(mean, whole[i], 5 * sqrt(variance / N_DRAWS) + 1e-7);
	}
}
END_TEST

START_TEST(threads_that_share_shards_change_no_bit)
{
	static const struct sharing cases[] = {
	        {.batch = 64, .activation = FLT_RELU},
	        {.batch = 64, .activation = FLT_RELU, .dropout = 0.3, .has_weights = true},
	        {.batch = 50, .activation = FLT_SILU, .dropout = 0.3, .clip = 0.01, .ema = 0.9},
	        {.batch = 5, .activation = FLT_TANH, .clip = 0.01},
	        {.batch = 128, .activation = FLT_MISH, .ema = 0.9},
	        {.batch = 150, .activation = FLT_RELU, .dropout = 0.5, .has_weights = true},
	        {.batch = 256, .activation = FLT_SELU},
	};
	load_reference();
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		float alone[2 * N_PARAMS] = {0}, together[2 * N_PARAMS] = {0};
		struct flt_loss_sums sums[2];
		train_on_threads(&cases[c], 1, alone, &sums[0]);
		for (unsigned n_threads = 2; n_threads <= 7; n_threads++) {
			train_on_threads(&cases[c], n_threads, together, &sums[1]);
			if (memcmp(alone, together, sizeof alone) != 0 || memcmp(&sums[0], &sums[1], sizeof *sums) != 0)
				ck_abort_msg("case %zu on %u threads: other bits than on one", c, n_threads);
		}
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("trainer");
	TCase *tests = tcase_create("trainer");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, runs_agree_with_pytorch);
	tcase_add_test(tests, all_options_together_agree_with_pytorch);
	tcase_add_test(tests, clipping_shortens_long_gradients_only);
	tcase_add_test(tests, clipping_of_short_gradients_is_that_of_pytorch);
	tcase_add_test(tests, clipping_counts_every_parameter);
	tcase_add_test(tests, batches_are_cut_into_shards_by_their_size_alone);
	tcase_add_test(tests, slices_of_an_update_hold_whole_groups_of_rows);
	tcase_add_test(tests, memory_estimate_is_what_a_trainer_allocates);
	tcase_add_test(tests, each_shard_of_a_step_has_its_own_dropout);
	tcase_add_loop_test(tests, drawn_negative_rows_stand_for_all, 0, 2);
	tcase_add_test(tests, threads_that_share_shards_change_no_bit);
	tcase_add_test(tests, shards_add_up_to_the_whole_gradient);
	tcase_add_test(tests, a_partial_batch_is_a_batch);
	tcase_add_test(tests, running_average_follows_the_weights);
	tcase_add_test(tests, dropout_goes_by_step_and_schedule);
	tcase_add_test(tests, schedules_scale_rate_and_decay);
	tcase_add_test(tests, denormals_are_flushed_to_zero);
	tcase_add_test(tests, a_step_that_is_not_finite_leaves_the_weights);
	tcase_add_test(tests, packed_weights_follow_partial_updates);
	tcase_add_test(tests, survives_failing_allocations);
	suite_add_tcase(suite, tests);
	return suite;
}
