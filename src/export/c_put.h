/*
 * Text of C, into a buffer. A failure is kept, and everything after it does nothing: the end of a file asks once.
 */
#ifndef EXPORT_C_PUT_H
#define EXPORT_C_PUT_H

#include <stdint.h>

#include "base/text.h"

struct flt_c_put {
	struct flt_text_buffer *to;
	struct flt_error *err;
	enum flt_status status; /* FLT_OK, or the first failure */
	size_t in_line;         /* items of the list that is being written */
	size_t n_bytes;         /* of all constants so far, as compilers lay them out where pointers have 8 bytes */
};

void flt_c_put(struct flt_c_put *put, const char *format, ...) __attribute__((format(printf, 2, 3)));
void flt_c_put_text(struct flt_c_put *put, const char *text);

/* Counts n constants. */
void flt_c_count(struct flt_c_put *put, size_t n, size_t bytes_each);

/* As a literal that means these very bytes, harmless in a comment, too: what is not a plain character is \ooo. */
void flt_c_put_literal(struct flt_c_put *put, const char *text);

/* The same as an item of a list. */
void flt_c_put_text_item(struct flt_c_put *put, const char *text);

/* As a constant of a printable character, or 0. */
void flt_c_put_char(struct flt_c_put *put, char c);

/* Numbers, exactly, as hexadecimal constants of their type. */
void flt_c_put_double(struct flt_c_put *put, double x);
void flt_c_put_float(struct flt_c_put *put, float x);

/* The beginning and the end of a list: `static const TYPE NAME[n] = {`. Between items comes flt_c_put_next. A list
 * without items gets one 0, since C has no empty arrays. */
void flt_c_put_list(struct flt_c_put *put, const char *type, size_t bytes_each, const char *name, size_t n);
void flt_c_put_next(struct flt_c_put *put);
void flt_c_put_end(struct flt_c_put *put);

void flt_c_put_doubles(struct flt_c_put *put, const char *name, const double *x, size_t n);
void flt_c_put_floats(struct flt_c_put *put, const char *name, const float *x, size_t n);

#endif
