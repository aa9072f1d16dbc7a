#include "nn/newton.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/trainer.h"

enum {
	MAX_SHARDS = 32,      /* bounds the memory for sums */
	MIN_SHARD_ROWS = 256, /* of less work, a thread costs more than it gains */
	TILE_ROWS = 64,       /* rows that stay in the cache from the way forward to the way back */
	WATCHED = 1 << 24,    /* inputs that threads read between two questions whether to stop */
	MAX_STEPS = 200,      /* of Newton; ten are usual */
	MAX_CONJUGATE = 300,  /* directions of one step */
	MAX_LENGTHS = 60,     /* that a line search tries */
	DOUBLES_A_LINE = 8,
	N_VECTORS = 7,     /* of n_params: w to product */
	N_ROW_VECTORS = 3, /* logit, direction, curvature */
};

/* Sufficient decrease and curvature, of the Wolfe conditions (Nocedal and Wright 2006, 3.1). */
static const double decrease = 1e-4, flattening = 0.9;

/* What rounding makes of the objective, relatively: smaller changes say nothing. */
static const double noise = 1e-13;

/* The gradient that is left, in units of the smallest second derivative that the penalty guarantees: the distance from
 * the optimum is at most that. */
static const double accuracy = 1e-6;

/* ---- memory ---- */

static size_t shard_rows_of(size_t n_rows)
{
	size_t rows = (n_rows + MAX_SHARDS - 1) / MAX_SHARDS;
	return rows < MIN_SHARD_ROWS ? MIN_SHARD_ROWS : rows;
}

static size_t n_shards_of(size_t n_rows)
{
	size_t rows = shard_rows_of(n_rows);
	return (n_rows + rows - 1) / rows;
}

static size_t stride_of(size_t n_in)
{
	return (n_in + DOUBLES_A_LINE) / DOUBLES_A_LINE * DOUBLES_A_LINE;
}

double flt_newton_memory(size_t n_rows, size_t n_in)
{
	double vectors = (double)(N_VECTORS + 2 * n_shards_of(n_rows)) * (double)stride_of(n_in);
	double of_rows = N_ROW_VECTORS * flt_alloc_counted((double)n_rows * sizeof(double));
	return vectors * sizeof(double) + of_rows;
}

static enum flt_status allocate(struct flt_newton *newton, struct flt_error *err)
{
	size_t n_rows = newton->data->n_rows;
	double **const vectors[N_VECTORS] = {&newton->w,      &newton->gradient, &newton->preconditioner,
	                                     &newton->step,   &newton->residual, &newton->conjugate,
	                                     &newton->product};
	double **const of_rows[N_ROW_VECTORS] = {&newton->logit, &newton->direction, &newton->curvature};
	for (size_t i = 0; i < N_VECTORS; i++) {
		*vectors[i] = flt_alloc_aligned(newton->stride, sizeof **vectors[i], err);
		FLT_TRY_MEMORY(*vectors[i]);
	}
	for (size_t i = 0; i < N_ROW_VECTORS; i++) {
		*of_rows[i] = flt_alloc_aligned(n_rows, sizeof **of_rows[i], err);
		FLT_TRY_MEMORY(*of_rows[i]);
	}
	newton->shard_vectors =
	        flt_alloc_aligned(2 * newton->n_shards * newton->stride, sizeof *newton->shard_vectors, err);
	newton->shard_slopes = flt_alloc(newton->n_shards, sizeof *newton->shard_slopes, err);
	newton->shard_sums = flt_alloc(newton->n_shards, sizeof *newton->shard_sums, err);
	FLT_TRY_MEMORY(newton->shard_vectors && newton->shard_slopes && newton->shard_sums);
	return FLT_OK;
}

void flt_newton_release(struct flt_newton *newton)
{
	flt_free(newton->w);
	flt_free(newton->gradient);
	flt_free(newton->preconditioner);
	flt_free(newton->step);
	flt_free(newton->residual);
	flt_free(newton->conjugate);
	flt_free(newton->product);
	flt_free(newton->logit);
	flt_free(newton->direction);
	flt_free(newton->curvature);
	flt_free(newton->shard_vectors);
	flt_free(newton->shard_slopes);
	flt_free(newton->shard_sums);
	*newton = (struct flt_newton){0};
}

