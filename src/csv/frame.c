#include "csv/frame.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/character.h"
#include "base/number.h"
#include "csv/footer.h"
#include "csv/sniff.h"
#include "csv/units.h"

enum {
	MOST_TITLES = 30, /* lines above a table */
	MOST_NAMES = 200, /* that are looked for in a header: a file that has one has them all */
};

struct search {
	const struct flt_csv_options *options;
	struct flt_frame *frame;
	const unsigned char *bytes;
	size_t n;
	bool is_all;
	struct flt_markers markers;
	struct flt_preview preview;
	size_t at, n_lines;     /* what was left out already */
	size_t n_preview_lines; /* lines of the file before the preview */
	size_t header;          /* row of the preview that the table begins with */
	char given;             /* the delimiter, by the caller or by a line sep=; or 0 */
};

__attribute__((format(printf, 2, 3))) static void remark(struct flt_frame *frame, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	assert(frame->n_remarks < sizeof frame->remarks / sizeof *frame->remarks); /* as many as calls can be */
	vsnprintf(frame->remarks[frame->n_remarks++], sizeof *frame->remarks, format, arguments);
	va_end(arguments);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* ---- lines that are recognised by themselves ---- */

/* The end of the line at `at`, and with *next the start of the one after it. */
static size_t end_of_line(const struct search *search, size_t at, size_t *next)
{
	size_t end = at;
	while (end < search->n && search->bytes[end] != '\n' && search->bytes[end] != '\r')
		end++;
	*next = end + 1 < search->n && search->bytes[end] == '\r' && search->bytes[end + 1] == '\n' ? end + 2
	        : end < search->n                                                                   ? end + 1
	                                                                                            : end;
	return end;
}

/* Excel's first line `sep=;`, which may be in quotes. */
static void take_sep_line(struct search *search)
{
	size_t next, end = end_of_line(search, 0, &next), n = end;
	const char *text = (const char *)search->bytes;
	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '"'))
		n--;
	bool is_quoted = n > 0 && text[0] == '"';
	text += is_quoted;
	n -= is_quoted;
	if (n != strlen("sep=,") || strncasecmp(text, "sep=", 4) != 0 || next == search->n)
		return;
	if (!search->given)
		search->given = text[4];
	remark(search->frame, "line 1, \"sep=%c\", names the delimiter", text[4] == '\t' ? ' ' : text[4]);
	search->at = next;
	search->n_lines = 1;
}

static bool is_comment(const unsigned char *line, size_t n)
{
	return n > 0 && (line[0] == '#' || line[0] == '%' || (n > 1 && line[0] == '/' && line[1] == '/'));
}

/* Finds the comments that the file begins with: *after is where they end, *last the last of them. Both stay where they
 * were if there are none, or nothing else. */
static void find_comments(const struct search *search, size_t *after, size_t *last, size_t *n_lines, size_t *last_line)
{
	size_t at = search->at, line = search->n_lines, next;
	while (at < search->n) {
		size_t end = end_of_line(search, at, &next);
		bool is_one = is_comment(search->bytes + at, end - at);
		if (!is_one && end > at)
			break;
		line++;
		if (is_one) {
			*last = at;
			*last_line = line - 1;
			*after = next;
			*n_lines = line;
		}
		at = next;
	}
	if (at >= search->n)
		*after = *last = search->at;
}

/* ---- the table ---- */

static char delimiter_at(const struct search *search, size_t row)
{
	const struct flt_preview *preview = &search->preview;
	size_t at = preview->rows[row].at;
	if (search->given)
		return search->given;
	return flt_sniff_delimiter(preview->bytes + at, preview->n - at, search->is_all, search->options->decimal);
}

static enum flt_status split_from(struct search *search, size_t row, char *delimiter, struct flt_error *err)
{
	*delimiter = delimiter_at(search, row);
	return flt_preview_split(&search->preview, row, *delimiter, err);
}

static const struct flt_preview_row *row_of(const struct search *search, size_t row)
{
	return &search->preview.rows[row];
}

/* The number of fields of all rows from `first` on; 0 if they have different numbers, or there are none. */
static size_t common_n_fields(const struct search *search, size_t first)
{
	size_t n = first < search->preview.n_rows ? row_of(search, first)->n_fields : 0;
	for (size_t i = first + 1; i < search->preview.n_rows; i++)
		if (row_of(search, i)->n_fields != n)
			return 0;
	return n;
}

