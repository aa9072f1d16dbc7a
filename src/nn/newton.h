/*
 * The optimum of a linear model: weights w and bias b that minimise
 *
 *	sum_i r_i l(y_i, x_i w + b) / sum_i r_i  +  l2 / 2 |w|^2
 *
 * with a loss l (struct flt_loss, its weights of the classes included) and the weights r_i of the rows; the bias is not
 * penalised. scikit-learn's LogisticRegression has the same optimum at C = 1 / (l2 sum_i r_i).
 *
 * Newton's method: the step comes from conjugate gradients, its length from a line search under the Wolfe conditions.
 * Focal loss is not convex: where a direction curves downwards, conjugate gradients end, and the line search alone says
 * how far. All in double, on inputs in float32. Rows are cut into shards that depend on their number alone, and their
 * sums are added up in order: the same bits at any number of threads.
 *
 * Life cycle: init, start, then solve for one penalty after another, each from where the last one ended; release.
 * Nothing is allocated after init.
 */
#ifndef NN_NEWTON_H
#define NN_NEWTON_H

#include "base/pool.h"
#include "nn/kernels.h"
#include "nn/train.h"

/* Asked several times a second; true ends the work. */
typedef bool flt_newton_stop(void *context);

struct flt_newton {
	const struct flt_data *data; /* borrowed, like the pool */
	struct flt_loss loss;
	struct flt_pool *pool;
	const struct flt_kernels *kernels;
	flt_newton_stop *should_stop;
	void *context;
	bool stopped;
	double mass;                         /* the weight of all rows */
	double curvature_scale;              /* of the loss by the logit, for the best constant logit */
	size_t n_in, n_params;               /* n_params: with the bias, which comes last */
	size_t shard_rows, n_shards, stride; /* stride: n_params in whole cache lines */
	double l2;
	double *w; /* (n_params) */
	/* at w */
	struct flt_loss_sums sums; /* over rows, each times its weight */
	double *gradient;          /* (n_params) */
	double *preconditioner;    /* (n_params) the diagonal of the second derivative, kept above 0 */
	/* scratch */
	double *step, *residual, *conjugate, *product; /* (n_params) */
	double *logit, *direction, *curvature;         /* (n_rows) x w + b; x step; second derivatives by the logit */
	double *shard_vectors;                         /* (2, n_shards, stride) */
	double *shard_slopes;                          /* (n_shards) along the step */
	struct flt_loss_sums *shard_sums;              /* (n_shards) */
};

/* data: n_rows of both classes. */
enum flt_status flt_newton_init(struct flt_newton *newton, const struct flt_data *data, const struct flt_loss *loss,
                                struct flt_pool *pool, struct flt_error *err);
void flt_newton_release(struct flt_newton *newton);

/* Bytes that init allocates. */
double flt_newton_memory(size_t n_rows, size_t n_in);

/* Starts from these parameters (n_params). */
void flt_newton_start(struct flt_newton *newton, const float *params);

/* Moves w to the optimum for l2, to about six digits. False: it was stopped on the way, and w is in between. */
bool flt_newton_solve(struct flt_newton *newton, double l2);

/* The objective at w, and its gradient into newton->gradient. */
double flt_newton_measure(struct flt_newton *newton, double l2);

#endif
