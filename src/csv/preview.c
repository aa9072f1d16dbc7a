#include "csv/preview.h"

#include <string.h>

#include "base/alloc.h"
#include "csv/footer.h"

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

static size_t pass_blanks(const unsigned char *bytes, size_t at, size_t end)
{
	while (at < end && is_blank(bytes[at]))
		at++;
	return at;
}

/* Adds the record in bytes [at, end), unless it is blank or, below the first, a line of dashes or a footer. */
static void add_row(struct flt_preview *preview, size_t at, size_t end, size_t line)
{
	if (end - at >= 3 && memcmp(preview->bytes + at, "\xEF\xBB\xBF", 3) == 0) /* of another file */
		at += 3;
	const char *text = (const char *)preview->bytes + at;
	size_t n = end - at, n_rows = preview->n_rows;
	if (pass_blanks(preview->bytes, at, end) == end)
		return;
	struct flt_preview_row *above = n_rows > 0 ? &preview->rows[n_rows - 1] : NULL;
	if (above && flt_is_rule(text, n)) {
		bool is_right_below = above->n_rule == 0 && line == above->line + 1;
		above->rule_at = is_right_below ? at : above->rule_at;
		above->n_rule = is_right_below ? n : above->n_rule;
	} else if (!above || !flt_is_footer(text, n))
		preview->rows[preview->n_rows++] = (struct flt_preview_row){.at = at, .n = n, .line = line};
}

void flt_preview_rows(struct flt_preview *preview, const unsigned char *bytes, size_t n, bool is_all)
{
	bool is_quoted = false;
	size_t at = 0, line = 0, first_line = 0;
	const unsigned char *nul = n > 0 ? memchr(bytes, 0, n) : NULL;
	is_all &= !nul;
	n = nul ? (size_t)(nul - bytes) : n;
	preview->bytes = bytes;
	preview->n = n;
	preview->n_rows = 0;
	for (size_t i = 0; i < n && preview->n_rows < FLT_PREVIEW_LINES; i++) {
		is_quoted ^= bytes[i] == '"';
		if (bytes[i] != '\n' && bytes[i] != '\r')
			continue;
		size_t end = i;
		if (bytes[i] == '\r' && i + 1 < n && bytes[i + 1] == '\n')
			i++;
		line++;
		if (is_quoted)
			continue;
		add_row(preview, at, end, first_line);
		at = i + 1;
		first_line = line;
	}
	if (preview->n_rows < FLT_PREVIEW_LINES && (is_all || preview->n_rows == 0))
		add_row(preview, at, n, first_line);
}

static enum flt_status add_field(struct flt_preview *preview, size_t first, size_t end, struct flt_error *err)
{
	const unsigned char *bytes = preview->bytes;
	while (first < end && is_blank(bytes[first]))
		first++;
	while (first < end && is_blank(bytes[end - 1]))
		end--;
	if (end - first >= 2 && bytes[first] == '"' && bytes[end - 1] == '"') {
		first++;
		end--;
	}
	FLT_TRY(flt_grow((void **)&preview->fields, &preview->field_capacity, preview->n_fields + 1,
	                 sizeof *preview->fields, err));
	preview->fields[preview->n_fields++] = (struct flt_csv_field){(const char *)bytes + first, end - first};
	return FLT_OK;
}

static enum flt_status split_row(struct flt_preview *preview, struct flt_preview_row *row, char delimiter,
                                 struct flt_error *err)
{
	const unsigned char *bytes = preview->bytes;
	bool is_quoted = false, joins = delimiter == ' ';
	size_t end = row->at + row->n, first = joins ? pass_blanks(bytes, row->at, end) : row->at;
	row->first_field = preview->n_fields;
	while (joins && is_blank(bytes[end - 1])) /* no row is blank as a whole */
		end--;
	for (size_t i = first; i < end; i++) {
		is_quoted ^= bytes[i] == '"';
		if (is_quoted || !(joins ? is_blank(bytes[i]) : bytes[i] == (unsigned char)delimiter))
			continue;
		FLT_TRY(add_field(preview, first, i, err));
		first = joins ? pass_blanks(bytes, i, end) : i + 1;
		i = first - 1;
	}
	FLT_TRY(add_field(preview, first, end, err));
	row->n_fields = preview->n_fields - row->first_field;
	return FLT_OK;
}

enum flt_status flt_preview_split(struct flt_preview *preview, size_t first, char delimiter, struct flt_error *err)
{
	preview->n_fields = 0;
	for (size_t i = first; i < preview->n_rows; i++)
		FLT_TRY(split_row(preview, &preview->rows[i], delimiter, err));
	return FLT_OK;
}

void flt_preview_release(struct flt_preview *preview)
{
	flt_free(preview->fields);
	*preview = (struct flt_preview){0};
}
