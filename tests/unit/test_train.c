/* Whole trainings: what is kept, when it stops, the same bits everywhere, and what happens when it goes wrong. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "double_network.h"
#include "eval/calibrate.h"
#include "eval/metrics.h"
#include "nn/train.h"
#include "nn/train_options.h"
#include "nn/trainer.h"
#include "start_network.h"
#include "suite.h"

enum { N_FIT = 700, N_VALIDATION = 333, N_IN = 5, MAX_EPOCHS = 64 };

static float x[(N_FIT + N_VALIDATION) * N_IN];
static uint8_t label[N_FIT + N_VALIDATION];
static const struct flt_data fit = {.x = x, .label = label, .n_rows = N_FIT, .n_in = N_IN};
static const struct flt_data validation = {
        .x = x + N_FIT * N_IN, .label = label + N_FIT, .n_rows = N_VALIDATION, .n_in = N_IN};

/* One row in seven is positive; the classes overlap. */
static void make_rows(void)
{
	struct flt_random random;
	flt_random_init(&random, 9, "rows", 0);
	for (size_t i = 0; i < N_FIT + N_VALIDATION; i++) {
		double score = -2.5;
		for (size_t j = 0; j < N_IN; j++) {
			double value = flt_random_normal(&random);
			x[i * N_IN + j] = (float)value;
			score += j < 2 ? value : j == 2 ? value * value : 0;
		}
		label[i] = flt_random_uniform(&random) < flt_sigmoid(score);
	}
}

static struct flt_train_options small_options(void)
{
	struct flt_train_options options;
	flt_train_options_init(&options);
	options.hidden[0] = 12;
	options.hidden[1] = 7;
	options.lr = 0.01;
	options.batch = 64;
	options.epochs = 6;
	options.patience = 0;
	options.n_threads = 1;
	return options;
}

struct log {
	size_t n, stop_after;
	struct flt_epoch epoch[MAX_EPOCHS];
};

static bool note(void *context, const struct flt_epoch *epoch)
{
	struct log *log = context;
	if (log->n >= MAX_EPOCHS)
		ck_abort_msg("too many epochs");
	log->epoch[log->n++] = *epoch;
	return log->n == log->stop_after;
}