static size_t row_of(const struct flt_data *data, size_t i)
{
	return data->rows ? data->rows[i] : i;
}

static double weight_of(const struct flt_data *data, size_t i)
{
	return data->weight ? (double)data->weight[row_of(data, i)] : 1;
}

/* What the loss weighs, and how it curves by the best constant logit. */
static void measure_rows(struct flt_newton *newton)
{
	struct flt_data_mass mass = flt_data_mass(newton->data);
	struct flt_loss_point of[2];
	double share = mass.prevalence, bias = flt_loss_optimal_bias(&newton->loss, share);
	of[0] = flt_loss_point(&newton->loss, bias, false);
	of[1] = flt_loss_point(&newton->loss, bias, true);
	newton->mass = mass.mean * (double)newton->data->n_rows;
	newton->curvature_scale = fmax(share * of[1].curvature + (1 - share) * of[0].curvature, DBL_MIN);
}

enum flt_status flt_newton_init(struct flt_newton *newton, const struct flt_data *data, const struct flt_loss *loss,
                                struct flt_pool *pool, struct flt_error *err)
{
	*newton = (struct flt_newton){.data = data,
	                              .loss = *loss,
	                              .pool = pool,
	                              .kernels = flt_kernels(),
	                              .n_in = data->n_in,
	                              .n_params = data->n_in + 1,
	                              .shard_rows = shard_rows_of(data->n_rows),
	                              .n_shards = n_shards_of(data->n_rows),
	                              .stride = stride_of(data->n_in)};
	enum flt_status status = allocate(newton, err);
	if (status == FLT_OK)
		measure_rows(newton);
	else
		flt_newton_release(newton);
	return status;
}

void flt_newton_start(struct flt_newton *newton, const float *params)
{
	for (size_t j = 0; j < newton->n_params; j++)
		newton->w[j] = (double)params[j];
}

/* ---- passes over the rows ---- */

/* What the tasks of one pass share. */
struct pass {
	struct flt_newton *newton;
	size_t first;         /* the shard of the first task */
	const double *vector; /* (n_params) forward */
	double *out;          /* (n_rows) forward */
	double length;        /* of the step that is tried */
};

struct span {
	size_t begin, n; /* rows */
};

static struct span rows_of(const struct pass *pass, size_t task)
{
	size_t begin = (pass->first + task) * pass->newton->shard_rows, left = pass->newton->data->n_rows - begin;
	return (struct span){begin, left < pass->newton->shard_rows ? left : pass->newton->shard_rows};
}

static struct flt_row_span inputs_of(const struct flt_newton *newton, struct span span)
{
	const struct flt_data *data = newton->data;
	return (struct flt_row_span){.n = span.n,
	                             .n_in = data->n_in,
	                             .x = data->rows ? data->x : data->x + span.begin * data->n_in,
	                             .rows = data->rows ? data->rows + span.begin : NULL};
}

static double *vector_of_shard(const struct flt_newton *newton, size_t which, size_t shard)
{
	return newton->shard_vectors + (which * newton->n_shards + shard) * newton->stride;
}

/* Runs all shards, a few at a time, and asks before each of these whether to stop. */
static void run_shards(struct pass *pass, flt_task *task)
{
	struct flt_newton *newton = pass->newton;
	size_t at_once = WATCHED / (newton->shard_rows * newton->n_params) + flt_pool_n_threads(newton->pool);
	for (size_t n; pass->first < newton->n_shards; pass->first += n) {
		newton->stopped = newton->stopped || (newton->should_stop && newton->should_stop(newton->context));
		if (newton->stopped)
			return;
		n = newton->n_shards - pass->first < at_once ? newton->n_shards - pass->first : at_once;
		flt_pool_run(newton->pool, n, task, pass);
	}
}

