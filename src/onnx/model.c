/*
 * Reading goes over the graph's fields twice: first the names of all values are collected, so that then the inputs of
 * nodes can be looked up. Since values are numbered in the order in which they come about, a node whose inputs are
 * below its output needs nothing that is made later.
 */
#include "onnx/model.h"

#include <string.h>

#include "base/alloc.h"
#include "onnx/read.h"

static void node_release(struct flt_onnx_node *node)
{
	for (size_t i = 0; i < node->n_attributes; i++) {
		flt_free(node->attributes[i].integers);
		flt_free((void *)node->attributes[i].texts);
	}
	flt_free(node->attributes);
	flt_free(node->inputs);
	flt_free(node->keys);
}

void flt_onnx_model_free(struct flt_onnx_model *model)
{
	if (!model)
		return;
	for (size_t i = 0; model->nodes && i < model->n_nodes; i++)
		node_release(&model->nodes[i]);
	for (size_t i = 0; model->constants && i < model->n_constants; i++)
		flt_free(model->constants[i].numbers);
	flt_free(model->nodes);
	flt_free(model->constants);
	flt_free((void *)model->names);
	flt_free(model->input_types);
	flt_free(model->outputs);
	flt_arena_release(&model->texts);
	flt_free(model);
}

/* ---- names ---- */

static enum flt_status count_fields(struct flt_onnx_model *model, struct flt_proto_bytes graph, struct flt_error *err)
{
	struct flt_proto_field field;
	bool at_end;
	while (flt_proto_next(&graph, &field, &at_end)) {
		model->n_inputs += field.number == FLT_ONNX_GRAPH_INPUT;
		model->n_constants += field.number == FLT_ONNX_GRAPH_CONSTANT;
		model->n_nodes += field.number == FLT_ONNX_GRAPH_NODE;
		model->n_outputs += field.number == FLT_ONNX_GRAPH_OUTPUT;
	}
	if (!at_end)
		return flt_onnx_damaged(err, "its graph");
	model->n_values = model->n_inputs + model->n_constants + model->n_nodes;
	return FLT_OK;
}

static enum flt_status make_room(struct flt_onnx_model *model, struct flt_error *err)
{
	model->names = flt_alloc_zero(model->n_values, sizeof *model->names, err);
	FLT_TRY_MEMORY(model->names);
	model->input_types = flt_alloc_zero(model->n_inputs, sizeof *model->input_types, err);
	FLT_TRY_MEMORY(model->input_types);
	model->constants = flt_alloc_zero(model->n_constants, sizeof *model->constants, err);
	FLT_TRY_MEMORY(model->constants);
	model->nodes = flt_alloc_zero(model->n_nodes, sizeof *model->nodes, err);
	FLT_TRY_MEMORY(model->nodes);
	model->outputs = flt_alloc_zero(model->n_outputs, sizeof *model->outputs, err);
	FLT_TRY_MEMORY(model->outputs);
	return FLT_OK;
}

/* Takes inputs, constants, and the names of what nodes make. */
static enum flt_status read_values(struct flt_onnx_model *model, struct flt_proto_bytes graph, struct flt_error *err)
{
	struct flt_proto_field field;
	bool at_end;
	const char **input = model->names, **constant = input + model->n_inputs, **made = constant + model->n_constants;
	enum flt_onnx_type *type = model->input_types;
	struct flt_onnx_tensor *tensor = model->constants;
	while (flt_proto_next(&graph, &field, &at_end)) {
		if (field.number == FLT_ONNX_GRAPH_INPUT)
			FLT_TRY(flt_onnx_read_column(model, &field, input++, type++, err));
		else if (field.number == FLT_ONNX_GRAPH_CONSTANT)
			FLT_TRY(flt_onnx_read_tensor(model, &field, constant++, tensor++, err));
		else if (field.number == FLT_ONNX_GRAPH_NODE)
			FLT_TRY(flt_onnx_read_made(model, &field, made++, err));
	}
	return FLT_OK;
}

static enum flt_status check_names(const struct flt_onnx_model *model, const struct flt_sorted_text *sorted,
                                   struct flt_error *err)
{
	for (size_t i = 0; i < model->n_values; i++) {
		if (sorted[i].text[0] == '\0')
			return flt_fail(err, FLT_ERR_MODEL, "the ONNX file has a value without a name");
		if (i > 0 && strcmp(sorted[i].text, sorted[i - 1].text) == 0)
			return flt_fail(err, FLT_ERR_MODEL, "the ONNX file has two values \"%s\"",
			                flt_shown(sorted[i].text, strlen(sorted[i].text)).text);
	}
	return FLT_OK;
}

/* ---- nodes and outputs ---- */

static enum flt_status read_uses(struct flt_onnx_model *model, struct flt_proto_bytes graph,
                                 const struct flt_sorted_text *sorted, struct flt_error *err)
{
	struct flt_proto_field field;
	bool at_end;
	size_t node = 0, output = 0;
	while (flt_proto_next(&graph, &field, &at_end)) {
		if (field.number == FLT_ONNX_GRAPH_NODE) {
			model->nodes[node].output = model->n_inputs + model->n_constants + node;
			FLT_TRY(flt_onnx_read_node(model, &field, sorted, &model->nodes[node], err));
			node++;
		} else if (field.number == FLT_ONNX_GRAPH_OUTPUT) {
			FLT_TRY(flt_onnx_read_output(model, &field, sorted, &model->outputs[output++], err));
		}
	}
	return FLT_OK;
}

static enum flt_status read_graph(struct flt_onnx_model *model, struct flt_proto_bytes graph, struct flt_error *err)
{
	enum flt_status status;
	struct flt_sorted_text *sorted = NULL;
	FLT_TRY(count_fields(model, graph, err));
	FLT_TRY(make_room(model, err));
	FLT_TRY(read_values(model, graph, err));
	FLT_TRY(flt_sort_texts(model->names, model->n_values, &sorted, err));
	FLT_TRY_OUT(check_names(model, sorted, err));
	status = read_uses(model, graph, sorted, err);
out:
	flt_free(sorted);
	return status;
}

static enum flt_status read_model(struct flt_onnx_model *model, struct flt_proto_bytes bytes, struct flt_error *err)
{
	struct flt_proto_field field;
	struct flt_proto_bytes graph = {0};
	bool at_end;
	while (flt_proto_next(&bytes, &field, &at_end)) {
		if (field.number != FLT_ONNX_MODEL_GRAPH)
			continue;
		if (field.kind != FLT_PROTO_BYTES || graph.at)
			return flt_onnx_damaged(err, "its graph");
		graph = field.bytes;
	}
	if (!at_end || !graph.at)
		return flt_onnx_damaged(err, "its outer part");
	return read_graph(model, graph, err);
}

enum flt_status flt_onnx_model_new(const void *bytes, size_t n_bytes, struct flt_onnx_model **model,
                                   struct flt_error *err)
{
	const unsigned char *at = bytes;
	*model = flt_alloc_zero(1, sizeof **model, err);
	FLT_TRY_MEMORY(*model);
	enum flt_status status = read_model(*model, (struct flt_proto_bytes){at, at + n_bytes}, err);
	if (status != FLT_OK) {
		flt_onnx_model_free(*model);
		*model = NULL;
	}
	return status;
}