static bool ends_with_delimiter(const struct search *search, size_t row, char delimiter)
{
	const struct flt_preview_row *found = row_of(search, row);
	return delimiter != ' ' && found->n > 1 && found->n_fields > 1 &&
	       search->preview.bytes[found->at + found->n - 1] == (unsigned char)delimiter;
}

static bool begins_with_delimiter(const struct search *search, size_t row, char delimiter)
{
	const struct flt_preview_row *found = row_of(search, row);
	return delimiter != ' ' && found->n > 1 && search->preview.bytes[found->at] == (unsigned char)delimiter;
}

static double weight_of(const struct search *search, size_t row, size_t shift)
{
	return flt_header_weight(&search->preview, row, shift, &search->markers, search->options->decimal);
}

static bool are_default(const struct flt_csv_options *options)
{
	for (size_t i = 0; i < options->n_names; i++)
		if (!flt_is_default_name(options->names[i]))
			return false;
	return options->n_names > 0;
}

/* Whether a name of the caller's tells a header: of numbers, and of names like c1, the file may hold some without one.
 */
static bool tells_header(const char *name)
{
	double number;
	return *name && !flt_is_default_name(name) &&
	       flt_number_parse(name, strlen(name), '.', &number) == FLT_NOT_A_NUMBER;
}

/* Whether the row has a name that tells a header, or all the names that the file should have. */
static bool has_expected_name(const struct search *search, size_t row)
{
	const struct flt_csv_options *options = search->options;
	size_t n_looked_for = options->n_names < MOST_NAMES ? options->n_names : MOST_NAMES, n_found = 0;
	for (size_t i = 0; i < n_looked_for; i++) {
		bool is_found = flt_header_holds(&search->preview, row, options->names[i]);
		if (is_found && tells_header(options->names[i]))
			return true;
		n_found += is_found;
	}
	return options->names_are_all && n_found > 0 && n_found == n_looked_for;
}

/* Whether at most one of several fields has a text, as in a title that a spreadsheet program wrote. */
static bool is_sparse(const struct search *search, size_t row)
{
	const struct flt_csv_field *fields = flt_preview_fields(&search->preview, row);
	size_t n = row_of(search, row)->n_fields, n_texts = 0;
	for (size_t i = 0; i < n; i++)
		n_texts += fields[i].length > 0;
	return n > 1 && n_texts < 2;
}

/* Whether the records below row are all alike and row, with as many fields or one more or less, clearly is their
 * header. */
static bool is_clear_header(const struct search *search, size_t row, char delimiter)
{
	size_t n = row_of(search, row)->n_fields, n_below = common_n_fields(search, row + 1);
	bool fits = n_below > 1 && (n == n_below || n + 1 == n_below ||
	                            (n == n_below + 1 && ends_with_delimiter(search, row, delimiter)));
	if (!fits || is_sparse(search, row))
		return false;
	return has_expected_name(search, row) || weight_of(search, row, 0) > FLT_HEADER_IS_CLEAR;
}

/* Whether each row above the header differs in its number of fields from the header and from the records below. */
static bool are_titles(const struct search *search, size_t header)
{
	size_t n_names = row_of(search, header)->n_fields, n_below = common_n_fields(search, header + 1);
	for (size_t i = 0; i < header; i++) {
		size_t n = row_of(search, i)->n_fields;
		if ((n == n_names || n == n_below) && !is_sparse(search, i))
			return false;
	}
	return true;
}

/* Whether the first row of the preview may be the table's: nothing else is looked for. */
static bool begins_table(const struct search *search)
{
	size_t n = row_of(search, 0)->n_fields, n_below = common_n_fields(search, 1);
	if (search->preview.n_rows < 3 || search->options->header == FLT_HEADER_NO || search->options->skip_lines > 0)
		return true;
	return n > 1 && (n == n_below || n + 1 == n_below) && !is_sparse(search, 0);
}

/* Finds the row that the table begins with. The preview is split from there on. */
static enum flt_status find_table(struct search *search, struct flt_error *err)
{
	struct flt_frame *frame = search->frame;
	size_t n_rows = search->preview.n_rows;
	char first, delimiter;
	FLT_TRY(split_from(search, 0, &first, err));
	bool begins = begins_table(search);
	for (size_t row = 1; !begins && row + 1 < n_rows && row <= MOST_TITLES; row++) {
		delimiter = delimiter_at(search, row);
		FLT_TRY(flt_preview_split(&search->preview, 0, delimiter, err));
		if (!are_titles(search, row) || !is_clear_header(search, row, delimiter)) /* few come to the dear one */
			continue;
		search->header = row;
		frame->delimiter = delimiter;
		return FLT_OK;
	}
	frame->delimiter = first;
	return flt_preview_split(&search->preview, 0, first, err);
}