static struct flt_mlp *train(const struct flt_train_options *options, const struct flt_data *held_out, struct log *log,
                             struct flt_train_result *result)
{
	struct flt_mlp *mlp;
	struct flt_error err = {0};
	struct flt_train_result unused;
	struct flt_train_hooks hooks = {.on_epoch = note, .context = log};
	enum flt_status status =
	        flt_train(options, &fit, held_out, log ? &hooks : NULL, &mlp, result ? result : &unused, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return mlp;
}

/* Everything at once: several shards a batch, a smaller last batch, dropout, clipping, averaging, embeddings. */
static struct flt_train_options rich_options(void)
{
	struct flt_train_options options = small_options();
	options.batch = 450;
	options.dropout = 0.2;
	options.clip = 0.5;
	options.ema = 0.9;
	options.front_scale = true;
	options.embedding = FLT_EMBEDDING_PBLD;
	options.activation = FLT_MISH;
	options.loss.gamma = 1.5;
	options.ntp = true;
	return options;
}

START_TEST(any_number_of_threads_gives_the_same_bits)
{
	static const unsigned threads[] = {2, 5};
	struct flt_train_options options = rich_options();
	struct log log = {0}, other_log;
	make_rows();
	struct flt_mlp *one = train(&options, &validation, &log, NULL);
	for (size_t i = 0; i < 2; i++) {
		options.n_threads = threads[i];
		other_log = (struct log){0};
		struct flt_mlp *other = train(&options, &validation, &other_log, NULL);
		ck_assert_mem_eq(flt_mlp_params(one), flt_mlp_params(other), flt_mlp_n_params(one) * sizeof(float));
		ck_assert_uint_eq(log.n, other_log.n);
		for (size_t e = 0; e < log.n; e++)
			ck_assert(log.epoch[e].loss == other_log.epoch[e].loss &&
			          log.epoch[e].validation_ap == other_log.epoch[e].validation_ap &&
			          log.epoch[e].gradient_easy == other_log.epoch[e].gradient_easy);
		flt_mlp_free(other);
	}
	options.seed = 2;
	struct flt_mlp *other = train(&options, &validation, NULL, NULL);
	ck_assert_mem_ne(flt_mlp_params(one), flt_mlp_params(other), flt_mlp_n_params(one) * sizeof(float));
	flt_mlp_free(other);
	flt_mlp_free(one);
}
END_TEST

/* flt_train makes these steps: orders from the stream "shuffle", cut into batches, of which the last is smaller. */
START_TEST(training_equals_its_single_steps)
{
	struct flt_train_options options = small_options();
	struct flt_trainer *trainer;
	uint32_t order[N_FIT];
	size_t number = 0, n_batches = (N_FIT + 63) / 64;
	make_rows();
	options.epochs = 3;
	options.dropout = 0.3;
	ck_assert_int_eq(flt_trainer_new(&options, &fit, &trainer, NULL), FLT_OK);
	for (size_t epoch = 1; epoch <= 3; epoch++) {
		struct flt_random random;
		flt_random_init(&random, options.seed, "shuffle", epoch);
		for (size_t i = 0; i < N_FIT; i++)
			order[i] = (uint32_t)i;
		flt_random_shuffle_32(&random, order, N_FIT);
		for (size_t begin = 0; begin < N_FIT; begin += 64, number++) {
			struct flt_loss_sums sums;
			struct flt_step step = {.rows = order + begin,
			                        .n_rows = N_FIT - begin < 64 ? N_FIT - begin : 64,
			                        .number = number,
			                        .t = (double)number / (double)(3 * n_batches)};
			ck_assert(flt_trainer_step(trainer, &step, &sums));
		}
	}
	struct flt_mlp *mlp = train(&options, NULL, NULL, NULL);
	ck_assert_mem_eq(flt_mlp_params(mlp), flt_mlp_params(trainer->mlp), flt_mlp_n_params(mlp) * sizeof(float));
	flt_mlp_free(mlp);
	flt_trainer_free(trainer);
}
END_TEST

START_TEST(validation_rows_never_move_the_weights)
{
	struct flt_train_options options = small_options();
	make_rows();
	options.monitor = FLT_MONITOR_LOSS;
	struct log with = {0}, without = {0};
	struct flt_mlp *a = train(&options, &validation, &with, NULL), *b = train(&options, NULL, &without, NULL);
	for (size_t e = 0; e < options.epochs; e++)
		ck_assert(with.epoch[e].loss == without.epoch[e].loss);
	ck_assert(isnan(without.epoch[0].validation_ap) && isnan(without.epoch[0].validation_loss));
	ck_assert(without.epoch[options.epochs - 1].best);
	flt_mlp_free(a);
	flt_mlp_free(b);
}
END_TEST

static void predict(const struct flt_mlp *mlp, const struct flt_data *data, double *score)
{
	static float logit[N_FIT];
	ck_assert_int_eq(flt_mlp_predict(mlp, data->x, data->n_rows, 1, logit, NULL), FLT_OK);
	for (size_t i = 0; i < data->n_rows; i++)
		score[i] = (double)logit[i];
}

/* The weights that come back have the figures that the log says the best epoch had. */
START_TEST(the_best_weights_are_kept)
{
	static double score[N_VALIDATION];
	size_t n_averaged_best = 0;
	make_rows();
	for (enum flt_monitor monitor = FLT_MONITOR_AP; monitor <= FLT_MONITOR_LOSS; monitor++)
		for (int averaged = 0; averaged < 2; averaged++) {
			struct flt_train_options options = small_options();
			struct flt_train_result result;
			struct log log = {0};
			double ap, loss = 0, best = monitor == FLT_MONITOR_AP ? 0 : 1e9;
			size_t best_epoch = 0, n_averaged = 0;
			options.monitor = monitor;
			options.epochs = 40;
			options.lr =
			        0.05; /* overfits, so that the best is not the last; noisy, so that averages help */
			options.ema = averaged ? 0.95 : 0;
			options.schedule = averaged ? FLT_CONSTANT_RATE : FLT_COSINE;
			struct flt_mlp *mlp = train(&options, &validation, &log, &result);
			for (size_t e = 0; e < log.n; e++) {
				const struct flt_epoch *at = &log.epoch[e];
				bool better = monitor == FLT_MONITOR_AP ? at->validation_ap >= best
				                                        : at->validation_loss <= best;
				ck_assert(at->best == better && at->epoch == e + 1);
				n_averaged += at->averaged;
				if (better) {
					best = monitor == FLT_MONITOR_AP ? at->validation_ap : at->validation_loss;
					best_epoch = at->epoch;
				}
			}
			ck_assert_uint_eq(result.epochs, 40);
			ck_assert_uint_eq(result.best_epoch, best_epoch);
			ck_assert(best_epoch > 1 && best_epoch < 40);
			predict(mlp, &validation, score);
			ck_assert_int_eq(flt_average_precision(&(struct flt_scored){.n = N_VALIDATION,
			                                                            .score = score,
			                                                            .label = validation.label},
			                                       &ap, NULL),
			                 FLT_OK);
			for (size_t i = 0; i < N_VALIDATION; i++) {
				double value, gradient;
				dn_loss_point(&options.loss, score[i], validation.label[i], &value, &gradient);
				loss += value / N_VALIDATION;
			}
			ck_assert(fabs(ap - result.best.validation_ap) < 1e-14);
			ck_assert(fabs(loss - result.best.validation_loss) < 1e-6);
			ck_assert(averaged ? n_averaged > 0 : n_averaged == 0);
			n_averaged_best += result.best.averaged;
			flt_mlp_free(mlp);
		}
	ck_assert_uint_gt(n_averaged_best, 0);
}
END_TEST

START_TEST(patience_ends_a_run)
{
	struct flt_train_options options = small_options();
	struct flt_train_result result;
	struct log log = {0};
	make_rows();
	options.monitor = FLT_MONITOR_LOSS;
	options.epochs = 60;
	options.patience = 4;
	options.lr = 0.05;
	options.schedule = FLT_CONSTANT_RATE;
	flt_mlp_free(train(&options, &validation, &log, &result));
	ck_assert(result.epochs < 60);
	ck_assert_uint_eq(result.epochs, result.best_epoch + 4);
	/* Without validation rows there is nothing to lose patience with. */
	options.epochs = 9;
	options.patience = 2;
	flt_mlp_free(train(&options, NULL, NULL, &result));
	ck_assert_uint_eq(result.epochs, 9);
	ck_assert_uint_eq(result.best_epoch, 9);
}
END_TEST

/* Rates so small that nothing moves: every epoch ties, the last is kept, and patience runs out all the same. */
START_TEST(of_equal_epochs_the_last_is_kept)
{
	struct flt_train_options options = small_options();
	struct flt_train_result result;
	make_rows();
	options.lr = 1e-30;
	options.weight_decay = 0;
	options.patience = 3;
	options.epochs = 10;
	flt_mlp_free(train(&options, &validation, NULL, &result));
	ck_assert_uint_eq(result.epochs, 4);
	ck_assert_uint_eq(result.best_epoch, 4);
}
END_TEST

START_TEST(the_caller_can_end_a_run)
{
	struct flt_train_options options = small_options();
	struct flt_train_result result;
	struct log log = {.stop_after = 2};
	make_rows();
	flt_mlp_free(train(&options, &validation, &log, &result));
	ck_assert_uint_eq(result.epochs, 2);
}
END_TEST

START_TEST(training_learns)
{
	static double score[N_FIT];
	double before, after;
	struct flt_train_options options = small_options();
	make_rows();
	for (int gamma = 0; gamma < 3; gamma += 2) {
		struct log log = {0};
		struct flt_train_result result;
		options.loss.gamma = gamma;
		options.epochs = 40;
		struct flt_mlp *mlp = train(&options, NULL, &log, &result);
		predict(mlp, &fit, score);
		ck_assert_int_eq(
		        flt_average_precision(&(struct flt_scored){.n = N_FIT, .score = score, .label = fit.label},
		                              &after, NULL),
		        FLT_OK);
		start_network(mlp, 1, result.output_bias);
		predict(mlp, &fit, score);
		ck_assert_int_eq(
		        flt_average_precision(&(struct flt_scored){.n = N_FIT, .score = score, .label = fit.label},
		                              &before, NULL),
		        FLT_OK);
		ck_assert_msg(after > before + 0.2 && after > 0.7, "from %g to %g", before, after);
		ck_assert(log.epoch[39].loss < 0.7 * log.epoch[0].loss);
		ck_assert(log.epoch[39].gradient_easy > 0);
		flt_mlp_free(mlp);
	}
}
END_TEST

/* With a rate of nearly nothing the first epoch's log must show the start: for a network whose last layer starts at 0,
 * the loss of the constant that is optimal. */
START_TEST(output_bias_starts_where_the_loss_of_a_constant_is_least)
{
	struct flt_train_options options = small_options();
	struct flt_train_result result;
	struct log log = {0};
	size_t n_positive = 0;
	make_rows();
	for (size_t i = 0; i < N_FIT; i++)
		n_positive += label[i];
	options.loss = (struct flt_loss){2, 3, 1};
	options.zero_output_weight = true;
	options.lr = 1e-30;
	options.weight_decay = 0;
	flt_mlp_free(train(&options, NULL, &log, &result));
	double prevalence = (double)n_positive / N_FIT, bias = flt_loss_optimal_bias(&options.loss, prevalence);
	double one, zero, done, dzero;
	dn_loss_point(&options.loss, bias, 1, &one, &done);
	dn_loss_point(&options.loss, bias, 0, &zero, &dzero);
	ck_assert(result.output_bias == (float)bias);
	ck_assert(fabs(log.epoch[0].loss - (prevalence * one + (1 - prevalence) * zero)) < 1e-7);
	ck_assert(fabs(log.epoch[0].gradient_positive - (double)n_positive * fabs(done)) < 1e-3);
	ck_assert(fabs(log.epoch[0].gradient_total - log.epoch[0].gradient_positive -
	               (double)(N_FIT - n_positive) * dzero) < 1e-3);
	options.zero_output_bias = true;
	flt_mlp_free(train(&options, NULL, NULL, &result));
	ck_assert(result.output_bias == 0);
}
END_TEST

START_TEST(last_rate_of_an_epoch_is_logged)
{
	struct flt_train_options options = small_options();
	struct log log = {0};
	make_rows();
	flt_mlp_free(train(&options, NULL, &log, NULL));
	size_t n_batches = (N_FIT + 63) / 64, n_all = n_batches * options.epochs;
	for (size_t e = 0; e < options.epochs; e++) {
		double t = (double)((e + 1) * n_batches - 1) / (double)n_all;
		ck_assert(fabs(log.epoch[e].lr - options.lr * flt_schedule_factor(FLT_COSINE, t)) < 1e-15);
	}
}
END_TEST

START_TEST(logistic_regression_is_a_network_too)
{
	struct flt_train_options options = small_options();
	struct log log = {0};
	make_rows();
	options.n_hidden = 0;
	options.epochs = 30;
	struct flt_mlp *mlp = train(&options, &validation, &log, NULL);
	ck_assert_uint_eq(flt_mlp_n_params(mlp), N_IN + 1);
	ck_assert(log.epoch[29].loss < log.epoch[0].loss);
	flt_mlp_free(mlp);
}
END_TEST

START_TEST(divergence_is_reported)
{
	struct flt_train_options options = small_options();
	struct flt_train_result result;
	struct flt_error err = {0};
	struct flt_mlp *mlp;
	make_rows();
	options.optimizer = FLT_SGD;
	options.schedule = FLT_CONSTANT_RATE;
	options.lr = 1e20;
	ck_assert_int_eq(flt_train(&options, &fit, &validation, NULL, &mlp, &result, &err), FLT_ERR_DIVERGED);
	ck_assert(mlp == NULL && result.best_epoch == 0);
	ck_assert_msg(strstr(err.text, "epoch 1") && strstr(err.text, "--lr") && strstr(err.text, "--clip"), "%s",
	              err.text);

	/* A rate that grows from nothing: some epochs are sound, and the best of them is kept. */
	options.lr = 3e3;
	options.schedule = FLT_COSLOG4;
	options.batch = N_FIT;
	options.epochs = 50;
	ck_assert_int_eq(flt_train(&options, &fit, &validation, NULL, &mlp, &result, &err), FLT_ERR_DIVERGED);
	ck_assert(mlp != NULL && result.best_epoch >= 1 && result.epochs < 50);
	for (size_t i = 0; i < flt_mlp_n_params(mlp); i++)
		ck_assert(isfinite(flt_mlp_params(mlp)[i]));
	flt_mlp_free(mlp);
}
END_TEST

/* Whatever the rate, the weights that come back are finite, or there are none, and the message names epoch and step. */
static void explode(const struct flt_train_options *options, const struct flt_data *held_out)
{
	struct flt_train_result result;
	struct flt_error err = {0};
	struct flt_mlp *mlp;
	size_t epoch, step;
	enum flt_status status = flt_train(options, &fit, held_out, NULL, &mlp, &result, &err);
	ck_assert_msg(status == FLT_OK || status == FLT_ERR_DIVERGED, "%s", err.text);
	if (status == FLT_ERR_DIVERGED) {
		const char *place = strstr(err.text, "in epoch ");
		ck_assert(place && sscanf(place, "in epoch %zu at step %zu", &epoch, &step) == 2);
		ck_assert_uint_eq(epoch, result.epochs + 1);
	}
	ck_assert_int_eq(mlp != NULL, result.best_epoch > 0);
	for (size_t i = 0; mlp && i < flt_mlp_n_params(mlp); i++)
		ck_assert(isfinite(flt_mlp_params(mlp)[i]));
	if (mlp && held_out)
		ck_assert(isfinite(result.best.validation_loss) && isfinite(result.best.validation_ap));
	flt_mlp_free(mlp);
}

START_TEST(exploding_rates_never_return_infinite_weights)
{
	static const double rates[] = {100, 1e5, 1e10, 1e30, 1e38, 1e300};
	struct flt_train_options options = small_options();
	make_rows();
	options.schedule = FLT_CONSTANT_RATE;
	options.epochs = 3;
	options.optimizer = (enum flt_optimizer_kind)_i;
	for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
		for (int activation = FLT_RELU; activation <= FLT_TANH; activation++)
			for (int embedding = FLT_EMBEDDING_NONE; embedding <= FLT_EMBEDDING_PBLD; embedding++)
				for (int evaluated_on = 0; evaluated_on < 2; evaluated_on++) {
					options.lr = rates[r];
					options.activation = (enum flt_activation)activation;
					options.embedding = (enum flt_embedding)embedding;
					options.ema = r % 2 ? 0.9 : 0;
					options.loss.gamma = activation % 2 ? 10 : 0;
					explode(&options, evaluated_on ? &validation : NULL);
				}
}
END_TEST

/* The loss of a step is that of the weights before it, so a last step's damage shows in no loss. */
START_TEST(weights_are_checked_after_the_last_step)
{
	struct flt_train_options options = small_options();
	struct flt_train_result result;
	struct flt_error err = {0};
	struct flt_mlp *mlp;
	make_rows();
	options.optimizer = FLT_SGD;
	options.schedule = FLT_CONSTANT_RATE;
	options.batch = N_FIT;
	options.epochs = 1;
	options.lr = 1e300;
	ck_assert_int_eq(flt_train(&options, &fit, NULL, NULL, &mlp, &result, &err), FLT_ERR_DIVERGED);
	ck_assert_ptr_null(mlp);
	ck_assert_ptr_nonnull(strstr(err.text, "in epoch 1 at step 1;"));
}
END_TEST

/* Options at the ends of what they take. */
START_TEST(extreme_options_train_to_finite_weights)
{
	make_rows();
	for (int i = 0; i < 10; i++) {
		struct flt_train_options options = small_options();
		struct flt_train_result result;
		struct flt_error err = {0};
		struct flt_mlp *mlp;
		double *extremes[] = {&options.clip,
		                      &options.clip,
		                      &options.lr,
		                      &options.weight_decay,
		                      &options.loss.weight_positive,
		                      &options.loss.weight_positive,
		                      &options.loss.weight_negative,
		                      &options.loss.gamma,
		                      &options.loss.gamma,
		                      &options.ema};
		static const double values[] = {1e-12, 1e-300, 1e-300, 1e3, 1e12, 1e-12, 1e-12, 10, 0, 0.999999};
		*extremes[i] = values[i];
		options.lr = i == 3 ? 1e-4 : options.lr;
		enum flt_status status = flt_train(&options, &fit, &validation, NULL, &mlp, &result, &err);
		ck_assert_msg(status == FLT_OK, "%d: %s", i, err.text);
		for (size_t j = 0; j < flt_mlp_n_params(mlp); j++)
			ck_assert(isfinite(flt_mlp_params(mlp)[j]));
		flt_mlp_free(mlp);
	}
}
END_TEST

/* What training without any option is: fltrain's help says the same. */
START_TEST(defaults_of_training)
{
	struct flt_train_options o;
	flt_train_options_init(&o);
	ck_assert(o.n_hidden == 2 && o.hidden[0] == 128 && o.hidden[1] == 64 && o.activation == FLT_RELU);
	ck_assert(!o.front_scale && o.embedding == FLT_EMBEDDING_NONE && o.n_frequencies == 16 && o.n_embedded == 4 &&
	          o.frequency_sigma == 0.1);
	ck_assert(!o.zero_output_bias && !o.zero_output_weight && !o.ntp && o.dropout == 0);
	ck_assert(o.loss.gamma == 0 && o.loss.weight_positive == 1 && o.loss.weight_negative == 1);
	ck_assert(o.optimizer == FLT_ADAMW && o.lr == 1e-3 && o.beta1 == 0.9 && o.beta2 == 0.999 && o.epsilon == 1e-8 &&
	          o.weight_decay == 0.01 && o.momentum == 0 && !o.nesterov && o.clip == 0);
	ck_assert(o.schedule == FLT_COSINE && o.decay_schedule == FLT_CONSTANT_RATE &&
	          o.dropout_schedule == FLT_CONSTANT_RATE);
	ck_assert(o.batch == 256 && o.epochs == 100 && o.patience == 20 && o.ema == 0 && o.monitor == FLT_MONITOR_AP &&
	          o.seed == 1 && o.n_threads == 0);
	for (size_t g = 0; g < FLT_N_GROUPS; g++) {
		ck_assert(o.lr_factor[g] == 1);
		ck_assert(o.decay_factor[g] == (g == FLT_GROUP_WEIGHT || g == FLT_GROUP_OUTPUT_WEIGHT));
	}
}
END_TEST

/* Each number just outside and just inside its range. */
START_TEST(numbers_are_taken_up_to_their_bounds)
{
	struct flt_train_options o;
	flt_train_options_init(&o);
	o.optimizer = FLT_SGD;
	const struct {
		double *number, wrong, right;
		const char *sentence;
	} cases[] = {
	        {&o.lr, 0, 1e-300, "--lr takes a number above 0, not 0"},
	        {&o.momentum, 1, 0.999, "--momentum takes a number of at least 0 and below 1, not 1"},
	        {&o.momentum, -0.1, 0, NULL},
	        {&o.beta1, 1, 0, "the first beta of adam takes a number of at least 0 and below 1, not 1"},
	        {&o.beta2, 1, 0, NULL},
	        {&o.beta2, -1e-9, 0.9, NULL},
	        {&o.epsilon, 0, 1e-300, NULL},
	        {&o.weight_decay, -1e-9, 0, "--weight-decay takes a number of at least 0, not -1e-09"},
	        {&o.dropout, 1, 0.99, NULL},
	        {&o.dropout, -1e-9, 0, NULL},
	        {&o.clip, -1e-9, 0, NULL},
	        {&o.clip, INFINITY, 1e300, NULL},
	        {&o.ema, 1, 0.9999, NULL},
	        {&o.frequency_sigma, -1e-9, 0, NULL},
	        {&o.loss.gamma, -1e-9, 0, NULL},
	        {&o.loss.gamma, NAN, 50, NULL},
	        {&o.loss.weight_positive, 0, 1e-9, NULL},
	        {&o.loss.weight_negative, 0, 1e-9, NULL},
	        {&o.lr_factor[0], -1e-9, 0, "a group's factor of --lr takes a number of at least 0, not -1e-09"},
	        {&o.lr_factor[FLT_N_GROUPS - 1], -1, 0, NULL},
	        {&o.decay_factor[0], -1, 0, NULL},
	        {&o.decay_factor[FLT_N_GROUPS - 1], -1, 0, NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_error err;
		double before = *cases[i].number;
		*cases[i].number = cases[i].wrong;
		ck_assert_msg(flt_train_options_check(&o, &err) == FLT_ERR_USAGE, "case %zu", i);
		if (cases[i].sentence)
			ck_assert_str_eq(err.text, cases[i].sentence);
		*cases[i].number = cases[i].right;
		ck_assert_msg(flt_train_options_check(&o, &err) == FLT_OK, "%s", err.text);
		*cases[i].number = before;
	}
	o.batch = o.epochs = 1;
	ck_assert_int_eq(flt_train_options_check(&o, NULL), FLT_OK);
}
END_TEST

START_TEST(nesterov_needs_sgd_with_momentum)
{
	struct flt_train_options o;
	flt_train_options_init(&o);
	o.nesterov = true;
	for (enum flt_optimizer_kind kind = FLT_SGD; kind <= FLT_ADAMW; kind++)
		for (int momentum = 0; momentum < 2; momentum++) {
			o.optimizer = kind;
			o.momentum = momentum ? 0.9 : 0;
			ck_assert_int_eq(flt_train_options_check(&o, NULL),
			                 kind == FLT_SGD && momentum ? FLT_OK : FLT_ERR_USAGE);
		}
}
END_TEST

START_TEST(invalid_options_are_refused)
{
	struct flt_train_result result;
	struct flt_mlp *mlp;
	make_rows();
	for (int i = 0;; i++) {
		struct flt_train_options options = small_options();
		struct flt_error err = {0};
		switch (i) {
		case 0:
			options.lr = 0;
			break;
		case 1:
			options.lr = NAN;
			break;
		case 2:
			options.dropout = 1;
			break;
		case 3:
			options.batch = 0;
			break;
		case 4:
			options.epochs = 0;
			break;
		case 5:
			options.loss.gamma = -1;
			break;
		case 6:
			options.loss.weight_positive = 0;
			break;
		case 7:
			options.nesterov = true;
			break;
		case 8:
			options.ema = 1;
			break;
		case 9:
			options.hidden[0] = 0;
			break;
		case 10:
			options.clip = INFINITY;
			break;
		case 11:
			options.lr_factor[FLT_GROUP_BIAS] = -1;
			break;
		case 12:
			options.weight_decay = -0.1;
			break;
		default:
			return;
		}
		ck_assert_int_eq(flt_train(&options, &fit, NULL, NULL, &mlp, &result, &err), FLT_ERR_USAGE);
		ck_assert(mlp == NULL && err.text[0]);
	}
}
END_TEST

START_TEST(one_class_cannot_be_trained_on)
{
	static const uint8_t zeros[N_FIT];
	struct flt_data one_class = fit;
	struct flt_train_options options = small_options();
	struct flt_train_result result;
	struct flt_mlp *mlp;
	struct flt_error err = {0};
	make_rows();
	one_class.label = zeros;
	ck_assert_int_eq(flt_train(&options, &one_class, NULL, NULL, &mlp, &result, &err), FLT_ERR_DATA);
	ck_assert(mlp == NULL && strstr(err.text, "0 of the 700 rows"));
}
END_TEST

START_TEST(an_epoch_allocates_nothing)
{
	unsigned long counts[2];
	make_rows();
	for (size_t i = 0; i < 2; i++) {
		struct flt_train_options options = rich_options();
		options.n_threads = 2;
		options.epochs = i ? 9 : 2;
		flt_alloc_fail_at(0);
		flt_mlp_free(train(&options, &validation, NULL, NULL));
		counts[i] = flt_alloc_fail_at(0);
	}
	ck_assert_uint_eq(counts[0], counts[1]);
	ck_assert_uint_gt(counts[0], 10);
}
END_TEST

START_TEST(survives_failing_allocations)
{
	struct flt_train_options options = rich_options();
	enum flt_status status = FLT_ERR_MACHINE;
	make_rows();
	options.epochs = 1;
	options.n_threads = 2;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		struct flt_train_result result;
		struct flt_error err = {0};
		struct flt_mlp *mlp;
		ck_assert(k < 100);
		flt_alloc_fail_at(k);
		status = flt_train(&options, &fit, &validation, NULL, &mlp, &result, &err);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK ? mlp != NULL : mlp == NULL && strstr(err.text, "memory"));
		flt_mlp_free(mlp);
	}
}
END_TEST

