#include "csv/edits.h"

#include <string.h>

static bool is_line_end(unsigned char c)
{
	return c == '\n' || c == '\r';
}

static size_t join_blanks(unsigned char *bytes, size_t n)
{
	bool is_quoted = false, line_has_text = false, is_separated = false;
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = bytes[i];
		bool is_outside = !is_quoted;
		is_quoted ^= c == '"';
		if (is_outside && (c == ' ' || c == '\t')) {
			is_separated = line_has_text;
			continue;
		}
		line_has_text = !(is_outside && is_line_end(c));
		if (is_separated && line_has_text)
			bytes[kept++] = ' ';
		is_separated = false;
		bytes[kept++] = c;
	}
	return kept;
}

/* The delimiters are single bytes at the ends of a line, so what was written is shorter than what was read. */
static size_t strip_lines(const struct flt_edits *edits, unsigned char *bytes, size_t n, bool is_last)
{
	bool is_quoted = false, begins_line = true;
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = bytes[i];
		bool ends_line = i + 1 < n ? is_line_end(bytes[i + 1]) : is_last;
		is_quoted ^= c == '"';
		bool is_delimiter = c == edits->delimiter && !is_quoted;
		if (!(is_delimiter &&
		      ((begins_line && edits->strips_leading) || (ends_line && edits->strips_trailing))))
			bytes[kept++] = c;
		begins_line = !is_quoted && is_line_end(c);
	}
	return kept;
}

size_t flt_edit_lines(const struct flt_edits *edits, unsigned char *bytes, size_t n, bool is_last)
{
	if (edits->joins_blanks)
		n = join_blanks(bytes, n);
	if (edits->strips_leading || edits->strips_trailing)
		n = strip_lines(edits, bytes, n, is_last);
	return n;
}

size_t flt_edit_beginning(const struct flt_edits *edits, unsigned char *bytes, size_t n)
{
	for (size_t i = edits->n_cuts; i > 0; i--) {
		const struct flt_cut *cut = &edits->cuts[i - 1];
		if (cut->at + cut->n > n) /* the file is another one now: that will be noticed at its end */
			continue;
		memmove(bytes + cut->at, bytes + cut->at + cut->n, n - cut->at - cut->n);
		n -= cut->n;
	}
	if (edits->names_first_column) {
		size_t length = strlen(FLT_ROW_NAMES);
		memmove(bytes + length + 1, bytes, n);
		memcpy(bytes, FLT_ROW_NAMES, length);
		bytes[length] = edits->delimiter;
		n += length + 1;
	}
	return n;
}
