#include "report/terminal_stream.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/character.h"

/* stdio may cut a character in two: its bytes are gathered here. A tab or line feed waits for nothing. */
struct terminal {
	FILE *to;
	size_t n;
	char bytes[5]; /* (n), at most one first byte and what goes on after it; then NUL */
};

static void put_character(struct terminal *terminal)
{
	terminal->bytes[terminal->n] = '\0';
	flt_mask_controls(terminal->bytes);
	fputs(terminal->bytes, terminal->to);
	terminal->n = 0;
}

static ssize_t write_masked(void *cookie, const char *bytes, size_t n)
{
	struct terminal *terminal = cookie;
	for (size_t i = 0; i < n; i++) {
		bool goes_on = ((unsigned char)bytes[i] & 0xc0) == 0x80;
		if (!goes_on || terminal->n == sizeof terminal->bytes - 1)
			put_character(terminal);
		if (bytes[i] == '\t' || bytes[i] == '\n')
			fputc(bytes[i], terminal->to);
		else
			terminal->bytes[terminal->n++] = bytes[i];
	}
	return ferror(terminal->to) ? 0 : (ssize_t)n;
}

static int close_terminal(void *cookie)
{
	put_character(cookie);
	flt_free(cookie);
	return 0;
}

enum flt_status flt_terminal_stream(FILE *to, FILE **stream, struct flt_error *err)
{
	struct terminal *terminal = flt_alloc_zero(1, sizeof *terminal, err);
	FLT_TRY_MEMORY(terminal);
	terminal->to = to;
	*stream = fopencookie(terminal, "w", (cookie_io_functions_t){.write = write_masked, .close = close_terminal});
	if (!*stream) {
		flt_free(terminal);
		return flt_fail_memory(err, sizeof(FILE));
	}
	setvbuf(*stream, NULL, _IOLBF, 0);
	return FLT_OK;
}