/* Whether the first field of the preview is a # alone, as NumPy writes it before the names. */
static bool begins_with_hash(const struct search *search)
{
	const struct flt_csv_field *first = flt_preview_fields(&search->preview, 0);
	return first->length == 1 && first->text[0] == '#';
}

/* Whether the last comment is the header: it has as many fields as the records below it, which have no header. */
static enum flt_status is_comment_header(struct search *search, size_t at, bool *yes, struct flt_error *err)
{
	struct flt_preview *preview = &search->preview;
	flt_preview_rows(preview, search->bytes + at, search->n - at, search->is_all);
	*yes = false;
	if (preview->n_rows < 2)
		return FLT_OK;
	FLT_TRY(flt_preview_split(preview, 0, delimiter_at(search, 1), err));
	size_t n = common_n_fields(search, 1), n_names = row_of(search, 0)->n_fields;
	*yes = n > 1 && (n_names == n || (n_names == n + 1 && begins_with_hash(search))) &&
	       !has_expected_name(search, 1) && weight_of(search, 1, 0) <= 0;
	return FLT_OK;
}

static enum flt_status pass_comments(struct search *search, struct flt_error *err)
{
	size_t after = search->at, last = search->at, n_lines = search->n_lines, last_line = n_lines;
	bool last_is_header = false;
	find_comments(search, &after, &last, &n_lines, &last_line);
	if (after == search->at)
		return FLT_OK;
	FLT_TRY(is_comment_header(search, last, &last_is_header, err));
	size_t n_comments = (last_is_header ? last_line : n_lines) - search->n_lines;
	search->at = last_is_header ? last : after;
	if (last_is_header && begins_with_hash(search)) {
		search->at += 1;
		remark(search->frame, "the \"#\" before the header left out");
	}
	search->n_lines += n_comments;
	if (n_comments > 0)
		remark(search->frame, "%zu line%s of comments above the table left out", n_comments,
		       plural(n_comments));
	return FLT_OK;
}

/* What is left of the lines above the table, of which blank ones need no remark. */
static void leave_out_titles(struct search *search)
{
	const struct flt_preview_row *row = row_of(search, search->header), *title = row_of(search, 0);
	struct flt_shown first = flt_shown((const char *)search->preview.bytes + title->at, title->n);
	search->at += row->at;
	search->n_lines += row->line;
	if (search->header > 0)
		remark(search->frame, "%zu line%s above the header left out: \"%.*s\"%s", row->line, plural(row->line),
		       (int)flt_fitting_length(first.text, 40), first.text, search->header > 1 ? " ..." : "");
}

/* Everything above the table. */
static enum flt_status find_beginning(struct search *search, struct flt_error *err)
{
	struct flt_frame *frame = search->frame;
	if (search->options->skip_lines == 0) {
		take_sep_line(search);
		FLT_TRY(pass_comments(search, err));
	}
	flt_preview_rows(&search->preview, search->bytes + search->at, search->n - search->at, search->is_all);
	if (search->preview.n_rows == 0)
		frame->delimiter = search->given
		                           ? search->given
		                           : flt_sniff_delimiter(search->bytes, 0, true, search->options->decimal);
	else
		FLT_TRY(find_table(search, err));
	search->n_preview_lines = search->options->skip_lines + search->n_lines;
	if (search->preview.n_rows > 0)
		leave_out_titles(search);
	frame->n_before = search->at;
	frame->n_lines_before = search->n_lines;
	return FLT_OK;
}

/* ---- the ends of lines, and row names ---- */

static void cut(struct search *search, size_t at, size_t n)
{
	struct flt_edits *edits = &search->frame->edits;
	edits->cuts[edits->n_cuts++] = (struct flt_cut){at - row_of(search, search->header)->at, n};
}

/* Whether the caller expects a column that has no name at this place. */
static bool expects_nameless(const struct search *search, size_t column)
{
	char name[24];
	snprintf(name, sizeof name, "c%zu", column);
	for (size_t i = 0; i < search->options->n_names; i++)
		if (strcmp(search->options->names[i], name) == 0)
			return true;
	return false;
}

