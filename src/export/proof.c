#include "export/proof.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "eval/metrics.h"

enum { UNKNOWN = -1 };

/* A row, as the stream gave it. */
struct proved_row {
	double score, original; /* of the detector that was written, and of the original */
	size_t line;
	int label; /* 1, 0, or UNKNOWN */
};

struct proving {
	const struct flt_exported *exported;
	const struct flt_scorer *original; /* NULL: it is the detector that was written */
	struct flt_class_index classes;
	struct flt_text_buffer cells;
	struct proved_row *row; /* (n) */
	size_t n, capacity;
	double *log_odds; /* (n) of the export */
	unsigned char *is_positive;
	unsigned n_threads;
};

/* ---- rows ---- */

static enum flt_status label_of(struct proving *proving, const struct flt_stream *stream, const char *text, int *label,
                                struct flt_error *err)
{
	enum flt_target_class class;
	const char *alike;
	*label = UNKNOWN;
	if (!text || flt_stream_is_missing(stream, text))
		return FLT_OK;
	FLT_TRY(flt_detector_class_of(proving->exported->detector, &proving->classes, text, &class, &alike, err));
	if (class != FLT_CLASS_UNKNOWN)
		*label = class == FLT_CLASS_POSITIVE;
	return FLT_OK;
}

static enum flt_status score_original(struct proving *proving, const struct flt_scored_rows *rows,
                                      struct proved_row *to, struct flt_error *err)
{
	for (size_t i = 0; i < rows->n; i++) {
		to[i].original = to[i].score;
		if (proving->original)
			FLT_TRY(flt_scorer_score(proving->original, rows->extra + i * rows->n_extra, 1, &to[i].original,
			                         NULL, err));
	}
	return FLT_OK;
}

/* What take_rows is called with. */
struct taking {
	struct proving *proving;
	const struct flt_stream *stream;
};

static enum flt_status take_rows(void *context, size_t n_chunks, const struct flt_scored_rows *rows,
                                 struct flt_error *err)
{
	const struct taking *taking = context;
	struct proving *proving = taking->proving;
	(void)n_chunks;
	FLT_TRY(flt_grow((void **)&proving->row, &proving->capacity, proving->n + rows->n, sizeof *proving->row, err));
	struct proved_row *to = proving->row + proving->n;
	for (size_t i = 0; i < rows->n; i++) {
		to[i] = (struct proved_row){.score = rows->score[i], .line = rows->line[i]};
		FLT_TRY(label_of(proving, taking->stream, rows->target ? rows->target[i] : NULL, &to[i].label, err));
		for (size_t c = 0; c < rows->n_extra; c++) {
			const char *cell = rows->extra[i * rows->n_extra + c];
			FLT_TRY(flt_text_buffer_append(&proving->cells, cell, strlen(cell) + 1, err));
		}
	}
	FLT_TRY(score_original(proving, rows, to, err));
	proving->n += rows->n;
	return FLT_OK;
}

static enum flt_status read_rows(struct proving *proving, struct flt_stream *stream, struct flt_error *err)
{
	struct taking taking = {proving, stream};
	struct flt_stream_visitor visitor = {.context = &taking, .on_block = take_rows};
	FLT_TRY(flt_detector_index_classes(proving->exported->detector, &proving->classes, err));
	FLT_TRY(flt_stream_run(stream, &visitor, err));
	if (proving->n == 0)
		return flt_fail(err, FLT_ERR_DATA, "%s: has no rows to verify with; give a file that has some",
		                flt_stream_name(stream));
	return FLT_OK;
}

/* ---- comparing ---- */

static double difference(double a, double b)
{
	if (isinf(a) && isinf(b) && signbit(a) == signbit(b))
		return 0;
	double distance = fabs(a - b);
	return isnan(distance) ? HUGE_VAL : distance;
}

/* Sums of floats as large as that differ in their last bits: odds of 1 to 22,000 and beyond are compared relative to
 * their logarithm. */
static double allowed(double tolerance, double log_odds)
{
	const double large = 10;
	return isfinite(log_odds) && fabs(log_odds) > large ? tolerance * fabs(log_odds) / large : tolerance;
}

/* Whether log-odds lie between those of scores that are lower and higher by so much: where an isotonic map is steep, no
 * sum of floats is exact enough for less. */
static bool is_between(const struct flt_detector *detector, double score, double by, double log_odds)
{
	return log_odds >= flt_detector_log_odds(detector, score - by) &&
	       log_odds <= flt_detector_log_odds(detector, score + by);
}

/* Whether the label may go either way. */
static bool is_near_threshold(const struct flt_detector *detector, double score, double tolerance)
{
	double threshold = flt_logit(flt_detector_threshold(detector));
	return difference(flt_detector_log_odds(detector, score), threshold) <= tolerance ||
	       is_between(detector, score, tolerance, threshold);
}

static void note_beyond(struct flt_export_worst row, struct flt_export_proof *proof)
{
	proof->n_beyond++;
	if (proof->worst.line == 0 || row.times > proof->worst.times)
		proof->worst = row;
}