/* sum = that of the shards' vectors, over the mass. */
static void add_up(const struct flt_newton *newton, size_t which, double *sum)
{
	for (size_t j = 0; j < newton->n_params; j++)
		sum[j] = 0;
	for (size_t shard = 0; shard < newton->n_shards; shard++) {
		const double *of_shard = vector_of_shard(newton, which, shard);
		for (size_t j = 0; j < newton->n_params; j++)
			sum[j] += of_shard[j];
	}
	for (size_t j = 0; j < newton->n_params; j++)
		sum[j] /= newton->mass;
}

static struct flt_loss_point point_of(const struct flt_newton *newton, size_t i, double logit)
{
	const struct flt_data *data = newton->data;
	struct flt_loss_point point = flt_loss_point(&newton->loss, logit, data->label[row_of(data, i)]);
	double weight = weight_of(data, i);
	point.value *= weight;
	point.slope *= weight;
	point.curvature *= weight;
	return point;
}

static void forward_shard(void *context, size_t task, size_t worker)
{
	(void)worker;
	const struct pass *pass = context;
	struct span span = rows_of(pass, task);
	struct flt_row_span in = inputs_of(pass->newton, span);
	pass->newton->kernels->project(&in, pass->vector, pass->out + span.begin);
}

/* out (n_rows) = x vector + its last */
static void forward(struct flt_newton *newton, const double *vector, double *out)
{
	struct pass pass = {.newton = newton, .vector = vector, .out = out};
	run_shards(&pass, forward_shard);
}

static void add_row(const struct flt_newton *newton, size_t i, const struct flt_loss_point *point,
                    struct flt_loss_sums *sums)
{
	const struct flt_data *data = newton->data;
	bool is_positive = data->label[row_of(data, i)];
	double size = fabs(point->slope), margin = is_positive ? newton->logit[i] : -newton->logit[i];
	sums->loss += point->value;
	sums->total += size;
	sums->easy += margin > 2.1972245773362196 ? size : 0; /* p_t > 0.9 */
	sums->positive += is_positive ? size : 0;
}

static void gradient_shard(void *context, size_t task, size_t worker)
{
	(void)worker;
	const struct pass *pass = context;
	struct flt_newton *newton = pass->newton;
	struct span span = rows_of(pass, task);
	size_t shard = pass->first + task, end = span.begin + span.n;
	double *gradient = vector_of_shard(newton, 0, shard), *diagonal = vector_of_shard(newton, 1, shard);
	struct flt_loss_sums sums = {0};
	memset(gradient, 0, newton->n_params * sizeof *gradient);
	memset(diagonal, 0, newton->n_params * sizeof *diagonal);
	for (size_t begin = span.begin; begin < end; begin += TILE_ROWS) {
		struct span tile = {begin, end - begin < TILE_ROWS ? end - begin : TILE_ROWS};
		struct flt_row_span in = inputs_of(newton, tile);
		double slope[TILE_ROWS], upward[TILE_ROWS];
		for (size_t i = 0; i < tile.n; i++) {
			struct flt_loss_point point = point_of(newton, begin + i, newton->logit[begin + i]);
			add_row(newton, begin + i, &point, &sums);
			slope[i] = point.slope;
			newton->curvature[begin + i] = point.curvature;
			upward[i] = fmax(point.curvature, 0);
		}
		newton->kernels->combine(&in, slope, gradient);
		newton->kernels->combine_squares(&in, upward, diagonal);
	}
	newton->shard_sums[shard] = sums;
}

