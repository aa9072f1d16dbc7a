/* The part of a C file that holds the networks. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "export/c_parts.h"
#include "export/c_quantise.h"
#include "export/c_text.h"

enum { NAME_SIZE = 64 };

static const char *const functions[FLT_N_ACTIVATIONS] = {
        [FLT_RELU] = "relu", [FLT_SELU] = "selu", [FLT_SILU] = "silu", [FLT_MISH] = "mish", [FLT_TANH] = "tanh_of"};

static bool has_embedding(const struct flt_view_member *member)
{
	struct flt_tensor tensor;
	return flt_view_tensor(member, "embedding.frequency", &tensor) && tensor.n_rows > 0;
}

/* ---- the functions that are needed ---- */

static bool any_embeds(const struct flt_view *view)
{
	for (size_t m = 0; m < view->n_members; m++)
		if (has_embedding(&view->members[m]))
			return true;
	return false;
}

static bool any_scales(const struct flt_view *view)
{
	for (size_t m = 0; m < view->n_members; m++)
		if (view->members[m].spec.front_scale)
			return true;
	return false;
}

static bool any_activates(const struct flt_view *view, enum flt_activation activation)
{
	for (size_t m = 0; m < view->n_members; m++)
		if (view->members[m].spec.n_hidden > 0 && view->members[m].spec.activation == activation)
			return true;
	return false;
}

static void put_activations(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	const struct flt_view *view = file->view;
	static const char *const texts[FLT_N_ACTIVATIONS] = {[FLT_RELU] = flt_c_relu,
	                                                     [FLT_SELU] = flt_c_selu,
	                                                     [FLT_SILU] = flt_c_silu,
	                                                     [FLT_MISH] = flt_c_mish,
	                                                     [FLT_TANH] = flt_c_tanh};
	bool exps = any_activates(view, FLT_SILU) || any_activates(view, FLT_MISH);
	bool expm1s = any_activates(view, FLT_SELU) || any_activates(view, FLT_TANH);
	if (exps || expm1s || any_embeds(view))
		flt_c_put_text(put, flt_c_magic);
	if (exps || expm1s)
		flt_c_put_text(put, flt_c_exp_parts);
	if (exps)
		flt_c_put_text(put, flt_c_exp);
	if (expm1s)
		flt_c_put_text(put, flt_c_expm1);
	bool has_hidden = false;
	for (int a = 0; a < FLT_N_ACTIVATIONS; a++) {
		if (!any_activates(view, (enum flt_activation)a))
			continue;
		flt_c_put_text(put, texts[a]);
		has_hidden = true;
	}
	if (!has_hidden)
		return;
	flt_c_put_text(put, flt_c_fused);
	flt_c_put_text(put, file->int8 ? flt_c_sums8 : flt_c_sums);
	flt_c_put_text(put, flt_c_hidden);
}

/* ---- weights ---- */

/* Weights (n_out, n_in) as (n_in, n_out), so that sums of all outputs grow side by side. */
static void put_weights(struct flt_c_put *put, const char *name, const struct flt_tensor *shape, const float *w)
{
	flt_c_put_list(put, "float", sizeof(float), name, shape->n_rows * shape->n_cols);
	for (size_t i = 0; i < shape->n_cols; i++)
		for (size_t j = 0; j < shape->n_rows; j++) {
			flt_c_put_next(put);
			flt_c_put_float(put, w[j * shape->n_cols + i]);
			flt_c_put_text(put, ",");
		}
	flt_c_put_end(put);
}

static void put_weights8(struct flt_c_put *put, const char *name, const char *units, const struct flt_tensor *shape,
                         const float *w)
{
	flt_c_put_list(put, "signed char", 1, name, shape->n_rows * shape->n_cols);
	for (size_t i = 0; i < shape->n_cols; i++)
		for (size_t j = 0; j < shape->n_rows; j++) {
			const float *row = w + j * shape->n_cols;
			flt_c_put_next(put);
			flt_c_put(put, "%d,", flt_c_quantise(row[i], flt_c_unit(row, shape->n_cols)));
		}
	flt_c_put_end(put);
	flt_c_put_list(put, "float", sizeof(float), units, shape->n_rows);
	for (size_t j = 0; j < shape->n_rows; j++) {
		flt_c_put_next(put);
		flt_c_put_float(put, flt_c_unit(w + j * shape->n_cols, shape->n_cols));
		flt_c_put_text(put, ",");
	}
	flt_c_put_end(put);
}