struct watched {
	size_t before, most;
};

static bool watch_memory(void *context, const struct flt_epoch *epoch)
{
	struct watched *watched = context;
	size_t live = flt_alloc_live() - watched->before;
	(void)epoch;
	watched->most = live > watched->most ? live : watched->most;
	return false;
}

/* What is allocated during training, against the estimate of both with and without validation rows. */
START_TEST(memory_estimate_is_what_training_allocates)
{
	make_rows();
	double estimate[2] = {0}, live[2] = {0};
	for (int with = 0; with < 2; with++) {
		struct flt_train_options options = small_options();
		struct flt_train_result result;
		struct flt_train_memory memory;
		struct flt_mlp *mlp;
		struct watched watched = {.before = flt_alloc_live()};
		struct flt_train_hooks hooks = {.on_epoch = watch_memory, .context = &watched};
		options.epochs = 1;
		ck_assert_int_eq(flt_train(&options, &fit, with ? &validation : NULL, &hooks, &mlp, &result, NULL),
		                 FLT_OK);
		ck_assert_int_eq(flt_train_memory(&options, &fit, with ? N_VALIDATION : 0, &memory, NULL), FLT_OK);
		ck_assert_uint_eq(memory.n_params, flt_mlp_n_params(mlp));
		flt_mlp_free(mlp);
		live[with] = (double)watched.most;
		estimate[with] = memory.n_bytes;
		ck_assert_msg(live[with] >= estimate[with] && live[with] < estimate[with] + 8e3,
		              "%g bytes, estimated %g", live[with], estimate[with]);
	}
	/* Arrays are rounded up to whole cache lines. */
	ck_assert_double_eq_tol(live[1] - live[0], estimate[1] - estimate[0], 5 * 64);
	ck_assert_double_gt(estimate[1] - estimate[0], N_VALIDATION * 20);
	struct flt_train_options options = small_options();
	struct flt_train_memory memory;
	options.hidden[0] = 0;
	ck_assert_int_eq(flt_train_memory(&options, &fit, 0, &memory, NULL), FLT_ERR_USAGE);
}
END_TEST

