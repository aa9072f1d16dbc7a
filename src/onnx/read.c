#include "onnx/read.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

enum flt_status flt_onnx_damaged(struct flt_error *err, const char *part)
{
	return flt_fail(err, FLT_ERR_MODEL, "the ONNX file is damaged: %s cannot be read", part);
}

/* ---- fields ---- */

static enum flt_status take_text(struct flt_onnx_model *model, const struct flt_proto_field *field, const char **text,
                                 struct flt_error *err)
{
	size_t n = field->kind == FLT_PROTO_BYTES ? (size_t)(field->bytes.end - field->bytes.at) : 0;
	if (field->kind != FLT_PROTO_BYTES || (n > 0 && memchr(field->bytes.at, '\0', n)))
		return flt_onnx_damaged(err, "a text");
	*text = flt_arena_add(&model->texts, n > 0 ? (const char *)field->bytes.at : "", n, err);
	FLT_TRY_MEMORY(*text);
	return FLT_OK;
}

/* The message in a field; *part then holds its bytes. */
static enum flt_status open_message(const struct flt_proto_field *field, const char *what, struct flt_proto_bytes *part,
                                    struct flt_error *err)
{
	*part = field->bytes;
	return field->kind == FLT_PROTO_BYTES ? FLT_OK : flt_onnx_damaged(err, what);
}

/* The last field of that number in a message; false where there is none, or the message is damaged. */
static bool find_field(struct flt_proto_bytes message, unsigned number, struct flt_proto_field *found)
{
	struct flt_proto_field field;
	bool at_end, is_there = false;
	while (flt_proto_next(&message, &field, &at_end))
		if (field.number == number) {
			*found = field;
			is_there = true;
		}
	return is_there && at_end;
}

static bool find_message(struct flt_proto_bytes message, unsigned number, struct flt_proto_bytes *found)
{
	struct flt_proto_field field = {0};
	bool is_there = find_field(message, number, &field) && field.kind == FLT_PROTO_BYTES;
	*found = is_there ? field.bytes : (struct flt_proto_bytes){0};
	return is_there;
}

/* ---- values ---- */

static bool is_known_type(uint64_t type)
{
	return type == FLT_ONNX_FLOAT || type == FLT_ONNX_INT64 || type == FLT_ONNX_STRING || type == FLT_ONNX_BOOL ||
	       type == FLT_ONNX_DOUBLE;
}

enum flt_status flt_onnx_read_column(struct flt_onnx_model *model, const struct flt_proto_field *field,
                                     const char **name, enum flt_onnx_type *type, struct flt_error *err)
{
	enum { NAME = 1, TYPE = 2, TENSOR_TYPE = 1, ELEMENT_TYPE = 1 };
	struct flt_proto_bytes message, part, tensor;
	struct flt_proto_field text, element;
	FLT_TRY(open_message(field, "an input", &message, err));
	if (!find_field(message, NAME, &text) || !find_message(message, TYPE, &part) ||
	    !find_message(part, TENSOR_TYPE, &tensor) || !find_field(tensor, ELEMENT_TYPE, &element) ||
	    element.kind != FLT_PROTO_INTEGER || !is_known_type(element.integer))
		return flt_onnx_damaged(err, "an input");
	*type = (enum flt_onnx_type)element.integer;
	return take_text(model, &text, name, err);
}

enum flt_status flt_onnx_read_made(struct flt_onnx_model *model, const struct flt_proto_field *field, const char **name,
                                   struct flt_error *err)
{
	enum { OUTPUT = 2 };
	struct flt_proto_bytes message;
	struct flt_proto_field text;
	FLT_TRY(open_message(field, "a node", &message, err));
	if (!find_field(message, OUTPUT, &text))
		return flt_onnx_damaged(err, "a node");
	return take_text(model, &text, name, err);
}

static double number_at(enum flt_onnx_type type, const unsigned char *at)
{
	uint64_t bits = 0;
	size_t size = type == FLT_ONNX_FLOAT ? sizeof(float) : sizeof(double);
	for (size_t i = 0; i < size; i++)
		bits |= (uint64_t)at[i] << 8 * i;
	if (type == FLT_ONNX_INT64)
		return (double)(int64_t)bits;
	if (type == FLT_ONNX_FLOAT) {
		uint32_t half = (uint32_t)bits;
		float number;
		memcpy(&number, &half, sizeof number);
		return (double)number;
	}
	double number;
	memcpy(&number, &bits, sizeof number);
	return number;
}

