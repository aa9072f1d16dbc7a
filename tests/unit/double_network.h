/*
 * For tests: the network of nn/mlp.h as plain loops in double, one row at a time, and its gradient by the chain
 * rule. It shares nothing with the library but the layout of the parameters (found by the tensors' names) and the
 * formulas.
 */
#ifndef DOUBLE_NETWORK_H
#define DOUBLE_NETWORK_H

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/mlp.h"
#include "nn/train.h"

enum { DN_MAX = 72 }; /* width of anything */

struct double_network {
	const struct flt_mlp *mlp;
	const double *params;
	const struct flt_loss *loss;
	const float *weight;                /* (n_rows) of the rows; NULL: 1 each */
	const double *mask[FLT_MAX_HIDDEN]; /* (n_rows, hidden[i]) dropout factors; NULL: none */
	double nearest_kink;                /* the smallest |input| of any activation so far */
};

/* The loss of one row and its derivative with respect to the logit. label 0 or 1. */
static inline void dn_loss_point(const struct flt_loss *loss, double logit, int label, double *value, double *gradient)
{
	double margin = label ? logit : -logit, weight = label ? loss->weight_positive : loss->weight_negative;
	double e = exp(-fabs(margin)), r = 1 / (1 + e);
	double p = margin >= 0 ? r : e * r,
	       q = margin >= 0 ? e * r : r; /* each to full relative accuracy: never 1 - p */
	double minus_log_p = log1p(e) + (margin < 0 ? -margin : 0);
	double weighted = weight * pow(q, loss->gamma);
	*value = weighted * minus_log_p;
	*gradient = (label ? -weighted : weighted) * (loss->gamma * p * minus_log_p + q);
}

/* Offset of the named tensor; SIZE_MAX if the network has none. */
static inline size_t dn_find(const struct flt_mlp *mlp, const char *name)
{
	for (size_t i = 0; i < flt_mlp_n_tensors(mlp); i++) {
		struct flt_tensor tensor = flt_mlp_tensor(mlp, i);
		if (strcmp(tensor.name, name) == 0)
			return tensor.offset;
	}
	return SIZE_MAX;
}

static inline double dn_activation(enum flt_activation activation, double x, double *slope)
{
	double p = 1 / (1 + exp(-x)), t;
	switch (activation) {
	case FLT_RELU:
		*slope = x > 0;
		return x > 0 ? x : 0;
	case FLT_SELU:
		*slope = 1.0507009873554805 * (x > 0 ? 1 : 1.6732632423543772 * exp(x));
		return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * expm1(x));
	case FLT_SILU:
		*slope = p + x * p * (1 - p);
		return x * p;
	case FLT_MISH:
		t = tanh(log1p(exp(x)));
		*slope = t + x * p * (1 - t * t);
		return x * t;
	case FLT_TANH:
		*slope = 1 - tanh(x) * tanh(x);
		return tanh(x);
	case FLT_N_ACTIVATIONS:
		break;
	}
	abort();
}

/* Input i of the row becomes out (n_embedded), or passes through; the gradient goes to dparams if dout is given. */
static inline void dn_embed(const struct double_network *net, size_t number, double x, double *out, const double *dout,
                            double *dparams)
{
	struct flt_mlp_spec spec = flt_mlp_spec(net->mlp);
	size_t n_freq = spec.n_frequencies, n_out = spec.n_embedded - 1;
	size_t frequency = dn_find(net->mlp, "embedding.frequency") + number * n_freq;
	size_t phase = dn_find(net->mlp, "embedding.phase") + number * n_freq;
	size_t weight = dn_find(net->mlp, "embedding.weight") + number * n_out * n_freq;
	size_t bias = dn_find(net->mlp, "embedding.bias") + number * n_out;
	for (size_t j = 0; j < n_out; j++) {
		double sum = net->params[bias + j];
		for (size_t k = 0; k < n_freq; k++) {
			double angle = 2 * M_PI * net->params[frequency + k] * x + net->params[phase + k];
			size_t at = weight + j * n_freq + k;
			sum += net->params[at] * cos(angle);
			if (dout) {
				double dangle = -dout[j] * net->params[at] * sin(angle);
				dparams[at] += dout[j] * cos(angle);
				dparams[phase + k] += dangle;
				dparams[frequency + k] += dangle * 2 * M_PI * x;
			}
		}
		out[j] = sum;
		if (dout)
			dparams[bias + j] += dout[j];
	}
}

/* What the way forward of one row leaves for the way back. */
struct dn_trace {
	struct flt_mlp_spec spec;
	size_t n_first, scale, weight[FLT_MAX_HIDDEN + 1], bias[FLT_MAX_HIDDEN + 1];
	double in[DN_MAX], a[FLT_MAX_HIDDEN + 1][DN_MAX], slope[FLT_MAX_HIDDEN][DN_MAX];
};

