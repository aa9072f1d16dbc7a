/*
 * One of the files of a stream: its reader, and its columns as the detector knows them. Each file may have its own
 * delimiter, header and order of columns. Private to detector/.
 */
#ifndef DETECTOR_STREAM_FILE_H
#define DETECTOR_STREAM_FILE_H

#include "csv/reader.h"
#include "detector/places.h"
#include "fltrain/stream.h"

enum { FLT_STREAM_BLOCK_BYTES = 1 << 18 }; /* with their rows, some of these fit into the cache of a processor */

struct flt_stream_file {
	const struct flt_detector *detector;
	struct flt_csv *csv; /* NULL: the file is closed */
	struct flt_scorer *scorer;
	struct flt_places places;
	size_t n_columns;
	bool *is_kept;     /* (n_columns) a row needs the cell */
	size_t id, target; /* columns, or SIZE_MAX */
	size_t *extra;     /* (options.n_extra) columns */
	bool was_read;     /* its records: it must be rewound before it is read again */

	/* (n_order) the columns of the first file, in its order; NULL: records stand here as they do there */
	size_t *order;
	size_t n_order;
};

/* Opens the file and finds its columns. first: the first file of the stream, NULL if this is it; its id column must be
 * here, too, and with keep_records all of its columns and no other. digest: takes the file's bytes, or NULL. On failure
 * the file is closed. */
enum flt_status flt_stream_file_open(struct flt_stream_file *file, const struct flt_detector *detector,
                                     const char *path, const struct flt_stream_options *options,
                                     const struct flt_stream_file *first, struct flt_digest *digest,
                                     struct flt_error *err);
void flt_stream_file_close(struct flt_stream_file *file); /* a closed or zeroed one is fine */

#endif
