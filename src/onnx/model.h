/*
 * An ONNX model read back from its bytes, which may come from anyone: everything in them is checked. It takes the files
 * that onnx/graph.h writes, and refuses what they never hold: other element types than its five, data outside of the
 * file, graphs inside nodes, nodes with several outputs, values that are used before they are made.
 */
#ifndef ONNX_MODEL_H
#define ONNX_MODEL_H

#include "base/arena.h"
#include "base/sorted_texts.h"
#include "onnx/graph.h"

enum { FLT_ONNX_MAX_DIMS = 4 };

/* Numbers of all types are held as double. Floats are rounded to float, integers are whole, of bool 0 and 1. */
struct flt_onnx_tensor {
	enum flt_onnx_type type;
	size_t n_dims, dims[FLT_ONNX_MAX_DIMS];
	size_t n;                 /* their product; 1 without dimensions */
	double *numbers;          /* (n) NULL for strings */
	const char *const *texts; /* (n) of strings; borrowed */
};

struct flt_onnx_attribute {
	const char *name;
	int64_t integer;
	int64_t *integers; /* (n_integers) */
	size_t n_integers;
	const char **texts; /* (n_texts) */
	size_t n_texts;
};

struct flt_onnx_node {
	const char *domain, *op; /* "" is ai.onnx */
	size_t *inputs;          /* (n_inputs) values, each below output */
	size_t n_inputs, output;
	struct flt_onnx_attribute *attributes; /* (n_attributes) */
	size_t n_attributes;
	struct flt_sorted_text *keys; /* of a LabelEncoder: its keys_strings, sorted */
};

/* Values are numbered: the inputs, the constants, then what each node makes. */
struct flt_onnx_model {
	struct flt_arena texts;
	const char **names; /* (n_values) */
	size_t n_values;
	enum flt_onnx_type *input_types; /* (n_inputs) */
	size_t n_inputs;
	struct flt_onnx_tensor *constants; /* (n_constants) */
	size_t n_constants;
	struct flt_onnx_node *nodes; /* (n_nodes) */
	size_t n_nodes;
	size_t *outputs; /* (n_outputs) values */
	size_t n_outputs;
};

/* FLT_ERR_MODEL says what is wrong. End *model by flt_onnx_model_free. bytes are not borrowed. */
enum flt_status flt_onnx_model_new(const void *bytes, size_t n_bytes, struct flt_onnx_model **model,
                                   struct flt_error *err);
void flt_onnx_model_free(struct flt_onnx_model *model); /* NULL is fine */

/* The attribute of that name, or NULL; and its integer, or what it is without. */
const struct flt_onnx_attribute *flt_onnx_attribute(const struct flt_onnx_node *node, const char *name);
int64_t flt_onnx_integer(const struct flt_onnx_node *node, const char *name, int64_t otherwise);

/* Sets n to the product of the dims; false where it is too large to be counted. */
bool flt_onnx_count(struct flt_onnx_tensor *tensor);

#endif
