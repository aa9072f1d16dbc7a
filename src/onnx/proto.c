#include "onnx/proto.h"

#include <string.h>

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5, MAX_VARINT = 10 };

/* ---- writing ---- */

static void append(struct flt_proto *proto, const void *bytes, size_t n)
{
	if (proto->status == FLT_OK)
		proto->status = flt_text_buffer_append(&proto->text, bytes, n, proto->err);
}

static void append_varint(struct flt_proto *proto, uint64_t value)
{
	unsigned char bytes[MAX_VARINT];
	size_t n = 0;
	while (value >= 0x80) {
		bytes[n++] = (unsigned char)(value | 0x80);
		value >>= 7;
	}
	bytes[n++] = (unsigned char)value;
	append(proto, bytes, n);
}

static void append_tag(struct flt_proto *proto, unsigned field, unsigned wire)
{
	append_varint(proto, (uint64_t)field << 3 | wire);
}

void flt_proto_integer(struct flt_proto *proto, unsigned field, int64_t value)
{
	append_tag(proto, field, WIRE_VARINT);
	append_varint(proto, (uint64_t)value);
}

void flt_proto_float(struct flt_proto *proto, unsigned field, float value)
{
	uint32_t bits;
	unsigned char bytes[4];
	memcpy(&bits, &value, sizeof bits);
	for (int i = 0; i < 4; i++)
		bytes[i] = (unsigned char)(bits >> 8 * i);
	append_tag(proto, field, WIRE_FIXED32);
	append(proto, bytes, sizeof bytes);
}

void flt_proto_bytes(struct flt_proto *proto, unsigned field, const void *bytes, size_t n)
{
	append_tag(proto, field, WIRE_BYTES);
	append_varint(proto, n);
	append(proto, bytes, n);
}

void flt_proto_text(struct flt_proto *proto, unsigned field, const char *text)
{
	flt_proto_bytes(proto, field, text, strlen(text));
}

void flt_proto_two_texts(struct flt_proto *proto, unsigned field, const char *first, const char *second)
{
	append_tag(proto, field, WIRE_BYTES);
	append_varint(proto, strlen(first) + strlen(second));
	append(proto, first, strlen(first));
	append(proto, second, strlen(second));
}

void flt_proto_message(struct flt_proto *proto, unsigned field, struct flt_proto *message)
{
	if (proto->status == FLT_OK)
		proto->status = message->status;
	flt_proto_bytes(proto, field, message->text.length > 0 ? message->text.bytes : "", message->text.length);
	message->text.length = 0;
}

void flt_proto_release(struct flt_proto *proto)
{
	flt_text_buffer_release(&proto->text);
}

/* ---- reading ---- */

bool flt_proto_next_integer(struct flt_proto_bytes *bytes, uint64_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < MAX_VARINT && bytes->at < bytes->end; i++) {
		unsigned char byte = *bytes->at++;
		*value |= (uint64_t)(byte & 0x7f) << 7 * i;
		if (byte < 0x80)
			return true;
	}
	return false;
}

static bool next_fixed(struct flt_proto_bytes *bytes, size_t n, uint64_t *value)
{
	*value = 0;
	if ((size_t)(bytes->end - bytes->at) < n)
		return false;
	for (size_t i = 0; i < n; i++)
		*value |= (uint64_t)*bytes->at++ << 8 * i;
	return true;
}

static bool next_bytes(struct flt_proto_bytes *bytes, struct flt_proto_bytes *part)
{
	uint64_t n;
	if (!flt_proto_next_integer(bytes, &n) || n > (uint64_t)(bytes->end - bytes->at))
		return false;
	*part = (struct flt_proto_bytes){bytes->at, bytes->at + n};
	bytes->at += n;
	return true;
}

bool flt_proto_next(struct flt_proto_bytes *bytes, struct flt_proto_field *field, bool *at_end)
{
	uint64_t tag;
	*field = (struct flt_proto_field){0};
	*at_end = bytes->at == bytes->end;
	if (*at_end || !flt_proto_next_integer(bytes, &tag) || tag >> 3 == 0 || tag >> 3 > INT32_MAX)
		return false;
	field->number = (unsigned)(tag >> 3);
	switch (tag & 7) {
	case WIRE_VARINT:
		field->kind = FLT_PROTO_INTEGER;
		return flt_proto_next_integer(bytes, &field->integer);
	case WIRE_FIXED64:
		field->kind = FLT_PROTO_FIXED64;
		return next_fixed(bytes, 8, &field->integer);
	case WIRE_BYTES:
		field->kind = FLT_PROTO_BYTES;
		return next_bytes(bytes, &field->bytes);
	case WIRE_FIXED32:
		field->kind = FLT_PROTO_FIXED32;
		return next_fixed(bytes, 4, &field->integer);
	default:
		return false;
	}
}