static inline void dn_init(struct dn_trace *t, const struct flt_mlp *mlp)
{
	t->spec = flt_mlp_spec(mlp);
	t->scale = dn_find(mlp, "scale");
	for (size_t l = 0; l <= t->spec.n_hidden; l++) {
		char name[40];
		snprintf(name, sizeof name, "layer%zu.weight", l);
		t->weight[l] = dn_find(mlp, name);
		snprintf(name, sizeof name, "layer%zu.bias", l);
		t->bias[l] = dn_find(mlp, name);
	}
}

static inline bool dn_embeds(const struct flt_mlp_spec *spec, size_t input)
{
	return spec->embedding == FLT_EMBEDDING_PBLD && spec->numeric[input];
}

static inline double dn_forward(struct double_network *net, size_t row, const float *x, struct dn_trace *t)
{
	const double *w = net->params;
	size_t n = 0, number = 0;
	for (size_t i = 0; i < t->spec.n_in; i++) {
		t->in[n++] = (double)x[i];
		if (dn_embeds(&t->spec, i)) {
			dn_embed(net, number++, (double)x[i], t->in + n, NULL, NULL);
			n += t->spec.n_embedded - 1;
		}
		assert(n <= DN_MAX);
	}
	t->n_first = n;
	for (size_t j = 0; j < n; j++)
		t->a[0][j] = t->scale == SIZE_MAX ? t->in[j] : t->in[j] * w[t->scale + j];
	for (size_t l = 0; l < t->spec.n_hidden; n = t->spec.hidden[l++])
		for (size_t j = 0; j < t->spec.hidden[l]; j++) {
			double z = w[t->bias[l] + j], m = net->mask[l] ? net->mask[l][row * t->spec.hidden[l] + j] : 1;
			for (size_t i = 0; i < n; i++)
				z += w[t->weight[l] + j * n + i] * t->a[l][i];
			t->a[l + 1][j] = m * dn_activation(t->spec.activation, z, &t->slope[l][j]);
			t->slope[l][j] *= m;
			net->nearest_kink = fmin(net->nearest_kink, fabs(z));
		}
	double logit = w[t->bias[t->spec.n_hidden]];
	for (size_t i = 0; i < n; i++)
		logit += w[t->weight[t->spec.n_hidden] + i] * t->a[t->spec.n_hidden][i];
	return logit;
}

/* dparams += dloss/dparams of the row whose way forward is in t. */
static inline void dn_backward(struct double_network *net, const float *x, const struct dn_trace *t, double dlogit,
                               double *dparams)
{
	const double *w = net->params;
	double dz[DN_MAX] = {dlogit}, da[DN_MAX], unused[DN_MAX];
	for (size_t l = t->spec.n_hidden + 1; l-- > 0;) {
		size_t n_out = l == t->spec.n_hidden ? 1 : t->spec.hidden[l],
		       n_in = l ? t->spec.hidden[l - 1] : t->n_first;
		memset(da, 0, sizeof da);
		for (size_t j = 0; j < n_out; j++) {
			dparams[t->bias[l] + j] += dz[j];
			for (size_t i = 0; i < n_in; i++) {
				dparams[t->weight[l] + j * n_in + i] += dz[j] * t->a[l][i];
				da[i] += dz[j] * w[t->weight[l] + j * n_in + i];
			}
		}
		for (size_t i = 0; l && i < n_in; i++)
			dz[i] = da[i] * t->slope[l - 1][i];
	}
	for (size_t j = 0; t->scale != SIZE_MAX && j < t->n_first; j++) {
		dparams[t->scale + j] += da[j] * t->in[j];
		da[j] *= w[t->scale + j];
	}
	size_t n = 0, number = 0;
	for (size_t i = 0; i < t->spec.n_in; i++) {
		n++;
		if (dn_embeds(&t->spec, i)) {
			dn_embed(net, number++, (double)x[i], unused, da + n, dparams);
			n += t->spec.n_embedded - 1;
		}
	}
}

/* Sum of the n rows' losses, each times its weight, over n; dparams (n_params) gets its gradient unless NULL. */
static inline double dn_loss(struct double_network *net, const float *x, const uint8_t *label, size_t n,
                             double *dparams)
{
	struct dn_trace t;
	double sum = 0;
	dn_init(&t, net->mlp);
	if (dparams)
		memset(dparams, 0, flt_mlp_n_params(net->mlp) * sizeof *dparams);
	for (size_t row = 0; row < n; row++) {
		const float *in = x + row * t.spec.n_in;
		double value, dlogit;
		dn_loss_point(net->loss, dn_forward(net, row, in, &t), label[row], &value, &dlogit);
		double weight = net->weight ? (double)net->weight[row] : 1;
		sum += weight * value;
		if (dparams)
			dn_backward(net, in, &t, weight * dlogit / (double)n, dparams);
	}
	return sum / (double)n;
}

#endif