static void put_layer(struct flt_c_file *file, size_t m, size_t layer)
{
	struct flt_c_put *put = &file->put;
	struct flt_tensor shape, bias_shape;
	char name[NAME_SIZE], units[NAME_SIZE];
	snprintf(name, sizeof name, "layer%zu.weight", layer);
	const float *weight = flt_view_tensor(&file->view->members[m], name, &shape);
	snprintf(name, sizeof name, "layer%zu.bias", layer);
	const float *bias = flt_view_tensor(&file->view->members[m], name, &bias_shape);
	snprintf(name, sizeof name, "weight_%zu_%zu", m, layer);
	snprintf(units, sizeof units, "unit_%zu_%zu", m, layer);
	if (file->int8)
		put_weights8(put, name, units, &shape, weight);
	else
		put_weights(put, name, &shape, weight);
	snprintf(name, sizeof name, "bias_%zu_%zu", m, layer);
	flt_c_put_floats(put, name, bias, bias_shape.n_rows);
}

static void put_layers(struct flt_c_file *file, size_t m)
{
	struct flt_c_put *put = &file->put;
	const struct flt_view_member *member = &file->view->members[m];
	size_t n = member->spec.n_hidden + 1;
	for (size_t i = 0; i < n; i++)
		put_layer(file, m, i);
	flt_c_put(put, "static const struct layer layers_%zu[%zu] = {", m, n);
	for (size_t i = 0; i < n; i++) {
		char name[NAME_SIZE];
		struct flt_tensor shape;
		snprintf(name, sizeof name, "layer%zu.weight", i);
		flt_view_tensor(member, name, &shape);
		flt_c_put(put, "\n\t{weight_%zu_%zu, ", m, i);
		if (file->int8)
			flt_c_put(put, "unit_%zu_%zu, ", m, i);
		flt_c_put(put, "bias_%zu_%zu, %zu, %zu},", m, i, shape.n_cols, shape.n_rows);
	}
	flt_c_put_end(put);
}

/* ---- what stands before the layers ---- */

static void put_embedding(struct flt_c_file *file, size_t m)
{
	static const char *const tensors[] = {"frequency", "phase", "weight", "bias"};
	struct flt_c_put *put = &file->put;
	const struct flt_view_member *member = &file->view->members[m];
	size_t n_in = member->spec.n_in;
	char name[NAME_SIZE];
	for (size_t i = 0; i < sizeof tensors / sizeof *tensors; i++) {
		struct flt_tensor shape;
		snprintf(name, sizeof name, "embedding.%s", tensors[i]);
		const float *x = flt_view_tensor(member, name, &shape);
		snprintf(name, sizeof name, "embedding_%s_%zu", tensors[i], m);
		flt_c_put_floats(put, name, x, shape.n_rows * shape.n_cols);
	}
	snprintf(name, sizeof name, "is_embedded_%zu", m);
	flt_c_put_list(put, "unsigned char", 1, name, n_in);
	for (size_t i = 0; i < n_in; i++) {
		flt_c_put_next(put);
		flt_c_put(put, "%d,", !member->spec.numeric || member->spec.numeric[i]);
	}
	flt_c_put_end(put);
	flt_c_put(put,
	          "static const struct embedding embedding_%zu = {is_embedded_%zu, %zu, %zu, %zu, "
	          "embedding_frequency_%zu,\n"
	          "\tembedding_phase_%zu, embedding_weight_%zu, embedding_bias_%zu};\n\n",
	          m, m, n_in, member->spec.n_frequencies, member->spec.n_embedded - 1, m, m, m, m);
}

static void put_front(struct flt_c_file *file, size_t m)
{
	char name[NAME_SIZE];
	struct flt_tensor shape;
	if (has_embedding(&file->view->members[m]))
		put_embedding(file, m);
	const float *scale = flt_view_tensor(&file->view->members[m], "scale", &shape);
	snprintf(name, sizeof name, "scale_%zu", m);
	if (scale)
		flt_c_put_floats(&file->put, name, scale, shape.n_rows);
}

/* ---- the networks ---- */

