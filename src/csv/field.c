#include "csv/field.h"

#include <stdbool.h>
#include <string.h>

#include "base/number.h"

static bool is_special(char c, char delimiter)
{
	return c == delimiter || strchr(",;|\t\"\r\n", c);
}

static bool needs_quotes(const char *text, size_t length, char delimiter)
{
	if (length == 0)
		return delimiter == ' '; /* else it would be no field */
	if (strchr(" \t", text[0]) || strchr(" \t", text[length - 1]))
		return true;
	for (size_t i = 0; i < length; i++)
		if (is_special(text[i], delimiter))
			return true;
	return false;
}

/* Receives a piece of the output. */
typedef enum flt_status sink_function(void *out, const char *bytes, size_t n, struct flt_error *err);

static enum flt_status put_field(const char *text, size_t length, char delimiter, sink_function *sink, void *out,
                                 struct flt_error *err)
{
	if (!needs_quotes(text, length, delimiter))
		return sink(out, text, length, err);
	FLT_TRY(sink(out, "\"", 1, err));
	for (const char *quote = memchr(text, '"', length); quote; quote = memchr(text, '"', length)) {
		size_t n = (size_t)(quote - text) + 1; /* with the quote, which is doubled */
		FLT_TRY(sink(out, text, n, err));
		FLT_TRY(sink(out, "\"", 1, err));
		text += n;
		length -= n;
	}
	FLT_TRY(sink(out, text, length, err));
	return sink(out, "\"", 1, err);
}

static enum flt_status append_bytes(void *buffer, const char *bytes, size_t n, struct flt_error *err)
{
	return flt_text_buffer_append(buffer, bytes, n, err);
}

enum flt_status flt_append_field(struct flt_text_buffer *buffer, const char *text, size_t length, char delimiter,
                                 struct flt_error *err)
{
	return put_field(text, length, delimiter, append_bytes, buffer, err);
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
	put_field(text, strlen(text), ',', write_bytes, out, NULL);
}

void flt_write_number(FILE *out, double value)
{
	char text[FLT_NUMBER_SIZE];
	flt_number_format(value, text);
	fputs(text, out);
}
