#include "csv/follow.h"

#include <string.h>

#include "base/alloc.h"

enum { READ_SIZE = 1 << 16 };

/* Where in a record a byte stands. */
enum place { FIELD_START, PLAIN, QUOTED, AFTER_QUOTE };

struct scan {
	size_t n; /* bytes of the record that were looked at */
	enum place place;
	bool is_whole, is_broken;  /* broken: text follows a quote that closes below the first line */
	size_t n_lines, first_end; /* line ends inside quotes, and the bytes up to the first one, with it */
};

void flt_follow_release(struct flt_follow *follow)
{
	flt_free(follow->bytes);
	*follow = (struct flt_follow){0};
}

/* A delimiter of 0 makes every place outside quotes one where a quote opens. */
static enum place next_place(enum place place, unsigned char c, unsigned char delimiter)
{
	bool is_space = c == ' ' || c == '\t';
	if (place == QUOTED)
		return c == '"' ? AFTER_QUOTE : QUOTED;
	if (c == '"')
		return place == PLAIN ? PLAIN : QUOTED;
	if (c == delimiter || delimiter == 0)
		return FIELD_START;
	if (is_space)
		return delimiter == ' ' ? FIELD_START : place;
	return PLAIN;
}

/* An LF behind a CR ends no line of its own. */
static void note_line_end(struct scan *scan, unsigned char c, unsigned char before)
{
	if (scan->place != QUOTED || !(c == '\r' || (c == '\n' && before != '\r')))
		return;
	if (scan->n_lines++ == 0)
		scan->first_end = scan->n;
}

static bool is_at_limit(const struct scan *scan, size_t most)
{
	return scan->n > most || scan->n_lines == FLT_FOLLOW_LINES;
}

static bool ends(const struct scan *scan, size_t most)
{
	return scan->is_whole || scan->is_broken || is_at_limit(scan, most);
}

static enum flt_follow_cut cut_of(const struct scan *scan, size_t most)
{
	if (scan->n_lines == 0 || (scan->place != QUOTED && !scan->is_broken))
		return FLT_FOLLOW_WHOLE;
	return scan->is_broken ? FLT_FOLLOW_BROKEN : is_at_limit(scan, most) ? FLT_FOLLOW_LONG : FLT_FOLLOW_OPEN;
}

static void scan_on(const struct flt_follow *follow, unsigned char delimiter, size_t most, struct scan *scan)
{
	unsigned char before = scan->n > 0 ? follow->bytes[follow->at + scan->n - 1] : 0;
	while (!ends(scan, most) && follow->at + scan->n < follow->n) {
		unsigned char c = follow->bytes[follow->at + scan->n++];
		enum place place = next_place(scan->place, c, delimiter);
		scan->is_whole = scan->place != QUOTED && (c == '\n' || c == '\r');
		scan->is_broken = !scan->is_whole && scan->n_lines > 0 && scan->place == AFTER_QUOTE && place == PLAIN;
		note_line_end(scan, c, before);
		scan->place = place;
		before = c;
	}
}

static enum flt_status read_more(struct flt_follow *follow, struct flt_source *source, struct flt_error *err)
{
	size_t n_read = 0;
	follow->n -= follow->at;
	if (follow->at > 0 && follow->n > 0)
		memmove(follow->bytes, follow->bytes + follow->at, follow->n);
	follow->at = 0;
	FLT_TRY(flt_grow((void **)&follow->bytes, &follow->capacity, follow->n + READ_SIZE, 1, err));
	enum flt_status status = flt_source_read(source, follow->bytes + follow->n, READ_SIZE, &n_read, err);
	follow->n += n_read; /* damaged gzip data may give bytes before they fail */
	follow->has_ended = status == FLT_OK && n_read == 0;
	return status;
}

static enum flt_status pass_line_feed(struct flt_follow *follow, struct flt_source *source, struct flt_error *err)
{
	if (!follow->is_after_cr)
		return FLT_OK;
	if (follow->at == follow->n)
		FLT_TRY(read_more(follow, source, err));
	if (follow->at < follow->n && follow->bytes[follow->at] == '\n')
		follow->at++;
	follow->is_after_cr = false;
	return FLT_OK;
}

enum flt_status flt_follow_next(struct flt_follow *follow, struct flt_source *source, char delimiter, size_t most,
                                const unsigned char **bytes, size_t *n, struct flt_error *err)
{
	struct scan scan = {0};
	*n = 0;
	FLT_TRY(pass_line_feed(follow, source, err));
	for (;;) {
		scan_on(follow, (unsigned char)delimiter, most, &scan);
		if (ends(&scan, most) || follow->has_ended)
			break;
		FLT_TRY(read_more(follow, source, err));
	}
	follow->cut = cut_of(&scan, most);
	follow->n_lines = scan.n_lines;
	*bytes = follow->bytes + follow->at;
	*n = follow->cut ? scan.first_end : scan.n;
	follow->at += *n;
	follow->is_after_cr = (scan.is_whole || follow->cut) && (*bytes)[*n - 1] == '\r';
	return FLT_OK;
}