static const char network_struct[] =
        "/* One network, and ln of its weight in the mean, relative to the first one's. */\n"
        "struct network {\n"
        "\tconst struct layer *layers;\n"
        "\tsize_t n_layers;\n"
        "\tdouble log_weight;\n";

static void put_table(struct flt_c_file *file, bool embeds, bool scales, bool activates)
{
	struct flt_c_put *put = &file->put;
	const struct flt_view *view = file->view;
	flt_c_put_text(put, network_struct);
	flt_c_put_text(put, activates ? "\tfloat (*activate)(float);\n" : "");
	flt_c_put_text(put, embeds ? "\tconst struct embedding *embedding; /* or NULL */\n" : "");
	flt_c_put_text(put, scales ? "\tconst float *scale; /* of each input of the first layer, or NULL */\n" : "");
	flt_c_put_text(put, "};\n\n");
	flt_c_put(put, "static const struct network networks[%zu] = {", view->n_members);
	for (size_t m = 0; m < view->n_members; m++) {
		const struct flt_view_member *member = &view->members[m];
		flt_c_put(put, "\n\t{layers_%zu, %zu, ", m, member->spec.n_hidden + 1);
		flt_c_put_double(put, member->log_weight);
		if (activates)
			flt_c_put(put, ", %s", member->spec.n_hidden ? functions[member->spec.activation] : "NULL");
		if (embeds && has_embedding(member))
			flt_c_put(put, ", &embedding_%zu", m);
		else if (embeds)
			flt_c_put_text(put, ", NULL");
		if (scales && member->spec.front_scale)
			flt_c_put(put, ", scale_%zu", m);
		else if (scales)
			flt_c_put_text(put, ", NULL");
		flt_c_put_text(put, "},");
	}
	flt_c_put_end(put);
}

static void put_function(struct flt_c_file *file, bool embeds, bool scales, bool activates)
{
	struct flt_c_put *put = &file->put;
	flt_c_put_text(put,
	               "/* The logit of inputs x; a and b have room for the widest layer. */\n"
	               "static float logit_of(const struct network *network, const float *x, float *a, float *b)\n{\n"
	               "\tconst struct layer *layer = network->layers;\n");
	if (scales || activates)
		flt_c_put_text(put, "\tsize_t i;\n");
	if (!embeds && !activates)
		flt_c_put_text(put, "\t(void)a;\n");
	if (!scales && !activates)
		flt_c_put_text(put, "\t(void)b;\n");
	if (embeds)
		flt_c_put_text(put, "\tif (network->embedding) {\n"
		                    "\t\tembed(network->embedding, x, a);\n"
		                    "\t\tx = a;\n"
		                    "\t}\n");
	if (scales)
		flt_c_put_text(put, "\tif (network->scale) {\n"
		                    "\t\tfor (i = 0; i < layer->n_in; i++)\n"
		                    "\t\t\tb[i] = product(x[i], network->scale[i]);\n"
		                    "\t\tx = b;\n"
		                    "\t}\n");
	if (activates)
		flt_c_put_text(put, "\tfor (i = 1; i < network->n_layers; i++, layer++) {\n"
		                    "\t\tfloat *y = x == a ? b : a;\n"
		                    "\t\thidden_layer(layer, network->activate, x, y);\n"
		                    "\t\tx = y;\n"
		                    "\t}\n");
	flt_c_put(put, "\treturn (float)(sum_of_products(x, layer->weight, %slayer->n_in) + layer->bias[0]);\n}\n\n",
	          file->int8 ? "layer->unit[0], " : "");
}

void flt_c_put_networks(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	const struct flt_view *view = file->view;
	bool embeds = any_embeds(view), scales = any_scales(view), activates = false;
	for (int a = 0; a < FLT_N_ACTIVATIONS; a++)
		activates |= any_activates(view, (enum flt_activation)a);
	flt_c_put_text(put, flt_c_product);
	flt_c_put_text(put, flt_c_lanes);
	flt_c_put_text(put, file->int8 ? flt_c_floats8 : flt_c_floats);
	put_activations(file);
	if (embeds)
		flt_c_put_text(put, flt_c_embedding);
	for (size_t m = 0; m < view->n_members; m++) {
		put_front(file, m);
		put_layers(file, m);
	}
	put_table(file, embeds, scales, activates);
	put_function(file, embeds, scales, activates);
}
