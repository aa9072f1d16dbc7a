/*
 * The wire format of Protocol Buffers, as far as an ONNX file needs it: fields of a number and a kind, written one
 * after another, and read back. A message inside a message is a field of bytes.
 *
 * We write and read it ourselves, in less code than it takes to build a schema's generated code in: the program needs
 * no library for it, and the schema of ONNX (onnx.proto) is settled for the two dozen fields that we use.
 */
#ifndef ONNX_PROTO_H
#define ONNX_PROTO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* ---- writing ---- */

/* A message that grows, ready when zero-initialised. The first failure stays in status and makes all later calls do
 * nothing, so only the end needs a check. */
struct flt_proto {
	struct flt_text_buffer text;
	enum flt_status status;
	struct flt_error *err; /* may be NULL */
};

void flt_proto_integer(struct flt_proto *proto, unsigned field, int64_t value);
void flt_proto_float(struct flt_proto *proto, unsigned field, float value);
void flt_proto_bytes(struct flt_proto *proto, unsigned field, const void *bytes, size_t n);
void flt_proto_text(struct flt_proto *proto, unsigned field, const char *text);
void flt_proto_two_texts(struct flt_proto *proto, unsigned field, const char *first, const char *second); /* joined */

/* A message as a field, which is then empty again and keeps its room; its failure is handed on. */
void flt_proto_message(struct flt_proto *proto, unsigned field, struct flt_proto *message);
void flt_proto_release(struct flt_proto *proto);

/* ---- reading ---- */

/* Bytes that a message is read from, which are borrowed. */
struct flt_proto_bytes {
	const unsigned char *at, *end;
};

enum flt_proto_kind { FLT_PROTO_INTEGER, FLT_PROTO_FIXED64, FLT_PROTO_BYTES, FLT_PROTO_FIXED32 };

struct flt_proto_field {
	unsigned number;
	enum flt_proto_kind kind;
	uint64_t integer;             /* also the bits of a fixed number */
	struct flt_proto_bytes bytes; /* FLT_PROTO_BYTES */
};

/* Takes the next field. False at the end, and where the bytes are no field: *at_end tells which. */
bool flt_proto_next(struct flt_proto_bytes *bytes, struct flt_proto_field *field, bool *at_end);

/* Takes an integer of a packed field; false at its end, or where there is none. */
bool flt_proto_next_integer(struct flt_proto_bytes *bytes, uint64_t *value);

#endif