static void product_shard(void *context, size_t task, size_t worker)
{
	(void)worker;
	const struct pass *pass = context;
	const struct flt_newton *newton = pass->newton;
	struct span span = rows_of(pass, task);
	size_t end = span.begin + span.n;
	double *product = vector_of_shard(newton, 0, pass->first + task);
	memset(product, 0, newton->n_params * sizeof *product);
	for (size_t begin = span.begin; begin < end; begin += TILE_ROWS) {
		struct span tile = {begin, end - begin < TILE_ROWS ? end - begin : TILE_ROWS};
		struct flt_row_span in = inputs_of(newton, tile);
		double along[TILE_ROWS];
		newton->kernels->project(&in, newton->conjugate, along);
		for (size_t i = 0; i < tile.n; i++)
			along[i] *= newton->curvature[begin + i];
		newton->kernels->combine(&in, along, product);
	}
}

static void try_shard(void *context, size_t task, size_t worker)
{
	(void)worker;
	const struct pass *pass = context;
	struct flt_newton *newton = pass->newton;
	struct span span = rows_of(pass, task);
	double loss = 0, slope = 0;
	for (size_t i = span.begin; i < span.begin + span.n; i++) {
		double moved = newton->logit[i] + pass->length * newton->direction[i];
		struct flt_loss_point point = point_of(newton, i, moved);
		loss += point.value;
		slope += point.slope * newton->direction[i];
	}
	newton->shard_sums[pass->first + task].loss = loss;
	newton->shard_slopes[pass->first + task] = slope;
}

/* ---- the objective ---- */

static double dot(const double *a, const double *b, size_t n)
{
	double sum = 0;
	for (size_t j = 0; j < n; j++)
		sum += a[j] * b[j];
	return sum;
}

/* From the logits at w: sums, gradient, preconditioner, curvature. Returns the objective. */
static double measure(struct flt_newton *newton)
{
	struct pass pass = {.newton = newton};
	run_shards(&pass, gradient_shard);
	add_up(newton, 0, newton->gradient);
	add_up(newton, 1, newton->preconditioner);
	newton->sums = (struct flt_loss_sums){0};
	for (size_t i = 0; i < newton->n_shards; i++)
		flt_loss_sums_add(&newton->sums, &newton->shard_sums[i]);
	double largest = DBL_MIN;
	for (size_t j = 0; j < newton->n_params; j++) {
		double penalty = j < newton->n_in ? newton->l2 : 0;
		newton->gradient[j] += penalty * newton->w[j];
		newton->preconditioner[j] += penalty;
		largest = fmax(largest, newton->preconditioner[j]);
	}
	for (size_t j = 0; j < newton->n_params; j++)
		newton->preconditioner[j] = fmax(newton->preconditioner[j], largest * 1e-10);
	return newton->sums.loss / newton->mass + newton->l2 / 2 * dot(newton->w, newton->w, newton->n_in);
}

double flt_newton_measure(struct flt_newton *newton, double l2)
{
	newton->l2 = l2;
	forward(newton, newton->w, newton->logit);
	return measure(newton);
}

/* ---- the step ---- */

/* product = second derivative x conjugate. Returns how it curves along it. */
static double curve(struct flt_newton *newton)
{
	struct pass pass = {.newton = newton};
	run_shards(&pass, product_shard);
	add_up(newton, 0, newton->product);
	for (size_t j = 0; j < newton->n_in; j++)
		newton->product[j] += newton->l2 * newton->conjugate[j];
	return dot(newton->conjugate, newton->product, newton->n_params);
}

/* The residual's size in the preconditioner's norm. */
static double size_of_residual(const struct flt_newton *newton)
{
	double sum = 0;
	for (size_t j = 0; j < newton->n_params; j++)
		sum += newton->residual[j] * newton->residual[j] / newton->preconditioner[j];
	return sum;
}

/* step = - second derivative^-1 gradient, until the residual is `enough` of the gradient; where the objective curves
 * downwards, the step so far, or the direction in which it falls. */
