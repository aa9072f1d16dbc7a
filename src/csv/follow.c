#include "csv/follow.h"

#include <string.h>

#include "base/alloc.h"

enum { READ_SIZE = 1 << 16 };

/* Where in a record a byte stands. */
enum place { FIELD_START, PLAIN, QUOTED, AFTER_QUOTE };

struct scan {
	size_t n; /* bytes of the record that were looked at */
	enum place place;
	bool is_whole;
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

static void scan_on(const struct flt_follow *follow, unsigned char delimiter, struct scan *scan)
{
	while (!scan->is_whole && follow->at + scan->n < follow->n) {
		unsigned char c = follow->bytes[follow->at + scan->n++];
		scan->is_whole = scan->place != QUOTED && (c == '\n' || c == '\r');
		scan->place = next_place(scan->place, c, delimiter);
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
		scan_on(follow, (unsigned char)delimiter, &scan);
		if (scan.is_whole || scan.n > most || follow->has_ended)
			break;
		FLT_TRY(read_more(follow, source, err));
	}
	*bytes = follow->bytes + follow->at;
	*n = scan.n;
	follow->at += scan.n;
	follow->is_after_cr = scan.is_whole && (*bytes)[scan.n - 1] == '\r';
	return FLT_OK;
}
