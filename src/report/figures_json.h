/* Pieces of JSON that several reports share. */
#ifndef REPORT_FIGURES_JSON_H
#define REPORT_FIGURES_JSON_H

#include "base/json.h"
#include "report/report.h"

/* "test", or "validation", "left_out" or "fit" if there are no test rows; then "test" is null. */
void flt_put_figures(struct flt_json *json, const struct flt_evaluation *evaluation);

/* What there is of a slice: without rows of both classes, what it is at the threshold. */
void flt_put_slice_figures(struct flt_json *json, const struct flt_slice *slice);

/* "majority": the figures of a classifier that always predicts the common class. */
void flt_put_majority(struct flt_json *json, const struct flt_evaluation *evaluation);

/* "detector": the model file that was written, or null. */
void flt_put_model_file(struct flt_json *json, const struct flt_report_about *about);

/* "reproduce": how the report came about. What does not exist is NULL. */
struct flt_report_origin {
	const char *command; /* the command line */
	uint64_t seed;
	const char *data_sha256, *test_sha256, *model_sha256;
};

void flt_put_reproduce(struct flt_json *json, const struct flt_report_origin *origin);

/* Hands out what json holds, without an end of line, and releases it. The caller frees *text (flt_free). */
enum flt_status flt_json_take_line(struct flt_json *json, char **text);

/* Writes what json holds as one line and releases it. */
enum flt_status flt_json_write_line(struct flt_json *json, FILE *out);

/* "key": {"value", "lo", "hi"}. */
void flt_put_interval(struct flt_json *json, const char *key, const struct flt_interval *interval);

#endif