static enum flt_status take_numbers(struct flt_onnx_tensor *tensor, struct flt_proto_bytes raw, struct flt_error *err)
{
	size_t size = tensor->type == FLT_ONNX_FLOAT ? sizeof(float) : sizeof(double);
	size_t n_bytes = raw.at ? (size_t)(raw.end - raw.at) : 0;
	if (!flt_onnx_count(tensor) || n_bytes % size != 0 || n_bytes / size != tensor->n)
		return flt_onnx_damaged(err, "a constant");
	tensor->numbers = flt_alloc(tensor->n, sizeof *tensor->numbers, err);
	FLT_TRY_MEMORY(tensor->numbers);
	for (size_t i = 0; i < tensor->n; i++)
		tensor->numbers[i] = number_at(tensor->type, raw.at + i * size);
	return FLT_OK;
}

enum flt_status flt_onnx_read_tensor(struct flt_onnx_model *model, const struct flt_proto_field *field,
                                     const char **name, struct flt_onnx_tensor *tensor, struct flt_error *err)
{
	enum { DIMS = 1, DATA_TYPE = 2, NAME = 8, RAW_DATA = 9 };
	struct flt_proto_bytes message, raw = {0};
	struct flt_proto_field part;
	bool at_end;
	*name = "";
	FLT_TRY(open_message(field, "a constant", &message, err));
	while (flt_proto_next(&message, &part, &at_end)) {
		if (part.number == NAME) {
			FLT_TRY(take_text(model, &part, name, err));
		} else if (part.number == RAW_DATA && part.kind == FLT_PROTO_BYTES) {
			raw = part.bytes;
		} else if (part.number == DATA_TYPE && is_known_type(part.integer)) {
			tensor->type = (enum flt_onnx_type)part.integer;
		} else if (part.number == DIMS && part.kind == FLT_PROTO_INTEGER && part.integer > 0 &&
		           part.integer <= SIZE_MAX / 2 && tensor->n_dims < FLT_ONNX_MAX_DIMS) {
			tensor->dims[tensor->n_dims++] = (size_t)part.integer;
		} else {
			return flt_onnx_damaged(err, "a constant");
		}
	}
	if (!at_end ||
	    (tensor->type != FLT_ONNX_FLOAT && tensor->type != FLT_ONNX_DOUBLE && tensor->type != FLT_ONNX_INT64))
		return flt_onnx_damaged(err, "a constant");
	return take_numbers(tensor, raw, err);
}

/* ---- uses ---- */

static enum flt_status find_value(struct flt_onnx_model *model, const struct flt_proto_field *field,
                                  const struct flt_sorted_text *sorted, size_t *value, struct flt_error *err)
{
	const char *name;
	FLT_TRY(take_text(model, field, &name, err));
	size_t n = model->n_values, at = flt_find_sorted(sorted, n, name, strlen(name));
	if (at == n)
		return flt_fail(err, FLT_ERR_MODEL, "the ONNX file uses a value \"%s\", which nothing makes",
		                flt_shown(name, strlen(name)).text);
	*value = sorted[at].number;
	return FLT_OK;
}

enum flt_status flt_onnx_read_output(struct flt_onnx_model *model, const struct flt_proto_field *field,
                                     const struct flt_sorted_text *sorted, size_t *value, struct flt_error *err)
{
	enum { NAME = 1 };
	struct flt_proto_bytes message;
	struct flt_proto_field text;
	FLT_TRY(open_message(field, "an output", &message, err));
	if (!find_field(message, NAME, &text))
		return flt_onnx_damaged(err, "an output");
	return find_value(model, &text, sorted, value, err);
}

/* ---- attributes ---- */

static size_t count_of(struct flt_proto_bytes message, unsigned number)
{
	struct flt_proto_field field;
	bool at_end;
	size_t n = 0;
	while (flt_proto_next(&message, &field, &at_end))
		n += field.number == number;
	return n;
}