/* ---- stopping between two steps and going on ---- */

/* A copy of a state, and when to take it. */
struct stop {
	struct log log;
	size_t n_calls, stop_at, n_ended; /* stop_at: the call that stops, from 1; 0: none */
	struct flt_train_state state;
	float *vectors[FLT_N_STATE_VECTORS];
	struct flt_epoch epochs[MAX_EPOCHS];
};

static void copy_state(struct stop *stop, const struct flt_train_state *state)
{
	stop->state = *state;
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++) {
		if (!state->vectors[i])
			continue;
		stop->vectors[i] = malloc(state->n_params * sizeof(float));
		ck_assert_ptr_nonnull(stop->vectors[i]);
		memcpy(stop->vectors[i], state->vectors[i], state->n_params * sizeof(float));
		stop->state.vectors[i] = stop->vectors[i];
	}
	memcpy(stop->epochs, state->epochs, state->n_epochs * sizeof *stop->epochs);
	stop->state.epochs = stop->epochs;
}

static void free_state(struct stop *stop)
{
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++)
		free(stop->vectors[i]);
}

static bool note_in_stop(void *context, const struct flt_epoch *epoch)
{
	return note(&((struct stop *)context)->log, epoch);
}

static bool stop_there(void *context, const struct flt_train_state *state)
{
	struct stop *stop = context;
	stop->n_ended += state->ended;
	if (++stop->n_calls != stop->stop_at)
		return false;
	copy_state(stop, state);
	return true;
}