static void find_step(struct flt_newton *newton, double enough)
{
	size_t n = newton->n_params;
	for (size_t j = 0; j < n; j++) {
		newton->step[j] = 0;
		newton->residual[j] = -newton->gradient[j];
		newton->conjugate[j] = newton->residual[j] / newton->preconditioner[j];
	}
	double first = size_of_residual(newton), size = first;
	for (int i = 0; i < MAX_CONJUGATE && size > enough * enough * first; i++) {
		double curvature = curve(newton);
		if (newton->stopped)
			return;
		if (!(curvature > 0)) {
			if (i == 0)
				memcpy(newton->step, newton->conjugate, n * sizeof *newton->step);
			return;
		}
		double length = size / curvature, before = size;
		for (size_t j = 0; j < n; j++) {
			newton->step[j] += length * newton->conjugate[j];
			newton->residual[j] -= length * newton->product[j];
		}
		size = size_of_residual(newton);
		for (size_t j = 0; j < n; j++)
			newton->conjugate[j] =
			        newton->residual[j] / newton->preconditioner[j] + size / before * newton->conjugate[j];
	}
}

/* The objective along the step, as a function of its length. */
struct line {
	double at_w, slope_at_w;         /* at length 0 */
	double penalty, linear, squared; /* l2 / 2 |w|^2, l2 w step, l2 |step|^2 */
};

static double try_length(struct flt_newton *newton, const struct line *line, double length, double *slope)
{
	struct pass pass = {.newton = newton, .length = length};
	double loss = 0, sum = 0;
	run_shards(&pass, try_shard);
	for (size_t i = 0; i < newton->n_shards; i++) {
		loss += newton->shard_sums[i].loss;
		sum += newton->shard_slopes[i];
	}
	*slope = sum / newton->mass + line->linear + length * line->squared;
	return loss / newton->mass + line->penalty + length * (line->linear + length / 2 * line->squared);
}

/* A length that satisfies the Wolfe conditions, by bisection (Lewis and Overton 2013); 0 if there is none. */
static double find_length(struct flt_newton *newton, const struct line *line)
{
	double low = 0, high = INFINITY, length = 1, slope;
	for (int i = 0; i < MAX_LENGTHS; i++) {
		double value = try_length(newton, line, length, &slope);
		if (newton->stopped)
			return 0;
		if (!(value <= line->at_w + decrease * length * line->slope_at_w + noise * fabs(line->at_w)))
			high = length;
		else if (slope < flattening * line->slope_at_w)
			low = length;
		else
			return length;
		length = isfinite(high) ? (low + high) / 2 : 2 * low;
	}
	return low;
}

/* Moves w and its logits along the step. False if no length makes the objective smaller. */
static bool move(struct flt_newton *newton, double objective)
{
	struct line line = {.at_w = objective,
	                    .slope_at_w = dot(newton->gradient, newton->step, newton->n_params),
	                    .penalty = newton->l2 / 2 * dot(newton->w, newton->w, newton->n_in),
	                    .linear = newton->l2 * dot(newton->w, newton->step, newton->n_in),
	                    .squared = newton->l2 * dot(newton->step, newton->step, newton->n_in)};
	forward(newton, newton->step, newton->direction);
	double length = find_length(newton, &line);
	if (newton->stopped || !(length > 0))
		return false;
	for (size_t j = 0; j < newton->n_params; j++)
		newton->w[j] += length * newton->step[j];
	for (size_t i = 0; i < newton->data->n_rows; i++)
		newton->logit[i] += length * newton->direction[i];
	return true;
}

static double largest_gradient(const struct flt_newton *newton)
{
	double largest = 0;
	for (size_t j = 0; j < newton->n_params; j++)
		largest = fmax(largest, fabs(newton->gradient[j]));
	return largest;
}

bool flt_newton_solve(struct flt_newton *newton, double l2)
{
	double scale = newton->curvature_scale;
	double least = accuracy * fmax(fmin(l2, scale), accuracy * scale);
	double objective = flt_newton_measure(newton, l2);
	for (int i = 0; i < MAX_STEPS && !newton->stopped; i++) {
		double largest = largest_gradient(newton);
		if (largest <= least)
			break;
		find_step(newton, fmax(fmin(0.1, sqrt(largest / scale)), least / largest / 2));
		if (newton->stopped || !move(newton, objective))
			break;
		objective = measure(newton);
	}
	return !newton->stopped;
}
