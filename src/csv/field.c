#include "csv/field.h"

#include <stdbool.h>
#include <string.h>

#include "base/number.h"

static bool needs_quotes(const char *text, size_t length, char delimiter)
{
	if (length == 0)
		return false;
	bool has_outer_space = strchr(" \t", text[0]) || strchr(" \t", text[length - 1]);
	return has_outer_space || strcspn(text, ",;|\t\"\r\n") < length || strchr(text, delimiter);
}

/* Receives a piece of the output. */
typedef enum flt_status sink_function(void *out, const char *bytes, size_t n, struct flt_error *err);

static enum flt_status put_field(const char *text, char delimiter, sink_function *sink, void *out,
                                 struct flt_error *err)
{
	size_t length = strlen(text);
	if (!needs_quotes(text, length, delimiter))
		return sink(out, text, length, err);
	FLT_TRY(sink(out, "\"", 1, err));
	for (const char *quote = strchr(text, '"'); quote; quote = strchr(text, '"')) {
		size_t n = (size_t)(quote - text) + 1; /* with the quote, which is doubled */
		FLT_TRY(sink(out, text, n, err));
		FLT_TRY(sink(out, "\"", 1, err));
		text += n;
	}
	FLT_TRY(sink(out, text, strlen(text), err));
	return sink(out, "\"", 1, err);
}

static enum flt_status append_bytes(void *buffer, const char *bytes, size_t n, struct flt_error *err)
{
	return flt_text_buffer_append(buffer, bytes, n, err);
}

enum flt_status flt_append_field(struct flt_text_buffer *buffer, const char *text, char delimiter,
                                 struct flt_error *err)
{
	return put_field(text, delimiter, append_bytes, buffer, err);
}

/* Errors are left in the stream, as by fputs. */
static enum flt_status write_bytes(void *out, const char *bytes, size_t n, struct flt_error *err)
{
	(void)err;
	fwrite(bytes, 1, n, out);
	return FLT_OK;
}

void flt_write_field(FILE *out, const char *text)
{
	put_field(text, ',', write_bytes, out, NULL);
}

void flt_write_number(FILE *out, double value)
{
	char text[FLT_NUMBER_SIZE];
	flt_number_format(value, text);
	fputs(text, out);
}
