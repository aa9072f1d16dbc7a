/*
 * Promised of rows that are followed: whatever the bytes, every one of them is in one record, in order, but for an LF
 * behind a CR that ended the record before; a record ends at a line end, at the end of the source, or where a line is
 * too long; and none keeps more than its first line from the rows after it, unless its quotes are closed. A reader that
 * follows answers each record, or refuses it in a sentence, in order, the same however the bytes are cut on their way;
 * where it refuses none, its records are those of the reader of files.
 *
 * Input: three bytes (delimiter and longest record; where the bytes are cut), then the file.
 */
#include <fcntl.h>
#include <limits.h>

#include "base/text.h"
#include "csv/follow.h"
#include "csv/reader.h"
#include "harness.h"

enum { N_OPTION_BYTES = 3, MOST_PIECES = 200, PIPE_SIZE = 1 << 20 };

struct input {
	char delimiter;
	unsigned char first_cut, next_cut;
	const uint8_t *bytes;
	size_t n;
};

/* The path of a pipe that gives the bytes in pieces: a read ends where a packet does. *end is its end for reading. */
static const char *pieces_of(const struct input *input, int *end)
{
	static char path[64];
	int ends[2];
	size_t n_pieces = 0, size = 1 + input->first_cut % 97;
	PROMISE(pipe2(ends, O_DIRECT) == 0 && fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE) >= PIPE_SIZE);
	for (size_t at = 0; at < input->n;) {
		size_t left = input->n - at, now = size < left && n_pieces++ < MOST_PIECES ? size : left;
		now = now < PIPE_BUF ? now : PIPE_BUF;
		PROMISE(write(ends[1], input->bytes + at, now) == (ssize_t)now);
		at += now;
		size = 1 + (size * 7 + input->next_cut) % 61;
	}
	close(ends[1]);
	*end = ends[0];
	snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
	return path;
}

/* ---- the bytes ---- */

static bool is_line_end(unsigned char c)
{
	return c == '\n' || c == '\r';
}

/* What has to hold of a record by itself; `at` is where it stands in the input. */
static void check_record(const struct input *input, const struct flt_follow *follow, size_t at, size_t n, size_t most)
{
	const uint8_t *bytes = input->bytes + at;
	bool ends_line = is_line_end(bytes[n - 1]), is_last = at + n == input->n;
	size_t n_lines = 0;
	PROMISE(n <= most + 1 && (ends_line || is_last || n == most + 1));
	for (size_t i = 0; i + 1 < n; i++)
		n_lines += bytes[i] == '\r' || (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r'));
	PROMISE(n_lines < FLT_FOLLOW_LINES);
	if (follow->cut)
		PROMISE(n_lines == 0 && ends_line && memchr(bytes, '"', n));
	if (n_lines > 0 && n <= most)
		PROMISE(!follow->cut && memchr(bytes, '"', n));
}

static void check_bytes(const struct input *input, size_t most)
{
	struct flt_follow follow = {0};
	struct flt_source *source;
	struct flt_error err;
	const unsigned char *bytes;
	size_t at = 0, n;
	int end;
	PROMISE(flt_source_open(pieces_of(input, &end), false, &source, &err) == FLT_OK);
	bool is_packed = flt_source_is_packed(source); /* its records are not of these bytes, and it may be damaged */
	while (!is_packed) {
		bool is_after_cr = at > 0 && follow.is_after_cr && input->bytes[at - 1] == '\r';
		PROMISE(flt_follow_next(&follow, source, input->delimiter, most, &bytes, &n, &err) == FLT_OK);
		if (is_after_cr && at < input->n && input->bytes[at] == '\n')
			at++;
		if (n == 0)
			break;
		PROMISE(n <= input->n - at && memcmp(bytes, input->bytes + at, n) == 0);
		check_record(input, &follow, at, n, most);
		at += n;
	}
	PROMISE(is_packed || at == input->n);
	flt_follow_release(&follow);
	flt_source_free(source);
	close(end);
}

/* ---- records ---- */

static void put(struct flt_text_buffer *out, const char *text)
{
	PROMISE(flt_text_buffer_append(out, text, strlen(text) + 1, NULL) == FLT_OK);
}

/* What is said behind the name, up to a remedy that names the file again. */
static void put_error(struct flt_text_buffer *out, const struct flt_error *err)
{
	char text[sizeof err->text];
	const char *colon = strchr(err->text, ':');
	strcpy(text, colon ? colon : "");
	char *again = strstr(text, "/proc/");
	if (again)
		*again = '\0';
	put(out, text);
}

static void put_record(struct flt_text_buffer *out, const struct flt_csv *csv, const struct flt_csv_record *record)
{
	PROMISE(flt_text_buffer_print(out, NULL, "%zu %zu:", record->line, record->number) == FLT_OK);
	for (size_t i = 0; i < flt_csv_n_columns(csv); i++)
		put(out, record->fields[i].text);
}

/* Whether the reader opened the file and refused none of its records; what it gave, and what it said. */
static bool read_all(const char *path, const struct input *input, bool follows, struct flt_text_buffer *out)
{
	const struct flt_csv_options options = {.delimiter = input->delimiter ? input->delimiter : ',',
	                                        .header = FLT_HEADER_YES,
	                                        .skip_digest = true,
	                                        .follows = follows};
	struct flt_csv *csv;
	struct flt_csv_record record;
	struct flt_error err;
	bool is_end = false, all = true;
	enum flt_status status = flt_csv_open(path, &options, &csv, &err);
	if (status) {
		promise_sentence(status, &err);
		put_error(out, &err);
		return false;
	}
	while (!is_end) {
		status = flt_csv_next(csv, &record, &is_end, &err);
		if (status) {
			promise_sentence(status, &err);
			put_error(out, &err);
			all = false;
		}
		if (status && !(follows && flt_csv_pass_record(csv)))
			break;
		if (!status && !is_end)
			put_record(out, csv, &record);
	}
	all = all && flt_csv_n_remarks(csv) == 0 && flt_csv_n_lines_above(csv) == 0;
	flt_csv_free(csv);
	return all;
}

static bool are_equal(const struct flt_text_buffer *a, const struct flt_text_buffer *b)
{
	return a->length == b->length && (a->length == 0 || memcmp(a->bytes, b->bytes, a->length) == 0);
}

static void check_records(const struct input *input)
{
	struct flt_text_buffer whole = {0}, cut = {0}, file = {0};
	int end;
	bool all = read_all(path_of(input->bytes, input->n), input, true, &whole);
	PROMISE(read_all(pieces_of(input, &end), input, true, &cut) == all);
	close(end);
	PROMISE(are_equal(&whole, &cut));
	if (read_all(path_of(input->bytes, input->n), input, false, &file) && all)
		PROMISE(are_equal(&whole, &file));
	flt_text_buffer_release(&whole);
	flt_text_buffer_release(&cut);
	flt_text_buffer_release(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char delimiters[] = {0, ',', ';', '\t', ' ', '|', ':', ','};
	if (n < N_OPTION_BYTES)
		return 0;
	const struct input input = {delimiters[bytes[0] & 7], bytes[1], bytes[2], bytes + N_OPTION_BYTES,
	                            n - N_OPTION_BYTES};
	check_bytes(&input, bytes[0] & 8 ? 1u + (bytes[0] >> 4) : 1 << 20);
	check_records(&input);
	return 0;
}