/* Delimiters at the end of each line, or of the header alone. */
static void find_trailing(struct search *search)
{
	struct flt_frame *frame = search->frame;
	size_t header = search->header, n = row_of(search, header)->n_fields,
	       n_below = common_n_fields(search, header + 1);
	const size_t fewest =
	        frame->has_header ? 1 : 3; /* records below the first: fewer may end in an empty field by chance */
	bool header_ends = ends_with_delimiter(search, header, frame->delimiter), all_end = true, all_begin = true;
	for (size_t i = header + 1; i < search->preview.n_rows; i++)
		all_end &= ends_with_delimiter(search, i, frame->delimiter);
	for (size_t i = header; i < search->preview.n_rows; i++)
		all_begin &= begins_with_delimiter(search, i, frame->delimiter);
	if (n_below > 1 && n > 1 && all_end && header + fewest < search->preview.n_rows &&
	    (header_ends ? n == n_below : n + 1 == n_below) && !expects_nameless(search, n_below)) {
		frame->edits.strips_trailing = true;
		frame->edits.strips_leading = all_begin;
		remark(frame, "the delimiter at the %s of each line left out",
		       frame->edits.strips_leading ? "beginning and end" : "end");
	} else if (frame->has_header && n_below > 0 && n == n_below + 1 && header_ends) {
		cut(search, row_of(search, header)->at + row_of(search, header)->n - 1, 1);
		remark(frame, "the delimiter at the end of the header left out");
	}
}

static bool are_equal(const struct flt_csv_field *a, const struct flt_csv_field *b)
{
	return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/* Whether the first fields of the records are all different, and there are several. */
static bool first_are_different(const struct search *search)
{
	const struct flt_preview *preview = &search->preview;
	for (size_t i = search->header + 1; i < preview->n_rows; i++)
		for (size_t k = search->header + 1; k < i; k++)
			if (are_equal(&flt_preview_fields(preview, i)[0], &flt_preview_fields(preview, k)[0]))
				return false;
	return search->header + 2 < preview->n_rows;
}

/* R writes a header that is one name short. */
static void find_row_names(struct search *search)
{
	size_t header = search->header, n = row_of(search, header)->n_fields;
	const struct flt_csv_field *names = flt_preview_fields(&search->preview, header);
	if (search->options->header == FLT_HEADER_NO || n + 1 != common_n_fields(search, header + 1) ||
	    search->frame->edits.strips_trailing || !first_are_different(search))
		return;
	for (size_t i = 0; i < n; i++)
		if (names[i].length == 0)
			return;
	if (search->options->header == FLT_HEADER_FIND && !has_expected_name(search, header) &&
	    weight_of(search, header, 1) <= 0)
		return;
	search->frame->edits.names_first_column = search->frame->has_header = true;
	remark(search->frame, "the header is one name short: the first column is called \"" FLT_ROW_NAMES "\"");
}

static void find_edits(struct search *search)
{
	struct flt_frame *frame = search->frame;
	const struct flt_preview_row *row = row_of(search, search->header);
	frame->edits.delimiter = (unsigned char)frame->delimiter;
	frame->edits.joins_blanks = frame->delimiter == ' ';
	find_trailing(search);
	if (row->n_rule == 0 || !frame->has_header)
		return;
	cut(search, row->rule_at, row->n_rule);
	remark(frame, "the line of dashes below the header left out");
}

/* ---- the header ---- */

static enum flt_status find_header(struct search *search, const char *name, struct flt_error *err)
{
	const double is_close = 1.0;
	const size_t enough = 10; /* records, for which nothing should be close */
	const struct flt_csv_options *options = search->options;
	struct flt_frame *frame = search->frame;
	double weight = weight_of(search, search->header, 0);
	bool is_named = has_expected_name(search, search->header);
	frame->has_header = options->header == FLT_HEADER_YES || is_named || weight > 0;
	if (options->header == FLT_HEADER_NO)
		frame->has_header = false;
	if (options->header != FLT_HEADER_FIND || is_named)
		return FLT_OK;
	if (!(options->names_are_all && are_default(options))) {
		if (weight > -is_close && weight < is_close && search->preview.n_rows > search->header + enough)
			remark(frame, "the first record is taken for %s: if it is not, say --header %s",
			       frame->has_header ? "the header" : "data", frame->has_header ? "no" : "yes");
		return FLT_OK;
	}
	if (weight > FLT_HEADER_IS_CLEAR)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s: the file has a header, and the model was trained on a file without one: leave it out "
		        "with --skip-lines %zu --header no",
		        name, search->options->skip_lines + search->n_lines + 1);
	frame->has_header = false;
	return FLT_OK;
}

