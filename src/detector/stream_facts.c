/* What a stream tells of its files and of its last run. Of several files, the first has the columns. */
#include <string.h>

#include "detector/stream_state.h"

const char *flt_stream_name(const struct flt_stream *stream)
{
	return stream->name.bytes;
}

size_t flt_stream_n_files(const struct flt_stream *stream)
{
	return stream->paths.n;
}

const char *flt_stream_file_name(const struct flt_stream *stream, size_t i)
{
	const char *path = stream->paths.items[i];
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

size_t flt_stream_n_columns(const struct flt_stream *stream)
{
	return stream->files[0].n_columns;
}

const char *flt_stream_column_name(const struct flt_stream *stream, size_t column)
{
	return stream->files[0].places.names[column];
}

bool flt_stream_uses(const struct flt_stream *stream, size_t column)
{
	return stream->prep_column[column] != SIZE_MAX;
}

const char *flt_stream_id_name(const struct flt_stream *stream)
{
	const struct flt_stream_file *first = &stream->files[0];
	return first->id != SIZE_MAX ? first->places.names[first->id] : NULL;
}

const char *flt_stream_header(const struct flt_stream *stream, size_t *length)
{
	return flt_csv_raw_header(stream->files[0].csv, length);
}

char flt_stream_delimiter(const struct flt_stream *stream)
{
	return flt_csv_delimiter(stream->files[0].csv);
}

char flt_stream_decimal(const struct flt_stream *stream)
{
	char given = stream->options.reading.decimal, trained = stream->detector->input.decimal;
	return given ? given : trained ? trained : '.';
}

bool flt_stream_is_missing(const struct flt_stream *stream, const char *cell)
{
	return flt_scorer_is_missing(stream->files[0].scorer, cell);
}

void flt_stream_tell_share(struct flt_stream *stream, void (*on_read)(void *context, double share), void *context)
{
	stream->on_read = on_read;
	stream->read_context = context;
}

size_t flt_stream_n_rows(const struct flt_stream *stream)
{
	return stream->n_rows;
}

size_t flt_stream_n_skipped(const struct flt_stream *stream)
{
	return stream->n_skipped;
}

const char *flt_stream_skipped_lines(const struct flt_stream *stream)
{
	return stream->skipped.length ? stream->skipped.bytes : "";
}

size_t flt_stream_n_remarks(const struct flt_stream *stream)
{
	return stream->remarks.n;
}

const char *flt_stream_remark(const struct flt_stream *stream, size_t i)
{
	return stream->remarks.items[i];
}

const char *flt_stream_sha256(const struct flt_stream *stream)
{
	return stream->sha256[0] ? stream->sha256 : NULL;
}

size_t flt_stream_n_unlearnt(const struct flt_stream *stream, size_t column, const char **first)
{
	size_t c = stream->prep_column[column];
	*first = NULL;
	if (c == SIZE_MAX || flt_prep_use(stream->detector->prep, c) != FLT_USED_CATEGORICAL)
		return 0;
	const struct flt_watched *watched = flt_watch_column(stream->watch, c);
	*first = watched->first_unlearnt;
	return flt_seen_n_unlearnt(watched->seen, watched->column->n_levels);
}

bool flt_stream_unlearnt_is_usual(const struct flt_stream *stream, size_t column)
{
	size_t c = stream->prep_column[column];
	return c == SIZE_MAX || flt_prep_use(stream->detector->prep, c) != FLT_USED_CATEGORICAL ||
	       flt_unlearnt_is_usual(flt_watch_column(stream->watch, c));
}

/* ---- changes ---- */

size_t flt_stream_n_warnings(const struct flt_stream *stream)
{
	return flt_watch_n_changes(stream->watch);
}

const char *flt_stream_warning(const struct flt_stream *stream, size_t i)
{
	return flt_watch_change(stream->watch, i)->text;
}

bool flt_stream_warns_of(const struct flt_stream *stream, size_t column)
{
	for (size_t i = 0; i < flt_watch_n_changes(stream->watch); i++)
		if (flt_scorer_place(stream->files[0].scorer, flt_watch_changed_column(stream->watch, i)) == column)
			return true;
	return false;
}

const struct flt_watch *flt_stream_watch(const struct flt_stream *stream)
{
	return stream->watch;
}
