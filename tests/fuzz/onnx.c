/*
 * Promised of an ONNX file, which the proof of an export reads back: any bytes are a model or refused in a sentence. A
 * model's nodes need only what is made before them, and its constants have as many numbers as their dimensions say. It
 * runs on a few rows, or that is refused in a sentence, or takes more memory than there is; what it gives has as many
 * numbers as its dimensions say.
 *
 * Input: the file.
 */
#include "onnx/run.h"

#include <math.h>

#include "base/alloc.h"
#include "harness.h"

/* Models of so many nodes run on so much memory: otherwise a few bytes could ask for hours of work. */
enum { MOST_NODES = 400, MEMORY = 1 << 18 };

static void check_tensor(const struct flt_onnx_tensor *tensor)
{
	size_t n = 1;
	PROMISE(tensor->n_dims <= FLT_ONNX_MAX_DIMS);
	for (size_t d = 0; d < tensor->n_dims; d++)
		n *= tensor->dims[d];
	PROMISE(n == tensor->n && tensor->numbers);
	for (size_t i = 0; i < n; i++)
		PROMISE(tensor->type != FLT_ONNX_BOOL || tensor->numbers[i] == 0 || tensor->numbers[i] == 1);
}

static void check_model(const struct flt_onnx_model *model)
{
	PROMISE(model->n_values == model->n_inputs + model->n_constants + model->n_nodes);
	for (size_t i = 0; i < model->n_constants; i++)
		check_tensor(&model->constants[i]);
	for (size_t i = 0; i < model->n_nodes; i++)
		for (size_t j = 0; j < model->nodes[i].n_inputs; j++)
			PROMISE(model->nodes[i].inputs[j] < model->nodes[i].output);
	for (size_t i = 0; i < model->n_outputs; i++)
		PROMISE(model->outputs[i] < model->n_values);
}

static void run(const struct flt_onnx_model *model)
{
	enum { ROWS = 3 };
	static double numbers[ROWS] = {2.5, -1e300, 0};
	static const char *const texts[ROWS] = {"web", "", "other"};
	struct flt_error err;
	struct flt_onnx_tensor *inputs = calloc(model->n_inputs + 1, sizeof *inputs);
	struct flt_onnx_tensor *outputs = calloc(model->n_outputs + 1, sizeof *outputs);
	PROMISE(inputs && outputs);
	numbers[2] = (double)NAN;
	for (size_t i = 0; i < model->n_inputs; i++) {
		enum flt_onnx_type type = model->input_types[i];
		inputs[i] = (struct flt_onnx_tensor){.type = type, .n_dims = 2, .dims = {ROWS, 1}, .n = ROWS};
		if (type == FLT_ONNX_STRING)
			inputs[i].texts = texts;
		else
			inputs[i].numbers = numbers;
	}
	flt_alloc_set_limit(flt_alloc_live() + MEMORY);
	enum flt_status status = flt_onnx_run(model, inputs, outputs, &err);
	flt_alloc_set_limit(SIZE_MAX);
	if (status != FLT_OK && status != FLT_ERR_MACHINE)
		promise_sentence(status, &err);
	for (size_t i = 0; i < model->n_outputs; i++) {
		if (status == FLT_OK && outputs[i].type != FLT_ONNX_BOOL)
			check_tensor(&outputs[i]);
		flt_free(outputs[i].numbers);
	}
	free(inputs);
	free(outputs);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct flt_onnx_model *model;
	struct flt_error err;
	enum flt_status status = flt_onnx_model_new(bytes, n, &model, &err);
	if (status) {
		promise_sentence(status, &err);
		PROMISE(status == FLT_ERR_MODEL && !model);
		return 0;
	}
	check_model(model);
	if (model->n_nodes <= MOST_NODES)
		run(model);
	flt_onnx_model_free(model);
	return 0;
}
