#include "csv/lines.h"

#include <string.h>

enum { PIECE = 1 << 18 }; /* bytes; the parser needs memory for twice as many */

struct flt_lines flt_lines_of(const unsigned char *bytes, size_t at, size_t n, size_t line)
{
	return (struct flt_lines){.bytes = bytes, .at = at, .n = n, .line_feed = bytes, .line = line};
}

/* The end of the line that starts at `first`, or of a piece of it. */
static const unsigned char *find_stop(struct flt_lines *lines, const unsigned char *first)
{
	const unsigned char *end = lines->bytes + lines->n;
	if (lines->line_feed <= first) {
		lines->line_feed = memchr(first, '\n', (size_t)(end - first));
		if (!lines->line_feed)
			lines->line_feed = end;
	}
	size_t n = (size_t)(lines->line_feed - first);
	const unsigned char *cr = memchr(first, '\r', n < PIECE ? n : PIECE);
	if (cr && !(cr + 1 == lines->line_feed && lines->line_feed < end))
		return cr + 1;
	if (!cr && n > PIECE)
		return first + PIECE;
	return lines->line_feed < end ? lines->line_feed + 1 : end;
}

struct flt_line flt_lines_next(struct flt_lines *lines)
{
	struct flt_line line = {0};
	if (lines->at == lines->n)
		return line;
	line.bytes = lines->bytes + lines->at;
	line.n = (size_t)(find_stop(lines, line.bytes) - line.bytes);
	line.ends = line.bytes[line.n - 1] == '\n' || line.bytes[line.n - 1] == '\r';
	return line;
}

void flt_lines_pass(struct flt_lines *lines, const struct flt_line *line)
{
	lines->at += line->n;
	lines->line += line->ends;
}