static enum flt_status read_attribute(struct flt_onnx_model *model, const struct flt_proto_field *field,
                                      struct flt_onnx_attribute *attribute, struct flt_error *err)
{
	enum { NAME = 1, INTEGER = 3, INTEGERS = 8, TEXTS = 9, TYPE = 20 };
	struct flt_proto_bytes message;
	struct flt_proto_field part;
	bool at_end;
	attribute->name = "";
	FLT_TRY(open_message(field, "an attribute", &message, err));
	attribute->integers = flt_alloc(count_of(message, INTEGERS), sizeof *attribute->integers, err);
	FLT_TRY_MEMORY(attribute->integers);
	attribute->texts = flt_alloc(count_of(message, TEXTS), sizeof *attribute->texts, err);
	FLT_TRY_MEMORY(attribute->texts);
	while (flt_proto_next(&message, &part, &at_end)) {
		if (part.number == NAME)
			FLT_TRY(take_text(model, &part, &attribute->name, err));
		else if (part.number == TEXTS)
			FLT_TRY(take_text(model, &part, &attribute->texts[attribute->n_texts++], err));
		else if (part.number == INTEGER && part.kind == FLT_PROTO_INTEGER)
			attribute->integer = (int64_t)part.integer;
		else if (part.number == INTEGERS && part.kind == FLT_PROTO_INTEGER)
			attribute->integers[attribute->n_integers++] = (int64_t)part.integer;
		else if (part.number != TYPE)
			return flt_onnx_damaged(err, "an attribute");
	}
	return at_end ? FLT_OK : flt_onnx_damaged(err, "an attribute");
}

/* ---- nodes ---- */

enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP = 4, NODE_ATTRIBUTE = 5, NODE_DOMAIN = 7 };

static enum flt_status read_part(struct flt_onnx_model *model, const struct flt_proto_field *part,
                                 const struct flt_sorted_text *sorted, struct flt_onnx_node *node,
                                 struct flt_error *err)
{
	size_t value;
	switch (part->number) {
	case NODE_INPUT:
		FLT_TRY(find_value(model, part, sorted, &value, err));
		if (value >= node->output)
			return flt_fail(err, FLT_ERR_MODEL, "the ONNX file uses value \"%s\" before it is made",
			                flt_shown(model->names[value], strlen(model->names[value])).text);
		node->inputs[node->n_inputs++] = value;
		return FLT_OK;
	case NODE_ATTRIBUTE:
		return read_attribute(model, part, &node->attributes[node->n_attributes++], err);
	case NODE_OP:
		return take_text(model, part, &node->op, err);
	case NODE_DOMAIN:
		return take_text(model, part, &node->domain, err);
	case NODE_OUTPUT:
	case NODE_NAME:
		return FLT_OK;
	default:
		return flt_onnx_damaged(err, "a node");
	}
}

static enum flt_status sort_keys(struct flt_onnx_node *node, struct flt_error *err)
{
	const struct flt_onnx_attribute *keys = flt_onnx_attribute(node, "keys_strings");
	return keys ? flt_sort_texts(keys->texts, keys->n_texts, &node->keys, err) : FLT_OK;
}

enum flt_status flt_onnx_read_node(struct flt_onnx_model *model, const struct flt_proto_field *field,
                                   const struct flt_sorted_text *sorted, struct flt_onnx_node *node,
                                   struct flt_error *err)
{
	struct flt_proto_bytes message;
	struct flt_proto_field part;
	bool at_end;
	FLT_TRY(open_message(field, "a node", &message, err));
	if (count_of(message, NODE_OUTPUT) != 1)
		return flt_onnx_damaged(err, "a node");
	node->domain = node->op = "";
	node->inputs = flt_alloc(count_of(message, NODE_INPUT), sizeof *node->inputs, err);
	FLT_TRY_MEMORY(node->inputs);
	node->attributes = flt_alloc_zero(count_of(message, NODE_ATTRIBUTE), sizeof *node->attributes, err);
	FLT_TRY_MEMORY(node->attributes);
	while (flt_proto_next(&message, &part, &at_end))
		FLT_TRY(read_part(model, &part, sorted, node, err));
	return at_end ? sort_keys(node, err) : flt_onnx_damaged(err, "a node");
}
