#include "export/c_put.h"

#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ITEMS_A_LINE = 8 };

void flt_c_put_text(struct flt_c_put *put, const char *text)
{
	if (put->status == FLT_OK)
		put->status = flt_text_buffer_append(put->to, text, strlen(text), put->err);
}

void flt_c_put(struct flt_c_put *put, const char *format, ...)
{
	char text[2048];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	assert(n >= 0 && (size_t)n < sizeof text);
	(void)n;
	flt_c_put_text(put, text);
}

void flt_c_count(struct flt_c_put *put, size_t n, size_t bytes_each)
{
	put->n_bytes += n * bytes_each;
}

/* ---- literals ---- */

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr(" _-+.,:;=<>()[]{}#%&!|~@$^'", c));
}

void flt_c_put_literal(struct flt_c_put *put, const char *text)
{
	char octal[8];
	flt_c_count(put, strlen(text) + 1, 1);
	flt_c_put_text(put, "\"");
	for (size_t i = 0; text[i] && put->status == FLT_OK; i++) {
		if (is_plain(text[i]))
			snprintf(octal, sizeof octal, "%c", text[i]);
		else
			snprintf(octal, sizeof octal, "\\%03o", (unsigned)(unsigned char)text[i]);
		flt_c_put_text(put, octal);
	}
	flt_c_put_text(put, "\"");
}

void flt_c_put_char(struct flt_c_put *put, char c)
{
	flt_c_put(put, c == '\'' ? "'\\%c'" : c ? "'%c'" : "0", c);
}

/* ---- numbers ---- */

static void put_number(struct flt_c_put *put, double x, int digits, const char *suffix)
{
	int exponent;
	uint64_t mantissa = (uint64_t)ldexp(frexp(fabs(x), &exponent), digits);
	exponent -= digits;
	if (mantissa == 0)
		exponent = 0;
	for (; mantissa && mantissa % 2 == 0; mantissa /= 2)
		exponent++;
	flt_c_put(put, "%s0x%" PRIx64 "p%d%s", signbit(x) ? "-" : "", mantissa, exponent, suffix);
}

void flt_c_put_double(struct flt_c_put *put, double x)
{
	put_number(put, x, DBL_MANT_DIG, "");
}

void flt_c_put_float(struct flt_c_put *put, float x)
{
	put_number(put, (double)x, FLT_MANT_DIG, "f");
}

/* ---- lists ---- */

void flt_c_put_list(struct flt_c_put *put, const char *type, size_t bytes_each, const char *name, size_t n)
{
	flt_c_count(put, n, bytes_each);
	flt_c_put(put, "static const %s %s[%zu] = {", type, name, n ? n : 1);
	put->in_line = 0;
	if (n == 0)
		flt_c_put_text(put, "0");
}

void flt_c_put_next(struct flt_c_put *put)
{
	flt_c_put_text(put, put->in_line++ % ITEMS_A_LINE == 0 ? "\n\t" : " ");
}

void flt_c_put_text_item(struct flt_c_put *put, const char *text)
{
	flt_c_put_next(put);
	flt_c_put_literal(put, text);
	flt_c_put_text(put, ",");
}

void flt_c_put_end(struct flt_c_put *put)
{
	flt_c_put_text(put, "\n};\n\n");
}

void flt_c_put_doubles(struct flt_c_put *put, const char *name, const double *x, size_t n)
{
	flt_c_put_list(put, "double", sizeof(double), name, n);
	for (size_t i = 0; i < n; i++) {
		flt_c_put_next(put);
		flt_c_put_double(put, x[i]);
		flt_c_put_text(put, ",");
	}
	flt_c_put_end(put);
}

void flt_c_put_floats(struct flt_c_put *put, const char *name, const float *x, size_t n)
{
	flt_c_put_list(put, "float", sizeof(float), name, n);
	for (size_t i = 0; i < n; i++) {
		flt_c_put_next(put);
		flt_c_put_float(put, x[i]);
		flt_c_put_text(put, ",");
	}
	flt_c_put_end(put);
}
