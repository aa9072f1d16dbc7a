/* Reading the messages of an ONNX file into a model. The numbers of fields are those of onnx.proto. */
#ifndef ONNX_READ_H
#define ONNX_READ_H

#include "onnx/model.h"

enum {
	FLT_ONNX_MODEL_GRAPH = 7,
	FLT_ONNX_GRAPH_NODE = 1,
	FLT_ONNX_GRAPH_CONSTANT = 5,
	FLT_ONNX_GRAPH_INPUT = 11,
	FLT_ONNX_GRAPH_OUTPUT = 12
};

/* Fails with a sentence that the part cannot be read. */
enum flt_status flt_onnx_damaged(struct flt_error *err, const char *part);

/* The name and element type of an input. Texts belong to the model, here and below. */
enum flt_status flt_onnx_read_column(struct flt_onnx_model *model, const struct flt_proto_field *field,
                                     const char **name, enum flt_onnx_type *type, struct flt_error *err);
/* A constant. Its numbers belong to the tensor, after a failure too. */
enum flt_status flt_onnx_read_tensor(struct flt_onnx_model *model, const struct flt_proto_field *field,
                                     const char **name, struct flt_onnx_tensor *tensor, struct flt_error *err);
/* The name of what a node makes. */
enum flt_status flt_onnx_read_made(struct flt_onnx_model *model, const struct flt_proto_field *field, const char **name,
                                   struct flt_error *err);

/* A node, whose output is set, and the value that an output is. sorted (n_values) are the names of the model's values.
 */
enum flt_status flt_onnx_read_node(struct flt_onnx_model *model, const struct flt_proto_field *field,
                                   const struct flt_sorted_text *sorted, struct flt_onnx_node *node,
                                   struct flt_error *err);
enum flt_status flt_onnx_read_output(struct flt_onnx_model *model, const struct flt_proto_field *field,
                                     const struct flt_sorted_text *sorted, size_t *value, struct flt_error *err);

#endif
