/* What a scored file held in each column, beside training, and what changed suddenly: for the JSON of predict and
 * evaluate. */
#ifndef REPORT_WATCHED_JSON_H
#define REPORT_WATCHED_JSON_H

#include "base/json.h"
#include "fltrain/stream.h"

/* The keys "file" (a name for all of them) and "files" of the stream. */
void flt_put_files(struct flt_json *json, const struct flt_stream *stream);

/* The keys "columns", "percent" (of the quantiles) and "warnings", from the last run of the stream. */
void flt_put_watched(struct flt_json *json, const struct flt_stream *stream);

#endif