static void compare_row(const struct proving *proving, size_t i, struct flt_export_proof *proof)
{
	const struct proved_row *row = &proving->row[i];
	const struct flt_detector *detector = proving->exported->detector;
	double log_odds = flt_detector_log_odds(detector, row->score);
	double distance = difference(log_odds, proving->log_odds[i]);
	bool is_positive = flt_detector_is_positive(detector, flt_sigmoid(log_odds));
	bool flips = is_positive != (proving->is_positive[i] != 0);
	proof->n_labels_differ += flips;
	double most = allowed(proof->tolerance, log_odds);
	bool is_alike = distance <= most || is_between(detector, row->score, most, proving->log_odds[i]);
	bool is_wrong = flips && !is_near_threshold(detector, row->score, proof->tolerance);
	if (!is_alike || is_wrong)
		note_beyond((struct flt_export_worst){row->line, distance, is_alike ? 0 : distance / most}, proof);
	if (proof->line > 0 && distance <= proof->largest)
		return;
	proof->largest = distance;
	proof->line = row->line;
}

static enum flt_status average_precisions(const struct proving *proving, struct flt_export_proof *proof,
                                          struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n = 0, n_positive = 0;
	double *score = flt_alloc(proving->n, sizeof *score, err);
	uint8_t *label = flt_alloc(proving->n, sizeof *label, err);
	FLT_TRY_MEMORY_OUT(score && label);
	for (size_t i = 0; i < proving->n; i++) {
		if (proving->row[i].label == UNKNOWN)
			continue;
		label[n] = proving->row[i].label == 1;
		n_positive += label[n];
		score[n++] = flt_detector_log_odds(proving->exported->detector, proving->row[i].original);
	}
	proof->has_ap = n_positive > 0 && n_positive < n;
	if (!proof->has_ap)
		goto out;
	struct flt_scored rows = {.n = n, .score = score, .label = label};
	FLT_TRY_OUT(flt_average_precision(&rows, &proof->ap_original, err));
	for (size_t i = 0, k = 0; i < proving->n; i++)
		if (proving->row[i].label != UNKNOWN)
			score[k++] = proving->log_odds[i];
	status = flt_average_precision(&rows, &proof->ap_export, err);
out:
	flt_free(score);
	flt_free(label);
	return status;
}

static enum flt_status compare(struct proving *proving, struct flt_export_proof *proof, struct flt_error *err)
{
	const struct flt_exported *exported = proving->exported;
	const struct flt_export_rows rows = {proving->n, exported->view->n_columns, proving->cells.bytes,
	                                     proving->cells.length, proving->n_threads};
	proving->log_odds = flt_alloc(proving->n, sizeof *proving->log_odds, err);
	FLT_TRY_MEMORY(proving->log_odds);
	proving->is_positive = flt_alloc(proving->n, sizeof *proving->is_positive, err);
	FLT_TRY_MEMORY(proving->is_positive);
	FLT_TRY(exported->target->score(exported->view, exported->options, exported->body, exported->header, &rows,
	                                proving->log_odds, proving->is_positive, err));
	*proof = (struct flt_export_proof){.n_rows = proving->n,
	                                   .tolerance = exported->options->precision == FLT_PRECISION_INT8
	                                                        ? exported->target->int8_tolerance
	                                                        : exported->target->tolerance};
	for (size_t i = 0; i < proving->n; i++)
		compare_row(proving, i, proof);
	return average_precisions(proving, proof, err);
}

/* ---- all of it ---- */

static enum flt_status open_stream(const struct flt_exported *exported, const struct flt_stream_extra *extra,
                                   const char *path, const struct flt_reading_options *reading, unsigned n_threads,
                                   struct flt_stream **stream, struct flt_error *err)
{
	const struct flt_stream_options options = {.reading = *reading,
	                                           .needs_target = true,
	                                           .may_lack_target = true,
	                                           .extra = extra,
	                                           .n_extra = exported->view->n_columns,
	                                           .n_threads = n_threads};
	return flt_stream_open_files(exported->detector, &path, 1, &options, stream, err);
}

enum flt_status flt_export_prove(const struct flt_exported *exported, const struct flt_detector *original,
                                 const char *path, const struct flt_reading_options *reading, unsigned n_threads,
                                 struct flt_export_proof *proof, struct flt_error *err)
{
	enum flt_status status;
	size_t n = exported->view->n_columns;
	struct proving proving = {.exported = exported, .n_threads = n_threads};
	struct flt_stream *stream = NULL;
	struct flt_scorer *scorer = NULL;
	struct flt_stream_extra *extra = flt_alloc_zero(n, sizeof *extra, err);
	const char **names = flt_alloc(n, sizeof *names, err);
	FLT_TRY_MEMORY_OUT(extra && names);
	for (size_t c = 0; c < n; c++)
		extra[c].name = names[c] = exported->view->columns[c].name;
	FLT_TRY_OUT(open_stream(exported, extra, path, reading, n_threads, &stream, err));
	if (original != exported->detector)
		FLT_TRY_OUT(flt_scorer_new(original, names, n, reading, &scorer, err));
	proving.original = scorer;
	FLT_TRY_OUT(read_rows(&proving, stream, err));
	status = compare(&proving, proof, err);
out:
	flt_class_index_release(&proving.classes);
	flt_text_buffer_release(&proving.cells);
	flt_free(proving.row);
	flt_free(proving.log_odds);
	flt_free(proving.is_positive);
	flt_scorer_free(scorer);
	flt_stream_free(stream);
	flt_free(extra);
	flt_free(names);
	return status;
}