/* ---- */

static enum flt_status check_units(const struct search *search, const struct flt_named_file *file,
                                   struct flt_error *err)
{
	return flt_check_units(file, &search->preview, search->header, search->n_preview_lines, &search->markers,
	                       search->options->decimal, err);
}

/* The first record has another number of fields than all those below it. Where it is a single field, the delimiter may
 * stand below only. */
static enum flt_status check_first(struct search *search, const struct flt_named_file *file, struct flt_error *err)
{
	struct flt_frame *frame = search->frame;
	size_t header = search->header, n = row_of(search, header)->n_fields;
	char delimiter = frame->delimiter;
	if (header + 2 >= search->preview.n_rows || search->options->skip_bad_rows || frame->edits.n_cuts > 0 ||
	    frame->edits.names_first_column || frame->edits.strips_trailing)
		return FLT_OK;
	if (n == 1 && !has_expected_name(search, header))
		FLT_TRY(split_from(search, header + 1, &delimiter, err));
	size_t n_below = common_n_fields(search, header + 1);
	if (n_below < 2 || n_below == n)
		return FLT_OK;
	size_t line = search->n_preview_lines + row_of(search, header + 1)->line + 1;
	return flt_fail(err, FLT_ERR_DATA, FLT_MISFIT ": " FLT_MISFIT_REMEDY, file->name, line, n_below, "s", n,
	                line - 1);
}

/* Commas, semicolons, tabs and bars of a row that is a single field in quotes; 0 of any other row. */
static size_t count_inside_quotes(const struct search *search, size_t row)
{
	const struct flt_preview_row *found = row_of(search, row);
	const unsigned char *bytes = search->preview.bytes + found->at;
	size_t n = 0;
	if (found->n_fields != 1 || found->n < 2 || bytes[0] != '"' || bytes[found->n - 1] != '"')
		return 0;
	for (size_t i = 0; i < found->n; i++)
		n += strchr(",;\t|", bytes[i]) != NULL;
	return n;
}

/* Each line was put in quotes as if it were one field. */
static enum flt_status check_quoted_lines(const struct search *search, const struct flt_named_file *file,
                                          struct flt_error *err)
{
	size_t header = search->header, n = count_inside_quotes(search, header);
	if (n == 0 || header + 2 > search->preview.n_rows || has_expected_name(search, header))
		return FLT_OK;
	for (size_t i = header + 1; i < search->preview.n_rows; i++)
		if (count_inside_quotes(search, i) != n)
			return FLT_OK;
	const char *program = "sed 's/\\r$//; s/^\"//; s/\"$//; s/\"\"/\"/g'";
	return flt_fail(err, FLT_ERR_DATA, "%s: each line is in quotes as a whole, and so one field: take them off: %s",
	                file->name, flt_remedy_filter(file, program).text);
}

static enum flt_status find_frame(struct search *search, const struct flt_named_file *file, struct flt_error *err)
{
	FLT_TRY(flt_markers_init(search->options->na, &search->markers, err));
	FLT_TRY(find_beginning(search, err));
	if (search->preview.n_rows == 0) {
		search->frame->has_header = search->options->header == FLT_HEADER_YES;
		return FLT_OK;
	}
	FLT_TRY(check_quoted_lines(search, file, err));
	FLT_TRY(find_header(search, file->name, err));
	find_edits(search);
	find_row_names(search);
	if (search->frame->has_header && !search->frame->edits.names_first_column)
		FLT_TRY(check_units(search, file, err));
	return check_first(search, file, err);
}

enum flt_status flt_frame_find(const struct flt_named_file *file, const unsigned char *bytes, size_t n, bool is_all,
                               const struct flt_csv_options *options, struct flt_frame *frame, struct flt_error *err)
{
	*frame = (struct flt_frame){0};
	struct search search = {.options = options,
	                        .frame = frame,
	                        .bytes = bytes,
	                        .n = n,
	                        .is_all = is_all,
	                        .given = options->delimiter};
	enum flt_status status = find_frame(&search, file, err);
	flt_preview_release(&search.preview);
	flt_markers_release(&search.markers);
	return status;
}