/* Runs from `from` (NULL: the start), and stops where `stop` says. */
static struct flt_mlp *train_part(const struct flt_train_options *options, const struct flt_data *held_out,
                                  const struct flt_train_state *from, struct stop *stop,
                                  struct flt_train_result *result)
{
	struct flt_mlp *mlp;
	struct flt_error err = {0};
	struct flt_train_hooks hooks = {
	        .on_epoch = note_in_stop, .between_steps = stop_there, .from = from, .context = stop};
	enum flt_status status = flt_train(options, &fit, held_out, &hooks, &mlp, result, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return mlp;
}

static void check_same_log(const struct log *a, const struct log *b)
{
	ck_assert_uint_eq(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct flt_epoch *one = &a->epoch[i], *other = &b->epoch[i];
		ck_assert(one->epoch == other->epoch && one->n_epochs == other->n_epochs &&
		          one->n_members == other->n_members);
		ck_assert(one->loss == other->loss && one->lr == other->lr && one->best == other->best &&
		          one->averaged == other->averaged);
		ck_assert(one->gradient_total == other->gradient_total && one->gradient_easy == other->gradient_easy &&
		          one->gradient_positive == other->gradient_positive);
		ck_assert(memcmp(&one->validation_loss, &other->validation_loss, sizeof(double)) == 0 &&
		          memcmp(&one->validation_ap, &other->validation_ap, sizeof(double)) == 0);
	}
}

/* Stops at every step there is, goes on from the copy in a run of its own, and compares with the run that never
 * stopped. */
static void check_every_stop(const struct flt_train_options *options, const struct flt_data *held_out)
{
	struct stop whole = {0};
	struct flt_train_result result, other_result;
	struct flt_mlp *expected = train_part(options, held_out, NULL, &whole, &result);
	size_t size = flt_mlp_n_params(expected) * sizeof(float);
	ck_assert_uint_eq(whole.n_ended, 1);
	ck_assert_uint_gt(whole.n_calls, 10);
	for (size_t at = 1; at <= whole.n_calls; at++) {
		struct stop first = {.stop_at = at}, second = {0};
		struct flt_mlp *half = train_part(options, held_out, NULL, &first, &other_result);
		ck_assert_uint_eq(first.n_calls, at);
		ck_assert(at > 1 || first.state.n_steps == 0);
		ck_assert_int_eq(first.state.ended, at == whole.n_calls);
		struct flt_mlp *mlp = train_part(options, held_out, &first.state, &second, &other_result);
		ck_assert_uint_eq(second.n_calls, whole.n_calls - at + 1);
		ck_assert_mem_eq(flt_mlp_params(mlp), flt_mlp_params(expected), size);
		check_same_log(&second.log, &whole.log);
		ck_assert_uint_eq(other_result.best_epoch, result.best_epoch);
		ck_assert_uint_eq(other_result.epochs, result.epochs);
		ck_assert(other_result.output_bias == result.output_bias);
		flt_mlp_free(half);
		flt_mlp_free(mlp);
		free_state(&first);
	}
	flt_mlp_free(expected);
}

START_TEST(a_stopped_run_goes_on_to_the_same_bits)
{
	make_rows();
	struct flt_train_options rich = rich_options(), early = small_options(), sgd = small_options();
	check_every_stop(&rich, &validation);
	early.batch = 300;
	early.epochs = MAX_EPOCHS;
	early.lr = 0.05;
	early.patience = 2;
	early.monitor = FLT_MONITOR_LOSS;
	check_every_stop(&early, &validation);
	sgd.batch = 300;
	sgd.optimizer = FLT_SGD;
	sgd.momentum = 0.9;
	check_every_stop(&sgd, NULL);
	early.negatives = 0.5; /* other rows in each epoch */
	check_every_stop(&early, &validation);
}
END_TEST

/* Each part of the state matters: with it left at its start, the run ends elsewhere. */
START_TEST(every_part_of_the_state_is_needed)
{
	static float zero[4096];
	struct flt_train_options options = rich_options();
	struct flt_train_result result;
	struct stop whole = {0}, first = {.stop_at = 6};
	make_rows();
	struct flt_mlp *expected = train_part(&options, NULL, NULL, &whole, &result);
	flt_mlp_free(train_part(&options, NULL, NULL, &first, &result));
	size_t n_params = first.state.n_params;
	ck_assert_uint_lt(n_params, 4096);
	ck_assert_uint_eq(first.state.n_steps % 2, 1); /* in the middle of an epoch */
	for (size_t i = 0; i < FLT_STATE_BEST; i++) {
		struct flt_train_state state = first.state;
		struct stop second = {0};
		state.vectors[i] = zero;
		struct flt_mlp *mlp = train_part(&options, NULL, &state, &second, &result);
		ck_assert_mem_ne(flt_mlp_params(mlp), flt_mlp_params(expected), n_params * sizeof(float));
		flt_mlp_free(mlp);
	}
	struct flt_train_state state = first.state;
	struct stop second = {0};
	state.sums[0] = 0;
	flt_mlp_free(train_part(&options, NULL, &state, &second, &result));
	ck_assert(second.log.epoch[state.n_epochs].loss != whole.log.epoch[state.n_epochs].loss);
	flt_mlp_free(expected);
	free_state(&first);
}
END_TEST

START_TEST(a_state_of_another_run_is_refused)
{
	struct flt_train_options options = rich_options();
	struct flt_train_result result;
	struct stop first = {.stop_at = 6};
	make_rows();
	flt_mlp_free(train_part(&options, &validation, NULL, &first, &result));
	ck_assert_uint_ge(first.state.n_epochs, 2);
	for (int i = 0; i < 9; i++) {
		struct flt_train_state state = first.state;
		struct flt_train_options changed = options;
		struct flt_train_hooks hooks = {.from = &state};
		struct flt_mlp *mlp;
		struct flt_error err = {0};
		state.n_params += i == 0;
		state.n_steps += i == 1 ? 2 : 0;
		state.n_epochs += i == 2;
		if (i == 3)
			state.vectors[FLT_STATE_BEST] = NULL;
		if (i == 4)
			changed.ema = 0;
		if (i == 5)
			changed.optimizer = FLT_SGD;
		if (i == 8)
			changed.epochs = state.n_epochs - 1;
		else if (i > 5)
			state.vectors[i == 6 ? FLT_STATE_PARAMS : FLT_STATE_FIRST] = NULL;
		ck_assert_int_eq(flt_train(&changed, &fit, &validation, &hooks, &mlp, &result, &err), FLT_ERR_MODEL);
		ck_assert_ptr_null(mlp);
		ck_assert_ptr_nonnull(strstr(err.text, "does not belong to this training"));
	}
	free_state(&first);
}
END_TEST

static void expect_refusal(const struct flt_train_options *options, const struct flt_data *validation_rows,
                           const struct flt_train_state *state, const char *where)
{
	struct flt_train_hooks hooks = {.from = state};
	struct flt_train_result result;
	struct flt_mlp *mlp;
	struct flt_error err = {0};
	char sentence[120];
	snprintf(sentence, sizeof sentence, "holds %s that cannot be those of a training, so", where);
	ck_assert_int_eq(flt_train(options, &fit, validation_rows, &hooks, &mlp, &result, &err), FLT_ERR_MODEL);
	ck_assert_msg(strstr(err.text, sentence) != NULL, "%s: %s", where, err.text);
}

/* One number anywhere that no training has: it would go on and end in nonsense. Only squares can be infinite. */
START_TEST(a_state_that_cannot_be_is_refused)
{
	static const char *const words[FLT_N_STATE_VECTORS] = {"weights", "mean gradients", "mean squared gradients",
	                                                       "average weights", "best weights"};
	struct flt_train_options options = rich_options();
	struct flt_train_result result;
	struct stop first = {.stop_at = 6};
	make_rows();
	flt_mlp_free(train_part(&options, &validation, NULL, &first, &result));
	struct flt_train_state state = first.state;
	for (int v = 0; v < FLT_N_STATE_VECTORS; v++) {
		float *last = (float *)state.vectors[v] + state.n_params - 1, before = *last;
		const float wrong[] = {NAN, -INFINITY, v == FLT_STATE_SECOND ? -1e-30f : INFINITY};
		for (size_t i = 0; i < 3; i++) {
			*last = wrong[i];
			expect_refusal(&options, &validation, &state, words[v]);
		}
		*last = v == FLT_STATE_SECOND ? INFINITY : before;
	}
	for (int i = 0; i < 8; i++) {
		state.sums[i / 2] = i % 2 ? INFINITY : (double)NAN;
		expect_refusal(&options, &validation, &state, "sums");
		state.sums[i / 2] = first.state.sums[i / 2];
	}
	struct flt_epoch *epoch = (struct flt_epoch *)&state.epochs[state.n_epochs - 1], kept = *epoch;
	double *const figures[] = {&epoch->lr,
	                           &epoch->loss,
	                           &epoch->validation_loss,
	                           &epoch->validation_ap,
	                           &epoch->gradient_total,
	                           &epoch->gradient_easy,
	                           &epoch->gradient_positive};
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
		*figures[i] = NAN;
		expect_refusal(&options, &validation, &state, "epochs");
		*figures[i] = INFINITY;
		expect_refusal(&options, &validation, &state, "epochs");
		*epoch = kept;
	}
	epoch->validation_ap = -0.1;
	expect_refusal(&options, &validation, &state, "epochs");
	epoch->validation_ap = epoch->validation_loss = NAN;
	expect_refusal(&options, &validation, &state, "epochs");
	*epoch = kept;
	epoch->validation_ap = 1 + 1e-12; /* rounding of sums of weights */
	struct flt_train_hooks hooks = {.from = &state};
	struct flt_mlp *mlp;
	ck_assert_int_eq(flt_train(&options, &fit, &validation, &hooks, &mlp, &result, NULL), FLT_OK);
	flt_mlp_free(mlp);
	free_state(&first);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("train");
	TCase *tests = tcase_create("train");
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, any_number_of_threads_gives_the_same_bits);
	tcase_add_test(tests, training_equals_its_single_steps);
	tcase_add_test(tests, validation_rows_never_move_the_weights);
	tcase_add_test(tests, the_best_weights_are_kept);
	tcase_add_test(tests, patience_ends_a_run);
	tcase_add_test(tests, of_equal_epochs_the_last_is_kept);
	tcase_add_test(tests, the_caller_can_end_a_run);
	tcase_add_test(tests, training_learns);
	tcase_add_test(tests, output_bias_starts_where_the_loss_of_a_constant_is_least);
	tcase_add_test(tests, last_rate_of_an_epoch_is_logged);
	tcase_add_test(tests, logistic_regression_is_a_network_too);
	tcase_add_test(tests, divergence_is_reported);
	tcase_add_loop_test(tests, exploding_rates_never_return_infinite_weights, FLT_SGD, FLT_ADAMW + 1);
	tcase_add_test(tests, weights_are_checked_after_the_last_step);
	tcase_add_test(tests, extreme_options_train_to_finite_weights);
	tcase_add_test(tests, defaults_of_training);
	tcase_add_test(tests, numbers_are_taken_up_to_their_bounds);
	tcase_add_test(tests, nesterov_needs_sgd_with_momentum);
	tcase_add_test(tests, memory_estimate_is_what_training_allocates);
	tcase_add_test(tests, invalid_options_are_refused);
	tcase_add_test(tests, one_class_cannot_be_trained_on);
	tcase_add_test(tests, an_epoch_allocates_nothing);
	tcase_add_test(tests, survives_failing_allocations);
	tcase_add_test(tests, a_stopped_run_goes_on_to_the_same_bits);
	tcase_add_test(tests, every_part_of_the_state_is_needed);
	tcase_add_test(tests, a_state_of_another_run_is_refused);
	tcase_add_test(tests, a_state_that_cannot_be_is_refused);
	suite_add_tcase(suite, tests);
	return suite;
}
