#include "onnx/run.h"

#include <string.h>

#include "base/alloc.h"
#include "onnx/ops.h"

struct run {
	const struct flt_onnx_model *model;
	const struct flt_onnx_tensor **values; /* (n_values) NULL: not made yet, or freed */
	struct flt_onnx_tensor *made;          /* (n_nodes) */
	size_t *last_use;                      /* (n_values) the node behind which nothing needs it */
	const struct flt_onnx_tensor **in;     /* scratch */
};

static void run_release(struct run *run)
{
	for (size_t i = 0; run->made && i < run->model->n_nodes; i++)
		flt_free(run->made[i].numbers);
	flt_free(run->made);
	flt_free((void *)run->values);
	flt_free(run->last_use);
	flt_free((void *)run->in);
}

static void find_last_uses(struct run *run)
{
	const struct flt_onnx_model *model = run->model;
	for (size_t i = 0; i < model->n_nodes; i++)
		for (size_t j = 0; j < model->nodes[i].n_inputs; j++)
			run->last_use[model->nodes[i].inputs[j]] = i;
	for (size_t i = 0; i < model->n_outputs; i++)
		run->last_use[model->outputs[i]] = SIZE_MAX;
}

static enum flt_status run_init(struct run *run, const struct flt_onnx_tensor *inputs, struct flt_error *err)
{
	const struct flt_onnx_model *model = run->model;
	size_t most = 1;
	for (size_t i = 0; i < model->n_nodes; i++)
		most = model->nodes[i].n_inputs > most ? model->nodes[i].n_inputs : most;
	run->values = flt_alloc_zero(model->n_values, sizeof *run->values, err);
	FLT_TRY_MEMORY(run->values);
	run->made = flt_alloc_zero(model->n_nodes, sizeof *run->made, err);
	FLT_TRY_MEMORY(run->made);
	run->last_use = flt_alloc_zero(model->n_values, sizeof *run->last_use, err);
	FLT_TRY_MEMORY(run->last_use);
	run->in = flt_alloc(most, sizeof *run->in, err);
	FLT_TRY_MEMORY(run->in);
	for (size_t i = 0; i < model->n_inputs; i++) {
		if (inputs[i].type != model->input_types[i])
			return flt_fail(err, FLT_ERR_MODEL,
			                "the ONNX file cannot be run: input \"%s\" is of another type",
			                flt_shown(model->names[i], strlen(model->names[i])).text);
		run->values[i] = &inputs[i];
	}
	for (size_t i = 0; i < model->n_constants; i++)
		run->values[model->n_inputs + i] = &model->constants[i];
	find_last_uses(run);
	return FLT_OK;
}

static enum flt_status run_node(struct run *run, size_t number, struct flt_error *err)
{
	const struct flt_onnx_node *node = &run->model->nodes[number];
	const struct flt_onnx_call call = {node, run->in};
	flt_onnx_op *op = flt_onnx_op_of(node);
	if (!op)
		return flt_onnx_misfit(&call, "is not known here", err);
	for (size_t i = 0; i < node->n_inputs; i++)
		run->in[i] = run->values[node->inputs[i]];
	FLT_TRY(op(&call, &run->made[number], err));
	run->values[node->output] = &run->made[number];
	return FLT_OK;
}

/* Frees what only this node and those before it need. */
static void forget(struct run *run, size_t number)
{
	const struct flt_onnx_model *model = run->model;
	const struct flt_onnx_node *node = &model->nodes[number];
	size_t first = model->n_inputs + model->n_constants;
	for (size_t i = 0; i < node->n_inputs; i++) {
		size_t value = node->inputs[i];
		if (value < first || run->last_use[value] != number)
			continue;
		flt_free(run->made[value - first].numbers);
		run->made[value - first].numbers = NULL;
	}
}

static enum flt_status take_output(const struct run *run, size_t value, struct flt_onnx_tensor *output,
                                   struct flt_error *err)
{
	const struct flt_onnx_tensor *from = run->values[value];
	if (from->type == FLT_ONNX_STRING)
		return flt_fail(err, FLT_ERR_MODEL, "the ONNX file cannot be run: it gives texts");
	*output = *from;
	output->numbers = flt_alloc(from->n, sizeof *output->numbers, err);
	FLT_TRY_MEMORY(output->numbers);
	memcpy(output->numbers, from->numbers, from->n * sizeof *output->numbers);
	return FLT_OK;
}

enum flt_status flt_onnx_run(const struct flt_onnx_model *model, const struct flt_onnx_tensor *inputs,
                             struct flt_onnx_tensor *outputs, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct run run = {.model = model};
	memset(outputs, 0, model->n_outputs * sizeof *outputs);
	FLT_TRY_OUT(run_init(&run, inputs, err));
	for (size_t i = 0; i < model->n_nodes; i++) {
		FLT_TRY_OUT(run_node(&run, i, err));
		forget(&run, i);
	}
	for (size_t i = 0; i < model->n_outputs; i++)
		FLT_TRY_OUT(take_output(&run, model->outputs[i], &outputs[i], err));
out:
	run_release(&run);
	return status;
}
